"""Which stored values stand for the values of pictures that were made: none clipped, the error known."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.dicom.derived_kinds import Kind
from medviewer.kit.frozen import frozen

ENOUGH_STEPS = 256
"""Whole numbers are fine enough where the values of a series span at least so many of them."""
GREYS = 65535


@frozen
class Span:
    """What the values of all pictures of a series have in common."""

    lowest: float = math.inf
    highest: float = -math.inf
    whole: bool = True
    """whether all are whole numbers"""
    padded: bool = False
    """whether somewhere there is no picture"""

    def with_picture(self, values: NDArray[Any]) -> Span:
        """With those of one more picture, NaN where it has none."""
        known = values[np.isfinite(values)]
        found = replace(self, padded=self.padded or known.size < values.size)
        if not known.size:
            return found
        return replace(
            found,
            lowest=min(self.lowest, float(known.min())),
            highest=max(self.highest, float(known.max())),
            whole=self.whole and bool((known == np.rint(known)).all()),
        )


@frozen
class Grid:
    """Stored value = (value - intercept) / slope, rounded."""

    type: str
    """int16, uint16 or uint8"""
    slope: float = 1.0
    intercept: float = 0.0
    padding: int | None = None
    """stands where there is no picture, and nowhere else"""
    error: float = 0.0
    """by how much a value may be off, in its own unit"""

    @property
    def bits(self) -> int:
        """Of one stored value."""
        return np.dtype(self.type).itemsize * 8

    @property
    def signed(self) -> bool:
        """Whether stored values may be negative."""
        return self.type.startswith("i")

    def stored(self, values: NDArray[Any]) -> NDArray[Any]:
        """Stored values of *values*, (row, column), NaN where there is no picture."""
        steps = np.rint((values.astype(np.float64) - self.intercept) / self.slope)
        nowhere = ~np.isfinite(steps)
        limits = np.iinfo(self.type)
        lowest = limits.min if self.padding is None else self.padding + 1
        # nothing is beyond but what float32 lost of the very ends
        found = np.clip(np.where(nowhere, 0, steps), lowest, limits.max).astype(self.type)
        if self.padding is not None:
            found[nowhere] = self.padding
        return found

    def values(self, stored: NDArray[Any]) -> NDArray[np.float64]:
        """The values that *stored* stands for."""
        return np.asarray(stored, np.float64) * self.slope + self.intercept


def span_of(pictures: Iterable[NDArray[np.float32]]) -> Span:
    """What the values of *pictures* have in common."""
    span = Span()
    for values in pictures:
        span = span.with_picture(values)
    return span


def grid_for(span: Span, kind: Kind) -> Grid:
    """How to store modality values within *span*.

    Whole numbers stay what they are where there is room for them. Where a slope is allowed it is the finest
    that clips nothing, with an intercept of 0, as PET wants it (PS3.3 C.8.9.4). Where none is, values keep
    their size when whole numbers are fine enough, and are else led to all that the bits hold.
    """
    if not math.isfinite(span.lowest):  # nothing but padding
        span = replace(span, lowest=0.0, highest=0.0)
    type_ = "int16" if kind.signed else f"uint{kind.bits}"
    limits = np.iinfo(type_)
    padding = int(limits.min) if span.padded or kind.signed else None
    first, last = (limits.min if padding is None else padding + 1), int(limits.max)
    fits = first <= math.floor(span.lowest + 0.5) and math.ceil(span.highest - 0.5) <= last
    padding = padding if span.padded else None
    if fits and span.whole:
        return Grid(type_, padding=padding)
    if kind.signed:
        slope = _above(max(abs(span.lowest), abs(span.highest)) / last)
        return Grid(type_, slope, padding=padding, error=slope / 2)
    width = span.highest - span.lowest
    if fits and width >= ENOUGH_STEPS / (1 if kind.bits > 8 else 4):
        return Grid(type_, padding=padding, error=0.5)
    slope = _above(max(width, 1e-30) / (last - first - 1))
    intercept = float(f"{span.lowest - first * slope:.9g}")
    return Grid(type_, slope, intercept, padding, slope / 2)


def grid_of_greys(kind: Kind, padded: bool) -> Grid:
    """How to store greys from 0 (black) to 1 (white): all the bits hold."""
    last = 255 if kind.bits == 8 else GREYS
    return Grid(f"uint{kind.bits}", 1 / last, 0.0, 0 if padded else None, 0.5 / last)


def _above(number: float) -> float:
    """*number* with four digits, not less: Decimal String has room for them (PS3.5 6.2)."""
    number = max(number, 1e-30)
    step = 10.0 ** (math.floor(math.log10(number)) - 3)
    return float(f"{math.ceil(number / step) * step:.6g}")
