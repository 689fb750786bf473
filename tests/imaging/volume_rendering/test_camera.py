"""The camera of a body follows from the same values as the picture of a slice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.core.geometry import Calibration
from medviewer.core.view3d import View3D
from medviewer.imaging.overlay import orientation_words, scale_bar
from medviewer.imaging.viewing import Viewing
from medviewer.imaging.volume_rendering.camera import body_plane, box, camera, kept
from tests.imaging.volume_rendering.stacks import grid

degrees = st.floats(-180, 180)
viewings = st.builds(
    dict,
    size=st.tuples(st.integers(50, 900), st.integers(50, 900)),
    zoom=st.floats(0.2, 8),
    center=st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9)),
    rotation=st.sampled_from([0, 90, 180, 270]),
    flipped=st.booleans(),
)


@given(degrees, degrees, viewings, st.tuples(*[st.floats(-50, 50)] * 3))
def test_the_camera_puts_each_place_where_the_viewport_says_it_is(
    right: float, down: float, values: dict[str, object], place: tuple[float, float, float]
) -> None:
    plane = body_plane(grid(), View3D("bone").turned(right, down))
    viewing = Viewing(plane.shape, **values)  # type: ignore[arg-type]
    found = camera(plane, viewing)
    up, forward = np.array(found.up), np.array(found.forward)
    sideways = np.cross(forward, up)
    away = np.array(place) - found.focus
    x = away @ sideways / found.millimetres * (-1 if found.mirrored else 1) + viewing.size[1] / 2
    y = -away @ up / found.millimetres + viewing.size[0] / 2
    np.testing.assert_allclose(
        (x, y), viewing.to_view(*plane.to_image(place)), atol=1e-6 * viewing.scale + 1e-6
    )


@given(degrees, degrees)
def test_the_whole_body_fits_and_its_middle_is_in_the_middle(right: float, down: float) -> None:
    geometry = grid()
    plane = body_plane(geometry, View3D("bone").turned(right, down))
    assert plane.shape[0] == plane.shape[1] >= np.ptp(box(geometry), axis=0).max()
    middle = ((plane.shape[0] - 1) / 2, (plane.shape[1] - 1) / 2)
    np.testing.assert_allclose(plane.to_patient(*middle), box(geometry).mean(axis=0))


def test_the_box_reaches_to_the_outer_faces_of_tilted_voxels() -> None:
    tilted = grid(directions=((0, 0.6, 0.8), (0, 1, 0), (1, 0, 0)))
    low, high = box(tilted)
    corners = tilted.to_patient([(a, b, c) for a in (-0.5, 23.5) for b in (-0.5, 31.5) for c in (-0.5, 39.5)])
    np.testing.assert_allclose(low, corners.min(axis=0))
    np.testing.assert_allclose(high, corners.max(axis=0))


def test_clipping_counts_from_the_right_the_front_and_the_feet() -> None:
    view = View3D("bone").clipped("right-left", 0.25, 1).clipped("feet-head", 0, 0.5)
    (left, right), (front, back), (feet, head) = kept(grid(), view)
    low, high = box(grid())
    assert left == pytest.approx(low[0] + 0.25 * (high[0] - low[0]))
    assert (right, front, back, feet) == pytest.approx((high[0], low[1], high[1], low[2]))
    assert head == pytest.approx((low[2] + high[2]) / 2)


@pytest.mark.rule("P-42")
@pytest.mark.parametrize(
    ("side", "letters"),
    [("anterior", "LRFH"), ("posterior", "RLFH"), ("left", "PAFH"), ("head", "RLPA"), ("feet", "LRPA")],
)
def test_letters_say_which_side_is_where(side: str, letters: str) -> None:
    plane = body_plane(grid(), View3D("bone").from_face(side))
    viewing = Viewing(plane.shape, size=(300, 300))
    assert "".join(words.text for words in orientation_words(plane, viewing)) == letters


def test_nothing_can_be_measured_on_a_body() -> None:
    plane = body_plane(grid(), View3D("bone"))
    assert plane.calibration is Calibration.NONE
    assert scale_bar(plane, Viewing(plane.shape, size=(300, 300))) == ()
