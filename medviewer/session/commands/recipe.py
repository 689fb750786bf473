"""Recipes on pictures: put one on the active series, on many, or in one viewport; step through the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from medviewer.core.pipeline import Pipeline
from medviewer.core.study import Series, SeriesKey
from medviewer.kit.errors import BadValue
from medviewer.session.command import command
from medviewer.session.grid import change_cell, is_own_cell, worked_on
from medviewer.session.recipes import recipe, recipe_names
from medviewer.session.scopes import series_in
from medviewer.session.session_type import Session
from medviewer.session.state import Document

Scope = Literal["series", "like", "open", "viewport"]
NO_PICTURE = "There is no picture to enhance."
OPEN_FIRST = "Open a study first."


@command("recipe.apply", title="Apply recipe")
def apply(session: Session, *, name: str, to: Scope = "series") -> None:
    """Put a recipe on the active series, on all of its modality in the study, on every open one, or here."""
    found = recipe(name).pipeline
    if to == "viewport":
        here(session, name=name)
        return
    if to == "series" and is_own_cell(session.view):
        change_cell(session, f"Recipe {found.name}", lambda _: found)
        return
    series = _meant(session, to)
    session.edit(_label(f"Recipe {found.name}", series), on_series([one.key for one in series], found))
    show_enhanced(session)


@command("recipe.here", title="Recipe in this viewport only")
def here(session: Session, *, name: str = "") -> None:
    """Show a recipe in the active viewport instead of the stack of its series; "" shows that stack again."""
    now = session.view.current
    if now.series is None:
        raise BadValue(NO_PICTURE, OPEN_FIRST)
    if session.view.before_grid is not None:
        raise BadValue("Each cell of the grid shows a recipe of its own already.", "Put it on the cell.")
    shown = recipe(name).pipeline if name else None
    changed = replace(now, recipe=shown, enhanced=True)
    session.change(lambda view: view.with_viewport(view.active, changed))


@command("enhance.spread", title="Same enhancements on other series")
def spread(session: Session, *, to: Literal["like", "open"] = "like") -> None:
    """Put the stack of the active series on all of its modality in the study, or on every open series."""
    pipeline = worked_on(session)
    series = _meant(session, to)
    label = _label("Same enhancements", series)
    session.edit(label, on_series([one.key for one in series], pipeline))


@command("recipe.step", title="Next recipe", menu="Enhance")
def step(session: Session, *, by: int = 1) -> None:
    """Put the next or previous recipe of the list on the active series; after the last one comes none."""
    names = ("", *recipe_names())
    now = worked_on(session).name
    at = names.index(now) if now in names else 0
    name = names[(at + by) % len(names)]
    if name:
        session.run("recipe.apply", name=name)
    else:
        session.run("enhance.clear")


def show_enhanced(session: Session) -> None:
    """Somebody who adds something wants to see it."""
    now, view = session.view.current, session.view
    if view.before_compare is not None or view.before_grid is not None:
        return
    if not now.enhanced or now.recipe is not None:
        shown = replace(now, enhanced=True, recipe=None)
        session.change(lambda view: view.with_viewport(view.active, shown))


def on_series(series: Sequence[SeriesKey | None], pipeline: Pipeline) -> Callable[[Document], Document]:
    """Puts *pipeline* on each of *series*."""

    def put(document: Document) -> Document:
        for key in series:
            reading = None if key is None else document.reading(key)
            if reading is not None and reading.pipeline != pipeline:
                document = document.with_reading(replace(reading, pipeline=pipeline))
        return document

    return put


def _meant(session: Session, scope: Scope) -> tuple[Series, ...]:
    """The series that a scope means. Raises BadValue without a picture."""
    found = series_in(session, scope)
    if not found:
        raise BadValue(NO_PICTURE, OPEN_FIRST)
    return found


def _label(words: str, series: Sequence[Series]) -> str:
    return words if len(series) == 1 else f"{words} on {len(series)} series"
