"""A stack made ready to be rendered: 16-bit voxels, where they lie, and what their numbers mean."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry
from medviewer.core.vectors import Point, Vector, point
from medviewer.core.volume import Volume, is_padding
from medviewer.imaging.volume_rendering.around import Around, is_credible, without
from medviewer.imaging.volume_rendering.available import LEAST_SLICES
from medviewer.kit.errors import SeriesTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext

MOST_BYTES = 512 << 20
"""Larger stacks are reduced: the renderer keeps as much again for the light on each voxel."""
MOST_VALUE = 65535
BRIGHTEST = 0.999
"""The share of the values above the background that lies below "the brightest"."""


@frozen
class Body:
    """What is known of the voxels that are rendered, besides themselves."""

    shape: tuple[int, int, int]
    """(slice, row, column)"""
    origin: Point
    """centre of voxel (0, 0, 0), patient millimetres"""
    steps: tuple[Vector, Vector, Vector]
    """from one slice, row and column to the next, in patient millimetres; not always at right angles"""
    low: float
    """the modality value of a stored 0"""
    step: float
    """between the modality values of neighbouring stored values"""
    floor: float
    """the modality value below which is background"""
    ceiling: float
    """of the brightest values, a few outliers left out"""
    reduced: tuple[int, int, int] = (1, 1, 1)
    """how many voxels of the stack each one stands for, along slice, row and column"""
    around: Around = Around.KEPT
    """what became of what lies beside the patient"""

    @property
    def bytes(self) -> int:
        """The size of the voxels, two bytes each."""
        return 2 * self.shape[0] * self.shape[1] * self.shape[2]

    def stored(self, value: float) -> float:
        """The stored value of a modality value, in fractions and perhaps beyond both ends."""
        return (value - self.low) / self.step

    def from_share(self, share: float) -> float:
        """The modality value between background (0) and the brightest (1)."""
        return self.floor + share * (self.ceiling - self.floor)


def reduction(geometry: ImageGeometry, most: int = MOST_BYTES) -> tuple[int, int, int]:
    """How many voxels along (slice, row, column) become one, so that the stack fits into *most* bytes.

    The finest axes give way first, so that voxels become more nearly cubes.
    """
    factors = [1, 1, 1]
    while 2 * int(np.prod([max(n // f, 1) for n, f in zip(geometry.shape, factors, strict=True)])) > most:
        sizes = [space * factor for space, factor in zip(geometry.spacing, factors, strict=True)]
        factors[min(range(3), key=sizes.__getitem__)] += 1
    return (factors[0], factors[1], factors[2])


def shape_of(geometry: ImageGeometry, factors: tuple[int, int, int]) -> tuple[int, int, int]:
    """The shape that is left when *factors* voxels become one; what is over at the ends is left out."""
    slices, rows, columns = (max(n // f, 1) for n, f in zip(geometry.shape, factors, strict=True))
    return (slices, rows, columns)


def prepare(
    volume: Volume,
    out: NDArray[np.uint16],
    factors: tuple[int, int, int],
    context: TaskContext | None = None,
    around: Around = Around.KEPT,
) -> Body:
    """Write the voxels of *volume* into *out*, (slice, row, column) of `shape_of`, and say what they are.

    Padding and places without a value become 0. What lies beside the patient is left out where *around* says
    so and it is credible that the rest is a patient. Raises SeriesTrouble, and Cancelled.
    """
    context = context or TaskContext()
    if volume.voxels.ndim != 3 or volume.geometry.shape[0] < LEAST_SLICES:
        raise SeriesTrouble("This series is too thin for a body.", "It needs three slices or more.")
    low, high = _span(volume, context.part(0.0, 0.4))
    whole = _is_whole(volume) and factors == (1, 1, 1) and high - low <= MOST_VALUE
    step = 1.0 if whole else max((high - low) / MOST_VALUE, 1e-12)
    counts = np.zeros(MOST_VALUE + 1, np.int64)
    spacing = volume.geometry.spacing
    pixel = (spacing[1] * factors[1], spacing[2] * factors[2])
    found: list[tuple[int, int]] = []
    for at, values in enumerate(_slabs(volume, factors, low)):
        context.report(0.4 + 0.6 * at / len(out), "Preparing the body")
        if around is not Around.KEPT:
            found.append(without(values, pixel, around))
        np.subtract(values, low, out=values)
        np.rint(np.divide(values, step, out=values), out=values)
        out[at] = np.clip(values, 0, MOST_VALUE)
        counts += np.bincount(out[at].ravel()[:: max(1, out[at].size >> 16)], minlength=MOST_VALUE + 1)
    if around is not Around.KEPT and not is_credible(found):
        return prepare(volume, out, factors, context)
    floor, ceiling = _levels(counts)
    geometry = volume.geometry
    first = tuple((factor - 1) / 2 for factor in factors)
    return Body(
        shape=(out.shape[0], out.shape[1], out.shape[2]),
        origin=point(geometry.to_patient(first)),
        steps=_steps(geometry, factors),
        low=low,
        step=step,
        floor=low + floor * step,
        ceiling=low + ceiling * step,
        reduced=factors,
        around=around,
    )


def _steps(geometry: ImageGeometry, factors: tuple[int, int, int]) -> tuple[Vector, Vector, Vector]:
    one, two, three = (
        (x * space * factor, y * space * factor, z * space * factor)
        for (x, y, z), space, factor in zip(geometry.directions, geometry.spacing, factors, strict=True)
    )
    return (one, two, three)


def _is_whole(volume: Volume) -> bool:
    rescale = volume.rescale
    return (
        volume.voxels.dtype.kind in "iu"
        and rescale.lut is None
        and rescale.slope == 1.0
        and float(rescale.intercept).is_integer()
    )


def _values(volume: Volume, at: int) -> NDArray[np.float32]:
    """Modality values of a slice, NaN where nothing is."""
    stored = volume.voxels[at]
    values = np.array(volume.rescale.apply(stored), np.float32)
    if volume.padding is not None:
        values[is_padding(stored, volume.padding)] = np.nan
    return values


def _span(volume: Volume, context: TaskContext) -> tuple[float, float]:
    lows, highs = [], []
    for at in range(len(volume.voxels)):
        context.report(at / len(volume.voxels), "Preparing the body")
        values = _values(volume, at)
        known = values[np.isfinite(values)]
        if known.size:
            lows.append(float(known.min()))
            highs.append(float(known.max()))
    if not lows or max(highs) <= min(lows):
        raise SeriesTrouble("All pictures of this series are empty.", "There is no body to be seen.")
    return min(lows), max(highs)


def _slabs(volume: Volume, factors: tuple[int, int, int], nothing: float) -> Iterator[NDArray[np.float32]]:
    """The slices of the reduced stack in order, places without a value filled with *nothing*."""
    slices, rows, columns = shape_of(volume.geometry, factors)
    deep, high, wide = factors
    for at in range(slices):
        total = np.zeros((rows, columns), np.float32)
        for inside in range(deep):
            values = np.nan_to_num(_values(volume, at * deep + inside), nan=nothing)
            if high > 1 or wide > 1:
                kept = values[: rows * high, : columns * wide].reshape(rows, high, columns, wide)
                values = kept.mean(axis=(1, 3), dtype=np.float32)
            total += values
        yield total / np.float32(deep)


def _levels(counts: NDArray[np.int64]) -> tuple[float, float]:
    """(end of the background, brightest) of a histogram of stored values; stored 0 may be padding.

    The background ends where two classes differ most in their means (Otsu, IEEE Trans. SMC 9:62, 1979).
    """
    counts = counts.copy()
    counts[0] = 0
    values = np.arange(len(counts), dtype=np.float64)
    below = np.cumsum(counts).astype(np.float64)
    if not below[-1]:
        return 0.0, 1.0
    sums = np.cumsum(counts * values)
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (sums[-1] * below / below[-1] - sums) ** 2 / (below * above)
    floor = float(np.nanargmax(np.where(np.isfinite(spread), spread, -1.0)))
    body = counts.copy()
    body[: int(floor) + 1] = 0
    inside = np.cumsum(body)
    ceiling = float(np.searchsorted(inside, BRIGHTEST * inside[-1])) if inside[-1] else floor + 1
    return floor, max(ceiling, floor + 1)
