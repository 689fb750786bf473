"""Sharpness and edges by plain calls."""

from __future__ import annotations

import numpy as np

from medviewer.cli.plain_calls.declared import (
    BORDER,
    Image,
    Values,
    blurred,
    canny_lines,
    clipped,
    cv2,
    library,
    plain,
    steepness,
)


@plain("unsharp", "cv2.GaussianBlur and cv2.addWeighted")
def _unsharp(image: Image, values: Values) -> object:
    amount = values["amount"]
    return cv2.addWeighted(image, 1 + amount, blurred(image, values["radius_px"]), -amount, 0)


@plain("sharpen", "cv2.GaussianBlur, cv2.Laplacian and cv2.addWeighted")
def _sharpen(image: Image, values: Values) -> object:
    bend = cv2.Laplacian(blurred(image, values["smoothing_px"]), cv2.CV_32F, borderType=BORDER)
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


@plain("sobel", "two cv2.Sobel, cv2.magnitude, np.clip")
def _sobel(image: Image, values: Values) -> object:
    across, down = (cv2.Sobel(image, cv2.CV_32F, x, 1 - x, borderType=BORDER) for x in (1, 0))
    return steepness(across, down, values["gain"] / 4)


@plain("scharr", "two cv2.Scharr, cv2.magnitude, np.clip")
def _scharr(image: Image, values: Values) -> object:
    across, down = (cv2.Scharr(image, cv2.CV_32F, x, 1 - x, borderType=BORDER) for x in (1, 0))
    return steepness(across, down, values["gain"] / 16)


@plain("prewitt", "two cv2.sepFilter2D, cv2.magnitude, np.clip")
def _prewitt(image: Image, values: Values) -> object:
    difference, mean = np.array([-1, 0, 1], np.float32), np.ones(3, np.float32)
    across, down = (
        cv2.sepFilter2D(image, cv2.CV_32F, one, two, borderType=BORDER)
        for one, two in ((difference, mean), (mean, difference))
    )
    return steepness(across, down, values["gain"] / 3)


@plain("laplacian", "cv2.GaussianBlur, cv2.Laplacian, cv2.absdiff, np.clip")
def _laplacian(image: Image, values: Values) -> object:
    smooth = blurred(image, values["smoothing_px"])
    bend = cv2.Laplacian(smooth, cv2.CV_32F, scale=values["gain"], borderType=BORDER)
    return clipped(cv2.absdiff(bend, 0.0))


@plain("laplacian_of_gaussian", "scipy.ndimage.gaussian_laplace")
def _laplacian_of_gaussian(image: Image, values: Values) -> object:
    return library("scipy.ndimage").gaussian_laplace(image, values["radius_px"])


@plain("canny", "cv2.GaussianBlur, two cv2.Sobel, cv2.Canny")
def _canny(image: Image, values: Values) -> object:
    return canny_lines(image, values["smoothing_px"], values["low"], values["high"]) / np.float32(255)
