"""Two renderings of the same pixels in one viewport: how both are seen, and what the other one is."""

from __future__ import annotations

from enum import Enum

from medviewer.core.study import SeriesKey
from medviewer.kit.frozen import frozen

SLOWEST_HZ, FASTEST_HZ = 0.25, 3.0
"""Limits of a flicker: more than three flashes a second are a danger to some (WCAG 2.2, 2.3.1)."""


class Way(Enum):
    """How two pictures share one viewport."""

    WIPE = "wipe"
    """one on either side of a divider"""
    FLICKER = "flicker"
    """by turns"""
    LENS = "lens"
    """the other one inside of a circle"""
    BLEND = "blend"
    """the other one over the first, more or less opaque"""
    DIFFERENCE = "difference"
    """what the first has more than the other, in colours"""


class Other(Enum):
    """With what the picture of a viewport is compared."""

    ORIGINAL = "original"
    """the same without any enhancement"""
    PLAIN = "plain"
    """the same with nothing laid over it: labels, the file's overlays, another series"""
    VIEWPORT = "viewport"
    """the same place as another viewport renders it"""
    SERIES = "series"
    """the same place in another series"""


@frozen
class Against:
    """What a viewport compares its picture with, and how. Positions are shares of the viewport."""

    way: Way
    other: Other = Other.ORIGINAL
    viewport: int = 0
    """which viewport is meant, from 0"""
    series: SeriesKey = ""
    """which series is meant"""
    at: float = 0.5
    """where the divider stands: the other picture is left of it, or above"""
    vertical: bool = True
    """whether the divider is a vertical line"""
    spot: tuple[float, float] = (0.5, 0.5)
    """(x, y) of the middle of the lens"""
    radius: float = 0.2
    """of the lens, as a share of the shorter side of the viewport"""
    opacity: float = 0.5
    """of the other picture in a blend"""
    rate: float = 1.0
    """of a flicker in Hz: so often a second each of the two comes"""
    paused: bool = False
    """whether a flicker stands still"""
    shows_other: bool = False
    """which of the two a flicker shows now"""
    span: float = 0.0
    """a difference of so much has the strongest colour; 0: the picture decides"""


@frozen
class SignedScale:
    """What the colours of a difference mean: *span* more on one side, *span* less on the other."""

    span: float
    unit: str
    """of the values that were subtracted"""
    usual: float
    """the span that these two pictures decide on"""
