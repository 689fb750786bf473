"""Annotations once more: on the clipboard, beside themselves, on other slices."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from medviewer.core.annotation import Annotation
from medviewer.core.study import SeriesKey
from medviewer.kit.errors import BadValue
from medviewer.session.command import command
from medviewer.session.dimension import block
from medviewer.session.drawn import lying_on
from medviewer.session.measuring.changing import appended, change, found
from medviewer.session.measuring.copying import copied, laid_on
from medviewer.session.session_type import Session
from medviewer.session.state import Viewport


@command("annotate.copy", title="Copy annotation", menu="Annotate", icon="copy")
def copy(session: Session, *, id: str = "") -> None:
    """Take an annotation to the clipboard, the selected one unless told otherwise."""
    key, one = found(session, id)
    plane = session.rendering.plane(_where(session, key, one))
    assert plane is not None
    taken = copied(one, plane)
    session.change(lambda view: replace(view, copied=taken))


@command("annotate.paste", title="Paste annotation", menu="Annotate")
def paste(session: Session) -> str:
    """Put what was copied on the active picture, at the same place where it is of the same patient's space.

    The answer is the id of the new annotation.
    """
    view = session.view
    if view.copied is None:
        raise BadValue("No annotation was copied.", "Select one and copy it first.")
    plane, series = session.rendering.plane(view.current), session.series(view.current.series)
    if plane is None or series is None or view.current.view3d is not None:
        raise BadValue("There is no picture to paste on.", "Show a slice first.")
    made = laid_on(plane, view.copied)
    change(session, f"Paste {made.shape.word}", series.key, appended((made,)))
    session.change(lambda view: replace(view, selected=made.id, annotations_hidden=False))
    return made.id


@command("annotate.duplicate", title="Duplicate annotation", menu="Annotate")
def duplicate(session: Session, *, id: str = "") -> str:
    """Put a second one beside an annotation, the selected one unless told otherwise. The answer is its id."""
    key, one = found(session, id)
    viewport = _where(session, key, one)
    plane = session.rendering.plane(viewport)
    assert plane is not None
    made = laid_on(plane, copied(one, plane))
    change(session, f"Duplicate {one.shape.word}", key, appended((made,)))
    session.change(lambda view: replace(view, selected=made.id))
    return made.id


@command("annotate.copy_to", title="Copy annotation to slice", menu="Annotate")
def copy_to(session: Session, *, to: Literal["next", "previous", "all"] = "next", id: str = "") -> None:
    """Put an annotation on the next, the previous or all other slices of its stack."""
    key, one = found(session, id)
    viewport = _where(session, key, one)
    series = session.series(key)
    assert series is not None
    if viewport.cut is not None:
        raise BadValue("This annotation lies on a plane that was cut.", "Only slices can be copied to.")
    here = list(block(series, viewport.index))
    targets = _targets(here, viewport.index, to)
    if not targets:
        raise BadValue(f"There is no {to if to != 'all' else 'other'} slice.", "")
    taken = copied(one, series.frames[viewport.index].plane)
    made = tuple(laid_on(series.frames[at].plane, taken) for at in targets)
    words = "all slices" if to == "all" else f"{to} slice"
    change(session, f"Copy {one.shape.word} to {words}", key, appended(made))
    if to != "all":
        session.run("annotate.jump", id=made[0].id)


def _where(session: Session, key: SeriesKey, one: Annotation) -> Viewport:
    """A viewport that shows an annotation."""
    series = session.series(key)
    there = None if series is None else lying_on(session, series, one)
    if there is None:
        raise BadValue("This annotation lies on no picture that is open.", "Open its study first.")
    return there


def _targets(here: list[int], index: int, to: str) -> list[int]:
    if to == "all":
        return [at for at in here if at != index]
    at = here.index(index) + (1 if to == "next" else -1)
    return here[at : at + 1] if at >= 0 else []
