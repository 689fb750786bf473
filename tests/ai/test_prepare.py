"""From picture to network and back: every pixel where it was, every grey what training saw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.ai.card import Geometry, Input, Values
from medviewer.ai.finish import back
from medviewer.ai.prepare import place, prepare, prepare_mask, scale_of, stacked
from medviewer.core.volume import Rescale
from tests.ai.small_models import frame, ramp

FITS = st.sampled_from(["stretch", "letterbox", "crop", "native", "tiles"])


def plan(fit: str = "stretch", size: tuple[int, int] | None = (32, 32), **values: Any) -> Input:
    return Input("image", size=size, geometry=Geometry(fit), values=Values(**{"scale": "range", **values}))


def planned(fit: str, size: tuple[int, int]) -> Input:
    if fit == "native":
        return Input("image", size=None, divisible_by=16, geometry=Geometry(fit))
    return plan(fit, size)


@settings(max_examples=150, deadline=None)
@given(FITS, st.integers(1, 90), st.integers(1, 90), st.integers(8, 64), st.integers(8, 64))
def test_a_box_fits_wherever_a_picture_of_any_size_is_put(
    fit: str, rows: int, columns: int, high: int, wide: int
) -> None:
    where = place((rows, columns), planned(fit, (high, wide)))
    for (top, left, tall, broad), outer in ((where.taken, where.picture), (where.put, where.size)):
        assert top >= 0
        assert left >= 0
        assert tall >= 1
        assert broad >= 1
        assert top + tall <= outer[0]
        assert left + broad <= outer[1]


@settings(max_examples=60, deadline=None)
@given(FITS, st.integers(40, 131), st.integers(40, 131))
def test_a_mask_comes_back_onto_its_own_grid(fit: str, rows: int, columns: int) -> None:
    """A disc that goes to the network's grid and back keeps its place to less than a network pixel."""
    y, x = np.mgrid[:rows, :columns]
    disc = ((y - rows / 2) ** 2 + (x - columns / 2) ** 2 <= (0.3 * min(rows, columns)) ** 2).astype(np.uint8)
    where = place((rows, columns), planned(fit, (48, 64)))
    there = prepare_mask(disc, where)
    again = back(there.astype(np.float32), where) >= 0.5
    assert again.shape == (rows, columns)
    overlap = 2 * (again & (disc > 0)).sum() / (again.sum() + disc.sum())
    assert overlap > 0.9
    scale = max(where.taken[2] / where.put[2], where.taken[3] / where.put[3], 1)
    for axis in (y, x):
        assert abs(axis[again].mean() - axis[disc > 0].mean()) < 0.5 * scale


def test_a_picture_of_the_networks_size_is_not_resampled() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (32, 32)).astype(np.uint8)
    tensor, _ = prepare(picture, plan("stretch", low=0, high=255, scale="window"))
    np.testing.assert_allclose(tensor[..., 0], picture / 255, atol=1e-6)


def test_letterbox_keeps_the_sides_and_pads_the_rest() -> None:
    tensor, where = prepare(np.full((10, 20), 7.0), plan("letterbox", scale="none"))
    assert where.put == (8, 0, 16, 32)
    assert (tensor[8:24] == 7).all()
    assert (tensor[:8] == 0).all()
    assert (tensor[24:] == 0).all()


def test_crop_takes_the_middle_square() -> None:
    picture = np.zeros((30, 90))
    picture[:, 30:60] = 1
    tensor, where = prepare(picture, plan("crop", scale="none"))
    assert where.taken == (0, 30, 30, 30)
    assert (tensor == 1).all()


def test_a_window_is_the_same_for_every_picture_and_percentiles_are_each_pictures_own() -> None:
    half = ramp(32, 32) / 2
    fixed = plan(scale="window", low=0, high=3100)
    assert prepare(half, fixed)[0].max() == pytest.approx(0.5)
    own = plan(scale="percentile", low=0.0, high=100.0)
    np.testing.assert_allclose(prepare(half, own)[0], prepare(ramp(32, 32), own)[0], atol=1e-6)


def test_the_rescale_of_the_file_counts() -> None:
    pixels = np.full((32, 32), 1024, np.uint16)
    hounsfield = frame(pixels, rescale=Rescale(1.0, -1024.0))
    tensor, _ = prepare(hounsfield, plan(scale="window", low=-100, high=100))
    assert (tensor == 0.5).all()


@pytest.mark.parametrize("scale", ["percentile", "range", "z-score", "window"])
def test_white_that_is_low_is_turned_over_before_anything_else(scale: str) -> None:
    asked = (
        plan(scale=scale, low=1.0, high=99.0) if scale != "window" else plan(scale=scale, low=0, high=3100)
    )
    usual, _ = prepare(frame(ramp(32, 32)), asked)
    turned, _ = prepare(frame(3100 - ramp(32, 32), inverted=True), asked)
    np.testing.assert_allclose(turned, usual, atol=1e-5)


def test_a_card_may_want_the_stored_sense() -> None:
    turned, _ = prepare(frame(ramp(32, 32), inverted=True), plan(bright="stored"))
    assert turned[0, -1, 0] == 1


def test_padding_is_as_dark_as_the_picture_gets_and_shifts_no_percentile() -> None:
    pixels = ramp(32, 32).astype(np.int16)
    pixels[:, :4] = -2000
    tensor, _ = prepare(frame(pixels, padding=(-2000, -2000)), plan())
    assert (tensor[:, :4] == 0).all()
    assert tensor[0, 4, 0] == 0
    assert tensor[0, 31, 0] == 1


def test_values_that_are_no_numbers_are_treated_like_padding() -> None:
    pixels = ramp(32, 32).astype(np.float32)
    pixels[3, 3] = np.nan
    pixels[4, 4] = np.inf
    tensor, _ = prepare(frame(pixels), plan())
    assert np.isfinite(tensor).all()
    assert tensor[3, 3, 0] == 0


def test_a_picture_of_one_value_gives_zeros_and_no_warning() -> None:
    for scale in ("percentile", "range", "z-score"):
        tensor, _ = prepare(np.full((9, 9), 5, np.uint8), plan(scale=scale, low=1, high=99))
        assert (tensor == 0).all()


def test_colour_becomes_brightness() -> None:
    rgb = np.zeros((32, 32, 3), np.uint8)
    rgb[..., 1] = 255
    tensor, _ = prepare(rgb, plan(scale="window", low=0, high=255))
    assert tensor[0, 0, 0] == pytest.approx(0.587)


def test_three_channels_are_normalised_one_by_one() -> None:
    asked = Input("image", channels=3, size=(8, 8), layout="NCHW",
                  values=Values("window", 0, 1, mean=(0.1, 0.2, 0.3), deviation=(1, 2, 4)))  # fmt: skip
    tensor, _ = prepare(np.ones((8, 8), np.uint8), asked)
    np.testing.assert_allclose(tensor[0, 0], [0.9, 0.4, 0.175], atol=1e-6)
    batch = stacked([tensor, tensor], asked)
    assert batch.shape == (2, 3, 8, 8)
    assert batch.flags.c_contiguous


def test_a_large_radiograph_and_its_small_copy_look_alike_to_the_network() -> None:
    rng = np.random.default_rng(3)
    small = rng.uniform(0, 1000, (28, 28)).astype(np.float32)
    large = np.kron(small, np.ones((20, 20), np.float32))
    asked = plan("crop", (28, 28), scale="percentile", low=1.0, high=99.0)
    np.testing.assert_allclose(prepare(large, asked)[0], prepare(small, asked)[0], atol=1e-4)


@pytest.mark.parametrize("scale", ["percentile", "range", "window", "z-score"])
def test_a_better_picture_gets_the_numbers_of_the_one_it_belongs_to(scale: str) -> None:
    rng = np.random.default_rng(2)
    picture = rng.normal(100, 20, (24, 24)).astype(np.float32)
    ends = (40.0, 160.0) if scale == "window" else (0.5, 99.5)
    plan = Input("image", size=(24, 24), values=Values(scale=scale, low=ends[0], high=ends[1]))
    like = replace(plan, values=scale_of(picture, plan.values))
    np.testing.assert_allclose(prepare(picture, like)[0], prepare(picture, plan)[0], atol=1e-6)
    # what is 30 darker stays darker, where a scale of its own would lift it again
    darker = prepare(picture - 30, like)[0]
    assert float(darker.mean()) < float(prepare(picture, plan)[0].mean()) - 0.1
