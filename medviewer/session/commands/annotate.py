"""Drawing, changing and removing annotations; undo and redo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Point
from medviewer.core.study import SeriesKey
from medviewer.kit.errors import BadValue
from medviewer.session.command import command
from medviewer.session.dimension import block, place_of, value_of
from medviewer.session.session_type import Session


@command("annotate.add", title="Add annotation")
def add(session: Session, *, shape: str, points: Sequence[Point], text: str = "", viewport: int = -1) -> str:
    """Draw on the shown picture; points are patient millimetres. The answer is the annotation's id."""
    number = session.view.active if viewport < 0 else viewport
    series, plane = _place(session, number)
    kind = Shape.of(shape)
    drawn = Annotation(kind, tuple(_point(one) for one in points), plane, text)
    _change(session, f"Draw {kind.word}", series, lambda kept: (*kept, drawn))
    session.change(lambda view: replace(view, selected=drawn.id, annotations_hidden=False))
    return drawn.id


@command("annotate.move", title="Move annotation")
def move(session: Session, *, id: str, points: Sequence[Point], drag: str = "") -> None:
    """Put the points of an annotation elsewhere; all moves of one *drag* are one undo."""
    series, found = _find(session, id)
    changed = replace(found, points=tuple(_point(one) for one in points))
    merge = ("annotate", id, drag) if drag else None
    _change(session, f"Move {found.shape.word}", series, _exchanged(changed), merge)


@command("annotate.text", title="Change annotation text")
def set_text(session: Session, *, id: str, text: str) -> None:
    """Change the words of an annotation."""
    series, found = _find(session, id)
    _change(session, f"Reword {found.shape.word}", series, _exchanged(replace(found, text=text)))


@command("annotate.delete", title="Delete annotation", menu="Annotate", icon="trash")
def delete(session: Session, *, id: str = "") -> None:
    """Remove an annotation, the selected one unless told otherwise."""
    chosen = id or session.view.selected
    if not chosen:
        return
    series, found = _find(session, chosen)
    _change(
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
    """Show the picture on which an annotation lies, in the active viewport."""
    key, found = _find(session, id)
    series = session.series(key)
    if series is None or not series.count:
        return
    planes = [address.plane for address in series.frames]
    own = [at for at, plane in enumerate(planes) if plane.frame_of_reference == found.frame_of_reference]
    if not own:
        return
    here = set(block(series, session.view.current.index)) if session.view.current.series == key else set()
    own = [at for at in own if at in here] or own
    nearest = min(own, key=lambda at: abs(planes[at].distance(found.points[0])))
    if session.view.current.series != key:
        session.run("view.show", series=key, index=nearest)
    else:
        value = -1 if series.dimension is None else value_of(series, nearest)
        session.run("view.goto", index=place_of(series, nearest), value=value)
    select(session, id=id)


@command("edit.undo", title="Undo", menu="Edit", icon="undo")
def undo(session: Session) -> None:
    """Take the last change back."""
    session.replace_document(session.history.undo(session.state.document))


@command("edit.redo", title="Redo", menu="Edit", icon="redo")
def redo(session: Session) -> None:
    """Do the change that was taken back again."""
    session.replace_document(session.history.redo(session.state.document))


def _place(session: Session, number: int) -> tuple[SeriesKey, str]:
    """The series and the frame of reference in which a viewport's picture lies."""
    viewport = session.view.viewports[number]
    plane = session.rendering.plane(viewport)
    if viewport.series is None or plane is None:
        raise BadValue("There is no picture to draw on.", "Open a study first.")
    return viewport.series, plane.frame_of_reference


def _point(values: Sequence[float]) -> Point:
    x, y, z = values
    return (float(x), float(y), float(z))


def _find(session: Session, chosen: str) -> tuple[SeriesKey, Annotation]:
    for series, reading in session.state.document.readings.items():
        for one in reading.annotations:
            if one.id == chosen:
                return series, one
    raise BadValue("This annotation is no longer there.", "Undo may bring it back.")


def _exchanged(changed: Annotation) -> Callable[[tuple[Annotation, ...]], tuple[Annotation, ...]]:
    return lambda kept: tuple(changed if one.id == changed.id else one for one in kept)


def _change(
    session: Session,
    label: str,
    series: SeriesKey,
    how: Callable[[tuple[Annotation, ...]], tuple[Annotation, ...]],
    merge: tuple[str, ...] | None = None,
) -> None:
    reading = session.state.document.reading(series)
    changed = replace(reading, annotations=how(reading.annotations))
    session.edit(label, lambda document: document.with_reading(changed), merge=merge)
