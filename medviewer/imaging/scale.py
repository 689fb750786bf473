"""How large a pixel is where something was drawn, and what has to stand beside a length."""

from __future__ import annotations

import math
from collections.abc import Sequence

from medviewer.core.geometry import Calibration, Plane, ScaledRegion
from medviewer.imaging.positions import Position
from medviewer.kit.frozen import frozen


@frozen
class Scale:
    """How large a pixel is where something was drawn."""

    spacing: tuple[float, float]
    """(between rows, between columns) in *unit*"""
    unit: str
    """mm or px"""
    remark: str = ""
    is_length: bool = True
    """False on axes that are time or velocity, where an angle or a length means nothing"""

    def step(self, one: Position, two: Position) -> tuple[float, float]:
        """The way (down, right) from one image position to another, in *unit*."""
        return (two[0] - one[0]) * self.spacing[0], (two[1] - one[1]) * self.spacing[1]

    def distance(self, one: Position, two: Position) -> float:
        """How far two image positions lie apart, in *unit*."""
        return math.hypot(*self.step(one, two))

    def text(self, length: float) -> str:
        """A length with its unit, and as many digits as pixels of this size allow."""
        digits = 1 if self.unit == "px" else decimals(min(self.spacing))
        return f"{length:.{digits}f} {self.unit}"


def scale_at(plane: Plane, positions: Sequence[Position]) -> Scale:
    """The scale that holds for all *positions* (row, column).

    Ultrasound regions count only when the same region, the smallest where several overlap, holds them all.
    A scale that the reader has set by hand holds where the file has none for the patient. Without any a
    pixel's width is the unit, so that lengths do not depend on the direction.
    """
    spacing, calibration = plane.ruler
    pixels = Scale((plane.aspect, 1.0), "px", plane.calibration.remark)
    if calibration is Calibration.NONE:
        return pixels
    if calibration is not Calibration.REGIONS:
        return Scale(spacing, "mm", calibration.remark)
    regions = {_region_at(plane, position) for position in positions}
    region = regions.pop() if len(regions) == 1 else None
    if region is None:
        # one scale by hand says nothing of a way that begins or ends in a region with its own
        by_hand = plane.manual if not any(_region_at(plane, position) for position in positions) else None
        if by_hand is None:
            return pixels
        return Scale((plane.aspect * by_hand, by_hand), "mm", Calibration.MANUAL.remark)
    if region.spacing is None:
        return Scale((plane.aspect, 1.0), "px", "these axes are not lengths", is_length=False)
    return Scale(region.spacing, "mm")


def decimals(pixel: float) -> int:
    """How many digits after the point a length may have: 0.1 mm for pixels from 0.1 to 2 mm."""
    if pixel >= 2:
        return 0
    return 1 if pixel >= 0.1 else 2 if pixel >= 0.01 else 3


def _region_at(plane: Plane, position: Position) -> ScaledRegion | None:
    row, column = math.floor(position[0] + 0.5), math.floor(position[1] + 0.5)
    holding = [region for region in plane.regions if region.holds(row, column)]
    return min(
        holding, key=lambda found: (found.bottom - found.top) * (found.right - found.left), default=None
    )
