"""The second slider: from one time, phase, b-value or echo to the next at the same place."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from medviewer.core.study import Series
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider
from medviewer.session.command import command
from medviewer.session.dimension import value_of, with_value
from medviewer.session.session_type import Session


@command("view.dimension", title="Next value", menu="View")
def step(session: Session, *, by: Annotated[int, Slider(-100_000, 100_000)] = 1) -> None:
    """Go to the next or the previous time, phase, b-value or echo of the series, at the same place."""
    number = session.view.active
    series = _series(session, number)
    _show(session, number, series, value_of(series, session.view.current.index) + by)


@command("view.dimension_to", title="Go to value")
def to(session: Session, *, number: int, viewport: int = -1) -> None:
    """Show a time, phase, b-value or echo of the series by its number from 0; -1 is the last."""
    at = session.view.number(viewport)
    series = _series(session, at)
    _show(session, at, series, number if number >= 0 else value_of(series, series.count) + number)


@command("view.cine_places", title="Play the places of a stack", menu="View")
def cine_places(session: Session) -> None:
    """Let cine run through the places of a stack even where the series has times or other values to play."""
    session.change(lambda view: replace(view, cine_places=not view.cine_places))


def _series(session: Session, viewport: int) -> Series:
    series = session.series(session.view.viewports[viewport].series)
    if series is None or series.dimension is None:
        raise BadValue(
            "This series has one picture at each place.",
            "Choose one with several times, phases, b-values or echoes.",
        )
    return series


def _show(session: Session, viewport: int, series: Series, value: int) -> None:
    session.change(lambda view: with_value(view, viewport, series, value))
