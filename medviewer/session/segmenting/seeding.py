"""Seeds of a series: set, taken away, all of them forgotten; each one undo."""

from __future__ import annotations

import math
from dataclasses import replace

from medviewer.core.seeds import SeedPoint
from medviewer.core.study import Series
from medviewer.core.vectors import Point, way
from medviewer.session.session_type import Session
from medviewer.session.state import Reading


def put(session: Session, series: Series, seed: SeedPoint) -> None:
    """Set a seed, once."""
    reading = session.state.document.reading(series.key)
    if seed not in reading.seeds:
        words = "Set seed" if seed.inside else "Set seed outside"
        _keep(session, reading, (*reading.seeds, seed), words)


def take(session: Session, series: Series, position: Point) -> None:
    """Take away the seed that is nearest to *position*."""
    reading = session.state.document.reading(series.key)
    if reading.seeds:
        nearest = min(reading.seeds, key=lambda one: math.hypot(*way(one.position, position)))
        _keep(session, reading, tuple(one for one in reading.seeds if one != nearest), "Remove seed")


def forget(session: Session, series: Series) -> None:
    """Take all seeds away."""
    reading = session.state.document.reading(series.key)
    if reading.seeds:
        _keep(session, reading, (), "Remove all seeds")


def _keep(session: Session, reading: Reading, seeds: tuple[SeedPoint, ...], words: str) -> None:
    changed = replace(reading, seeds=seeds)
    session.edit(words, lambda document: document.with_reading(changed))
