"""The arithmetic of positions and directions, against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.core.vectors import cross, dot, moved, point, rotated, squared, unit, way

numbers = st.floats(-100, 100).map(lambda value: round(value, 3))
vectors = st.tuples(numbers, numbers, numbers)
directions = vectors.filter(lambda vector: np.linalg.norm(vector) > 0.1)


@given(one=vectors, other=vectors)
def test_products_are_those_of_numpy(one, other):
    assert dot(one, other) == pytest.approx(float(np.dot(one, other)))
    assert cross(one, other) == pytest.approx(np.cross(one, other))


@given(start=vectors, end=vectors)
def test_the_way_to_a_place_leads_there(start, end):
    assert moved(start, way(start, end), 1.0) == pytest.approx(end)


@given(vector=vectors, axis=directions, degrees=st.floats(-360, 360))
def test_turning_changes_neither_length_nor_what_lies_along_the_axis(vector, axis, degrees):
    around = unit(axis)
    turned = rotated(vector, around, degrees)

    assert dot(turned, turned) == pytest.approx(dot(vector, vector), abs=1e-6)
    assert dot(turned, around) == pytest.approx(dot(vector, around), abs=1e-9)
    assert rotated(turned, around, -degrees) == pytest.approx(vector, abs=1e-9)


def test_a_quarter_turn_around_the_axis_to_the_head_leads_from_left_to_posterior():
    assert rotated((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), 90) == pytest.approx((0.0, 1.0, 0.0))


@given(one=directions, other=directions)
def test_two_directions_are_brought_to_right_angles_and_the_first_keeps_its_way(one, other):
    if np.linalg.norm(np.cross(unit(one), unit(other))) < 0.1:
        return
    first, second = squared(one, other)

    assert first == pytest.approx(unit(one))
    assert dot(first, second) == pytest.approx(0, abs=1e-9)
    assert dot(second, other) > 0


def test_numbers_of_an_array_become_plain_ones():
    found = point(np.array([1, 2.5, -3], np.float32))

    assert found == (1.0, 2.5, -3.0)
    assert {type(value) for value in found} == {float}
