"""Two renderings under real mouse events: dividers that are dragged, a lens that follows, a flicker."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from medviewer.core.against import Against, Other, Way
from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.compare import ComparePanel
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.gui.viewport.view import ViewportView
from tests import factories
from tests.gui.mouse import CTRL, SHIFT, drag, move, press, release, wheel


@pytest.fixture
def view(grid: ViewportGrid) -> ViewportView:
    """A CT of eight slices that is smoothed, 400 pixels wide and high."""
    session = grid.session
    session.run("enhance.add", operation="gaussian")
    QApplication.processEvents()
    return grid.active_view


def against(view: ViewportView) -> Against:
    found = view.session.view.viewports[view.number].against
    assert found is not None
    return found


def compare(view: ViewportView, way: str) -> None:
    view.session.run(f"against.{way}")
    QApplication.processEvents()


class TestDivider:
    def test_the_grip_is_dragged_whatever_tool_is_chosen(self, view: ViewportView) -> None:
        compare(view, "wipe")
        for tool, end in (("window", 300), ("length", 100)):
            view.session.run("view.tool", name=tool)
            start = round(against(view).at * 400)
            drag(view, QPoint(start, 200), QPoint(end, 230))
            assert against(view).at == pytest.approx(end / 400, abs=0.01)
        series = view.session.view.current.series
        assert series is not None
        assert view.session.state.document.reading(series).annotations == ()

    def test_the_line_is_grabbed_except_where_something_is_to_be_drawn(self, view: ViewportView) -> None:
        compare(view, "wipe")
        drag(view, QPoint(200, 330), QPoint(260, 330))
        assert against(view).at == pytest.approx(0.65, abs=0.01)
        view.session.run("view.tool", name="length")
        drag(view, QPoint(260, 330), QPoint(300, 300))
        assert against(view).at == pytest.approx(0.65, abs=0.01)
        series = view.session.view.current.series
        assert series is not None
        assert len(view.session.state.document.reading(series).annotations) == 1

    def test_beside_the_divider_the_chosen_tool_works(self, view: ViewportView) -> None:
        compare(view, "wipe")
        before = view.session.rendering.voi(view.session.view.current)
        drag(view, QPoint(120, 200), QPoint(160, 220))
        assert against(view).at == 0.5
        assert view.session.rendering.voi(view.session.view.current) != before

    def test_the_cursor_says_which_way_it_can_be_dragged(self, view: ViewportView) -> None:
        compare(view, "wipe")
        move(view, QPoint(200, 200))
        assert view.cursor().shape() == Qt.CursorShape.SizeHorCursor
        view.session.run("against.turn")
        QApplication.processEvents()
        move(view, QPoint(100, 200))
        assert view.cursor().shape() == Qt.CursorShape.SizeVerCursor

    def test_esc_brings_a_half_dragged_divider_back(self, view: ViewportView) -> None:
        compare(view, "wipe")
        press(view, QPoint(200, 200))
        move(view, QPoint(320, 200))
        assert against(view).at == pytest.approx(0.8, abs=0.01)
        QTest.keyClick(view, Qt.Key.Key_Escape)
        assert against(view).at == 0.5
        release(view, QPoint(320, 200))

    def test_dragging_it_asks_for_no_other_rendering(
        self, view: ViewportView, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        compare(view, "wipe")
        drawn: list[object] = []
        drawing = view.session.rendering.drawing
        real = drawing.of_viewport
        monkeypatch.setattr(drawing, "of_viewport", lambda *given: drawn.append(given) or real(*given))
        painted = view.painted
        drag(view, QPoint(200, 200), QPoint(300, 200))
        assert view.painted > painted
        assert drawn == []


class TestLens:
    def test_it_follows_the_mouse_without_a_button(self, view: ViewportView) -> None:
        compare(view, "lens")
        move(view, QPoint(100, 300))
        assert against(view).spot == pytest.approx((0.25, 0.75), abs=0.01)

    def test_ctrl_and_shift_and_the_wheel_change_its_size_and_neither_zoom_nor_scroll(
        self, view: ViewportView
    ) -> None:
        compare(view, "lens")
        before, index = against(view).radius, view.session.view.current.index
        wheel(view, 120, CTRL | SHIFT)
        assert against(view).radius == pytest.approx(before * 1.1)
        wheel(view, -240, CTRL | SHIFT)
        assert against(view).radius == pytest.approx(before / 1.1)
        assert view.session.view.current.zoom == 1.0
        wheel(view, -120)
        assert view.session.view.current.index == index + 1

    def test_the_wheel_blends_in_more_of_the_other(self, view: ViewportView) -> None:
        compare(view, "blend")
        wheel(view, 120, CTRL | SHIFT)
        assert against(view).opacity == pytest.approx(0.55)


class TestFlicker:
    def test_the_two_come_by_turns_until_it_is_paused(self, view: ViewportView) -> None:
        view.session.run("against.flicker")
        view.session.run("against.rate", rate=3.0)
        seen = set()
        for _ in range(30):
            QTest.qWait(30)
            seen.add(against(view).shows_other)
        assert seen == {False, True}
        view.session.run("against.pause")
        now = against(view).shows_other
        QTest.qWait(400)
        assert against(view).shows_other is now
        view.session.run("against.off")

    def test_nothing_swaps_where_nothing_flickers(self, view: ViewportView) -> None:
        view.session.run("against.flicker")
        view.session.run("against.wipe")
        QTest.qWait(700)
        assert against(view) == Against(Way.WIPE)


class TestPanel:
    @pytest.fixture
    def panel(self, window: MainWindow) -> ComparePanel:
        window.session.run("enhance.add", operation="gaussian")
        window.show_panel("compare")
        QApplication.processEvents()
        found = window.findChild(ComparePanel)
        assert found is not None
        return found

    def test_a_button_for_each_way_switches_it_on_and_off(self, panel: ComparePanel) -> None:
        session, form = panel.session, panel.against
        for way, button in form.ways.items():
            button.click()
            assert session.view.current.against is not None
            assert session.view.current.against.way is way
            assert [one for one, other in form.ways.items() if other.isChecked()] == [way]
            assert not form.with_what.isHidden()
        form.ways[Way.DIFFERENCE].click()
        assert session.view.current.against is None
        assert not any(button.isChecked() for button in form.ways.values())

    def test_ways_are_closed_and_it_is_said_why_while_there_is_nothing_to_compare_with(
        self, panel: ComparePanel
    ) -> None:
        panel.session.run("enhance.clear")
        QApplication.processEvents()
        form = panel.against
        assert not any(button.isEnabled() for button in form.ways.values())
        assert "Add an enhancement" in form.says.text()
        panel.session.run("enhance.add", operation="gamma")
        QApplication.processEvents()
        assert all(button.isEnabled() for button in form.ways.values())

    def test_sliders_tell_the_number_of_the_way_that_is_on(self, panel: ComparePanel) -> None:
        session, form = panel.session, panel.against
        for way, name, value in (
            (Way.WIPE, "at", 0.3),
            (Way.FLICKER, "rate", 2.0),
            (Way.LENS, "radius", 0.4),
            (Way.BLEND, "opacity", 0.8),
        ):
            form.ways[way].click()
            assert [one for one, knob in form.knobs.items() if not knob.isHidden()] == [way]
            form.knobs[way].tell(value)
            assert getattr(session.view.current.against, name) == value

    def test_the_range_of_a_difference_is_chosen_and_automatic_again(self, panel: ComparePanel) -> None:
        session, span = panel.session, panel.against.span
        panel.against.ways[Way.DIFFERENCE].click()
        QTest.qWait(300)  # the range is told a moment after the picture has come
        assert span.unit.text() == "HU"
        usual = span.field.number(0.0)
        span.slider.setValue(span.slider.maximum())
        assert session.view.current.against is not None
        assert session.view.current.against.span == pytest.approx(usual * 16)
        span.automatic.click()
        assert session.view.current.against is not None
        assert session.view.current.against.span == 0.0

    def test_what_cannot_be_compared_is_not_offered_and_it_is_said_why(
        self, panel: ComparePanel, tmp_path: Path
    ) -> None:
        session, form = panel.session, panel.against
        factories.ct(tmp_path / "other", 3, series="other", FrameOfReferenceUID="1.2.3")
        session.run("study.open", paths=(tmp_path / "ct", tmp_path / "other"))
        session.run("view.layout", rows=1, columns=2)
        session.run("view.show", series=session.view.viewports[0].series, viewport=1)
        session.run("view.activate", viewport=0)
        session.run("against.wipe")
        QApplication.processEvents()
        offered = [form.with_what.itemText(at) for at in range(form.with_what.count())]
        assert offered[:2] == ["Its original", "Without overlays"]
        assert [one.partition(":")[0] for one in offered[2:]] == ["Viewport 2"]
        assert "different frames of reference" in form.says.text()
        form.with_what.setCurrentIndex(2)
        form.with_what.activated.emit(2)
        assert session.view.current.against == Against(Way.WIPE, Other.VIEWPORT, viewport=1)
