"""A picture of known greys that tells what a screen in its room can show: steps, letters, gamma, lines.

After the ideas of SMPTE RP 133 and of TG18-QC (AAPM On-line Report 03, Assessment of Display Performance for
Medical Imaging Systems, 2005): equal digital steps, 5 % inside 0 % and 95 % inside 100 %, letters of
falling contrast, lines of single pixels.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import read_only
from medviewer.kit.frozen import frozen

BLACK, MIDDLE, WHITE = 0, 128, 255
STEPS = tuple(range(0, 256, 15))
FIVE_PERCENT, NINETY_FIVE_PERCENT = 13, 242
WORD = "RADIOLOGY"
CONTRASTS = (16, 12, 9, 7, 5, 4, 3, 2, 1)
"""How far each letter of the word is from what it stands on, in digital steps."""
GAMMAS = (1.4, 1.6, 1.8, 2.0, 2.2, 2.4, 2.6)
LINES_PX = (1, 2, 3)
LEAST = (300, 400)
"""The smallest pattern (rows, columns) in which every part has room."""

Pixels = NDArray[np.uint8]


@frozen
class Patch:
    """A part of the pattern; its rows and columns in pixels."""

    name: str
    top: int
    left: int
    height: int
    width: int

    @property
    def part(self) -> tuple[slice, slice]:
        """Where it lies in the pixels."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)


@frozen
class Pattern:
    """The pixels, (row, column) uint8, to be shown one to one, and what lies where in them."""

    pixels: Any
    patches: tuple[Patch, ...]

    def __getitem__(self, name: str) -> Pixels:
        """The pixels of one part."""
        found = next(one for one in self.patches if one.name == name)
        return np.asarray(self.pixels[found.part])


def grey_for(gamma: float) -> int:
    """The grey as bright as half black and half white on a screen of this gamma: 255 · 0.5^(1/gamma)."""
    return round(float(255 * 0.5 ** (1 / gamma)))


def screen_pattern(size: tuple[int, int]) -> Pattern:
    """The pattern in *size* (rows, columns), never smaller than LEAST.

    From the top: "step 0" to "step 255"; "0 %" with "5 %" in it, "100 %" with "95 %" in it, "lines 1 down"
    and "lines 1 across" and so on; the word on "dark", "middle" and "bright"; "gamma lines" with "gamma
    2.2" and others in it.
    """
    rows, columns = max(size[0], LEAST[0]), max(size[1], LEAST[1])
    drawing = _Drawing(np.full((rows, columns), MIDDLE, np.uint8))
    edge = max(columns // 50, 8)
    shares = (0.17, 0.27, 0.22, 0.34)
    ends = np.round(np.cumsum((0.0, *shares)) * (rows - edge)).astype(int) + edge
    parts = (_steps, _extremes_and_lines, _letters, _gammas)
    for part, top, end in zip(parts, ends[:-1], ends[1:], strict=True):
        part(drawing, Patch("", int(top), edge, int(end - top) - edge, columns - 2 * edge))
    return Pattern(read_only(drawing.pixels), tuple(drawing.patches))


class _Drawing:
    """Pixels on which parts are put one after the other."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels
        self.patches: list[Patch] = []

    def put(self, patch: Patch, grey: int | Pixels) -> Patch:
        self.pixels[patch.part] = grey
        self.patches.append(patch)
        return patch

    def write(self, text: str, middle: int, base: int, height: float, grey: int) -> None:
        """*text* around a point on its base line, *height* pixels to the top of its capitals."""
        scale = height / 21  # the capitals of this font at a scale of 1
        thick = max(1, round(height / 10))
        (wide, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
        left = middle - wide // 2
        ink = np.zeros_like(self.pixels)
        cv2.putText(ink, text, (left, base), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, thick, cv2.LINE_8)
        # one grey and no soft edge: a step of one is what has to be seen
        self.pixels[ink > 127] = grey


def _number(drawing: _Drawing, room: Patch, number: int) -> Patch:
    """The number of a part at its left; what is left for the part."""
    high = 14
    drawing.write(str(number), room.left + 6, room.top + high, high, BLACK)
    aside = 24
    return Patch("", room.top, room.left + aside, room.height, room.width - aside)


def _across(room: Patch, count: int, gap: int) -> list[Patch]:
    """*count* parts of equal width beside one another."""
    wide = (room.width - (count - 1) * gap) // count
    return [Patch("", room.top, room.left + at * (wide + gap), room.height, wide) for at in range(count)]


def _inside(outer: Patch, name: str, share: float) -> Patch:
    """The middle of a part."""
    side = int(min(outer.height, outer.width) * share)
    top, left = outer.top + (outer.height - side) // 2, outer.left + (outer.width - side) // 2
    return Patch(name, top, left, side, side)


def _named(patch: Patch, name: str) -> Patch:
    return Patch(name, patch.top, patch.left, patch.height, patch.width)


def _steps(drawing: _Drawing, room: Patch) -> None:
    room = _number(drawing, room, 1)
    for grey, place in zip(STEPS, _across(room, len(STEPS), 0), strict=True):
        drawing.put(_named(place, f"step {grey}"), grey)


def _extremes_and_lines(drawing: _Drawing, room: Patch) -> None:
    left, right = _across(room, 2, 16)
    squares = ((BLACK, "0 %", FIVE_PERCENT, "5 %"), (WHITE, "100 %", NINETY_FIVE_PERCENT, "95 %"))
    for place, (grey, name, within, within_name) in zip(
        _across(_number(drawing, left, 2), 2, 8), squares, strict=True
    ):
        outer = drawing.put(_named(place, name), grey)
        drawing.put(_inside(outer, within_name, 0.5), within)
    places = _across(_number(drawing, right, 3), len(LINES_PX), 8)
    for place, wide in zip(places, LINES_PX, strict=True):
        half = place.height // 2
        shape = (half, place.width)
        down = Patch(f"lines {wide} down", place.top, place.left, *shape)
        across = Patch(f"lines {wide} across", place.top + half, place.left, *shape)
        drawing.put(down, _lines(shape, wide, 1))
        drawing.put(across, _lines(shape, wide, 0))


def _lines(shape: tuple[int, int], wide: int, axis: int) -> Pixels:
    """Black and white lines, *wide* pixels each, that follow one another along an axis."""
    at = np.arange(shape[axis]) // wide % 2
    greys = np.where(at == 0, np.uint8(BLACK), np.uint8(WHITE))
    return np.broadcast_to(greys if axis == 1 else greys[:, None], shape)


def _letters(drawing: _Drawing, room: Patch) -> None:
    grounds = (("dark", BLACK, 1), ("middle", MIDDLE, 1), ("bright", WHITE, -1))
    for place, (name, ground, way) in zip(
        _across(_number(drawing, room, 4), len(grounds), 8), grounds, strict=True
    ):
        drawing.put(_named(place, name), ground)
        wide = place.width / (len(WORD) + 1)
        high = min(wide * 0.95, place.height * 0.5)
        base = place.top + round((place.height + high) / 2)
        for at, (letter, contrast) in enumerate(zip(WORD, CONTRASTS, strict=True)):
            middle = place.left + round((at + 1) * wide)
            drawing.write(letter, middle, base, high, ground + way * contrast)


def _gammas(drawing: _Drawing, room: Patch) -> None:
    room = _number(drawing, room, 5)
    below = 26
    field = Patch("gamma lines", room.top, room.left, room.height - below, room.width)
    drawing.put(field, _lines((field.height, field.width), 1, 0))
    for gamma, place in zip(GAMMAS, _across(field, len(GAMMAS), 0), strict=True):
        square = drawing.put(_inside(place, f"gamma {gamma:g}", 0.6), grey_for(gamma))
        middle = square.left + square.width // 2
        drawing.write(f"{gamma:.1f}", middle, room.top + room.height - 4, 14, BLACK)
