"""Sharpening, beside independent and plain implementations."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy import ndimage

from medviewer.imaging.enhance.operation import ENHANCEMENTS, percentiles

HU = np.float32(2000), np.float32(-1000)


def phantom(size: int = 64, noise: float = 0.01) -> np.ndarray:
    """A disc on a ramp with noise, 0..1."""
    rng = np.random.default_rng(7)
    rows, columns = np.mgrid[:size, :size] / size
    disc = ((rows - 0.5) ** 2 + (columns - 0.4) ** 2 < 0.08) * 0.4
    return (0.2 + 0.3 * rows + disc + rng.normal(0, noise, (size, size))).astype(np.float32)


def in_hu(image: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = image * HU[0] + HU[1]
    return scaled


@pytest.mark.parametrize("smoothing", [0.0, 1.5])
def test_laplacian_sharpening_agrees_with_scipy(smoothing: float) -> None:
    image = in_hu(phantom())
    smooth = ndimage.gaussian_filter(image.astype(float), smoothing, mode="reflect") if smoothing else image
    expected = image - 0.7 * ndimage.laplace(smooth.astype(float), mode="reflect")
    found = ENHANCEMENTS["sharpen"](image, amount=0.7, smoothing_px=smoothing)
    assert np.abs(found - expected).max() < 0.2  # of 2000; OpenCV cuts the Gaussian off at 4 sigma


def test_without_smoothing_it_is_the_kernel_of_the_textbook() -> None:
    image = phantom()
    kernel = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    found = ENHANCEMENTS["sharpen"](image, amount=1.0, smoothing_px=0.0)
    assert np.abs(found - ndimage.convolve(image, kernel, mode="reflect")).max() < 1e-5


def plainly_guided(image: np.ndarray, radius: int, least: float) -> np.ndarray:
    """The guided filter with the picture as its own guide, window by window (algorithm 1 of the paper)."""
    rows, columns = image.shape
    wide = np.pad(image.astype(float), 2 * radius, mode="symmetric")
    inner = wide.shape[0] - 2 * radius, wide.shape[1] - 2 * radius
    slope, offset = np.zeros(inner), np.zeros(inner)
    for row, column in np.ndindex(*inner):
        window = wide[row : row + 2 * radius + 1, column : column + 2 * radius + 1]
        slope[row, column] = window.var() / (window.var() + least)
        offset[row, column] = (1 - slope[row, column]) * window.mean()
    out = np.zeros((rows, columns))
    for row, column in np.ndindex(rows, columns):
        part = np.s_[row : row + 2 * radius + 1, column : column + 2 * radius + 1]
        out[row, column] = slope[part].mean() * image[row, column] + offset[part].mean()
    return out


def test_details_are_what_a_plain_guided_filter_takes_away() -> None:
    image = in_hu(phantom(40))
    low, high = percentiles(image, None, 1, 99)
    base = plainly_guided(image, 3, (0.1 * (high - low)) ** 2)
    found = ENHANCEMENTS["detail"](image, radius_px=3, edge=10.0, amount=2.0)
    assert np.abs(found - (image + 2 * (image - base)))[6:-6, 6:-6].max() < 0.05


def test_a_strong_edge_gets_no_bright_rim_where_an_unsharp_mask_makes_one() -> None:
    edge = np.where(np.arange(64) < 32, 0.0, 1000.0).astype(np.float32) * np.ones((64, 1), np.float32)
    rim = ENHANCEMENTS["unsharp"](edge, radius_px=8.0, amount=1.0).max() - 1000
    assert rim > 300
    assert ENHANCEMENTS["detail"](edge, radius_px=8, amount=1.0).max() - 1000 < rim / 20


@pytest.mark.parametrize("name", ["sharpen", "detail"])
def test_hounsfield_units_and_shares_are_sharpened_alike(name: str) -> None:
    alike = in_hu(ENHANCEMENTS[name](phantom()))
    assert np.abs(ENHANCEMENTS[name](in_hu(phantom())) - alike).max() < 0.5


def test_detail_in_strips_is_detail_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    image = in_hu(phantom(128))
    whole = ENHANCEMENTS["detail"](image, radius_px=3)
    monkeypatch.setattr("medviewer.imaging.enhance.in_parts.PART_PX", 128 * 10)
    assert np.abs(ENHANCEMENTS["detail"](image, radius_px=3) - whole).max() < 0.01


@pytest.mark.parametrize("name", ["unsharp", "sharpen", "detail"])
def test_the_number_of_threads_changes_nothing(name: str) -> None:
    image, threads = in_hu(phantom(301)), cv2.getNumThreads()
    expected = ENHANCEMENTS[name](image)
    try:
        for count in (0, 1, 3):
            cv2.setNumThreads(count)
            assert np.array_equal(ENHANCEMENTS[name](image), expected)
    finally:
        cv2.setNumThreads(threads)
