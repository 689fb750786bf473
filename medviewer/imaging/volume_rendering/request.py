"""What a picture of a body is asked for by: everything that decides its pixels, as one value."""

from __future__ import annotations

from medviewer.core.study import SeriesKey
from medviewer.core.view3d import View3D
from medviewer.core.voi import VOI
from medviewer.imaging.viewing import Target, Viewing
from medviewer.imaging.volume_rendering.around import Around
from medviewer.kit.frozen import frozen

Stack = tuple[SeriesKey, int, Around]
"""A series, the first picture of the stack, and what is done about what lies beside the patient."""


@frozen
class BodyRequest:
    """A stack as a body, as large as its viewport."""

    series: SeriesKey
    index: int
    """the first picture of the stack"""
    view: View3D
    viewing: Viewing
    voi: VOI
    """the window of a projection; unknown: the preset's own"""
    around: Around = Around.KEPT

    @property
    def stack(self) -> Stack:
        """The voxels that are looked at."""
        return (self.series, self.index, self.around)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the picture, device pixels."""
        return self.viewing.size

    @property
    def target(self) -> Target:
        """A body covers its viewport."""
        return Target(0, 0, self.size[1], self.size[0])
