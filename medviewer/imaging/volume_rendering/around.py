"""What lies beside the patient on a CT slice: table, cushions, tubes. A body is seen better without them."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

DENSE = -400.0
"""Hounsfield units: skin is denser; air, lung and the foam of cushions are not."""
THIN_MM = 5.0
"""What is thinner is cut off: the shell of a table, a tube, clothes that touch the skin."""
THICK_MM = 11.0
"""A part of the patient has room for a disc of this radius: a table has not, an arm has."""
FULL = 0.25
"""The share of a part that is dense: a chest with all its air has twice as much, a hollow table half."""
SKIN_MM = 2.5


class Around(Enum):
    """What stands in the place of everything beside the patient."""

    KEPT = "kept"
    """it itself"""
    AIR = "air"
    TISSUE = "tissue"
    """as if the patient had no skin: what is less dense inside is seen from without"""

    @property
    def value_hu(self) -> float:
        """Its Hounsfield units."""
        return 60.0 if self is Around.TISSUE else -1000.0


def without(values: NDArray[np.float32], spacing: tuple[float, float], around: Around) -> bool:
    """Replace what lies beside the patient on a slice, in place; whether a patient was found there.

    *values* are Hounsfield units, (row, column); *spacing* is (between rows, between columns) in millimetres.
    A slice without a patient is filled as a whole.
    """
    inside = patient(values, spacing)
    found = bool(inside.any())
    rim = _disc(SKIN_MM, spacing)
    # the skin itself fades into the air over a voxel or two: they belong to it, or must not be seen at all
    shown = cv2.erode(inside, rim) if around is Around.TISSUE else cv2.dilate(inside, rim)
    values[shown == 0] = around.value_hu
    return found


def patient(values: NDArray[np.float32], spacing: tuple[float, float]) -> NDArray[np.uint8]:
    """Where the patient is, what the skin encloses included: 1 inside, 0 elsewhere; (row, column)."""
    dense = (values > DENSE).astype(np.uint8)
    # half a disc at each border, so that a patient who reaches beyond the picture is not thin there
    margin = max(1, round(THICK_MM / min(spacing)))
    padded = np.pad(dense, margin, mode="edge")
    solid = cv2.morphologyEx(_filled(padded), cv2.MORPH_OPEN, _disc(THIN_MM, spacing))
    depth = cv2.distanceTransform(solid, cv2.DIST_L2, cv2.DIST_MASK_5)
    count, found_parts = cv2.connectedComponents(solid, connectivity=4)
    parts = np.asarray(found_parts, np.int32)
    deepest = np.zeros(count, np.float32)
    np.maximum.at(deepest, parts.ravel(), depth.ravel())
    sizes = np.bincount(parts.ravel(), minlength=count)
    fullness = np.bincount(parts.ravel(), padded.ravel(), minlength=count) / np.maximum(sizes, 1)
    kept = (deepest * min(spacing) >= THICK_MM) & (fullness >= FULL)
    kept[0] = False
    found = kept[parts].astype(np.uint8)
    rows, columns = values.shape
    return np.ascontiguousarray(found[margin : margin + rows, margin : margin + columns])


def _filled(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """*mask* without holes: whatever one of its parts encloses belongs to it."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(mask)
    cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED)
    return filled


@lru_cache(maxsize=16)
def _disc(radius: float, spacing: tuple[float, float]) -> NDArray[np.uint8]:
    down, right = (max(1, round(radius / step)) for step in spacing)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * right + 1, 2 * down + 1)), np.uint8)
