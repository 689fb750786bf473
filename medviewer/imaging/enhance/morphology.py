"""Morphology of greys: what is smaller than a disc or a square is taken out of the values, or stands out.

After P. Soille, Morphological Image Analysis, 2nd edition, 2003. The picture is mirrored at its borders.
"""

from __future__ import annotations

from typing import Annotated, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.enhance.edges import mixed
from medviewer.imaging.enhance.in_parts import in_parts
from medviewer.imaging.enhance.operation import Image, Stage, enhancement
from medviewer.kit.params import Slider, Words
from medviewer.kit.task import TaskContext

Radius = Annotated[int, Slider(1, 40, label="Radius", unit="px")]
Shape = Annotated[Literal["disc", "square"], Words(help="what is moved across the picture")]
Show = Annotated[
    Literal["picture", "alone"],
    Words(help="picture: stronger in the picture; alone: only what was found"),
]
Amount = Annotated[float, Slider(0, 5, step=0.1)]

BORDER = cv2.BORDER_REFLECT


@enhancement("Opening", group="Morphology", stage=Stage.SIGNAL)
def opening(
    image: Image, context: TaskContext | None, *, radius_px: Radius = 2, shape: Shape = "disc"
) -> Image:
    """Take out bright things that are narrower than the shape; everything else stays."""
    return _both(image, cv2.MORPH_OPEN, shape, radius_px, context)


@enhancement("Closing", group="Morphology", stage=Stage.SIGNAL)
def closing(
    image: Image, context: TaskContext | None, *, radius_px: Radius = 2, shape: Shape = "disc"
) -> Image:
    """Fill dark things that are narrower than the shape; everything else stays."""
    return _both(image, cv2.MORPH_CLOSE, shape, radius_px, context)


@enhancement("Bright detail (white top-hat)", group="Morphology", stage=Stage.SIGNAL)
def tophat(
    image: Image,
    context: TaskContext | None,
    *,
    radius_px: Radius = 6,
    shape: Shape = "disc",
    amount: Amount = 1.0,
    show: Show = "picture",
) -> Image:
    """Brighten bright things that are narrower than the shape, or show them alone."""
    opened = _both(image, cv2.MORPH_OPEN, shape, radius_px, context)
    found = np.subtract(image, opened, out=opened)
    found *= np.float32(amount)
    return found if show == "alone" else np.add(image, found, out=found)


@enhancement("Dark detail (black top-hat)", group="Morphology", stage=Stage.SIGNAL)
def blackhat(
    image: Image,
    context: TaskContext | None,
    *,
    radius_px: Radius = 6,
    shape: Shape = "disc",
    amount: Amount = 1.0,
    show: Show = "picture",
) -> Image:
    """Darken dark things that are narrower than the shape, or show them alone and bright."""
    found = _both(image, cv2.MORPH_CLOSE, shape, radius_px, context)
    found -= image
    found *= np.float32(amount)
    return found if show == "alone" else np.subtract(image, found, out=found)


@enhancement("Edges (morphological)", group="Morphology", stage=Stage.DISPLAY)
def morphological_gradient(
    image: Image,
    context: TaskContext | None,
    *,
    radius_px: Radius = 1,
    shape: Shape = "disc",
    gain: Annotated[float, Slider(0.1, 10, step=0.1)] = 4.0,
    mix: Annotated[float, Slider(0, 1, step=0.05, label="Edges over picture")] = 1.0,
) -> Image:
    """The difference between the brightest and the darkest grey around each pixel."""
    found = _moved(image, cv2.MORPH_GRADIENT, shape, radius_px, 1, context)
    found *= np.float32(gain)
    return mixed(image, found, mix)


def footprint(shape: str, radius_px: int) -> NDArray[np.uint8]:
    """1 where the disc or the square is: (2 * radius + 1) pixels a side."""
    rows, columns = np.mgrid[-radius_px : radius_px + 1, -radius_px : radius_px + 1]
    inside = (rows**2 + columns**2 <= radius_px**2) | (shape == "square")
    return np.asarray(inside, np.uint8)


def _both(image: Image, way: int, shape: str, radius_px: int, context: TaskContext | None) -> Image:
    return _moved(image, way, shape, radius_px, 2, context)


def _moved(
    image: Image, way: int, shape: str, radius_px: int, passes: int, context: TaskContext | None
) -> Image:
    """*image* after a morphological *way* of OpenCV that moves the shape over it *passes* times."""
    held = footprint(shape, radius_px)

    def part(image: Image) -> Image:
        return cv2.morphologyEx(image, way, held, borderType=BORDER)

    return in_parts(image, passes * radius_px, part, context)
