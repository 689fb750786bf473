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

from medviewer.core.marks import Mark, Position, Segment, moved
from medviewer.imaging.enhance.circle_search import Edges, find_circles
from medviewer.imaging.enhance.edges import edge_lines
from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement
from medviewer.imaging.resample import resize_image
from medviewer.kit.params import Slider

LINES_PX, CIRCLES_PX = 1024, 512
"""The longer side of the picture in which is searched."""
SMALLEST_PX = 8
"""Smaller pictures hold no lines that could be told from their pixels."""
EDGE_PX = 1.0
"""What circles are smoothed by before their edges are looked for."""

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
    greys, around = _searched(image, valid, LINES_PX)
    if min(greys.shape) < SMALLEST_PX:
        return ()
    side = max(greys.shape)
    smoothing_px *= side / max(image.shape)
    edges = edge_lines(greys, smoothing_px, contrast / 2, contrast) & around
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
    seen: Annotated[float, Slider(20, 100, step=1, label="Seen part of a circle", unit="%")] = 70.0,
    smallest: Annotated[float, Slider(0.5, 50, step=0.5, label="Smallest radius", unit=Share)] = 1.5,
    largest: Annotated[float, Slider(0.5, 50, step=0.5, label="Largest radius", unit=Share)] = 15.0,
    most: Most = 20,
) -> tuple[Mark, ...]:
    """Draw circles over the picture where its edges are round; the most complete ones first."""
    greys, around = _searched(image, valid, CIRCLES_PX)
    if min(greys.shape) < SMALLEST_PX:
        return ()
    lines = edge_lines(greys, EDGE_PX, contrast / 2, contrast) & around
    small, large = (max(share / 100 * max(greys.shape), 3.0) for share in sorted((smallest, largest)))
    edges = Edges.of(greys, lines, EDGE_PX)
    found = find_circles(edges, (greys.shape[0], greys.shape[1]), (small, large), seen / 100, most)
    return moved(found, _scale(greys, image), (0, 0))


def _searched(image: Image, valid: Mask | None, longest_px: int) -> tuple[Image, NDArray[np.uint8]]:
    """*image* no larger than is searched, and 255 where it is a picture."""
    smaller = min(1.0, longest_px / max(image.shape))
    size = (max(round(image.shape[0] * smaller), 1), max(round(image.shape[1] * smaller), 1))
    greys: Image = resize_image(image, size)
    if valid is None:
        return greys, np.full(size, 255, np.uint8)
    inside = resize_image(valid.astype(np.float32), size) > 0.5
    return greys, np.where(inside, np.uint8(255), np.uint8(0))


def _scale(greys: Image, image: Image) -> Position:
    """How many rows and columns of the picture one of what was searched is."""
    return (image.shape[0] / greys.shape[0], image.shape[1] / greys.shape[1])
