"""Going to the pictures that an object speaks of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.objects import Picture, StudyObject
from medviewer.core.report import Report
from medviewer.kit.errors import BadValue
from medviewer.session.found.measured import places_in
from medviewer.session.found.places import Place

if TYPE_CHECKING:
    from medviewer.session.session import Session


def jump_to(session: Session, found: StudyObject, wanted: tuple[Picture, ...] = ()) -> None:
    """Show the first open picture that an object says something about, of *wanted* if given.

    In a viewport that shows its series already, else in the active one. Raises BadValue where none is open.
    """
    places = session.objects.places
    place = next(iter(places.of(wanted) if wanted else _first(session, found)), None)
    if place is None:
        missing = session.objects.missing_words(found)
        raise BadValue(f"{found.label} says nothing about an open picture.", missing)
    key, index = place
    view = session.view
    shown = (view.active, *view.shown)
    number = next((one for one in shown if view.viewports[one].series == key), None)
    if number is not None and number != view.active:
        session.change(lambda now: replace(now, active=number))
    if number is None:
        session.run("view.show", series=key)
    now = session.view.current
    if now.cut is not None or now.view3d is not None:
        flat = replace(now, cut=None, view3d=None)
        session.change(lambda one: one.with_viewport(one.active, flat))
    series = places.series[key]
    session.run(
        "view.goto", index=index % series.places, value=index // series.places if series.dimension else -1
    )


def _first(session: Session, found: StudyObject) -> tuple[Place, ...]:
    """The open pictures that are marked, those of the series in sight first; else all that it names."""
    places = session.objects.places
    marked: list[Place] = []
    for key, reading in session.state.document.readings.items():
        for group in reading.groups:
            if group.source == found.uid and key in places.series:
                marked += [(key, at) for at, values in enumerate(group.slices) if values is not None]
    for one in session.state.outlined:
        if one.uid == found.uid:
            marked += sorted(one.pictures)
    if marked:
        return tuple(sorted(marked))
    if isinstance(found.content, Report):
        return places.of(tuple(places_in(found.content.root))) or places.of(found.pictures)
    meant = places.most_meant(found, session.view.current.series)
    return tuple(one for one in places.of(found.pictures) if one[0] == meant) or places.of(found.pictures)
