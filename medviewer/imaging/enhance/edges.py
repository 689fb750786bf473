"""Edges: Sobel, Scharr, Laplace, Canny, on 0..1 after the window, alone or mixed into the picture.

Gradients are scaled so that a step from black to white at full resolution gives 1.
"""

from __future__ import annotations

from typing import Annotated, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.enhance.operation import Image, Stage, enhancement
from medviewer.kit.params import Slider, Words

Gain = Annotated[float, Slider(0.1, 10, step=0.1)]
Smoothing = Annotated[float, Slider(0, 5, step=0.1, label="Smooth first", unit="px")]
Mix = Annotated[float, Slider(0, 1, step=0.05, label="Edges over picture")]

SOBEL_STEP = 4.0
"""What the 3x3 Sobel kernel answers to a step of 1."""
SCHARR_STEP = 16.0
CANNY_SCALE = 8191.0
"""Largest factor with which the Sobel answer to 0..1 fits 16 bits."""


@enhancement("Edges (Sobel)", group="Edges", stage=Stage.DISPLAY)
def sobel(image: Image, *, gain: Gain = 2.0, smoothing_px: Smoothing = 0.0, mix: Mix = 1.0) -> Image:
    """How steep the greys are, from horizontal and vertical differences."""
    smooth = _smoothed(image, smoothing_px)
    steepness = _steepness(_derivative(smooth, 1, 0), _derivative(smooth, 0, 1))
    return _mixed(image, steepness * np.float32(gain / SOBEL_STEP), mix)


@enhancement("Edges (Scharr)", group="Edges", stage=Stage.DISPLAY)
def scharr(image: Image, *, gain: Gain = 2.0, smoothing_px: Smoothing = 0.0, mix: Mix = 1.0) -> Image:
    """Like Sobel, with weights that answer alike in every direction."""
    smooth = _smoothed(image, smoothing_px)
    across, down = (cv2.Scharr(smooth, cv2.CV_32F, x, 1 - x, borderType=cv2.BORDER_REFLECT) for x in (1, 0))
    return _mixed(image, _steepness(across, down) * np.float32(gain / SCHARR_STEP), mix)


@enhancement("Edges (Laplace)", group="Edges", stage=Stage.DISPLAY)
def laplacian(
    image: Image,
    *,
    gain: Gain = 2.0,
    smoothing_px: Smoothing = 1.0,
    show: Annotated[
        Literal["strength", "sign"], Words(help="sign: grey is flat, bright and dark are edges")
    ] = "strength",
    mix: Mix = 1.0,
) -> Image:
    """Where the greys bend: fine lines and both sides of edges."""
    bend = cv2.Laplacian(_smoothed(image, smoothing_px), cv2.CV_32F, ksize=1, borderType=cv2.BORDER_REFLECT)
    bend = bend * np.float32(gain)
    return _mixed(image, np.abs(bend) if show == "strength" else bend / 2 + np.float32(0.5), mix)


@enhancement("Edges (Canny)", group="Edges", stage=Stage.DISPLAY)
def canny(
    image: Image,
    *,
    smoothing_px: Smoothing = 1.4,
    low: Annotated[float, Slider(0, 1, step=0.01, label="Continue above")] = 0.05,
    high: Annotated[float, Slider(0, 1, step=0.01, label="Begin above")] = 0.12,
    mix: Mix = 1.0,
) -> Image:
    """Thin lines along edges that begin steep enough and go on while they stay steep."""
    smooth = _smoothed(image, smoothing_px)
    across, down = (_gradient16(_derivative(smooth, x, 1 - x)) for x in (1, 0))
    low, high = sorted((low, high))
    step = SOBEL_STEP * CANNY_SCALE
    lines = cv2.Canny(across, down, low * step, high * step, L2gradient=True)
    return _mixed(image, (lines > 0).astype(np.float32), mix)


def _smoothed(image: Image, radius_px: float) -> Image:
    if radius_px < 0.1:
        return image
    return cv2.GaussianBlur(image, (0, 0), radius_px, borderType=cv2.BORDER_REFLECT)


def _derivative(image: Image, x: int, y: int) -> Image:
    return cv2.Sobel(image, cv2.CV_32F, x, y, ksize=3, borderType=cv2.BORDER_REFLECT)


def _steepness(across: Image, down: Image) -> Image:
    # cv2.magnitude rounds differently from one call to the next, depending on where its memory lies
    steepness: Image = np.sqrt(across * across + down * down)
    return steepness


def _gradient16(gradient: Image) -> NDArray[np.int16]:
    return np.asarray(np.rint(gradient * np.float32(CANNY_SCALE)), np.int16)


def _mixed(image: Image, found: Image, mix: float) -> Image:
    """*found* alone at 1, the picture alone at 0."""
    found = np.clip(found, 0, 1)
    return image + np.float32(mix) * (found - image)
