"""Finding parts of the picture: methods, seeds, presets, cleaning, and labels combined with each other.

The room that does it is entered when it is first used: most readers never need its libraries at start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from medviewer.core.seeds import SeedPoint
from medviewer.core.study import Series
from medviewer.core.vectors import Point, point
from medviewer.kit.errors import BadValue
from medviewer.session.command import command
from medviewer.session.commands.labels import label_of
from medviewer.session.session_type import Session

if TYPE_CHECKING:
    from medviewer.session.segmenting.found import Target

Scope = Literal["slice", "stack"]
Mode = Literal["replace", "add", "subtract", "intersect"]


@command("segment.run", title="Run segmentation method")
def run(
    session: Session,
    *,
    method: str,
    values: Mapping[str, Any] | None = None,
    scope: Scope = "stack",
    into: Literal["label", "new"] = "new",
    mode: Mode = "replace",
    name: str = "",
) -> str:
    """Let a method look for a part in the background; it comes into the label worked on, or into a new one.

    The answer is the key of the job. A new label overlaps nothing in its group, else it gets its own one.
    """
    from medviewer.session.segmenting import running  # noqa: PLC0415  (see above)

    target = _target(session, into, mode) if into == "label" else _new(name)
    return running.find(
        session, method=method, values=values or {}, scope=running.Scope(scope), target=target
    )


@command("segment.preset", title="Find lungs, bone, body or air", menu="Segment")
def preset(session: Session, *, name: Literal["lungs", "bone", "body", "air"], scope: Scope = "stack") -> str:
    """Find lungs, bone, the body or air in CT, with the settings that serve most pictures, as a new label."""
    from medviewer.session.segmenting import ready, running  # noqa: PLC0415  (see above)
    from medviewer.session.segmenting.found import Target as Wanted  # noqa: PLC0415  (see above)

    chosen = ready.PRESETS[name]
    target = Wanted("", 0, name=chosen.title)
    if chosen.kind is not None:
        target = replace(target, category=chosen.kind.category, meaning=chosen.kind.meaning)
    return running.find(
        session,
        method=chosen.method,
        values={},
        scope=running.Scope(scope),
        target=target,
    )


@command("segment.clean", title="Tidy label")
def clean(
    session: Session,
    *,
    step: str,
    values: Mapping[str, Any] | None = None,
    scope: Scope = "stack",
    value: int = 0,
    group: str = "",
) -> str:
    """Fill, smooth, grow or otherwise tidy a label in the background."""
    from medviewer.session.segmenting import running  # noqa: PLC0415  (see above)
    from medviewer.session.segmenting.found import Target as Wanted  # noqa: PLC0415  (see above)

    found, label = label_of(session, value, group)
    target = Wanted(found.id, label.value)
    return running.tidy(session, step=step, values=values or {}, scope=running.Scope(scope), target=target)


@command("segment.combine", title="Combine labels")
def combine(
    session: Session,
    *,
    operation: Literal["copy", "add", "subtract", "intersect"],
    other: int,
    other_group: str = "",
    scope: Scope = "stack",
) -> str:
    """Make the label worked on what another one is, or add, subtract or intersect that one."""
    from medviewer.session.segmenting import running  # noqa: PLC0415  (see above)

    source, label = label_of(session, other, other_group or session.view.group)
    mode: Mode = "replace" if operation == "copy" else operation
    target = _target(session, "label", mode)
    if (target.group, target.value) == (source.id, label.value):
        raise BadValue("A label cannot be combined with itself.", "Choose another one.")
    return running.join(
        session, source=source.id, value=label.value, scope=running.Scope(scope), target=target
    )


@command("segment.stop", title="Stop the method", menu="Segment")
def stop(session: Session) -> None:
    """Stop the method that is at work; nothing of what it found is kept."""
    from medviewer.session.segmenting import running  # noqa: PLC0415  (see above)

    running.stop(session)


@command("segment.try", title="Try segmentation settings")
def try_out(session: Session, *, method: str, values: Mapping[str, Any] | None = None) -> None:
    """Show on the shown picture what a quick method would mark, without marking it."""
    from medviewer.session.segmenting import trying  # noqa: PLC0415  (see above)

    trying.begin(session, method, values or {}, _color(session))


@command("segment.try_end", title="End trying segmentation settings")
def try_end(session: Session) -> None:
    """Show no longer what a method would mark."""
    from medviewer.session.segmenting import trying  # noqa: PLC0415  (see above)

    trying.end(session)


@command("segment.seed", title="Set seed")
def seed(session: Session, *, position: Point, inside: bool = True, viewport: int = -1) -> None:
    """Set a place that belongs, or does not belong, to what a method looks for."""
    from medviewer.session.segmenting import seeding  # noqa: PLC0415  (see above)

    series, reference = _series(session, viewport)
    seeding.put(session, series, SeedPoint(point(position), reference, inside))


@command("segment.remove_seed", title="Remove seed")
def remove_seed(session: Session, *, position: Point, viewport: int = -1) -> None:
    """Take away the seed that is nearest to a place."""
    from medviewer.session.segmenting import seeding  # noqa: PLC0415  (see above)

    seeding.take(session, _series(session, viewport)[0], point(position))


@command("segment.clear_seeds", title="Remove all seeds", menu="Segment")
def clear_seeds(session: Session) -> None:
    """Take all seeds of the active series away."""
    from medviewer.session.segmenting import seeding  # noqa: PLC0415  (see above)

    seeding.forget(session, _series(session, -1)[0])


def _series(session: Session, viewport: int) -> tuple[Series, str]:
    """What a viewport shows, and the frame of reference of its picture."""
    shown = session.view.viewports[session.view.number(viewport)]
    series, plane = session.series(shown.series), session.rendering.plane(shown)
    if series is None or plane is None or shown.view3d is not None:
        raise BadValue("There is no picture to set a seed on.", "Show slices or a plane first.")
    return series, plane.frame_of_reference


def _target(session: Session, into: str, mode: Mode) -> Target:
    from medviewer.session.segmenting.combining import Mode as Way  # noqa: PLC0415  (see above)
    from medviewer.session.segmenting.found import Target as Wanted  # noqa: PLC0415  (see above)

    found, label = label_of(session)
    return Wanted(found.id, label.value, Way(mode))


def _new(name: str) -> Target:
    from medviewer.session.segmenting.found import Target as Wanted  # noqa: PLC0415  (see above)

    return Wanted("", 0, name=name)


def _color(session: Session) -> str:
    """That of the label worked on, else the one that the next label would get."""
    from medviewer.session.segmenting.making import free_color  # noqa: PLC0415  (see above)

    series = session.view.current.series
    if series is None:
        return "#e69f00"
    try:
        return str(label_of(session)[1].color)
    except BadValue:
        return free_color(session.state.document.reading(series))
