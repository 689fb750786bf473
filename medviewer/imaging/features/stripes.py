"""How much of a picture are stripes of some widths and directions: a bank of Gabor filters."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import cv2
import numpy as np

from medviewer.imaging.features.feature import Image, Mask, features
from medviewer.imaging.features.texture import numbers_in
from medviewer.kit.params import Slider, Words


@features("Stripes (Gabor)", name="gabor")
def gabor(
    image: Image,
    spacing: tuple[float, float],
    mask: Mask | None,
    *,
    wavelengths: Annotated[str, Words("Stripe to stripe", "pixels, with spaces between")] = "4 8 16",
    directions: Annotated[int, Slider(1, 16)] = 4,
    bandwidth: Annotated[float, Slider(0.5, 2, unit="octaves")] = 1.0,
    show: Annotated[Literal["mean", "each"], Words("Say", "mean and spread of directions, or each")] = "each",
) -> dict[str, float]:
    """The mean energy of the answers to stripes of some widths, turned in several directions.

    After J. Daugman, J. Opt. Soc. Am. A 2, 1985. Kernels are those of scikit-image; what the picture has on
    average is taken off first, and it goes on in a mirror beyond its edges.
    """
    from skimage import filters as scikit  # noqa: PLC0415  heavy, and needed only here

    gabor_kernel: Any = scikit.gabor_kernel
    evened = image - image.mean()
    found: dict[str, float] = {}
    for wavelength in numbers_in(wavelengths, "Wavelengths", 2, 64):
        energies = []
        for number in range(directions):
            kernel = gabor_kernel(1 / wavelength, theta=math.pi * number / directions, bandwidth=bandwidth)
            parts = [_answer(evened, part) ** 2 for part in (kernel.real, kernel.imag)]
            energy = np.add(*parts)
            energies.append(float(energy.mean() if mask is None else energy[mask].mean()))
        if show == "each":
            found |= {
                f"gabor_{wavelength:g}_{180 * number / directions:g}": energy
                for number, energy in enumerate(energies)
            }
        else:
            found[f"gabor_{wavelength:g}_mean"] = float(np.mean(energies))
            found[f"gabor_{wavelength:g}_spread"] = float(np.std(energies))
    return found


def _answer(image: Image, kernel: np.ndarray) -> np.ndarray:
    """The convolution of *image* with *kernel*."""
    turned = np.ascontiguousarray(kernel[::-1, ::-1], np.float32)
    return np.asarray(cv2.filter2D(image, cv2.CV_32F, turned, borderType=cv2.BORDER_REFLECT), np.float64)
