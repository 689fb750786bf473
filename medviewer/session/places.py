"""Which picture it is, whatever number it has in its series just now."""

from __future__ import annotations

from medviewer.core.geometry import Plane
from medviewer.core.study import Series
from medviewer.imaging.masks import is_same_grid

Place = tuple[str, str, int]
"""path, member of an archive, frame"""


def place(series: Series, index: int) -> Place:
    """Where picture *index* of a series comes from. Raises IndexError."""
    address = series.frames[index]
    instance = series.instances[address.instance]
    return (instance.path, instance.member, address.frame)


def on_grid(series: Series, plane: Plane) -> int | None:
    """The first picture of a series whose pixels are those of *plane*, None without one."""
    if not plane.placed:
        return None
    return next((at for at, one in enumerate(series.frames) if is_same_grid(one.plane, plane)), None)
