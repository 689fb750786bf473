"""Ridges, stripes, bends and variety of greys, beside SciPy and scikit-image."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import ndimage
from skimage import filters
from skimage.filters import rank

import medviewer.imaging.enhance.apply  # noqa: F401 - the operations declare themselves on import
from medviewer.imaging.enhance.entropy import bits_around
from medviewer.imaging.enhance.gabor import gabor_kernels, gabor_response
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.params import Value


def picture(rows: int = 90, columns: int = 113) -> np.ndarray:
    """Bright and dark lines of several widths on a slope, with a little noise, 0..1."""
    rng = np.random.default_rng(11)
    down, across = np.mgrid[:rows, :columns].astype(np.float64)
    lines = [(0.6, 0.2, 20, 1.0, 0.4), (-0.3, 1.0, 50, 2.5, 0.3), (1.0, 0.5, 80, 2.0, -0.3)]
    image = 0.4 + 0.1 * across / columns + rng.normal(0, 0.01, (rows, columns))
    for vertical, horizontal, away, width, height in lines:
        distance = (vertical * down + horizontal * across - away) / math.hypot(vertical, horizontal)
        image += height * np.exp(-0.5 * (distance / width) ** 2)
    return image.clip(0, 1).astype(np.float32)


def done(name: str, image: np.ndarray, **values: Value) -> np.ndarray:
    return ENHANCEMENTS[name](image, **values)


class TestRidges:
    @pytest.mark.parametrize(("lines", "is_black"), [("bright", False), ("dark", True)])
    def test_vesselness_agrees_with_scikit_image(self, lines: str, is_black: bool) -> None:
        widths = {"narrowest_px": 1.0, "widest_px": 3.0, "scales": 3}
        expected = filters.frangi(picture().astype(np.float64), sigmas=[1, 2, 3], black_ridges=is_black)
        found = done("frangi", picture(), lines=lines, roundness=0.5, structure=0.5, **widths)
        assert np.abs(found - expected).max() < 1e-3
        assert expected.max() > 0.3

    def test_vesselness_of_a_picture_in_strips_is_that_of_the_whole(self) -> None:
        tall = np.tile(picture(), (12, 8))
        expected = filters.frangi(tall.astype(np.float64), sigmas=[1.5], black_ridges=False)
        found = done("frangi", tall, narrowest_px=1.5, scales=1, roundness=0.5, structure=0.5)
        assert tall.size > 2 * 400_000
        assert np.abs(found - expected).max() < 1e-3

    def test_lines_after_sato_agree_with_scikit_image(self) -> None:
        expected = filters.sato(picture().astype(np.float64), sigmas=[1, 2, 3], black_ridges=False)
        found = done("sato", picture(), narrowest_px=1.0, widest_px=3.0, scales=3)
        top = found < 1
        factor = (expected[top] * found[top]).sum() / (found[top] ** 2).sum()
        assert np.abs(found * factor - expected)[top].max() < 1e-3 * expected.max()

    def test_a_bright_line_is_found_and_a_dark_one_is_not(self) -> None:
        image = np.full((60, 60), 0.5, np.float32)
        image[:, 20:23], image[:, 40:43] = 0.8, 0.2
        for name in ("frangi", "sato"):
            bright, dark = (done(name, image, lines=way)[30] for way in ("bright", "dark"))
            assert bright[21] > 0.5 > 0.05 > bright[41], name
            assert dark[41] > 0.5 > 0.05 > dark[21], name


class TestStripes:
    @pytest.mark.parametrize("angle", [0.0, 0.4, math.pi / 2, 2.5])
    @pytest.mark.parametrize("bandwidth", [1.0, 1.7])
    def test_every_kernel_agrees_with_scikit_image(self, angle: float, bandwidth: float) -> None:
        image = picture()
        real, imaginary = filters.gabor(image.astype(np.float64), 0.15, angle, bandwidth, mode="reflect")
        even, odd = gabor_response(image, gabor_kernels(0.15, angle, bandwidth))
        assert np.abs(even - real).max() < 1e-5
        assert np.abs(np.abs(odd) - np.abs(imaginary)).max() < 1e-5

    def test_the_strongest_of_all_directions_is_taken(self) -> None:
        image = picture()
        answers = [
            np.hypot(*filters.gabor(image.astype(np.float64), 1 / 8, math.pi * number / 4, mode="reflect"))
            for number in range(4)
        ]
        found = done("gabor", image, wavelength_px=8.0, directions=4, gain=1.0, bandwidth=1.0)
        assert np.abs(found - np.clip(4 * np.max(answers, 0), 0, 1)).max() < 1e-4

    def test_stripes_from_black_to_white_are_white_at_a_gain_of_one(self) -> None:
        stripes = (0.5 + 0.5 * np.cos(2 * np.pi * np.arange(80) / 8) * np.ones((80, 1))).astype(np.float32)
        assert done("gabor", stripes, wavelength_px=8.0, gain=1.0)[40, 40] == pytest.approx(1.0, abs=0.02)


class TestEntropy:
    @pytest.mark.parametrize("radius", [1, 4, 9])
    def test_it_agrees_with_scikit_image_on_8_bits(self, radius: int) -> None:
        grey8 = np.rint(picture() * 255).astype(np.uint8)
        side = 2 * radius + 1
        expected = rank.entropy(grey8, np.ones((side, side), np.uint8))
        assert np.abs(bits_around(grey8.astype(np.float32), side, 256) - expected).max() < 1e-4
        most = math.log2(min(256, side**2))
        found = done("entropy", (grey8 + np.float32(0.5)) / 256, radius_px=radius, greys=256)
        assert np.abs(found * most - expected).max() < 1e-4

    def test_padding_is_not_counted(self) -> None:
        image, valid = picture(), np.ones((90, 113), bool)
        valid[:, 60:] = False
        grey8 = np.floor(image * 32).clip(0, 31).astype(np.uint8)
        expected = rank.entropy(grey8, np.ones((9, 9), np.uint8), mask=valid.astype(np.uint8))
        found = ENHANCEMENTS["entropy"](image, valid=valid, radius_px=4, greys=32) * 5
        assert np.abs(found - expected)[valid].max() < 1e-4


class TestEdges:
    def test_prewitt_agrees_with_scikit_image(self) -> None:
        expected = filters.prewitt(picture()) * np.sqrt(2)
        found = done("prewitt", picture(), gain=1.0)
        assert np.abs(found - expected)[1:-1, 1:-1].max() < 1e-5

    @pytest.mark.parametrize("radius", [0.5, 0.7, 3.0])
    def test_a_flat_picture_has_no_blobs_of_any_size(self, radius: float) -> None:
        flat = np.full((40, 50), 0.8, np.float32)
        assert done("laplacian_of_gaussian", flat, radius_px=radius, gain=10.0).max() < 1e-4

    @pytest.mark.parametrize("radius", [0.5, 2.0, 6.5])
    def test_the_laplacian_of_gaussian_agrees_with_scipy(self, radius: float) -> None:
        """All but what SciPy's cut-off kernel answers to a picture of one grey."""
        image = picture().astype(np.float64)
        bias = ndimage.gaussian_laplace(np.ones_like(image), radius)
        expected = ndimage.gaussian_laplace(image, radius) - bias * ndimage.gaussian_filter(image, radius)
        expected *= radius**2
        image = picture()
        shown = done("laplacian_of_gaussian", image, radius_px=radius, gain=1.0, show="sign")
        assert np.abs((shown - 0.5) * 2 - expected).max() < 1e-4
        strength = done("laplacian_of_gaussian", image, radius_px=radius, gain=1.0)
        assert np.abs(strength - np.abs(expected)).max() < 1e-4
