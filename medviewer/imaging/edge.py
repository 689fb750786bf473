"""The strongest edge near a place: where a point snaps to."""

from __future__ import annotations

import math

import cv2
import numpy as np

from medviewer.core.volume import Frame
from medviewer.imaging.grayscale import outside
from medviewer.imaging.positions import Position

NEARER = 0.5
"""How much less an edge counts that lies a whole radius away."""


def strongest_edge(frame: Frame, at: Position, radius: float) -> Position | None:
    """The centre of the pixel within *radius* (pixels) of *at* whose values change most around it.

    Of modality values (of colours the luminance) by central differences of Sobel, in millimetres or pixels of
    the picture; what is near counts a little more. None where nothing changes, or beside the picture.
    """
    reach = math.ceil(radius)
    row, column = math.floor(at[0] + 0.5), math.floor(at[1] + 0.5)
    height, width = frame.pixels.shape[:2]
    if not (0 <= row < height and 0 <= column < width):
        return None
    top, bottom = max(row - reach - 1, 0), min(row + reach + 2, height)
    left, right = max(column - reach - 1, 0), min(column + reach + 2, width)
    pixels = np.ascontiguousarray(frame.pixels[top:bottom, left:right])
    part = Frame(pixels, frame.plane, frame.rescale, frame.padding)
    if part.is_color:
        values = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float64)
        nowhere = None
    else:
        values, nowhere = part.values().astype(np.float64), outside(part)
    steepness = np.hypot(
        cv2.Sobel(values, cv2.CV_64F, 0, 1, borderType=cv2.BORDER_REPLICATE) / frame.plane.aspect,
        cv2.Sobel(values, cv2.CV_64F, 1, 0, borderType=cv2.BORDER_REPLICATE),
    )
    if nowhere is not None:  # where a picture ends there is no edge of anything in it
        steepness[cv2.dilate(nowhere.view(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 0
    rows, columns = np.mgrid[top:bottom, left:right]
    away = np.hypot(rows - at[0], columns - at[1]) / max(radius, 1e-9)
    steepness = np.where(away <= 1, steepness * (1 - NEARER * away), 0)
    best = np.unravel_index(int(np.argmax(steepness)), steepness.shape)
    if not steepness[best] > 0:
        return None
    return float(top + best[0]), float(left + best[1])
