"""The enhancement grid: the same picture in several ways at once, in an order of the reader's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from medviewer.core.pipeline import Pipeline
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider
from medviewer.session import layouts, planes
from medviewer.session.command import command
from medviewer.session.fitting_recipes import fitting_recipes
from medviewer.session.grid import (
    FEWEST,
    MOST,
    alone,
    cumulative,
    entered,
    is_better_tall,
    left,
    moved,
    set_cells,
    words,
)
from medviewer.session.linking import follow
from medviewer.session.recipe_files import checked_name
from medviewer.session.recipes import all_recipes, recipe
from medviewer.session.session_type import Session
from medviewer.session.state import Cells

AT_FIRST = MOST - 1
"""Cells that are shown first: one more has room, for a step that is tried."""

Cell = Annotated[int, Slider(-1, MOST - 1)]
"""A cell by its number from 0; -1 is the active one."""


@command("grid.toggle", title="Enhancement grid", menu="Enhance", icon="grid")
def toggle(session: Session) -> None:
    """Show the picture as it is and done up by each recipe, side by side; once more goes back."""
    if session.view.before_grid is not None:
        leave(session)
    else:
        _show(session, session.state.document.grid or starting_cells(session))


@command("grid.steps", title="Steps in the grid", menu="Enhance")
def steps(session: Session, *, each: Literal["together", "alone"] = "together") -> None:
    """Show what each step does: the steps of the stack added one by one, or each of them alone."""
    stack = _own_or_shown(session)
    if not stack.active:
        raise BadValue("There are no steps to show: nothing is enhanced.", "Add an enhancement first.")
    cells = cumulative(stack) if each == "together" else alone(stack)
    if len(cells) > MOST:
        session.notify(
            f"The grid has room for the last {MOST - 1} of {len(cells) - 1} steps.", is_error=False
        )
        cells = (cells[0], *cells[1 - MOST :])
    _show(session, cells, "Show steps in the grid")


@command("grid.recipes", title="Recipes in the grid", menu="Enhance")
def recipes(session: Session) -> None:
    """Show the original, the series' own stack and the recipes of the list instead of what is shown."""
    _show(session, starting_cells(session), "Show recipes in the grid")


@command("grid.count", title="Cells of the grid")
def count(session: Session, *, count: Annotated[int, Slider(FEWEST, MOST)] = MOST) -> None:
    """Show so many cells: the first of those there are, or further recipes of the list behind them."""
    cells = _cells(session)
    further = _not_shown(cells, MOST)
    if len(cells) >= count:
        after = cells[:count]
    elif further:
        after = (*cells, *further)[:count]
    else:
        raise BadValue(
            "Every recipe of the list is shown already.", "Add a cell to change it, or save a recipe."
        )
    if after != cells:
        set_cells(session, f"Show {len(after)} cells", after)


@command("grid.show", title="Recipe of a cell")
def show(
    session: Session,
    *,
    cell: Cell = -1,
    what: Literal["recipe", "original", "series"] = "recipe",
    name: str = "",
) -> None:
    """Show a recipe of the list, the original or the series' own stack in one cell."""
    cells = _cells(session)
    at = _number(session, cell)
    chosen = _chosen(what, name)
    set_cells(session, f"Show {words(chosen)}", (*cells[:at], chosen, *cells[at + 1 :]), active=at)


@command("grid.add", title="Add a cell", menu="Enhance")
def add(
    session: Session, *, what: Literal["recipe", "original", "series"] = "recipe", name: str = ""
) -> None:
    """Show one recipe more: that of a name, or the first of the list that is not to be seen yet."""
    cells = _cells(session)
    if len(cells) == MOST:
        raise BadValue(f"The grid has room for {MOST} cells.", "Remove one first.")
    further = _not_shown(cells, 1) if what == "recipe" and not name else ()
    chosen = further[0] if further else _chosen(what, name) if name or what != "recipe" else Pipeline()
    set_cells(session, f"Add {words(chosen)}", (*cells, chosen), active=len(cells))


@command("grid.remove", title="Remove this cell", menu="Enhance")
def remove(session: Session, *, cell: Cell = -1) -> None:
    """Show one recipe less; the recipe itself stays in the list."""
    cells, at = _cells(session), _number(session, cell)
    if len(cells) == FEWEST:
        raise BadValue("A grid has two cells at least.", "Leave the grid for one picture.")
    after = (*cells[:at], *cells[at + 1 :])
    set_cells(session, f"Remove {words(cells[at])}", after, active=min(at, len(after) - 1))


@command("grid.move", title="Move this cell", menu="Enhance")
def move(session: Session, *, cell: Cell = -1, to: Cell = -1, by: Annotated[int, Slider(-8, 8)] = 1) -> None:
    """Put a cell into another place, or so many places on; the others make room."""
    cells, at = _cells(session), _number(session, cell)
    place = to if to >= 0 else at + by
    place = min(max(place, 0), len(cells) - 1)
    if place != at:
        set_cells(session, f"Move {words(cells[at])}", moved(cells, at, place), active=place)


@command("grid.use", title="Use this one", menu="Enhance", icon="check")
def use(session: Session, *, cell: Cell = -1) -> None:
    """Put what a cell shows on the series, and leave the grid."""
    cells, at = _cells(session), _number(session, cell)
    chosen, series = cells[at], session.view.viewports[at].series or ""
    session.run("view.activate", viewport=at)
    leave(session)
    now = replace(session.view.current, recipe=None, enhanced=True)
    session.change(lambda view: view.with_viewport(view.active, now))
    reading = session.state.document.reading(series)
    if chosen is not None and chosen != reading.pipeline:
        changed = replace(reading, pipeline=chosen)
        session.edit(f"Use {words(chosen)}", lambda document: document.with_reading(changed))


@command("grid.keep", title="Keep the grid as a layout")
def keep(session: Session, *, name: str) -> None:
    """Keep what the cells show under a name, recipes and all."""
    made = layouts.GridLayout(checked_name(name), _cells(session))
    layouts.put(session, f"Keep layout {made.name}", {made.name: made})


@command("grid.apply", title="Show a layout")
def apply(session: Session, *, name: str) -> None:
    """Show a layout that was kept."""
    _show(session, layouts.layout(name).cells, f"Show layout {name}")


@command("grid.rename", title="Rename a layout")
def rename(session: Session, *, name: str, to: str) -> None:
    """Call a layout otherwise. Raises BadValue where another one is called so."""
    found, after = layouts.layout(name), checked_name(to)
    there = layouts.layouts().find(after)
    if there is not None and there is not found:
        raise BadValue(f"There is a layout called {there.name} already.", "Choose another name.")
    changes = {found.name: None, after: replace(found, name=after)}
    layouts.put(session, f"Rename layout {found.name}", changes)


@command("grid.delete", title="Delete a layout")
def delete(session: Session, *, name: str) -> None:
    """Take a layout off the list."""
    found = layouts.layout(name)
    layouts.put(session, f"Delete layout {found.name}", {found.name: None})


def starting_cells(session: Session) -> Cells:
    """The original, the series' own stack where it has one, and recipes that fit; one cell stays free."""
    stack = session.rendering.pipeline(session.view.current.series)
    own: Cells = (None,) if stack.active else ()
    begun: Cells = (Pipeline(), *own)
    shown = {stack.digest} if own else set()
    series = session.series(session.view.current.series)
    fitting = [one for one in fitting_recipes(series) if one.digest not in shown]
    return (*begun, *fitting[: AT_FIRST - len(begun)])


def leave(session: Session) -> None:
    """Go back to what was shown before the grid; its cells stay as they are for the next time."""
    view = session.view
    restored = left(view)
    restored = planes.along(session, restored, restored.active, view.current)
    session.change(lambda _: restored)
    cells = session.state.document.grid
    _level(session, () if cells == starting_cells(session) else cells)
    if restored.linked:
        follow(session)


def _show(session: Session, cells: Cells, label: str = "") -> None:
    view = session.view
    if view.before_grid is not None:
        set_cells(session, label, cells, active=0)
        return
    if view.current.series is None:
        raise BadValue("There is no picture to enhance.", "Open a study first.")
    if view.current.view3d is not None:
        raise BadValue("Enhancements are of slices, not of a body.", "Switch 3-D off first.")
    if len(cells) < FEWEST:
        raise BadValue(
            "There is no recipe to show beside the original.", "Add an enhancement, or save a recipe."
        )
    _level(session, cells)
    active, is_tall = cells.index(None) if None in cells else 0, _is_tall(session, len(cells))
    session.change(lambda view: entered(view, cells, active, is_tall))


def _is_tall(session: Session, count: int) -> bool:
    """Whether the window is so narrow that cells stand better on top of one another than side by side."""
    view, plane = session.view, session.rendering.plane(session.view.current)
    there = session.canvas.get(view.active)
    if plane is None or there is None:
        return False
    rows, columns = (1, 1) if view.maximised else (view.layout.rows, view.layout.columns)
    picture = (plane.shape[0] * max(plane.aspect, 1.0), plane.shape[1] * max(1 / plane.aspect, 1.0))
    return is_better_tall(count, (there[0] * rows, there[1] * columns), picture)


def _level(session: Session, cells: Cells) -> None:
    """Let all remembered documents have these cells: entering and leaving the grid is not undone."""
    now = session.state.document
    session.history.settle(lambda document: replace(document, grid=cells), now)
    session.replace_document(replace(now, grid=cells))


def _cells(session: Session) -> Cells:
    if session.view.before_grid is None:
        raise BadValue("The enhancement grid is not shown.", "Show it first.")
    cells: Cells = session.state.document.grid
    return cells


def _number(session: Session, cell: int) -> int:
    number: int = session.view.active if cell < 0 else cell
    if number >= len(_cells(session)):
        raise BadValue(f"There is no cell {number + 1}.", f"The grid has {len(_cells(session))} cells.")
    return number


def _chosen(what: str, name: str) -> Pipeline | None:
    if what == "series":
        return None
    return Pipeline() if what == "original" else recipe(name).pipeline


def _not_shown(cells: Cells, most: int) -> Cells:
    """Recipes of the list, so many at the most, that do something else than every cell does."""
    seen = {cell.digest for cell in cells if cell is not None}
    found: list[Pipeline] = []
    for one in all_recipes():
        if one.pipeline.active and one.pipeline.digest not in seen and len(found) < most:
            seen.add(one.pipeline.digest)
            found.append(one.pipeline)
    return tuple(found)


def _own_or_shown(session: Session) -> Pipeline:
    """The stack whose steps are meant: the recipe of the active cell if it has one, else the series' own."""
    now = session.view.current
    chosen: Sequence[Pipeline] = [one for one in (now.recipe,) if one is not None and one.active]
    return chosen[0] if chosen else session.rendering.pipeline(now.series)
