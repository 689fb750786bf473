"""Gabor filters: stripes of one width in any direction, on 0..1 after the window.

After J. Daugman, J. Opt. Soc. Am. A 2, 1985; the kernels are those of scikit-image with one width for both
axes, which makes each a product of two along one axis.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.enhance.edges import mixed
from medviewer.imaging.enhance.gaussian_kernels import along
from medviewer.imaging.enhance.in_parts import in_parts
from medviewer.imaging.enhance.operation import Image, Stage, enhancement
from medviewer.kit.params import Slider, Words
from medviewer.kit.task import TaskContext

ENDS_AT = 3
"""A kernel ends at so many standard deviations."""
FULL_STRIPES = 4.0
"""Stripes from black to white (half a grey up and down) answer with the inverse of this."""
Kernel = NDArray[np.float32]


@enhancement("Stripes (Gabor)", group="Lines and texture", stage=Stage.DISPLAY)
def gabor(
    image: Image,
    context: TaskContext | None,
    *,
    wavelength_px: Annotated[float, Slider(3, 30, step=0.5, label="Stripe to stripe", unit="px")] = 6.0,
    bandwidth: Annotated[float, Slider(0.5, 2, step=0.1, unit="octaves")] = 1.0,
    directions: Annotated[int, Slider(1, 16)] = 8,
    show: Annotated[
        Literal["bright", "dark", "both"], Words(help="bright lines, dark lines, or texture of both")
    ] = "both",
    gain: Annotated[float, Slider(0.1, 20, step=0.1)] = 5.0,
    mix: Annotated[float, Slider(0, 1, step=0.05, label="Stripes over picture")] = 1.0,
) -> Image:
    """The strongest answer of stripes of one width that are turned in several directions."""
    angles = (math.pi * number / directions for number in range(directions))
    bank = tuple(gabor_kernels(1 / wavelength_px, angle, bandwidth) for angle in angles)
    reach = max(len(kernel) // 2 for kernels in bank for kernel in kernels)

    def strongest(part: Image) -> Image:
        best = np.zeros(part.shape, np.float32)
        for kernels in bank:
            best = np.maximum(best, _answer(part, kernels, show))
        return best

    found = in_parts(image, reach, strongest, context) * np.float32(gain * FULL_STRIPES)
    return mixed(image, found, mix)


def gabor_kernels(frequency: float, angle: float, bandwidth: float) -> tuple[Kernel, Kernel, Kernel, Kernel]:
    """Cosine and sine along the rows, and down the columns, under one Gaussian of unit sum.

    *frequency* is in waves per pixel, *bandwidth* in octaves at half of the strongest answer.
    """
    sigma = math.sqrt(math.log(2) / 2) / math.pi * (2**bandwidth + 1) / (2**bandwidth - 1) / frequency
    way = (math.cos(angle), math.sin(angle))
    reach = math.ceil(max(abs(ENDS_AT * sigma * way[0]), abs(ENDS_AT * sigma * way[1]), 1))
    at = np.arange(-reach, reach + 1, dtype=np.float64)
    gauss = np.exp(-0.5 * (at / sigma) ** 2) / (math.sqrt(2 * math.pi) * sigma)
    found = [gauss * wave(2 * math.pi * frequency * at * part) for part in way for wave in (np.cos, np.sin)]
    across_cos, across_sin, down_cos, down_sin = (one.astype(np.float32) for one in found)
    return across_cos, across_sin, down_cos, down_sin


def gabor_response(image: Image, kernels: tuple[Kernel, Kernel, Kernel, Kernel]) -> tuple[Image, Image]:
    """The even and the odd answer: bright lines have a positive even one, edges an odd one."""
    across_cos, across_sin, down_cos, down_sin = kernels
    even = along(image, down_cos, across_cos) - along(image, down_sin, across_sin)
    odd = along(image, down_sin, across_cos) + along(image, down_cos, across_sin)
    return even, odd


def _answer(image: Image, kernels: tuple[Kernel, Kernel, Kernel, Kernel], show: str) -> Image:
    even, odd = gabor_response(image, kernels)
    if show == "both":
        strength: Image = np.sqrt(even * even + odd * odd)
        return strength
    return even if show == "bright" else -even
