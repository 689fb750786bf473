"""Whether mouse and keys over a picture do what readers expect of them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from medviewer.core.annotation import Annotation, Shape
from medviewer.gui.main_window import MainWindow
from medviewer.gui.tools import TOOLS
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.gui.viewport.view import ViewportView
from medviewer.imaging.measure import measure
from medviewer.kit.paths import resource
from medviewer.session.commands.window import current as current_window
from tests.gui.mouse import (
    ALT,
    CTRL,
    LEFT,
    MIDDLE,
    PLAIN,
    RIGHT,
    SHIFT,
    click,
    drag,
    move,
    place,
    press,
    release,
    spot,
    wheel,
)

NONE = Qt.MouseButton.NoButton
DRAWING = [kind.name for kind in TOOLS if kind.draws]
SEVERAL_STEPS = ("angle", "text", "bidirectional", "cobb", "polygon")
"""Tools that one drag does not finish."""


@pytest.fixture
def view(grid: ViewportGrid) -> ViewportView:
    """A CT of eight slices, 64 x 64 pixels of one millimetre, 400 pixels wide and high."""
    return grid.active_view


def drawn(view: ViewportView) -> tuple[Annotation, ...]:
    series = view.session.view.viewports[view.number].series
    assert series is not None
    return view.session.state.document.reading(series).annotations


def choose(view: ViewportView, tool: str) -> None:
    view.session.run("view.tool", name=tool)


def near(one: tuple[float, float], other: tuple[float, float], within: float = 0.2) -> bool:
    return math.dist(one, other) < within


# looking


def test_the_wheel_scrolls_towards_the_end_when_turned_to_the_hand(view: ViewportView) -> None:
    before = view.session.view.current.index
    wheel(view, -120)
    assert view.session.view.current.index == before + 1
    wheel(view, 120)
    assert view.session.view.current.index == before


@pytest.mark.parametrize("tool", [kind.name for kind in TOOLS])
def test_the_wheel_scrolls_whatever_tool_is_active(view: ViewportView, tool: str) -> None:
    choose(view, tool)
    before = view.session.view.current.index
    wheel(view, -120)
    assert view.session.view.current.index == before + 1


def test_a_touchpad_scrolls_by_the_sum_of_its_small_steps(view: ViewportView) -> None:
    before = view.session.view.current.index
    for _ in range(7):
        wheel(view, -15)
    assert view.session.view.current.index == before
    wheel(view, -15)
    assert view.session.view.current.index == before + 1


def test_what_is_left_of_one_direction_does_not_count_for_the_other(view: ViewportView) -> None:
    before = view.session.view.current.index
    wheel(view, -119)
    wheel(view, 60)
    wheel(view, -61)
    assert view.session.view.current.index == before


def test_shift_and_wheel_scroll_ten_pictures(view: ViewportView) -> None:
    view.session.run("view.goto", index=0)
    wheel(view, -120, SHIFT)
    assert view.session.view.current.index == 7  # of 0 to 7: kept in range


def test_ctrl_and_wheel_zoom_where_the_mouse_is(view: ViewportView) -> None:
    at = QPoint(130, 260)
    before = place(view, at)
    index = view.session.view.current.index
    for _ in range(3):
        wheel(view, 120, CTRL, at)
    assert view.session.view.current.zoom == pytest.approx(1.2**3)
    assert near(place(view, at), before)
    assert view.session.view.current.index == index


@pytest.mark.parametrize(
    ("button", "keys", "tool"), [(MIDDLE, None, "window"), (None, SHIFT, "window"), (None, None, "pan")]
)
def test_a_panned_picture_stays_under_the_mouse(view: ViewportView, button, keys, tool: str) -> None:
    choose(view, tool)
    view.session.run("view.zoom", factor=3.0)
    start, end = QPoint(200, 200), QPoint(240, 170)
    before = place(view, start)
    given = {} if button is None else {"button": button}
    given |= {} if keys is None else {"keys": keys}
    drag(view, start, end, **given)
    assert near(place(view, end), before)


@pytest.mark.parametrize(
    ("button", "keys", "tool"), [(RIGHT, None, "window"), (None, CTRL, "window"), (None, None, "zoom")]
)
def test_dragging_down_enlarges_around_where_the_drag_began(
    view: ViewportView, button, keys, tool: str
) -> None:
    choose(view, tool)
    start = QPoint(220, 180)
    before = place(view, start)
    given = {} if button is None else {"button": button}
    given |= {} if keys is None else {"keys": keys}
    drag(view, start, QPoint(220, 240), **given)
    assert view.session.view.current.zoom > 1.2
    assert near(place(view, start), before)


def test_dragging_right_widens_the_window_and_up_brightens(view: ViewportView) -> None:
    start = current_window(view.session)
    drag(view, QPoint(200, 200), QPoint(260, 200))
    wide = current_window(view.session)
    assert wide.width > start.width * 1.1
    assert wide.center == pytest.approx(start.center)

    drag(view, QPoint(200, 200), QPoint(200, 140))
    bright = current_window(view.session)
    assert bright.center < wide.center
    assert bright.width == pytest.approx(wide.width)


def test_the_last_position_of_a_window_drag_is_shown_however_many_came_in_one_turn(
    view: ViewportView,
) -> None:
    start, painted = current_window(view.session), view.painted
    press(view, QPoint(200, 200))
    for x in range(201, 251):
        at = QPointF(x, 200)
        QApplication.sendEvent(
            view, QMouseEvent(QEvent.Type.MouseMove, at, QPointF(view.mapToGlobal(at)), NONE, LEFT, PLAIN)
        )
    assert view.painted == painted, "fifty positions in one turn are painted once"
    QApplication.processEvents()

    assert view.is_current
    assert view.painted == painted + 1
    release(view, QPoint(250, 200))
    quick = current_window(view.session)
    view.session.run("window.set", center=start.center, width=start.width)
    drag(view, QPoint(200, 200), QPoint(250, 200), steps=50)
    assert quick.width == pytest.approx(current_window(view.session).width)
    assert quick.width > start.width * 1.1


def test_a_window_drag_is_as_fast_as_the_window_is_wide(view: ViewportView) -> None:
    changes = []
    for width in (100.0, 2000.0):
        view.session.run("window.set", center=50.0, width=width)
        drag(view, QPoint(200, 200), QPoint(240, 200))
        changes.append(current_window(view.session).width / width)
    assert changes[0] == pytest.approx(changes[1])


def test_alt_windows_whatever_tool_is_active(view: ViewportView) -> None:
    choose(view, "length")
    before = current_window(view.session)
    drag(view, QPoint(200, 200), QPoint(250, 200), keys=ALT)
    assert current_window(view.session).width > before.width
    assert drawn(view) == ()


def test_dragging_with_scroll_reaches_both_ends(view: ViewportView) -> None:
    choose(view, "scroll")
    drag(view, QPoint(200, 200), QPoint(200, 390), steps=10)
    assert view.session.view.current.index == 7
    drag(view, QPoint(200, 390), QPoint(200, 10), steps=10)
    assert view.session.view.current.index == 0


def test_a_click_with_the_right_button_opens_the_menu_and_a_drag_does_not(
    view: ViewportView, monkeypatch
) -> None:
    opened: list[QPoint] = []
    view.input._menu = opened.append
    click(view, QPoint(50, 60), RIGHT)
    assert opened == [view.mapToGlobal(QPoint(50, 60))]
    drag(view, QPoint(50, 60), QPoint(50, 100), RIGHT)
    assert len(opened) == 1


# drawing


def test_a_length_drawn_by_a_drag_is_as_long_as_the_patient(view: ViewportView) -> None:
    choose(view, "length")
    drag(view, spot(view, 10, 10), spot(view, 40, 50))
    (length,) = drawn(view)
    assert length.shape is Shape.LENGTH
    assert measure(length, view.plane, view.frame).value == pytest.approx(50, abs=0.3)


def test_a_length_may_be_drawn_by_two_clicks(view: ViewportView) -> None:
    choose(view, "length")
    click(view, spot(view, 10, 10))
    assert drawn(view) == ()
    move(view, spot(view, 20, 20))
    assert view.input.tool.shapes(view.viewing)
    click(view, spot(view, 40, 50))
    (length,) = drawn(view)
    assert measure(length, view.plane, view.frame).value == pytest.approx(50, abs=0.3)


def test_an_angle_takes_three_clicks(view: ViewportView) -> None:
    choose(view, "angle")
    for row, column in ((10, 30), (40, 30), (40, 55)):
        move(view, spot(view, row, column))
        click(view, spot(view, row, column))
    (angle,) = drawn(view)
    assert measure(angle, view.plane, view.frame).value == pytest.approx(90, abs=0.5)


def test_the_drag_of_an_angle_draws_its_first_leg(view: ViewportView) -> None:
    choose(view, "angle")
    drag(view, spot(view, 10, 30), spot(view, 40, 30))
    assert drawn(view) == ()
    click(view, spot(view, 40, 55))
    assert [one.shape for one in drawn(view)] == [Shape.ANGLE]


@pytest.mark.parametrize("name", [name for name in DRAWING if name not in SEVERAL_STEPS])
def test_every_drawing_tool_leaves_its_own_shape_and_its_drag_is_one_undo(
    view: ViewportView, name: str
) -> None:
    choose(view, name)
    drag(view, spot(view, 10, 10), spot(view, 40, 50))
    assert [one.shape.word for one in drawn(view)] == [name]
    view.session.run("edit.undo")
    assert drawn(view) == ()


def test_esc_forgets_what_is_half_drawn_and_nothing_else(view: ViewportView) -> None:
    choose(view, "length")
    view.session.run("view.zoom", factor=2.0)
    click(view, spot(view, 30, 30))
    assert view.input.tool.is_busy
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not view.input.tool.is_busy
    assert view.session.view.current.zoom == 2.0
    move(view, spot(view, 40, 40))
    assert view.input.tool.shapes(view.viewing) == ()


def test_a_click_in_one_spot_leaves_nothing_of_no_size(view: ViewportView) -> None:
    choose(view, "rectangle")
    click(view, spot(view, 30, 30))
    click(view, spot(view, 30, 30))
    assert drawn(view) == ()


def test_a_drawing_begun_on_one_picture_is_not_finished_on_another(view: ViewportView) -> None:
    choose(view, "length")
    click(view, spot(view, 10, 10))
    wheel(view, -120)
    move(view, spot(view, 30, 30))
    assert not view.input.tool.is_busy
    assert drawn(view) == ()


def test_another_tool_forgets_what_is_half_drawn(view: ViewportView) -> None:
    choose(view, "length")
    click(view, spot(view, 10, 10))
    choose(view, "angle")
    choose(view, "length")
    assert not view.input.tool.is_busy


def test_nothing_can_be_drawn_beside_the_picture(grid: ViewportGrid, qtbot) -> None:
    view = grid.active_view
    grid.resize(600, 300)
    choose(view, "length")
    drag(view, QPoint(20, 150), QPoint(60, 150))
    assert drawn(view) == ()


def test_a_drawing_ends_at_the_edge_of_the_picture(grid: ViewportGrid) -> None:
    view = grid.active_view
    grid.resize(600, 300)
    choose(view, "length")
    drag(view, spot(view, 31.5, 31.5), QPoint(590, 150))
    (length,) = drawn(view)
    assert view.plane.to_image(length.points[1])[1] == pytest.approx(63.5)


# words


def editor(view: ViewportView) -> QLineEdit | None:
    return view.findChild(QLineEdit)


def test_text_is_typed_on_the_picture(view: ViewportView) -> None:
    choose(view, "text")
    click(view, spot(view, 20, 20))
    assert drawn(view) == ()
    QTest.keyClicks(editor(view), "Nodule?")
    QTest.keyClick(editor(view), Qt.Key.Key_Return)
    (text,) = drawn(view)
    assert (text.shape, text.text) == (Shape.TEXT, "Nodule?")
    assert near(view.plane.to_image(text.points[0]), (20, 20))


@pytest.mark.parametrize(("words", "key"), [("Nodule?", Qt.Key.Key_Escape), ("  ", Qt.Key.Key_Return)])
def test_no_words_leave_no_text(view: ViewportView, words: str, key: Qt.Key) -> None:
    choose(view, "text")
    click(view, spot(view, 20, 20))
    QTest.keyClicks(editor(view), words)
    QTest.keyClick(editor(view), key)
    assert drawn(view) == ()


def test_a_double_click_on_an_arrow_gives_it_words(view: ViewportView) -> None:
    choose(view, "arrow")
    drag(view, spot(view, 20, 20), spot(view, 40, 40))
    choose(view, "window")
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot(view, 30, 30))
    QTest.keyClicks(editor(view), "here")
    QTest.keyClick(editor(view), Qt.Key.Key_Return)
    assert [one.text for one in drawn(view)] == ["here"]


def test_while_somebody_types_no_key_is_a_shortcut(window: MainWindow) -> None:
    window.session.run("view.layout", rows=1, columns=2)
    view = window.grid.active_view
    QApplication.processEvents()
    choose(view, "text")
    click(view, spot(view, 20, 20))
    QTest.keyClicks(editor(view), "wet v")
    QTest.keyClick(editor(view), Qt.Key.Key_Return)  # the window maximises with this key
    assert [one.text for one in drawn(view)] == ["wet v"]
    assert not window.session.view.maximised
    assert window.session.view.tool == "text"


def test_esc_cancels_what_is_half_drawn_before_it_resets_the_view(window: MainWindow) -> None:
    view = window.grid.active_view
    QApplication.processEvents()
    choose(view, "length")
    view.session.run("view.zoom", factor=2.0)
    click(view, spot(view, 30, 30))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not view.input.tool.is_busy
    assert view.session.view.current.zoom == 2.0
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.session.view.current.zoom == 1.0


@pytest.mark.parametrize("tool", ["window", "pan", "zoom"])
def test_esc_during_a_drag_brings_back_what_was_before(window: MainWindow, tool: str) -> None:
    session, view = window.session, window.grid.active_view
    QApplication.processEvents()
    session.run("window.preset", name="Lung")
    session.run("view.look", viewport=0, zoom=2.0, row=0.4, column=0.6)
    before = session.view.viewports
    choose(view, tool)
    press(view, spot(view, 20, 20))
    for to in (25, 40, 44):
        move(view, spot(view, to, to))
    assert session.view.viewports != before
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert session.view.viewports == before
    move(view, spot(view, 30, 50))
    release(view, spot(view, 30, 50))
    assert session.view.viewports == before, "the rest of the drag means nothing"
    drag(view, spot(view, 20, 20), spot(view, 44, 44))
    after = session.view.viewports
    assert after != before
    choose(view, "length")
    assert session.view.viewports == after, "a drag that ended stays"


def test_esc_during_a_drag_brings_back_linked_viewports_each_as_it_was(window: MainWindow) -> None:
    session = window.session
    session.run("view.layout", rows=1, columns=2)
    session.run("view.activate", viewport=1)
    session.run("view.show", series=session.view.viewports[0].series)
    session.run("view.look", viewport=1, zoom=3.0, row=0.3, column=0.3)
    if not session.view.linked:
        session.run("view.link")
    QApplication.processEvents()
    before = session.view.viewports
    assert before[0].zoom != before[1].zoom
    view = window.grid.active_view
    choose(view, "zoom")
    press(view, QPoint(100, 100))
    move(view, QPoint(100, 160))
    move(view, QPoint(100, 190))
    assert session.view.viewports[0].zoom == session.view.viewports[1].zoom
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert session.view.viewports == before


# grabbing


@pytest.fixture
def length(view: ViewportView) -> ViewportView:
    """A length from (10, 10) to (40, 50), with the window tool in hand."""
    choose(view, "length")
    drag(view, spot(view, 10, 10), spot(view, 40, 50))
    choose(view, "window")
    return view


@pytest.mark.parametrize("tool", ["window", "length", "ellipse"])
def test_a_handle_can_be_grabbed_and_its_drag_is_one_undo(length: ViewportView, tool: str) -> None:
    view = length
    choose(view, tool)
    (before,) = drawn(view)
    window = current_window(view.session)
    drag(view, spot(view, 40, 50) + QPoint(6, -6), spot(view, 20, 30) + QPoint(6, -6), steps=8)
    (after,) = drawn(view)
    assert after.points[0] == before.points[0]
    assert near(view.plane.to_image(after.points[1]), (20, 30))
    assert current_window(view.session) == window

    view.session.run("edit.undo")
    assert drawn(view) == (before,)


def test_the_line_itself_moves_the_whole(length: ViewportView) -> None:
    view = length
    drag(view, spot(view, 25, 30), spot(view, 30, 25))
    (after,) = drawn(view)
    one, other = (view.plane.to_image(point) for point in after.points)
    assert near(one, (15, 5), 0.4)
    assert near(other, (45, 45), 0.4)
    assert measure(after, view.plane, view.frame).value == pytest.approx(50, abs=0.3)


def test_esc_puts_back_what_is_being_moved(length: ViewportView) -> None:
    view = length
    (before,) = drawn(view)
    press(view, spot(view, 40, 50))
    move(view, spot(view, 20, 20))
    assert drawn(view) != (before,)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert drawn(view) == (before,)
    release(view, spot(view, 20, 20))
    assert drawn(view) == (before,)


def test_a_click_selects_and_a_click_beside_it_lets_go(length: ViewportView) -> None:
    view = length
    view.session.run("annotate.select", id="")
    click(view, spot(view, 25, 30))
    assert view.session.view.selected == drawn(view)[0].id
    click(view, spot(view, 50, 10))
    assert view.session.view.selected == ""


def test_the_cursor_says_what_a_press_would_do(length: ViewportView) -> None:
    view = length
    move(view, spot(view, 55, 10))
    assert view.cursor().shape() == Qt.CursorShape.ArrowCursor
    move(view, spot(view, 40, 50))
    assert view.cursor().shape() == Qt.CursorShape.PointingHandCursor
    move(view, spot(view, 25, 30))
    assert view.cursor().shape() == Qt.CursorShape.SizeAllCursor
    choose(view, "length")
    move(view, spot(view, 55, 10))
    assert view.cursor().shape() == Qt.CursorShape.CrossCursor


@pytest.mark.parametrize(
    ("corner", "to", "expected"),
    [
        ((10, 10), (5, 8), ((5, 8), (40, 50))),
        ((40, 50), (45, 55), ((10, 10), (45, 55))),
        ((10, 50), (5, 55), ((5, 10), (40, 55))),
        ((40, 10), (45, 5), ((10, 5), (45, 50))),
    ],
)
def test_each_corner_of_a_box_can_be_dragged(view: ViewportView, corner, to, expected) -> None:
    choose(view, "rectangle")
    drag(view, spot(view, 10, 10), spot(view, 40, 50))
    choose(view, "window")
    drag(view, spot(view, *corner), spot(view, *to))
    (box,) = drawn(view)
    corners = sorted(view.plane.to_image(point) for point in box.points)
    assert all(near(one, other, 0.3) for one, other in zip(corners, expected, strict=True))


def test_hidden_annotations_cannot_be_grabbed(length: ViewportView) -> None:
    view = length
    view.session.run("view.annotations")
    QApplication.processEvents()
    before = drawn(view)
    drag(view, spot(view, 40, 50), spot(view, 20, 20))
    assert drawn(view) == before


# the list


def test_every_tool_has_an_icon_and_a_sentence() -> None:
    for kind in TOOLS:
        assert Path(resource(f"icons/{kind.icon}.svg")).is_file(), kind.name
        assert kind.help.endswith("."), kind.name
