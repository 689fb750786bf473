"""Turning a body: it stays a rigid thing, and what is near goes where the hand goes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.core.view3d import AXES, FACES, THINNEST, View3D
from medviewer.kit.errors import BadValue

degrees = st.floats(-360, 360)
turns = st.lists(st.tuples(degrees, degrees, degrees), max_size=8)


def turned(steps: list[tuple[float, float, float]]) -> View3D:
    view = View3D("bone")
    for right, down, roll in steps:
        view = view.turned(right, down, roll)
    return view


def axes(view: View3D) -> np.ndarray:
    """(3, 3): to the right, down and away, as rows."""
    return np.array([view.along_row, view.along_column, view.forward])


@given(turns)
def test_a_body_is_turned_and_never_sheared_or_mirrored(steps: list[tuple[float, float, float]]) -> None:
    matrix = axes(turned(steps))
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(matrix) == pytest.approx(1.0)


@given(turns, degrees)
def test_turning_there_and_back_is_where_it_was(steps: list[tuple[float, float, float]], by: float) -> None:
    view = turned(steps)
    for there in ({"right": by}, {"down": by}, {"roll": by}):
        zero = {"right": 0.0, "down": 0.0}
        back = {name: -value for name, value in there.items()}
        after = view.turned(**{**zero, **there}).turned(**{**zero, **back})
        np.testing.assert_allclose(axes(after), axes(view), atol=1e-6)


@given(turns)
def test_what_is_near_follows_the_hand(steps: list[tuple[float, float, float]]) -> None:
    view = turned(steps)
    near = -np.array(view.forward)
    right, down = view.turned(10, 0), view.turned(0, 10)
    assert near @ np.array(right.along_row) > 0.1
    assert near @ np.array(down.along_column) > 0.1
    head = -np.array(view.along_column)
    assert head @ np.array(view.turned(0, 0, 10).along_row) > 0.1  # clockwise: the top goes to the right


@pytest.mark.rule("P-42")
@pytest.mark.parametrize(
    ("side", "towards_reader", "right_of_picture"),
    [
        ("anterior", (0, -1, 0), (1, 0, 0)),
        ("posterior", (0, 1, 0), (-1, 0, 0)),
        ("left", (1, 0, 0), (0, 1, 0)),
        ("right", (-1, 0, 0), (0, -1, 0)),
        ("head", (0, 0, 1), (-1, 0, 0)),
        ("feet", (0, 0, -1), (1, 0, 0)),
    ],
)
def test_each_side_of_the_patient_is_seen_from_that_side(
    side: str, towards_reader: tuple[int, ...], right_of_picture: tuple[int, ...]
) -> None:
    view = View3D("bone").turned(12, 34, 56).from_face(side)
    assert tuple(-round(value) for value in view.forward) == towards_reader
    assert tuple(round(value) for value in view.along_row) == right_of_picture


def test_dragging_to_the_right_by_a_quarter_shows_the_right_side() -> None:
    after = View3D("bone").turned(90, 0)
    np.testing.assert_allclose(axes(after), axes(View3D("bone").from_face("right")), atol=1e-12)


@given(st.sampled_from(AXES), st.floats(-1, 2), st.floats(-1, 2))
def test_clipping_always_leaves_something_within_the_stack(axis: str, low: float, high: float) -> None:
    view = View3D("bone").clipped(axis, low, high)
    first, last = view.clip[AXES.index(axis)]
    assert 0 <= first < last <= 1
    assert last - first >= THINNEST - 1e-9
    assert [ends for name, ends in zip(AXES, view.clip, strict=True) if name != axis] == [(0, 1), (0, 1)]


def test_a_side_or_an_axis_that_does_not_exist_is_told() -> None:
    with pytest.raises(BadValue, match=FACES[0]):
        View3D("bone").from_face("above")
    with pytest.raises(BadValue, match=AXES[0]):
        View3D("bone").clipped("x", 0, 1)
