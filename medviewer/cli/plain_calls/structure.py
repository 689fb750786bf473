"""Morphology, lines, texture and marks by plain calls."""

from __future__ import annotations

import math

import numpy as np

from medviewer.cli.plain_calls.declared import (
    BORDER,
    Image,
    Values,
    canny_lines,
    clipped,
    cv2,
    library,
    plain,
)
from medviewer.imaging.enhance.gabor import gabor_kernels
from medviewer.imaging.enhance.morphology import footprint


@plain("opening", "cv2.morphologyEx")
def _opening(image: Image, values: Values) -> object:
    return _moved(image, cv2.MORPH_OPEN, values)


@plain("closing", "cv2.morphologyEx")
def _closing(image: Image, values: Values) -> object:
    return _moved(image, cv2.MORPH_CLOSE, values)


@plain("tophat", "cv2.morphologyEx and cv2.addWeighted")
def _tophat(image: Image, values: Values) -> object:
    return cv2.addWeighted(image, 1, _moved(image, cv2.MORPH_TOPHAT, values), values["amount"], 0)


@plain("blackhat", "cv2.morphologyEx and cv2.addWeighted")
def _blackhat(image: Image, values: Values) -> object:
    return cv2.addWeighted(image, 1, _moved(image, cv2.MORPH_BLACKHAT, values), -values["amount"], 0)


@plain("morphological_gradient", "cv2.morphologyEx and np.clip")
def _gradient(image: Image, values: Values) -> object:
    return clipped(_moved(image, cv2.MORPH_GRADIENT, values) * np.float32(values["gain"]))


def _moved(image: Image, way: int, values: Values) -> Image:
    held = footprint(values["shape"], values["radius_px"])
    moved: Image = cv2.morphologyEx(image, way, held, borderType=BORDER)
    return moved


@plain("entropy", "skimage.filters.rank.entropy on 32 greys")
def _entropy(image: Image, values: Values) -> object:
    side = 2 * values["radius_px"] + 1
    greys = np.minimum(image * np.float32(values["greys"]), values["greys"] - 1).astype(np.uint8)
    return library("skimage.filters.rank").entropy(greys, np.ones((side, side), np.uint8))


@plain("gabor", "cv2.filter2D with the even and the odd kernel of each direction")
def _gabor(image: Image, values: Values) -> object:
    best = np.zeros_like(image)
    for number in range(values["directions"]):
        angle = math.pi * number / values["directions"]
        across_cos, across_sin, down_cos, down_sin = gabor_kernels(
            1 / values["wavelength_px"], angle, values["bandwidth"]
        )
        even = np.outer(down_cos, across_cos) - np.outer(down_sin, across_sin)
        odd = np.outer(down_sin, across_cos) + np.outer(down_cos, across_sin)
        answers = (cv2.filter2D(image, cv2.CV_32F, kernel, borderType=BORDER) for kernel in (even, odd))
        best = cv2.max(best, cv2.magnitude(*answers))
    return clipped(best * np.float32(4 * values["gain"]))


@plain("frangi", "skimage.filters.frangi")
def _frangi(image: Image, values: Values) -> object:
    found = library("skimage.filters").frangi
    return found(image, _widths(values), beta=values["roundness"], black_ridges=False)


@plain("sato", "skimage.filters.sato")
def _sato(image: Image, values: Values) -> object:
    return library("skimage.filters").sato(image, _widths(values), black_ridges=False)


def _widths(values: Values) -> list[float]:
    widths: list[float] = np.linspace(values["narrowest_px"], values["widest_px"], values["scales"]).tolist()
    return widths


@plain("hough_lines", "cv2.resize, GaussianBlur, Sobel, Canny, HoughLinesP")
def _hough_lines(image: Image, values: Values) -> object:
    greys, contrast = _searched(image, 1024), values["contrast"]
    smaller = max(greys.shape) / max(image.shape)
    edges = canny_lines(greys, values["smoothing_px"] * smaller, contrast / 2, contrast)
    length, gap = (values[name] / 100 * max(greys.shape) for name in ("shortest", "gap"))
    return cv2.HoughLinesP(
        edges, 1, math.pi / 360, max(round(length / 2), 2), minLineLength=length, maxLineGap=gap
    )


@plain("hough_circles", "cv2.resize, GaussianBlur, Sobel, Canny, skimage.transform.hough_circle")
def _hough_circles(image: Image, values: Values) -> object:
    greys, contrast = _searched(image, 512), values["contrast"]
    edges = canny_lines(greys, 1.0, contrast / 2, contrast)
    small, large = (values[name] / 100 * max(greys.shape) for name in ("smallest", "largest"))
    radii = np.arange(max(small, 3), large + 1).astype(int)
    transform = library("skimage.transform")
    return transform.hough_circle_peaks(
        transform.hough_circle(edges, radii), radii, total_num_peaks=values["most"]
    )


def _searched(image: Image, longest_px: int) -> Image:
    smaller = min(1.0, longest_px / max(image.shape))
    size = (round(image.shape[1] * smaller), round(image.shape[0] * smaller))
    greys: Image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return greys
