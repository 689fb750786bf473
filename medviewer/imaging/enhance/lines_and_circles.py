"""Straight lines and circles that are found in what is seen and drawn over it; no value is changed.

After R. Duda and P. Hart, Use of the Hough transformation, Comm. ACM 15, 1972, and J. Matas et al., Robust
detection of lines using the progressive probabilistic Hough transform, CVIU 78, 2000.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.marks import Circle, Mark, Position, Segment
from medviewer.imaging.enhance.edges import edge_lines
from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement
from medviewer.imaging.one_thread import OneThread
from medviewer.imaging.resample import resize_image
from medviewer.kit.params import Slider

LARGEST_PX = 1024
"""The longer side of the picture in which is searched; places are exact to a pixel of that."""
SMALLEST_PX = 8
"""Smaller pictures hold no lines that could be told from their pixels."""
SCHARR_STEP = 16 * 255.0
"""What OpenCV's circles take the edge from black to white to be."""
DISTINCT_SHARE = 0.5
"""Two circles are told apart when their centres are at least this share of the smallest radius away."""

Most = Annotated[int, Slider(1, 100, label="At most")]
Contrast = Annotated[float, Slider(0.01, 1, step=0.01, label="Contrast of edges")]
Share = "% of the picture"


@enhancement("Mark lines (Hough)", group="Marks", stage=Stage.MARKS)
def hough_lines(
    image: Image,
    valid: Mask | None,
    *,
    contrast: Contrast = 0.1,
    smoothing_px: Annotated[float, Slider(0, 5, step=0.1, label="Smooth first", unit="px")] = 1.4,
    shortest: Annotated[float, Slider(2, 100, step=1, label="Shortest line", unit=Share)] = 12.0,
    gap: Annotated[float, Slider(0, 20, step=0.5, label="Gaps up to", unit=Share)] = 1.0,
    most: Most = 20,
) -> tuple[Mark, ...]:
    """Draw straight lines over the picture where its edges lie in a row; the longest ones first."""
    greys, around = _searched(image, valid)
    if min(greys.shape) < SMALLEST_PX:
        return ()
    edges = cv2.bitwise_and(edge_lines(greys, smoothing_px, contrast / 2, contrast), around)
    side = max(greys.shape)
    length = max(shortest / 100 * side, 3.0)
    found = cv2.HoughLinesP(
        edges, 1, math.pi / 360, max(round(length / 2), 2), minLineLength=length, maxLineGap=gap / 100 * side
    )
    back = _way_back(greys, image)
    ends = [] if found is None else found.reshape(-1, 4).tolist()
    segments = [Segment(back(top, left), back(bottom, right)) for left, top, right, bottom in ends]
    return tuple(sorted(segments, key=lambda one: (-one.length_px, one.start, one.end))[:most])


@enhancement("Mark circles (Hough)", group="Marks", stage=Stage.MARKS)
def hough_circles(
    image: Image,
    valid: Mask | None,
    *,
    contrast: Contrast = 0.1,
    roundness: Annotated[float, Slider(0.1, 1, step=0.01)] = 0.7,
    smallest: Annotated[float, Slider(0.5, 50, step=0.5, label="Smallest radius", unit=Share)] = 1.5,
    largest: Annotated[float, Slider(0.5, 50, step=0.5, label="Largest radius", unit=Share)] = 15.0,
    most: Most = 20,
) -> tuple[Mark, ...]:
    """Draw circles over the picture where its edges are round; the clearest ones first."""
    greys, around = _searched(image, valid)
    if min(greys.shape) < SMALLEST_PX:
        return ()
    grey8 = np.rint(np.clip(greys, 0, 1) * 255).astype(np.uint8)
    small, large = (max(share / 100 * max(greys.shape), 2) for share in sorted((smallest, largest)))
    with OneThread():
        found = cv2.HoughCircles(
            grey8,
            cv2.HOUGH_GRADIENT_ALT,
            dp=1.5,
            minDist=max(DISTINCT_SHARE * small, 1),
            param1=contrast * SCHARR_STEP,
            param2=min(roundness, 0.99),
            minRadius=math.floor(small),
            maxRadius=math.ceil(large),
        )
    if found is None:
        return ()
    back, factor = _way_back(greys, image), max(image.shape) / max(greys.shape)
    circles = [(y, x, radius) for x, y, radius in found.reshape(-1, 3).tolist() if _is_inside(around, y, x)]
    return tuple(Circle(back(row, column), radius * factor) for row, column, radius in circles[:most])


def _searched(image: Image, valid: Mask | None) -> tuple[Image, NDArray[np.uint8]]:
    """*image* no larger than is searched, and 255 where it is a picture."""
    smaller = min(1.0, LARGEST_PX / max(image.shape))
    size = (max(round(image.shape[0] * smaller), 1), max(round(image.shape[1] * smaller), 1))
    greys: Image = resize_image(image, size)
    if valid is None:
        return greys, np.full(size, 255, np.uint8)
    inside = resize_image(valid.astype(np.float32), size) > 0.5
    return greys, np.where(inside, np.uint8(255), np.uint8(0))


def _way_back(greys: Image, image: Image) -> Callable[[float, float], Position]:
    """From a place in what was searched to the place in the picture."""
    down, across = image.shape[0] / greys.shape[0], image.shape[1] / greys.shape[1]

    def back(row: float, column: float) -> Position:
        return ((row + 0.5) * down - 0.5, (column + 0.5) * across - 0.5)

    return back


def _is_inside(around: NDArray[np.uint8], row: float, column: float) -> bool:
    """Whether a centre does not lie on padding; it may lie beyond the picture."""
    top, left = round(row), round(column)
    beyond = not (0 <= top < around.shape[0] and 0 <= left < around.shape[1])
    return beyond or bool(around[top, left])
