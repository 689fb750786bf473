"""A picture as a presentation state wants it, and what that draws over it (PS3.3 C.10, C.11)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medviewer.core.beside_pixels import Decision, Shutter
from medviewer.core.presentation import Area, Caption, Graphic, Look, Outline, Spot
from medviewer.core.voi import VOI, Lut
from medviewer.core.volume import Frame
from medviewer.imaging.grayscale import normalised
from medviewer.imaging.shapes import Drawn, Stroke, Words
from medviewer.imaging.viewing import Viewing

COLOR = "#7fd4a0"
"""neither the reader's own annotations nor a model's"""
LINE = 14.0
MOST_ENTRIES = 65_536
STEPS = 64
"""straight pieces of a round outline"""

View = tuple[float, float]


def presented(frame: Frame, look: Look, name: str) -> Frame:
    """*frame* with the modality values, window, inversion and shutter of a state called *name*.

    What the state does not have is not taken from the picture's file instead (PS3.4 N.2). Padding stays what
    it is: no presentation state may change it (PS3.3 C.7.5.1.1.2).
    """
    if frame.is_color:
        return replace(frame, shutter=_shutter(look, frame))
    window = look.window
    if window is not None and look.table is not None:
        window = _through(window, look.table)
    same = look.rescale.lut == frame.rescale.lut and (
        (look.rescale.slope, look.rescale.intercept) == (frame.rescale.slope, frame.rescale.intercept)
    )
    unit = look.rescale.unit or (frame.rescale.unit if same else "")
    remarks = frame.remarks
    if not same:
        remarks += ("Values as the presentation state scales them, not the picture's file.",)
    if look.window is None and look.table is not None:
        remarks += ("The table of the presentation state is not applied: it comes without a window.",)
    decision = Decision("presentation", f"Presentation state {name}: its values, window and inversion")
    return replace(
        frame,
        rescale=replace(look.rescale, unit=unit),
        windows=(window,) if window is not None else (),
        inverted=look.inverted,
        shutter=_shutter(look, frame),
        remarks=remarks,
        decided=(*frame.decided, decision),
    )


def _through(window: VOI, table: Lut) -> VOI:
    """A window and the presentation table behind it as one table (PS3.3 C.11.4)."""
    plain = window.as_window()
    first = math.floor(plain.center - plain.width)
    count = min(max(math.ceil(2 * plain.width) + 1, 2), MOST_ENTRIES)
    inputs = np.arange(first, first + count, dtype=np.float64)
    places = np.rint(normalised(inputs, window) * (len(table.entries) - 1)).astype(np.int64)
    entries = np.asarray(table.entries)[places]
    return VOI(lut=Lut(first, table.bits, tuple(entries.tolist()), window.name), name=window.name)


def _shutter(look: Look, frame: Frame) -> Shutter | None:
    if look.shutter is None:
        return None
    rows, columns = frame.pixels.shape[:2]
    return Shutter(look.shutter.covered((rows, columns), frame.plane.aspect), look.shutter.grey)


# --- what is drawn


def presentation_shapes(look: Look, viewing: Viewing, density: float = 1.0) -> tuple[Drawn, ...]:
    """The graphics and words of a state over a picture, in device pixels."""
    place = _Place(look.area or _whole(viewing), viewing)
    drawn: list[Drawn] = [stroke for graphic in look.graphics for stroke in _strokes(graphic, place, density)]
    for caption in look.captions:
        drawn += _caption(caption, place, density)
    return tuple(drawn)


class _Place:
    """From spots on the picture or on the displayed area to the viewport."""

    def __init__(self, area: Area, viewing: Viewing) -> None:
        self._viewing = viewing
        one = viewing.to_view(area.top, area.left)
        two = viewing.to_view(area.bottom, area.right)
        self._left, self._right = sorted((one[0], two[0]))
        self._top, self._bottom = sorted((one[1], two[1]))

    def view(self, spot: Spot, on_area: bool) -> View:
        if not on_area:
            return self._viewing.to_view(*spot)
        return (
            self._left + spot[1] * (self._right - self._left),
            self._top + spot[0] * (self._bottom - self._top),
        )


def _whole(viewing: Viewing) -> Area:
    return Area(-0.5, -0.5, viewing.shape[0] - 0.5, viewing.shape[1] - 0.5)


def _strokes(graphic: Graphic, place: _Place, density: float) -> Iterator[Stroke]:
    points = tuple(place.view(spot, graphic.on_area) for spot in _outline(graphic))
    width = 1.5 * density
    if graphic.outline is Outline.POINT:
        arm = 4 * density
        for x, y in points:
            yield Stroke(((x - arm, y), (x + arm, y)), COLOR, width)
            yield Stroke(((x, y - arm), (x, y + arm)), COLOR, width)
        return
    is_round = graphic.outline in (Outline.CIRCLE, Outline.ELLIPSE)
    yield Stroke(points, COLOR, width, closed=is_round or (graphic.filled and len(points) > 2))


def _outline(graphic: Graphic) -> tuple[Spot, ...]:
    """The straight pieces of a graphic."""
    spots = np.asarray(graphic.spots, np.float64)
    turn = np.linspace(0, 2 * np.pi, STEPS, endpoint=False)[:, None]
    match graphic.outline:
        case Outline.CIRCLE:
            radius = math.dist(spots[0], spots[1])
            found = spots[0] + radius * np.hstack([np.sin(turn), np.cos(turn)])
        case Outline.ELLIPSE:
            center = (spots[0] + spots[1]) / 2
            one, two = (spots[1] - spots[0]) / 2, (spots[3] - spots[2]) / 2
            found = center + np.cos(turn) * one + np.sin(turn) * two
        case Outline.INTERPOLATED:
            found = _smooth(spots)
        case _:
            found = spots
    return tuple((float(row), float(column)) for row, column in found)


def _smooth(spots: NDArray[np.float64]) -> NDArray[np.float64]:
    """A Catmull-Rom spline: through all points, without corners."""
    closed = bool(np.array_equal(spots[0], spots[-1])) and len(spots) > 3
    before = spots[-2:-1] if closed else spots[:1]
    after = spots[1:2] if closed else spots[-1:]
    around = np.vstack([before, spots, after])
    share = np.linspace(0, 1, 12, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(around, around[1:], around[2:], around[3:], strict=False):
        pieces.append(
            b + 0.5 * share * (c - a + share * (2 * a - 5 * b + 4 * c - d + share * (3 * (b - c) + d - a)))
        )
    return np.vstack([*pieces, spots[-1:]])


def _caption(caption: Caption, place: _Place, density: float) -> list[Drawn]:
    anchor = None if caption.anchor is None else place.view(caption.anchor, caption.anchor_on_area)
    start = anchor if caption.top_left is None else place.view(caption.top_left, caption.box_on_area)
    if start is None:
        return []
    size = LINE * density
    drawn: list[Drawn] = [
        Words(start[0], start[1] + number * size, line, COLOR, (0.0, 0.0), size)
        for number, line in enumerate(caption.lines)
    ]
    if anchor is not None and caption.has_line and caption.top_left is not None:
        drawn.append(Stroke((start, anchor), COLOR, density))
    return drawn
