"""Which series a command means: the active one, those like it, all of its study, everything that is open."""

from __future__ import annotations

from medviewer.core.study import Series
from medviewer.session.session_type import Session

AREAS = ("SEG",)
"""Modalities whose pictures are areas, not something to look at more closely."""


def series_in(session: Session, scope: str) -> tuple[Series, ...]:
    """The series that *scope* means, the active one among them; none where that has no picture.

    "like" is all of its modality in its study, "study" and "open" leave out what is no picture; every other
    word means the active series alone.
    """
    active = session.series(session.view.current.series)
    study = session.study_of(session.view.current.series)
    if active is None or study is None or not active.count:
        return ()
    if scope not in ("like", "study", "open"):
        return (active,)
    studies = session.state.studies if scope == "open" else (study,)
    every = (one for found in studies for one in found.series if one.count)
    if scope == "like":
        return tuple(one for one in every if one.modality == active.modality)
    return tuple(one for one in every if one is active or one.modality not in AREAS)
