"""What the enhancements do, beside independent implementations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from medviewer.core.geometry import Plane
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Stage, enhancement, filled
from medviewer.imaging.render import RenderRequest, enhance, enhanced_key, reduce, render
from medviewer.kit.cache import ByteCache
from medviewer.kit.errors import BadValue, Cancelled
from medviewer.kit.task import CancelToken, TaskContext


def picture(size: int = 96) -> np.ndarray:
    """A smooth phantom with an edge and a little noise, 0..1."""
    rng = np.random.default_rng(7)
    rows, columns = np.mgrid[:size, :size] / size
    disc = ((rows - 0.5) ** 2 + (columns - 0.4) ** 2 < 0.08) * 0.4
    return (0.2 + 0.3 * rows + disc + rng.normal(0, 0.01, (size, size))).clip(0, 1).astype(np.float32)


def done(name: str, image: np.ndarray, **values: object) -> np.ndarray:
    return ENHANCEMENTS[name](image, **values)  # type: ignore[arg-type]


class TestOracles:
    def test_gaussian_agrees_with_scipy(self) -> None:
        oracle = pytest.importorskip("scipy.ndimage").gaussian_filter
        expected = oracle(picture(), 2.0, mode="reflect", truncate=4.0)
        assert np.abs(done("gaussian", picture(), radius_px=2.0) - expected).max() < 1e-4

    def test_median_agrees_with_scipy(self) -> None:
        oracle = pytest.importorskip("scipy.ndimage").median_filter
        assert np.array_equal(done("median", picture(), radius_px=2), oracle(picture(), 5, mode="nearest"))

    @pytest.mark.parametrize("name", ["sobel", "scharr"])
    def test_gradients_agree_with_scikit_image(self, name: str) -> None:
        oracle: Callable[[np.ndarray], np.ndarray] = getattr(pytest.importorskip("skimage.filters"), name)
        # scikit-image divides by the square root of 2
        expected = oracle(picture()) * np.sqrt(2)
        found = done(name, picture(), gain=1.0)
        assert np.abs(found - expected)[1:-1, 1:-1].max() < 1e-5

    def test_equalising_agrees_with_ranks(self) -> None:
        image = np.random.default_rng(0).beta(2, 5, (80, 80)).astype(np.float32)
        ranks = np.argsort(np.argsort(image, axis=None)).reshape(image.shape) / (image.size - 1)
        assert np.abs(done("equalise", image) - ranks).max() < 0.01

    @pytest.mark.parametrize("limit", [1.0, 2.0, 4.0])
    def test_clahe_agrees_with_the_one_for_8_bits_of_opencv(self, limit: float) -> None:
        grey8 = np.rint(picture(512) * 255).astype(np.uint8)
        expected = cv2.createCLAHE(limit, (4, 4)).apply(grey8)
        found = done("clahe", grey8 / np.float32(255), tiles=4, clip_limit=limit) * 255
        # OpenCV takes the upper edge of a bin and gives what remains of the excess to the first ones
        assert np.abs(found - expected).mean() < (limit + 1) / 2 + 0.5
        assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.999

    def test_the_limit_of_clahe_limits_noise_at_any_depth(self) -> None:
        noise = np.random.default_rng(0).normal(0.5, 0.005, (128, 128)).astype(np.float32)
        spreads = [done("clahe", noise, tiles=4, clip_limit=limit).std() for limit in (1.0, 2.0, 4.0)]
        assert spreads[0] < 2 * noise.std()
        assert spreads[0] * 1.3 < spreads[1]
        assert spreads[1] * 1.3 < spreads[2]

    def test_unsharp_agrees_with_scikit_image(self) -> None:
        oracle = pytest.importorskip("skimage.filters").unsharp_mask
        expected = oracle(picture(), radius=2.0, amount=1.5, preserve_range=True)
        found = done("unsharp", picture(), radius_px=2.0, amount=1.5)
        assert np.abs(found - expected)[10:-10, 10:-10].max() < 1e-3

    def test_canny_finds_what_scikit_image_finds(self) -> None:
        feature = pytest.importorskip("skimage.feature")
        expected = feature.canny(picture(), sigma=2.0)
        found = done("canny", picture(), smoothing_px=2.0, low=0.02, high=0.05) > 0
        near = pytest.importorskip("scipy.ndimage").binary_dilation(found, iterations=2)
        assert near[expected].mean() > 0.95

    def test_bilateral_agrees_with_a_plain_loop(self) -> None:
        image = picture(24) * 100
        low, high = np.percentile(image, (1, 99))
        found = done("bilateral", image, radius_px=2, difference=10.0)
        row, column, spread = 12, 10, (high - low) * 0.1
        total = weight = 0.0
        for down in range(-2, 3):
            for right in range(-2, 3):
                if down**2 + right**2 <= 4:
                    other = float(image[row + down, column + right])
                    away = np.exp(-(down**2 + right**2) / 2) * np.exp(
                        -((other - image[row, column]) ** 2) / (2 * spread**2)
                    )
                    total, weight = total + away * other, weight + away
        assert found[row, column] == pytest.approx(total / weight, rel=1e-3)


class TestContrast:
    def test_gamma_is_a_power_and_keeps_both_ends(self) -> None:
        image = np.linspace(0, 1, 11, dtype=np.float32)[None]
        assert done("gamma", image, exponent=2.0) == pytest.approx(image**2, abs=1e-6)

    def test_the_logarithm_keeps_both_ends_and_order(self) -> None:
        image = np.linspace(0, 1, 11, dtype=np.float32)[None]
        after = done("log", image, strength=50.0)
        assert after[0, [0, -1]] == pytest.approx([0, 1], abs=1e-6)
        assert (np.diff(after[0]) > 0).all()

    def test_stretching_reaches_black_and_white(self) -> None:
        after = done("stretch", picture(), dark=5.0, bright=5.0)
        assert (after == 0).mean() == pytest.approx(0.05, abs=0.01)
        assert (after == 1).mean() == pytest.approx(0.05, abs=0.01)

    @pytest.mark.rule("P-02")
    def test_nothing_is_pressed_into_256_steps(self) -> None:
        image = np.linspace(0.4, 0.6, 4096, dtype=np.float32).reshape(64, 64)
        for name in ("equalise", "clahe", "gamma", "log", "stretch"):
            assert len(np.unique(done(name, image))) > 2000, name

    @pytest.mark.rule("P-31", "P-32")
    def test_clahe_of_a_padded_picture_is_that_of_the_picture_alone(self) -> None:
        image = picture(64)
        beside = np.full((64, 128), 0.9, np.float32)
        beside[:, :64] = image
        valid = np.zeros(beside.shape, bool)
        valid[:, :64] = True
        masked = ENHANCEMENTS["clahe"](beside, valid=valid, tiles=2)
        open_eyed = ENHANCEMENTS["clahe"](beside, tiles=2)
        # only the right half of the picture looks towards the tiles that are padding
        assert np.array_equal(masked[:, :32], open_eyed[:, :32])
        assert np.abs(masked[:, 48:64] - open_eyed[:, 48:64]).max() > 0.01


@pytest.mark.rule("P-31", "P-32")
class TestPadding:
    def test_it_is_filled_from_the_nearest_pixel(self) -> None:
        image = np.array([[1, 2, 9, 9], [3, 4, 9, 9]], np.float32)
        valid = np.array([[1, 1, 0, 0], [1, 1, 0, 0]], bool)
        assert filled(image, valid).tolist() == [[1, 2, 2, 2], [3, 4, 4, 4]]

    def test_a_ring_around_a_scan_makes_no_edge(self) -> None:
        image = np.full((40, 40), 0.5, np.float32)
        image[:10] = 0.0
        valid = image > 0
        assert ENHANCEMENTS["sobel"](image, valid=valid)[valid].max() == 0


def frame_of(pixels: np.ndarray, **more: object) -> Frame:
    return Frame(read_only(pixels), Plane(pixels.shape[:2]), **more)  # type: ignore[arg-type]


STORED = (picture() * 4000).astype(np.int16)
CT = frame_of(STORED, rescale=Rescale(1, -1024, unit="HU"))
WINDOW = VOI(500, 2000)


def steps(*names: str) -> Pipeline:
    return Pipeline(tuple(Step.of(name) for name in names))


class TestPipelines:
    @pytest.mark.rule("P-01")
    def test_a_signal_step_works_on_modality_values_before_the_window(self) -> None:
        found = enhance(CT, WINDOW, steps("gaussian"))
        assert not found.displayed
        assert found.values.mean() == pytest.approx(STORED.mean() - 1024, abs=1)

    @pytest.mark.rule("P-01")
    def test_a_display_step_works_on_what_is_seen(self) -> None:
        dark = enhance(CT, WINDOW, steps("gamma"))
        negative = enhance(replace(CT, inverted=True), WINDOW, steps("gamma"))
        assert dark.displayed
        untouched = render(replace(CT, inverted=True), (), RenderRequest("s", 0, WINDOW)).pixels / 255
        assert np.abs(negative.values - untouched**0.7).max() < 0.03

    def test_dragging_the_window_repeats_no_signal_step(self) -> None:
        assert enhanced_key(CT, WINDOW, steps("median")) == enhanced_key(CT, VOI(1, 2), steps("median"))
        assert enhanced_key(CT, WINDOW, steps("gamma")) != enhanced_key(CT, VOI(1, 2), steps("gamma"))
        assert enhanced_key(CT, WINDOW, steps("gamma")) == enhanced_key(
            CT, replace(WINDOW, inverted=True), steps("gamma")
        )

    def test_a_step_that_does_nothing_changes_no_grey(self) -> None:
        nothing = Pipeline((Step.of("unsharp", {"amount": 0.0}), Step.of("gamma", {"exponent": 1.0})))
        for frame in (CT, replace(CT, inverted=True), replace(CT, padding=(800, 900))):
            for users in (False, True):
                voi = replace(WINDOW, inverted=users)
                plain = render(frame, (), RenderRequest("s", 0, voi)).pixels.astype(int)
                through = render(frame, (), RenderRequest("s", 0, voi, nothing)).pixels
                assert np.abs(plain - through).max() <= 1

    def test_a_step_that_is_off_is_skipped(self) -> None:
        off = Pipeline((Step.of("gamma", on=False),))
        plain = render(CT, (), RenderRequest("s", 0, WINDOW)).pixels
        assert np.array_equal(render(CT, (), RenderRequest("s", 0, WINDOW, off)).pixels, plain)

    @pytest.mark.rule("P-25")
    def test_the_readers_inversion_comes_last(self) -> None:
        seen = render(CT, (), RenderRequest("s", 0, WINDOW, steps("gamma"))).pixels
        turned = render(CT, (), RenderRequest("s", 0, replace(WINDOW, inverted=True), steps("gamma"))).pixels
        assert np.array_equal(255 - seen, turned)

    def test_what_was_kept_of_the_first_steps_is_used_again(self) -> None:
        cache: ByteCache[object, np.ndarray] = ByteCache(10**8)
        calls: list[float] = []
        _count_calls(calls)
        try:
            pipeline = Pipeline((Step.of("counted"), Step.of("gamma")))
            enhance(CT, WINDOW, pipeline, cache=cache, key="frame")  # type: ignore[arg-type]
            changed = pipeline.replaced(1, Step.of("gamma", {"exponent": 2.0}))
            kept = enhance(CT, WINDOW, changed, cache=cache, key="frame")  # type: ignore[arg-type]
            assert len(calls) == 1
            enhance(CT, WINDOW, changed, cache=cache, key="another frame")  # type: ignore[arg-type]
            assert len(calls) == 2
            assert np.array_equal(kept.values, enhance(CT, WINDOW, changed).values)
        finally:
            ENHANCEMENTS._items.pop("counted")

    def test_it_can_be_cancelled_between_steps(self) -> None:
        token = CancelToken()
        told: list[str] = []

        def tell(progress: object) -> None:
            told.append(str(progress))
            token.cancel()

        with pytest.raises(Cancelled):
            enhance(CT, WINDOW, steps("gamma", "clahe"), TaskContext(token, tell))
        assert len(told) == 1

    def test_an_operation_nobody_knows_is_named(self) -> None:
        with pytest.raises(BadValue, match="gama"):
            enhance(CT, WINDOW, steps("gama"))

    def test_colour_keeps_its_colour(self) -> None:
        rng = np.random.default_rng(0)
        pixels = rng.integers(60, 180, (32, 32, 3)).astype(np.uint8)
        frame = frame_of(pixels)
        after = render(frame, (), RenderRequest("s", 0, VOI.unknown(), steps("gamma"))).pixels.astype(int)
        before = pixels.astype(int)
        assert after.mean() > before.mean()
        assert np.abs((after - after[..., :1]) - (before - before[..., :1])).max() <= 2

    def test_non_numbers_spread_nowhere(self) -> None:
        values = picture().astype(np.float32).copy()
        values[10, 10] = np.nan
        frame = frame_of(values)
        shown = render(frame, (), RenderRequest("s", 0, VOI.from_range(0, 1), steps("gaussian"))).pixels
        assert shown[10, 10] == 0
        assert shown[9, 9] > 0

    def test_an_enhanced_picture_can_be_reduced_once(self) -> None:
        enhanced = enhance(CT, WINDOW, steps("clahe"))
        request = RenderRequest("s", 0, WINDOW, steps("clahe"), size=(40, 40))
        reduced = reduce(CT, request, enhanced)
        once = render(CT, (), request, enhanced, reduced)
        assert np.array_equal(once.pixels, render(CT, (), request).pixels)


def _count_calls(calls: list[float]) -> None:
    @enhancement("Counted", group="Test", stage=Stage.SIGNAL)
    def counted(image: np.ndarray) -> np.ndarray:
        """Count."""
        calls.append(1)
        return image
