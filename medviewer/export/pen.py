"""Strokes shapes into a picture with OpenCV, as the screen strokes them with its own pen."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.shapes import HALO, ColorBar, Drawn, Handle, Stroke, Words

FINE = 4
"""Bits of a fraction of a pixel in positions."""
EDGES = 1.4
"""Pixels that OpenCV's smooth edges add to the width of a shape, and what its thinnest line covers."""
DASH, GAP = 6.0, 4.0
"""In line widths."""
LETTER_SHARE = 0.75
"""The size of the letters in a line of text of height 1."""
_FACE = "sans"


def draw(picture: NDArray[np.uint8], shapes: Iterable[Drawn], at: tuple[float, float] = (0.0, 0.0)) -> None:
    """Draw *shapes* into *picture*, (row, column, 3) RGB, in place, with their origin *at* (x, y)."""
    for shape in shapes:
        match shape:
            case Stroke():
                _stroke(picture, shape, at)
            case Words():
                _words(picture, shape, at)
            case Handle():
                _grip(picture, shape, at)
            case ColorBar():
                _bar(picture, shape, at)


def text_size(text: str, size: float) -> tuple[int, int]:
    """(width, height above the base line) of *text* in a line of height *size*."""
    box = cv2.getTextSize((1 << 14, 1 << 14), text, (0, 1 << 13), cv2.FontFace(_FACE), _letters(size), 400)
    return int(box[2]), int(box[3])


def _stroke(picture: NDArray[np.uint8], stroke: Stroke, at: tuple[float, float]) -> None:
    points = np.asarray(stroke.points, np.float64) + at
    if stroke.closed:
        points = np.vstack([points, points[:1]])
    lines = _dashes(points, stroke.width) if stroke.dashed else [points]
    for color, width in ((HALO, stroke.width + 2), (stroke.color, stroke.width)):
        for line in lines:
            _line(picture, line, width, _rgb(color))


def _line(
    picture: NDArray[np.uint8], points: NDArray[np.float64], width: float, color: tuple[int, int, int]
) -> None:
    """A line that covers *width* pixels across: what OpenCV calls a thickness of 2 would cover 3.4."""
    if width < EDGES + 0.3:
        cv2.polylines(picture, [_fixed(points)], False, color, 1, cv2.LINE_AA, FINE)
        return
    half = (width - EDGES) / 2
    for one, two in itertools.pairwise(points):
        length = math.dist(one, two)
        along = (two - one) * (half / length) if length else np.zeros(2)
        across = np.array([-along[1], along[0]])
        sides = (one - along + across, two + along + across, two + along - across, one - along - across)
        cv2.fillConvexPoly(picture, _fixed(np.array(sides)), color, cv2.LINE_AA, FINE)


def _words(picture: NDArray[np.uint8], words: Words, at: tuple[float, float]) -> None:
    if not words.text:
        return
    width, _ = text_size(words.text, words.size)
    left = words.x + at[0] - words.anchor[0] * width
    top = words.y + at[1] - words.anchor[1] * words.size
    base = (round(left), round(top + words.size * 0.78))
    face, letters = cv2.FontFace(_FACE), _letters(words.size)
    reach = max(1, round(words.size / 16))
    for dx, dy in ((-reach, 0), (reach, 0), (0, -reach), (0, reach)):
        cv2.putText(picture, words.text, (base[0] + dx, base[1] + dy), _rgb(HALO), face, letters, 400)
    cv2.putText(picture, words.text, base, _rgb(words.color), face, letters, 400)


def _grip(picture: NDArray[np.uint8], grip: Handle, at: tuple[float, float]) -> None:
    half = grip.size / 2
    x, y = grip.x + at[0], grip.y + at[1]
    one, two = (round(x - half), round(y - half)), (round(x + half), round(y + half))
    cv2.rectangle(picture, one, two, _rgb(HALO), 3)
    cv2.rectangle(picture, one, two, _rgb(grip.color), 1)


def _bar(picture: NDArray[np.uint8], bar: ColorBar, at: tuple[float, float]) -> None:
    left, top = round(bar.x + at[0]), round(bar.y + at[1])
    right, bottom = left + max(round(bar.width), 1), top + max(round(bar.height), 1)
    cv2.rectangle(picture, (left - 1, top - 1), (right, bottom), _rgb(HALO), 1)
    rows = np.arange(max(top, 0), min(bottom, picture.shape[0]))
    place = (rows - top) * len(bar.colors) // (bottom - top)
    columns = slice(max(left, 0), max(min(right, picture.shape[1]), 0))
    picture[rows, columns] = np.array([_rgb(color) for color in bar.colors], np.uint8)[place, None]


def _dashes(points: NDArray[np.float64], width: float) -> list[NDArray[np.float64]]:
    """Pieces of a line, evenly spaced along its whole length."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    dash, gap = DASH * width, GAP * width
    starts = np.arange(0, along[-1], dash + gap) if along[-1] > 0 else np.array([])
    return [_piece(points, along, start, min(start + dash, along[-1])) for start in starts]


def _piece(
    points: NDArray[np.float64], along: NDArray[np.float64], start: float, end: float
) -> NDArray[np.float64]:
    between = along[(along > start) & (along < end)]
    places = np.concatenate([[start], between, [end]])
    return np.stack([np.interp(places, along, points[:, axis]) for axis in (0, 1)], axis=1)


def _fixed(points: NDArray[np.float64]) -> NDArray[np.int32]:
    # viewport positions count from the corner of a pixel, OpenCV's from its middle
    limit = math.ldexp(1, 26)
    scaled = np.clip((points - 0.5) * (1 << FINE), -limit, limit)
    return np.rint(scaled).astype(np.int32).reshape(-1, 1, 2)


def _letters(size: float) -> int:
    return max(round(size * LETTER_SHARE), 5)


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
