"""Looking elsewhere: which series, which picture, how large, how turned."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from medviewer.core.voi import VOI
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider
from medviewer.session import planes
from medviewer.session.command import command
from medviewer.session.dimension import value_of, with_value, within
from medviewer.session.linking import change_alike, change_beside, change_together, follow
from medviewer.session.session_type import Session
from medviewer.session.state import CornerText, Layout, Viewport

BODY_STEP = 5.0
"""Degrees by which one step turns a body."""
OTHER = "Choose another one."
STATE = "It is a presentation state: Ctrl+Shift+P applies it to the pictures that it is about."
SMALLEST_ZOOM, LARGEST_ZOOM = 0.05, 100.0


@command("view.show", title="Show series")
def show(session: Session, *, series: str, viewport: int = -1, index: int = -1) -> None:
    """Show a series, from its middle unless told otherwise, in the active viewport unless told otherwise."""
    found = session.series(series)
    if found is None or not found.count:
        is_state = found is not None and found.modality == "PR"
        raise BadValue("This series holds no pictures that can be shown.", STATE if is_state else OTHER)
    number = session.view.number(viewport)
    at = _inside(found.places // 2 if index < 0 else index, found.count)
    fresh = Viewport(series=series, index=at)
    session.change(lambda view: replace(view.with_viewport(number, fresh), active=number))


@command("view.scroll", title="Next picture", menu="View")
def scroll(session: Session, *, by: Annotated[int, Slider(-100_000, 100_000)] = 1) -> None:
    """Go some pictures on or back in the active viewport; linked viewports follow to the same place.

    A body, which has nothing to scroll through, is turned instead.
    """
    if session.view.current.view3d is not None:
        session.run("view3d.turn", down=max(-360.0, min(by * BODY_STEP, 360.0)))
        return
    _go_to(session, planes.place_in_stack(session, session.view.current)[0] + by)


@command("view.goto", title="Go to picture")
def goto(session: Session, *, index: int = 0, viewport: int = -1, value: int = -1) -> None:
    """Show one picture of the series, or one plane of its stack, by its number from 0; -1 is the last.

    Where there are several at each place it is one of the *value* that is shown, or of another by its number.
    """
    if viewport >= 0:
        activate(session, viewport=viewport)
    if value >= 0:
        session.run("view.dimension_to", number=value)
    _, count = planes.place_in_stack(session, session.view.current)
    _go_to(session, index if index >= 0 else max(count, 1) + index)


@command("view.series", title="Next series", menu="View")
def next_series(session: Session, *, by: Literal["1", "-1"] = "1") -> None:
    """Show the next or the previous series of the open studies in the active viewport."""
    every = [series for study in session.state.studies for series in study.series if series.count]
    # a segmentation is looked at on the pictures it was made of, where there are any
    keys = [one.key for one in every if one.modality != "SEG"] or [one.key for one in every]
    if not keys:
        return
    now = session.view.current.series
    at = keys.index(now) if now in keys else -1
    session.run("view.show", series=keys[(at + int(by)) % len(keys)])


@command("view.layout", title="Grid of viewports", menu="View")
def layout(
    session: Session, *, rows: Annotated[int, Slider(1, 3)] = 1, columns: Annotated[int, Slider(1, 3)] = 1
) -> None:
    """Divide the window into a grid; new viewports take the series that are not shown yet."""
    grid = Layout(rows, columns)
    session.change(
        lambda view: replace(
            view,
            layout=grid,
            active=min(view.active, grid.count - 1),
            maximised=False,
            linked=view.linked if view.before_grid is None else view.before_grid.linked,
            before_compare=None,
            before_planes=None,
            before_grid=None,
        )
    )
    _fill(session)


@command("view.activate", title="Activate viewport")
def activate(session: Session, *, viewport: int) -> None:
    """Make a viewport the one that commands act on."""
    number = session.view.number(viewport)
    session.change(lambda view: view if view.active == number else replace(view, active=number))


@command("view.next", title="Next viewport", menu="View")
def next_viewport(session: Session) -> None:
    """Make the next viewport the active one."""
    session.change(lambda view: replace(view, active=(view.active + 1) % view.layout.count))


@command("view.maximise", title="Maximise viewport", menu="View")
def maximise(session: Session) -> None:
    """Let the active viewport cover the others, or go back to the grid."""
    session.change(lambda view: replace(view, maximised=not view.maximised and view.layout.count > 1))


@command("view.tool", title="Choose tool")
def tool(session: Session, *, name: str) -> None:
    """Choose what dragging with the left button does."""
    session.change(lambda view: replace(view, tool=name))


@command("view.zoom", title="Zoom", menu="View")
def zoom(session: Session, *, factor: Annotated[float, Slider(0.01, 100)] = 1.25) -> None:
    """Enlarge or shrink around the middle of the viewport."""
    now = session.view.current
    look(
        session, viewport=session.view.active, zoom=now.zoom * factor, row=now.center[0], column=now.center[1]
    )


@command("view.look", title="Zoom and pan")
def look(session: Session, *, viewport: int, zoom: float, row: float, column: float) -> None:
    """Set zoom and centre (as shares of the picture) of a viewport; linked ones with the same grid follow.

    Linked planes of one stack that stand side by side follow with the zoom.
    """
    number = session.view.number(viewport)
    size = min(max(zoom, SMALLEST_ZOOM), LARGEST_ZOOM)
    center = (min(max(row, -0.5), 1.5), min(max(column, -0.5), 1.5))
    is_actual = session.view.viewports[number].actual
    if session.view.linked:
        change_beside(session, number, lambda one: replace(one, zoom=size, actual=is_actual))
    change_together(session, number, lambda one: replace(one, zoom=size, center=center))


@command("view.fit", title="Fit", menu="View", icon="fit")
def fit(session: Session) -> None:
    """Fit the whole picture into the viewport; planes that stand side by side all have one scale again."""
    change_together(session, session.view.active, Viewport.fitted)
    change_beside(session, session.view.active, Viewport.fitted)


@command("view.actual", title="One to one", menu="View", icon="actual")
def actual(session: Session) -> None:
    """Show one picture pixel on one screen pixel."""
    change_together(session, session.view.active, lambda one: replace(one, zoom=1.0, actual=True))


@command("view.rotate", title="Rotate", menu="Picture")
def rotate(session: Session, *, degrees: Literal["90", "-90", "180"] = "90") -> None:
    """Turn the picture clockwise; orientation letters and measurements follow."""

    def turned(one: Viewport) -> Viewport:
        return replace(one, rotation=(one.rotation + int(degrees)) % 360)

    change_together(session, session.view.active, turned)


@command("view.flip", title="Flip", menu="Picture")
def flip(session: Session, *, direction: Literal["horizontal", "vertical"] = "horizontal") -> None:
    """Mirror the picture as it is seen; orientation letters follow."""

    def mirrored(one: Viewport) -> Viewport:
        # the flip is applied before the rotation, so a mirror on the screen turns the rotation round
        turn = -one.rotation if direction == "horizontal" else 180 - one.rotation
        return replace(one, flipped=not one.flipped, rotation=turn % 360)

    change_together(session, session.view.active, mirrored)


@command("view.reset", title="Reset", menu="View", icon="reset")
def reset(session: Session) -> None:
    """Undo zoom, pan, window, rotation and flip of the viewport; the picture stays (IHE BIR).

    An enlarged cell of the enhancement grid goes back among the others first.
    """
    if session.view.maximised and session.view.before_grid is not None:
        maximise(session)
        return

    def fresh(one: Viewport) -> Viewport:
        return replace(one.upright(), voi=VOI.unknown(), playing=False)

    change_together(session, session.view.active, fresh)
    change_beside(session, session.view.active, Viewport.fitted)
    change_alike(session, lambda one: replace(one, voi=VOI.unknown()))


@command("view.link", title="Link viewports", menu="View", icon="link")
def link(session: Session) -> None:
    """Let viewports scroll to the same place in the patient, or each on its own."""
    session.change(lambda view: replace(view, linked=not view.linked))
    if session.view.linked:
        follow(session)


@command("view.text", title="Corner text", menu="View")
def text(session: Session) -> None:
    """Step through full, minimal and no corner text."""
    order = list(CornerText)
    after = order[(order.index(session.view.corner_text) + 1) % len(order)]
    session.change(lambda view: replace(view, corner_text=after))


@command("view.annotations", title="Show annotations", menu="Annotate")
def toggle_annotations(session: Session) -> None:
    """Hide all annotations, or show them again."""
    session.change(lambda view: replace(view, annotations_hidden=not view.annotations_hidden))


@command("view.cine", title="Play", menu="View", icon="play")
def cine(session: Session) -> None:
    """Play the series of the active viewport, or stop."""
    now = session.view.current
    changed = replace(now, playing=not now.playing)
    session.change(lambda view: view.with_viewport(view.active, changed))


@command("view.cine_rate", title="Frames a second")
def cine_rate(session: Session, *, rate: Annotated[float, Slider(1, 60, unit="/s")] = 15.0) -> None:
    """Set how fast cine plays."""
    session.change(lambda view: replace(view, cine_rate=rate))


@command("view.step", title="Step cine")
def step(session: Session, *, viewport: int) -> None:
    """Show the next picture of a playing viewport, or the next value there; after the last the first."""
    number = session.view.number(viewport)
    now = session.view.viewports[number]
    series = session.series(now.series)
    if series is not None and series.dimension is not None and not session.view.cine_places:
        after = (value_of(series, now.index) + 1) % len(series.dimension.values)
        session.change(lambda view: with_value(view, number, series, after))
        return
    at, count = planes.place_in_stack(session, now)
    if count:
        _go_to(session, (at + 1) % count, number)


def _inside(index: int, count: int) -> int:
    return max(0, min(index, count - 1))


def _go_to(session: Session, index: int, number: int = -1) -> None:
    """Show a picture or plane by its number, kept in range; the crosshair and linked viewports follow."""
    number = session.view.number(number)
    now = session.view.viewports[number]
    series = session.series(now.series)
    if series is None or not series.count:
        return
    if now.cut is None:
        moved = replace(now, index=within(series, now.index, index))
    else:
        moved = replace(now, cut=planes.at_step(planes.stack_of(session, now), now.cut, index))
    view = planes.along(session, session.view.with_viewport(number, moved), number, now)
    session.change(lambda _: view)
    if session.view.linked:
        follow(session, number)


def _fill(session: Session) -> None:
    """Give empty viewports the series that nobody shows yet."""
    view = session.view
    shown = {viewport.series for viewport in view.viewports[: view.layout.count]}
    waiting = [
        series
        for study in session.state.studies
        for series in study.series
        if series.count and series.key not in shown
    ]
    for number in range(view.layout.count):
        if view.viewports[number].series is None and waiting:
            series = waiting.pop(0)
            view = view.with_viewport(number, Viewport(series=series.key, index=series.places // 2))
    session.change(lambda _: view)
