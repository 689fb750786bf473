"""Masks are tidied by millimetres and millilitres, whatever the shape of a voxel."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from medviewer.core.geometry import Calibration, ImageGeometry, Plane
from medviewer.core.volume import Frame, Rescale, Volume, read_only
from medviewer.imaging.islands import parts_of
from medviewer.imaging.segment.cleaning import CLEANINGS
from medviewer.imaging.segment.counting import counts_of
from medviewer.imaging.segment.grid import grid_of, grid_of_frame
from medviewer.imaging.segment.margins import HALF_WAY, grown
from medviewer.imaging.segment.measured import measured
from medviewer.kit.task import TaskContext
from tests.imaging.segment.phantoms import ODD, ball, ball_ml, grid

SPACINGS = [ODD, (1.25, 0.8, 0.65), (0.9, 0.6, 0.7)]
TOP = (0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)


def ml(mask: np.ndarray, spacing: tuple[float, ...]) -> float:
    return float(mask.sum() * np.prod(spacing) / 1000)


@pytest.mark.parametrize("spacing", SPACINGS)
def test_a_ball_grown_or_shrunk_by_8_mm_has_the_volume_of_such_a_ball(spacing: tuple[float, ...]) -> None:
    mask = ball(30, spacing, 10)
    one = grid(np.zeros(mask.shape, int), spacing)
    larger, smaller = CLEANINGS["grow"](mask, one, by_mm=8), CLEANINGS["shrink"](mask, one, by_mm=8)
    assert ml(larger, spacing) == pytest.approx(ball_ml(38), rel=0.005)
    assert ml(smaller, spacing) == pytest.approx(ball_ml(22), rel=0.005)
    assert ml(CLEANINGS["shrink"](larger, one, by_mm=8), spacing) == pytest.approx(ball_ml(30), rel=0.005)


@pytest.mark.parametrize("spacing", [(3.0, 0.7, 0.7), (1.2, 0.9, 0.6), (2.0, 1.0, 3.0)])
def test_growing_slice_by_slice_is_the_distance_in_space(spacing: tuple[float, ...]) -> None:
    mask = np.random.default_rng(1).random((9, 30, 34)) > 0.998
    away = ndimage.distance_transform_edt(~mask, sampling=spacing)
    for margin in (0.5, 2.0, 6.3):
        reach = margin + HALF_WAY * float(np.prod(spacing)) ** (1 / 3)
        assert np.array_equal(grown(mask, spacing, margin, TaskContext()), away <= reach)


def test_a_flat_disc_grows_as_a_ball_does() -> None:
    mask = ball(25, (0.7, 0.5), 9)
    one = grid(np.zeros(mask.shape, int), (0.7, 0.5))
    area = CLEANINGS["grow"](mask, one, by_mm=7).sum() * 0.35
    assert area == pytest.approx(np.pi * 32**2, rel=0.005)


@pytest.mark.parametrize("shape", [(5, 20, 22), (1, 9, 9), (30, 31)])
@pytest.mark.parametrize("corners", [True, False])
def test_parts_are_those_of_scipy(shape: tuple[int, ...], corners: bool) -> None:
    for share in (0.3, 0.6, 0.85):
        mask = np.random.default_rng(8).random(shape) < share
        structure = ndimage.generate_binary_structure(len(shape), len(shape) if corners else 1)
        labels, count = ndimage.label(mask, structure)
        sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
        parts = parts_of(mask, corners)
        assert sorted(parts.sizes[1:]) == sorted(sizes)
        assert np.array_equal(parts.kept(parts.sizes >= 4), np.isin(labels, np.flatnonzero(sizes >= 4) + 1))


def test_islands_below_a_volume_go_and_those_of_it_stay() -> None:
    mask = np.zeros((10, 30, 30), bool)
    mask[1:5, 1:6, 1:6] = True  # 100 voxels of 2.5 mm³
    mask[6:9, 20:25, 20:25] = True  # 75
    one = grid(np.zeros(mask.shape, int), (2.5, 1.0, 1.0))
    for below, left in ((0.18, 175), (0.2, 100), (0.25, 100), (0.3, 0)):
        assert CLEANINGS["islands"](mask, one, below_ml=below).sum() == left
    assert CLEANINGS["largest"](mask, one).sum() == 100
    assert CLEANINGS["largest"](mask, one, count=2).sum() == 175


def test_a_hole_open_above_is_filled_in_its_slices_only() -> None:
    mask = np.zeros((5, 20, 20), bool)
    mask[:, 5:15, 5:15] = True
    mask[2:, 8:10, 8:10] = False
    one = grid(np.zeros(mask.shape, int))
    assert np.array_equal(CLEANINGS["holes"](mask, one), mask)
    assert CLEANINGS["holes"](mask, one, within="slices").sum() == 5 * 100
    mask[-1, 8:10, 8:10] = True
    assert CLEANINGS["holes"](mask, one).sum() == 5 * 100


def test_opening_cuts_a_bridge_and_closing_a_gap_of_a_width_in_mm() -> None:
    mask = np.zeros((12, 40, 60), bool)
    mask[2:10, 10:30, 5:25] = mask[2:10, 10:30, 35:55] = True
    mask[5:7, 19:21, 25:35] = True  # 2 x 2 mm wide
    one = grid(np.zeros(mask.shape, int), (2.0, 1.0, 1.0))
    parted = CLEANINGS["opening"](mask, one, radius_mm=3)
    assert parts_of(parted).sizes[1:].size == 2
    assert not (parted & ~mask).any()
    closed = CLEANINGS["closing"](mask, one, radius_mm=6)
    assert closed[5, 20, 25:35].all()
    assert closed[4, 15, 30]
    assert not (mask & ~closed).any()


def test_smoothing_takes_specks_and_leaves_a_ball_its_volume() -> None:
    mask = ball(20, ODD, 6)
    rough = mask ^ (np.random.default_rng(3).random(mask.shape) > 0.97)
    smooth = CLEANINGS["smooth"](rough, grid(np.zeros(mask.shape, int), ODD), sigma_mm=1.5)
    assert parts_of(smooth).sizes.size == 2
    assert ml(smooth, ODD) == pytest.approx(ball_ml(20), rel=0.02)


def test_numbers_of_a_part_are_those_of_numpy() -> None:
    values = np.random.default_rng(7).normal(1e4, 3, (4, 20, 30)).astype(np.float32)
    mask, valid = values > 1e4, np.ones(values.shape, bool)
    valid[2] = False
    found = measured(mask, grid(values, (3.0, 0.5, 0.5), valid=valid, unit="HU"))
    inside = values[mask & valid].astype(np.float64)
    assert (found.voxels, found.unit, found.value_unit) == (inside.size, "ml", "HU")
    assert found.size == pytest.approx(inside.size * 0.75 / 1000)
    assert (found.mean, found.sd) == pytest.approx((inside.mean(), inside.std()))
    assert measured(np.zeros(values.shape, bool), grid(values)).mean is None


def volume(voxels: np.ndarray, rescale: Rescale, **more: object) -> Volume:
    geometry = ImageGeometry(voxels.shape, (0, 0, 0), TOP, (3.0, 1.0, 1.0))  # type: ignore[arg-type]
    return Volume(read_only(voxels), rescale, geometry, "key", **more)  # type: ignore[arg-type]


def test_a_stack_keeps_16_bits_where_they_are_enough() -> None:
    stored = np.arange(60, dtype=np.uint16).reshape(3, 4, 5)
    whole = grid_of(volume(stored, Rescale(1, -1024, unit="HU")))
    assert whole.values.dtype == np.int16
    assert np.array_equal(whole.values, stored.astype(int) - 1024)
    assert (whole.unit, whole.towards_head, whole.spacing) == ("HU", 1, (3.0, 1.0, 1.0))
    same = stored.astype(np.int16)
    assert np.shares_memory(grid_of(volume(same, Rescale())).values, same)
    for rescale in (Rescale(0.5, 0), Rescale(1, 0.5), Rescale(1, 40_000)):
        assert grid_of(volume(stored, rescale)).values.dtype == np.float32


def test_padding_and_gaps_are_no_part_of_a_stack() -> None:
    stored = np.zeros((3, 4, 5), np.int16)
    stored[1] = -2000
    padded = grid_of(volume(stored, Rescale(), padding=(-2000, -2000)))
    assert padded.valid is not None
    assert np.array_equal(padded.valid, stored == 0)
    assert counts_of(padded, TaskContext())[0].sum() == 40
    gaps = grid_of(volume(np.where(stored < 0, np.nan, 1.0).astype(np.float32), Rescale()))
    assert gaps.valid is not None
    assert np.array_equal(gaps.valid, stored == 0)


def test_a_picture_without_a_scale_is_counted_in_pixels() -> None:
    plane = Plane((4, 5), spacing=(2.0, 1.0))
    one = grid_of_frame(Frame(read_only(np.ones((4, 5), np.uint8)), plane))
    assert (one.calibrated, one.spacing) == (False, (2.0, 1.0))
    assert (measured(np.ones((4, 5), bool), one).size, measured(np.ones((4, 5), bool), one).unit) == (
        20,
        "px²",
    )
    known = Plane((4, 5), spacing=(2.0, 1.0), calibration=Calibration.PATIENT)
    assert measured(np.ones((4, 5), bool), grid_of_frame(Frame(one.values, known))).size == 40
