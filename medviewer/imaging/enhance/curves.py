"""Contrast by a curve, one for all pixels: brightness, gamma, logarithm and its inverse, sigmoid; on 0..1."""

from __future__ import annotations

from typing import Annotated

import cv2
import numpy as np

from medviewer.imaging.enhance.operation import Image, Stage, enhancement
from medviewer.kit.params import Slider


@enhancement("Brightness and contrast", group="Contrast", stage=Stage.DISPLAY)
def brightness(
    image: Image,
    *,
    brighter: Annotated[float, Slider(-100, 100, step=1, label="Brightness", unit="%")] = 0.0,
    contrast: Annotated[float, Slider(0.1, 5, step=0.05, unit="times")] = 1.3,
) -> Image:
    """Move all greys up or down, and spread them around the middle grey or press them together."""
    return cv2.addWeighted(image, contrast, image, 0, 0.5 - 0.5 * contrast + brighter / 100)


@enhancement("Gamma", group="Contrast", stage=Stage.DISPLAY)
def gamma(image: Image, *, exponent: Annotated[float, Slider(0.2, 5, step=0.05)] = 0.7) -> Image:
    """Brighten the middle greys (below 1) or darken them (above 1); black and white stay."""
    curve: Image = np.clip(image, 0, 1)
    np.power(curve, np.float32(exponent), out=curve)
    return curve


@enhancement("Logarithm", group="Contrast", stage=Stage.DISPLAY)
def log(image: Image, *, strength: Annotated[float, Slider(1, 200, step=1)] = 20.0) -> Image:
    """Open up the dark greys and press the bright ones together; black and white stay."""
    curve = image * np.float32(strength)
    np.log1p(curve, out=curve)
    curve *= np.float32(1 / np.log1p(strength))
    return curve


@enhancement("Inverse logarithm", group="Contrast", stage=Stage.DISPLAY)
def inverse_log(image: Image, *, strength: Annotated[float, Slider(1, 200, step=1)] = 5.0) -> Image:
    """Open up the bright greys and press the dark ones together; it undoes a logarithm of equal strength."""
    curve = image * np.float32(np.log1p(strength))
    np.expm1(curve, out=curve)
    curve *= np.float32(1 / strength)
    return curve


@enhancement("S-curve (sigmoid)", group="Contrast", stage=Stage.DISPLAY)
def sigmoid(
    image: Image,
    *,
    centre: Annotated[float, Slider(0, 1, step=0.01, label="Steepest at")] = 0.5,
    gain: Annotated[float, Slider(0.5, 25, step=0.5)] = 6.0,
) -> Image:
    """Raise contrast around one grey level at the cost of dark and bright ones; black and white stay.

    G. J. Braun and M. D. Fairchild, Journal of Electronic Imaging 8(4), 1999, stretched so that 0
    stays 0 and 1 stays 1: 1 / (1 + exp(gain (centre - x))) alone would leave neither.
    """
    black, white = (1 / (1 + np.exp(gain * (centre - end))) for end in (0.0, 1.0))
    curve = np.clip(image, 0, 1)
    np.subtract(np.float32(centre), curve, out=curve)
    curve *= np.float32(gain)
    np.exp(curve, out=curve)
    curve += 1
    np.divide(1, curve, out=curve)
    curve -= np.float32(black)
    curve /= np.float32(white - black)
    return curve
