"""Noise removed by averaging what looks alike: non-local means, on modality values."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from medviewer.imaging.enhance.in_parts import in_parts
from medviewer.imaging.enhance.noise_level import noise_of
from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

PATCH_PX = 5


@enhancement("Non-local means", group="Noise", stage=Stage.SIGNAL)
def nl_means(
    image: Image,
    valid: Mask | None,
    context: TaskContext | None,
    *,
    strength: Annotated[float, Slider(0.1, 5, step=0.1, unit="× noise")] = 1.5,
    search_px: Annotated[int, Slider(2, 10, label="Search around", unit="px")] = 5,
) -> Image:
    """Average each pixel with those nearby whose surroundings look alike: noise goes, fine structure stays.

    A. Buades, B. Coll and J.-M. Morel, CVPR 2005, with patches of 5x5 pixels and integral images after
    J. Darbon and others, ISBI 2008. The strength is in multiples of the noise found in the picture.
    """
    level = noise_of(image, valid)
    if not level:
        return image
    from skimage.restoration import denoise_nl_means  # noqa: PLC0415 - brings half of SciPy along

    middle = np.float64(np.median(image))

    def averaged(part: Image) -> Image:
        # sums over a strip of squared differences need the digits of float64
        scaled = (part - middle) / level
        found = denoise_nl_means(scaled, PATCH_PX, search_px, h=strength, sigma=1.0, fast_mode=True)
        back: Image = (found * level + middle).astype(np.float32)
        return back

    return in_parts(image, search_px + PATCH_PX // 2 + 1, averaged, context)
