"""How a picture lies in a viewport: zoom, centre, flip and rotation, and the way there and back.

Viewport positions are device pixels, x to the right and y down, with (0, 0) at the outer corner of the first
pixel. Image positions are (row, column) with (0, 0) at the centre of the first pixel, so the picture reaches
from -0.5 to rows - 0.5. It is first stretched to square millimetres, then flipped, then rotated clockwise.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

from medviewer.kit.frozen import frozen

SMALLEST_SHARE = 0.05
"""The picture cannot be made smaller than this share of the fitted one."""
LARGEST_SCALE = 64.0
"""Device pixels per picture pixel beyond which enlarging shows nothing new."""


@frozen
class Region:
    """A part of a picture: the image positions of its edges, so a whole picture begins at -0.5."""

    top: float
    left: float
    bottom: float
    right: float

    @classmethod
    def whole(cls, shape: tuple[int, int]) -> Region:
        """All of a picture of *shape* (rows, columns)."""
        return cls(-0.5, -0.5, shape[0] - 0.5, shape[1] - 0.5)

    def slices(self, shape: tuple[int, int]) -> tuple[slice, slice]:
        """The rows and columns of a picture of *shape* that lie in this region, at least one of each."""
        return _pixels(self.top, self.bottom, shape[0]), _pixels(self.left, self.right, shape[1])


@frozen
class Target:
    """Where the rendered region is painted: whole device pixels, may reach beyond the viewport."""

    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        """(rows, columns), as a RenderRequest takes it."""
        return (self.height, self.width)


@frozen
class Viewing:
    """The mapping between one picture and one viewport."""

    shape: tuple[int, int]
    """(rows, columns) of the picture"""
    aspect: float = 1.0
    """height of a picture pixel over its width"""
    size: tuple[int, int] = (1, 1)
    """(height, width) of the viewport in device pixels"""
    zoom: float = 1.0
    actual: bool = False
    """zoom counts from one picture pixel on one device pixel instead of from the fitted picture"""
    center: tuple[float, float] = (0.5, 0.5)
    """(row, column) in the middle of the viewport, as a share of the picture's height and width"""
    rotation: int = 0
    """degrees clockwise: 0, 90, 180 or 270; applied after the flip"""
    flipped: bool = False
    """left and right exchanged"""
    shared_scale: float = math.inf
    """the scale of the pictures beside this one, which a fitted picture does not exceed"""

    @property
    def fit_scale(self) -> float:
        """The scale at which the whole picture just fits, or that of the pictures beside it."""
        height, width = self.shape[0] * self.aspect, float(self.shape[1])
        if self.rotation % 180:
            height, width = width, height
        return min(max(self.size[0], 1) / height, max(self.size[1], 1) / width, self.shared_scale)

    @property
    def scale(self) -> float:
        """Device pixels per picture column; a row is `aspect` times as high."""
        return self._base * self.zoom

    def to_view(self, row: float, column: float) -> tuple[float, float]:
        """The viewport position (x, y) of an image position."""
        middle_row, middle_column = self._middle
        right = (column - middle_column) * self.scale
        down = (row - middle_row) * self.scale * self.aspect
        x, y = _turned(-right if self.flipped else right, down, self.rotation)
        return (self.size[1] / 2 + x, self.size[0] / 2 + y)

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """The image position (row, column) of a viewport position, which need not lie on the picture."""
        right, down = _turned(x - self.size[1] / 2, y - self.size[0] / 2, -self.rotation)
        middle_row, middle_column = self._middle
        right = -right if self.flipped else right
        return (middle_row + down / (self.scale * self.aspect), middle_column + right / self.scale)

    def region(self) -> Region:
        """The part of the picture that is to be seen: whole pixels, and one more around to interpolate."""
        return _region(self)

    def target(self) -> Target:
        """Where `region` is painted; its edges are off by half a device pixel at most."""
        return _target(self)

    def zoomed(
        self, factor: float, at: tuple[float, float] | None = None
    ) -> tuple[float, tuple[float, float]]:
        """Zoom and centre after enlarging by *factor*, with the picture held at the viewport position *at*.

        The zoom keeps to its limits, and the centre to the picture, which may win over *at* near the border.
        """
        zoom = self._limited(self.zoom * factor)
        if at is None:
            return zoom, self.center
        held = self.to_image(*at)
        after = replace(self, zoom=zoom)
        now = after.to_image(*at)
        return zoom, after._centered(held[0] - now[0], held[1] - now[1])

    def panned(self, dx: float, dy: float) -> tuple[float, float]:
        """The centre after the picture was dragged by (dx, dy) device pixels; it stays on the picture."""
        start, end = self.to_image(dx, dy), self.to_image(0, 0)
        return self._centered(end[0] - start[0], end[1] - start[1])

    @property
    def _base(self) -> float:
        # the shorter side of a picture pixel covers one device pixel, so that none is lost at 1:1
        return max(1.0, 1.0 / self.aspect) if self.actual else self.fit_scale

    @property
    def _middle(self) -> tuple[float, float]:
        return (self.center[0] * self.shape[0] - 0.5, self.center[1] * self.shape[1] - 0.5)

    def _limited(self, zoom: float) -> float:
        smallest = SMALLEST_SHARE * min(self.fit_scale, 1.0)
        largest = max(LARGEST_SCALE, 4 * self.fit_scale)
        return min(max(zoom, smallest / self._base), largest / self._base)

    def _centered(self, rows: float, columns: float) -> tuple[float, float]:
        row = self.center[0] + rows / self.shape[0]
        column = self.center[1] + columns / self.shape[1]
        return (min(max(row, 0.0), 1.0), min(max(column, 0.0), 1.0))


# Scrolling asks several times a picture and the answer stays the same: remembered, it costs a tenth.
@lru_cache(maxsize=64)
def _region(viewing: Viewing) -> Region:
    height, width = viewing.size
    corners = [viewing.to_image(x, y) for x in (0, width) for y in (0, height)]
    top, bottom = _span([row for row, _ in corners], viewing.shape[0])
    left, right = _span([column for _, column in corners], viewing.shape[1])
    return Region(top, left, bottom, right)


@lru_cache(maxsize=64)
def _target(viewing: Viewing) -> Target:
    region = _region(viewing)
    one, two = viewing.to_view(region.top, region.left), viewing.to_view(region.bottom, region.right)
    left, right = sorted((round(one[0]), round(two[0])))
    top, bottom = sorted((round(one[1]), round(two[1])))
    return Target(left, top, max(right - left, 1), max(bottom - top, 1))


def _turned(x: float, y: float, degrees: int) -> tuple[float, float]:
    """(x, y) turned clockwise on the screen, exactly."""
    match degrees % 360:
        case 90:
            return (-y, x)
        case 180:
            return (-x, -y)
        case 270:
            return (y, -x)
        case _:
            return (x, y)


def _span(positions: list[float], count: int) -> tuple[float, float]:
    """The edges of the whole pixels around *positions* and one more on either side, within *count* pixels."""
    first = min(max(math.floor(min(positions) + 0.5) - 1, 0), count - 1)
    end = min(max(math.ceil(max(positions) + 0.5) + 1, first + 1), count)
    return (first - 0.5, end - 0.5)


def _pixels(start: float, stop: float, count: int) -> slice:
    first = min(max(round(start + 0.5), 0), count - 1)
    return slice(first, min(max(round(stop + 0.5), first + 1), count))
