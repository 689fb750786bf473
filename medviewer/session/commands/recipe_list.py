"""The list of recipes: keep a stack, rename, copy, delete, files in and out, defaults; undo takes it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from medviewer.core.pipeline import Pipeline, RecipeFile
from medviewer.kit.errors import BadValue
from medviewer.kit.task import Lane, Task
from medviewer.session import defaults
from medviewer.session.command import command
from medviewer.session.commands.recipe import OPEN_FIRST, on_series, show_enhanced
from medviewer.session.defaults import Kind, Rules, kind_of, rule_for
from medviewer.session.grid import is_own_cell, worked_on
from medviewer.session.history import Beside
from medviewer.session.recipe_files import (
    LONGEST_NAME,
    checked_name,
    read_file,
    same_name,
    tidy,
    write_recipe,
)
from medviewer.session.recipes import Recipe, Source, find, free_name, keep, library, own_recipe, recipe
from medviewer.session.session_type import Session
from medviewer.session.state import Document


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
    session.notify(f"{copy.name} is in the list, a copy of {before.name}.", is_error=False)
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


def _here(session: Session, pipeline: Pipeline) -> Callable[[Document], Document]:
    """Puts *pipeline* where enhancement commands act: in the active cell of the grid, or on the series."""
    if not is_own_cell(session.view):
        return on_series((session.view.current.series,), pipeline)
    at = session.view.active
    return lambda document: replace(document, grid=(*document.grid[:at], pipeline, *document.grid[at + 1 :]))


def _wherever(before: Pipeline, after: Pipeline) -> Callable[[Document], Document]:
    """Exchanges a recipe that was renamed or described on every series and in every cell that uses it."""

    def exchange(document: Document) -> Document:
        for reading in document.readings.values():
            if reading.pipeline == before:
                document = document.with_reading(replace(reading, pipeline=after))
        grid = tuple(after if cell == before else cell for cell in document.grid)
        return document if grid == document.grid else replace(document, grid=grid)

    return exchange


def _same(document: Document) -> Document:
    return document
