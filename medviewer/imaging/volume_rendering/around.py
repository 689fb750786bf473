"""What lies beside the patient on a CT slice: table, cushions, tubes. A body is seen better without them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

DENSE = -400.0
"""Hounsfield units: skin is denser; air, lung and the foam of cushions are not."""
AIR = -950.0
ROOM = 0.4
"""The share of what the border of a picture cuts off that is air: the room has more of it, a lung less."""
THIN_MM = 5.0
"""What is thinner is cut off: the shell of a table, a tube, clothes that touch the skin."""
WALL_MM = 8.0
"""A wall of the chest that is thinner comes back so far from where it is not."""
THICK_MM = 6.5
"""A part of the patient has room for a disc of this radius: the shell of a table has not, a finger has."""
FULL = 0.25
"""The share of a part that is dense: a chest with all its air has twice as much, a hollow table half."""
SKIN_MM = 2.5
MOST_LEFT = 0.6
"""The share of what is dense that a patient has at least: a table is a tenth of it."""
LOST = 0.1
"""A slice with less than this share of the fullest one may be a table alone."""


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


def without(values: NDArray[np.float32], spacing: tuple[float, float], around: Around) -> tuple[int, int]:
    """Replace what lies beside the patient on a slice, in place.

    *values* are Hounsfield units, (row, column); *spacing* is (between rows, between columns) in millimetres.
    The answer counts the dense pixels there were and those that the patient has, for `is_credible`.
    """
    inside = patient(values, spacing)
    dense = values > DENSE
    counts = (int(dense.sum()), int((dense & (inside > 0)).sum()))
    rim = _disc(SKIN_MM, spacing)
    # the skin itself fades into the air over a voxel or two: they belong to it, or must not be seen at all
    shown = cv2.erode(inside, rim) if around is Around.TISSUE else cv2.dilate(inside, rim)
    values[shown == 0] = around.value_hu
    return counts


def is_credible(counts: Sequence[tuple[int, int]]) -> bool:
    """Whether what was found on the slices of a stack may be all of a patient, from the answers of `without`.

    Where much was left out, or all of a slice that is not nearly empty, it may have been a part of somebody,
    or is no patient at all.
    """
    dense, kept = sum(one for one, _ in counts), sum(one for _, one in counts)
    most = max((one for one, _ in counts), default=0)
    lost = any(one > LOST * most and not left for one, left in counts)
    return dense > 0 and kept >= MOST_LEFT * dense and not lost


def patient(values: NDArray[np.float32], spacing: tuple[float, float]) -> NDArray[np.uint8]:
    """Where the patient is, what the skin encloses included: 1 inside, 0 elsewhere; (row, column)."""
    dense = (values > DENSE).astype(np.uint8)
    # half a disc at each border, so that a patient who reaches beyond the picture is not thin there
    margin = max(1, round(THICK_MM / min(spacing)))
    padded, wide = np.pad(dense, margin, mode="edge"), np.pad(values, margin, mode="edge")
    # the shell of a hollow table goes before anything is filled; a thin wall beside thick tissue comes back
    thin = _disc(THIN_MM, spacing)
    thick = cv2.morphologyEx(padded, cv2.MORPH_OPEN, thin)
    near = padded & np.asarray(cv2.dilate(thick, _disc(WALL_MM, spacing)), np.uint8)
    solid = cv2.morphologyEx(_filled(near, wide), cv2.MORPH_OPEN, thin)
    depth = cv2.distanceTransform(solid, cv2.DIST_L2, cv2.DIST_MASK_5)
    count, found_parts = cv2.connectedComponents(solid, connectivity=4)
    parts = np.asarray(found_parts, np.int32)
    deep = np.bincount(parts[depth * min(spacing) >= THICK_MM], minlength=count) > 0
    sizes = np.bincount(parts.ravel(), minlength=count)
    fullness = np.bincount(parts.ravel(), padded.ravel(), minlength=count) / np.maximum(sizes, 1)
    kept = deep & (fullness >= FULL)
    kept[0] = False
    found = kept[parts].astype(np.uint8)
    rows, columns = values.shape
    return np.ascontiguousarray(found[margin : margin + rows, margin : margin + columns])


def _filled(mask: NDArray[np.uint8], values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """*mask* with what it encloses; at the border of the picture also lung, which is denser than the room."""
    count, found_parts = cv2.connectedComponents(1 - mask, connectivity=4)
    parts = np.asarray(found_parts, np.int32)
    sizes = np.maximum(np.bincount(parts.ravel(), minlength=count), 1)
    airy = np.bincount(parts.ravel(), (values < AIR).ravel(), minlength=count) / sizes
    enclosed = np.ones(count, bool)
    for edge in (parts[0], parts[-1], parts[:, 0], parts[:, -1]):
        enclosed[edge] = False
    inside = enclosed | (airy < ROOM)
    inside[0] = True  # the mask itself
    return inside[parts].astype(np.uint8)


@lru_cache(maxsize=16)
def _disc(radius: float, spacing: tuple[float, float]) -> NDArray[np.uint8]:
    down, right = (max(1, round(radius / step)) for step in spacing)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * right + 1, 2 * down + 1)), np.uint8)
