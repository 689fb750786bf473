"""Background, details of every size, and morphology, beside SciPy, scikit-image and plain versions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from skimage import morphology

import medviewer.imaging.enhance.apply  # noqa: F401 - the operations declare themselves on import
from medviewer.imaging.enhance.background import smooth_background
from medviewer.imaging.enhance.multiscale import through_pyramid
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.errors import Cancelled
from medviewer.kit.params import Value
from medviewer.kit.task import CancelToken, TaskContext


def values(rows: int = 121, columns: int = 90) -> np.ndarray:
    """Modality values from -1000 to 2000: blobs of several sizes, a slope, noise."""
    rng = np.random.default_rng(5)
    smooth = ndimage.gaussian_filter(rng.normal(0, 1, (rows, columns)), 4) * 4000
    slope = np.linspace(-500, 500, columns)
    return (smooth + slope + rng.normal(0, 20, (rows, columns))).clip(-1000, 2000).astype(np.float32)


def done(name: str, image: np.ndarray, **given: Value) -> np.ndarray:
    return ENHANCEMENTS[name](image, **given)


class TestMorphology:
    @pytest.mark.parametrize("shape", ["disc", "square"])
    @pytest.mark.parametrize("radius", [1, 4, 11])
    def test_it_agrees_with_scipy(self, shape: str, radius: int) -> None:
        image = values()
        side = 2 * radius + 1
        held = morphology.disk(radius) if shape == "disc" else np.ones((side, side), np.uint8)
        asked: dict[str, Value] = {"radius_px": radius, "shape": shape}
        assert np.array_equal(done("opening", image, **asked), ndimage.grey_opening(image, footprint=held))
        assert np.array_equal(done("closing", image, **asked), ndimage.grey_closing(image, footprint=held))
        white, black = (done(name, image, **asked, show="alone") for name in ("tophat", "blackhat"))
        assert np.array_equal(white, ndimage.white_tophat(image, footprint=held))
        assert np.array_equal(black, ndimage.black_tophat(image, footprint=held))
        greys = (image + 1000) / 3000
        steep = ndimage.morphological_gradient(greys, footprint=held)
        found = done("morphological_gradient", greys, **asked, gain=1.0)
        assert np.abs(found - steep.clip(0, 1)).max() < 1e-6

    def test_opening_agrees_with_scikit_image(self) -> None:
        expected = morphology.opening(values(), morphology.disk(3))
        assert np.array_equal(done("opening", values(), radius_px=3), expected)

    def test_a_picture_in_strips_is_that_of_the_whole(self) -> None:
        tall = np.tile(values(), (12, 8))
        assert tall.size > 2 * 400_000
        expected = ndimage.grey_opening(tall, footprint=morphology.disk(3))
        assert np.array_equal(done("opening", tall, radius_px=3), expected)

    def test_top_hats_make_details_stronger(self) -> None:
        image = values()
        bright, dark = done("tophat", image), done("blackhat", image)
        assert (bright >= image).all()
        assert (dark <= image).all()
        assert bright.max() > image.max()


class TestBackground:
    def test_it_agrees_with_a_wide_gaussian_of_scipy(self) -> None:
        image = values(500, 700)
        expected = ndimage.gaussian_filter(image.astype(np.float64), 70, mode="reflect")
        assert np.abs(smooth_background(image, None, 0.1) - expected).max() < 0.01 * np.ptp(image)

    def test_without_details_nothing_is_left_of_a_slope(self) -> None:
        slope = np.linspace(100, 300, 300, dtype=np.float32) * np.ones((200, 1), np.float32)
        flat = done("flatten", slope, radius=10.0, strength=1.0)
        assert np.ptp(flat[:, 60:-60]) < 0.1 * np.ptp(slope[:, 60:-60])
        assert flat.mean() == pytest.approx(slope.mean(), rel=1e-3)

    def test_dividing_makes_details_under_shade_as_strong_as_others(self) -> None:
        rng = np.random.default_rng(2)
        shade = np.linspace(0.3, 1.0, 400, dtype=np.float32)
        image = (1000 + rng.normal(0, 50, (300, 400)).astype(np.float32)) * shade
        image[:5, :5] = 0  # a detector without signal: where counting begins
        image[:40, :40] = 0
        flat = done("flatten", image, radius=6.0, strength=1.0, way="divide")
        before, after = (one[60:, 60:110].std() / one[60:, 300:350].std() for one in (image, flat))
        assert before < 0.7
        assert after == pytest.approx(1, abs=0.15)

    def test_padding_is_not_averaged(self) -> None:
        image = np.full((120, 160), 500, np.float32)
        image[:, :60] = -3000
        valid = image > 0
        assert smooth_background(image, valid, 0.1)[valid] == pytest.approx(500, abs=1)


class TestMultiScale:
    @pytest.mark.parametrize("shape", [(64, 64), (97, 131), (33, 258), (9, 9), (1, 300), (5, 2)])
    def test_a_pyramid_with_nothing_changed_is_the_picture(self, shape: tuple[int, int]) -> None:
        image = values(*shape)
        found = through_pyramid(image, lambda detail: detail, np.float32(1))
        assert np.abs(found - image).max() < 1e-3

    def test_without_strength_the_picture_comes_back(self) -> None:
        assert np.array_equal(done("multiscale", values(), strength=0.0, coarse=0.0), values())

    def test_faint_details_gain_more_than_strong_ones(self) -> None:
        down, across = np.mgrid[:256, :256]
        image = np.where(across < 128, 0, 1000).astype(np.float32)
        image += 10 * np.sin(down / 3, dtype=np.float32)
        after = done("multiscale", image, strength=0.5)
        faint = after[:, 40:80].std() / image[:, 40:80].std()
        strong = (after[:, 150:].mean() - after[:, :100].mean()) / 1000
        assert faint > 1.5 * strong

    def test_the_window_still_fits(self) -> None:
        image = values(300, 300)
        after = done("multiscale", image, strength=0.8)
        assert np.percentile(after, (0.5, 99.5)) == pytest.approx(np.percentile(image, (0.5, 99.5)), abs=20)

    def test_noise_is_not_raised_without_end(self) -> None:
        rng = np.random.default_rng(1)
        image = np.linspace(0, 1000, 256, dtype=np.float32) + rng.normal(0, 1, (256, 256)).astype(np.float32)
        spreads = [
            ndimage.gaussian_laplace(done("multiscale", image, strength=0.8, noise=noise), 1).std()
            for noise in (0.05, 5.0)
        ]
        assert spreads[0] > 2 * spreads[1]


@pytest.mark.parametrize(
    "name", ["opening", "multiscale", "frangi", "sato", "gabor", "entropy", "laplacian_of_gaussian"]
)
def test_what_is_slow_can_be_stopped_in_the_middle(name: str) -> None:
    token = CancelToken()
    image = np.tile(values(), (12, 8)) / 4000 + np.float32(0.5)
    told: list[object] = []

    def tell(progress: object) -> None:
        told.append(progress)
        token.cancel()

    if name == "multiscale":
        token.cancel()
    with pytest.raises(Cancelled):
        ENHANCEMENTS[name](image, context=TaskContext(token, tell))
    assert len(told) <= 1
