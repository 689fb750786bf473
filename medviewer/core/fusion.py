"""Another series laid over a picture by position: which, in what colours, how opaque."""

from __future__ import annotations

from dataclasses import field

from medviewer.core.study import SeriesKey
from medviewer.core.voi import VOI
from medviewer.kit.frozen import frozen


@frozen
class Fusion:
    """A second series that is sampled on the grid of the picture below it."""

    series: SeriesKey
    index: int = 0
    """a picture of the stack that is meant, where the series has a dimension (time, phase)"""
    colors: str = "hot-iron"
    """the name of a colour map"""
    opacity: float = 0.5
    """0 shows the picture below only, 1 the fused one only"""
    voi: VOI = field(default_factory=VOI.unknown)
    """unknown: the file's first window decides, or the values of the stack"""
    fades: bool = False
    """whether opacity grows from nothing at the dark end of the window to *opacity* at its bright end"""
