"""Planes through a stack: axial, coronal, sagittal and turned ones that cross at one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from medviewer.core.cut import Cut, Slab
from medviewer.core.vectors import point
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider
from medviewer.session import planes
from medviewer.session.command import command
from medviewer.session.session_type import Session
from medviewer.session.state import Layout, View

THICKEST_MM = 100.0
SLABS = {"mean": Slab.MEAN, "max": Slab.MAXIMUM, "min": Slab.MINIMUM}
_ARRANGEMENTS = {"2x2": Layout(2, 2), "1x3": Layout(1, 3)}


@command("plane.show", title="Show plane", menu="View")
def show(
    session: Session, *, name: Literal["axial", "coronal", "sagittal", "acquired"], viewport: int = -1
) -> None:
    """Cut the stack of a viewport, or show its slices as they were acquired again."""
    number = session.view.number(viewport)
    now = session.view.viewports[number]
    geometry = planes.stack_of(session, now)
    at = planes.start(session, now)
    if name == "acquired":
        series = session.series(now.series)
        index = now.index if series is None else planes.nearest_slice(series, geometry, now.index, at)
        fresh = planes.fitted(now, None, index)
    else:
        fresh = planes.fitted(now, planes.anatomical_cut(geometry, name, at, now.cut), now.index)
    view = replace(session.view, crosshair=at).with_viewport(number, fresh)
    session.change(lambda _: replace(view, active=number))


@command("plane.layout", title="Planes", menu="View", icon="planes")
def layout(session: Session, *, arrangement: Literal["2x2", "1x3"] = "2x2") -> None:
    """Show axial, coronal and sagittal planes of the active series side by side; once more goes back."""
    view, grid = session.view, _ARRANGEMENTS[arrangement]
    if view.before_planes is not None and view.layout == grid and not _brought_beside(session, view):
        session.change(lambda _: _before(session, view, view.before_planes or view))
        return
    now = view.current
    geometry = planes.stack_of(session, now)
    at = planes.start(session, now)
    cuts = [planes.anatomical_cut(geometry, name, at) for name in ("axial", "coronal", "sagittal")]
    series = session.series(now.series)
    index = now.index if series is None else planes.nearest_slice(series, geometry, now.index, at)
    shown = [planes.fitted(now, cut, index) for cut in cuts] + [planes.fitted(now, None, index)]
    before = view if view.before_planes is None else view.before_planes
    view = replace(
        view,
        layout=grid,
        active=0,
        maximised=False,
        crosshair=at,
        before_planes=before,
        before_compare=None,
        before_grid=None,
    )
    for number in range(grid.count):
        view = view.with_viewport(number, shown[number])
    session.change(lambda _: view)


@command("plane.crosshair", title="Move the crosshair")
def crosshair(session: Session, *, position: Sequence[float], viewport: int = -1) -> None:
    """Go to a place in the patient: planes of that frame of reference slide there, slices go to the nearest.

    *position* is in patient millimetres of the frame of reference of a viewport, the active one unless told
    otherwise, and is kept inside its stack.
    """
    number = session.view.number(viewport)
    reference = planes.plane_of(session, number).frame_of_reference
    series = session.series(session.view.viewports[number].series)
    geometry = None if series is None else session.frames.geometry(series)
    at = point(position)
    if geometry is not None:
        at = planes.kept_inside(geometry, at)
    view = planes.moved(session, session.view, at, reference)
    session.change(lambda _: view)


@command("plane.turn", title="Turn planes")
def turn(session: Session, *, degrees: Annotated[float, Slider(-360, 360)], viewport: int = -1) -> None:
    """Turn the planes that a viewport shows as lines, clockwise as seen there, around the crosshair.

    Turned in one viewport they are oblique, in two double-oblique; they stay at right angles to one another.
    """
    number = session.view.number(viewport)
    view, plane = session.view, planes.plane_of(session, number)
    there = planes.planes_in(session, view, plane.frame_of_reference)
    others = [one for one in there if not _is_seen(view, one, number)]
    if not others or view.crosshair is None:
        raise BadValue("There is no plane here that could be turned.", "Show planes side by side first.")
    for one in others:
        cut = view.viewports[one].cut
        if cut is not None:
            after = planes.turned(cut, plane.normal, degrees, view.crosshair)
            view = view.with_viewport(one, replace(view.viewports[one], cut=after))
    session.change(lambda _: view)


@command("plane.straight", title="Straighten planes", menu="View", icon="reset")
def straight(session: Session) -> None:
    """Bring turned planes back to axial, coronal and sagittal ones through the crosshair."""
    view = session.view
    for number in _turnable(session):
        viewport = view.viewports[number]
        geometry = planes.stack_of(session, viewport)
        if viewport.cut is not None:
            at = planes.start(session, viewport)
            cut = planes.anatomical_cut(geometry, viewport.cut.name.lower(), at, viewport.cut)
            view = view.with_viewport(number, replace(viewport, cut=cut))
    session.change(lambda _: view)


@command("plane.slab", title="Slab thickness")
def slab(
    session: Session,
    *,
    thickness: Annotated[float | None, Slider(0, THICKEST_MM, step=0.5, unit="mm")] = None,
    mode: Literal["", "mean", "max", "min"] = "",
    viewport: int = -1,
) -> None:
    """Let a plane show the mean, the largest or the smallest value within a thickness; 0 is one plane."""
    number = session.view.number(viewport)
    now = session.view.viewports[number]
    if now.cut is None:
        raise BadValue("Acquired slices have the thickness they have.", "Show a plane for a slab.")
    _set_slab(session, (number,), thickness, mode)


@command("plane.slab_all", title="Slab thickness of all planes")
def slab_all(
    session: Session,
    *,
    thickness: Annotated[float | None, Slider(0, THICKEST_MM, step=0.5, unit="mm")] = None,
    mode: Literal["", "mean", "max", "min"] = "",
) -> None:
    """Give all planes that belong together the same slab."""
    _set_slab(session, _turnable(session), thickness, mode)


@command("view.reference_lines", title="Reference lines", menu="View")
def reference_lines(session: Session) -> None:
    """Draw where the pictures of other viewports cross this one, or leave that out."""
    session.change(lambda view: replace(view, reference_lines=not view.reference_lines))


def _set_slab(session: Session, numbers: Sequence[int], thickness: float | None, mode: str) -> None:
    view = session.view
    for number in numbers:
        viewport = view.viewports[number]
        if viewport.cut is not None:
            cut = _thick(viewport.cut, thickness, mode)
            view = view.with_viewport(number, replace(viewport, cut=cut))
    session.change(lambda _: view)


def _thick(cut: Cut, thickness: float | None, mode: str) -> Cut:
    return replace(
        cut,
        thickness=cut.thickness if thickness is None else thickness,
        slab=SLABS.get(mode, cut.slab),
    )


def _turnable(session: Session) -> tuple[int, ...]:
    """The viewports with planes in the frame of reference of the active one. Raises BadValue for none."""
    reference = planes.plane_of(session, session.view.active).frame_of_reference
    found = planes.planes_in(session, session.view, reference)
    if not found:
        raise BadValue("No planes are shown.", "Show planes first.")
    return found


def _brought_beside(session: Session, view: View) -> bool:
    """Whether the active viewport was given another series than that of the planes, with planes itself."""
    cut = {one.series for one in view.viewports[: view.layout.count] if one.cut is not None}
    return view.current.series not in cut and not planes.why_no_planes(session, view.current)


def _is_seen(view: View, one: int, number: int) -> bool:
    """Whether viewport *one* shows the plane that viewport *number* shows: the same normal."""
    cut, mine = view.viewports[one].cut, view.viewports[number].cut
    if one == number or cut is None:
        return True
    return mine is not None and cut.normal == mine.normal


def _before(session: Session, now: View, before: View) -> View:
    """What was shown before, at the place that the planes have led to and through the window chosen there."""
    one, current = before.current, now.current
    series = session.series(one.series)
    before = now.arranged_as(before)
    if series is None or one.series != current.series:
        return before
    one = replace(one, voi=current.voi)
    if one.cut is None and now.crosshair is not None:
        geometry = session.frames.geometry(series)
        one = replace(one, index=planes.nearest_slice(series, geometry, one.index, now.crosshair))
    return before.with_viewport(before.active, one)
