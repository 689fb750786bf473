"""Multi-scale contrast, the radiographer's: faint detail of every size is raised towards strong detail.

After P. Vuylsteke and E. Schoeters, Multiscale image contrast amplification (MUSICA), Proc. SPIE 2167, 1994,
with the limit on noise of S. Dippel et al., IEEE Trans. Med. Imaging 21, 2002.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import cv2
import numpy as np

from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement, percentiles
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

SMALLEST_PX = 8
"""The pyramid ends when its shorter side is no longer than this."""
STRONGEST_SHARE = 0.5
"""Detail of this share of the picture's range keeps its strength; fainter one is raised."""


@enhancement("Multi-scale contrast (radiography)", group="Contrast", stage=Stage.SIGNAL)
def multiscale(
    image: Image,
    valid: Mask | None,
    context: TaskContext | None,
    *,
    strength: Annotated[float, Slider(0, 1, step=0.05)] = 0.4,
    noise: Annotated[float, Slider(0.05, 10, step=0.05, label="Noise below", unit="%")] = 0.5,
    coarse: Annotated[float, Slider(0, 1, step=0.05, label="Flatten large structures")] = 0.2,
) -> Image:
    """Even out the contrast of details of every size, so that faint ones are seen beside strong ones."""
    low, high = percentiles(image, valid, 0.5, 99.5)
    if high <= low or (strength == 0 and coarse == 0):
        return image
    # the middle of the range is 0: float32 then spends its digits on the detail
    middle, strongest = np.float32((low + high) / 2), STRONGEST_SHARE * (high - low)
    faintest = noise / 100 * (high - low)

    def raised(detail: Image) -> Image:
        if context is not None:
            context.check()
        share = np.maximum(np.abs(detail), np.float32(faintest)) * np.float32(1 / strongest)
        raised: Image = detail * np.power(share, np.float32(-strength))
        return raised

    worked = through_pyramid(image - middle, raised, np.float32(1 - coarse)) + middle
    return _in_the_old_range(worked, valid, low, high)


def through_pyramid(image: Image, changed: Callable[[Image], Image], rest: np.float32) -> Image:
    """*image* put together again from a Laplacian pyramid whose details were *changed* level by level.

    *rest* is the factor of what is left when all details are taken away (Burt and Adelson, IEEE Trans. Comm.
    31, 1983). Where nothing is changed the picture comes back, in any size, odd ones too.
    """
    if min(image.shape) <= SMALLEST_PX:
        mean = np.float32(image.mean(dtype=np.float64))
        return changed(image - mean) + mean * rest
    below = cv2.pyrDown(image, borderType=cv2.BORDER_REFLECT_101)
    detail = changed(image - _up(below, image.shape))
    return detail + _up(through_pyramid(below, changed, rest), image.shape)


def _up(image: Image, shape: tuple[int, ...]) -> Image:
    return cv2.pyrUp(image, dstsize=(shape[1], shape[0]))


def _in_the_old_range(image: Image, valid: Mask | None, low: float, high: float) -> Image:
    """*image* with its darkest and brightest values where they were, so that the window still fits."""
    new_low, new_high = percentiles(image, valid, 0.5, 99.5)
    if new_high <= new_low:
        return image
    factor = (high - low) / (new_high - new_low)
    return (image - np.float32(new_low)) * np.float32(factor) + np.float32(low)
