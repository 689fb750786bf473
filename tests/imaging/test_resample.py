"""Changing the size keeps things where they are and invents nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.imaging.resample import resize_image, resize_mask


def test_shrinking_averages_all_pixels() -> None:
    picture = np.random.default_rng(1).random((60, 40)).astype(np.float32)
    small = resize_image(picture, (6, 4))
    np.testing.assert_allclose(small, picture.reshape(6, 10, 4, 10).mean(axis=(1, 3)), atol=1e-6)


def test_growing_is_linear_between_pixel_centres() -> None:
    line = np.array([[0.0, 10.0]], np.float32)
    np.testing.assert_allclose(resize_image(line, (1, 4))[0], [0, 2.5, 7.5, 10], atol=1e-5)


def test_one_axis_may_shrink_while_the_other_grows() -> None:
    picture = np.random.default_rng(1).random((40, 10)).astype(np.float32)
    small = picture.reshape(10, 4, 10).mean(axis=1)
    np.testing.assert_allclose(resize_image(picture, (10, 20)), resize_image(small, (10, 20)), atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 70), st.integers(1, 70))
def test_a_flat_picture_stays_flat_at_any_size(rows: int, columns: int, high: int, wide: int) -> None:
    sized = resize_image(np.full((rows, columns), 7.0, np.float32), (high, wide))
    assert sized.shape == (high, wide)
    np.testing.assert_allclose(sized, 7, atol=1e-4)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16, np.float32])
def test_the_type_stays(kind: type) -> None:
    assert resize_image(np.ones((9, 9), kind), (4, 20)).dtype == kind


def test_three_channels_stay_three() -> None:
    assert resize_image(np.zeros((9, 9, 3), np.uint8), (4, 20)).shape == (4, 20, 3)


@settings(max_examples=60, deadline=None)
@given(st.integers(4, 60), st.integers(4, 60), st.integers(4, 120), st.integers(4, 120))
def test_a_mask_gets_no_new_values_and_does_not_move(rows: int, columns: int, high: int, wide: int) -> None:
    mask = np.zeros((rows, columns), np.uint8)
    mask[:, columns // 2 :] = 3
    sized = resize_mask(mask, (high, wide))
    assert set(np.unique(sized)) <= {0, 3}
    edge, wanted = (sized[0] > 0).argmax() / wide, (columns // 2) / columns
    assert abs(edge - wanted) <= 0.5 / wide + 1e-9
