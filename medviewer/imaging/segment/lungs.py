"""Both lungs in CT, without the windpipe, with what lies against the pleura."""

from __future__ import annotations

from typing import Annotated

import cv2
import numpy as np
from numpy.typing import NDArray

import medviewer.imaging.one_thread  # noqa: F401  before anything is computed with OpenCV
from medviewer.imaging.islands import Parts, parts_of, without_holes
from medviewer.imaging.segment.grid import HOUNSFIELD, Grid, Mask
from medviewer.imaging.segment.method import segmentation
from medviewer.imaging.segment.presets import HounsfieldUnits, air, ellipse
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

LUMEN_HU = -800
"""Air in an airway, as its walls blur it."""
WINDPIPE_MM2 = (40.0, 700.0)
"""How large the windpipe is across."""
BRONCHUS_MM2 = 40.0
"""Smaller ones belong to the lung."""
BELOW_HEAD_MM = 80.0
"""How far from the upper end of a stack it is looked for."""
WIDENS = 1.8
"""An airway that is so many times as large in the next slice has opened into the lung."""
WALL_MM = 1.5
SECOND_SHARE = 0.05
"""The smaller lung is no smaller than this share of the larger one."""
TISSUE_HU = -950
"""Lung is denser than this, but for emphysema (Gevenois et al., AJRCCM 1995); gas in the bowel is not."""
TISSUE_SHARE = 0.25
"""So much of a lung is tissue, whatever its emphysema; of gas only the blurred rim, which is not counted."""
AROUND = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
LEAST_MM3 = 2000.0
LEAST_MM2 = 200.0
"""The smaller rest of a lung that is looked for, in a stack and in a picture: rims of gas are smaller."""

Slice = NDArray[np.bool_]


@segmentation("Lungs (CT)", group="CT", unit=HOUNSFIELD)
def lungs(
    grid: Grid,
    context: TaskContext,
    *,
    up_to: HounsfieldUnits = -400,
    close_mm: Annotated[float, Slider(0, 30, step=1, label="Close at the pleura", unit="mm")] = 8.0,
    vessels: bool = True,
) -> Mask:
    """Both lungs, with vessels and nodules at the pleura unless told otherwise, without windpipe and bronchi.

    Air in the body, from which the airways are taken slice by slice from the head on, until they open into
    the lungs; of the rest the two largest parts that are no mere gas, as in stomach, bowel and pleura; each
    closed and filled in its slices. Where nothing says which end of the stack is the head, and on one
    picture, no airways are looked for. Solid lung (tumour, pneumonia, fluid) is not air and is left out.
    """
    found = air(grid, context.part(0, 0.5), up_to=up_to)
    slices = found.reshape(-1, *found.shape[-2:])
    values = grid.values.reshape(slices.shape)
    airways = _airways(slices, values, grid, context.part(0.5, 0.7))
    for at, lumen in airways.items():
        slices[at].ravel()[lumen] = False
    parts = parts_of(found, context=context)
    two = _two_lungs(parts, values, grid)
    del found, slices
    result = parts.kept(two)
    del parts
    slices = result.reshape(values.shape)
    for at, one in enumerate(slices):
        context.report(0.8 + 0.2 * at / len(slices))
        if not one.any():
            continue
        one[...] = _closed(one, grid.spacing[-2:], close_mm)
        if vessels:
            one[...] = without_holes(one, one.size)
        else:
            one &= values[at] <= up_to
        if at in airways:
            one.ravel()[airways[at]] = False
    return result


def _two_lungs(parts: Parts, values: NDArray[np.float32], grid: Grid) -> NDArray[np.bool_]:
    """Which parts are lungs: the two largest of those that hold tissue, not only gas."""
    tissue, core = (np.zeros(len(parts.sizes), np.int64) for _ in range(2))
    for labels, numbers, hounsfield in zip(parts.labels, parts.numbers, values, strict=True):
        inner = cv2.erode((labels > 0).astype(np.uint8), AROUND, borderValue=1) > 0
        for total, counted in ((core, inner), (tissue, inner & (hounsfield > TISSUE_HU))):
            np.add.at(total, numbers, np.bincount(labels[counted], minlength=len(numbers)))
    sizes = np.where(tissue >= np.maximum(TISSUE_SHARE * core, 1), parts.sizes, 0)
    sizes[0] = 0
    lungs = np.zeros(len(sizes), bool)
    lungs[np.argsort(-sizes, kind="stable")[:2]] = True
    least = (LEAST_MM3 if len(grid.spacing) == 3 else LEAST_MM2) / float(np.prod(grid.spacing))
    return lungs & (sizes >= max(1.0, least, SECOND_SHARE * float(sizes.max(initial=0))))


def _airways(
    inside: NDArray[np.bool_], values: NDArray[np.float32], grid: Grid, context: TaskContext
) -> dict[int, NDArray[np.int64]]:
    """Pixels (numbered along the rows) of the windpipe and what it branches into, with its wall, by slice."""
    if not grid.towards_head or len(inside) < 2:
        return {}
    order = range(len(inside))[:: -grid.towards_head]
    pixel_mm2 = float(np.prod(grid.spacing[-2:]))
    found: dict[int, NDArray[np.int64]] = {}
    lumen: Slice | None = None
    for number, at in enumerate(order):
        context.report(number / len(order))
        if lumen is None:
            if number * grid.spacing[0] > BELOW_HEAD_MM:
                break
            lumen = _windpipe(inside[at], pixel_mm2)
        else:
            lumen = _next(lumen, inside[at] & (values[at] <= LUMEN_HU), grid.spacing[-2:])
            if lumen is None:
                break
        if lumen is not None:
            wall = cv2.dilate(lumen.astype(np.uint8), ellipse(grid.spacing[-2:], WALL_MM))
            found[at] = np.flatnonzero(wall)
    return found


def _windpipe(inside: Slice, pixel_mm2: float) -> Slice | None:
    """The round part of fitting size that is nearest to the middle of all air, if there is one."""
    count, labels, facts, middles = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=4)
    center = inside.shape[1] / 2
    fitting = []
    for part in range(1, count):
        _, _, width, height, area = (int(one) for one in facts[part])
        is_round = max(width, height) <= 2.5 * min(width, height) and area >= 0.5 * width * height
        if is_round and WINDPIPE_MM2[0] <= area * pixel_mm2 <= WINDPIPE_MM2[1]:
            fitting.append((abs(middles[part][0] - center), part))
    return labels == min(fitting)[1] if fitting else None


def _next(lumen: Slice, candidates: Slice, spacing: tuple[float, ...]) -> Slice | None:
    """How the airways go on in the next slice; parts that open into the lung are left out."""
    near = cv2.dilate(lumen.astype(np.uint8), ellipse(spacing, WALL_MM)) > 0
    _, labels, facts, _ = cv2.connectedComponentsWithStats(candidates.astype(np.uint8), connectivity=4)
    touched = np.unique(labels[near & candidates])
    before = int(np.count_nonzero(lumen))
    some, least = (round(area / float(np.prod(spacing))) for area in (30.0, BRONCHUS_MM2))
    areas = facts[:, cv2.CC_STAT_AREA]
    stays = [part for part in touched if part and least <= areas[part] <= WIDENS * before + some]
    return np.isin(labels, stays) if stays else None


def _closed(mask: Slice, spacing: tuple[float, ...], radius_mm: float) -> Slice:
    """Each part of a slice closed by itself, so that the two lungs never grow together."""
    disc = ellipse(spacing, radius_mm)
    if disc.size == 1:
        return mask
    result = mask.copy()
    count, labels, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    down, across = disc.shape
    for part in range(1, count):
        left, top, width, height, _ = (int(one) for one in facts[part])
        box = (slice(top, top + height), slice(left, left + width))
        one = np.pad((labels[box] == part).astype(np.uint8), ((down, down), (across, across)))
        closed = cv2.morphologyEx(one, cv2.MORPH_CLOSE, disc)[down:-down, across:-across]
        result[box] |= closed > 0
    return result
