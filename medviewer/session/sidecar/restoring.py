"""Bringing a saved view back: its study, its pictures by their UIDs, and everything over them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.study import Series, Study, StudyKey
from medviewer.kit.errors import SeriesTrouble
from medviewer.session.pictures import Taken, snapshot
from medviewer.session.sidecar.seen import Seen, SeenViewport
from medviewer.session.state import MAX_VIEWPORTS, View, Viewport
from medviewer.studies.search import with_uid

if TYPE_CHECKING:
    from medviewer.session.session import Session


def missing_studies(session: Session, seen: Seen) -> tuple[str, ...]:
    """UIDs of the studies of a view that are not open."""
    is_open = {study.uid for study in session.state.studies}
    wanted = dict.fromkeys(one.study for one in seen.viewports if one.study)
    return tuple(uid for uid in wanted if uid not in is_open)


def remembered(session: Session, uids: tuple[str, ...]) -> dict[str, StudyKey]:
    """Under which keys studies are remembered on this disk, by their UIDs. Any thread may call."""
    if not session.settings.remember_studies:
        return {}
    found = {uid: with_uid(session.index, uid) for uid in uids}
    return {uid: studies[0].key for uid, studies in found.items() if studies}


def restore(session: Session, seen: Seen) -> tuple[str, ...]:
    """Show what was seen; the answer says in sentences what is not as it was.

    Raises SeriesTrouble where not one of its pictures is in the open studies; nothing has changed then.
    """
    wanted = [one for one in seen.viewports if one.instance]
    found = [_restored(session, one) for one in seen.viewports]
    if wanted and not any(one.series for one in found):
        raise SeriesTrouble(
            "The pictures of this view are not in the open studies.",
            "Open the study that the picture was saved from, then open this file again.",
        )

    def how(view: View) -> View:
        return replace(
            view,
            layout=seen.layout,
            viewports=(*found, *(Viewport(),) * (MAX_VIEWPORTS - len(found))),
            active=seen.active,
            maximised=False,
            corner_text=seen.corner_text,
            labels_hidden=seen.labels_hidden,
            annotations_hidden=seen.annotations_hidden,
            reference_lines=seen.reference_lines,
            linked=seen.linked,
            solo=seen.solo,
            group=seen.group,
            label=seen.label,
            selected=seen.selected,
            crosshair=seen.crosshair,
            overlay_color=seen.overlay_color or view.overlay_color,
            peek=False,
            blinking=False,
            blinked_off=False,
            before_compare=None,
            before_planes=(view.before_planes or view) if seen.planes else None,
            before_grid=None,
        )

    session.change(how)
    return _differences(session, seen)


def pictures(session: Session, seen: Seen) -> Taken:
    """The restored view as the picture that was saved shows it: as large, with the same words."""
    cells = tuple(
        snapshot(session, number, one.size, one.density, seen.look)
        for number, one in ((number, seen.viewports[number]) for number in seen.cells)
    )
    return Taken(seen.columns, cells)


def _restored(session: Session, one: SeenViewport) -> Viewport:
    """The viewport on the series and the picture as they are numbered now; an empty one without them."""
    if not one.instance:
        return Viewport()
    for series in _candidates(session, one):
        index = _index(series, one)
        if index is not None:
            break
    else:
        return Viewport()
    viewport = replace(one.viewport, series=series.key, index=index)
    if viewport.cut is not None and session.frames.geometry(series) is None:
        viewport = replace(viewport, cut=None)
    if viewport.fusion is not None and session.series(viewport.fusion.series) is None:
        viewport = replace(viewport, fusion=None)
    other = "" if viewport.against is None else viewport.against.series
    if other and session.series(other) is None:
        viewport = replace(viewport, against=None)
    # the stack of the series may have been changed since: what was seen is put in its place here only
    stack = session.rendering.pipeline(series.key)
    if viewport.enhanced and viewport.recipe is None and stack.sha256 != one.recipe.sha256:
        viewport = replace(viewport, recipe=one.recipe)
    return viewport


def _candidates(session: Session, one: SeenViewport) -> list[Series]:
    """The open series that may hold a picture, the very one first: a series may have been split anew."""
    studies: list[Study] = [study for study in session.state.studies if study.uid == one.study]
    every = [series for study in studies for series in study.series if series.uid == one.series]
    return sorted(every, key=lambda series: series.key != one.viewport.series)


def _index(series: Series, one: SeenViewport) -> int | None:
    for index, address in enumerate(series.frames):
        if address.frame == one.frame and series.instances[address.instance].sop_instance == one.instance:
            return index
    return None


def _differences(session: Session, seen: Seen) -> tuple[str, ...]:
    """What was there and is not any more."""
    document, said = session.state.document, []
    drawn = {one.id for reading in document.readings.values() for one in reading.annotations}
    groups = {
        (group.id, label.value)
        for reading in document.readings.values()
        for group in reading.groups
        for label in group.labels
    }
    lost = sum(1 for one in seen.viewports for id in one.annotations if id not in drawn)
    if lost:
        said.append(f"{lost} {'annotation' if lost == 1 else 'annotations'} of it are not kept here.")
    gone = sum(1 for one in seen.viewports for label in one.labels if label not in groups)
    if gone:
        said.append(f"{gone} {'label' if gone == 1 else 'labels'} of it are not kept here.")
    empty = sum(
        1
        for number, one in enumerate(seen.viewports)
        if one.instance and session.view.viewports[number].series is None
    )
    if empty:
        said.append(f"{empty} of its pictures {'is' if empty == 1 else 'are'} not in the open studies.")
    return tuple(said)
