"""Enhancements: a stack of steps per series, and comparing with the original."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from medviewer.core.pipeline import Pipeline, Step
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.errors import BadValue
from medviewer.kit.params import checked
from medviewer.session import planes
from medviewer.session.command import command
from medviewer.session.commands.recipe import NO_PICTURE, OPEN_FIRST, show_enhanced
from medviewer.session.grid import change_cell, is_own_cell, worked_on
from medviewer.session.networks import remarks
from medviewer.session.session_type import Session
from medviewer.session.state import Layout


@command("enhance.add", title="Add enhancement")
def add(session: Session, *, operation: str, values: Mapping[str, Any] | None = None) -> None:
    """Put an operation at the end of the active series' stack."""
    found = ENHANCEMENTS[operation]
    step = Step.of(operation, checked(found.parameters, values or {}))
    _change(session, f"Add {found.title}", lambda pipeline: _unnamed(pipeline.added(step)))
    show_enhanced(session)
    series = session.series(session.view.current.series)
    for sentence in remarks(Pipeline((step,)), series.modality if series is not None else ""):
        session.notify(sentence, is_error=False)


@command("enhance.set", title="Set enhancement")
def set_values(session: Session, *, step: int, values: Mapping[str, Any], drag: str = "") -> None:
    """Change values of a step; all changes of one *drag* are one undo."""
    now = _step(session, step)
    found = ENHANCEMENTS[now.operation]
    changed = now.with_values(checked(found.parameters, {**dict(now.values), **values}))
    names = ", ".join(one.label.lower() for one in found.parameters if one.name in values)
    merge = ("enhance", session.view.current.series, session.view.active, step, drag) if drag else None
    _change(
        session,
        f"{found.title}: {names}",
        lambda pipeline: _unnamed(pipeline.replaced(step, changed)),
        merge=merge,
    )


@command("enhance.remove", title="Remove enhancement")
def remove(session: Session, *, step: int) -> None:
    """Take a step out of the stack."""
    title = _title(_step(session, step))
    _change(session, f"Remove {title}", lambda pipeline: _unnamed(pipeline.removed(step)))


@command("enhance.move", title="Reorder enhancements")
def move(session: Session, *, step: int, to: int) -> None:
    """Put a step elsewhere in the order."""
    title = _title(_step(session, step))
    _change(session, f"Move {title}", lambda pipeline: _unnamed(pipeline.moved(step, to)))


@command("enhance.toggle", title="Switch enhancement on or off")
def toggle(session: Session, *, step: int) -> None:
    """Switch a step off without losing it, or on again."""
    now = _step(session, step)
    word = "off" if now.on else "on"
    changed = replace(now, on=not now.on)
    _change(
        session, f"Switch {_title(now)} {word}", lambda pipeline: _unnamed(pipeline.replaced(step, changed))
    )


@command("enhance.clear", title="Remove all enhancements", menu="Enhance")
def clear(session: Session) -> None:
    """Empty the stack of the active series."""
    _change(session, "Remove all enhancements", lambda _: Pipeline())


@command("enhance.peek", title="Original while held")
def peek(session: Session, *, on: bool) -> None:
    """Show the original instead of the enhanced picture for as long as a key is held."""
    session.change(lambda view: view if view.peek == on else replace(view, peek=on))


@command("compare.toggle", title="Original beside enhanced", menu="Enhance", icon="compare")
def compare(session: Session) -> None:
    """Show the original and the enhanced picture side by side, linked; once more goes back."""
    view = session.view
    if view.before_compare is not None:
        before = view.before_compare
        current = view.viewports[view.active]
        restored = view.arranged_as(before).with_viewport(
            before.active, replace(current, enhanced=before.viewports[before.active].enhanced)
        )
        restored = replace(restored, linked=before.linked)
        # planes beside this one have not moved with it meanwhile
        restored = planes.along(session, restored, before.active, current)
        session.change(lambda _: restored)
        return
    if view.current.series is None:
        raise BadValue("There is no picture to compare.", "Open a study first.")
    original = replace(view.current, enhanced=False, against=None)
    enhanced = replace(view.current, enhanced=True, against=None)
    both = replace(
        view,
        layout=Layout(1, 2),
        active=1,
        linked=True,
        maximised=False,
        before_compare=view,
        before_grid=None,
    )
    session.change(lambda _: both.with_viewport(0, original).with_viewport(1, enhanced))


def _unnamed(pipeline: Pipeline) -> Pipeline:
    """A changed recipe is no longer the one of that name."""
    return replace(pipeline, name="", description="")


def _title(step: Step) -> str:
    return ENHANCEMENTS[step.operation].title


def _step(session: Session, number: int) -> Step:
    steps = worked_on(session).steps
    if not 0 <= number < len(steps):
        raise BadValue(f"There is no step {number + 1}.", f"The stack has {len(steps)} steps.")
    return steps[number]


def _change(
    session: Session, label: str, how: Callable[[Pipeline], Pipeline], merge: tuple[Any, ...] | None = None
) -> None:
    series = session.view.current.series
    if series is None:
        raise BadValue(NO_PICTURE, OPEN_FIRST)
    if is_own_cell(session.view):
        change_cell(session, label, how, merge)
        return
    reading = session.state.document.reading(series)
    changed = replace(reading, pipeline=how(reading.pipeline))
    if changed.pipeline != reading.pipeline:
        session.edit(label, lambda document: document.with_reading(changed), merge=merge)
