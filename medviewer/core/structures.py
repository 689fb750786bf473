"""Regions of interest as outlines in the patient (PS3.3 C.8.8.5, C.8.8.6)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medviewer.core.codes import Code
from medviewer.kit.frozen import frozen


@frozen(eq=False)
class Contour:
    """One outline on one plane, or a line or a point."""

    points: NDArray[np.float64]
    """(point, 3) patient millimetres; read-only"""
    closed: bool
    sources: tuple[tuple[str, int], ...] = ()
    """the pictures on which it was drawn: SOP Instance UID, frame from 0, -1 for all"""


@frozen(eq=False)
class Region:
    """A region of interest: all its outlines."""

    number: int
    name: str
    color: str
    """#rrggbb, "" where the file has none"""
    frame_of_reference: str
    contours: tuple[Contour, ...]
    how: str = ""
    """AUTOMATIC, SEMIAUTOMATIC, MANUAL or nothing"""
    kind: str = ""
    """RT ROI Interpreted Type: ORGAN, PTV, EXTERNAL, ..."""
    meaning: Code | None = None


@frozen(eq=False)
class StructureSet:
    """All regions of one object."""

    regions: tuple[Region, ...]
