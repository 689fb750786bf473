"""Edges that are closed and filled: what has an outline, whatever its grey."""

from __future__ import annotations

from typing import Annotated

import cv2
import numpy as np
from numpy.typing import NDArray

import medviewer.imaging.one_thread  # noqa: F401  before anything is computed with OpenCV
from medviewer.imaging.islands import without_holes
from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.imaging.segment.method import segmentation
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

STEEPEST = 16_000.0
"""What the steepest slope becomes in the 16 bits that Canny takes."""


@segmentation("Edge and fill", group="Edges")
def edge_and_fill(
    grid: Grid,
    context: TaskContext,
    *,
    sigma_px: Annotated[float, Slider(0.5, 10, step=0.1, label="Smoothing first", unit="px")] = 2.0,
    edge: Annotated[float, Slider(1, 100, step=1, unit="% of the steepest", label="Edges from")] = 15.0,
    close_px: Annotated[int, Slider(0, 20, unit="px", label="Close gaps of")] = 3,
) -> Mask:
    """Slice by slice: find edges, close their gaps, fill what they enclose, and drop the other lines.

    Edges are Canny's, followed down to 40 % of where they begin; J. Canny, IEEE Transactions on Pattern
    Analysis and Machine Intelligence 8(6), 1986. The steepest is the slope that one in 1000 pixels exceeds.
    """
    slices = grid.values.reshape(-1, *grid.values.shape[-2:])
    slopes = [_steepest(one, sigma_px, context) for one in slices]
    steepest = max(slopes)
    mask = np.zeros(slices.shape, bool)
    for at, one in enumerate(slices):
        context.report(at / len(slices))
        if steepest > 0:
            mask[at] = _filled(one, sigma_px, steepest, edge / 100, close_px)
    return mask.reshape(grid.values.shape)


def _steepest(values: NDArray[np.float32], sigma_px: float, context: TaskContext) -> float:
    context.check()
    across, down = _slopes(values, sigma_px)
    return float(np.percentile(np.hypot(across, down), 99.9))


def _slopes(values: NDArray[np.float32], sigma_px: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    smooth = cv2.GaussianBlur(values.astype(np.float32), (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE)
    across, down = (
        cv2.Scharr(smooth, cv2.CV_32F, *way, borderType=cv2.BORDER_REPLICATE) for way in ((1, 0), (0, 1))
    )
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def _filled(
    values: NDArray[np.float32], sigma_px: float, steepest: float, edge: float, close_px: int
) -> NDArray[np.bool_]:
    across, down = (
        np.clip(slope * np.float32(STEEPEST / steepest), -32_000, 32_000).astype(np.int16)
        for slope in _slopes(values, sigma_px)
    )
    limit = STEEPEST * edge
    lines = cv2.Canny(across, down, 0.4 * limit, limit, L2gradient=True)
    ball = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * close_px + 1, 2 * close_px + 1))
    # outside of the picture there is nothing to which a line could be closed
    wide = cv2.copyMakeBorder(lines, *(4 * (close_px + 1,)), cv2.BORDER_CONSTANT, value=0)
    full = without_holes(cv2.morphologyEx(wide, cv2.MORPH_CLOSE, ball) > 0, wide.size)
    inner = slice(close_px + 1, -close_px - 1)
    kept = cv2.morphologyEx(full.view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return kept[inner, inner] > 0
