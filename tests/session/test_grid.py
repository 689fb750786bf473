"""The enhancement grid: one picture in many ways, all cells looking at the same, and the way back."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medviewer.core.pipeline import Pipeline, Step
from medviewer.imaging.corners import corner_words
from medviewer.imaging.enhance.apply import Enhanced
from medviewer.kit.errors import BadValue
from medviewer.session.grid import MOST, layout_for, words
from medviewer.session.recipes import all_recipes, recipe
from medviewer.session.scene import scene
from medviewer.session.session import Session
from medviewer.session.state import CornerText, Layout, Viewport
from tests import factories

SIZE = (64, 64)
MINE = "Mine: sharp and bright"


@pytest.fixture
def ct(session: Session, tmp_path: Path) -> Session:
    """A session that shows the middle of a CT of eight slices."""
    factories.ct(tmp_path / "ct", slices=8)
    session.run("study.open", paths=(tmp_path / "ct",))
    return session


@pytest.fixture
def grid(ct: Session) -> Session:
    """The same with its grid: the original first and in use, the reader's own recipe beside it."""
    ct.run("enhance.add", operation="unsharp")
    ct.run("enhance.add", operation="gamma")
    ct.run("recipe.save", name=MINE)
    ct.run("enhance.clear")
    ct.history.clear()
    ct.run("grid.toggle")
    return ct


def names(session: Session) -> list[str]:
    return [words(cell) for cell in session.state.document.grid]


def cells(session: Session) -> tuple[Viewport, ...]:
    """The viewports without what makes the cells differ."""
    shown = session.view.viewports[: len(session.state.document.grid)]
    return tuple(replace(one, recipe=None, playing=False) for one in shown)


def pixels(session: Session, number: int) -> np.ndarray:
    picture = session.rendering.draw(number, SIZE).picture
    assert picture is not None
    return picture.pixels


def corner(session: Session, number: int) -> str:
    viewing = session.rendering.viewing(number, (400, 400))
    assert viewing is not None
    found = scene(session, number, viewing)
    assert found is not None
    return found.facts.recipe


def test_one_key_shows_the_original_the_own_stack_and_the_recipes_for_the_modality(ct: Session) -> None:
    ct.run("enhance.add", operation="gamma")
    ct.run("grid.toggle")
    assert names(ct)[0] == "Original"
    assert ct.state.document.grid[1] is None
    assert len([one for one in names(ct) if one.startswith("CT")]) >= 2
    assert not [one for one in names(ct) if one.startswith(("MR", "Mammography", "Ultrasound"))]
    assert ct.view.active == 1
    assert ct.view.linked


def test_own_recipes_come_before_those_that_are_shipped(ct: Session) -> None:
    ct.run("enhance.add", operation="sobel")
    ct.run("recipe.save", name="Zebra")
    ct.run("enhance.clear")
    ct.run("grid.toggle")
    assert names(ct)[:2] == ["Original", "Zebra"]


def test_each_cell_shows_what_its_recipe_makes_of_the_series_alone(grid: Session) -> None:
    seen = {name: pixels(grid, number) for number, name in enumerate(names(grid))}
    recipes = grid.state.document.grid
    grid.run("grid.toggle")
    for name, pipeline in zip(seen, recipes, strict=True):
        grid.run("enhance.clear")
        if pipeline is not None and pipeline.steps:
            grid.run("recipe.apply", name=name)
        assert np.array_equal(pixels(grid, 0), seen[name]), name
    assert len({one.tobytes() for one in seen.values()}) == len(seen)


def test_the_key_again_goes_back_to_exactly_what_was_shown(ct: Session) -> None:
    ct.run("view.layout", rows=2, columns=2)
    ct.run("view.look", viewport=0, zoom=2, row=0.3, column=0.6)
    ct.run("enhance.add", operation="gamma")
    before = ct.state
    ct.run("grid.toggle")
    assert ct.view != before.view
    ct.run("grid.toggle")
    assert ct.view == before.view
    assert ct.state.document == before.document
    assert ct.state.undo_label == before.undo_label


def test_the_place_and_the_window_that_were_found_in_the_grid_are_kept(grid: Session) -> None:
    grid.run("view.scroll", by=2)
    grid.run("window.set", center=10, width=20)
    index = grid.view.current.index
    grid.run("grid.toggle")
    assert grid.view.current.index == index
    assert grid.view.current.voi.center == 10
    assert grid.view.current.recipe is None


ACTS: dict[str, Callable[[Session], object]] = {
    "scroll": lambda one: one.run("view.scroll", by=-3),
    "window": lambda one: one.run("window.set", center=3, width=9),
    "preset": lambda one: one.run("window.number", number=2),
    "invert": lambda one: one.run("window.invert"),
    "zoom": lambda one: one.run("view.look", viewport=2, zoom=3, row=0.2, column=0.8),
    "turn": lambda one: one.run("view.rotate", degrees="90"),
    "flip": lambda one: one.run("view.flip", direction="vertical"),
    "plane": lambda one: one.run("plane.show", name="coronal"),
    "slab": lambda one: (one.run("plane.show", name="sagittal"), one.run("plane.slab", thickness=9)),
    "colours": lambda one: one.run("view.colors", name="hot-iron"),
    "inspect": lambda one: one.run("inspect.pick", row=3, column=4),
    "reset": lambda one: (one.run("view.zoom"), one.run("view.reset")),
}


@pytest.mark.parametrize("act", ACTS)
def test_what_is_done_in_one_cell_is_done_in_all(grid: Session, act: str) -> None:
    recipes = [one.recipe for one in grid.view.viewports]
    grid.run("view.activate", viewport=2)
    before = cells(grid)
    ACTS[act](grid)
    assert len(set(map(repr, cells(grid)))) == 1
    assert cells(grid) != before or act == "reset"
    assert [one.recipe for one in grid.view.viewports] == recipes


def test_another_series_is_shown_in_all_ways_too(ct: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "other", slices=3, series="other")
    ct.run("study.open", paths=(tmp_path / "other",))
    ct.run("grid.toggle")
    before, recipes = ct.view.current.series, ct.state.document.grid
    ct.run("view.series", by="1")
    assert {one.series for one in cells(ct)} == {ct.view.current.series} != {before}
    assert ct.state.document.grid == recipes


def test_cells_that_are_parted_go_their_own_ways_and_come_together_again(grid: Session) -> None:
    grid.run("view.link")
    grid.run("view.activate", viewport=1)
    grid.run("view.scroll", by=2)
    assert grid.view.viewports[0].index == grid.view.viewports[1].index - 2
    grid.run("view.link")
    assert len(set(map(repr, cells(grid)))) == 1
    assert grid.view.viewports[0].index == 6


def test_cine_plays_all_cells_with_one_clock(grid: Session) -> None:
    grid.run("view.cine")
    assert [one.playing for one in grid.view.viewports].count(True) == 1
    grid.run("view.activate", viewport=3)
    assert grid.view.current.playing
    grid.run("view.step", viewport=3)
    assert {one.index for one in cells(grid)} == {5}
    grid.run("view.cine")
    assert not any(one.playing for one in grid.view.viewports)


def test_a_measurement_made_in_one_cell_stands_in_all_with_the_same_value(grid: Session) -> None:
    plane = grid.rendering.plane(grid.view.current)
    assert plane is not None
    corners = tuple(plane.to_patient(*at) for at in ((10, 10), (40, 40)))
    grid.run("annotate.add", shape="rectangle", points=corners)
    for number in range(len(grid.state.document.grid)):
        viewing = grid.rendering.viewing(number, SIZE)
        assert viewing is not None
        found = scene(grid, number, viewing)
        assert found is not None
        assert len(found.annotations) == 1


# editing


def test_a_value_changed_in_a_cell_changes_that_cell_and_nothing_else(grid: Session) -> None:
    at = names(grid).index(MINE)
    grid.run("view.activate", viewport=at)
    before = grid.state.document
    grid.run("enhance.set", step=0, values={"amount": 3.0})
    after = grid.state.document
    assert dict(after.grid[at].steps[0].values)["amount"] == 3.0  # type: ignore[union-attr]
    assert [one for number, one in enumerate(after.grid) if number != at] == [
        one for number, one in enumerate(before.grid) if number != at
    ]
    assert after.readings is before.readings
    assert dict(recipe(MINE).pipeline.steps[0].values)["amount"] != 3.0
    assert corner(grid, at).startswith(f"{MINE} (changed)")
    grid.run("edit.undo")
    assert grid.state.document.grid == before.grid
    assert grid.view.viewports[at].recipe == before.grid[at]


def test_a_step_added_to_the_original_comes_into_a_cell_beside_it(grid: Session) -> None:
    count = len(names(grid))
    grid.run("enhance.add", operation="sobel")
    assert names(grid)[0] == "Original"
    assert len(names(grid)) == count + 1
    assert grid.view.active == count
    assert not grid.state.document.reading(grid.view.current.series or "").pipeline.steps


def test_the_cell_of_the_series_own_stack_changes_the_series(ct: Session) -> None:
    ct.run("enhance.add", operation="gamma")
    ct.run("grid.toggle")
    ct.run("enhance.add", operation="sobel")
    steps = ct.state.document.reading(ct.view.current.series or "").pipeline.steps
    assert [one.operation for one in steps] == ["gamma", "sobel"]
    assert ct.state.document.grid[1] is None


def test_what_was_done_in_the_cells_is_not_undone_blindly_after_the_grid_was_left(ct: Session) -> None:
    ct.run("enhance.add", operation="gamma")
    ct.run("grid.toggle")
    ct.run("grid.move", cell=0, to=2)
    ct.run("grid.remove", cell=1)
    assert ct.state.undo_label.startswith("Remove")
    ct.run("grid.toggle")
    assert ct.state.undo_label == "Add Gamma"
    ct.run("edit.undo")
    assert not ct.state.document.reading(ct.view.current.series or "").pipeline.steps
    ct.run("edit.redo")
    assert ct.state.document.reading(ct.view.current.series or "").pipeline.steps


def test_an_edit_of_the_series_among_those_of_cells_is_still_undone(grid: Session) -> None:
    series = grid.view.current.series or ""
    grid.run("grid.move", cell=0, to=1)
    plane = grid.rendering.plane(grid.view.current)
    assert plane is not None
    grid.run("annotate.add", shape="text", points=(plane.to_patient(1, 1),), text="here")
    grid.run("grid.move", cell=0, to=1)
    grid.run("grid.toggle")
    assert len(grid.state.document.reading(series).annotations) == 1
    grid.run("edit.undo")
    assert not grid.state.document.reading(series).annotations
    assert grid.state.undo_label == ""


def test_a_grid_that_was_changed_comes_again_and_one_that_was_not_begins_anew(grid: Session) -> None:
    grid.run("grid.move", cell=0, to=1)
    changed = names(grid)
    grid.run("grid.toggle")
    grid.run("grid.toggle")
    assert names(grid) == changed
    grid.run("grid.recipes")
    assert names(grid)[0] == "Original"


def test_use_this_one_puts_a_recipe_on_the_series_and_leaves_the_grid(grid: Session) -> None:
    series = grid.view.current.series or ""
    grid.run("view.scroll", by=1)
    grid.run("grid.use", cell=names(grid).index(MINE))
    assert grid.view.before_grid is None
    assert grid.view.layout == Layout()
    assert grid.state.document.reading(series).pipeline == recipe(MINE).pipeline
    assert grid.view.current.index == 5
    assert corner(grid, 0).startswith(MINE)
    grid.run("edit.undo")
    assert not grid.state.document.reading(series).pipeline.steps


# cells


@pytest.mark.parametrize("count", range(2, MOST + 1))
def test_so_many_cells_stand_in_the_smallest_grid_that_holds_them(grid: Session, count: int) -> None:
    first = names(grid)
    grid.run("grid.count", count=count)
    assert len(names(grid)) == count
    assert names(grid)[: len(first)] == first[:count]
    assert len(set(names(grid))) == count
    assert grid.view.layout == layout_for(count)
    assert sum(one.series is not None for one in grid.view.viewports) == count


@pytest.mark.parametrize(
    ("room", "expected"),
    [((600, 424), Layout(3, 2)), ((900, 1000), Layout(2, 3)), ((600, 1600), Layout(2, 3))],
)
def test_in_a_narrow_window_cells_stand_on_top_of_one_another(
    ct: Session, room: tuple[int, int], expected: Layout
) -> None:
    ct.canvas[0] = room
    ct.run("grid.toggle")
    ct.run("grid.count", count=6)
    ct.run("grid.toggle")
    ct.run("grid.toggle")
    assert len(names(ct)) == 6
    assert ct.view.layout == expected


def test_esc_in_an_enlarged_cell_goes_back_among_the_others_first(grid: Session) -> None:
    grid.run("view.zoom")
    grid.run("view.maximise")
    grid.run("view.reset")
    assert not grid.view.maximised
    assert grid.view.current.zoom > 1
    grid.run("view.reset")
    assert grid.view.current.zoom == 1


def test_a_cell_is_moved_the_others_make_room_and_it_stays_in_use(grid: Session) -> None:
    before = names(grid)
    grid.run("grid.move", cell=0, to=2)
    assert names(grid)[:3] == [before[1], before[2], before[0]]
    assert grid.view.active == 2
    grid.run("grid.move", by=-1)
    assert names(grid)[:3] == [before[1], before[0], before[2]]
    grid.run("edit.undo")
    grid.run("edit.undo")
    assert names(grid) == before


def test_a_recipe_is_chosen_for_a_cell_added_and_removed(grid: Session) -> None:
    other, another = (one.name for one in all_recipes()[-2:])
    grid.run("grid.show", cell=1, name=other)
    grid.run("grid.show", cell=2, what="series")
    assert names(grid)[1] == other
    assert grid.state.document.grid[2] is None
    count = len(names(grid))
    grid.run("grid.add", name=another)
    assert names(grid)[-1] == another
    grid.run("grid.remove")
    assert len(names(grid)) == count


def test_what_cannot_be_done_is_said(grid: Session) -> None:
    grid.run("grid.count", count=2)
    for run in (
        lambda: grid.run("grid.remove"),
        lambda: grid.run("grid.remove", cell=5),
        lambda: grid.run("grid.show", name="nobody's"),
    ):
        with pytest.raises(BadValue):
            run()
    grid.run("grid.toggle")
    for name in ("grid.move", "grid.use", "grid.add", "grid.remove"):
        with pytest.raises(BadValue, match="not shown"):
            grid.run(name)


def test_the_steps_of_a_stack_stand_side_by_side_added_up_or_alone(ct: Session) -> None:
    for operation in ("gaussian", "gamma", "sobel"):
        ct.run("enhance.add", operation=operation)
    own = ct.rendering.pipeline(ct.view.current.series)
    ct.run("grid.steps", each="together")
    assert [len(one.active) for one in ct.state.document.grid if one is not None] == [0, 1, 2, 3]
    assert ct.state.document.grid[-1] == own
    ct.run("grid.steps", each="alone")
    assert [one.active for one in ct.state.document.grid[1:] if one is not None] == [
        (step,) for step in own.steps
    ]


def test_of_many_steps_the_last_ones_have_cells_and_it_is_said(ct: Session) -> None:
    for _ in range(10):
        ct.run("enhance.add", operation="gamma")
    ct.run("grid.steps")
    assert [len(one.active) for one in ct.state.document.grid if one is not None] == [
        0,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
    ]
    assert "last 8 of 10" in ct.state.notices[-1].message


# other arrangements


def test_planes_and_comparisons_begun_in_the_grid_lead_back_to_it(grid: Session) -> None:
    grid.run("view.activate", viewport=1)
    inside = grid.view
    for name in ("plane.layout", "compare.toggle"):
        grid.run(name)
        assert grid.view.before_grid is None
        grid.run(name)
        assert grid.view.before_grid is not None
        assert [one.recipe for one in grid.view.viewports] == [one.recipe for one in inside.viewports]


def test_the_grid_of_a_plane_shows_that_plane_in_every_cell(ct: Session) -> None:
    ct.run("plane.layout")
    before = ct.view
    ct.run("view.activate", viewport=1)
    ct.run("grid.toggle")
    assert {one.cut.name for one in cells(ct) if one.cut} == {"Coronal"}
    assert np.any(pixels(ct, 0) != pixels(ct, 1))
    ct.run("grid.toggle")
    assert ct.view.layout == before.layout
    assert [one.cut for one in ct.view.viewports] == [one.cut for one in before.viewports]


def test_another_layout_and_closing_the_study_leave_the_grid(grid: Session) -> None:
    grid.run("view.layout", rows=1, columns=2)
    assert (grid.view.before_grid, grid.view.linked) == (None, False)
    grid.run("grid.toggle")
    assert grid.view.linked
    grid.run("study.close")
    assert (grid.view.before_grid, grid.view.linked) == (None, False)
    with pytest.raises(BadValue, match="Open a study"):
        grid.run("grid.toggle")


# what is taken away


@pytest.mark.rule("P-56")
def test_every_cell_of_an_exported_grid_carries_its_recipe(grid: Session, tmp_path: Path) -> None:
    shown = names(grid)
    assert [corner(grid, number).partition(" · ")[0] for number in range(len(shown))] == shown
    grid.run("export.picture", path=tmp_path / "grid.png", whole_layout=True, scale=0.5)
    told = (tmp_path / "grid.png").read_bytes().decode("latin-1")
    assert "enhanced: Sharpen (unsharp mask) + Gamma" in told


def test_on_the_screen_the_strip_names_the_recipe_and_the_first_cell_the_patient(grid: Session) -> None:
    facts = []
    for number in range(3):
        viewing = grid.rendering.viewing(number, (400, 400))
        assert viewing is not None
        found = scene(grid, number, viewing, is_titled=True)
        assert found is not None
        facts.append(found.facts)
    assert [bool(one.patient) for one in facts] == [True, False, False]
    assert {one.recipe for one in facts} == {""}
    assert facts[0].picture == facts[1].picture
    grid.run("enhance.peek", on=True)
    viewing = grid.rendering.viewing(1, (400, 400))
    assert viewing is not None
    found = scene(grid, 1, viewing, is_titled=True)
    assert found is not None
    assert found.facts.recipe == "Original"


def test_the_recipe_of_a_small_cell_is_written_however_little_is(grid: Session) -> None:
    grid.run("view.text")
    viewing = grid.rendering.viewing(1, (150, 150))
    assert viewing is not None
    found = scene(grid, 1, viewing)
    assert found is not None
    for mode in (CornerText.FULL, CornerText.OFF):
        said = " ".join(one.text for one in corner_words(found.facts, mode.value, (150, 150)))
        assert "Mine: sharp … · display only" in said
        said = " ".join(one.text for one in corner_words(found.facts, mode.value, (200, 200)))
        assert f"{MINE} · display only" in said


def test_a_pipeline_called_anything_is_shown_by_its_name() -> None:
    steps = (Step.of("gamma", {"exponent": 1.0}), Step.of("sobel", {}))
    assert words(Pipeline()) == "Original"
    assert words(Pipeline(steps)) == "Gamma + Edges (Sobel)"
    assert words(Pipeline(steps, "Mine")) == "Mine"
    assert words(None, Pipeline(steps, "Mine")) == "The series' own: Mine"


def test_what_cells_showed_is_not_held_once_they_are_gone(grid: Session) -> None:
    """Beyond what the cache counts: full pictures of nine cells may take a gigabyte."""
    for number in range(len(grid.state.document.grid)):
        pixels(grid, number)
    grid.run("grid.toggle")
    grid.frames.resize(0)
    gc.collect()
    held = sum(isinstance(one, Enhanced) for one in gc.get_objects())
    grid.rendering.show(0, SIZE, lambda _: None)
    gc.collect()
    assert held > 1
    assert sum(isinstance(one, Enhanced) for one in gc.get_objects()) <= 1


def test_a_recipe_that_is_renamed_is_called_so_in_its_cell(grid: Session) -> None:
    at = names(grid).index(MINE)
    grid.run("recipe.rename", name=MINE, to="Yours")
    assert names(grid)[at] == "Yours"
    assert corner(grid, at).startswith("Yours")
    grid.run("edit.undo")
    assert names(grid)[at] == MINE
