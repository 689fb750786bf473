"""The enhancement grid: one picture done up in several ways at once, all cells looking at the same place."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from medviewer.core.pipeline import Pipeline
from medviewer.imaging.enhance.apply import as_run, titles
from medviewer.kit.errors import BadValue
from medviewer.session.session_type import Session
from medviewer.session.state import MAX_VIEWPORTS, Cells, Layout, View, Viewport

FEWEST, MOST = 2, MAX_VIEWPORTS
SHAPES = (Layout(1, 2), Layout(2, 2), Layout(2, 3), Layout(3, 3))
EMPTY = Pipeline()
CHANGED = " (changed)"
ORIGINAL, OWN = "Original", "The series' own"


def layout_for(count: int, is_tall: bool = False) -> Layout:
    """The smallest grid with room for so many cells; *is_tall* with more rows than columns."""
    shape = next(shape for shape in SHAPES if shape.count >= count)
    return Layout(shape.columns, shape.rows) if is_tall else shape


def is_better_tall(count: int, room: tuple[float, float], picture: tuple[float, float]) -> bool:
    """Whether *picture* (height, width) is larger in so many cells with more rows than columns."""

    def scale(layout: Layout) -> float:
        return min(room[0] / layout.rows / picture[0], room[1] / layout.columns / picture[1])

    return scale(layout_for(count, is_tall=True)) > scale(layout_for(count))


def entered(view: View, cells: Cells, active: int, is_tall: bool = False) -> View:
    """The picture in use in as many ways as there are *cells*, linked."""
    fresh = replace(
        view,
        layout=layout_for(len(cells), is_tall),
        viewports=(replace(view.current, against=None),) * len(cells)
        + (Viewport(),) * (MAX_VIEWPORTS - len(cells)),
        active=active,
        maximised=False,
        linked=True,
        before_grid=view,
        before_compare=None,
        before_planes=None,
    )
    return together(fresh, fresh, cells)


def left(view: View) -> View:
    """What was shown before, at the place and through the window that the grid has led to."""
    before = view.before_grid
    if before is None:
        return view
    one = before.current
    current = replace(view.current, recipe=one.recipe, enhanced=one.enhanced, against=one.against)
    return replace(view.arranged_as(before), linked=before.linked).with_viewport(before.active, current)


def together(view: View, before: View, cells: Cells) -> View:
    """*view*, which a command has made of *before*, with all cells of the grid looking at the same.

    What was changed in one cell is changed in all while they are linked: place, window, zoom, plane, colours,
    the series itself. Each keeps its own recipe, and what it is compared with. A body has no enhancements: it
    leaves the grid.
    """
    if view.before_grid is None or not cells:
        return view
    count = len(cells)
    is_tall = view.layout.rows > view.layout.columns
    view = replace(view, layout=layout_for(count, is_tall), active=view.active if view.active < count else 0)
    leader = view.viewports[_leader(view, before, count)]
    if leader.view3d is not None:
        return left(view)
    plays = view.linked and any(one.playing for one in view.viewports[:count])
    shown = [
        _cell(view, number, leader, recipe, plays and number == view.active)
        for number, recipe in enumerate(cells)
    ]
    return replace(view, viewports=(*shown, *((Viewport(),) * (MAX_VIEWPORTS - count))))


def words(recipe: Pipeline | None, own: Pipeline = EMPTY) -> str:
    """What a cell shows, in a line; *own* is the series' stack."""
    if recipe is None:
        return f"{OWN}: {own.name or titles(own)}" if own.active else f"{OWN} (nothing yet)"
    return recipe.name or titles(recipe) or ORIGINAL


def changed_name(name: str) -> str:
    """What a recipe is called in a cell where its values were changed; "" stays without a name."""
    return name if not name or name.endswith(CHANGED) else name + CHANGED


def moved(cells: Cells, at: int, to: int) -> Cells:
    """With the cell *at* taken out and put in place *to*."""
    rest = [*cells[:at], *cells[at + 1 :]]
    rest.insert(to, cells[at])
    return tuple(rest)


def cumulative(stack: Pipeline) -> Cells:
    """The original, then the first active step, the first two, and so on; the whole stack last."""
    active = as_run(stack)
    parts = tuple(Pipeline(active[:count]) for count in range(len(active)))
    return (*parts, replace(stack, steps=active))


def alone(stack: Pipeline) -> Cells:
    """The original, then each active step by itself."""
    return (Pipeline(), *(Pipeline((step,)) for step in as_run(stack)))


def _leader(view: View, before: View, count: int) -> int:
    """The cell whose change the others follow."""
    if view.linked and not before.linked:
        return view.active
    changed = [at for at in range(count) if view.viewports[at] != before.viewports[at]]
    return view.active if view.active in changed or not changed else changed[0]


def _cell(view: View, number: int, leader: Viewport, recipe: Pipeline | None, plays: bool) -> Viewport:
    now = view.viewports[number]
    look = leader if view.linked or now.series is None else now
    playing = plays if view.linked else look.playing
    # with what a cell is compared, in one picture, is its own
    made = replace(look, recipe=recipe, enhanced=True, playing=playing, against=now.against)
    return now if made == now else made


def is_own_cell(view: View) -> bool:
    """Whether the active viewport is a cell of the grid with a recipe of its own, not the series' stack."""
    return view.before_grid is not None and view.current.recipe is not None


def worked_on(session: Session) -> Pipeline:
    """What enhancement commands act on: the recipe of the active cell of the grid, else the series' stack."""
    view = session.view
    recipe = view.current.recipe if is_own_cell(view) else None
    return session.rendering.pipeline(view.current.series) if recipe is None else recipe


def change_cell(
    session: Session, label: str, how: Callable[[Pipeline], Pipeline], merge: Hashable | None = None
) -> None:
    """Change the recipe of the active cell, and nothing else: neither the series nor a saved recipe.

    The original stays: what is added there comes into a cell beside it. Raises BadValue without room for it.
    """
    at, cells = session.view.active, session.state.document.grid
    before = cells[at]
    assert before is not None
    after = how(before)
    if after == before:
        return
    if before.steps:
        name = after.name or changed_name(before.name)
        set_cells(session, label, (*cells[:at], replace(after, name=name), *cells[at + 1 :]), merge=merge)
        return
    if len(cells) == MOST:
        raise BadValue(
            "This cell shows the original, and there is no room beside it.", "Choose another cell."
        )
    set_cells(session, label, (*cells, after), active=len(cells), merge=merge)


def set_cells(
    session: Session, label: str, cells: Cells, active: int = -1, merge: Hashable | None = None
) -> None:
    """Show other recipes in the cells, which undo takes back; *active* is the cell that commands act on."""
    session.edit(label, lambda document: replace(document, grid=cells), merge=merge)
    if active >= 0:
        session.change(lambda view: view if view.active == active else replace(view, active=active))
