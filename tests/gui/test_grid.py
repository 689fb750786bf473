"""The enhancement grid in a window: strips that say and do, a ghost of the mouse, and no stall."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.compare import ComparePanel
from medviewer.gui.panels.enhance import EnhancePanel
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.gui.viewport.grid_strip import STRIP_PX, EmptyCell, GridStrip
from medviewer.kit.paths import user_folder
from medviewer.session.grid import words
from medviewer.session.recipes import all_recipes
from medviewer.session.session import Session
from tests import factories
from tests.gui.mouse import move, press, release, spot, wheel


@pytest.fixture
def cells(grid: ViewportGrid) -> ViewportGrid:
    """The grid of five cells, 900 x 600 pixels."""
    grid.resize(900, 600)
    grid.session.run("grid.toggle")
    grid.session.run("grid.count", count=5)
    QApplication.processEvents()
    return grid


def strips(grid: ViewportGrid) -> list[GridStrip]:
    return sorted(
        (one for one in grid.findChildren(GridStrip) if one.isVisible()), key=lambda one: one.number
    )


def names(grid: ViewportGrid) -> list[str]:
    return [words(cell) for cell in grid.session.state.document.grid]


def titles(menu: QMenu) -> list[str]:
    return [one.text() for one in menu.actions() if one.text()]


def test_over_each_cell_stands_the_name_of_its_recipe_and_over_no_picture(cells: ViewportGrid) -> None:
    assert [one.name.text().partition(" · ")[0] for one in strips(cells)] == names(cells)
    assert "display only" in strips(cells)[1].name.text()
    cells.session.run("view.activate", viewport=2)
    strips(cells)[2].name.setFixedWidth(160)  # beside its buttons the name gives way, not what was done
    assert strips(cells)[2].name.shown.endswith("… · display only")
    for strip in strips(cells):
        view = cells.view(strip.number)
        assert strip.height() == STRIP_PX
        assert not strip.geometry().intersects(view.geometry())
        assert view.geometry().top() == strip.geometry().bottom() + 1
        assert strip.accessibleName().endswith(words(cells.session.state.document.grid[strip.number]))


def test_the_strips_go_when_the_grid_is_left(cells: ViewportGrid) -> None:
    cells.session.run("grid.toggle")
    QApplication.processEvents()
    assert strips(cells) == []
    assert cells.view(0).geometry() == cells.rect()


def test_a_press_on_a_strip_makes_its_cell_the_active_one_and_only_there_buttons_are_seen(
    cells: ViewportGrid,
) -> None:
    QTest.mouseClick(strips(cells)[2], Qt.MouseButton.LeftButton)
    assert cells.session.view.active == 2
    # the mouse of the screen may rest over any of the others
    for strip in strips(cells):
        assert strip.use.isVisible() == (strip.number == 2 or strip.underMouse())
    assert strips(cells)[2].use.isVisible()


def test_the_buttons_use_enlarge_and_remove(cells: ViewportGrid) -> None:
    session, shown = cells.session, names(cells)
    strips(cells)[2].close_button.click()
    assert names(cells) == [*shown[:2], *shown[3:]]
    strips(cells)[1].enlarge.click()
    assert session.view.maximised
    assert session.view.active == 1
    QApplication.processEvents()
    assert [one.number for one in strips(cells)] == [1]
    QTest.mouseDClick(strips(cells)[0], Qt.MouseButton.LeftButton)
    assert not session.view.maximised
    QApplication.processEvents()
    strips(cells)[1].use.click()
    assert session.view.before_grid is None
    assert session.rendering.pipeline(session.view.current.series).name == shown[1]


def test_a_cell_is_dragged_to_another_place_and_esc_leaves_it(cells: ViewportGrid) -> None:
    before = names(cells)
    first, third = strips(cells)[0], strips(cells)[2]
    there = first.mapFromGlobal(third.mapToGlobal(QPoint(third.width() // 2, 80)))
    QTest.mousePress(first, Qt.MouseButton.LeftButton, pos=QPoint(6, 6))
    QTest.mouseMove(first, QPoint(40, 12))
    QTest.mouseMove(first, there)
    assert [one.is_target for one in strips(cells)] == [False, False, True, False, False]
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, pos=there)
    assert names(cells)[:3] == [before[1], before[2], before[0]]
    assert not any(one.is_target for one in strips(cells))
    QTest.mousePress(first, Qt.MouseButton.LeftButton, pos=QPoint(6, 6))
    QTest.mouseMove(first, there)
    QTest.keyClick(first, Qt.Key.Key_Escape)
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, pos=there)
    assert names(cells)[:3] == [before[1], before[2], before[0]]


def test_the_menu_of_a_cell_offers_every_recipe_and_ticks_the_one_that_is_shown(cells: ViewportGrid) -> None:
    menu = strips(cells)[1].make_menu()
    ticked = [one.text() for one in menu.actions() if one.isChecked()]
    assert ticked == [names(cells)[1]]
    last = all_recipes()[-1].name
    (other,) = (one for one in menu.actions() if one.text() == last)
    other.trigger()
    menu.close()
    assert names(cells)[1] == last
    assert cells.session.view.active == 1


def test_room_that_is_left_offers_one_cell_more(cells: ViewportGrid) -> None:
    (empty,) = (one for one in cells.findChildren(EmptyCell) if one.isVisible())
    menu = empty.make_menu()
    last = all_recipes()[-1].name
    assert last in titles(menu)
    next(one for one in menu.actions() if one.text() == last).trigger()
    menu.close()
    QApplication.processEvents()
    assert len(strips(cells)) == 6
    assert not empty.isVisible()


def test_the_mouse_over_one_cell_is_marked_at_the_same_pixel_of_all_others(cells: ViewportGrid) -> None:
    view, other = cells.view(0), cells.view(4)
    plain = other.grab().toImage()
    at = spot(view, 20, 40)
    move(view, at)
    QApplication.processEvents()
    marked = other.grab().toImage()
    there = spot(other, 20, 40)
    changed = [
        (x, y)
        for x in range(marked.width())
        for y in range(marked.height())
        if marked.pixel(x, y) != plain.pixel(x, y)
    ]
    assert changed
    assert all(abs(x - there.x()) <= 12 and abs(y - there.y()) <= 12 for x, y in changed)
    assert (there.x(), there.y()) not in changed
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    QApplication.processEvents()
    assert other.grab().toImage() == plain


def test_the_mark_moves_without_any_picture_being_painted_anew(cells: ViewportGrid) -> None:
    view = cells.view(0)
    move(view, spot(view, 20, 20))
    painted = [cells.view(number).painted for number in range(5)]
    for column in range(21, 40):
        move(view, spot(view, 20, column))
    assert [cells.view(number).painted for number in range(1, 5)] == painted[1:]


def test_the_wheel_over_any_cell_takes_all_to_the_next_slice(cells: ViewportGrid) -> None:
    before = cells.session.view.current.index
    wheel(cells.view(3), -120)
    QApplication.processEvents()
    shown = [cells.view(number).frame for number in range(5)]
    assert {cells.session.view.viewports[number].index for number in range(5)} == {before + 1}
    assert all(one is shown[0] and one is not None for one in shown)


def test_a_measurement_is_drawn_in_one_cell_and_seen_in_all(cells: ViewportGrid) -> None:
    cells.session.run("view.tool", name="length")
    view = cells.view(2)
    plain = cells.view(4).grab().toImage()
    press(view, spot(view, 10, 10))
    move(view, spot(view, 30, 30))
    release(view, spot(view, 30, 30))
    QApplication.processEvents()
    assert cells.view(4).grab().toImage() != plain


@pytest.mark.parametrize("size", [(420, 500), (1200, 900)])
def test_the_name_can_be_read_in_a_small_window(cells: ViewportGrid, size: tuple[int, int]) -> None:
    cells.session.run("grid.count", count=9)
    cells.resize(*size)
    QApplication.processEvents()
    for strip in strips(cells):
        assert cells.rect().contains(strip.geometry())
        assert strip.name.width() >= 60
        assert strip.menu_button.isVisible() == (cells.session.view.active == strip.number)


# panels


@pytest.fixture
def window(ct_session: Session, show_window: Callable[[Session], MainWindow]) -> MainWindow:
    made = show_window(ct_session)
    made.resize(1024, 700)
    return made


def test_the_key_shows_the_grid_and_leaves_it(window: MainWindow) -> None:
    before = window.session.view
    QTest.keyClick(window.grid.active_view, Qt.Key.Key_G)
    assert window.session.view.before_grid is not None
    assert window.actions_.action("grid.toggle").isChecked()
    QTest.keyClick(window.grid.active_view, Qt.Key.Key_G)
    assert window.session.view == before
    assert "grid first" in window.actions_.action("grid.use").toolTip()


def test_the_section_of_the_grid_keeps_shows_renames_and_deletes_layouts(window: MainWindow) -> None:
    window.show_panel("compare")
    (panel,) = window.tabs.findChildren(ComparePanel)
    section = panel.grid
    assert not section.keep.isEnabled()
    section.shown.click()
    QApplication.processEvents()
    assert section.count.currentData() == len(window.session.state.document.grid)
    section.count.setCurrentIndex(section.count.findData(3))
    section.count.activated.emit(1)
    assert len(window.session.state.document.grid) == 3
    section.name.setText("Three & more")
    section.keep.click()
    assert section.name.text() == ""
    section.recipes.click()
    assert len(window.session.state.document.grid) > 3
    section.fill_menu()
    (kept,) = (one for one in section.layouts.menu().actions() if one.text() == "Three && more")
    kept.trigger()
    assert len(window.session.state.document.grid) == 3


def test_the_enhance_panel_says_what_a_change_changes(window: MainWindow) -> None:
    window.show_panel("enhance")
    (panel,) = window.tabs.findChildren(EnhancePanel)
    assert not panel.cell.isVisible()
    window.session.run("grid.toggle")
    QApplication.processEvents()
    assert "original" in panel.cell.says.text()
    window.session.run("view.activate", viewport=1)
    QApplication.processEvents()
    assert panel.cell.isVisible()
    assert panel.cell.says.text().startswith(
        f"In this cell only: {words(window.session.state.document.grid[1])}"
    )
    window.session.run("grid.show", cell=1, what="series")
    QApplication.processEvents()
    assert "series' own stack" in panel.cell.says.text()
    assert not panel.cell.use.isVisible()


def test_a_damaged_layout_is_told_in_the_section(
    ct_session: Session, show_window: Callable[[Session], MainWindow]
) -> None:
    Path(user_folder("layouts") / "broken.json").write_text("{", encoding="utf-8")
    window = show_window(ct_session)
    window.show_panel("compare")
    (panel,) = window.tabs.findChildren(ComparePanel)
    told = [
        one.text()
        for one in panel.grid.findChildren(type(panel.grid._trouble))
        if "broken.json" in one.text()
    ]
    assert len(told) == 1


def test_an_ultrasound_in_colour_is_shown_in_all_ways(
    inline_session: Session, show_grid: Callable[[Session], ViewportGrid], tmp_path: Path
) -> None:
    factories.ultrasound(tmp_path / "us.dcm")
    inline_session.run("study.open", paths=(tmp_path / "us.dcm",))
    grid = show_grid(inline_session)
    inline_session.run("grid.toggle")
    QApplication.processEvents()
    assert any("Ultrasound" in one for one in names(grid))
    assert all(grid.view(strip.number).has_picture for strip in strips(grid))
