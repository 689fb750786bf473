"""Viewports that go together: to the same place in the patient, and with the same zoom and turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from medviewer.core.study import SeriesKey
from medviewer.session.session_type import Session
from medviewer.session.state import Viewport


def follow(session: Session, leader: int = -1) -> None:
    """Bring the other viewports to the place in the patient at which the leader is."""
    leader = session.view.active if leader < 0 else leader
    now = session.view.viewports[leader]
    series = session.series(now.series)
    if series is None:
        return
    plane = series.frames[now.index].plane
    middle = plane.to_patient((plane.shape[0] - 1) / 2, (plane.shape[1] - 1) / 2)
    view = session.view
    for number in range(view.layout.count):
        other = session.series(view.viewports[number].series)
        if number == leader or other is None:
            continue
        if other.key == series.key:
            index: int | None = now.index
        elif plane.placed:
            index = _nearest(other.key, session, middle, plane.frame_of_reference)
        else:
            index = None
        if index is not None:
            view = view.with_viewport(number, replace(view.viewports[number], index=index))
    session.change(lambda _: view)


def _nearest(
    key: SeriesKey, session: Session, position: tuple[float, float, float], reference: str
) -> int | None:
    """The picture of a series nearest to *position*; None when it lives in another frame of reference."""
    series = session.series(key)
    planes = [address.plane for address in series.frames] if series else []
    if not planes or not all(plane.placed and plane.frame_of_reference == reference for plane in planes):
        return None
    return min(range(len(planes)), key=lambda at: abs(planes[at].distance(position)))


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


def _same_grid(session: Session, one: Viewport, other: Viewport) -> bool:
    """Whether two viewports show pictures of equal size that look the same way."""
    first, second = session.series(one.series), session.series(other.series)
    if first is None or second is None or not first.count or not second.count:
        return False
    a, b = (
        first.frames[min(one.index, first.count - 1)].plane,
        second.frames[min(other.index, second.count - 1)].plane,
    )
    return a.shape == b.shape and a.is_parallel(b)
