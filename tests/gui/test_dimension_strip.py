"""The second slider in a window: there when there is something to slide, quiet otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from medviewer.gui.viewport.dimension_strip import DimensionStrip
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.gui.viewport.view import ViewportView
from medviewer.gui.widgets.slider import Slider
from medviewer.session.session import Session
from tests import factories
from tests.gui.mouse import wheel


@pytest.fixture
def session(inline_session: Session, tmp_path: Path) -> Session:
    """A session with five slices in four phases."""
    each = [{"TriggerTime": time} for time in (0, 40, 80, 120)]
    factories.repeated(tmp_path / "heart", each)
    inline_session.run("study.open", paths=(tmp_path / "heart",))
    return inline_session


@pytest.fixture
def view(session: Session, show_grid: Callable[[Session], ViewportGrid]) -> ViewportView:
    return show_grid(session).active_view


def strip_of(view: ViewportView) -> DimensionStrip:
    return next(one for one in view.children() if isinstance(one, DimensionStrip))


def slider_of(view: ViewportView) -> Slider:
    return next(one for one in strip_of(view).findChildren(Slider) if not one.isHidden())


def test_the_slider_is_there_for_phases_and_gone_for_a_plain_stack(
    view: ViewportView, session: Session, tmp_path: Path
) -> None:
    assert strip_of(view).isVisibleTo(view)
    factories.ct(tmp_path / "ct", 3, series="plain")
    session.run("study.open", paths=(tmp_path / "ct",))
    plain = next(one.key for study in session.state.studies for one in study.series if one.modality == "CT")
    session.run("view.show", series=plain)
    assert not strip_of(view).isVisibleTo(view)


def test_the_slider_goes_to_a_phase_and_follows_the_keys(view: ViewportView, session: Session) -> None:
    slider = slider_of(view)
    slider.setValue(2)
    assert session.view.current.index // 5 == 2
    session.run("view.dimension", by=1)
    assert slider.value() == 3
    assert slider.accessibleName() == "Phase"
    assert slider.accessibleDescription() == "Phase 4 / 4  (120 ms)"


def test_over_the_strip_the_wheel_changes_the_phase_and_over_the_picture_the_slice(
    view: ViewportView, session: Session
) -> None:
    wheel(strip_of(view), -120)
    assert divmod(session.view.current.index, 5) == (1, 2)
    wheel(view, -120)
    assert divmod(session.view.current.index, 5) == (1, 3)


def test_a_press_on_the_strip_does_nothing_to_the_picture_below(view: ViewportView, session: Session) -> None:
    before = session.view
    QTest.mouseClick(strip_of(view), Qt.MouseButton.LeftButton, pos=strip_of(view).rect().topLeft())
    assert session.view == before


@pytest.mark.parametrize("size", [(900, 700), (300, 260), (140, 120)])
def test_the_value_can_be_read_on_the_strip_however_narrow_the_viewport_is(
    view: ViewportView, session: Session, size: tuple[int, int]
) -> None:
    view.resize(*size)
    session.run("view.dimension", by=3)
    strip = strip_of(view)
    (value,) = (one for one in strip.findChildren(QLabel) if one.text() == "120 ms")
    assert view.rect().contains(strip.geometry())
    assert value.isVisibleTo(view)
    assert strip.rect().contains(value.geometry())
    assert value.width() >= value.fontMetrics().horizontalAdvance("120 ms")
    assert slider_of(view).width() > 30


def test_planes_of_one_stack_have_one_slider_for_all_and_the_enlarged_one_has_it_too(
    session: Session, show_grid: Callable[[Session], ViewportGrid]
) -> None:
    grid = show_grid(session)
    session.run("plane.layout")
    QApplication.processEvents()
    assert _with_strip(grid) == [0]
    session.run("view.activate", viewport=2)
    assert _with_strip(grid) == [0]  # where it was, whichever is in use
    slider_of(grid.view(0)).setValue(3)
    assert {one.index // 5 for one in session.view.viewports[:4]} == {3}
    session.run("view.maximise")
    QApplication.processEvents()
    assert _with_strip(grid) == [2]
    slider_of(grid.view(2)).setValue(1)
    session.run("view.maximise")
    assert _with_strip(grid) == [0]
    assert slider_of(grid.view(0)).value() == 1


def test_phases_that_are_compared_side_by_side_have_a_slider_each(
    session: Session, show_grid: Callable[[Session], ViewportGrid]
) -> None:
    grid = show_grid(session)
    session.run("view.layout", rows=1, columns=2)
    session.run("view.show", series=session.view.viewports[0].series, viewport=1)
    session.run("view.link")
    QApplication.processEvents()
    assert _with_strip(grid) == [0, 1]
    slider_of(grid.view(1)).setValue(2)
    assert [one.index // 5 for one in session.view.viewports[:2]] == [0, 2]


def test_linked_cells_of_the_enhancement_grid_have_one_slider(
    session: Session, show_grid: Callable[[Session], ViewportGrid]
) -> None:
    grid = show_grid(session)
    session.run("grid.toggle")
    QApplication.processEvents()
    assert session.view.linked
    assert _with_strip(grid) == [0]
    session.run("view.link")
    assert _with_strip(grid) == list(range(len(session.state.document.grid)))


def _with_strip(grid: ViewportGrid) -> list[int]:
    strips = grid.findChildren(DimensionStrip)
    shown = grid.session.view.shown
    return sorted(one._number for one in strips if one._number in shown and one.isVisibleTo(grid))
