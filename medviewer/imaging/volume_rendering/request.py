"""What a picture of a body is asked for by: everything that decides its pixels, as one value."""

from __future__ import annotations

from medviewer.core.study import SeriesKey
from medviewer.core.view3d import Shows, View3D
from medviewer.core.voi import VOI
from medviewer.imaging.viewing import Target, Viewing
from medviewer.imaging.volume_rendering.around import Around
from medviewer.kit.frozen import frozen
from medviewer.kit.itself import Itself

Stack = tuple[SeriesKey, int, Around]
"""A series, the first picture of the stack, and what is done about what lies beside the patient."""


@frozen
class LabelSurface:
    """A label that is to be seen as a surface."""

    group: str
    """id of its map"""
    value: int
    name: str
    color: str
    """#rrggbb"""
    opacity: float
    """0 to 1; below 1 the body, and surfaces that hide what is behind them, are seen through it"""
    slices: Itself
    """of its map, which never change"""


@frozen
class BodyRequest:
    """A stack as a body, its labels as surfaces, or both; as large as its viewport."""

    series: SeriesKey
    index: int
    """the first picture of the stack"""
    view: View3D
    viewing: Viewing
    voi: VOI
    """the window of a projection; unknown: the preset's own"""
    around: Around = Around.KEPT
    surfaces: tuple[LabelSurface, ...] = ()

    @property
    def stack(self) -> Stack:
        """The voxels that are looked at."""
        return (self.series, self.index, self.around)

    @property
    def has_body(self) -> bool:
        """Whether the stack itself is seen too."""
        return self.view.shows is not Shows.LABELS

    def is_of(self, other: BodyRequest) -> bool:
        """Whether both look at the same; where from does not matter."""
        return (self.stack, self.has_body) == (other.stack, other.has_body)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the picture, device pixels."""
        return self.viewing.size

    @property
    def target(self) -> Target:
        """A body covers its viewport."""
        return Target(0, 0, self.size[1], self.size[0])
