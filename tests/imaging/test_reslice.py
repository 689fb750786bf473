"""Every plane through a stack shows what lies there: exactly where voxels lie, and honestly between them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from medviewer.core.cut import PLANES, Cut, Slab, anatomical
from medviewer.core.geometry import Calibration, ImageGeometry, Plane
from medviewer.core.voi import VOI, Lut
from medviewer.core.volume import Rescale, Volume
from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.imaging.evened import mixtures
from medviewer.imaging.grayscale import greys8, normalised
from medviewer.imaging.render import RenderRequest, render
from medviewer.imaging.reslice import (
    cut_plane,
    onto,
    reach,
    regular_geometry,
    reslice,
    reslice_labels,
)
from medviewer.kit.errors import Cancelled
from medviewer.kit.task import CancelToken, TaskContext

AXIAL = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
PADDING = -2000


def _volume(voxels, directions=AXIAL, spacing=(2.0, 0.5, 0.7), origin=(-10.0, 20.0, 5.0), **values):
    geometry = ImageGeometry(voxels.shape, origin, directions, spacing, frame_of_reference="1.2")
    return Volume(voxels, values.pop("rescale", Rescale()), geometry, "key", **values)


def _noise(shape=(7, 9, 8), seed=0, low=-1000, high=1000, kind=np.int16):
    return np.random.default_rng(seed).integers(low, high, shape).astype(kind)


def _through_middle(geometry, along_row, along_column, **values):
    cut = Cut(along_row, along_column, 0.0, **values)
    middle = geometry.to_patient((np.asarray(geometry.shape) - 1) / 2)
    return replace(cut, distance=cut.distance_of(tuple(middle)))


def _plainly(volume: Volume, plane: Plane, apply=float, least=0.5) -> np.ndarray:
    """The same by the book, a pixel at a time: eight neighbours, their shares, what is lost left out."""
    found = np.full(plane.shape, np.nan)
    shape = volume.voxels.shape
    for row, column in np.ndindex(plane.shape):
        at = volume.geometry.to_index(plane.to_patient(row, column))
        if any(not -0.5 <= value <= count - 0.5 for value, count in zip(at, shape, strict=True)):
            continue
        at = [min(max(value, 0), count - 1) for value, count in zip(at, shape, strict=True)]
        total = weight = 0.0
        for corner in np.ndindex(2, 2, 2):
            index = [int(value) + one for value, one in zip(at, corner, strict=True)]
            share = float(np.prod([1 - abs(value - one) for value, one in zip(at, index, strict=True)]))
            if share <= 0 or any(one >= count for one, count in zip(index, shape, strict=True)):
                continue
            stored = volume.voxels[tuple(index)]
            is_padding = volume.padding and min(volume.padding) <= stored <= max(volume.padding)
            if np.isfinite(stored) and not is_padding:
                total += share * float(apply(stored))
                weight += share
        if weight >= least:
            found[row, column] = total / weight
    return found


def _on_the_brink(volume: Volume, plane: Plane) -> np.ndarray:
    """Pixels within rounding of the border of the stack, which may count as in or out."""
    rows, columns = np.mgrid[: plane.shape[0], : plane.shape[1]]
    index = np.array(
        [volume.geometry.to_index(plane.to_patient(*at)) for at in zip(rows.flat, columns.flat, strict=True)]
    )
    near = np.abs(np.stack([index + 0.5, index - np.asarray(volume.voxels.shape) + 0.5])).min(axis=(0, 2))
    return (near < 1e-4).reshape(plane.shape)


@st.composite
def _turned(draw) -> tuple[tuple[float, ...], ...]:
    """Three directions at right angles, anyhow in the patient."""
    numbers = st.floats(-1, 1, allow_nan=False)
    matrix = np.array([[draw(numbers) for _ in range(3)] for _ in range(3)]) + 1e-3 * np.eye(3)
    turned, _ = np.linalg.qr(matrix + np.diag([2.0, 0, 0]))
    return tuple(tuple(float(value) for value in row) for row in turned)


@st.composite
def _sheared(draw) -> tuple[tuple[float, ...], ...]:
    """Directions of a stack, its slices perhaps shifted against each other as with a tilted gantry."""
    slices, rows, columns = draw(_turned())
    tilt = draw(st.sampled_from([0.0, 0.0, 0.3, -0.5]))
    along = np.asarray(slices) + tilt * np.asarray(rows)
    return (tuple(float(value) for value in along / np.linalg.norm(along)), rows, columns)


_spacings = st.tuples(*[st.sampled_from([0.5, 0.8, 1.0, 2.5])] * 3)
_shapes = st.tuples(*[st.integers(1, 6)] * 3)


@settings(max_examples=60, deadline=None)
@given(_sheared(), _turned(), _spacings, _shapes, st.floats(-0.4, 0.4), st.booleans())
def test_any_plane_through_any_stack_agrees_with_the_plain_way(
    directions, turned, spacing, shape, off, is_padded
):
    voxels = _noise(shape, sum(shape))
    if is_padded:
        voxels[np.random.default_rng(3).random(shape) < 0.3] = PADDING
    padding = (PADDING, PADDING) if is_padded else None
    volume = _volume(voxels, directions, spacing, padding=padding)
    cut = _through_middle(volume.geometry, turned[1], turned[2])
    first, last, _ = reach(volume.geometry, cut)
    cut = replace(cut, distance=cut.distance + off * (last - first))
    plane = cut_plane(volume.geometry, cut)
    frame = onto(volume, plane)
    # half of the weight is half of it only to within rounding
    wanted, fewer = (_plainly(volume, plane, least=least) for least in (0.4999, 0.5001))
    sure = ~_on_the_brink(volume, plane) & (np.isfinite(wanted) == np.isfinite(fewer))
    np.testing.assert_array_equal(np.isfinite(frame.pixels)[sure], np.isfinite(wanted)[sure])
    both = np.isfinite(frame.pixels) & np.isfinite(wanted)
    np.testing.assert_allclose(frame.pixels[both], wanted[both], atol=0.01)


@pytest.mark.rule("P-36")
@settings(max_examples=60, deadline=None)
@given(st.permutations(range(3)), st.tuples(*[st.booleans()] * 3), st.sampled_from(PLANES), st.floats(0, 1))
def test_planes_along_the_voxels_show_them_as_they_are(order, flips, name, part):
    directions = tuple(
        tuple(float((-1 if flip else 1) * (axis == one)) for one in range(3))
        for axis, flip in zip(order, flips, strict=True)
    )
    volume = _volume(_noise(), directions)
    cut = Cut(*anatomical(name), 0.0)
    first, last, step = reach(volume.geometry, cut)
    assert step in volume.geometry.spacing
    frame = reslice(volume, replace(cut, distance=first + part * (last - first)))
    assert frame.pixels.dtype == np.int16
    assert abs(cut.distance_of(frame.plane.origin) - (first + part * (last - first))) <= step / 2 + 1e-9
    for row, column in np.ndindex(frame.pixels.shape):
        index = np.rint(volume.geometry.to_index(frame.plane.to_patient(row, column))).astype(int)
        assert frame.pixels[row, column] == volume.voxels[tuple(index)]


@pytest.mark.rule("P-42")
def test_coronal_and_sagittal_planes_stand_head_up_as_radiologists_look_at_them():
    volume = _volume(_noise())
    for name in ("coronal", "sagittal"):
        plane = cut_plane(volume.geometry, _through_middle(volume.geometry, *anatomical(name)))
        assert plane.to_patient(0, 0)[2] > plane.to_patient(1, 0)[2]
        assert plane.placed


@settings(max_examples=40, deadline=None)
@given(_sheared(), _turned(), _spacings)
def test_moving_a_plane_changes_nothing_but_its_distance_and_reach_meets_the_stack(
    directions, turned, spacing
):
    geometry = ImageGeometry((5, 6, 4), (3.0, -2.0, 9.0), directions, spacing)
    cut = Cut(turned[1], turned[2], 0.0)
    first, last, step = reach(geometry, cut)
    one, other = (cut_plane(geometry, replace(cut, distance=at)) for at in (first, last))
    assert one.shape == other.shape
    assert one.spacing == other.spacing
    if one.is_parallel(Plane((1, 1), along_row=cut.along_row, along_column=cut.along_column), 1e-12):
        away = np.subtract(other.origin, one.origin)
        np.testing.assert_allclose(away, (last - first) * np.asarray(cut.normal), atol=1e-6)
    corners = geometry.to_patient([[z, y, x] for z in (-0.5, 4.5) for y in (-0.5, 5.5) for x in (-0.5, 3.5)])
    along = corners @ np.asarray(cut.normal)
    assert along.min() <= first <= last <= along.max()
    assert 0 < step < 2 * max(spacing)


@settings(max_examples=40, deadline=None)
@given(_sheared(), _turned(), _spacings)
def test_the_grid_covers_the_whole_stack(directions, turned, spacing):
    geometry = ImageGeometry((5, 6, 4), (3.0, -2.0, 9.0), directions, spacing)
    plane = cut_plane(geometry, _through_middle(geometry, turned[1], turned[2]))
    for index in np.ndindex(5, 6, 4):
        assert plane.holds(*np.round(plane.to_image(tuple(geometry.to_patient(index))), 6))


def test_an_oblique_picture_has_square_pixels_of_the_smallest_spacing_and_keeps_what_the_frames_say():
    volume = _volume(
        _noise(), inverted=True, windows=(VOI(40, 400),), remarks=("lossy",), rescale=Rescale(2, 3, unit="HU")
    )
    half = 0.5**0.5
    frame = reslice(volume, _through_middle(volume.geometry, (half, half, 0.0), (0.0, 0.0, -1.0)))
    assert frame.plane.spacing == (0.5, 0.5)
    assert frame.plane.frame_of_reference == "1.2"
    assert frame.plane.calibration is Calibration.PATIENT
    assert frame.pixels.dtype == np.float32
    assert np.isnan(frame.pixels).any(), "nothing is invented outside the stack"
    assert (frame.inverted, frame.windows, frame.remarks) == (True, (VOI(40, 400),), ("lossy",))
    assert frame.rescale == Rescale(2, 3, unit="HU")


def test_nearly_aligned_directions_count_only_while_no_voxel_is_displaced():
    slight = (np.cos(1e-4), np.sin(1e-4), 0.0)
    small, large = _volume(_noise()), _volume(np.zeros((2, 900, 900), np.int16))
    down = (-slight[1], slight[0], 0.0)
    assert reslice(small, _through_middle(small.geometry, slight, down)).pixels.dtype == np.int16
    assert reslice(large, _through_middle(large.geometry, slight, down)).pixels.dtype == np.float32


@pytest.mark.rule("P-31")
@settings(max_examples=30, deadline=None)
@given(_turned(), arrays(np.bool_, (5, 5, 5)))
def test_padding_is_never_mixed_into_its_neighbours(turned, padded):
    voxels = np.where(padded, PADDING, 100).astype(np.int16)
    volume = _volume(voxels, spacing=(1.0, 1.0, 1.0), padding=(PADDING, PADDING))
    for slab in Slab:
        cut = _through_middle(volume.geometry, turned[1], turned[2], slab=slab, thickness=3.0)
        frame = reslice(volume, cut)
        assert frame.padding is None
        shown = frame.pixels[np.isfinite(frame.pixels)]
        np.testing.assert_allclose(shown, 100, atol=1e-3)


@pytest.mark.rule("P-31")
@pytest.mark.parametrize("slab", Slab)
def test_a_slab_along_the_voxels_leaves_padding_and_non_numbers_out(slab):
    voxels = np.stack([np.full((3, 4), value, np.float32) for value in (10, 20, np.nan, 30, PADDING)])
    volume = _volume(voxels, spacing=(1.0, 1.0, 1.0), padding=(PADDING, PADDING))
    wanted = {Slab.MEAN: 20, Slab.MAXIMUM: 30, Slab.MINIMUM: 10}[slab]
    frame = reslice(volume, _through_middle(volume.geometry, *anatomical("axial"), thickness=4.0, slab=slab))
    np.testing.assert_allclose(frame.pixels, wanted)


@pytest.mark.parametrize("slope", [1.0, -1.0])
@pytest.mark.parametrize("padding", [None, (4000, 4000)])
@pytest.mark.parametrize("name", ["axial", "sagittal", "oblique"])
def test_the_maximum_of_a_slab_is_that_of_the_modality_values(slope, padding, name):
    volume = _volume(_noise((7, 9, 9)), rescale=Rescale(slope, 5), padding=padding)
    half = 0.5**0.5
    directions = ((half, half, 0.0), (0.0, 0.0, -1.0)) if name == "oblique" else anatomical(name)
    cut = _through_middle(volume.geometry, *directions, thickness=4.0, slab=Slab.MAXIMUM)
    _, _, step = reach(volume.geometry, cut)
    around = range(-int(2.0 / step), int(2.0 / step) + 1)
    planes = [
        reslice(volume, replace(cut, thickness=0.0, distance=cut.distance + at * step)) for at in around
    ]
    assert len(planes) > 2
    wanted = np.fmax.reduce([frame.values() for frame in planes])
    np.testing.assert_allclose(reslice(volume, cut).values(), wanted, atol=1e-3)


@pytest.mark.parametrize("padding", [None, (4000, 4000)])
def test_a_slab_at_the_end_of_the_stack_shows_the_slices_that_are_there(padding):
    volume = _volume(_noise(), spacing=(1.0, 1.0, 1.0), padding=padding)
    cut = Cut(*anatomical("axial"), 5.0, thickness=4.0)
    np.testing.assert_allclose(reslice(volume, cut).pixels, volume.voxels[:3].mean(axis=0), rtol=1e-5)


@pytest.mark.rule("P-22")
@pytest.mark.parametrize("name", ["coronal", "oblique"])
def test_monochrome1_is_as_upside_down_in_another_plane_as_in_its_own(name):
    voxels = np.linspace(0, 1000, 8).astype(np.int16) + np.zeros((8, 8, 1), np.int16)
    half = 0.5**0.5
    directions = ((half, half, 0.0), (0.0, 0.0, -1.0)) if name == "oblique" else anatomical(name)
    shown = []
    for inverted in (False, True):
        volume = _volume(voxels, inverted=inverted, spacing=(1.0, 1.0, 1.0))
        frame = reslice(volume, _through_middle(volume.geometry, *directions))
        request = RenderRequest(series="key", index=0, voi=VOI.from_range(0, 1000))
        shown.append((render(frame, (), request).pixels.astype(int), frame))
    (plain, frame), (inverse, _) = shown
    inside = np.isfinite(frame.pixels)
    assert plain[inside].max() > 200
    np.testing.assert_allclose(inverse[inside], 255 - plain[inside], atol=1)
    assert (inverse[~inside] == 0).all(), "outside the stack is black, not white"
    direct = greys8(normalised(frame.values(), VOI.from_range(0, 1000)), False)
    np.testing.assert_allclose(plain[inside], direct[inside], atol=1)


def test_a_modality_table_is_applied_before_values_are_mixed():
    table = tuple(int(value**2) for value in range(64))
    rescale = Rescale(lut=Lut(0, 16, table), unit="OD")
    volume = _volume(_noise(low=0, high=64), rescale=rescale, spacing=(1.0, 1.0, 1.0))
    half = 0.5**0.5
    frame = reslice(volume, _through_middle(volume.geometry, (half, half, 0.0), (0.0, 0.0, -1.0)))
    wanted = _plainly(volume, frame.plane, lambda stored: table[int(stored)])
    both = np.isfinite(frame.pixels) & np.isfinite(wanted)
    assert both.any()
    np.testing.assert_allclose(frame.values()[both], wanted[both], atol=0.01)
    assert frame.rescale == Rescale(unit="OD")


def test_wide_whole_numbers_are_not_rounded_before_their_intercept():
    rescale = Rescale(1.0, -(2.0**30))
    volume = _volume(_noise(kind=np.int32) + np.int32(1 << 30), rescale=rescale)
    half = 0.5**0.5
    frame = reslice(volume, _through_middle(volume.geometry, (half, half, 0.0), (0.0, 0.0, -1.0)))
    wanted = _plainly(volume, frame.plane, lambda stored: float(stored) - 2**30)
    both = np.isfinite(frame.pixels) & np.isfinite(wanted)
    np.testing.assert_allclose(frame.values()[both], wanted[both], atol=0.01)


@settings(max_examples=30, deadline=None)
@given(_sheared(), _turned(), _spacings)
def test_labels_are_those_of_the_nearest_voxel_and_nothing_between(directions, turned, spacing):
    labels = _noise((4, 5, 6), low=0, high=255, kind=np.uint8)
    geometry = ImageGeometry(labels.shape, (1.0, 2.0, 3.0), directions, spacing)
    plane = cut_plane(geometry, _through_middle(geometry, turned[1], turned[2]))
    found = reslice_labels(labels, geometry, plane)
    assert found.shape == plane.shape
    for row, column in np.ndindex(plane.shape):
        at = geometry.to_index(plane.to_patient(row, column))
        if np.abs(at - np.floor(at) - 0.5).min() < 1e-6:
            continue  # halfway between two
        index = np.rint(at).astype(int)
        inside = (index >= 0).all() and (index < labels.shape).all()
        assert found[row, column] == (labels[tuple(index)] if inside else 0)


def test_a_volume_can_be_seen_on_the_grid_of_another_picture():
    volume = _volume(_noise())
    plane = replace(volume.geometry.plane(3), spacing=(0.25, 0.35), shape=(4, 6))
    frame = onto(volume, plane)
    assert frame.plane is plane
    np.testing.assert_allclose(frame.pixels[::2, ::2], volume.voxels[3, :2, :3], atol=0.01)
    middle = volume.voxels[3, :2, :2].mean()
    assert frame.pixels[1, 1] == pytest.approx(middle, abs=0.01)


@pytest.mark.parametrize("padding", [None, (PADDING, PADDING)])
@pytest.mark.parametrize("right", [(0.8, 0.0, 0.6), (0.6, 0.0, -0.8), (1.0, 0.0, 0.0)])
def test_a_large_plane_is_what_its_parts_are(right, padding):
    voxels = _noise((90, 40, 200))
    if padding:
        voxels[20:30, 10:30, 50:120] = PADDING
    volume = _volume(voxels, spacing=(1.0, 1.0, 0.5), padding=padding)
    cut = _through_middle(volume.geometry, right, (0.0, 1.0, 0.0))
    middle = np.asarray(volume.geometry.to_patient((np.asarray(voxels.shape) - 1) / 2))
    corner = middle - 0.33 * (199.5 * np.asarray(right) + 74.5 * np.asarray((0.0, 1.0, 0.0)))
    plane = cut_plane(volume.geometry, cut)
    plane = replace(plane, shape=(150, 400), spacing=(0.33, 0.33), origin=tuple(corner))
    whole = onto(volume, plane).pixels
    parts = np.empty_like(whole)
    for row, column in np.ndindex(3, 8):
        part = replace(plane, shape=(50, 50), origin=plane.to_patient(50 * row, 50 * column))
        parts[50 * row : 50 * row + 50, 50 * column : 50 * column + 50] = onto(volume, part).pixels
    assert 0.2 < np.isfinite(whole).mean() < 1
    np.testing.assert_allclose(whole, parts, atol=0.1)


def test_a_slow_cut_can_be_stopped():
    token = CancelToken()
    token.cancel()
    volume, half = _volume(_noise()), 0.5**0.5
    with pytest.raises(Cancelled):
        reslice(volume, Cut((half, half, 0.0), (0.0, 0.0, -1.0), 10.0), TaskContext(token))


def _plane_at(place: float, **values) -> Plane:
    return Plane(
        **{
            "shape": (4, 5),
            "origin": (1.0, 2.0 + 0.25 * place, place),
            "calibration": Calibration.PATIENT,
            "placed": True,
            **values,
        }
    )


@pytest.mark.rule("P-38", "P-39")
def test_slices_with_a_gap_have_the_regular_grid_they_would_have_without():
    geometry = regular_geometry([_plane_at(place) for place in (0.0, 2.0, 4.0, 10.0, 12.0)])
    assert geometry is not None
    assert geometry.shape == (7, 4, 5)
    np.testing.assert_allclose(geometry.plane(5).origin, _plane_at(10.0).origin)
    np.testing.assert_allclose(geometry.plane(3).origin, _plane_at(6.0).origin)


@pytest.mark.rule("P-38", "P-39")
def test_every_slice_lies_on_the_grid_when_all_gaps_are_multiples_of_one_step():
    places = (0.0, 2.0, 4.01, 8.0, 12.0, 15.98, 18.0, 22.0, 26.0)
    planes = [_plane_at(place) for place in places]
    geometry = regular_geometry(planes)
    assert geometry is not None
    assert geometry.shape == (14, 4, 5), "the usual step is 4 mm, but slices lie on every second one of 2 mm"
    made_of = mixtures(planes, geometry)
    for number, place in enumerate(places):
        on_grid = round(place / 2)
        np.testing.assert_allclose(geometry.plane(on_grid).origin, planes[number].origin, atol=0.1)
        assert made_of[on_grid] == (number, number, 0.0), "a slice is taken as it is"
    between = made_of[3]
    assert between is not None
    assert between[:2] == (2, 3)
    assert between[2] == pytest.approx(0.5, abs=0.01)


@pytest.mark.rule("P-39")
@pytest.mark.parametrize(
    ("places", "count"),
    [
        ((0.0, 4.0, 10.0, 14.0, 18.0, 22.0), 7),
        ((0.0, 4.0, 8.0, 12.0, 12.2, 16.0), 5),
        ((0.0, 2.0, 4.9, 7.0, 9.0), 5),
    ],
    ids=["no slice is that near", "five times the slices", "no common step"],
)
def test_without_a_common_step_the_grid_has_the_usual_one(places: tuple[float, ...], count: int):
    geometry = regular_geometry([_plane_at(place) for place in places])
    assert geometry is not None
    assert geometry.shape[0] == count


@pytest.mark.rule("P-39", "P-40")
@pytest.mark.parametrize(
    "planes",
    [
        [_plane_at(0.0)],
        [_plane_at(0.0), _plane_at(0.0), _plane_at(1.0)],
        [_plane_at(0.0), _plane_at(1.0, spacing=(1.0, 1.2))],
        [_plane_at(0.0), _plane_at(1.0, shape=(4, 6))],
        [_plane_at(0.0), _plane_at(1.0, along_row=(0.8, 0.6, 0.0), along_column=(-0.6, 0.8, 0.0))],
        [_plane_at(0.0), _plane_at(1.0, origin=(40.0, 0.0, 1.0)), _plane_at(2.0)],
        [_plane_at(0.0), _plane_at(1.0, placed=False)],
        [_plane_at(0.0), _plane_at(1.0, calibration=Calibration.NONE)],
    ],
    ids=["one", "same place", "pixel size", "size", "turned", "shifted", "unplaced", "uncalibrated"],
)
def test_pictures_that_are_no_stack_have_no_grid(planes):
    assert regular_geometry(planes) is None


# --- against another program, on real patients


@cache
def _real(folder: Path) -> Volume:
    """The largest stack of a folder, its frames simply laid on one another."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    every = [series for study in group(read_header(path) for path in paths) for series in study.series]
    series = max((one for one in every if one.geometry is not None), key=lambda one: one.count)
    source = SeriesSource(series, InProcessDecoder())
    frames = [source.frame(at) for at in range(series.places)]
    first = frames[0]
    assert all(frame.rescale == first.rescale for frame in frames)
    voxels = np.stack([frame.pixels for frame in frames])
    return Volume(voxels, first.rescale, series.geometry, series.key, first.padding)


def _by_simpleitk(volume: Volume, plane: Plane) -> np.ndarray:
    """The plane as SimpleITK resamples the stack, in voxels, so that sheared stacks are one too."""
    image = SimpleITK.GetImageFromArray(volume.voxels)
    corner = volume.geometry.to_index(plane.origin)
    steps = [
        (volume.geometry.to_index(plane.to_patient(*at)) - corner)[::-1] for at in ((0.0, 1.0), (1.0, 0.0))
    ]
    # an affine transform takes (column, row, 0) of the picture to (column, row, slice) of the stack
    transform = SimpleITK.AffineTransform(3)
    transform.SetMatrix(np.stack([*steps, np.cross(*steps)], axis=1).ravel())
    transform.SetTranslation(corner[::-1].tolist())
    grid = SimpleITK.Image(plane.shape[1], plane.shape[0], 1, SimpleITK.sitkFloat32)
    nowhere = -1e9
    found = SimpleITK.Resample(image, grid, transform, SimpleITK.sitkLinear, nowhere, SimpleITK.sitkFloat32)
    picture = SimpleITK.GetArrayFromImage(found)[0]
    return np.where(picture == nowhere, np.nan, picture)


_LOOKS = {
    "axial": anatomical("axial"),
    "coronal": anatomical("coronal"),
    "sagittal": anatomical("sagittal"),
    "oblique": ((0.8, 0.6, 0.0), (0.0, 0.0, -1.0)),
    "double oblique": ((0.8, 0.36, 0.48), (-0.6, 0.48, 0.64)),
}


@pytest.mark.rule("P-39")
@pytest.mark.parametrize("folder", ["ct-chest-lidc-0314", "ct-phantom-gantry-tilt", "mr-head-hfs/t1-sag"])
@pytest.mark.parametrize("look", _LOOKS)
def test_planes_through_patients_are_those_of_simpleitk_within_one_unit(shared_data, folder, look):
    volume = replace(_real(shared_data / "dicom" / folder), padding=None)
    cut = _through_middle(volume.geometry, *_LOOKS[look])
    frame = reslice(volume, cut)
    wanted = _by_simpleitk(volume, frame.plane)
    both = np.isfinite(frame.pixels) & np.isfinite(wanted)
    assert both.mean() > 0.1
    assert (np.isfinite(frame.pixels) != np.isfinite(wanted)).mean() < 0.005, "but for the rim"
    slope = abs(volume.rescale.slope)
    assert np.abs(frame.pixels[both] - wanted[both]).max() * slope <= 1.0


@pytest.mark.rule("P-39")
def test_a_tilted_gantry_is_straightened_where_its_phantom_is_straight(shared_data):
    volume = _real(shared_data / "dicom" / "ct-phantom-gantry-tilt")
    slices, rows, _ = volume.geometry.directions
    assert abs(np.dot(slices, rows)) > 0.1, "this stack is sheared"
    cut = _through_middle(volume.geometry, *anatomical("sagittal"))
    frame = reslice(volume, cut)
    spots = [(len(frame.pixels) // 2, at) for at in range(10, frame.pixels.shape[1], 25)]
    for spot in spots:
        one = replace(frame.plane, origin=frame.plane.to_patient(*spot), shape=(1, 1))
        np.testing.assert_allclose(frame.pixels[spot], _plainly(volume, one)[0, 0], atol=0.5)
