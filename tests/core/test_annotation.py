"""Annotations lie in the patient, survive their file, and refuse points that are nowhere."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Plane
from medviewer.kit.errors import BadValue

NUMBERS = st.floats(-1e6, 1e6)
POINTS = st.tuples(NUMBERS, NUMBERS, NUMBERS)


@st.composite
def annotations(draw):
    shape = draw(st.sampled_from(list(Shape)))
    _, least, most = shape.value
    points = tuple(draw(POINTS) for _ in range(draw(st.integers(least, min(most, 9)))))
    return Annotation(shape, points, draw(st.text(max_size=10)), draw(st.text(max_size=20)))


@settings(max_examples=80, deadline=None)
@given(annotations())
def test_an_annotation_survives_its_file(drawn):
    assert Annotation.from_dict(json.loads(json.dumps(drawn.to_dict()))) == drawn


def length(*points, frame="1.2"):
    return Annotation(Shape.LENGTH, points, frame)


def test_two_annotations_are_told_apart_even_when_drawn_alike():
    assert length((0, 0, 0), (1, 0, 0)).id != length((0, 0, 0), (1, 0, 0)).id


@pytest.mark.parametrize("shape", list(Shape))
def test_a_shape_has_its_number_of_points_and_is_found_by_its_word(shape):
    assert Shape.of(shape.word) is shape
    Annotation(shape, ((0.0, 0.0, 0.0),) * shape.points, "")
    _, least, most = shape.value
    for wrong in (least - 1, most + 1):
        with pytest.raises(BadValue, match=rf"has {least}( to [0-9,]+)? points, not {wrong}"):
            Annotation(shape, ((0.0, 0.0, 0.0),) * wrong, "")


def test_an_unknown_shape_is_refused():
    with pytest.raises(BadValue, match="no annotation called 'circle'"):
        Shape.of("circle")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_point_that_is_nowhere_is_refused(value):
    with pytest.raises(BadValue, match="lies nowhere"):
        length((0.0, 0.0, 0.0), (0.0, value, 0.0))
    with pytest.raises(BadValue, match="lies nowhere"):
        length((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)).moved(0, (value, 0.0, 0.0))


GOOD = {"shape": "length", "points_mm": [[0, 0, 0], [1, 2, 3]], "frame_of_reference": "1.2", "id": "a"}


@pytest.mark.parametrize(
    "change",
    [
        {"shape": "circle"},
        {"shape": None},
        {"points_mm": None},
        {"points_mm": 5},
        {"points_mm": [[0, 0], [1, 2]]},
        {"points_mm": [[0, 0, 0]]},
        {"points_mm": [[0, 0, "x"], [1, 2, 3]]},
        {"points_mm": [[0, 0, None], [1, 2, 3]]},
        {"points_mm": [[0, 0, math.nan], [1, 2, 3]]},
        {"points_mm": [[0, 0, 10**400], [1, 2, 3]]},
    ],
    ids=str,
)
def test_a_damaged_annotation_is_refused_in_words(change):
    assert Annotation.from_dict(GOOD).points[1] == (1.0, 2.0, 3.0)
    with pytest.raises(BadValue):
        Annotation.from_dict({**GOOD, **change})


@pytest.mark.parametrize("missing", list(GOOD))
def test_an_annotation_without_one_of_its_parts_is_refused(missing):
    with pytest.raises(BadValue):
        Annotation.from_dict({name: value for name, value in GOOD.items() if name != missing})


@pytest.mark.parametrize("found", [None, [], "length", 5])
def test_what_is_no_annotation_at_all_is_refused(found):
    with pytest.raises(BadValue):
        Annotation.from_dict(found)


def test_it_is_seen_on_the_slice_it_was_drawn_on_and_not_on_the_next():
    drawn = length((10.0, 20.0, 100.0), (30.0, 20.0, 100.0))
    for z, seen in ((100.0, True), (100.9, True), (101.1, False), (98.9, False)):
        assert drawn.lies_on(Plane((64, 64), (0.0, 0.0, z), frame_of_reference="1.2"), 1.0) is seen


def test_an_annotation_across_slices_is_on_none_of_them():
    drawn = length((10.0, 20.0, 100.0), (30.0, 20.0, 105.0))
    planes = [Plane((64, 64), (0.0, 0.0, z), frame_of_reference="1.2") for z in (100.0, 105.0)]
    assert not any(drawn.lies_on(plane, 1.0) for plane in planes)


def test_it_is_never_seen_in_another_frame_of_reference():
    drawn = length((10.0, 20.0, 0.0), (30.0, 20.0, 0.0))
    assert drawn.lies_on(Plane((64, 64), frame_of_reference="1.2"), 1.0)
    assert not drawn.lies_on(Plane((64, 64), frame_of_reference="1.2.3"), 1.0)


@settings(max_examples=100, deadline=None)
@given(annotations(), POINTS)
def test_shifting_keeps_the_shape_and_moving_one_point_keeps_the_others(drawn, by):
    shifted = drawn.shifted(by)
    for old, new in zip(drawn.points, shifted.points, strict=True):
        assert new == pytest.approx(tuple(a + b for a, b in zip(old, by, strict=True)))
    for at in range(len(drawn.points)):
        moved = drawn.moved(at, by)
        assert moved.points == (*drawn.points[:at], by, *drawn.points[at + 1 :])
        assert moved.id == shifted.id == drawn.id
