"""Curves and histogram matching, beside scikit-image and plain versions."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from scipy import ndimage
from skimage import exposure

from medviewer.imaging.enhance.matching import NEIGHBOURS, QUANTILES, curve_of, greys_of, told
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.errors import BadValue, Cancelled
from medviewer.kit.task import CancelToken, TaskContext

RAMP = np.linspace(0, 1, 101, dtype=np.float32)[None]


def done(name: str, image: np.ndarray, **values: object) -> np.ndarray:
    return ENHANCEMENTS[name](image, **values)  # type: ignore[arg-type]


def coarse(size: int = 60, greys: int = 15, seed: int = 0) -> np.ndarray:
    """A picture of few greys, in which many pixels are equal."""
    rng = np.random.default_rng(seed)
    smooth = ndimage.gaussian_filter(rng.random((size, size)), 2)
    smooth = (smooth - smooth.min()) / np.ptp(smooth)
    return (np.rint(smooth * greys) / greys).astype(np.float32)


class TestCurves:
    def test_the_s_curve_is_that_of_scikit_image_stretched_to_black_and_white(self) -> None:
        plain = exposure.adjust_sigmoid(RAMP, cutoff=0.4, gain=8)
        expected = (plain - plain.min()) / (plain.max() - plain.min())
        assert done("sigmoid", RAMP, centre=0.4, gain=8.0) == pytest.approx(expected, abs=1e-5)

    def test_the_logarithm_agrees_with_scikit_image(self) -> None:
        # which takes the logarithm to the base of 2 of 1 + x
        assert done("log", RAMP, strength=1.0) == pytest.approx(exposure.adjust_log(RAMP), abs=1e-5)

    def test_the_inverse_logarithm_agrees_with_scikit_image(self) -> None:
        expected = exposure.adjust_log(RAMP, inv=True)
        assert done("inverse_log", RAMP, strength=1.0) == pytest.approx(expected, abs=1e-5)

    @pytest.mark.parametrize("strength", [1.0, 20.0, 200.0])
    def test_the_inverse_logarithm_undoes_the_logarithm(self, strength: float) -> None:
        there = done("log", RAMP, strength=strength)
        assert done("inverse_log", there, strength=strength) == pytest.approx(RAMP, abs=1e-5)

    def test_brightness_and_contrast_are_a_line_through_the_middle_grey(self) -> None:
        found = done("brightness", RAMP, brighter=10.0, contrast=2.0)
        assert found == pytest.approx(np.clip((RAMP - 0.5) * 2 + 0.6, 0, 1), abs=1e-6)

    @pytest.mark.parametrize("name", ["inverse_log", "sigmoid", "log", "gamma"])
    def test_black_and_white_stay_and_no_grey_overtakes_another(self, name: str) -> None:
        after = done(name, RAMP)[0]
        assert after[[0, -1]] == pytest.approx([0, 1], abs=1e-6)
        assert (np.diff(after) > 0).all()

    @pytest.mark.rule("P-02")
    def test_nothing_is_pressed_into_256_steps(self) -> None:
        image = np.linspace(0.4, 0.6, 4096, dtype=np.float32).reshape(64, 64)
        for name in ("inverse_log", "sigmoid", "brightness", "match"):
            assert len(np.unique(done(name, image))) > 2000, name

    @pytest.mark.parametrize("dark", [0.0, 2.0, 20.0])
    def test_stretching_agrees_with_scikit_image(self, dark: float) -> None:
        image = np.random.default_rng(0).beta(2, 5, (80, 80)).astype(np.float32)
        low, high = np.percentile(image, (dark, 99))
        expected = exposure.rescale_intensity(image, (low, high), (0, 1))
        assert np.abs(done("stretch", image, dark=dark, bright=1.0) - expected).max() < 2e-3

    def test_equalising_agrees_with_scikit_image(self) -> None:
        image = np.random.default_rng(0).beta(2, 5, (80, 80)).astype(np.float32)
        assert np.abs(done("equalise", image) - exposure.equalize_hist(image, 65_536)).max() < 1e-3


def plainly_matched(image: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """The pixels in the order of the paper, one by one, and the greys given out in this order."""
    # whole numbers, so that nothing is rounded
    whole = np.rint(image.astype(float) * 65_535)
    sums = [ndimage.convolve(whole, part.astype(float), mode="reflect") for part in NEIGHBOURS]
    keys = {at: tuple(float(one[at]) for one in (image, *sums)) for at in np.ndindex(*image.shape)}
    out = np.empty(image.shape)
    for number, at in enumerate(sorted(keys, key=lambda at: keys[at])):
        place = number / (image.size - 1) * (len(quantiles) - 1)
        low = min(int(place), len(quantiles) - 2)
        out[at] = quantiles[low] + (place - low) * (quantiles[low + 1] - quantiles[low])
    return out


class TestMatching:
    def test_it_agrees_with_a_plain_version(self) -> None:
        image, quantiles = coarse(40), np.sort(np.random.default_rng(1).beta(2, 5, 256))
        text = base64.b64encode(np.rint(quantiles * 65_535).astype("<u2").tobytes()).decode()
        found = done("match", image, reference=text, flat_areas="spread")
        assert np.abs(found - plainly_matched(image, greys_of(text))).max() < 1e-6

    def test_the_histogram_is_exactly_that_of_the_reference(self) -> None:
        other = np.random.default_rng(1).beta(2, 5, (50, 70)).astype(np.float32)
        found = done("match", coarse(), reference=curve_of(other), flat_areas="spread")
        levels = np.linspace(0, 1, coarse().size)
        expected = np.interp(levels, np.linspace(0, 1, QUANTILES), greys_of(curve_of(other)))
        assert np.sort(found, axis=None) == pytest.approx(expected, abs=1e-6)
        assert np.quantile(found, levels) == pytest.approx(np.quantile(other, levels), abs=0.02)

    def test_without_a_reference_every_grey_is_used_equally_often(self) -> None:
        found = done("match", coarse(), flat_areas="spread")
        assert np.sort(found, axis=None) == pytest.approx(np.linspace(0, 1, coarse().size), abs=1e-6)

    def test_it_agrees_with_scikit_image_where_no_two_pixels_are_equal(self) -> None:
        rng = np.random.default_rng(2)
        image, other = rng.random((90, 90)).astype(np.float32), rng.beta(2, 5, (90, 90)).astype(np.float32)
        expected = exposure.match_histograms(image, other)
        away = np.abs(done("match", image, reference=curve_of(other)) - expected)
        assert np.quantile(away, 0.995) < 0.002  # among the rarest greys the quantiles lie far apart

    def test_no_grey_overtakes_a_brighter_one(self) -> None:
        image = coarse()
        found = done("match", image, flat_areas="spread")
        for darker, brighter in zip(np.unique(image)[:-1], np.unique(image)[1:], strict=True):
            assert found[image == darker].max() <= found[image == brighter].min()

    def test_a_flat_area_stays_flat_unless_it_is_to_be_spread(self) -> None:
        image = coarse(64)
        image[:30, :30] = 0
        inside = np.s_[2:28, 2:28]
        assert len(np.unique(done("match", image)[inside])) == 1
        assert len(np.unique(done("match", image, flat_areas="spread")[inside])) > 500

    def test_a_black_background_stays_black_and_what_is_burnt_out_white(self) -> None:
        image = np.clip(coarse(64), 0.01, 0.99)
        image[:40], image[60:] = 0, 1
        found = done("match", image)
        assert (found[:37] == 0).all()
        assert (found[63:] == 1).all()

    def test_a_picture_matched_to_itself_stays_as_it_is(self) -> None:
        image = np.random.default_rng(2).random((90, 90)).astype(np.float32)
        assert np.abs(done("match", image, reference=curve_of(image)) - image).max() < 1e-3

    def test_strength_mixes_with_the_picture_as_it_was(self) -> None:
        half = done("match", coarse(), strength=0.5)
        assert half == pytest.approx((coarse() + done("match", coarse())) / 2, abs=1e-6)

    @pytest.mark.rule("P-31", "P-32")
    def test_padding_is_counted_neither_here_nor_in_the_reference(self) -> None:
        image, valid = coarse(), np.zeros((60, 60), bool)
        valid[:, :30] = True
        found = ENHANCEMENTS["match"](image, valid=valid, flat_areas="spread")[valid]
        assert np.sort(found) == pytest.approx(np.linspace(0, 1, found.size), abs=1e-6)
        padded = np.where(valid, image, 1)
        assert curve_of(padded, valid) == curve_of(image[:, :30])

    def test_a_damaged_reference_is_told(self) -> None:
        falling = base64.b64encode(np.array([9, 3], "<u2").tobytes()).decode()
        for wrong in ("nonsense", "AAAA", "QUJD", falling, "ä"):
            with pytest.raises(BadValue, match="reference"):
                done("match", coarse(), reference=wrong)
            assert told(wrong) == "damaged"
        assert told(curve_of(coarse())) == "1024 greys of another picture"
        assert told("") == "all greys equally often"

    def test_it_can_be_stopped(self) -> None:
        token = CancelToken()
        with pytest.raises(Cancelled):
            ENHANCEMENTS["match"](coarse(), context=TaskContext(token, lambda _: token.cancel()))
