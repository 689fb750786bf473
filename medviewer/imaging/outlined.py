"""Outlines over a picture: each as it is stored, and beside the largest of each name that name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medviewer.core.outlines import Outline
from medviewer.imaging.shapes import Drawn, Stroke, Words
from medviewer.imaging.viewing import Viewing

LINE = 12.0
WIDTH = 1.5
ARM = 4.0
"""Half the size of the cross at a lone point."""
MOST_NAMES = 40


def outline_shapes(outlines: Sequence[Outline], viewing: Viewing, density: float = 1.0) -> tuple[Drawn, ...]:
    """The strokes and names of outlines, in device pixels."""
    drawn: list[Drawn] = []
    named: dict[tuple[str, str], tuple[float, tuple[float, float]]] = {}
    for one in outlines:
        points = _in_view(one.spots, viewing)
        drawn += _strokes(points, one, density)
        size = float(np.ptp(points, axis=0).max())
        if size >= named.get((one.name, one.color), (-1.0,))[0]:
            top = points[int(np.argmin(points[:, 1]))]
            named[one.name, one.color] = (size, (float(top[0]), float(top[1])))
    return (*drawn, *_names(named, density))


def _in_view(spots: NDArray[np.float64], viewing: Viewing) -> NDArray[np.float64]:
    """Viewport positions (x, y): the way there is linear, so three points tell it."""
    zero = np.asarray(viewing.to_view(0, 0))
    down, right = np.asarray(viewing.to_view(1, 0)) - zero, np.asarray(viewing.to_view(0, 1)) - zero
    points: NDArray[np.float64] = spots @ np.stack([down, right]) + zero
    return points


def _strokes(points: NDArray[np.float64], one: Outline, density: float) -> list[Drawn]:
    if len(points) > 1:
        line = tuple(map(tuple, points.tolist()))
        return [Stroke(line, one.color, WIDTH * density, closed=one.closed)]
    x, y = points[0].tolist()
    arm = ARM * density
    return [
        Stroke(((x - arm, y), (x + arm, y)), one.color, WIDTH * density),
        Stroke(((x, y - arm), (x, y + arm)), one.color, WIDTH * density),
    ]


def _names(named: dict[tuple[str, str], tuple[float, tuple[float, float]]], density: float) -> list[Drawn]:
    """Names above what they mean, moved up where another one stands already."""
    found: list[Drawn] = []
    taken: list[tuple[float, float]] = []
    line = LINE * density
    for (name, color), (_, (x, y)) in sorted(named.items(), key=lambda one: -one[1][1][1])[:MOST_NAMES]:
        y -= 2 * density
        while any(abs(x - other[0]) < 9 * line and abs(y - other[1]) < line for other in taken):
            y -= line
        taken.append((x, y))
        found.append(Words(x, y, name, color, (0.5, 1.0), line))
    return found
