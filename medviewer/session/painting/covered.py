"""Which pixels of a series a brush or an outline covers in a viewport, be it a slice or a plane."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.study import Series
from medviewer.core.vectors import Point, moved, way
from medviewer.core.volume import Frame
from medviewer.imaging.reslice import reach
from medviewer.imaging.reslice_grid import slab_offsets
from medviewer.imaging.segment.alike import like_middle, limited, steps_along
from medviewer.imaging.segment.grid import Grid, grid_of_frame
from medviewer.imaging.segment.painting import Patch, Pile, ball, disc, inside_outline, voxels_under
from medviewer.kit.errors import BadValue
from medviewer.kit.itself import Itself
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import block, value_of
from medviewer.session.label_planes import frames_of_layers
from medviewer.session.painting.size import brush_radius
from medviewer.session.session_type import Session
from medviewer.session.state import Brush, Viewport

THICK = "A slab shows many planes on top of one another: nothing can be painted on it."
BODY = "A body cannot be painted on."
Covered = Iterator[tuple[int, Patch]]


class Easel:
    """The picture of a viewport, to be painted on."""

    def __init__(self, session: Session, number: int) -> None:
        """Raises BadValue where nothing can be painted."""
        self._session = session
        self.viewport: Viewport = session.view.viewports[number]
        series, plane = session.series(self.viewport.series), session.rendering.plane(self.viewport)
        if series is None or not series.count or plane is None:
            raise BadValue("There is no picture to paint on.", "Open a study first.")
        if self.viewport.view3d is not None:
            raise BadValue(BODY, "Show slices or planes instead.")
        self.series: Series = series
        self.plane: Plane = plane
        self.geometry: ImageGeometry | None = session.frames.geometry(series)
        cut = self.viewport.cut
        if cut is not None and self.geometry is not None:
            _, _, step = reach(self.geometry, cut)
            if len(slab_offsets(cut.thickness, step)) > 1:
                raise BadValue(THICK, "Make it one plane thin, thickness 0 mm.")

    @property
    def index(self) -> int:
        """The number of the picture that is shown, or of one of the stack that is cut."""
        return min(self.viewport.index, self.series.count - 1)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The pictures of the shown value that are as large as the one that is painted on."""
        frames, own = self.series.frames, self.series.frames[self.index].plane.shape
        return tuple(one for one in block(self.series, self.index) if frames[one].plane.shape == own)

    def radius(self, brush: Brush, at: Point) -> float:
        """Of a brush, in the unit of the plane's positions."""
        return brush_radius(self.plane, brush, at)

    def looked_at(self, brush: Brush) -> tuple[int, ...]:
        """The pictures, beside the one that is shown, whose values a brush looks at."""
        has_values = brush.adaptive or brush.limits is not None
        if not (has_values and brush.is_ball and self.plane.placed) or self.viewport.cut is not None:
            return ()
        pile = _pile(Itself(self.series.frames), self.numbers, self.plane.frame_of_reference)
        middle = self.plane.to_patient(self.plane.shape[0] / 2, self.plane.shape[1] / 2)
        near = abs(pile.heights(middle)) <= self.radius(brush, middle)
        return tuple(pile.numbers[near].tolist())

    def swept(self, points: Sequence[Point], brush: Brush) -> Covered:
        """What a brush covers on its way through *points*, patient positions on the plane."""
        pairs = list(pairwise(points)) or [(points[0], points[0])]
        for start, end in pairs:
            if brush.adaptive:
                yield from self._adaptive(start, end, brush)
            else:
                yield from self.limited(self._patches(start, end, brush), brush)

    def enclosed(self, points: Sequence[Point], brush: Brush) -> Covered:
        """What an outline through *points* encloses on the slice or the plane."""
        yield from self.limited(self.on_pictures(inside_outline(self.plane, points)), brush)

    def on_pictures(self, patch: Patch) -> dict[int, Patch]:
        """The pixels of the series that a patch on the plane means."""
        if self.viewport.cut is None or self.geometry is None:
            return {self.index: patch}
        numbers = frames_of_layers(self.series, self.geometry, value_of(self.series, self.index))
        found: dict[int, Patch] = {}
        for layer, one in voxels_under(self.geometry, self.plane, patch).items():
            number = numbers[layer]
            if number is not None:  # two layers of a resampled stack may show one slice
                found[number] = one if number not in found else found[number].joined(one)
        return found

    def limited(self, patches: dict[int, Patch], brush: Brush) -> Covered:
        """What of *patches* has values that a brush paints on."""
        for number, patch in patches.items():
            if brush.limits is not None and patch.mask.any():
                patch = limited(patch, self.grid(number, patch), brush.limits)
            yield number, patch

    def grid(self, number: int, patch: Patch) -> Grid:
        """The values of a picture under a patch. It is decoded if need be. Raises FileTrouble."""
        return _grid(self._session.frames.load(self.series.key, number), patch)

    def whole_grid(self, number: int, context: TaskContext | None = None) -> Grid:
        """All values of a picture. Slow: workers call it. Raises FileTrouble, SeriesTrouble."""
        return grid_of_frame(self._session.frames.load(self.series.key, number, context=context))

    def plane_frame(self) -> Frame | None:
        """The slice or the plane that is painted on, in values; None while it is not there."""
        if self.viewport.cut is None:
            return self._session.frames.load(self.series.key, self.index)
        return self._session.frames.get(self.series.key, self.index, self.viewport.cut)

    def spot(self, point: Point) -> tuple[int, int]:
        """The pixel (row, column) of the plane at a patient position."""
        row, column = self.plane.to_image(point)
        return round(row), round(column)

    def voxel(self, point: Point) -> tuple[int, int, int]:
        """(number of the picture, row, column) at a patient position on the plane."""
        if self.viewport.cut is None or self.geometry is None:
            return (self.index, *self.spot(point))
        under = self.on_pictures(disc(self.plane, point, point, 0.0))
        for number, patch in under.items():
            return (number, *patch.start)
        return (-1, -1, -1)

    def _patches(self, start: Point, end: Point, brush: Brush) -> dict[int, Patch]:
        radius = self.radius(brush, start)
        if brush.is_ball and self.plane.placed:
            middle = self.index if self.viewport.cut is None else None
            pile = _pile(Itself(self.series.frames), self.numbers, self.plane.frame_of_reference)
            return ball(pile, middle, start, end, radius)
        return self.on_pictures(disc(self.plane, start, end, radius))

    def _adaptive(self, start: Point, end: Point, brush: Brush) -> Covered:
        """Disc by disc, as each looks at what is under its own middle."""
        radius = self.radius(brush, start)
        shares = [0.0] if start == end else steps_along(math.dist(start, end), radius / 2)
        for share in shares:
            middle = moved(start, way(start, end), share)
            found = self._like_middle(middle, radius, brush)
            yield from self.limited(found, brush)

    def _like_middle(self, middle: Point, radius: float, brush: Brush) -> dict[int, Patch]:
        if brush.is_ball and self.plane.placed:
            patches = self._patches(middle, middle, brush)
            number, row, column = self.voxel(middle)
            grids = {one: self.grid(one, patch) for one, patch in patches.items()}
            return like_middle(patches, grids, number, (row, column), radius)
        frame = self.plane_frame()
        if frame is None:
            return {}
        patch = disc(self.plane, middle, middle, radius)
        found = like_middle({0: patch}, {0: _grid(frame, patch)}, 0, self.spot(middle), radius)
        return self.on_pictures(found[0]) if found else {}


def _grid(frame: Frame, patch: Patch) -> Grid:
    part = frame.pixels[patch.part]
    return grid_of_frame(replace(frame, pixels=part, overlays=(), shutter=None, supplement=None))


@lru_cache(maxsize=4)
def _pile(frames: Itself, numbers: tuple[int, ...], reference: str) -> Pile:
    """The pictures that a ball may reach; asked with every move of the mouse."""
    planes = ((one, frames.held[one].plane) for one in numbers)
    return Pile.of({one: plane for one, plane in planes if plane.frame_of_reference == reference})
