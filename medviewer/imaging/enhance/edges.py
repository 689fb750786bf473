"""Edges: Sobel, Scharr, Prewitt, Laplace, Canny, on 0..1 after the window, alone or mixed into the picture.

Gradients are scaled so that a step from black to white at full resolution gives 1.
"""

from __future__ import annotations

from typing import Annotated, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.enhance.gaussian_kernels import along, weights
from medviewer.imaging.enhance.in_parts import in_parts
from medviewer.imaging.enhance.operation import Image, Stage, enhancement
from medviewer.kit.params import Slider, Words
from medviewer.kit.task import TaskContext

Gain = Annotated[float, Slider(0.1, 10, step=0.1)]
Smoothing = Annotated[float, Slider(0, 5, step=0.1, label="Smooth first", unit="px")]
Bends = Annotated[Literal["strength", "sign"], Words(help="sign: grey is flat, bright and dark are edges")]
Mix = Annotated[float, Slider(0, 1, step=0.05, label="Edges over picture")]

SOBEL_STEP = 4.0
"""What the 3x3 Sobel kernel answers to a step of 1."""
SCHARR_STEP = 16.0
PREWITT_STEP = 3.0
CANNY_SCALE = 8191.0
"""Largest factor with which the Sobel answer to 0..1 fits 16 bits."""


@enhancement("Edges (Sobel)", group="Edges", stage=Stage.DISPLAY)
def sobel(image: Image, *, gain: Gain = 2.0, smoothing_px: Smoothing = 0.0, mix: Mix = 1.0) -> Image:
    """How steep the greys are, from horizontal and vertical differences."""
    smooth = _smoothed(image, smoothing_px)
    steepness = _steepness(_derivative(smooth, 1, 0), _derivative(smooth, 0, 1))
    steepness *= np.float32(gain / SOBEL_STEP)
    return mixed(image, steepness, mix)


@enhancement("Edges (Scharr)", group="Edges", stage=Stage.DISPLAY)
def scharr(image: Image, *, gain: Gain = 2.0, smoothing_px: Smoothing = 0.0, mix: Mix = 1.0) -> Image:
    """Like Sobel, with weights that answer alike in every direction."""
    smooth = _smoothed(image, smoothing_px)
    across, down = (cv2.Scharr(smooth, cv2.CV_32F, x, 1 - x, borderType=cv2.BORDER_REFLECT) for x in (1, 0))
    steepness = _steepness(across, down)
    steepness *= np.float32(gain / SCHARR_STEP)
    return mixed(image, steepness, mix)


@enhancement("Edges (Prewitt)", group="Edges", stage=Stage.DISPLAY)
def prewitt(image: Image, *, gain: Gain = 3.0, smoothing_px: Smoothing = 0.0, mix: Mix = 1.0) -> Image:
    """Like Sobel, with the same weight for all neighbours: calmer on noise, coarser on slanted edges."""
    smooth = _smoothed(image, smoothing_px)
    difference, mean = np.array([-1, 0, 1], np.float32), np.ones(3, np.float32)
    steepness = _steepness(along(smooth, mean, difference), along(smooth, difference, mean))
    steepness *= np.float32(gain / PREWITT_STEP)
    return mixed(image, steepness, mix)


@enhancement("Edges (Laplace)", group="Edges", stage=Stage.DISPLAY)
def laplacian(
    image: Image,
    *,
    gain: Gain = 2.0,
    smoothing_px: Smoothing = 1.0,
    show: Bends = "strength",
    mix: Mix = 1.0,
) -> Image:
    """Where the greys bend: fine lines and both sides of edges."""
    bend: Image = cv2.Laplacian(
        _smoothed(image, smoothing_px), cv2.CV_32F, ksize=1, borderType=cv2.BORDER_REFLECT
    )
    bend *= np.float32(gain)
    return mixed(image, _seen(bend, show), mix)


@enhancement("Edges (Laplacian of Gaussian)", group="Edges", stage=Stage.DISPLAY)
def laplacian_of_gaussian(
    image: Image,
    context: TaskContext | None,
    *,
    radius_px: Annotated[float, Slider(0.5, 10, step=0.1, label="Radius", unit="px")] = 2.0,
    gain: Gain = 6.0,
    show: Bends = "strength",
    mix: Mix = 1.0,
) -> Image:
    """Where the greys bend at one size: blobs and lines of about this radius, and both sides of edges.

    Scaled by the square of the radius, so that things of every size answer alike.
    """
    flat, bent = weights(radius_px, 0), weights(radius_px, 2)
    scale = np.float32(gain * radius_px**2)
    bend = in_parts(
        image, len(flat) // 2, lambda part: along(part, bent, flat) + along(part, flat, bent), context
    )
    bend *= scale
    return mixed(image, _seen(bend, show), mix)


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
    lines = edge_lines(image, smoothing_px, low, high)
    return mixed(image, (lines > 0).astype(np.float32), mix)


def edge_lines(image: Image, smoothing_px: float, low: float, high: float) -> NDArray[np.uint8]:
    """255 on the lines of J. Canny, IEEE Trans. PAMI 8, 1986, else 0.

    They begin where the gradient of 0..1 is above *high*, and go on while it is above *low*.
    """
    smooth = _smoothed(image, smoothing_px)
    across, down = (_gradient16(_derivative(smooth, x, 1 - x)) for x in (1, 0))
    low, high = sorted((low, high))
    step = SOBEL_STEP * CANNY_SCALE
    lines = cv2.Canny(across, down, low * step, high * step, L2gradient=True)
    return np.asarray(lines, np.uint8)


def _smoothed(image: Image, radius_px: float) -> Image:
    if radius_px < 0.1:
        return image
    return cv2.GaussianBlur(image, (0, 0), radius_px, borderType=cv2.BORDER_REFLECT)


def _derivative(image: Image, x: int, y: int) -> Image:
    return cv2.Sobel(image, cv2.CV_32F, x, y, ksize=3, borderType=cv2.BORDER_REFLECT)


def _steepness(across: Image, down: Image) -> Image:
    # cv2.magnitude rounds differently from one call to the next, depending on where its memory lies
    across *= across
    down *= down
    across += down
    return np.sqrt(across, out=across)


def _gradient16(gradient: Image) -> NDArray[np.int16]:
    return np.asarray(cv2.addWeighted(gradient, CANNY_SCALE, gradient, 0, 0, dtype=cv2.CV_16S), np.int16)


def _seen(bend: Image, show: str) -> Image:
    if show == "strength":
        return np.abs(bend, out=bend)
    bend /= 2
    bend += np.float32(0.5)
    return bend


def mixed(image: Image, found: Image, mix: float) -> Image:
    """*found* alone at 1, the picture alone at 0; *found*, a picture of nobody else's, is used up."""
    if mix == 1:
        return found
    np.clip(found, 0, 1, out=found)
    found -= image
    found *= np.float32(mix)
    found += image
    return found
