"""Figures as SVG: dark lines on white, so that they print; no scripts, nothing loaded, texts escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.frozen import frozen

COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Okabe and Ito's, which colour-blind readers tell apart; blue and vermilion first."""
WIDTH, HEIGHT = 340, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 30, 44
INK, FAINT, GRID = "#111", "#666", "#ddd"
LONGEST = 28
"""Letters of a name in a legend."""


@frozen
class Plot:
    """One drawing with its title."""

    title: str
    svg: str
    note: str = ""


@frozen
class Line:
    """One line of a plot."""

    name: str
    x: Sequence[float] | NDArray[np.float64]
    y: Sequence[float] | NDArray[np.float64]
    color: str = COLORS[0]
    dashed: bool = False
    marked: bool = False
    """only marks, no line between them"""


class Axes:
    """A frame with ticks that turns numbers into places."""

    def __init__(
        self,
        title: str,
        across: tuple[str, float, float],
        up: tuple[str, float, float],
        size: tuple[int, int] = (WIDTH, HEIGHT),
    ) -> None:
        """*across* and *up* are (words, lowest, highest); *size* is (width, height)."""
        self.width, self.height = size
        self._across, self._up = across, up
        self.parts = [
            f'<text x="{LEFT}" y="18" font-size="13" font-weight="600">{words_of(title, 46)}</text>',
            *self._grid(),
        ]

    def x(self, value: float) -> float:
        """Where *value* lies from the left."""
        _, low, high = self._across
        return LEFT + (self.width - LEFT - RIGHT) * (value - low) / ((high - low) or 1)

    def y(self, value: float) -> float:
        """Where *value* lies from the top."""
        _, low, high = self._up
        return self.height - BOTTOM - (self.height - TOP - BOTTOM) * (value - low) / ((high - low) or 1)

    def line(self, one: Line) -> None:
        """Draw a line or its marks."""
        places = [(self.x(x), self.y(y)) for x, y in zip(one.x, one.y, strict=True) if _finite(x, y)]
        if one.marked:
            self.parts += [
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{one.color}" fill-opacity="0.55"/>'
                for x, y in places
            ]
        elif places:
            dash = ' stroke-dasharray="4 3"' if one.dashed else ""
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            self.parts.append(
                f'<polyline points="{points}" fill="none" stroke="{one.color}" stroke-width="1.6"{dash}/>'
            )

    def bar(self, left: float, right: float, height: float, color: str, low: float = 0.0) -> None:
        """A bar from *left* to *right* and from *low* up to *height*."""
        x, y = self.x(left), self.y(height)
        self.parts.append(
            f'<rect x="{x + 0.5:.1f}" y="{y:.1f}" width="{max(0.5, self.x(right) - x - 1):.1f}" '
            f'height="{max(0.0, self.y(low) - y):.1f}" fill="{color}" fill-opacity="0.75"/>'
        )

    def dot(self, x: float, y: float, words: str = "") -> None:
        """A ring around a place, with words beside it."""
        if not _finite(x, y):
            return
        at = self.x(x), self.y(y)
        self.parts.append(
            f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="5" fill="none" stroke="{INK}" stroke-width="1.5"/>'
        )
        if words:
            is_right = at[0] > self.width * 0.7
            self.text(at[0] + (-9 if is_right else 9), at[1] + 15, words, INK, "end" if is_right else "start")

    def text(self, x: float, y: float, words: str, color: str = INK, anchor: str = "start") -> None:
        """Words at a place of the drawing."""
        place = f'x="{x:.1f}" y="{y:.1f}" fill="{color}" text-anchor="{anchor}"'
        self.parts.append(f"<text {place}>{words_of(words, 60)}</text>")

    def legend(self, names: Sequence[tuple[str, str]], at_top: bool = False) -> None:
        """(name, colour) of each line, at the lower right unless *at_top*; at most eight."""
        shown = [(_short(name), color) for name, color in names[:8]]
        if not shown:
            return
        wide = 30 + 6.1 * max(len(name) for name, _ in shown)
        left = self.width - RIGHT - wide - 6
        top = TOP + 8 if at_top else self.height - BOTTOM - 15 * len(shown) - 8
        self.parts.append(
            f'<rect x="{left:.0f}" y="{top:.0f}" width="{wide:.0f}" height="{15 * len(shown) + 4}" '
            'fill="#fff" fill-opacity="0.85"/>'
        )
        for number, (name, color) in enumerate(shown):
            y = top + 13 + 15 * number
            self.parts.append(
                f'<line x1="{left + 4:.0f}" y1="{y - 4:.0f}" x2="{left + 20:.0f}" y2="{y - 4:.0f}" '
                f'stroke="{color}" stroke-width="2"/>'
            )
            self.text(left + 25, y, name)

    def svg(self) -> str:
        """The whole drawing."""
        return picture(self.parts, (self.width, self.height))

    def _grid(self) -> list[str]:
        right, bottom = self.width - RIGHT, self.height - BOTTOM
        parts = []
        for value in ticks(*self._across[1:]):
            x = self.x(value)
            parts += [
                f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="{GRID}"/>',
                f'<text x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">{number(value)}</text>',
            ]
        for value in ticks(*self._up[1:]):
            y = self.y(value)
            parts += [
                f'<line x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="{GRID}"/>',
                f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{number(value)}</text>',
            ]
        middle = (TOP + bottom) / 2
        parts += [
            f'<rect x="{LEFT}" y="{TOP}" width="{right - LEFT}" height="{bottom - TOP}" fill="none" '
            f'stroke="{FAINT}"/>',
            f'<text x="{(LEFT + right) / 2:.0f}" y="{self.height - 10}" text-anchor="middle">'
            f"{words_of(self._across[0], 50)}</text>",
            f'<text transform="translate(13,{middle:.0f}) rotate(-90)" text-anchor="middle">'
            f"{words_of(self._up[0], 40)}</text>",
        ]
        return parts


def picture(parts: Sequence[str], size: tuple[int, int]) -> str:
    """*parts* as one SVG of (width, height)."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" width="{size[0]}" '
        f'height="{size[1]}" font-family="sans-serif" font-size="11" fill="{INK}">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>'
    )


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from *low* to *high*."""
    span = (high - low) or 1.0
    raw = span / about
    base = 10.0 ** math.floor(math.log10(raw))
    step = next(base * factor for factor in (1, 2, 2.5, 5, 10) if base * factor >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [at * step for at in range(first, math.floor(high / step + 1e-9) + 1)]


def number(value: float) -> str:
    """A number as it stands beside an axis."""
    return f"{value:.6g}" if abs(value) > 1e-12 else "0"


def limits(values: Sequence[float] | NDArray[np.float64], from_zero: bool = False) -> tuple[float, float]:
    """The ends of an axis that shows all *values*, with a little room."""
    found = np.asarray(values, np.float64)
    found = found[np.isfinite(found)]
    if not found.size:
        return 0.0, 1.0
    low, high = float(found.min()), float(found.max())
    room = (high - low) * 0.04 or abs(high) * 0.1 or 1.0
    return (0.0 if from_zero and low >= 0 else low - room), high + room


def _finite(*values: float) -> bool:
    return all(math.isfinite(value) for value in values)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def words_of(text: str, longest: int) -> str:
    """*text* for a drawing: what is no sign to be seen is left out, the rest is escaped."""
    seen = "".join(sign for sign in text if sign.isprintable())
    return escape(seen if len(seen) <= longest else f"{seen[: longest - 1]}\N{HORIZONTAL ELLIPSIS}")
