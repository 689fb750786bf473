"""The same as each enhancement by the plain calls of a library, which it must not be much slower than.

One call where a library has the whole filter, OpenCV's where several have it; else the few that it is made
of, with nothing around them: no mask, no strips, no check. Numbers, types and borders are the operation's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.enhance.gabor import gabor_kernels
from medviewer.imaging.enhance.matching import NEIGHBOURS
from medviewer.imaging.enhance.morphology import footprint
from medviewer.imaging.enhance.multiscale import SMALLEST_PX
from medviewer.kit.frozen import frozen

Image = NDArray[Any]
Values = dict[str, Any]


@frozen
class Plain:
    """What an enhancement is compared with."""

    words: str
    call: Callable[[Image, Values], object]


PLAIN: dict[str, Plain] = {}
"""By the name of the operation."""


def plain(name: str, words: str) -> Callable[[Callable[[Image, Values], object]], Callable[..., object]]:
    """Make ``call(image, values)`` what the operation *name* is compared with."""

    def declare(call: Callable[[Image, Values], object]) -> Callable[[Image, Values], object]:
        PLAIN[name] = Plain(words, call)
        return call

    return declare


# through their names: a program that measures nothing loads none of them, and only `imaging` builds on them
cv2: Any = import_module("cv2")
BORDER = cv2.BORDER_REFLECT


def _library(name: str) -> Any:
    return import_module(name)


def _blurred(image: Image, radius_px: float) -> Image:
    smooth: Image = cv2.GaussianBlur(image, (0, 0), radius_px, borderType=BORDER)
    return smooth


def _clipped(image: Image) -> Image:
    return np.clip(image, 0, 1, out=image)


def _steepness(across: Image, down: Image, gain: float) -> Image:
    steepness = cv2.magnitude(across, down)
    return _clipped(cv2.multiply(steepness, gain, dst=steepness))


# Background


@plain("flatten", "cv2.resize, GaussianBlur, resize and addWeighted")
def _flatten(image: Image, values: Values) -> object:
    smaller = min(1.0, 256 / max(image.shape))
    size = (round(image.shape[1] * smaller), round(image.shape[0] * smaller))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small = _blurred(small, values["radius"] / 100 * max(size))
    background = cv2.resize(small, image.shape[::-1], interpolation=cv2.INTER_LINEAR)
    strength = values["strength"]
    return cv2.addWeighted(image, 1, background, -strength, strength * cv2.mean(background)[0])


# Contrast


@plain("equalise", "cv2.calcHist and cv2.LUT on 16 bits")
def _equalise(image: Image, values: Values) -> object:
    grey16 = _grey16(image)
    reached = np.cumsum(cv2.calcHist([grey16], [0], None, [65_536], [0, 65_536]))
    return cv2.LUT(grey16, (reached / reached[-1]).astype(np.float32))


@plain("clahe", "skimage.exposure.equalize_adapthist with 256 bins")
def _clahe(image: Image, values: Values) -> object:
    kernel = [math.ceil(side / values["tiles"]) for side in image.shape]
    adapted = _library("skimage.exposure").equalize_adapthist
    return adapted(image, kernel, clip_limit=values["clip_limit"] / 256, nbins=256)


@plain("stretch", "np.percentile and skimage.exposure.rescale_intensity")
def _stretch(image: Image, values: Values) -> object:
    ends = np.percentile(image, (values["dark"], 100 - values["bright"]))
    stretched = _library("skimage.exposure").rescale_intensity
    return stretched(image, tuple(ends.tolist()), (0.0, 1.0))


@plain("match", "five cv2.filter2D, np.argsort and np.interp: no library orders equal greys")
def _match(image: Image, values: Values) -> object:
    grey16 = _grey16(image).astype(np.float32)
    sums = [cv2.filter2D(grey16, -1, part.astype(np.float32), borderType=BORDER) for part in NEIGHBOURS]
    bits = image.view(np.uint32).astype(np.uint64) << np.uint64(32)
    order = np.argsort((bits | sums[0].astype(np.uint64)).ravel(), kind="stable")
    places = np.empty(order.size, np.float64)
    places[order] = np.linspace(0, 1, order.size)
    return np.interp(places, (0.0, 1.0), (0.0, 1.0)).astype(np.float32).reshape(image.shape)


def _grey16(image: Image) -> NDArray[np.uint16]:
    return np.rint(image * np.float32(65_535)).astype(np.uint16)


@plain("brightness", "cv2.addWeighted and np.clip")
def _brightness(image: Image, values: Values) -> object:
    factor = values["contrast"]
    return _clipped(cv2.addWeighted(image, factor, image, 0, 0.5 - 0.5 * factor + values["brighter"] / 100))


@plain("gamma", "skimage.exposure.adjust_gamma")
def _gamma(image: Image, values: Values) -> object:
    return _library("skimage.exposure").adjust_gamma(image, values["exponent"])


@plain("log", "np.log1p and two factors")
def _log(image: Image, values: Values) -> object:
    curve = np.log1p(image * np.float32(values["strength"]))
    curve *= np.float32(1 / math.log1p(values["strength"]))
    return curve


@plain("inverse_log", "np.expm1 and two factors")
def _inverse_log(image: Image, values: Values) -> object:
    curve = np.expm1(image * np.float32(math.log1p(values["strength"])))
    curve *= np.float32(1 / values["strength"])
    return curve


@plain("sigmoid", "skimage.exposure.adjust_sigmoid")
def _sigmoid(image: Image, values: Values) -> object:
    return _library("skimage.exposure").adjust_sigmoid(image, values["centre"], values["gain"])


@plain("multiscale", "cv2.pyrDown, cv2.pyrUp and cv2.pow level by level, four np.percentile")
def _multiscale(image: Image, values: Values) -> object:
    low, high = np.percentile(image, (0.5, 99.5))
    worked = _raised(image - np.float32((low + high) / 2), np.float32(high - low), values)
    low, high = np.percentile(worked, (0.5, 99.5))
    return cv2.addWeighted(worked, 1 / (high - low), worked, 0, -low)


def _raised(image: Image, scale: np.float32, values: Values) -> Image:
    if min(image.shape) <= SMALLEST_PX:
        return image
    below = cv2.pyrDown(image)
    detail: Image = image - cv2.pyrUp(below, dstsize=image.shape[::-1])
    share = np.maximum(np.abs(detail), np.float32(values["noise"] / 100) * scale)
    detail *= cv2.pow(share, -values["strength"])
    detail += cv2.pyrUp(_raised(below, scale, values), dstsize=image.shape[::-1])
    return detail


# Noise


@plain("gaussian", "cv2.GaussianBlur")
def _gaussian(image: Image, values: Values) -> object:
    return _blurred(image, values["radius_px"])


@plain("median", "cv2.medianBlur")
def _median(image: Image, values: Values) -> object:
    return cv2.medianBlur(image, 2 * values["radius_px"] + 1)


@plain("bilateral", "cv2.bilateralFilter")
def _bilateral(image: Image, values: Values) -> object:
    low, high = np.percentile(image, (1, 99))
    spread, radius = (high - low) * values["difference"] / 100, values["radius_px"]
    return cv2.bilateralFilter(image, 2 * radius + 1, spread, radius / 2, borderType=BORDER)


@plain("diffusion", "SimpleITK.GradientAnisotropicDiffusion")
def _diffusion(image: Image, values: Values) -> object:
    simpleitk = _library("SimpleITK")
    picture = simpleitk.GetImageFromArray(image)
    found = simpleitk.GradientAnisotropicDiffusion(picture, 0.125, values["edge"], 100, values["rounds"])
    return simpleitk.GetArrayFromImage(found)


@plain("total_variation", "skimage.restoration.estimate_sigma and denoise_tv_chambolle, 60 rounds")
def _total_variation(image: Image, values: Values) -> object:
    restoration = _library("skimage.restoration")
    weight = values["strength"] * restoration.estimate_sigma(image)
    return restoration.denoise_tv_chambolle(image, weight, eps=0, max_num_iter=60)


@plain("nl_means", "skimage.restoration.estimate_sigma and denoise_nl_means on float64")
def _nl_means(image: Image, values: Values) -> object:
    restoration, picture = _library("skimage.restoration"), image.astype(np.float64)
    noise = restoration.estimate_sigma(picture)
    strength = values["strength"] * noise
    return restoration.denoise_nl_means(
        picture, 5, values["search_px"], h=strength, sigma=noise, fast_mode=True
    )


@plain("wavelet", "skimage.restoration.estimate_sigma and denoise_wavelet (BayesShrink, soft)")
def _wavelet(image: Image, values: Values) -> object:
    restoration = _library("skimage.restoration")
    noise = values["strength"] * restoration.estimate_sigma(image)
    return restoration.denoise_wavelet(image, noise, wavelet="sym4", wavelet_levels=values["levels"])


# Sharpness


@plain("unsharp", "cv2.GaussianBlur and cv2.addWeighted")
def _unsharp(image: Image, values: Values) -> object:
    amount = values["amount"]
    return cv2.addWeighted(image, 1 + amount, _blurred(image, values["radius_px"]), -amount, 0)


@plain("sharpen", "cv2.GaussianBlur, cv2.Laplacian and cv2.addWeighted")
def _sharpen(image: Image, values: Values) -> object:
    bend = cv2.Laplacian(_blurred(image, values["smoothing_px"]), cv2.CV_32F, borderType=BORDER)
    return cv2.addWeighted(image, 1, bend, -values["amount"], 0)


@plain("detail", "the guided filter of four cv2.blur, two np.percentile")
def _detail(image: Image, values: Values) -> object:
    side, least = 2 * values["radius_px"] + 1, np.float32((values["edge"] / 100) ** 2)

    def mean(image: Image) -> Image:
        blurred: Image = cv2.blur(image, (side, side), borderType=BORDER)
        return blurred

    low, high = np.percentile(image, (1, 99))
    scaled = (image - np.float32(low)) * np.float32(1 / (high - low))
    around = mean(scaled)
    variance = mean(scaled * scaled) - around * around
    share = variance / (variance + least)
    guided = mean(share) * scaled + mean(around - share * around)
    return image + (scaled - guided) * np.float32(values["amount"] * (high - low))


# Edges


@plain("sobel", "two cv2.Sobel, cv2.magnitude, np.clip")
def _sobel(image: Image, values: Values) -> object:
    across, down = (cv2.Sobel(image, cv2.CV_32F, x, 1 - x, borderType=BORDER) for x in (1, 0))
    return _steepness(across, down, values["gain"] / 4)


@plain("scharr", "two cv2.Scharr, cv2.magnitude, np.clip")
def _scharr(image: Image, values: Values) -> object:
    across, down = (cv2.Scharr(image, cv2.CV_32F, x, 1 - x, borderType=BORDER) for x in (1, 0))
    return _steepness(across, down, values["gain"] / 16)


@plain("prewitt", "two cv2.sepFilter2D, cv2.magnitude, np.clip")
def _prewitt(image: Image, values: Values) -> object:
    difference, mean = np.array([-1, 0, 1], np.float32), np.ones(3, np.float32)
    across, down = (
        cv2.sepFilter2D(image, cv2.CV_32F, one, two, borderType=BORDER)
        for one, two in ((difference, mean), (mean, difference))
    )
    return _steepness(across, down, values["gain"] / 3)


@plain("laplacian", "cv2.GaussianBlur, cv2.Laplacian, cv2.absdiff, np.clip")
def _laplacian(image: Image, values: Values) -> object:
    smooth = _blurred(image, values["smoothing_px"])
    bend = cv2.Laplacian(smooth, cv2.CV_32F, scale=values["gain"], borderType=BORDER)
    return _clipped(cv2.absdiff(bend, 0.0))


@plain("laplacian_of_gaussian", "scipy.ndimage.gaussian_laplace")
def _laplacian_of_gaussian(image: Image, values: Values) -> object:
    return _library("scipy.ndimage").gaussian_laplace(image, values["radius_px"])


@plain("canny", "cv2.GaussianBlur, two cv2.Sobel, cv2.Canny")
def _canny(image: Image, values: Values) -> object:
    return _lines(image, values["smoothing_px"], values["low"], values["high"]) / np.float32(255)


def _lines(image: Image, smoothing_px: float, low: float, high: float) -> NDArray[np.uint8]:
    smooth, scale = _blurred(image, smoothing_px), 8191.0
    across, down = (
        cv2.Sobel(smooth, cv2.CV_32F, x, 1 - x, scale=scale, borderType=BORDER).astype(np.int16)
        for x in (1, 0)
    )
    lines: NDArray[np.uint8] = cv2.Canny(across, down, low * 4 * scale, high * 4 * scale, L2gradient=True)
    return lines


# Morphology


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
    return _clipped(_moved(image, cv2.MORPH_GRADIENT, values) * np.float32(values["gain"]))


def _moved(image: Image, way: int, values: Values) -> Image:
    held = footprint(values["shape"], values["radius_px"])
    moved: Image = cv2.morphologyEx(image, way, held, borderType=BORDER)
    return moved


# Lines and texture


@plain("entropy", "skimage.filters.rank.entropy on 32 greys")
def _entropy(image: Image, values: Values) -> object:
    side = 2 * values["radius_px"] + 1
    greys = np.minimum(image * np.float32(values["greys"]), values["greys"] - 1).astype(np.uint8)
    return _library("skimage.filters.rank").entropy(greys, np.ones((side, side), np.uint8))


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
    return _clipped(best * np.float32(4 * values["gain"]))


@plain("frangi", "skimage.filters.frangi")
def _frangi(image: Image, values: Values) -> object:
    found = _library("skimage.filters").frangi
    return found(image, _widths(values), beta=values["roundness"], black_ridges=False)


@plain("sato", "skimage.filters.sato")
def _sato(image: Image, values: Values) -> object:
    return _library("skimage.filters").sato(image, _widths(values), black_ridges=False)


def _widths(values: Values) -> list[float]:
    widths: list[float] = np.linspace(values["narrowest_px"], values["widest_px"], values["scales"]).tolist()
    return widths


# Marks


@plain("hough_lines", "cv2.resize, GaussianBlur, Sobel, Canny, HoughLinesP")
def _hough_lines(image: Image, values: Values) -> object:
    greys, contrast = _searched(image, 1024), values["contrast"]
    smaller = max(greys.shape) / max(image.shape)
    edges = _lines(greys, values["smoothing_px"] * smaller, contrast / 2, contrast)
    length, gap = (values[name] / 100 * max(greys.shape) for name in ("shortest", "gap"))
    return cv2.HoughLinesP(
        edges, 1, math.pi / 360, max(round(length / 2), 2), minLineLength=length, maxLineGap=gap
    )


@plain("hough_circles", "cv2.resize, GaussianBlur, Sobel, Canny, skimage.transform.hough_circle")
def _hough_circles(image: Image, values: Values) -> object:
    greys, contrast = _searched(image, 512), values["contrast"]
    edges = _lines(greys, 1.0, contrast / 2, contrast)
    small, large = (values[name] / 100 * max(greys.shape) for name in ("smallest", "largest"))
    radii = np.arange(max(small, 3), large + 1).astype(int)
    transform = _library("skimage.transform")
    return transform.hough_circle_peaks(
        transform.hough_circle(edges, radii), radii, total_num_peaks=values["most"]
    )


def _searched(image: Image, longest_px: int) -> Image:
    smaller = min(1.0, longest_px / max(image.shape))
    size = (round(image.shape[1] * smaller), round(image.shape[0] * smaller))
    greys: Image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return greys
