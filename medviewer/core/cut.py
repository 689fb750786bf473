"""A plane through a stack of pictures: which way it looks, where it lies, how thick it is."""

from __future__ import annotations

from enum import Enum

from medviewer.core.vectors import Point, Vector, cross, dot
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen


class Slab(Enum):
    """What a thick plane shows of the values that lie behind one another."""

    MEAN = "mean"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"


@frozen
class Cut:
    """Where a stack is cut. Positions are patient millimetres, see `core.geometry`.

    Sliding the plane changes *distance* only, so that neighbouring cuts have the same grid of pixels.
    """

    along_row: Vector
    """unit vector in which the column number of the picture grows"""
    along_column: Vector
    """unit vector in which its row number grows, at right angles to the other"""
    distance: float
    """of the plane from the patient's origin, along `normal`, in millimetres"""
    thickness: float = 0.0
    """of the slab around the plane, in millimetres; 0 is one plane"""
    slab: Slab = Slab.MEAN
    name: str = ""
    """Axial, Coronal or Sagittal: which plane it is, or was before it was turned"""

    @property
    def normal(self) -> Vector:
        """Unit vector across the plane."""
        return cross(self.along_row, self.along_column)

    def distance_of(self, position: Point) -> float:
        """The *distance* at which a plane of this direction holds *position*."""
        return dot(self.normal, position)


_DIRECTIONS: dict[str, tuple[Vector, Vector]] = {
    "axial": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    "coronal": ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    "sagittal": ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
}
PLANES = tuple(_DIRECTIONS)


def anatomical(name: str) -> tuple[Vector, Vector]:
    """(along_row, along_column) of an axial, coronal or sagittal plane as radiologists look at it.

    Axial from the feet, coronal from the front, sagittal from the left; head up. Raises BadValue.
    """
    try:
        return _DIRECTIONS[name]
    except KeyError:
        raise BadValue(
            f"There is no plane called {name!r:.40}.", f"There are: {', '.join(PLANES)}."
        ) from None
