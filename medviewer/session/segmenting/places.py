"""Which seeds lie on a picture or a plane."""

from __future__ import annotations

from collections.abc import Iterable

from medviewer.core.geometry import Plane
from medviewer.core.seeds import SeedPoint
from medviewer.core.study import Series
from medviewer.session.dimension import block

SHARE = 0.5
"""A seed lies on a picture that is no further off than this many steps to the next one."""
LEAST_MM = 0.01
ALONE_MM = 2.0


def reach(series: Series, index: int) -> float:
    """How far from a picture, or from a plane through its stack, a seed still lies on it, in mm."""
    plane, around = series.frames[index].plane, block(series, index)
    steps = [
        abs(plane.distance(series.frames[at].plane.origin)) for at in (index - 1, index + 1) if at in around
    ]
    return max(LEAST_MM, SHARE * max(steps, default=ALONE_MM))


def on_plane(plane: Plane, seeds: Iterable[SeedPoint], within_mm: float) -> tuple[SeedPoint, ...]:
    """Those that lie on it and inside of its edges."""
    return tuple(
        one
        for one in seeds
        if one.frame_of_reference == plane.frame_of_reference
        and abs(plane.distance(one.position)) <= within_mm
        and plane.holds(*plane.to_image(one.position))
    )
