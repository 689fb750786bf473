"""Voxels to millimetres and back, and which side of the patient is which."""

from __future__ import annotations

import math

import numpy as np
import pytest
import SimpleITK
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from medviewer.core.geometry import (
    Calibration,
    ImageGeometry,
    Plane,
    ScaledRegion,
    opposite_letters,
    orientation_letters,
)

MILLIMETRES = st.floats(-2000, 2000)
SPACINGS = st.floats(0.01, 20)
POSITIONS = st.floats(-600, 600)


@st.composite
def rotations(draw):
    """Three unit vectors at right angles, right-handed, in any direction."""
    a, b, c = (draw(st.floats(-math.pi, math.pi)) for _ in range(3))
    around_x = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    around_y = np.array([[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]])
    around_z = np.array([[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]])
    return tuple(tuple(float(value) for value in row) for row in around_x @ around_y @ around_z)


def tilted(vector, towards, degrees):
    """A unit vector turned from *vector* towards another that is at right angles to it."""
    angle = math.radians(degrees)
    return tuple(
        math.cos(angle) * one + math.sin(angle) * two for one, two in zip(vector, towards, strict=True)
    )


@st.composite
def planes(draw):
    along_row, along_column, _ = draw(rotations())
    # files round direction cosines, so the two directions are up to a degree away from a right angle
    along_column = tilted(along_column, along_row, draw(st.floats(-1, 1)))
    origin = tuple(draw(MILLIMETRES) for _ in range(3))
    return Plane((512, 512), origin, along_row, along_column, (draw(SPACINGS), draw(SPACINGS)))


@settings(max_examples=80, deadline=None)
@given(planes(), POSITIONS, POSITIONS)
def test_from_the_picture_to_the_patient_and_back_is_where_it_began(plane, row, column):
    assert plane.to_image(plane.to_patient(row, column)) == pytest.approx((row, column), abs=1e-6)


@settings(max_examples=80, deadline=None)
@given(planes(), POSITIONS, POSITIONS, st.floats(-100, 100))
def test_a_point_beside_the_plane_falls_on_its_foot_and_its_distance_is_kept(plane, row, column, away):
    on_plane = plane.to_patient(row, column)
    position = tuple(one + away * normal for one, normal in zip(on_plane, plane.normal, strict=True))
    assert plane.to_image(position) == pytest.approx((row, column), abs=1e-5)
    assert plane.distance(position) == pytest.approx(away, abs=1e-6)
    assert math.hypot(*plane.normal) == pytest.approx(1)


@settings(max_examples=100, deadline=None)
@given(rotations(), SPACINGS, SPACINGS, POSITIONS, POSITIONS)
def test_lengths_in_the_patient_are_pixels_times_their_spacing(directions, down, right, rows, columns):
    plane = Plane((512, 512), (5.0, -7.0, 9.0), directions[0], directions[1], (down, right))
    length = math.dist(plane.to_patient(0, 0), plane.to_patient(rows, columns))
    assert length == pytest.approx(math.hypot(rows * down, columns * right), abs=1e-6)


def test_rows_grow_along_the_column_direction_with_the_first_spacing():
    # PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1, worked by hand
    plane = Plane((10, 20), (-100.0, -50.0, 30.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0), (2.0, 0.5))
    assert plane.to_patient(3, 4) == (-100.0, -50.0 + 4 * 0.5, 30.0 - 3 * 2.0)
    assert plane.normal == (-1.0, 0.0, 0.0)
    assert plane.aspect == 4.0


def test_the_first_pixel_reaches_half_a_pixel_around_its_centre():
    plane = Plane((10, 20))
    assert plane.holds(-0.5, -0.5)
    assert not plane.holds(-0.51, 0)
    assert plane.holds(9.49, 19.49)
    assert not plane.holds(9.5, 0)
    assert not plane.holds(0, 19.5)


def test_planes_are_parallel_only_when_they_look_the_same_way():
    plane = Plane((10, 10))
    assert plane.is_parallel(Plane((5, 5), origin=(9.0, 9.0, 9.0), spacing=(3.0, 3.0)))
    assert plane.is_parallel(Plane((5, 5), along_row=(1.0, 0.00009, 0.0)))
    assert not plane.is_parallel(Plane((5, 5), along_row=(1.0, 0.0002, 0.0)))
    assert not plane.is_parallel(Plane((5, 5), along_row=(-1.0, 0.0, 0.0)))
    assert not plane.is_parallel(Plane((5, 5), along_row=(0.0, 1.0, 0.0), along_column=(1.0, 0.0, 0.0)))


@st.composite
def geometries(draw):
    column, row, across = draw(rotations())
    sheared = tilted(across, row, draw(st.floats(-40, 40)))  # gantry tilt
    return ImageGeometry(
        (20, 30, 40),
        tuple(draw(MILLIMETRES) for _ in range(3)),
        (sheared, row, column),
        (draw(SPACINGS), draw(SPACINGS), draw(SPACINGS)),
        frame_of_reference="1.2",
    )


@settings(max_examples=80, deadline=None)
@given(geometries(), st.lists(st.tuples(POSITIONS, POSITIONS, POSITIONS), min_size=1, max_size=5))
def test_indices_survive_the_way_to_the_patient_and_back_even_when_sheared(geometry, indices):
    index = np.array(indices)
    assert geometry.to_index(geometry.to_patient(index)) == pytest.approx(index, abs=1e-5)
    assert geometry.to_patient(index).shape == index.shape
    assert geometry.to_patient(index[0]) == pytest.approx(geometry.to_patient(index)[0])


@settings(max_examples=60, deadline=None)
@given(rotations(), st.tuples(MILLIMETRES, MILLIMETRES, MILLIMETRES), SPACINGS, SPACINGS, SPACINGS)
def test_positions_agree_with_an_independent_library(directions, origin, across, down, right):
    column, row, slice_ = directions
    ours = ImageGeometry((8, 16, 32), origin, (slice_, row, column), (across, down, right))
    theirs = SimpleITK.Image([32, 16, 8], SimpleITK.sitkUInt8)
    theirs.SetOrigin(origin)
    theirs.SetSpacing((right, down, across))
    theirs.SetDirection([float(value) for value in np.array([column, row, slice_]).T.ravel()])
    for index in ((0, 0, 0), (7, 15, 31), (3, 4, 5)):
        expected = theirs.TransformIndexToPhysicalPoint(tuple(reversed(index)))
        assert ours.to_patient(index) == pytest.approx(expected, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(geometries(), st.integers(0, 19), POSITIONS, POSITIONS)
def test_a_slice_of_a_grid_lies_where_the_grid_says(geometry, at, row, column):
    plane = geometry.plane(at)
    assert plane.to_patient(row, column) == pytest.approx(geometry.to_patient((at, row, column)), abs=1e-6)
    assert plane.shape == (30, 40)
    assert plane.placed
    assert plane.calibration is Calibration.PATIENT
    assert plane.frame_of_reference == "1.2"


def test_a_geometry_can_be_a_key():
    one, other = (
        ImageGeometry((1, 2, 3), (0.0, 0.0, 0.0), ((0, 0, 1), (0, 1, 0), (1, 0, 0)), (1.0, 1.0, 1.0))
        for _ in range(2)
    )
    assert {one: "kept"}[other] == "kept"


@pytest.mark.parametrize(
    ("direction", "letters"),
    [
        ((1, 0, 0), "L"),
        ((-1, 0, 0), "R"),
        ((0, 1, 0), "P"),
        ((0, -1, 0), "A"),
        ((0, 0, 1), "H"),
        ((0, 0, -1), "F"),
        ((0.9, -0.43, 0), "LA"),
        ((-0.43, 0.9, 0), "PR"),
        ((0, 0.6, -0.8), "FP"),
        ((0.99, 0.1, 0), "L"),
        ((0.6, -0.6, 0.53), "LA"),
        ((2.7, -1.3, 0), "LA"),
        ((0, 0, 0), ""),
        ((math.nan, 0, 0), ""),
    ],
)
@pytest.mark.rule("P-42")
def test_letters_name_the_side_towards_which_a_direction_points(direction, letters):
    assert orientation_letters(direction) == letters


@pytest.mark.rule("P-42")
@settings(max_examples=120, deadline=None)
@given(st.tuples(*[st.floats(-1, 1)] * 3))
def test_letters_of_any_oblique_direction_are_its_largest_parts(direction):
    length = math.hypot(*direction)
    assume(length > 1e-3)
    sizes = sorted((abs(value) for value in direction), reverse=True)
    assume(all(abs(a - b) > 1e-6 for a, b in zip(sizes, sizes[1:], strict=False) if a > 0))
    letters = orientation_letters(direction)
    axis = {"L": 0, "R": 0, "P": 1, "A": 1, "H": 2, "F": 2}
    sign = {"L": 1, "P": 1, "H": 1, "R": -1, "A": -1, "F": -1}
    parts = [direction[axis[letter]] * sign[letter] for letter in letters]
    assert 1 <= len(letters) <= 2
    assert len({axis[letter] for letter in letters}) == len(letters)
    assert all(part > 0 for part in parts)
    assert parts == pytest.approx(sizes[: len(parts)])
    # nothing is left out that turns the picture by more than 14.5 degrees, nothing is said below that
    assert len(letters) == 2 or sizes[1] <= 0.25 * length + 1e-9
    assert len(letters) == 1 or sizes[1] > 0.25 * length - 1e-9


@settings(max_examples=100, deadline=None)
@given(st.tuples(*[st.floats(-1, 1)] * 3))
def test_the_opposite_letters_are_those_of_the_opposite_direction(direction):
    x, y, z = direction
    assert opposite_letters(orientation_letters(direction)) == orientation_letters((-x, -y, -z))


def test_a_region_covers_its_pixels_to_their_edges():
    region = ScaledRegion(top=10, left=20, bottom=19, right=39, spacing=(0.1, 0.1))
    assert region.holds(9.5, 19.5)
    assert region.holds(19.4, 39.4)
    assert not region.holds(9.4, 30)
    assert not region.holds(19.5, 30)
    assert not region.holds(15, 39.5)


def test_between_two_regions_side_by_side_nothing_is_uncalibrated():
    left = ScaledRegion(0, 0, 99, 99, (0.1, 0.1))
    right = ScaledRegion(0, 100, 99, 199, (0.2, 0.2))
    for column in np.arange(0, 199, 0.1):
        assert left.holds(50, column) != right.holds(50, column)


def test_only_known_sizes_are_millimetres_and_doubtful_ones_say_so():
    assert {one for one in Calibration if one.unit == "px"} == {Calibration.NONE, Calibration.REGIONS}
    assert {one for one in Calibration if not one.remark} == {Calibration.PATIENT}
    assert Calibration.DETECTOR.remark == "at the detector"
