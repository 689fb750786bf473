"""What an enhancement did to a picture, in numbers: likeness, entropy, noise, clipping, regions, histograms.

Unless a unit is named, the compared pictures are the display greys from 0 (black) to 1 (white) of both sides,
at full resolution and before they are rounded to 8 bits, each through its window and with the inversion it is
shown with; of colours the luminance. Padding counts in nothing, nor do labels, fusion, shutters and what else
lies over a picture. Where neither side has passed a step that looks at greys, some numbers are told in the
modality's unit as well.
"""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.against import Side, can_be_measured, measured_values, seen, valid_in_both
from medviewer.imaging.compare import psnr, rmse, ssim
from medviewer.imaging.enhance.noise_level import noise_of
from medviewer.imaging.enhance.operation import Image, Mask
from medviewer.imaging.grayscale import effective_voi
from medviewer.imaging.histogram import Histogram, histogram_of
from medviewer.imaging.region import Area, Statistics, counted, enhanced_statistics
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext

LEVELS = 256
ROUNDING = 1e-6
"""Greys so near to black or white are just that: what is nearer than 16 bits can tell comes from float32."""


@frozen(eq=False)
class OneSide:
    """What is told of one of two pictures."""

    entropy: float
    """bits"""
    noise: float
    """standard deviation, in shares of the display range"""
    black: float
    """share of the pixels, 0 to 1"""
    white: float
    histogram: Histogram
    """of modality values where *Numbers.unit* is known, else of greys; both sides have the same edges"""
    measured_noise: float | None = None
    """standard deviation in *Numbers.unit*"""


@frozen(eq=False)
class Numbers:
    """Two pictures of the same place, or one alone; differences are those of the second to the first."""

    before: OneSide
    after: OneSide | None
    """None where nothing is compared"""
    pixels: int
    """how many count"""
    window: tuple[float, float]
    """where black and white begin on the axis of the histograms"""
    ssim: float | None = None
    psnr: float | None = None
    """dB; infinite where both are equal"""
    unit: str | None = None
    """of the modality values on both sides, "" where those have none; None where greys were compared only"""
    rmse: float | None = None
    """root mean square error, in *unit*"""


@frozen
class Regions:
    """Two regions before and after, and how well they can be told apart."""

    before: tuple[Statistics | None, ...]
    """region by region; of the original modality values"""
    after: tuple[Statistics | None, ...]
    """of the enhanced picture what its steps made, in the modality's unit or without any"""

    @property
    def cnr(self) -> tuple[float | None, float | None]:
        """The contrast-to-noise ratio of the first two, before and after; None where there are no two."""
        before, after = (
            contrast_to_noise(*one) if len(one) == 2 else None for one in (self.before, self.after)
        )
        return before, after


def numbers(before: Side, after: Side | None, context: TaskContext | None = None) -> Numbers:
    """All that is told of two sides of one size, or of one. Slow. Raises BadValue for two sizes."""
    context = context or TaskContext()
    sides = (before,) if after is None else (before, after)
    greys = [seen(side) for side in sides]
    if greys[0].shape != greys[-1].shape:
        raise BadValue("Two pictures of different sizes cannot be compared.", "Choose one of equal size.")
    valid = valid_in_both(before, after or before)
    is_measured = can_be_measured(before, after or before)
    values = [measured_values(side) for side in sides] if is_measured else greys
    limits = _range(values, valid) if is_measured else (0.0, 1.0)
    known = [
        _one_side(one, own, limits, valid, context, is_measured)
        for one, own in zip(greys, values, strict=True)
    ]
    context.report(0.5, "Similarity")
    found = Numbers(
        before=known[0],
        after=None if after is None else known[1],
        pixels=greys[0].size if valid is None else int(np.count_nonzero(valid)),
        window=_edges(sides[-1]) if is_measured else (0.0, 1.0),
        unit=before.frame.rescale.unit if is_measured else None,
    )
    if after is None:
        return found
    return replace(
        found,
        ssim=ssim(greys[0], greys[1], 1.0, valid, context),
        psnr=psnr(greys[0], greys[1], 1.0, valid),
        rmse=rmse(values[0], values[1], valid) if is_measured else None,
    )


def regions(before: Side, after: Side, areas: tuple[Area, ...]) -> Regions:
    """What *areas* of both sides hold: of a side without steps modality values, else what those made."""
    plain = tuple(_held(before, area) for area in areas)
    return Regions(plain, tuple(_held(after, area) for area in areas))


def entropy(greys: Image, valid: Mask | None = None) -> float:
    """Shannon's entropy in bits of greys from 0 to 1 at 256 levels, as a screen of 8 bits shows them.

    C. E. Shannon, Bell System Technical Journal 27, 1948. From 0, one grey, to 8, all of them equally often.
    """
    levels = np.floor(greys * np.float32(LEVELS - 1) + np.float32(0.5)).clip(0, LEVELS - 1).astype(np.uint8)
    chosen = None if valid is None else np.ascontiguousarray(valid).view(np.uint8)
    counts = cv2.calcHist([levels], [0], chosen, [LEVELS], [0, LEVELS]).ravel().astype(np.float64)
    shares = counts[counts > 0] / max(counts.sum(), 1)
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def clipped(greys: Image, valid: Mask | None = None) -> tuple[float, float]:
    """Which share of the valid pixels is exactly black, and which exactly white."""
    pixels = greys.size if valid is None else int(np.count_nonzero(valid))
    if not pixels:
        return 0.0, 0.0
    black, white = greys <= ROUNDING, greys >= 1 - ROUNDING
    if valid is not None:
        black, white = black & valid, white & valid
    return int(np.count_nonzero(black)) / pixels, int(np.count_nonzero(white)) / pixels


def contrast_to_noise(one: Statistics | None, two: Statistics | None) -> float | None:
    """How well two regions can be told apart: |mean1 - mean2| / sqrt((var1 + var2) / 2), without a unit.

    The separability of two distributions, also called d' or signal-to-noise ratio of a detection task: H. H.
    Barrett and K. J. Myers, Foundations of Image Science, 2004, chapter 13. Infinite where neither region has
    any spread; None where they are equal as well, or one of them holds no pixel. What float32 and sums round
    is neither.
    """
    if one is None or two is None:
        return None
    contrast = abs(one.mean - two.mean)
    noise = math.sqrt((one.deviation**2 + two.deviation**2) / 2)
    least = ROUNDING * max(abs(one.mean), abs(two.mean))
    if noise > least:
        return contrast / noise
    return math.inf if contrast > least else None


def _one_side(
    greys: Image,
    values: Image,
    limits: tuple[float, float],
    valid: Mask | None,
    context: TaskContext,
    is_measured: bool = False,
) -> OneSide:
    """*values* are what the histogram counts: *greys*, or modality values."""
    black, white = clipped(greys, valid)
    context.check()
    noise = noise_of(greys, valid)
    context.check()
    counts = histogram_of(values, valid, LEVELS, limits)
    context.check()
    own = noise_of(values, valid) if is_measured else None
    return OneSide(entropy(greys, valid), noise, black, white, counts, own)


def _held(side: Side, area: Area) -> Statistics | None:
    if side.enhanced is not None:
        return enhanced_statistics(area, side.frame, side.enhanced)
    return counted(area, side.frame.plane.shape, side.frame)[0]


def _edges(side: Side) -> tuple[float, float]:
    """The values from which on a side is black, and white."""
    voi = effective_voi(side.frame, side.request.voi).as_window()
    return voi.center - voi.width / 2, voi.center + voi.width / 2


def _range(values: list[NDArray[np.float32]], valid: Mask | None) -> tuple[float, float]:
    found = [one if valid is None else one[valid] for one in values]
    if not found[0].size:
        return 0.0, 1.0
    return min(float(one.min()) for one in found), max(float(one.max()) for one in found)
