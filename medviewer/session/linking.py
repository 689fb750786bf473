"""Viewports that go together: to the same place in the patient, and with the same zoom and turn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import Plane
from medviewer.core.study import Series
from medviewer.core.vectors import Point, dot
from medviewer.kit.frozen import frozen
from medviewer.kit.remembered import remembered
from medviewer.session import planes
from medviewer.session.dimension import block, place_of, value_of, within
from medviewer.session.session_type import Session
from medviewer.session.state import View, Viewport

ALIKE = math.cos(math.radians(45))
"""Planes whose normals are no further apart look about the same way."""


def follow(session: Session, leader: int = -1) -> None:
    """Bring the other viewports to the place in the patient at which the leader is.

    Each keeps its own value of a second dimension, so that two phases can be compared side by side.
    """
    leader = session.view.active if leader < 0 else leader
    now = session.view.viewports[leader]
    series = session.series(now.series)
    if series is None:
        return
    plane = session.rendering.plane(now)
    if plane is None:
        return
    middle = plane.to_patient((plane.shape[0] - 1) / 2, (plane.shape[1] - 1) / 2)
    view = session.view
    for number in range(view.layout.count):
        viewport = view.viewports[number]
        other = session.series(viewport.series)
        if number == leader or other is None:
            continue
        if viewport.cut is not None:
            view = view.with_viewport(number, _followed(session, viewport, plane, middle))
            continue
        if other.key == series.key and now.cut is None:
            index: int | None = within(series, viewport.index, place_of(series, now.index))
        elif plane.placed and (now.cut is None or _are_alike(session, viewport, plane)):
            index = _nearest(other, viewport.index, middle, plane.frame_of_reference)
        else:
            index = None
        if index is not None:
            view = view.with_viewport(number, replace(viewport, index=index))
    session.change(lambda _: view)


def _followed(session: Session, viewport: Viewport, plane: Plane, middle: Point) -> Viewport:
    """A cut at *middle* where it looks about the same way as *plane*; as it is otherwise.

    A plane that stands across the leader's crosses it wherever that goes: it has nothing to follow.
    """
    if viewport.cut is None or not _are_alike(session, viewport, plane):
        return viewport
    cut = planes.holding(planes.stack_of(session, viewport), viewport.cut, middle)
    return replace(viewport, cut=cut)


def _are_alike(session: Session, viewport: Viewport, plane: Plane) -> bool:
    own = session.rendering.plane(viewport)
    if own is None or own.frame_of_reference != plane.frame_of_reference:
        return False
    return abs(dot(own.normal, plane.normal)) >= ALIKE


def _nearest(series: Series, index: int, position: Point, reference: str) -> int | None:
    """The picture nearest to *position* among those of the value of picture *index*.

    None when the series lives in another frame of reference.
    """
    around = block(series, index)
    slices = _slices(series, value_of(series, index))
    if slices is None or slices.reference != reference:
        return None
    away = np.asarray(position) - slices.origins
    # in the order in which `dot` adds, so that both agree which of two is nearer
    x, y, z = (away * slices.normals).T
    return around[int(np.argmin(np.abs(x + y + z)))]


@frozen(eq=False)
class _Slices:
    """Where the pictures of one value lie: (picture, xyz)."""

    reference: str
    origins: NDArray[np.float64]
    normals: NDArray[np.float64]


@remembered(16)
def _slices(series: Series, value: int) -> _Slices | None:
    """The pictures of one value of a series by its number; None unless all lie in one frame of reference."""
    slices = [series.frames[at].plane for at in block(series, value * series.places)]
    references = {plane.frame_of_reference for plane in slices}
    if len(references) != 1 or not all(plane.placed for plane in slices):
        return None
    origins, normals = ([getattr(plane, name) for plane in slices] for name in ("origin", "normal"))
    return _Slices(references.pop(), np.asarray(origins), np.asarray(normals))


def change_together(session: Session, number: int, how: Callable[[Viewport], Viewport]) -> None:
    """Change a viewport, and with it the linked ones that show the same grid of pixels."""
    view = session.view
    leader = view.viewports[number]
    numbers = [number]
    if view.linked:
        numbers += [other for other in range(view.layout.count) if other != number]
    for one in numbers:
        viewport = view.viewports[one]
        if one == number or _same_grid(session, leader, viewport):
            view = view.with_viewport(one, how(viewport))
    session.change(lambda _: view)


def change_alike(session: Session, how: Callable[[Viewport], Viewport]) -> None:
    """Change the active viewport, and with it the linked ones that show the same series in any plane.

    Planes that stand side by side belong together whether they are linked or not.
    """
    view = session.view
    series = view.current.series
    together = view.linked or view.before_planes is not None
    for number in range(view.layout.count) if together else (view.active,):
        if view.viewports[number].series == series:
            view = view.with_viewport(number, how(view.viewports[number]))
    session.change(lambda _: view)


def change_beside(session: Session, number: int, how: Callable[[Viewport], Viewport]) -> None:
    """Change what stands side by side with a plane: the planes of the same stack, and its slices."""
    view = session.view
    if view.before_planes is None:
        return
    series = view.viewports[number].series
    for one in range(view.layout.count):
        if view.viewports[one].series == series and view.viewports[one].view3d is None:
            view = view.with_viewport(one, how(view.viewports[one]))
    session.change(lambda _: view)


def put_back(session: Session, before: View, names: Sequence[str]) -> None:
    """Give these fields of all viewports the values they had in *before*, where they still show the same."""
    view = session.view
    for number, (old, now) in enumerate(zip(before.viewports, view.viewports, strict=False)):
        if old.series == now.series:
            view = view.with_viewport(number, replace(now, **{name: getattr(old, name) for name in names}))
    session.change(lambda _: view)


def _same_grid(session: Session, one: Viewport, other: Viewport) -> bool:
    """Whether two viewports show pictures of equal size that look the same way."""
    a, b = session.rendering.plane(one), session.rendering.plane(other)
    return a is not None and b is not None and a.shape == b.shape and a.is_parallel(b)
