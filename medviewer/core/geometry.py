"""Voxels to millimetres and back.

Positions are millimetres in the DICOM patient system: x grows to the Left, y to the Posterior, z to the Head
(PS3.3 C.7.6.2.1.1). Image positions are (row, column), with (0, 0) at the centre of the first pixel.
"""

from __future__ import annotations

import math
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medviewer.core.vectors import Point, Vector, cross, dot, point, unit, way
from medviewer.kit.frozen import frozen


class Calibration(Enum):
    """Whether a ruler may say "mm", and what it must say beside it (PS3.3 10.7, C.8.5.5)."""

    PATIENT = "patient"
    """The plane lies in the patient: cross-sectional images."""
    FIDUCIAL = "fiducial"
    """Calibrated with an object of known size in the picture."""
    GEOMETRY = "geometry"
    """Corrected for magnification from the geometry of the machine."""
    DETECTOR = "detector"
    """True at the detector, larger than in the patient."""
    REGIONS = "regions"
    """Ultrasound: each region of the picture has its own scale."""
    MANUAL = "manual"
    """The reader has said how long something in the picture is; no file says so."""
    NONE = "none"
    """Nothing is known about the size of a pixel."""

    @property
    def unit(self) -> str:
        """The unit of a length."""
        return "px" if self in (Calibration.NONE, Calibration.REGIONS) else "mm"

    @property
    def remark(self) -> str:
        """What has to stand beside a length, often nothing."""
        return _REMARKS.get(self, "")


_REMARKS = {
    Calibration.FIDUCIAL: "calibrated",
    Calibration.GEOMETRY: "magnification-corrected",
    Calibration.DETECTOR: "at the detector",
    Calibration.MANUAL: "calibrated by hand",
    Calibration.NONE: "uncalibrated",
    Calibration.REGIONS: "outside a calibrated region",
}


@frozen
class ScaledRegion:
    """A rectangle of an ultrasound picture with its own scale (PS3.3 C.8.5.5).

    Bounds are pixels, inclusive. *spacing* is (row, column) in millimetres, or None where an axis is time,
    velocity or anything else that is not a length.
    """

    top: int
    left: int
    bottom: int
    right: int
    spacing: tuple[float, float] | None

    def holds(self, row: float, column: float) -> bool:
        """Whether the region covers this image position."""
        # image positions count from the centres of pixels, which reach half a pixel further
        return self.top - 0.5 <= row < self.bottom + 0.5 and self.left - 0.5 <= column < self.right + 0.5


@frozen
class Plane:
    """Where one picture lies in the patient.

    A picture without a place in the patient has its own *frame_of_reference*, so nothing drawn on it appears
    elsewhere; its "patient" positions are then millimetres (or pixels) on the picture.
    """

    shape: tuple[int, int]
    """(rows, columns)"""
    origin: Point = (0.0, 0.0, 0.0)
    """centre of pixel (0, 0)"""
    along_row: Vector = (1.0, 0.0, 0.0)
    """unit vector in which the column number grows"""
    along_column: Vector = (0.0, 1.0, 0.0)
    """unit vector in which the row number grows"""
    spacing: tuple[float, float] = (1.0, 1.0)
    """(between rows, between columns)"""
    calibration: Calibration = Calibration.NONE
    frame_of_reference: str = ""
    placed: bool = False
    """Whether the directions are those of a patient; only then may orientation letters be shown."""
    regions: tuple[ScaledRegion, ...] = ()
    letters: tuple[str, str] = ("", "")
    """Patient Orientation (0020,0020) where nothing is placed: towards the right, towards the bottom."""
    manual: float | None = None
    """millimetres of a pixel's width as the reader has calibrated it by hand: it decides what is measured,
    never where anything lies"""

    @property
    def normal(self) -> Vector:
        """Unit vector across the plane."""
        return unit(cross(self.along_row, self.along_column))

    @property
    def aspect(self) -> float:
        """Height of a pixel over its width."""
        return self.spacing[0] / self.spacing[1]

    @property
    def ruler(self) -> tuple[tuple[float, float], Calibration]:
        """What lengths are told by: (between rows, between columns), and what kind of millimetres these are.

        It is the reader's own where the picture was calibrated by hand, except in the patient and in the
        regions of ultrasound, which know better.
        """
        if self.manual is None or self.calibration in (Calibration.PATIENT, Calibration.REGIONS):
            return self.spacing, self.calibration
        return (self.aspect * self.manual, self.manual), Calibration.MANUAL

    def to_patient(self, row: float, column: float) -> Point:
        """The position of an image position."""
        down, right = row * self.spacing[0], column * self.spacing[1]
        x, y, z = (
            start + down * step + right * side
            for start, step, side in zip(self.origin, self.along_column, self.along_row, strict=True)
        )
        return (x, y, z)

    def to_image(self, position: Point) -> tuple[float, float]:
        """The (row, column) nearest to *position*, in fractions."""
        away = way(self.origin, position)
        down, right = dot(away, self.along_column), dot(away, self.along_row)
        # files round direction cosines, so that the two are never quite at right angles
        slant = dot(self.along_row, self.along_column)
        square = 1 - slant * slant
        return (
            (down - slant * right) / square / self.spacing[0],
            (right - slant * down) / square / self.spacing[1],
        )

    def distance(self, position: Point) -> float:
        """How far *position* lies from the plane, signed, along the normal."""
        return dot(way(self.origin, position), self.normal)

    def holds(self, row: float, column: float) -> bool:
        """Whether an image position lies on the picture."""
        return -0.5 <= row < self.shape[0] - 0.5 and -0.5 <= column < self.shape[1] - 0.5

    def is_parallel(self, other: Plane, tolerance: float = 1e-4) -> bool:
        """Whether both look the same way: direction cosines agree within *tolerance*."""
        pairs = zip(self.along_row + self.along_column, other.along_row + other.along_column, strict=True)
        return all(abs(one - two) <= tolerance for one, two in pairs)


@frozen
class ImageGeometry:
    """Where a grid of voxels lies in the patient. Axes are (slice, row, column).

    *directions* are unit vectors in which slice, row and column numbers grow, not always at right angles
    (gantry tilt). It holds tuples, so it can be compared, hashed and used as a key.
    """

    shape: tuple[int, int, int]
    origin: Point
    """centre of voxel (0, 0, 0)"""
    directions: tuple[Vector, Vector, Vector]
    spacing: tuple[float, float, float]
    calibration: Calibration = Calibration.PATIENT
    frame_of_reference: str = ""

    def to_patient(self, index: ArrayLike) -> NDArray[np.float64]:
        """Positions of indices (slice, row, column); both (..., 3)."""
        position: NDArray[np.float64] = np.asarray(index, np.float64) @ self._steps() + np.asarray(
            self.origin
        )
        return position

    def to_index(self, position: ArrayLike) -> NDArray[np.float64]:
        """Indices, in fractions, of positions; both (..., 3)."""
        away = np.asarray(position, np.float64) - np.asarray(self.origin)
        index: NDArray[np.float64] = away @ np.linalg.inv(self._steps())
        return index

    def plane(self, at: int) -> Plane:
        """The plane of one slice."""
        return Plane(
            shape=self.shape[1:],
            origin=point(self.to_patient((at, 0, 0))),
            along_row=self.directions[2],
            along_column=self.directions[1],
            spacing=self.spacing[1:],
            calibration=self.calibration,
            frame_of_reference=self.frame_of_reference,
            placed=True,
        )

    def _steps(self) -> NDArray[np.float64]:
        steps: NDArray[np.float64] = (
            np.asarray(self.directions) * np.asarray(self.spacing, np.float64)[:, None]
        )
        return steps


def orientation_letters(direction: Vector) -> str:
    """The side of the patient towards which *direction* points: up to two letters, "" for no direction.

    The larger component comes first (PS3.3 C.7.6.1.1.1); a second one counts beyond a quarter of the length,
    which is 14.5 degrees.
    """
    sides = (("L", "R"), ("P", "A"), ("H", "F"))
    parts = sorted(zip(direction, sides, strict=True), key=lambda part: -abs(part[0]))
    length = math.hypot(*direction)
    found = [pair[0] if value > 0 else pair[1] for value, pair in parts if abs(value) > 0.25 * length]
    return "".join(found[:2])


def opposite_letters(letters: str) -> str:
    """The other side of the patient."""
    return letters.translate(str.maketrans("LRPAHF", "RLAPFH"))
