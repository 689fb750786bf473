"""The same as each enhancement by the plain calls of a library, which it must not be much slower than.

One call where a library has the whole filter, OpenCV's where several have it; else the few that it is made
of, with nothing around them: no mask, no strips, no check. Numbers, types and borders are the operation's.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.frozen import frozen

Image = NDArray[Any]
Values = dict[str, Any]


@frozen
class Plain:
    """What an enhancement is compared with."""

    words: str
    call: Callable[[Image, Values], object]


PLAIN: dict[str, Plain] = {}
"""By the name of the operation."""


def plain(name: str, words: str) -> Callable[[Callable[[Image, Values], object]], Callable[..., object]]:
    """Make ``call(image, values)`` what the operation *name* is compared with."""

    def declare(call: Callable[[Image, Values], object]) -> Callable[[Image, Values], object]:
        PLAIN[name] = Plain(words, call)
        return call

    return declare


# through their names: a program that measures nothing loads none of them, and only `imaging` builds on them
cv2: Any = import_module("cv2")
BORDER = cv2.BORDER_REFLECT


def library(name: str) -> Any:
    """A library that is loaded when something of it is called."""
    return import_module(name)


def blurred(image: Image, radius_px: float) -> Image:
    """With a Gaussian of this SD."""
    smooth: Image = cv2.GaussianBlur(image, (0, 0), radius_px, borderType=BORDER)
    return smooth


def clipped(image: Image) -> Image:
    """Between 0 and 1, in place."""
    return np.clip(image, 0, 1, out=image)


def steepness(across: Image, down: Image, gain: float) -> Image:
    """How steep, from two slopes."""
    steepness = cv2.magnitude(across, down)
    return clipped(cv2.multiply(steepness, gain, dst=steepness))


def as_grey16(image: Image) -> NDArray[np.uint16]:
    """0 to 1 in 16 bits."""
    return np.rint(image * np.float32(65_535)).astype(np.uint16)


def canny_lines(image: Image, smoothing_px: float, low: float, high: float) -> NDArray[np.uint8]:
    """Edges as the operation Canny finds them, 0 or 255."""
    smooth, scale = blurred(image, smoothing_px), 8191.0
    across, down = (
        cv2.Sobel(smooth, cv2.CV_32F, x, 1 - x, scale=scale, borderType=BORDER).astype(np.int16)
        for x in (1, 0)
    )
    lines: NDArray[np.uint8] = cv2.Canny(across, down, low * 4 * scale, high * 4 * scale, L2gradient=True)
    return lines
