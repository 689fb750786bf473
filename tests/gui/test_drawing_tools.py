"""Whether measurements are drawn, snapped and reshaped as a hand with a mouse expects."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from medviewer.core.annotation import Annotation, Shape
from medviewer.gui.tools.grab import Catch
from medviewer.gui.tools.tool import Pointer
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.gui.viewport.view import ViewportView
from medviewer.imaging.measure import measure
from medviewer.imaging.shapes import Handle, Words
from tests.gui.mouse import CTRL, LEFT, SHIFT, click, drag, move, press, release, spot

NONE = Qt.MouseButton.NoButton


@pytest.fixture
def view(grid: ViewportGrid) -> ViewportView:
    """A CT of eight slices, 64 x 64 pixels of one millimetre, 400 pixels wide and high."""
    return grid.active_view


def drawn(view: ViewportView) -> tuple[Annotation, ...]:
    series = view.session.view.viewports[view.number].series
    assert series is not None
    return view.session.state.document.reading(series).annotations


def spots(view: ViewportView, one: Annotation) -> np.ndarray:
    assert view.plane is not None
    return np.array([view.plane.to_image(point) for point in one.points])


def choose(view: ViewportView, tool: str) -> None:
    view.session.run("view.tool", name=tool)


def near(*wanted: tuple[float, float]) -> object:
    """Within a pixel of the screen, which is a sixth of one of the picture."""
    return pytest.approx(np.array(wanted), abs=0.2)


def slide(view: ViewportView, at: QPoint, keys: Qt.KeyboardModifier, buttons=NONE) -> None:
    """Move the mouse with keys held."""
    where = QPointF(at)
    event = QMouseEvent(QEvent.Type.MouseMove, where, QPointF(view.mapToGlobal(at)), NONE, buttons, keys)
    QApplication.sendEvent(view, event)
    QApplication.processEvents()


class TestTwoDiameters:
    def test_two_drags_draw_them_at_right_angles(self, view: ViewportView) -> None:
        choose(view, "bidirectional")
        drag(view, spot(view, 30, 10), spot(view, 30, 50))
        assert drawn(view) == ()
        drag(view, spot(view, 20, 25), spot(view, 42, 29))
        (one,) = drawn(view)
        assert spots(view, one) == near((30, 10), (30, 50), (20, 25), (42, 25))

    def test_an_end_of_the_long_one_turns_both(self, view: ViewportView) -> None:
        choose(view, "bidirectional")
        drag(view, spot(view, 30, 10), spot(view, 30, 50))
        drag(view, spot(view, 20, 30), spot(view, 40, 30))
        choose(view, "window")
        drag(view, spot(view, 30, 50), spot(view, 50, 10))
        (one,) = drawn(view)
        assert view.plane is not None
        found = measure(one, view.plane)
        assert [quantity.value for quantity in found.quantities] == pytest.approx([20, 20], abs=0.3)
        first, second, third, fourth = spots(view, one)
        assert abs((second - first) @ (fourth - third)) < 1e-6

    def test_an_end_of_the_short_one_goes_along_and_across(self, view: ViewportView) -> None:
        choose(view, "bidirectional")
        drag(view, spot(view, 30, 10), spot(view, 30, 50))
        drag(view, spot(view, 20, 30), spot(view, 40, 30))
        choose(view, "window")
        drag(view, spot(view, 40, 30), spot(view, 36, 22))
        (one,) = drawn(view)
        assert spots(view, one) == near((30, 10), (30, 50), (20, 22), (36, 22))


def test_a_cobb_angle_takes_two_drags(view: ViewportView) -> None:
    choose(view, "cobb")
    drag(view, spot(view, 10, 10), spot(view, 10, 50))
    assert drawn(view) == ()
    drag(view, spot(view, 50, 10), spot(view, 30, 50))
    (one,) = drawn(view)
    assert view.plane is not None
    assert measure(one, view.plane).value == pytest.approx(math.degrees(math.atan2(20, 40)), abs=0.5)


class TestPolygons:
    corners = ((10, 10), (10, 50), (45, 50), (50, 20))

    def clicked(self, view: ViewportView, *corners: tuple[int, int]) -> None:
        choose(view, "polygon")
        for corner in corners:
            move(view, spot(view, *corner))
            click(view, spot(view, *corner))

    def test_a_click_on_the_first_corner_closes_it(self, view: ViewportView) -> None:
        self.clicked(view, *self.corners)
        assert drawn(view) == ()
        click(view, spot(view, 10, 10))
        assert spots(view, drawn(view)[0]) == near(*self.corners)
        assert not view.input.tool.is_busy

    def test_return_closes_it_and_does_not_enlarge_the_viewport(self, view: ViewportView) -> None:
        self.clicked(view, *self.corners)
        QTest.keyClick(view, Qt.Key.Key_Return)
        assert [one.shape for one in drawn(view)] == [Shape.POLYGON]
        assert not view.session.view.maximised

    def test_a_double_click_closes_it_at_its_last_corner(self, view: ViewportView) -> None:
        self.clicked(view, *self.corners[:3])
        QTest.mouseClick(view, LEFT, Qt.KeyboardModifier.NoModifier, spot(view, 50, 20))
        QTest.mouseDClick(view, LEFT, Qt.KeyboardModifier.NoModifier, spot(view, 50, 20))
        assert spots(view, drawn(view)[0]) == near(*self.corners)
        assert not view.session.view.maximised

    def test_backspace_takes_the_last_corner_back(self, view: ViewportView) -> None:
        self.clicked(view, *self.corners, (60, 60))
        QTest.keyClick(view, Qt.Key.Key_Backspace)
        QTest.keyClick(view, Qt.Key.Key_Return)
        assert spots(view, drawn(view)[0]) == near(*self.corners)

    def test_a_corner_can_be_dragged(self, view: ViewportView) -> None:
        self.clicked(view, *self.corners)
        QTest.keyClick(view, Qt.Key.Key_Return)
        choose(view, "window")
        QApplication.processEvents()
        drag(view, spot(view, 45, 50), spot(view, 55, 55))
        assert spots(view, drawn(view)[0])[2] == pytest.approx([55, 55], abs=0.2)

    def test_the_menu_adds_a_corner_on_a_line_and_removes_one(self, view: ViewportView) -> None:
        self.clicked(view, *self.corners)
        QTest.keyClick(view, Qt.Key.Key_Return)
        QApplication.processEvents()

        def choose_line(at: QPoint, words: str) -> list[str]:
            menu = view.make_menu(view.mapToGlobal(at))
            titles = [action.text() for action in menu.actions()]
            for action in menu.actions():
                if action.text() == words:
                    action.trigger()
            menu.deleteLater()
            QApplication.processEvents()
            return titles

        choose_line(spot(view, 10, 25), "Add a corner here")
        assert spots(view, drawn(view)[0]) == near((10, 10), (10, 25), *self.corners[1:])
        for corner in ((10, 25), (50, 20)):
            choose_line(spot(view, *corner), "Remove this corner")
        assert spots(view, drawn(view)[0]) == near(*self.corners[:3])
        assert "Remove this corner" not in choose_line(spot(view, 10, 10), ""), "three have to stay"


def test_a_stroke_around_something_closes_itself(view: ViewportView) -> None:
    choose(view, "freehand")
    turns = [2 * math.pi * at / 80 for at in range(80)]
    ring = [spot(view, 32 + 18 * math.sin(turn), 32 + 18 * math.cos(turn)) for turn in turns]
    press(view, ring[0])
    for at in ring[1:]:
        move(view, at)
    release(view, ring[-1])
    (one,) = drawn(view)
    assert len(one.points) < 60
    assert view.plane is not None
    found = {quantity.name: quantity.value for quantity in measure(one, view.plane, view.frame).quantities}
    assert found["area"] == pytest.approx(math.pi * 18**2, rel=0.02)
    assert found["perimeter"] == pytest.approx(2 * math.pi * 18, rel=0.02)


def test_a_click_with_the_freehand_tool_draws_nothing(view: ViewportView) -> None:
    choose(view, "freehand")
    click(view, spot(view, 20, 20))
    assert drawn(view) == ()
    assert not view.input.tool.is_busy


class TestSnapping:
    @pytest.mark.parametrize(("end", "expected"), [((33, 50), (30, 50)), ((55, 14), (55, 10))])
    def test_shift_keeps_a_line_straight(self, view: ViewportView, end, expected) -> None:
        choose(view, "length")
        press(view, spot(view, 30, 10))
        slide(view, spot(view, *end), SHIFT, LEFT)
        release(view, spot(view, *end), keys=SHIFT)
        assert spots(view, drawn(view)[0]) == near((30, 10), expected)

    def test_shift_makes_a_box_a_square(self, view: ViewportView) -> None:
        choose(view, "ellipse")
        press(view, spot(view, 10, 10))
        release(view, spot(view, 20, 40), keys=SHIFT)
        assert spots(view, drawn(view)[0]) == near((10, 10), (40, 40))

    def test_shift_and_a_second_click_do_not_pan_what_is_half_drawn(self, view: ViewportView) -> None:
        choose(view, "length")
        center = view.session.view.current.center
        click(view, spot(view, 30, 10))
        click(view, spot(view, 33, 50), keys=SHIFT)
        assert spots(view, drawn(view)[0]) == near((30, 10), (30, 50))
        assert view.session.view.current.center == center

    def test_ctrl_finds_the_strongest_edge_near_by(self, view: ViewportView) -> None:
        assert view.frame is not None
        values = view.frame.values()
        row = values.shape[0] // 2
        steps = np.abs(np.diff(values[row].astype(float)))
        edge = int(np.argmax(steps))
        choose(view, "length")
        press(view, spot(view, row, 60))
        release(view, spot(view, row, edge + 1.4), keys=CTRL)
        found = spots(view, drawn(view)[0])[1]
        assert abs(found[1] - (edge + 0.5)) <= 0.51
        assert found == pytest.approx(np.round(found)), "the centre of a pixel"

    def test_points_attract_only_when_that_is_switched_on(self, view: ViewportView) -> None:
        choose(view, "length")
        drag(view, spot(view, 10, 10), spot(view, 40, 50))
        drag(view, spot(view, 20, 60), spot(view, 41, 51))
        view.session.run("annotate.snap")
        drag(view, spot(view, 5, 40), spot(view, 39.5, 49.5))
        free, snapped = (spots(view, one)[1] for one in drawn(view)[1:])
        assert free == pytest.approx([41, 51], abs=0.2)
        assert snapped == pytest.approx(spots(view, drawn(view)[0])[1], abs=1e-6)


class TestHitAreas:
    @pytest.fixture
    def ellipse(self, view: ViewportView) -> ViewportView:
        choose(view, "ellipse")
        drag(view, spot(view, 10, 5), spot(view, 40, 25))
        choose(view, "window")
        view.grab()
        return view

    def caught(self, view: ViewportView, x: float, y: float) -> Catch | None:
        return view.catch(Pointer(x, y))

    def words(self, view: ViewportView) -> list[Words]:
        assert view.viewing is not None
        shapes = view.session.rendering.shapes(view.number, view.viewing, density=view.ratio)
        (one,) = drawn(view)
        return [shape for shape in shapes if isinstance(shape, Words) and shape.of == one.id]

    def test_an_ellipse_is_caught_by_its_line_and_not_inside(self, ellipse: ViewportView) -> None:
        assert ellipse.viewing is not None
        assert self.caught(ellipse, *ellipse.viewing.to_view(10, 15)) is not None
        assert self.caught(ellipse, *ellipse.viewing.to_view(25, 15)) is None

    def test_of_its_words_only_the_name_catches(self, ellipse: ViewportView) -> None:
        first, *_, last = self.words(ellipse)
        assert first.text == "Ellipse 1"
        assert self.caught(ellipse, first.x + 5, first.y + first.size / 2) is not None
        assert self.caught(ellipse, last.x + 5, last.y + last.size / 2) is None


def test_keys_move_what_is_selected_as_it_is_seen(view: ViewportView) -> None:
    choose(view, "length")
    drag(view, spot(view, 20, 20), spot(view, 40, 40))
    before = spots(view, drawn(view)[0])
    view.session.run("view.rotate", degrees="90")
    view.session.run("annotate.nudge", right=1)
    assert view.plane is not None
    assert spots(view, drawn(view)[0]) == pytest.approx(before + [-1, 0])


def test_where_a_length_begins_there_is_a_mark_and_no_number(view: ViewportView) -> None:
    choose(view, "length")
    click(view, spot(view, 20, 20))
    viewing = view.viewing
    assert viewing is not None
    (mark,) = view.input.tool.shapes(viewing)
    assert isinstance(mark, Handle)
    move(view, spot(view, 20, 40))
    assert any(isinstance(one, Words) and "20.0 mm" in str(one) for one in view.input.tool.shapes(viewing))
