"""The bar beside a picture in colours: which colour stands for which value."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from medviewer.core.voi import VOI, Curve, digits_for
from medviewer.imaging.grayscale import normalised
from medviewer.imaging.overlay import LINE, MARGIN
from medviewer.imaging.shapes import TEXT, ColorBar, Drawn, Stroke, Words, shortened, width_of
from medviewer.kit.frozen import frozen

BAR, TICK = 10.0, 4.0
BESIDE_LETTERS = 40.0
"""From the edge of the viewport: two orientation letters and their margin stand there."""
SHORTEST = 48.0
"""A bar below this height says nothing."""


@frozen
class Scale:
    """What one bar says."""

    colors: tuple[str, ...]
    """#rrggbb, for the darkest to the brightest grey"""
    voi: VOI
    """a known window"""
    unit: str = ""
    inverted: bool = False
    """whether the lowest value has the colour of the brightest grey"""
    title: str = ""


def legend(scales: Sequence[Scale], size: tuple[int, int], density: float = 1.0) -> tuple[Drawn, ...]:
    """A bar for each of up to two *scales*, at the right edge and at the left, halfway up.

    *size* is (height, width) of the viewport. A bar and its words keep to the outer thirds of the width and
    to the middle third of the height, where no corner text reaches, inwards of the orientation letter. None
    where a viewport is too small for that.
    """
    return tuple(
        shape
        for scale, at_right in zip(scales, (True, False), strict=False)
        for shape in _bar(scale, at_right, size, density)
    )


# scrolling changes nothing of it
@lru_cache(maxsize=32)
def _bar(scale: Scale, at_right: bool, size: tuple[int, int], density: float) -> tuple[Drawn, ...]:
    height, width = size
    line = LINE * density
    top, bottom = height / 3 + 1.5 * line, height * 2 / 3 - line / 2
    room = width / 3 - (BESIDE_LETTERS + BAR + TICK + MARGIN) * density
    if bottom - top < SHORTEST * density or room < line:
        return ()
    away = BESIDE_LETTERS * density
    left = width - away - BAR * density if at_right else away
    # words stand on the inner side of the bar
    edge, inwards = (left, -1) if at_right else (left + BAR * density, 1)
    anchor = 1.0 if at_right else 0.0
    colors = scale.colors if scale.inverted else scale.colors[::-1]
    drawn: list[Drawn] = [ColorBar(left, top, BAR * density, bottom - top, colors)]
    # above the orientation letter there is room as far as the edge
    outer = width - MARGIN * density if at_right else MARGIN * density
    for above, title in enumerate(reversed(_titles(scale, 0.9 * line, width / 3 - MARGIN * density))):
        words = shortened(title, 0.9 * line, width / 2 - MARGIN * density)
        level = top - line / 2 - above * line
        drawn.append(Words(outer, level, words, TEXT, (anchor, 1.0), 0.9 * line))
    for share, text in _ticks(scale, (bottom - top) / line):
        y = bottom - share * (bottom - top)
        end = edge + inwards * TICK * density
        drawn.append(Stroke(((edge, y), (end, y)), TEXT, density))
        words = shortened(text, 0.9 * line, room)
        drawn.append(Words(end + inwards * 2 * density, y, words, TEXT, (anchor, 0.5), 0.9 * line))
    return tuple(drawn)


def _titles(scale: Scale, line: float, room: float) -> tuple[str, ...]:
    """Title and unit in one line, or in two: without the unit the numbers say little."""
    whole = f"{scale.title}  {scale.unit}".strip()
    if width_of(whole, line) <= room or not (scale.title and scale.unit):
        return (whole,) if whole else ()
    return shortened(scale.title, line, room), scale.unit


def _ticks(scale: Scale, lines: float) -> list[tuple[float, str]]:
    """(share of the bar, words) of the edges of the window and, with room for it, of what lies between."""
    low, high = edges(scale.voi)
    values = [low, high] if lines < 6 else [low, (low + high) / 2, high]
    shares = normalised(np.array(values, np.float64), scale.voi)
    digits = digits_for(high - low)
    ticks: list[tuple[float, str]] = []
    # the outer two first: a table from a file may put several values on one height
    for at in (len(values) - 1, 0, *range(1, len(values) - 1)):
        if all(abs(shares[at] - share) * lines >= 1 for share, _ in ticks):
            number = f"{values[at]:z.{digits}f}".replace("-", "\N{MINUS SIGN}")
            ticks.append((float(shares[at]), number))
    return ticks


def edges(voi: VOI) -> tuple[float, float]:
    """The values at which a known window begins and ends (PS3.3 C.11.2.1.2, C.11.2.1.3)."""
    if voi.lut is not None:
        return float(voi.lut.first), float(voi.lut.first + len(voi.lut.entries) - 1)
    is_linear = voi.curve is Curve.LINEAR
    middle = voi.center - 0.5 if is_linear else voi.center
    half = (voi.width - 1) / 2 if is_linear else voi.width / 2
    return middle - half, middle + half
