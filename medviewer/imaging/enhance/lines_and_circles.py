"""Straight lines and circles that are found in what is seen and drawn over it; no value is changed.

After R. Duda and P. Hart, Use of the Hough transformation, Comm. ACM 15, 1972, and J. Matas et al., Robust
detection of lines using the progressive probabilistic Hough transform, CVIU 78, 2000.
"""

from __future__ import annotations

import math
from typing import Annotated

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.marks import Circle, Mark, Position, Segment, moved
from medviewer.imaging.enhance.edges import edge_lines
from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement
from medviewer.imaging.resample import resize_image
from medviewer.kit.params import Slider

LARGEST_PX = 1024
"""The longer side of the picture in which is searched; places are exact to a pixel of that."""
SMALLEST_PX = 8
"""Smaller pictures hold no lines that could be told from their pixels."""
SCHARR_STEP = 16 * 255.0
"""What OpenCV's circles take the edge from black to white to be."""
DISTINCT_SHARE = 0.5
"""Two circles are told apart when their centres are this share of the larger radius away, or more."""

LEAST_EDGES = 8
"""Fewer pixels say nothing of where a circle lies."""

Most = Annotated[int, Slider(1, 100, label="At most")]
Contrast = Annotated[float, Slider(0.01, 1, step=0.01, label="Contrast of edges")]
Share = "% of the picture"


@enhancement("Mark lines (Hough)", group="Marks", stage=Stage.MARKS)
def hough_lines(
    image: Image,
    valid: Mask | None,
    *,
    contrast: Contrast = 0.06,
    smoothing_px: Annotated[float, Slider(0, 5, step=0.1, label="Smooth first", unit="px")] = 1.4,
    shortest: Annotated[float, Slider(2, 100, step=1, label="Shortest line", unit=Share)] = 12.0,
    gap: Annotated[float, Slider(0, 20, step=0.5, label="Gaps up to", unit=Share)] = 1.0,
    most: Most = 20,
) -> tuple[Mark, ...]:
    """Draw straight lines over the picture where its edges lie in a row; the longest ones first."""
    greys, around = _searched(image, valid)
    if min(greys.shape) < SMALLEST_PX:
        return ()
    side = max(greys.shape)
    smoothing_px *= side / max(image.shape)
    edges = cv2.bitwise_and(edge_lines(greys, smoothing_px, contrast / 2, contrast), around)
    length = max(shortest / 100 * side, 3.0)
    found = cv2.HoughLinesP(
        edges, 1, math.pi / 360, max(round(length / 2), 2), minLineLength=length, maxLineGap=gap / 100 * side
    )
    ends = [] if found is None else found.reshape(-1, 4).tolist()
    segments = [Segment((top, left), (bottom, right)) for left, top, right, bottom in ends]
    longest = sorted(segments, key=lambda one: (-one.length_px, one.start, one.end))
    return moved(longest[:most], _scale(greys, image), (0, 0))


@enhancement("Mark circles (Hough)", group="Marks", stage=Stage.MARKS)
def hough_circles(
    image: Image,
    valid: Mask | None,
    *,
    contrast: Contrast = 0.06,
    roundness: Annotated[float, Slider(0.1, 0.99, step=0.01)] = 0.75,
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
    found = cv2.HoughCircles(
        grey8,
        cv2.HOUGH_GRADIENT_ALT,
        dp=1.5,
        minDist=max(small, 1),
        param1=contrast * SCHARR_STEP,
        param2=roundness,
        minRadius=math.floor(small),
        maxRadius=math.ceil(large),
    )
    edges = np.argwhere(edge_lines(greys, 1.0, contrast / 2, contrast)).astype(np.float64)
    kept: list[Circle] = []
    for column, row, radius in [] if found is None else found.reshape(-1, 3).tolist():
        circle = _fitted(Circle((row, column), radius), edges)
        if _is_inside(around, row, column) and not any(_is_alike(circle, other) for other in kept):
            kept.append(circle)
    return moved(kept[:most], _scale(greys, image), (0, 0))


def _searched(image: Image, valid: Mask | None) -> tuple[Image, NDArray[np.uint8]]:
    """*image* no larger than is searched, and 255 where it is a picture."""
    smaller = min(1.0, LARGEST_PX / max(image.shape))
    size = (max(round(image.shape[0] * smaller), 1), max(round(image.shape[1] * smaller), 1))
    greys: Image = resize_image(image, size)
    if valid is None:
        return greys, np.full(size, 255, np.uint8)
    inside = resize_image(valid.astype(np.float32), size) > 0.5
    return greys, np.where(inside, np.uint8(255), np.uint8(0))


def _scale(greys: Image, image: Image) -> Position:
    """How many rows and columns of the picture one of what was searched is."""
    return (image.shape[0] / greys.shape[0], image.shape[1] / greys.shape[1])


def _fitted(circle: Circle, edges: NDArray[np.float64]) -> Circle:
    """*circle*, found to a few pixels, moved onto the *edges* (row, column) near it.

    The circle of least squares of I. Kasa, IEEE Trans. Instrumentation and Measurement 25, 1976.
    """
    fitted = circle
    for reach_px in (max(0.1 * circle.radius_px, 3.0), 3.0, 2.0):
        away = np.hypot(*(edges - fitted.center).T) - fitted.radius_px
        near = edges[np.abs(away) < reach_px] - circle.center
        if len(near) < LEAST_EDGES:
            return circle
        terms = np.column_stack([2 * near, np.ones(len(near))])
        (row, column, rest), *_ = np.linalg.lstsq(terms, (near**2).sum(axis=1), rcond=None)
        radius = math.sqrt(max(rest + row**2 + column**2, 0.0))
        fitted = Circle((circle.center[0] + float(row), circle.center[1] + float(column)), radius)
    is_other = not 0.8 < fitted.radius_px / circle.radius_px < 1.25
    return circle if is_other or math.hypot(row, column) > 0.2 * circle.radius_px + 1 else fitted


def _is_alike(one: Circle, two: Circle) -> bool:
    return math.dist(one.center, two.center) < DISTINCT_SHARE * max(one.radius_px, two.radius_px)


def _is_inside(around: NDArray[np.uint8], row: float, column: float) -> bool:
    """Whether a centre does not lie on padding; it may lie beyond the picture."""
    top, left = round(row), round(column)
    beyond = not (0 <= top < around.shape[0] and 0 <= left < around.shape[1])
    return beyond or bool(around[top, left])
