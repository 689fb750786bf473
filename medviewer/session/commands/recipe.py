"""Recipes: keep a stack under a name, put it on one series or many, make it the default of its kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from medviewer.core.pipeline import Pipeline, RecipeFile
from medviewer.core.study import Series, SeriesKey
from medviewer.kit.errors import BadValue
from medviewer.kit.task import Lane, Task
from medviewer.session import defaults
from medviewer.session.command import command
from medviewer.session.defaults import Kind, Rules, kind_of, rule_for
from medviewer.session.grid import change_cell, is_own_cell, worked_on
from medviewer.session.history import Beside
from medviewer.session.recipe_files import (
    LONGEST_NAME,
    checked_name,
    read_file,
    same_name,
    tidy,
    write_recipe,
)
from medviewer.session.recipes import (
    Recipe,
    Source,
    find,
    free_name,
    keep,
    library,
    own_recipe,
    recipe,
    recipe_names,
)
from medviewer.session.session_type import Session
from medviewer.session.state import Document

Scope = Literal["series", "like", "open", "viewport"]
NO_PICTURE = "There is no picture to enhance."
OPEN_FIRST = "Open a study first."
_NO_STACK = ("SEG",)
"""Modalities whose pictures are areas, not something to look at more closely."""


@command("recipe.save", title="Save recipe")
def save(session: Session, *, name: str, description: str = "", instead: bool = False) -> None:
    """Keep the active stack under a name; *instead* of the reader's recipe that has that name, if any."""
    pipeline = worked_on(session)
    if not pipeline.steps:
        raise BadValue("There is nothing to save: the stack is empty.", "Add an enhancement first.")
    name = checked_name(name)
    there = find(name)
    if there is not None and (there.source is Source.SHIPPED or not instead):
        what = "comes with medviewer" if there.source is Source.SHIPPED else "is there already"
        raise BadValue(f"A recipe called {there.name} {what}.", f"Save this one as {free_name(name)}.")
    named = Pipeline(pipeline.steps, name, tidy(description))
    beside = _change_list(session, put=(named,))
    _edit(session, f"Save recipe {name}", _here(session, named), beside)


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
    series = series_in(session, to)
    _edit(session, _label(f"Recipe {found.name}", series), _on([one.key for one in series], found))
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
    series = series_in(session, to)
    label = _label("Same enhancements", series)
    _edit(session, label, _on([one.key for one in series], pipeline))


@command("recipe.rename", title="Rename recipe")
def rename(session: Session, *, name: str, to: str) -> None:
    """Call one of the reader's own recipes otherwise; series and defaults that use it follow."""
    before, to = own_recipe(name), checked_name(to)
    there = find(to)
    if there is not None and same_name(there.name) != same_name(before.name):
        raise BadValue(f"There is already a recipe called {there.name}.", f"{free_name(to)} is free.")
    after = replace(before.pipeline, name=to)
    rules = defaults.renamed(defaults.rules(), before.name, to)
    beside = _change_list(session, put=(after,), drop=(before.name,), rules=rules)
    _edit(session, f"Rename recipe {before.name}", _wherever(before.pipeline, after), beside)


@command("recipe.describe", title="Describe recipe")
def describe(session: Session, *, name: str, description: str) -> None:
    """Say what one of the reader's own recipes is for."""
    before = own_recipe(name)
    after = replace(before.pipeline, description=tidy(description))
    beside = _change_list(session, put=(after,))
    _edit(session, f"Describe recipe {before.name}", _wherever(before.pipeline, after), beside)


@command("recipe.duplicate", title="Duplicate recipe")
def duplicate(session: Session, *, name: str, to: str = "") -> str:
    """Copy a recipe, own or shipped, to the reader's own ones; the answer is what the copy is called."""
    before = recipe(name)
    if to and find(to) is not None:
        raise BadValue(f"There is already a recipe called {to:.80}.", f"{free_name(to)} is free.")
    copy = replace(before.pipeline, name=checked_name(to) if to else free_name(before.name))
    _edit(session, f"Duplicate recipe {before.name}", _same, _change_list(session, put=(copy,)))
    return copy.name


@command("recipe.delete", title="Delete recipe")
def delete(session: Session, *, name: str) -> None:
    """Take a recipe off the list, and its defaults with it; series that use it keep their steps."""
    gone = own_recipe(name)
    rules = {kind: one for kind, one in defaults.rules().items() if same_name(one) != same_name(gone.name)}
    beside = _change_list(session, drop=(gone.name,), rules=rules)
    _edit(session, f"Delete recipe {gone.name}", _same, beside)


@command("recipe.import", title="Import recipe")
def import_recipe(session: Session, *, path: Path) -> None:
    """Take a recipe file into the list and put it on the active series; nothing of the list is replaced."""
    path = Path(path)
    session.submit(
        Task(
            lambda _: read_file(path),
            done=lambda found: _take(session, path, found),
            failed=session.notify,
            lane=Lane.SOON,
        )
    )


@command("recipe.export", title="Export recipe")
def export_recipe(session: Session, *, path: Path, name: str = "") -> None:
    """Write the active stack, or the recipe of this name, to a recipe file."""
    path = Path(path)
    pipeline = recipe(name).pipeline if name else worked_on(session)
    session.submit(Task(lambda _: write_recipe(path, pipeline), failed=session.notify, lane=Lane.SOON))


@command("recipe.default", title="Default recipe")
def set_default(session: Session, *, name: str = "", every_part: bool = False) -> None:
    """Let series of this modality and body part begin with a recipe; without a *name* with none.

    With *every_part*, or where the file names none, all series of the modality whose part has no other.
    """
    series = session.series(session.view.current.series)
    if series is None or not series.modality:
        raise BadValue("There is no series to go by.", OPEN_FIRST)
    rules = dict(defaults.rules())
    if name:
        kind = Kind(kind_of(series).modality) if every_part else kind_of(series)
        rules[kind] = recipe(name).name
        label = f"Default recipe of {kind}"
    else:
        rule = rule_for(series)
        if rule is None:
            return
        del rules[rule[0]]
        label = f"No default recipe for {rule[0]}"
    _edit(session, label, _same, _change_list(session, rules=rules))


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


def series_in(session: Session, scope: Scope) -> tuple[Series, ...]:
    """The series that a scope means, the active one among them. Raises BadValue without a picture."""
    active = session.series(session.view.current.series)
    study = session.study_of(session.view.current.series)
    if active is None or study is None:
        raise BadValue(NO_PICTURE, OPEN_FIRST)
    if scope in ("series", "viewport"):
        return (active,)
    studies = (study,) if scope == "like" else session.state.studies
    every = (one for found in studies for one in found.series if one.count)
    return tuple(
        one
        for one in every
        if one is active
        or (one.modality == active.modality if scope == "like" else one.modality not in _NO_STACK)
    )


def show_enhanced(session: Session) -> None:
    """Somebody who adds something wants to see it."""
    now, view = session.view.current, session.view
    if view.before_compare is not None or view.before_grid is not None:
        return
    if not now.enhanced or now.recipe is not None:
        shown = replace(now, enhanced=True, recipe=None)
        session.change(lambda view: view.with_viewport(view.active, shown))


def _take(session: Session, path: Path, found: RecipeFile) -> None:
    """Keep a recipe that was read, under a name that is free, and put it on the active series."""
    wanted = found.pipeline.name or tidy(path.stem, LONGEST_NAME) or "Recipe"
    there = find(wanted)
    is_there = there is not None and there.pipeline.sha256 == found.pipeline.sha256
    taken = (
        there.pipeline if there is not None and is_there else replace(found.pipeline, name=free_name(wanted))
    )
    beside = None if is_there else _change_list(session, put=(taken,))
    has_picture = session.view.current.series is not None
    _edit(session, f"Import recipe {taken.name}", _here(session, taken) if has_picture else _same, beside)
    if has_picture:
        show_enhanced(session)
    if not found.is_intact:
        session.notify(
            f"The steps in {path.name} were changed by hand since the recipe was saved.",
            "It is taken as it is now; undo takes it back.",
            is_error=False,
        )
    if there is not None and not is_there:
        session.notify(
            f"There was already another recipe called {there.name}.",
            f"The imported one is called {taken.name}.",
            is_error=False,
        )


def _change_list(
    session: Session, put: Sequence[Pipeline] = (), drop: Sequence[str] = (), rules: Rules | None = None
) -> Beside:
    """Change the list of recipes and the rules about them; the answer takes it back and does it again."""
    there = library()
    before = {name: find(name) for name in (*drop, *(one.name for one in put))}
    own: dict[str, Recipe] = {
        name: one for name, one in before.items() if one is not None and one.source is Source.OWN
    }
    rules_before = defaults.rules()

    def change(puts: Sequence[Pipeline], drops: Sequence[str], kept: Rules) -> None:
        # first what comes: a program that is ended between the two has one recipe twice, and loses none
        for one in puts:
            there.put(one)
        coming = {same_name(one.name) for one in puts}
        for name in drops:
            if same_name(name) not in coming:
                there.drop(name)
        if puts or drops:
            keep(session)
        if kept is not defaults.rules():
            defaults.set_rules(session, kept)

    def do() -> None:
        change(put, drop, rules_before if rules is None else rules)

    def undo() -> None:
        change(
            [one.pipeline for one in own.values()], [name for name in before if name not in own], rules_before
        )

    do()
    return Beside(undo, do)


def _edit(
    session: Session, label: str, how: Callable[[Document], Document], beside: Beside | None = None
) -> None:
    session.edit(label, how, beside=beside)
    if beside is not None:
        defaults.follow(session)


def _on(series: Sequence[SeriesKey | None], pipeline: Pipeline) -> Callable[[Document], Document]:
    """Puts *pipeline* on each of *series*."""

    def put(document: Document) -> Document:
        for key in series:
            reading = None if key is None else document.reading(key)
            if reading is not None and reading.pipeline != pipeline:
                document = document.with_reading(replace(reading, pipeline=pipeline))
        return document

    return put


def _here(session: Session, pipeline: Pipeline) -> Callable[[Document], Document]:
    """Puts *pipeline* where enhancement commands act: in the active cell of the grid, or on the series."""
    if not is_own_cell(session.view):
        return _on((session.view.current.series,), pipeline)
    at = session.view.active
    return lambda document: replace(document, grid=(*document.grid[:at], pipeline, *document.grid[at + 1 :]))


def _wherever(before: Pipeline, after: Pipeline) -> Callable[[Document], Document]:
    """Exchanges a recipe that was renamed or described on every series that uses it."""

    def exchange(document: Document) -> Document:
        for reading in document.readings.values():
            if reading.pipeline == before:
                document = document.with_reading(replace(reading, pipeline=after))
        return document

    return exchange


def _same(document: Document) -> Document:
    return document


def _label(words: str, series: Sequence[Series]) -> str:
    return words if len(series) == 1 else f"{words} on {len(series)} series"
