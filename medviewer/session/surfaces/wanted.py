"""Which labels a viewport shows as surfaces in 3-D."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from medviewer.core.geometry import ImageGeometry
from medviewer.core.labels import Label, LabelMap
from medviewer.core.view3d import Shows
from medviewer.imaging.volume_rendering.available import why_not
from medviewer.imaging.volume_rendering.request import LabelSurface
from medviewer.kit.itself import Itself
from medviewer.session.facts import state_words
from medviewer.session.session_type import Session
from medviewer.session.shown_labels import is_seen
from medviewer.session.state import View, Viewport

USUAL_OPACITY = 0.4
"""How opaque labels lie over slices at first; what is as opaque or more is a surface that hides the rest."""
LEAST_SLICES = 2
NO_LABELS = "No label of this series is visible."
NO_STACK = "These pictures make no stack."


def surfaces_of(session: Session, viewport: Viewport) -> tuple[LabelSurface, ...]:
    """The visible labels of the series of a viewport, whether or not anything is marked with them."""
    return tuple(
        LabelSurface(group.id, label.value, label.name, label.color, opacity, Itself(group.slices))
        for group, label in _visible(session, viewport)
        if (opacity := _opacity(group, label)) > 0
    )


def model_lines(session: Session, viewport: Viewport) -> tuple[str, ...]:
    """Which of them a model has found, and whether anybody has accepted that."""
    found: dict[str, tuple[LabelMap, list[str]]] = {}
    for group, label in _visible(session, viewport):
        if group.provenance is not None:
            found.setdefault(group.id, (group, []))[1].append(label.name)
    return tuple(
        f"{', '.join(names)} · {group.provenance} · {state_words(group.state)}"
        for group, names in found.values()
    )


def stack_geometry(session: Session, viewport: Viewport) -> ImageGeometry | None:
    """The grid on which the labels of a viewport make surfaces, None when its pictures make no stack."""
    series = session.series(viewport.series)
    geometry = None if series is None else session.frames.geometry(series)
    return geometry if geometry is not None and geometry.shape[0] >= LEAST_SLICES else None


def place_for_surfaces(view: View) -> int:
    """The viewport in which labels are shown in 3-D: the active one, but planes side by side all stay.

    Among those the pictures as acquired make room.
    """
    now = view.current
    if view.before_planes is None or now.cut is None:
        return view.active
    acquired = (
        number
        for number in view.shown
        if view.viewports[number].series == now.series and view.viewports[number].cut is None
    )
    return next(acquired, view.active)


def are_alone(viewport: Viewport) -> bool:
    """Whether a viewport shows labels in 3-D without the body."""
    return viewport.view3d is not None and viewport.view3d.shows is Shows.LABELS


def why_no_surfaces(session: Session, viewport: Viewport) -> str:
    """Why labels cannot be shown in 3-D in a viewport, "" when they can."""
    if session.series(viewport.series) is None:
        return "Open a study first."
    if reason := why_not():
        return reason
    if stack_geometry(session, viewport) is None:
        return NO_STACK
    return "" if surfaces_of(session, viewport) else NO_LABELS


def _visible(session: Session, viewport: Viewport) -> Iterator[tuple[LabelMap, Label]]:
    view = session.view
    if viewport.series is None or view.labels_hidden:
        return
    steady = replace(view, blinked_off=False)  # a picture that is made anew with every blink is never sharp
    for group in session.state.document.reading(viewport.series).groups:
        if group.source in view.hidden_objects or not any(one is not None for one in group.slices):
            continue
        yield from ((group, one) for one in group.labels if is_seen(steady, group, one))


def _opacity(group: LabelMap, label: Label) -> float:
    opacity = group.opacity if label.opacity is None else label.opacity
    return min(opacity / USUAL_OPACITY, 1.0)
