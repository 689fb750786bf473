"""What makes a mask tidy: islands, holes, margins, smooth borders; each one function with a decorator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import cv2
import numpy as np

import medviewer.imaging.one_thread  # noqa: F401  before anything is computed with OpenCV
from medviewer.core.volume import read_only
from medviewer.imaging.islands import parts_of, without_holes, without_islands
from medviewer.imaging.segment import margins
from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.kit.declared import Declared
from medviewer.kit.errors import SeriesTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Slider, Value
from medviewer.kit.registry import Registry
from medviewer.kit.task import TaskContext

Function = Callable[..., Mask]
Millimetres = Annotated[float, Slider(0, 50, step=0.5, unit="mm")]


@frozen
class Cleaning(Declared):
    """One way to tidy a mask, as panels, command line and manual see it."""

    in_mm: bool
    """whether it means nothing on a picture without a scale"""

    def __call__(
        self, mask: Mask, grid: Grid, *, context: TaskContext | None = None, **values: Value
    ) -> Mask:
        """*mask* of *grid* tidied: a new read-only one, False in the padding.

        Raises BadValue, SeriesTrouble where it needs millimetres and there are none, Cancelled.
        """
        chosen = self.checked(values)
        if self.in_mm and not grid.calibrated:
            raise SeriesTrouble(
                f"{self.title} needs millimetres, and this picture does not say how large its pixels are.",
                "Choose a step that counts none, such as Fill holes.",
            )
        context = context or TaskContext()
        context.report(0.0, self.title)
        found = self.function(np.ascontiguousarray(mask, bool), grid.spacing, context, **chosen)
        context.check()
        return read_only(found & True if grid.valid is None else found & grid.valid)


CLEANINGS: Registry[Cleaning] = Registry("cleaning step")


def cleaning(title: str, *, in_mm: bool = True) -> Callable[[Function], Function]:
    """Make ``function(mask, spacing, context, *, ...) -> mask`` a cleaning step with its arguments."""

    def declare(function: Function) -> Function:
        CLEANINGS.add(Cleaning(function.__name__, title, function, in_mm))
        return function

    return declare


@cleaning("Keep the largest", in_mm=False)
def largest(
    mask: Mask, spacing: tuple[float, ...], context: TaskContext, *, count: Annotated[int, Slider(1, 20)] = 1
) -> Mask:
    """Keep only the largest connected parts. What touches at a corner is connected."""
    return without_islands(mask, 1, keep=count, context=context)


@cleaning("Remove islands")
def islands(
    mask: Mask,
    spacing: tuple[float, ...],
    context: TaskContext,
    *,
    below_ml: Annotated[float, Slider(0, 100, step=0.1, label="Smaller than", unit="ml")] = 1.0,
) -> Mask:
    """Remove connected parts smaller than a volume; of a picture, than that volume in a slice of 1 mm."""
    # a voxel of a picture holds mm², and one millimetre of depth makes mm³ of it
    return without_islands(mask, _voxels(below_ml, spacing), context=context)


@cleaning("Fill holes", in_mm=False)
def holes(
    mask: Mask,
    spacing: tuple[float, ...],
    context: TaskContext,
    *,
    within: Literal["stack", "slices"] = "stack",
) -> Mask:
    """Fill what is enclosed: on all sides in the stack, or slice by slice, also where it is open above."""
    if mask.ndim == 2 or within == "stack":
        return without_holes(mask, mask.size, context)
    filled = np.empty_like(mask)
    for at, one in enumerate(mask):
        context.report(at / len(mask))
        filled[at] = without_holes(one, one.size)
    return filled


@cleaning("Open")
def opening(
    mask: Mask, spacing: tuple[float, ...], context: TaskContext, *, radius_mm: Millimetres = 2.0
) -> Mask:
    """Remove what is thinner than twice the radius: bridges, needles, specks."""
    return margins.opened(mask, spacing, radius_mm, context)


@cleaning("Close")
def closing(
    mask: Mask, spacing: tuple[float, ...], context: TaskContext, *, radius_mm: Millimetres = 2.0
) -> Mask:
    """Fill gaps and bays narrower than twice the radius."""
    return margins.closed(mask, spacing, radius_mm, context)


@cleaning("Smooth")
def smooth(
    mask: Mask,
    spacing: tuple[float, ...],
    context: TaskContext,
    *,
    sigma_mm: Annotated[float, Slider(0, 20, step=0.1, label="Strength", unit="mm")] = 1.5,
) -> Mask:
    """Round the border: each voxel goes with the majority around it, weighted by a Gaussian."""
    if sigma_mm == 0:
        return mask
    from scipy.ndimage import correlate1d  # noqa: PLC0415  heavy, and needed only here

    # in 8 bits a stack takes no more memory than its mask; a majority needs no finer count
    share = mask.astype(np.uint8) * np.uint8(255)
    sigmas = [sigma_mm / step for step in spacing]
    for one in share.reshape(-1, *mask.shape[-2:]):
        context.check()
        cv2.GaussianBlur(one, (0, 0), sigmas[-1], dst=one, sigmaY=sigmas[-2], borderType=cv2.BORDER_REPLICATE)
    if mask.ndim == 2:
        return share > 127
    reach = max(1, round(4 * sigmas[0]))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigmas[0]) ** 2)
    result = np.empty(mask.shape, bool)
    for row in range(mask.shape[1]):
        context.report(0.5 + 0.5 * row / mask.shape[1])
        across = share[:, row].astype(np.float32)
        correlate1d(across, weights / weights.sum(), axis=0, output=across, mode="nearest")
        result[:, row] = across > 127.5
    return result


@cleaning("Grow")
def grow(mask: Mask, spacing: tuple[float, ...], context: TaskContext, *, by_mm: Millimetres = 2.0) -> Mask:
    """Add all that lies within a margin, equally far in every direction whatever the voxels' shape."""
    return margins.grown(mask, spacing, by_mm, context)


@cleaning("Shrink")
def shrink(mask: Mask, spacing: tuple[float, ...], context: TaskContext, *, by_mm: Millimetres = 2.0) -> Mask:
    """Take away all that lies within a margin of the outside; the picture's border is no outside."""
    return margins.shrunk(mask, spacing, by_mm, context)


@cleaning("Invert", in_mm=False)
def invert(mask: Mask, spacing: tuple[float, ...], context: TaskContext) -> Mask:
    """Exchange inside and outside."""
    return ~mask


def connected_to(
    mask: Mask, seeds: tuple[tuple[int, ...], ...], context: TaskContext | None = None, corners: bool = True
) -> Mask:
    """The connected parts of *mask* that hold any of *seeds*."""
    parts = parts_of(mask, corners, context)
    stays = np.zeros(len(parts.sizes), bool)
    for index in seeds:
        stays[parts.at(index)] = True
    stays[0] = False
    return parts.kept(stays)


def _voxels(ml: float, spacing: tuple[float, ...]) -> int:
    """How many voxels are at least *ml*."""
    return int(np.ceil(ml * 1000 / float(np.prod(spacing)) - 1e-9))
