"""Noise removed from the wavelet details of a picture, on modality values."""

from __future__ import annotations

from typing import Annotated, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.enhance.noise_level import noise_of, shrunk
from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

WAVELET = "sym4"
"""Nearly symmetric: what it takes away leaves no one-sided echoes beside edges."""
SMALLEST = 1e-30


@enhancement("Wavelet shrinkage", group="Noise", stage=Stage.SIGNAL)
def wavelet(
    image: Image,
    valid: Mask | None,
    context: TaskContext | None,
    *,
    strength: Annotated[float, Slider(0.1, 5, step=0.1, unit="× noise")] = 1.5,
    levels: Annotated[int, Slider(1, 6)] = 4,
) -> Image:
    """Take fine, medium and coarse details apart, and make those smaller that are no stronger than the noise.

    BayesShrink with soft thresholds: S. G. Chang, B. Yu and M. Vetterli, IEEE Transactions on Image
    Processing 9(9), 2000. The strength is in multiples of the noise found in the picture.
    """
    level = noise_of(image, valid) * strength
    if not level:
        return image
    import pywt  # noqa: PLC0415 - only who removes noise waits for it

    coarse: NDArray[Any] = image
    kept: list[tuple[tuple[int, int], tuple[NDArray[Any], ...]]] = []
    for number in range(min(levels, max(1, pywt.dwt_max_level(min(image.shape), WAVELET)))):
        if context is not None:
            context.report(number / (2 * levels))
        shape = (coarse.shape[0], coarse.shape[1])
        coarse, details = pywt.dwt2(coarse, WAVELET)
        counted = shrunk(valid, coarse.shape)
        kept.append((shape, tuple(_smaller(one, counted, level) for one in details)))
    for number, (shape, details) in enumerate(reversed(kept)):
        if context is not None:
            context.report(0.5 + number / (2 * levels))
        # odd lengths come back with one value more
        coarse = pywt.idwt2((coarse, details), WAVELET)[: shape[0], : shape[1]]
    return np.asarray(coarse, np.float32)


def _smaller(details: NDArray[Any], counted: NDArray[np.bool_] | None, level: float) -> NDArray[Any]:
    """*details* nearer to 0 by the threshold that suits their strength; none stays of what is only noise."""
    found = details if counted is None else details[counted]
    noise = level * level
    signal = cv2.norm(found, cv2.NORM_L2SQR) / found.size - noise
    threshold = np.float32(noise / np.sqrt(max(signal, SMALLEST)))
    left: NDArray[Any] = np.abs(details)
    left -= threshold
    np.maximum(left, 0, out=left)
    np.copysign(left, details, out=left)
    return left
