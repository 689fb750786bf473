"""What reports have measured or marked, as annotations on the pictures that they refer to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from medviewer.core.annotation import MOST_POINTS, Annotation, Shape
from medviewer.core.codes import Code
from medviewer.core.geometry import Plane
from medviewer.core.objects import StudyObject
from medviewer.core.outlines import Outline
from medviewer.core.report import Coordinates, Item, Report
from medviewer.core.study import Series, SeriesKey
from medviewer.core.volume import read_only
from medviewer.imaging.shapes import DRAWN
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.session.found.corners import SAME, Spots, box, ellipse, points_of, spots_of
from medviewer.session.found.places import Place, Places

GROUP = "125007"
"""Measurement Group (DCM)"""
_FINDING, _CATEGORY = ("121071",), ("276214006",)
_TRACKING, _TRACKING_UID = ("112039",), ("112040",)
_SITE = ("363698007", "G-C0E3")
_LONG, _SHORT = ("103339001", "G-A185", "G-D785"), ("103340004", "G-A186", "G-D786")
_DRAWN_AS, _COMMENT = ("SHAPE",), ("121106",)
"""What medviewer itself writes beside the standard's entries: the kind of annotation, and its words."""
_COBB = ("285285000",)

LONE_MM = 5.0
"""So near to a picture of no stack something counts as lying on it."""


@frozen
class Measured:
    """Annotations by series, and what has to be said of what could not be placed."""

    annotations: dict[SeriesKey, tuple[Annotation, ...]]
    lines: dict[Place, tuple[Outline, ...]]
    """open lines, which none of our annotations is"""
    words: tuple[str, ...] = ()


@frozen
class _Shape:
    """A place that a report speaks of."""

    item: Item
    coordinates: Coordinates
    pictures: tuple[tuple[str, int], ...]
    number: Item | None
    """the measurement that was inferred from it, if any"""


def annotations_of(found: StudyObject, places: Places) -> Measured:
    """What a report draws, with its values as they are written."""
    assert isinstance(found.content, Report)
    drawn: dict[SeriesKey, tuple[Annotation, ...]] = {}
    lines: dict[Place, tuple[Outline, ...]] = {}
    lost = missing = 0
    for group in _groups(found.content.root):
        shapes = tuple(_shapes(group))
        whole = _whole(group, shapes)
        for shape in _without_halves(shapes) if whole is None else [whole]:
            place = _place(shape, places)
            if place is None:
                missing += 1
                continue
            made = tuple(_annotations(found, group, shape, shapes, places, place))
            drawn[place[0]] = (*drawn.get(place[0], ()), *made)
            if not made and shape.coordinates.graphic == "POLYLINE" and len(shape.coordinates.points) > 1:
                spots = spots_of(shape.coordinates, _plane(places, place))
                line = Outline(read_only(np.asarray(spots)), False, DRAWN, _text(group, shape))
                lines[place] = (*lines.get(place, ()), line)
            else:
                lost += not made
    words = []
    if missing:
        words.append(f"{missing:,} of its places lie on pictures that are not open.")
    if lost:
        words.append(f"{lost:,} of its places are of a kind that is not drawn; the text names them.")
    return Measured({key: every for key, every in drawn.items() if every}, lines, tuple(words))


def places_in(root: Item) -> Iterator[tuple[str, int]]:
    """The pictures on which a report marks something, before those that it only lists."""
    for one in root.walk():
        if one.shape is not None:
            for inner in one.walk():
                yield from inner.pictures
    for group in root.walk():
        if group.name is not None and group.name.value == GROUP:
            for one in group.walk():
                yield from one.pictures


def _groups(root: Item) -> Iterator[Item]:
    """The measurement groups, and the report itself with what stands in none."""
    waiting, loose = [root], []
    while waiting:
        one = waiting.pop()
        if one.name is not None and one.name.value == GROUP:
            yield one
        elif one.shape is not None or one.type == "NUM":
            loose.append(one)
        else:
            waiting += reversed(one.items)
    yield replace(root, items=tuple(loose))


def _shapes(group: Item) -> Iterator[_Shape]:
    """The coordinates in a group, with the pictures that they were selected from."""
    own = next((one.pictures for one in group.items if one.type == "IMAGE" and one.pictures), ())
    waiting: list[tuple[Item, Item | None]] = [(one, None) for one in reversed(group.items)]
    while waiting:
        one, number = waiting.pop()
        if one.shape is not None:
            selected = tuple(picture for below in one.walk() for picture in below.pictures)
            yield _Shape(one, one.shape, selected or own, number)
            continue
        number = one if one.type == "NUM" else number
        waiting += [(below, number) for below in reversed(one.items)]


def _without_halves(shapes: Sequence[_Shape]) -> list[_Shape]:
    """All but the short axis of a pair, which is drawn with its long one."""
    return [one for one in shapes if not (_is(one.number, _SHORT) and _pair(one, shapes))]


def _whole(group: Item, shapes: Sequence[_Shape]) -> _Shape | None:
    """All lines of an annotation that medviewer has written, as one; None for those of others."""
    if group.find(*_DRAWN_AS) is None or not shapes:
        return None
    lines = {one.coordinates: one for one in shapes}
    points = tuple(point for one in lines for point in one.points)
    return replace(shapes[0], coordinates=replace(shapes[0].coordinates, points=points))


def _drawn_here(group: Item, spots: Spots, coordinates: Coordinates) -> list[tuple[Shape, Spots]]:
    """The annotation that medviewer has written; nothing where it is one of others."""
    said = group.find(*_DRAWN_AS)
    if said is None or said.code is None:
        return []
    shape = next((one for one in Shape if one.word.upper() == said.code.value), None)
    match shape:
        case None:
            return []
        case Shape.RECTANGLE if len(spots) == 5:
            return [(shape, (spots[0], spots[2]))]
        case Shape.ELLIPSE if coordinates.graphic == "ELLIPSE":
            return [ellipse(spots)]
        case Shape.POLYGON | Shape.FREEHAND:
            return [(shape, spots[:-1])]
        case _:
            return [(shape, spots)]


def _pair(one: _Shape, shapes: Sequence[_Shape]) -> _Shape | None:
    """The other axis of the same thing."""
    other = _LONG if _is(one.number, _SHORT) else _SHORT
    if not _is(one.number, (*_LONG, *_SHORT)) or len(one.coordinates.points) != 2:
        return None
    return next((two for two in shapes if _is(two.number, other) and len(two.coordinates.points) == 2), None)


def _is(item: Item | None, values: tuple[str, ...]) -> bool:
    return item is not None and item.name is not None and item.name.value in values


def _place(shape: _Shape, places: Places) -> Place | None:
    """The picture that a place lies on: the one it was selected from, else the nearest in its frame."""
    named = places.of(shape.pictures)
    if not shape.coordinates.frame_of_reference:
        return named[0] if named else None
    if not shape.coordinates.points:
        return None
    middle = np.mean(shape.coordinates.points, axis=0).tolist()
    near: list[tuple[float, Place]] = []
    keys = dict.fromkeys(key for key, _ in named)
    every = [places.series[key] for key in keys] or [*places.in_frame(shape.coordinates.frame_of_reference)]
    for series in every:
        for index, one in enumerate(series.frames):
            if one.plane.frame_of_reference == shape.coordinates.frame_of_reference:
                away = abs(one.plane.distance((middle[0], middle[1], middle[2])))
                if away <= _reach(series):
                    near.append((away, (series.key, index)))
    return min(near)[1] if near else None


def _reach(series: Series) -> float:
    """How far from a picture of a series something may lie that is shown on it."""
    geometry = series.geometry
    return LONE_MM if geometry is None else float(geometry.spacing[0])


def _annotations(
    found: StudyObject, group: Item, shape: _Shape, shapes: Sequence[_Shape], places: Places, place: Place
) -> Iterator[Annotation]:
    plane = _plane(places, place)
    spots = spots_of(shape.coordinates, plane)
    partner = _pair(shape, shapes)
    here = _drawn_here(group, spots, shape.coordinates)
    if here:
        drawn, partner = here, None
    elif partner is not None:
        other = spots_of(partner.coordinates, plane)
        drawn = [(Shape.BIDIRECTIONAL, (*spots, *other))]
    else:
        drawn = _drawn(shape, spots, plane)
    finding = group.find(*_FINDING) or group.find(*_CATEGORY)
    tracking = group.find(*_TRACKING_UID)
    for kind, corners in drawn:
        if not kind.points <= len(corners) <= MOST_POINTS:
            continue
        try:
            yield Annotation(
                kind,
                points_of(shape.coordinates, spots, corners, plane),
                plane.frame_of_reference,
                text=_text(group, shape) if not here else _comment(group),
                meaning=None if finding is None else finding.code,
                tracking="" if tracking is None else tracking.text,
                source=found.uid,
            )
        except BadValue:
            continue


def _plane(places: Places, place: Place) -> Plane:
    return places.series[place[0]].frames[place[1]].plane


def _drawn(shape: _Shape, spots: Spots, plane: Plane) -> list[tuple[Shape, Spots]]:
    """What coordinates look like among our shapes; nothing for those that are none of them."""
    if not spots:
        return []
    match shape.coordinates.graphic:
        case "POINT":
            return [(Shape.POINT, spots[:1])]
        case "MULTIPOINT":
            return [(Shape.POINT, (one,)) for one in spots[:100]]
        case "CIRCLE" if len(spots) == 2:
            radius = math.dist(spots[0], spots[1])
            (row, column), _ = spots
            return [(Shape.ELLIPSE, ((row - radius, column - radius), (row + radius, column + radius)))]
        case "ELLIPSE" if len(spots) == 4:
            return [ellipse(spots)]
        case "POLYLINE" | "POLYGON":
            return _line(shape, spots, shape.coordinates.graphic == "POLYGON")
        case _:
            return []


def _line(shape: _Shape, spots: Spots, closed: bool) -> list[tuple[Shape, Spots]]:
    if len(spots) > 3 and math.dist(spots[0], spots[-1]) < SAME:
        spots, closed = spots[:-1], True
    if closed and len(spots) >= 3:
        corners = box(spots)
        return [(Shape.RECTANGLE, corners) if corners is not None else (Shape.POLYGON, spots)]
    if len(spots) == 2:
        return [(Shape.LENGTH, spots)]
    unit = "" if shape.number is None or shape.number.code is None else shape.number.code.value
    if unit in ("deg", "rad") or _is(shape.number, _COBB):
        if len(spots) == 3:
            return [(Shape.ANGLE, spots)]
        if len(spots) == 4:
            return [(Shape.COBB, spots)]
    return []


def _text(group: Item, shape: _Shape) -> str:
    """What the report says of a place: what it is, where, and its values as they are written."""
    finding = group.find(*_FINDING) or group.find(*_CATEGORY)
    said = [one.text for one in (finding, group.find(*_SITE)) if one is not None and one.text]
    tracked = group.find(*_TRACKING)
    what = ", ".join(dict.fromkeys(said)) or ("" if tracked is None else tracked.text)
    numbers = (
        [shape.number] if shape.number is not None else [one for one in group.items if one.type == "NUM"]
    )
    values = [f"{_called(one.name)} {one.text}" for one in numbers[:4] if one is not None and one.text]
    return ": ".join(filter(None, (what, ", ".join(values)))) + " (as reported)" * bool(values)


def _comment(group: Item) -> str:
    said = group.find(*_COMMENT)
    return "" if said is None else said.text


def _called(name: Code | None) -> str:
    return "" if name is None else name.meaning
