"""Drawing, changing and removing annotations; undo and redo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.codes import Code
from medviewer.core.study import Series, SeriesKey
from medviewer.core.vectors import Point, point, way
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider
from medviewer.session import defaults, planes
from medviewer.session.command import command
from medviewer.session.drawn import brought_to, lying_on, middle_of, nearest_picture
from medviewer.session.linking import follow
from medviewer.session.measuring.changing import appended, change, exchanged
from medviewer.session.measuring.changing import found as found_in
from medviewer.session.planes import fitted
from medviewer.session.scene import annotations_on
from medviewer.session.session_type import Session
from medviewer.session.state import View, Viewport


@command("annotate.add", title="Add annotation")
def add(session: Session, *, shape: str, points: Sequence[Point], text: str = "", viewport: int = -1) -> str:
    """Draw on the shown picture; points are patient millimetres. The answer is the annotation's id."""
    number = session.view.number(viewport)
    series, plane = _place(session, number)
    kind = Shape.of(shape)
    drawn = Annotation(kind, tuple(point(one) for one in points), plane, text)
    change(session, f"Draw {kind.word}", series, appended((drawn,)))
    session.change(lambda view: replace(view, selected=drawn.id, annotations_hidden=False))
    return drawn.id


@command("annotate.move", title="Move annotation")
def move(session: Session, *, id: str, points: Sequence[Point], drag: str = "") -> None:
    """Put the points of an annotation elsewhere; all moves of one *drag* are one undo."""
    series, found = found_in(session, id)
    changed = replace(found, points=tuple(point(one) for one in points))
    merge = ("annotate", id, drag) if drag else None
    change(session, f"Move {found.shape.word}", series, exchanged(changed), merge)


@command("annotate.text", title="Change annotation text")
def set_text(session: Session, *, id: str, text: str) -> None:
    """Change the words of an annotation."""
    series, found = found_in(session, id)
    change(session, f"Reword {found.shape.word}", series, exchanged(replace(found, text=text)))


@command("annotate.meaning", title="Meaning of an annotation")
def set_meaning(
    session: Session, *, value: str, scheme: str = "SCT", meaning: str = "", id: str = ""
) -> None:
    """Say in a code that other programs know what an annotation is about; without *value* nothing."""
    series, found = found_in(session, id)
    code = Code(value, scheme, meaning or value) if value else None
    change(session, f"Meaning of {found.shape.word}", series, exchanged(replace(found, meaning=code)))


@command("annotate.nudge", title="Move the selected annotation a little")
def nudge(
    session: Session,
    *,
    right: Annotated[float, Slider(-1000, 1000)] = 0.0,
    down: Annotated[float, Slider(-1000, 1000)] = 0.0,
) -> None:
    """Move the selected annotation by pixels of the picture, right and down as it is seen on the screen."""
    view = session.view
    series, found = found_in(session, "")
    plane, viewing = session.rendering.plane(view.current), session.rendering.viewing(view.active, (512, 512))
    shown = session.series(view.current.series)
    if plane is None or viewing is None or shown is None:
        raise BadValue("There is no picture to move it on.", "Open a study first.")
    if found not in annotations_on(session, shown, view.current, plane):
        raise BadValue("The selected annotation lies on another picture.", "A click in its list goes there.")
    start, end = viewing.to_image(0, 0), viewing.to_image(right * viewing.scale, down * viewing.scale)
    # a pixel is a pixel, also where it is higher than wide
    rows = (end[0] - start[0]) * viewing.aspect
    columns = end[1] - start[1]
    step = way(plane.to_patient(0, 0), plane.to_patient(rows, columns))
    change(session, f"Move {found.shape.word}", series, exchanged(found.shifted(step)), ("nudge", found.id))


@command("annotate.snap", title="Snap to points", menu="Annotate")
def snap(session: Session, *, on: bool | None = None) -> None:
    """Let what is drawn or dragged snap to points that are drawn already, or no longer."""
    session.change(lambda view: replace(view, snapping=not view.snapping if on is None else on))


@command("annotate.delete", title="Delete annotation", menu="Annotate", icon="trash")
def delete(session: Session, *, id: str = "") -> None:
    """Remove an annotation, the selected one unless told otherwise."""
    chosen = id or session.view.selected
    if not chosen:
        return
    series, found = found_in(session, chosen)
    change(
        session,
        f"Delete {found.shape.word}",
        series,
        lambda kept: tuple(one for one in kept if one.id != chosen),
    )
    session.change(lambda view: replace(view, selected=""))


@command("annotate.select", title="Select annotation")
def select(session: Session, *, id: str = "") -> None:
    """Mark an annotation as the one to change; "" marks none."""
    session.change(lambda view: view if view.selected == id else replace(view, selected=id))


@command("annotate.jump", title="Go to annotation")
def jump(session: Session, *, id: str) -> None:
    """Show the slice or the plane on which an annotation lies."""
    key, found = found_in(session, id)
    series = session.series(key)
    if series is None or not series.count:
        return
    view = session.view
    ways = (
        (number, brought_to(session, view.viewports[number], found)) for number in _shown_first(view, key)
    )
    number, moved = next(((number, one) for number, one in ways if one is not None), (view.active, None))
    if moved is None:
        moved = _elsewhere(session, series, found)
    if moved is None:
        return
    view = replace(view.with_viewport(number, moved), active=number)
    reference = found.frame_of_reference
    if planes.planes_in(session, view, reference):
        view = planes.moved(session, view, middle_of(found), reference).with_viewport(number, moved)
    session.change(lambda _: view)
    if view.linked:
        follow(session, number)
    select(session, id=id)


@command("edit.undo", title="Undo", menu="Edit", icon="undo")
def undo(session: Session) -> None:
    """Take the last change back."""
    session.replace_document(session.history.undo(session.state.document))
    defaults.follow(session)


@command("edit.redo", title="Redo", menu="Edit", icon="redo")
def redo(session: Session) -> None:
    """Do the change that was taken back again."""
    session.replace_document(session.history.redo(session.state.document))
    defaults.follow(session)


def _shown_first(view: View, key: SeriesKey) -> tuple[int, ...]:
    """The viewports that show a series, the active one first."""
    numbers = (view.active, *(number for number in view.shown if number != view.active))
    return tuple(number for number in numbers if view.viewports[number].series == key)


def _elsewhere(session: Session, series: Series, found: Annotation) -> Viewport | None:
    """What the active viewport is to show where no viewport can hold an annotation as it stands."""
    now = session.view.current if session.view.current.series == series.key else Viewport(series=series.key)
    there = lying_on(session, series, found)
    if there is not None:
        return fitted(now, there.cut, there.index)
    index = nearest_picture(series, now.index, found)
    return None if index is None else fitted(now, None, index)


def _place(session: Session, number: int) -> tuple[SeriesKey, str]:
    """The series and the frame of reference in which a viewport's picture lies."""
    viewport = session.view.viewports[number]
    plane = session.rendering.plane(viewport)
    if viewport.series is None or plane is None:
        raise BadValue("There is no picture to draw on.", "Open a study first.")
    return viewport.series, plane.frame_of_reference
