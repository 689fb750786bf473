"""What a picture is asked for by: everything that decides its pixels, as one value."""

from __future__ import annotations

from collections.abc import Hashable

from medviewer.core.against import Way
from medviewer.core.cut import Cut
from medviewer.core.fusion import Fusion
from medviewer.core.labels import LabelLook
from medviewer.core.pipeline import Pipeline
from medviewer.core.study import SeriesKey
from medviewer.core.voi import VOI
from medviewer.imaging.viewing import Region
from medviewer.kit.frozen import frozen
from medviewer.kit.settings import Settings


@frozen
class RenderRequest:
    """Everything that decides what a picture looks like; equal requests give equal pixels.

    Without *region* the whole picture is shown, without *size* in its own pixels, 1:1.
    """

    series: SeriesKey
    index: int
    voi: VOI
    pipeline: Pipeline = Pipeline()
    labels: tuple[LabelLook, ...] = ()
    """from the lowest to the uppermost map"""
    region: Region | None = None
    size: tuple[int, int] | None = None
    """(rows, columns) of the output, after rotation"""
    rotation: int = 0
    """degrees clockwise: 0, 90, 180 or 270; applied after the flip"""
    flipped: bool = False
    """left and right exchanged"""
    cut: Cut | None = None
    """the plane that is shown instead of picture *index* itself"""
    colors: str = ""
    """the name of a colour map; "" is grey"""
    fusion: Fusion | None = None
    hidden_overlays: tuple[int, ...] = ()
    """groups of the file's overlays that are not drawn; core.beside_pixels.SHUTTER for the shutter"""
    overlay_color: str = Settings().overlay_color
    """#rrggbb"""
    presentation: str = ""
    """SOP Instance UID of the presentation state that decides the values, the window and the inversion"""
    against: Comparison | None = None
    """what is seen together with this in one picture"""

    @property
    def reduction(self) -> Hashable:
        """What `reduce` depends on, as a key: requests that differ in the window only share a `Reduced`."""
        return (self.series, self.index, self.cut, self.presentation, self.region, self.upright_size)

    def part(self, shape: tuple[int, int]) -> tuple[slice, slice]:
        """The rows and columns of a picture of *shape* that are shown."""
        return (self.region or Region.whole(shape)).slices(shape)

    @property
    def upright_size(self) -> tuple[int, int] | None:
        """(rows, columns) of the output before rotation."""
        if self.size is None or self.rotation % 180 == 0:
            return self.size
        return (self.size[1], self.size[0])


@frozen
class Comparison:
    """The other of two renderings that are seen together; lengths and places are pixels of the output."""

    request: RenderRequest
    """of the same region and size, compared with nothing itself"""
    way: Way
    resampled: bool = False
    """whether the stack of its picture is sampled on the grid of the first"""
    edge: int = 0
    """the first column right of the divider, or the first row below it"""
    vertical: bool = True
    center: tuple[int, int] = (0, 0)
    """(row, column) of the lens, which may lie beside the output"""
    radius: int = 0
    opacity: float = 0.0
    shows_other: bool = False
    span: float = 0.0
    """0: the picture decides"""
