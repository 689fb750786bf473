"""Background and contrast by plain calls."""

from __future__ import annotations

import math

import numpy as np

from medviewer.cli.plain_calls.declared import (
    BORDER,
    Image,
    Values,
    as_grey16,
    blurred,
    clipped,
    cv2,
    library,
    plain,
)
from medviewer.imaging.enhance.matching import NEIGHBOURS
from medviewer.imaging.enhance.multiscale import SMALLEST_PX


@plain("flatten", "cv2.resize, GaussianBlur, resize and addWeighted")
def _flatten(image: Image, values: Values) -> object:
    smaller = min(1.0, 256 / max(image.shape))
    size = (round(image.shape[1] * smaller), round(image.shape[0] * smaller))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small = blurred(small, values["radius"] / 100 * max(size))
    background = cv2.resize(small, image.shape[::-1], interpolation=cv2.INTER_LINEAR)
    strength = values["strength"]
    return cv2.addWeighted(image, 1, background, -strength, strength * cv2.mean(background)[0])


@plain("equalise", "cv2.calcHist and cv2.LUT on 16 bits")
def _equalise(image: Image, values: Values) -> object:
    grey16 = as_grey16(image)
    reached = np.cumsum(cv2.calcHist([grey16], [0], None, [65_536], [0, 65_536]))
    return cv2.LUT(grey16, (reached / reached[-1]).astype(np.float32))


@plain("clahe", "skimage.exposure.equalize_adapthist with 256 bins")
def _clahe(image: Image, values: Values) -> object:
    kernel = [math.ceil(side / values["tiles"]) for side in image.shape]
    adapted = library("skimage.exposure").equalize_adapthist
    return adapted(image, kernel, clip_limit=values["clip_limit"] / 256, nbins=256)


@plain("stretch", "np.percentile and skimage.exposure.rescale_intensity")
def _stretch(image: Image, values: Values) -> object:
    ends = np.percentile(image, (values["dark"], 100 - values["bright"]))
    stretched = library("skimage.exposure").rescale_intensity
    return stretched(image, tuple(ends.tolist()), (0.0, 1.0))


@plain("match", "five cv2.filter2D, np.argsort and np.interp: no library orders equal greys")
def _match(image: Image, values: Values) -> object:
    grey16 = as_grey16(image).astype(np.float32)
    sums = [cv2.filter2D(grey16, -1, part.astype(np.float32), borderType=BORDER) for part in NEIGHBOURS]
    bits = image.view(np.uint32).astype(np.uint64) << np.uint64(32)
    order = np.argsort((bits | sums[0].astype(np.uint64)).ravel(), kind="stable")
    places = np.empty(order.size, np.float64)
    places[order] = np.linspace(0, 1, order.size)
    return np.interp(places, (0.0, 1.0), (0.0, 1.0)).astype(np.float32).reshape(image.shape)


@plain("brightness", "cv2.addWeighted and np.clip")
def _brightness(image: Image, values: Values) -> object:
    factor = values["contrast"]
    return clipped(cv2.addWeighted(image, factor, image, 0, 0.5 - 0.5 * factor + values["brighter"] / 100))


@plain("gamma", "skimage.exposure.adjust_gamma")
def _gamma(image: Image, values: Values) -> object:
    return library("skimage.exposure").adjust_gamma(image, values["exponent"])


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
    return library("skimage.exposure").adjust_sigmoid(image, values["centre"], values["gain"])


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
