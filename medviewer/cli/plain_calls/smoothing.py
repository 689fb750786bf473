"""Noise taken away by plain calls."""

from __future__ import annotations

import numpy as np

from medviewer.cli.plain_calls.declared import BORDER, Image, Values, blurred, cv2, library, plain


@plain("gaussian", "cv2.GaussianBlur")
def _gaussian(image: Image, values: Values) -> object:
    return blurred(image, values["radius_px"])


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
    simpleitk = library("SimpleITK")
    picture = simpleitk.GetImageFromArray(image)
    found = simpleitk.GradientAnisotropicDiffusion(picture, 0.125, values["edge"], 100, values["rounds"])
    return simpleitk.GetArrayFromImage(found)


@plain("total_variation", "skimage.restoration.estimate_sigma and denoise_tv_chambolle, 60 rounds")
def _total_variation(image: Image, values: Values) -> object:
    restoration = library("skimage.restoration")
    weight = values["strength"] * restoration.estimate_sigma(image)
    return restoration.denoise_tv_chambolle(image, weight, eps=0, max_num_iter=60)


@plain("nl_means", "skimage.restoration.estimate_sigma and denoise_nl_means on float64")
def _nl_means(image: Image, values: Values) -> object:
    restoration, picture = library("skimage.restoration"), image.astype(np.float64)
    noise = restoration.estimate_sigma(picture)
    strength = values["strength"] * noise
    return restoration.denoise_nl_means(
        picture, 5, values["search_px"], h=strength, sigma=noise, fast_mode=True
    )


@plain("wavelet", "skimage.restoration.estimate_sigma and denoise_wavelet (BayesShrink, soft)")
def _wavelet(image: Image, values: Values) -> object:
    restoration = library("skimage.restoration")
    noise = values["strength"] * restoration.estimate_sigma(image)
    return restoration.denoise_wavelet(image, noise, wavelet="sym4", wavelet_levels=values["levels"])
