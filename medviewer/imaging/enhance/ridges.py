"""Ridges: vessels, ducts, fibres and creases, on 0..1 after the window, by how the greys bend.

After A. Frangi et al., Multiscale vessel enhancement filtering, MICCAI 1998, and Y. Sato et al., Medical
Image Analysis 2, 1998, with the arithmetic of scikit-image.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np

from medviewer.imaging.enhance.edges import mixed
from medviewer.imaging.enhance.gaussian_kernels import along, weights
from medviewer.imaging.enhance.in_parts import in_parts
from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement, percentiles
from medviewer.kit.params import Slider, Words
from medviewer.kit.task import TaskContext

Narrowest = Annotated[float, Slider(0.7, 10, step=0.1, label="Narrowest", unit="px")]
Widest = Annotated[float, Slider(0.7, 10, step=0.1, label="Widest", unit="px")]
Scales = Annotated[int, Slider(1, 5, label="Widths tried")]
Lines = Annotated[Literal["bright", "dark"], Words(help="whether the lines are brighter than what is around")]
Mix = Annotated[float, Slider(0, 1, step=0.05, label="Lines over picture")]

FLAT = 1e-5
"""Bending of 0..1 below this is what rounding leaves of a constant."""


@enhancement("Vessels (Frangi)", group="Lines and texture", stage=Stage.DISPLAY)
def frangi(
    image: Image,
    valid: Mask | None,
    context: TaskContext | None,
    *,
    narrowest_px: Narrowest = 1.5,
    widest_px: Widest = 4.0,
    scales: Scales = 3,
    lines: Lines = "bright",
    roundness: Annotated[float, Slider(0.1, 2, step=0.05, label="Tolerance for blobs")] = 0.5,
    structure: Annotated[float, Slider(0.01, 1, step=0.01, label="Least strength")] = 0.05,
    mix: Mix = 1.0,
) -> Image:
    """How much each place looks like a tube, judged by how the greys bend along and across it."""
    signed = image if lines == "dark" else -image
    widths = _widths(narrowest_px, widest_px, scales)
    reach = _reach_px(widths)
    first, second = (None, None) if context is None else (context.part(0, 0.2), context.part(0.2, 1))
    # the strongest bending of the whole picture decides what counts as weak, before any part is judged
    bending = in_parts(signed, _reach_px(widths[:1]), lambda part: _bending(part, widths[0]), first)
    strongest = float((bending if valid is None else bending[valid]).max())
    if strongest <= FLAT:
        return image * np.float32(1 - mix)
    gamma = structure * strongest
    found = in_parts(signed, reach, lambda part: _likeness(part, widths, roundness, gamma), second)
    return mixed(image, found, mix)


@enhancement("Lines (Sato)", group="Lines and texture", stage=Stage.DISPLAY)
def sato(
    image: Image,
    valid: Mask | None,
    context: TaskContext | None,
    *,
    narrowest_px: Narrowest = 1.5,
    widest_px: Widest = 4.0,
    scales: Scales = 3,
    lines: Lines = "bright",
    gain: Annotated[float, Slider(0.1, 10, step=0.1)] = 1.0,
    mix: Mix = 1.0,
) -> Image:
    """How strongly the greys bend across lines; the strongest of the picture are white at a gain of 1."""
    signed = image if lines == "dark" else -image
    widths = _widths(narrowest_px, widest_px, scales)
    found = in_parts(signed, _reach_px(widths), lambda part: _tubeness(part, widths), context)
    strongest = percentiles(found, valid, 0, 99.5)[1]
    if strongest <= FLAT:
        return image * np.float32(1 - mix)
    found = found * np.float32(gain / strongest)
    return mixed(image, found, mix)


def bends(image: Image, sigma: float) -> tuple[Image, Image]:
    """The larger and the smaller eigenvalue of the Hessian of *image* at a width of *sigma* pixels."""
    flat, steep = _kernels(sigma)
    down, across = along(image, steep, flat), along(image, flat, steep)
    rows, both, columns = along(down, steep, flat), along(down, flat, steep), along(across, flat, steep)
    middle, half = (rows + columns) / 2, (rows - columns) / 2
    away = np.sqrt(both * both + half * half)
    return middle + away, middle - away


def _kernels(sigma: float) -> tuple[Image, Image]:
    # two derivatives one after the other, each of a Gaussian with half of the variance
    truncate = 8.0 if sigma > 1 else 100.0
    part = sigma / math.sqrt(2)
    return weights(part, 0, truncate), weights(part, 1, truncate)


def _widths(one: float, two: float, count: int) -> tuple[float, ...]:
    narrowest, widest = sorted((one, two))
    return tuple(np.linspace(narrowest, widest, count).tolist())


def _reach_px(widths: tuple[float, ...]) -> int:
    """Two filters, one after the other."""
    return 2 * max(len(_kernels(sigma)[0]) // 2 for sigma in widths)


def _bending(image: Image, sigma: float) -> Image:
    large, small = bends(image, sigma)
    bending: Image = np.sqrt(large * large + small * small)
    return bending


def _likeness(image: Image, widths: tuple[float, ...], beta: float, gamma: float) -> Image:
    """The largest vesselness of any width, 0..1, of dark lines."""
    return _largest(image, widths, lambda large, small, _: _vesselness(large, small, beta, gamma))


def _tubeness(image: Image, widths: tuple[float, ...]) -> Image:
    """How strongly dark lines of any width bend."""
    return _largest(image, widths, lambda large, _, sigma: np.maximum(large, 0) * np.float32(sigma**2))


def _largest(
    image: Image, widths: tuple[float, ...], judged: Callable[[Image, Image, float], Image]
) -> Image:
    best = np.zeros(image.shape, np.float32)
    for sigma in widths:
        best = np.maximum(best, judged(*bends(image, sigma), sigma))
    return best


def _vesselness(large: Image, small: Image, beta: float, gamma: float) -> Image:
    swapped = np.abs(large) < np.abs(small)
    weak, strong = np.where(swapped, large, small), np.where(swapped, small, large)
    ratio = np.abs(weak) / np.maximum(strong, np.float32(1e-10))
    blob = np.exp(-(np.minimum(ratio / np.float32(beta), 1e3) ** 2) / 2)
    bending = (large * large + small * small) * np.float32(1 / (2 * gamma**2))
    # what bends the other way is no line of this kind, however straight (scikit-image counts straight ones)
    likeness: Image = np.where(strong > 0, blob * -np.expm1(-bending), np.float32(0))
    return likeness
