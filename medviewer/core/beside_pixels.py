"""What a picture carries beside its pixels: overlays, shutters, colours, and who decided how it looks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.frozen import frozen

SHUTTER = -1
"""Stands for the shutter in a list of overlay groups that are switched off."""
OVERLAY_GROUPS = tuple(range(0x6000, 0x6020, 2))
"""All groups that overlays can have (PS3.3 C.9.2)."""


@frozen(eq=False)
class OverlayPlane:
    """One overlay of a picture (PS3.3 C.9.2), already at its place on the picture's own grid."""

    group: int
    """0x6000 to 0x601E"""
    bits: NDArray[np.uint8]
    """(row, column) like the picture; 255 where the overlay is, 0 elsewhere; read-only"""
    is_region: bool = False
    """type R, a region of interest; G, graphics, otherwise"""
    label: str = ""
    """Overlay Label or Description"""


@frozen(eq=False)
class Shutter:
    """What a shutter covers (PS3.3 C.7.6.11)."""

    covered: NDArray[np.uint8]
    """(row, column) like the picture; 255 where nothing is to be seen; read-only"""
    grey: float = 0.0
    """what is shown there: 0 black to 1 white"""


@frozen(eq=False)
class Supplement:
    """Colours of the highest stored values of a grey picture (PS3.3 C.7.6.19, C.8.16.2.1.1.1)."""

    first: int
    """stored values from here on are shown in colour, untouched by the window"""
    colors: NDArray[Any]
    """(entry, 3) uint8 RGB; the last entry stands for all values beyond; read-only"""


@frozen
class Decision:
    """One step from stored bits to a grey, and what decided it."""

    step: str
    """stored, modality, padding, window, presentation, colour, overlay, shutter, SUV, place"""
    words: str
    """for a reader: "Rescale Slope (0028,1053) 1, Rescale Intercept (0028,1052) -1024: HU\""""
