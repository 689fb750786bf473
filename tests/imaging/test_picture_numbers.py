"""What an enhancement did in numbers, beside scikit-image and plain arithmetic."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import measure as skimage_measure
from skimage import metrics, restoration

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Plane
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.against import Side
from medviewer.imaging.enhance.apply import enhance
from medviewer.imaging.grayscale import normalised
from medviewer.imaging.measure import measure
from medviewer.imaging.numbers import clipped, contrast_to_noise, entropy, numbers, regions
from medviewer.imaging.region import Made, Statistics
from medviewer.imaging.render import render
from medviewer.imaging.request import RenderRequest
from medviewer.kit.errors import BadValue, Cancelled
from medviewer.kit.task import CancelToken, TaskContext

HU = Rescale(1.0, -1024.0, unit="HU")
SOFT = VOI(40, 400)
SIZE = (96, 120)
GAUSSIAN = Pipeline((Step.of("gaussian", {"radius_px": 1.5}),))
GAMMA = Pipeline((Step.of("gamma", {"exponent": 0.6}),))
NOTHING = Pipeline()
LINES = Pipeline((Step.of("hough_lines", {}),))
ONE = (Shape.RECTANGLE, ((10.0, 10.0), (40.0, 40.0)))
TWO = (Shape.ELLIPSE, ((50.0, 60.0), (80.0, 110.0)))


def ct(padded: bool = False) -> Frame:
    """Noise of 25 HU on two tissues; the left columns are padding where that is wanted."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    values = np.where(rows + columns > 100, 90, -20) + np.random.default_rng(3).normal(0, 25, SIZE)
    stored = (values + 1024).round().astype(np.int16)
    if padded:
        stored[:, :20] = -2000
    padding = (-2000, -2000) if padded else None
    return Frame(read_only(stored), Plane(SIZE, frame_of_reference="f"), HU, padding)


def side(frame: Frame, pipeline: Pipeline = NOTHING, voi: VOI = SOFT) -> Side:
    made = enhance(frame, voi, pipeline) if pipeline.active else None
    return Side(frame, RenderRequest("s", 0, voi, pipeline), made)


def greys(values: np.ndarray, voi: VOI = SOFT) -> np.ndarray:
    return normalised(values.astype(np.float64), voi)


class TestOnePicture:
    @given(st.integers(0, 10_000))
    @settings(max_examples=15, deadline=None)
    def test_entropy_agrees_with_scikit_image_at_256_greys(self, seed: int) -> None:
        chance = np.random.default_rng(seed)
        image = chance.beta(*chance.uniform(0.2, 5, 2), (30, 40)).astype(np.float32)
        levels = np.floor(image * np.float32(255) + np.float32(0.5))
        assert entropy(image) == pytest.approx(skimage_measure.shannon_entropy(levels), abs=1e-9)

    def test_entropy_goes_from_nothing_to_eight_bits_and_leaves_padding_out(self) -> None:
        every = np.arange(256, dtype=np.float32).reshape(16, 16) / 255
        assert entropy(every) == pytest.approx(8)
        assert entropy(np.full((9, 9), 0.4, np.float32)) == 0
        half = every < 0.5
        assert entropy(every, half) == pytest.approx(7)
        assert entropy(every, np.zeros_like(half)) == 0

    def test_clipped_pixels_are_those_at_the_very_ends(self) -> None:
        image = np.array([[0, 0, 1e-4, 0.5], [1 - 1e-4, 1, 0.2, 0.3]], np.float32)
        assert clipped(image) == (2 / 8, 1 / 8)
        valid = np.array([[False, True, True, True]] * 2)
        assert clipped(image, valid) == (1 / 6, 1 / 6)

    def test_the_clipped_pixels_of_a_window_are_the_values_beyond_it(self) -> None:
        frame = ct(padded=True)
        values = frame.values()[:, 20:]
        found = numbers(side(frame), None).before
        # PS3.3 C.11.2.1.2: black up to c - 0.5 - (w - 1) / 2, white above c - 0.5 + (w - 1) / 2
        assert found.black == pytest.approx(np.mean(values <= 40 - 0.5 - 399 / 2))
        assert found.white == pytest.approx(np.mean(values >= 40 - 0.5 + 399 / 2))

    def test_noise_agrees_with_scikit_image_in_greys_and_in_hounsfield_units(self) -> None:
        frame = ct()
        found = numbers(side(frame), None).before
        assert found.noise == pytest.approx(restoration.estimate_sigma(greys(frame.values())), rel=1e-4)
        assert found.measured_noise == pytest.approx(restoration.estimate_sigma(frame.values()), rel=1e-4)
        assert found.measured_noise == pytest.approx(25, rel=0.1)

    def test_a_picture_alone_is_compared_with_nothing(self) -> None:
        found = numbers(side(ct()), None)
        assert (found.after, found.ssim, found.psnr, found.rmse) == (None, None, None, None)
        assert found.unit == "HU"


class TestTwoPictures:
    @pytest.mark.parametrize("padded", [False, True])
    def test_modality_values_are_told_in_their_unit_and_agree_with_scikit_image(self, padded: bool) -> None:
        frame = ct(padded)
        first = 20 if padded else 0
        before, after = side(frame), side(frame, GAUSSIAN)
        found = numbers(before, after)
        assert after.enhanced is not None
        values = [frame.values()[:, first:], after.enhanced.values[:, first:]]
        one, two = (greys(part) for part in values)
        assert found.ssim == pytest.approx(
            metrics.structural_similarity(
                one, two, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
            ),
            abs=1e-5,
        )
        assert found.psnr == pytest.approx(metrics.peak_signal_noise_ratio(one, two, data_range=1), abs=1e-3)
        assert found.rmse == pytest.approx(metrics.mean_squared_error(*values) ** 0.5, rel=1e-5)
        assert (found.unit, found.pixels) == ("HU", one.size)
        assert found.after is not None
        assert found.before.measured_noise == pytest.approx(25, rel=0.1)
        assert found.after.measured_noise is not None
        assert found.after.measured_noise < 8

    @pytest.mark.rule("P-31")
    def test_padding_counts_in_nothing(self) -> None:
        frame, whole = ct(padded=True), ct()
        cut = replace(whole, pixels=read_only(whole.pixels[:, 20:].copy()), plane=Plane((96, 100)))
        one, two = numbers(side(frame), side(frame, GAMMA)), numbers(side(cut), side(cut, GAMMA))
        assert one.after is not None
        assert two.after is not None
        assert one.ssim == pytest.approx(two.ssim, abs=1e-6)
        assert one.psnr == pytest.approx(two.psnr, abs=1e-4)
        for left, right in ((one.before, two.before), (one.after, two.after)):
            assert (left.black, left.white) == (right.black, right.white)
            assert left.entropy == pytest.approx(right.entropy)
            assert np.array_equal(left.histogram.counts, right.histogram.counts)

    def test_enhanced_greys_have_no_unit(self) -> None:
        found = numbers(side(ct()), side(ct(), GAMMA))
        assert found.after is not None
        assert (found.unit, found.rmse, found.after.measured_noise) == (None, None, None)
        assert (found.window, found.after.histogram.edges[0], found.after.histogram.edges[-1]) == (
            (0.0, 1.0),
            0,
            1,
        )

    def test_the_histograms_of_both_lie_on_one_axis_with_the_window_on_it(self) -> None:
        found = numbers(side(ct()), side(ct(), GAUSSIAN))
        assert found.after is not None
        assert np.array_equal(found.before.histogram.edges, found.after.histogram.edges)
        assert found.before.histogram.counts.sum() == found.after.histogram.counts.sum() == found.pixels
        assert found.window == (-160, 240)

    def test_what_only_finds_marks_changes_no_number(self) -> None:
        found = numbers(side(ct()), side(ct(), LINES))
        assert found.ssim == pytest.approx(1)
        assert (found.psnr, found.rmse) == (math.inf, 0)

    @pytest.mark.parametrize("pipeline", [GAUSSIAN, GAMMA])
    @pytest.mark.parametrize("inverted", [False, True])
    def test_the_compared_greys_are_those_of_the_screen(self, pipeline: Pipeline, inverted: bool) -> None:
        frame = ct()
        voi = SOFT.with_inversion(inverted)
        found = numbers(side(frame, voi=voi), side(frame, pipeline, voi))
        screens = [render(frame, (), RenderRequest("s", 0, voi, steps)) for steps in (Pipeline(), pipeline)]
        one, two = (screen.pixels / 255 for screen in screens)
        assert found.psnr == pytest.approx(metrics.peak_signal_noise_ratio(one, two, data_range=1), abs=0.05)
        assert found.after is not None
        assert found.after.black <= np.mean(two == 0) + 1e-9
        assert found.after.entropy == pytest.approx(
            skimage_measure.shannon_entropy(screens[1].pixels), abs=1e-3
        )

    def test_colours_are_compared_by_luminance(self) -> None:
        pixels = np.random.default_rng(1).integers(0, 256, (40, 50, 3)).astype(np.uint8)
        frame = Frame(read_only(pixels), Plane((40, 50)))
        same = numbers(side(frame, voi=VOI.unknown()), side(frame, LINES, VOI.unknown()))
        assert same.psnr is not None
        assert same.psnr > 100
        other = numbers(side(frame, voi=VOI.unknown()), side(frame, GAMMA, VOI.unknown()))
        assert other.unit is None
        assert other.ssim is not None
        assert other.ssim < 1

    def test_two_sizes_are_refused(self) -> None:
        small = replace(ct(), pixels=read_only(ct().pixels[:40].copy()), plane=Plane((40, SIZE[1])))
        with pytest.raises(BadValue):
            numbers(side(ct()), side(small))

    def test_it_can_be_stopped(self) -> None:
        token = CancelToken()
        token.cancel()
        with pytest.raises(Cancelled):
            numbers(side(ct()), side(ct(), GAMMA), TaskContext(token))

    def test_a_picture_of_padding_alone_has_numbers_too(self) -> None:
        frame = replace(ct(), pixels=read_only(np.full(SIZE, -2000, np.int16)), padding=(-2000, -2000))
        found = numbers(side(frame), side(frame, GAUSSIAN))
        assert (found.pixels, found.rmse, found.before.entropy, found.before.black) == (0, 0, 0, 0)


class TestRegions:
    def test_contrast_to_noise_is_that_of_plain_arithmetic(self) -> None:
        frame = ct()
        found = regions(side(frame), side(frame, GAUSSIAN), (ONE, TWO))
        masks = [np.zeros(SIZE, bool), np.zeros(SIZE, bool)]
        masks[0][10:41, 10:41] = True
        rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
        masks[1] = ((rows - 65) / 15) ** 2 + ((columns - 85) / 25) ** 2 <= 1 + 1e-9
        made = enhance(frame, SOFT, GAUSSIAN).values
        for values, ratio in zip((frame.values(), made), found.cnr, strict=True):
            one, two = (values[mask].astype(np.float64) for mask in masks)
            expected = abs(one.mean() - two.mean()) / math.sqrt((one.var() + two.var()) / 2)
            assert ratio == pytest.approx(expected, rel=1e-5)
        assert found.cnr[1] > found.cnr[0] > 3  # type: ignore[operator]

    def test_the_first_side_keeps_modality_values_and_the_other_says_what_its_values_are(self) -> None:
        frame = ct()
        signal = regions(side(frame), side(frame, GAUSSIAN), (ONE,))
        shown = regions(side(frame), side(frame, GAMMA), (ONE,))
        units = [[one.unit for one in part if one] for part in (signal.before, signal.after, shown.after)]
        assert units == [["HU"], ["HU"], ["of 1"]]
        assert signal.before == shown.before
        assert shown.cnr == (None, None)

    def test_regions_without_spread_or_pixels_are_not_told_apart_by_chance(self) -> None:
        flat = Statistics(9, 5.0, 0.0, 5, 5, "HU")
        assert contrast_to_noise(flat, flat) is None
        assert contrast_to_noise(flat, replace(flat, mean=7.0)) == math.inf
        assert contrast_to_noise(flat, None) is None
        rounded = replace(flat, mean=5.0 + 1e-8, deviation=1e-9)
        assert contrast_to_noise(flat, rounded) is None


class TestBesideTheValues:
    drawn = Annotation(Shape.RECTANGLE, ((10.0, 10.0, 0.0), (40.0, 30.0, 0.0)), "f")

    @pytest.mark.rule("P-03", "P-53")
    @pytest.mark.parametrize("padded", [False, True])
    @pytest.mark.parametrize("pipeline", [GAUSSIAN, GAMMA])
    def test_what_a_region_measures_stays_what_it_was(self, pipeline: Pipeline, padded: bool) -> None:
        frame = ct(padded)
        plain = measure(self.drawn, frame.plane, frame)
        made = Made(enhance(frame, SOFT, pipeline), "some steps")
        found = measure(self.drawn, frame.plane, frame, made)
        assert found.statistics == plain.statistics
        assert found.text[:-1] == plain.text
        assert found.enhanced is not None
        rows, columns = slice(10, 31), slice(20 if padded else 10, 41)
        values = made.enhanced.values[rows, columns].astype(np.float64)
        assert (found.enhanced.mean, found.enhanced.deviation, found.enhanced.count) == (
            pytest.approx(values.mean(), rel=1e-5),
            pytest.approx(values.std(), rel=1e-5),
            plain.statistics.count if plain.statistics else 0,
        )
        words = found.text[-1]
        assert words.startswith("enhanced ")
        assert words.endswith("HU after some steps" if pipeline is GAUSSIAN else " of 1")

    def test_other_steps_give_other_words_and_no_step_none(self) -> None:
        frame = ct()
        texts = [
            measure(self.drawn, frame.plane, frame, Made(enhance(frame, SOFT, one), "steps")).text[-1]
            for one in (GAUSSIAN, GAMMA, GAUSSIAN)
        ]
        assert texts[0] == texts[2] != texts[1]
        assert measure(self.drawn, frame.plane, frame).enhanced is None

    def test_of_a_colour_picture_it_is_the_luminance(self) -> None:
        pixels = np.random.default_rng(1).integers(0, 256, (*SIZE, 3)).astype(np.uint8)
        frame = Frame(read_only(pixels), Plane(SIZE, frame_of_reference="f"))
        made = enhance(frame, VOI.unknown(), GAMMA)
        found = measure(self.drawn, frame.plane, frame, Made(made, "Gamma"))
        red, green, blue = np.moveaxis(made.values[10:31, 10:41].astype(np.float64), -1, 0)
        luminance = 0.299 * red + 0.587 * green + 0.114 * blue
        assert found.enhanced is not None
        assert found.enhanced.mean == pytest.approx(luminance.mean(), rel=1e-5)
        assert found.enhanced.unit == "of 1"
