"""Marking pictures as worth looking at again, and going from one such picture to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from medviewer.core.study import Series
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider
from medviewer.session.command import command
from medviewer.session.session_type import Session
from medviewer.session.state import Picture


@command("key.toggle", title="Key picture", menu="Picture")
def toggle(session: Session, *, viewport: int = -1) -> None:
    """Mark the shown picture as a key picture, or take the mark away; undo brings it back."""
    series, index = _shown(session, session.view.number(viewport))
    picture, reading = _picture(series, index), session.state.document.reading(series.key)
    if picture in reading.key_pictures:
        kept = tuple(one for one in reading.key_pictures if one != picture)
        words = "Take the mark of a key picture away"
    else:
        kept, words = (*reading.key_pictures, picture), "Mark a key picture"
    session.edit(words, lambda document: document.with_reading(replace(reading, key_pictures=kept)))


@command("key.step", title="Next key picture", menu="Picture")
def step(session: Session, *, by: Annotated[int, Slider(-1, 1)] = 1) -> None:
    """Show the next or the previous key picture, through all series of the study, around from the last."""
    places = _places(session)
    if not places:
        raise BadValue("No picture is marked as a key picture.", "Mark the shown one first.")
    now = session.view.current
    order = [one.key for study in session.state.studies for one in study.series]
    at = (order.index(now.series) if now.series in order else -1, now.index)
    by_place = [((order.index(key), index), key, index) for key, index in places]
    if by > 0:
        _, key, index = next((one for one in by_place if one[0] > at), by_place[0])
    else:
        _, key, index = next((one for one in reversed(by_place) if one[0] < at), by_place[-1])
    if key != now.series:
        session.run("view.show", series=key)
    if session.view.current.cut is not None:
        session.run("plane.show", name="acquired")
    session.run("view.goto", index=index)


def _places(session: Session) -> list[tuple[str, int]]:
    """The key pictures of the active study, in the order in which its series are listed."""
    study = session.study_of(session.view.current.series)
    found = []
    for series in () if study is None else study.series:
        marked = set(session.state.document.reading(series.key).key_pictures)
        if marked:
            every = range(series.count)
            found += [(series.key, index) for index in every if _picture(series, index) in marked]
    return found


def _shown(session: Session, number: int) -> tuple[Series, int]:
    viewport = session.view.viewports[number]
    series = session.series(viewport.series)
    if series is None or not series.count:
        raise BadValue("There is no picture to mark.", "Open a study first.")
    if viewport.cut is not None or viewport.view3d is not None:
        raise BadValue("This view is no picture of the study.", "Mark one of its own pictures.")
    return series, min(viewport.index, series.count - 1)


def _picture(series: Series, index: int) -> Picture:
    address = series.frames[index]
    return series.instances[address.instance].sop_instance, address.frame
