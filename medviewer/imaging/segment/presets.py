"""Air, body and bone in CT: limits in Hounsfield units, and what has to be left out to mean it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

import medviewer.imaging.one_thread  # noqa: F401  before anything is computed with OpenCV
from medviewer.imaging.islands import parts_of, without_holes, without_islands
from medviewer.imaging.segment.grid import HOUNSFIELD, Grid, Mask
from medviewer.imaging.segment.method import segmentation
from medviewer.imaging.segment.thresholds import between
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

SKIN_HU = -300.0
"""Half way between air and fat."""
THIN_MM = 4.0
"""Of what is thinner, half of it, no body is made: sheets, tubes, the upper side of a table."""
SPECK_ML = 0.1
MARROW_MM2 = 250.0
"""Holes in bone that are marrow; the canal of the spine is not closed in every slice, and is larger."""

HounsfieldUnits = Annotated[float, Slider(-1024, 3071, step=1, unit="HU")]


@segmentation("Body (CT)", group="CT", unit=HOUNSFIELD)
def body(grid: Grid, context: TaskContext, *, skin: HounsfieldUnits = SKIN_HU) -> Mask:
    """The body with all the air in it, without table, sheets and tubes.

    What is denser than the limit is opened in its slices; the largest part stays, and is filled in them.
    """
    thick = between(grid, skin, np.inf, context.part(0, 0.1))
    in_slices(thick, lambda one: _opened(one, grid.spacing[-2:]), context.part(0.1, 0.5))
    found = without_islands(thick, 1, keep=1, context=context)
    values = grid.values.reshape(-1, *grid.values.shape[-2:])
    for at, (one, hounsfield) in enumerate(zip(_slices(found), values, strict=True)):
        context.report(0.6 + 0.4 * at / len(values))
        if one.any():
            # the opening took fingers and ears: they come back where they touch what stays
            one |= _grown(one, grid.spacing[-2:]) & (hounsfield >= skin)
            one[...] = without_holes(one, one.size)
    return found


@segmentation("Bone (CT)", group="CT", unit=HOUNSFIELD)
def bone(
    grid: Grid,
    context: TaskContext,
    *,
    surely: HounsfieldUnits = 300,
    also: HounsfieldUnits = 180,
    marrow: bool = True,
) -> Mask:
    """What is surely bone, what hangs together with it and is nearly as dense, and enclosed marrow.

    Vessels full of contrast agent, calcifications and metal are as dense, and are taken for bone.
    """
    dense = body(grid, context.part(0, 0.6))
    values = grid.values.reshape(-1, *grid.values.shape[-2:])
    for one, hounsfield in zip(_slices(dense), values, strict=True):
        one &= hounsfield >= min(also, surely)
    parts = parts_of(dense, context=context)
    stays = np.zeros(len(parts.sizes), bool)
    for labels, numbers, hounsfield in zip(parts.labels, parts.numbers, values, strict=True):
        stays[numbers[np.unique(labels[hounsfield >= surely])]] = True
    stays &= parts.sizes >= _voxels(SPECK_ML, grid.spacing)
    del dense
    found = parts.kept(stays)
    if marrow:
        largest_px = int(MARROW_MM2 / float(np.prod(grid.spacing[-2:])))
        in_slices(found, lambda one: without_holes(one, largest_px), context.part(0.8, 1))
    return found


@segmentation("Air (CT)", group="CT", unit=HOUNSFIELD)
def air(
    grid: Grid,
    context: TaskContext,
    *,
    up_to: HounsfieldUnits = -400,
    where: Literal["in the body", "everywhere"] = "in the body",
) -> Mask:
    """Air and lungs: what is no denser than a limit, in the body or everywhere."""
    if where == "everywhere":
        return between(grid, -np.inf, up_to, context)
    found = body(grid, context)
    for one, hounsfield in zip(_slices(found), grid.values.reshape(-1, *grid.values.shape[-2:]), strict=True):
        one &= hounsfield <= up_to
    return found


def in_slices(mask: Mask, change: Callable[[Mask], Mask], context: TaskContext) -> None:
    """Change each slice of *mask* that is not empty, in its place. Raises Cancelled."""
    slices = _slices(mask)
    for at, one in enumerate(slices):
        context.report(at / len(slices))
        if one.any():
            one[...] = change(one)


def _slices(mask: Mask) -> Mask:
    return mask.reshape(-1, *mask.shape[-2:])


def ellipse(spacing: tuple[float, ...], radius_mm: float) -> NDArray[np.uint8]:
    """A disc in millimetres, as pixels."""
    down, across = (max(0, round(radius_mm / step)) for step in spacing)
    found: NDArray[np.uint8] = cv2.getStructuringElement(
        cv2.MORPH_ELLIPSE, (2 * across + 1, 2 * down + 1)
    ).astype(np.uint8)
    return found


def _opened(mask: Mask, spacing: tuple[float, ...]) -> Mask:
    # beyond the border the body goes on
    found: Mask = (
        cv2.morphologyEx(
            mask.astype(np.uint8), cv2.MORPH_OPEN, ellipse(spacing, THIN_MM), borderType=cv2.BORDER_REPLICATE
        )
        > 0
    )
    return found


def _grown(mask: Mask, spacing: tuple[float, ...]) -> Mask:
    found: Mask = cv2.dilate(mask.astype(np.uint8), ellipse(spacing, THIN_MM)) > 0
    return found


def _voxels(ml: float, spacing: tuple[float, ...]) -> int:
    """How many voxels hold *ml*; of a picture, in a slice of 1 mm."""
    return max(1, round(ml * 1000 / float(np.prod(spacing))))
