"""Histograms, comparisons and sizes beside independent implementations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import metrics

from medviewer.core.geometry import Plane
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging import compare
from medviewer.imaging.compare import psnr, rmse, ssim
from medviewer.imaging.histogram import histogram, histogram_of
from medviewer.imaging.resample import resize_image, resize_mask
from medviewer.kit.errors import BadValue, Cancelled
from medviewer.kit.task import CancelToken, TaskContext

RNG = np.random.default_rng(11)


def frame_of(pixels: np.ndarray, **more: object) -> Frame:
    return Frame(read_only(pixels), Plane(pixels.shape[:2]), **more)  # type: ignore[arg-type]


class TestHistogram:
    @given(st.integers(1, 3000), st.integers(2, 300))
    @settings(max_examples=25)
    def test_it_counts_every_value_once(self, count: int, bins: int) -> None:
        values = np.random.default_rng(count).normal(0, 100, (1, count)).astype(np.float32)
        found = histogram_of(values, None, bins)
        assert found.counts.sum() == count
        expected, edges = np.histogram(values, bins)
        assert np.abs(np.cumsum(found.counts) - np.cumsum(expected)).max() <= 1
        assert found.edges == pytest.approx(edges, rel=1e-5, abs=1e-4)

    @pytest.mark.rule("P-31")
    def test_padding_does_not_count(self) -> None:
        pixels = np.array([[-2000, -2000, 5, 6, 7]], np.int16)
        found = histogram(frame_of(pixels, rescale=Rescale(2, 0), padding=(-2000, -2000)), bins=3)
        assert found.counts.tolist() == [1, 1, 1]
        assert (found.edges[0], found.edges[-1]) == (10, 14)

    def test_values_beyond_the_limits_are_left_out(self) -> None:
        assert histogram_of(np.arange(10, dtype=np.float32), None, 5, (2, 7)).counts.sum() == 6

    def test_a_picture_without_values_has_an_empty_one(self) -> None:
        found = histogram(frame_of(np.full((2, 2), 5, np.int16), padding=(5, 5)), bins=4)
        assert found.counts.tolist() == [0, 0, 0, 0]

    def test_a_picture_of_one_value_has_one_full_bin(self) -> None:
        assert sorted(histogram(frame_of(np.full((2, 2), 5, np.int16)), bins=3).counts.tolist()) == [0, 0, 4]

    def test_colour_is_counted_by_luminance(self) -> None:
        found = histogram(frame_of(np.full((2, 2, 3), 80, np.uint8)), 256, (0, 255))
        assert found.counts[80] == 4


class TestComparing:
    one = RNG.integers(0, 4096, (64, 80)).astype(np.uint16)
    two = (one + RNG.normal(0, 200, one.shape)).clip(0, 4095).astype(np.uint16)

    def test_ssim_agrees_with_scikit_image(self) -> None:
        expected = metrics.structural_similarity(
            self.one,
            self.two,
            data_range=4095,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        assert ssim(self.one, self.two, 4095) == pytest.approx(expected, abs=1e-6)

    def test_psnr_agrees_with_scikit_image(self) -> None:
        expected = metrics.peak_signal_noise_ratio(self.one, self.two, data_range=4095)
        assert psnr(self.one, self.two, 4095) == pytest.approx(expected)

    def test_equal_pictures_are_equal(self) -> None:
        assert ssim(self.one, self.one, 4095) == pytest.approx(1)
        assert psnr(self.one, self.one, 4095) == math.inf

    def test_a_picture_smaller_than_the_window_can_be_compared(self) -> None:
        assert ssim(self.one[:5, :5], self.one[:5, :5], 4095) == pytest.approx(1)

    def test_the_error_agrees_with_scikit_image(self) -> None:
        expected = metrics.mean_squared_error(self.one, self.two) ** 0.5
        assert rmse(self.one, self.two) == pytest.approx(expected)

    def test_what_is_no_picture_is_left_out(self) -> None:
        valid = np.ones(self.one.shape, bool)
        valid[:, :30] = False
        other = np.where(valid, self.two, 0)
        assert rmse(self.one, other, valid) == pytest.approx(rmse(self.one[:, 30:], self.two[:, 30:]))
        assert psnr(self.one, other, 4095, valid) == pytest.approx(
            psnr(self.one[:, 30:], self.two[:, 30:], 4095)
        )
        assert ssim(self.one, other, 4095, valid) == pytest.approx(
            ssim(self.one[:, 30:], self.two[:, 30:], 4095)
        )

    def test_a_large_picture_in_strips_has_the_similarity_of_the_whole(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = ssim(self.one, self.two, 4095)
        monkeypatch.setattr(compare, "PART_PX", 80 * 7)
        assert ssim(self.one, self.two, 4095) == pytest.approx(whole, rel=1e-12)

    def test_it_can_be_stopped(self) -> None:
        token = CancelToken()
        token.cancel()
        with pytest.raises(Cancelled):
            ssim(self.one, self.two, 4095, context=TaskContext(token))

    def test_other_sizes_are_refused(self) -> None:
        with pytest.raises(BadValue):
            rmse(self.one, self.one[1:])
        with pytest.raises(BadValue):
            ssim(np.zeros((9, 9, 3)), np.zeros((9, 9, 3)), 1)


class TestSizes:
    def test_reducing_averages_areas(self) -> None:
        image = RNG.random((40, 60)).astype(np.float32)
        expected = image.reshape(10, 4, 20, 3).mean(axis=(1, 3))
        assert resize_image(image, (10, 20)) == pytest.approx(expected, abs=1e-6)

    def test_enlarging_interpolates_between_pixel_centres(self) -> None:
        image = np.array([[0.0, 10.0]], np.float32)
        assert resize_image(image, (1, 4)).tolist() == [[0, 2.5, 7.5, 10]]

    def test_one_axis_may_shrink_while_the_other_grows(self) -> None:
        image = np.array([[0.0, 4.0], [4.0, 8.0]], np.float32)
        assert resize_image(image, (1, 4)).tolist() == [[2, 3, 5, 6]]

    @pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "int32", "float64", "float32"])
    @pytest.mark.parametrize("shape", [(6, 8), (6, 8, 3), (6, 8, 1)])
    def test_every_kind_of_picture_can_be_resized(self, dtype: str, shape: tuple[int, ...]) -> None:
        image = RNG.integers(0, 100, shape).astype(dtype)
        for size in ((3, 4), (12, 16), (3, 16), (6, 8)):
            resized = resize_image(image, size)
            assert resized.shape == (*size, *shape[2:])
            assert resized.dtype == (np.float32 if dtype == "int32" else image.dtype)

    def test_a_mask_never_gets_a_value_it_did_not_have(self) -> None:
        mask = RNG.choice(np.array([0, 3, 200], np.uint8), (13, 17))
        assert set(np.unique(resize_mask(mask, (40, 31)))) <= {0, 3, 200}
        assert resize_mask(mask > 0, (5, 5)).dtype == bool

    def test_a_mask_doubled_repeats_each_pixel(self) -> None:
        mask = RNG.integers(0, 4, (7, 9)).astype(np.uint8)
        assert np.array_equal(resize_mask(mask, (14, 18)), mask.repeat(2, 0).repeat(2, 1))
