"""Painting with the mouse in a viewport, and the form of the brush."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from medviewer.core.labels import Label, LabelMap
from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.painting import PaintingForm
from medviewer.gui.tool_bar import GroupButton
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.gui.viewport.view import ViewportView
from medviewer.imaging.shapes import Stroke
from tests import factories
from tests.gui.mouse import ALT, CTRL, RIGHT, SHIFT, click, drag, move, press, release, spot, wheel


@pytest.fixture
def view(grid: ViewportGrid) -> ViewportView:
    """A CT of eight slices, 64 x 64 pixels of one millimetre, 400 pixels wide and high."""
    return grid.active_view


def groups(view: ViewportView) -> tuple[LabelMap, ...]:
    return view.session.state.document.reading(view.session.view.current.series).groups


def marked(view: ViewportView) -> np.ndarray:
    found = groups(view)[-1].slices[view.session.view.current.index] if groups(view) else None
    return np.zeros((64, 64), bool) if found is None else found > 0


def choose(view: ViewportView, tool: str, **brush) -> None:
    view.session.run("view.tool", name=tool)
    view.session.run("paint.brush", **brush)


def test_a_drag_with_the_brush_paints_where_the_mouse_goes_and_is_one_undo(view: ViewportView) -> None:
    choose(view, "brush", diameter=6.0)
    drag(view, spot(view, 20, 10), spot(view, 20, 50), steps=3)
    found = marked(view)
    assert found[20, 10:51].all()
    assert not found[:17].any()
    assert not found[24:].any()
    assert view.session.state.undo_label == "Paint Label 1"
    view.session.run("edit.undo")
    assert not groups(view)


def test_a_brush_chosen_by_key_shows_its_edge_before_the_mouse_moves(view: ViewportView) -> None:
    at = spot(view, 30, 30)
    move(view, at)
    choose(view, "brush", diameter=10.0)
    QApplication.processEvents()
    viewing = view.viewing
    assert viewing is not None
    (edge,) = view.input.tool.shapes(viewing)
    rows = [viewing.to_image(*point)[0] for point in edge.points]
    assert max(rows) - min(rows) == pytest.approx(10, abs=0.1)
    view.input.leave()
    view.session.run("view.tool", name="window")
    choose(view, "brush")
    assert view.input.tool.shapes(viewing) == ()


def test_what_was_painted_is_on_the_screen(view: ViewportView) -> None:
    before = view.grab().toImage()
    choose(view, "brush", diameter=10.0)
    at = spot(view, 40, 20)
    click(view, at)
    view.input.leave()
    QApplication.processEvents()
    after = view.grab().toImage()
    assert before.pixelColor(at) != after.pixelColor(at)
    assert after.pixelColor(at).red() > after.pixelColor(at).blue()
    elsewhere = spot(view, 10, 50)
    assert before.pixelColor(elsewhere) == after.pixelColor(elsewhere)


def test_with_shift_the_brush_erases_and_the_eraser_needs_no_key(view: ViewportView) -> None:
    choose(view, "brush", diameter=20.0)
    click(view, spot(view, 30, 30))
    full = int(marked(view).sum())
    click(view, spot(view, 30, 42), keys=SHIFT)
    less = int(marked(view).sum())
    assert 0 < less < full
    choose(view, "eraser")
    drag(view, spot(view, 20, 20), spot(view, 40, 40))
    assert int(marked(view).sum()) < less
    assert view.session.state.undo_label == "Erase Label 1"


def test_other_buttons_and_keys_still_look_elsewhere(view: ViewportView) -> None:
    choose(view, "brush")
    drag(view, spot(view, 20, 20), spot(view, 40, 40), keys=CTRL)
    drag(view, spot(view, 20, 20), spot(view, 40, 40), keys=ALT)
    drag(view, spot(view, 20, 20), spot(view, 40, 40), button=RIGHT)
    assert not groups(view)
    before = view.session.view.current.index
    wheel(view, -120)
    assert view.session.view.current.index != before


def test_escape_takes_the_stroke_back(view: ViewportView) -> None:
    choose(view, "brush")
    press(view, spot(view, 20, 20))
    move(view, spot(view, 30, 30))
    assert marked(view).any()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not groups(view)
    move(view, spot(view, 40, 40))
    release(view, spot(view, 40, 40))
    assert not groups(view)


def test_scrolling_while_painting_paints_nothing_between_the_slices(view: ViewportView) -> None:
    choose(view, "brush", diameter=4.0)
    press(view, spot(view, 10, 10))
    view.session.run("view.scroll", by=1)
    QApplication.processEvents()
    move(view, spot(view, 50, 50))
    release(view, spot(view, 50, 50))
    found = marked(view)
    assert found[50, 50]
    assert not found[30, 30]


def test_a_refusal_is_told_once(view: ViewportView) -> None:
    choose(view, "brush")
    click(view, spot(view, 20, 20))
    view.session.run("labels.lock", locked=True, value=1)
    drag(view, spot(view, 30, 30), spot(view, 50, 50), steps=8)
    assert [one.message for one in view.session.state.notices] == ["Label 1 is locked."]


def outline(view: ViewportView) -> Stroke | None:
    assert view.viewing is not None
    found = view.input.tool.shapes(view.viewing)
    return found[0] if found else None


@pytest.mark.parametrize("diameter", [5.0, 22.0])
def test_the_edge_of_the_brush_is_as_large_as_what_it_paints(view: ViewportView, diameter: float) -> None:
    choose(view, "brush", diameter=diameter)
    move(view, spot(view, 20, 20))  # the mouse may be there already
    move(view, spot(view, 32, 32))
    edge = outline(view)
    assert edge is not None
    assert view.viewing is not None
    places = np.array([view.viewing.to_image(*one) for one in edge.points])
    assert np.ptp(places, axis=0) == pytest.approx([diameter, diameter], abs=0.05)  # pixels of 1 mm
    click(view, spot(view, 32, 32))
    rows = np.flatnonzero(marked(view).any(axis=1))
    assert abs(len(rows) - diameter) <= 1
    view.input.leave()
    assert outline(view) is None


def test_the_edge_is_true_on_pixels_that_are_not_square(inline_session, show_grid, tmp_path) -> None:
    factories.ct(tmp_path / "ct", slices=3, spacing=(1.0, 2.5))
    inline_session.run("study.open", paths=(tmp_path / "ct",))
    view = show_grid(inline_session).active_view
    choose(view, "brush", diameter=20.0)
    move(view, spot(view, 20, 20))
    move(view, spot(view, 32, 32))
    edge = outline(view)
    assert edge is not None
    assert view.viewing is not None
    places = np.array([view.viewing.to_image(*one) for one in edge.points])
    assert np.ptp(places, axis=0) == pytest.approx([20, 8], abs=0.05)
    on_screen = np.ptp(np.array(edge.points), axis=0)
    assert on_screen[0] == pytest.approx(
        on_screen[1], rel=0.01
    )  # round, as pixels are shown as high as they are
    click(view, spot(view, 32, 32))
    found = marked(view)
    assert abs(found.any(axis=1).sum() - 20) <= 1
    assert abs(found.any(axis=0).sum() - 8) <= 1


def test_the_brush_grows_with_keys_and_with_the_wheel(view: ViewportView) -> None:
    choose(view, "brush", diameter=10.0)
    wheel(view, 120, CTRL | SHIFT)
    assert view.session.view.brush.diameter == 12
    index, zoom = view.session.view.current.index, view.session.view.current.zoom
    for _ in range(4):
        wheel(view, -30, CTRL | SHIFT)  # a touchpad
    assert view.session.view.brush.diameter == 10
    assert (view.session.view.current.index, view.session.view.current.zoom) == (index, zoom)


def test_nothing_drawn_is_grabbed_while_painting(view: ViewportView) -> None:
    choose(view, "length")
    drag(view, spot(view, 20, 20), spot(view, 40, 40))
    selected = view.session.view.selected
    before = view.session.state.document.reading(view.session.view.current.series).annotations
    choose(view, "brush")
    drag(view, spot(view, 20, 20), spot(view, 20, 40))
    assert view.session.state.document.reading(view.session.view.current.series).annotations == before
    assert view.session.view.selected == selected
    assert marked(view).any()


def test_a_polygon_is_painted_when_it_is_closed(view: ViewportView) -> None:
    choose(view, "paint-polygon")
    for corner in ((10, 10), (10, 40), (30, 40)):
        click(view, spot(view, *corner))
    assert not groups(view)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert marked(view).sum() == pytest.approx(20 * 30 / 2, rel=0.1)
    click(view, spot(view, 5, 5))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not view.input.tool.is_busy


def circle(
    view: ViewportView, row: float, column: float, radius: float, keys=Qt.KeyboardModifier.NoModifier
) -> None:
    turns = np.linspace(0, 2 * np.pi, 30)
    spots = [spot(view, row + radius * np.sin(turn), column + radius * np.cos(turn)) for turn in turns]
    press(view, spots[0], keys=keys)
    for one in spots[1:]:
        move(view, one)
    release(view, spots[-1], keys=keys)


def test_a_lasso_paints_what_it_goes_around_and_scissors_cut_it(view: ViewportView) -> None:
    choose(view, "lasso")
    circle(view, 32, 32, 15)
    whole = int(marked(view).sum())
    assert whole == pytest.approx(np.pi * 15**2, rel=0.05)
    choose(view, "scissors")
    circle(view, 32, 32, 6)
    assert whole - marked(view).sum() == pytest.approx(np.pi * 6**2, rel=0.12)
    choose(view, "fill")
    click(view, spot(view, 32, 32))
    assert marked(view).sum() == whole
    click(view, spot(view, 32, 32), keys=SHIFT)
    assert not marked(view).any()


def test_the_tools_that_paint_share_one_button(window: MainWindow) -> None:
    buttons = [one for one in window.bar.findChildren(GroupButton) if one.defaultAction().text() == "Brush"]
    assert len(buttons) == 1
    assert [one.text() for one in buttons[0].menu().actions()][:6] == [
        "Brush",
        "Eraser",
        "Paint polygon",
        "Lasso",
        "Scissors",
        "Fill",
    ]
    window.session.run("view.tool", name="lasso")
    assert buttons[0].defaultAction().text() == "Lasso"
    assert buttons[0].isChecked()
    assert buttons[0].accessibleName().startswith("Lasso")
    assert buttons[0].toolTip().startswith("Lasso (Shift+Q)")


def test_the_form_shows_the_brush_and_changes_it(ct_session, qtbot) -> None:
    form = PaintingForm(ct_session)
    qtbot.addWidget(form)
    form.show()
    QTest.mouseClick(form.switches["ball"], Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert ct_session.view.brush.is_ball
    form.limited.click()
    assert ct_session.view.brush.limits is not None
    assert form.low.isEnabled()
    form.low.setText("-50")
    form.low.setModified(True)
    form.low.returnPressed.emit()
    assert ct_session.view.brush.limits[0] == -50
    form.limited.click()
    assert ct_session.view.brush.limits is None
    ct_session.run("paint.brush", diameter=33.0, over_others=False)
    form.show_state()
    assert form.diameter.text() == "33"
    assert not form.switches["over_others"].isChecked()
    form.tools["scissors"].click()
    assert ct_session.view.tool == "scissors"
    assert [name for name, one in form.tools.items() if one.isChecked()] == ["scissors"]


def test_without_a_picture_the_form_says_why_nothing_can_be_done(inline_session, qtbot) -> None:
    form = PaintingForm(inline_session)
    qtbot.addWidget(form)
    assert not form.interpolate.isEnabled()
    assert "Open" in form.interpolate.toolTip()


def test_a_hidden_label_is_seen_again_once_it_is_painted(view: ViewportView) -> None:
    choose(view, "brush")
    click(view, spot(view, 20, 20))
    view.session.run("labels.show", value=1, visible=False)
    click(view, spot(view, 30, 30))
    assert groups(view)[0].labels[0] == Label(1, "Label 1", groups(view)[0].labels[0].color)


def test_the_size_of_the_brush_has_the_unit_of_the_picture(inline_session, qtbot, tmp_path) -> None:
    factories.gray(tmp_path / "plain.dcm")
    inline_session.run("study.open", paths=(tmp_path / "plain.dcm",))
    form = PaintingForm(inline_session)
    qtbot.addWidget(form)
    assert form.unit.text() == "px"
    assert "pixels" in form.unit.toolTip()
    assert not form.interpolate.isEnabled()
    assert "one picture" in form.interpolate.toolTip()
    key = inline_session.view.current.series
    plane = inline_session.rendering.plane(inline_session.view.current)
    points = [plane.to_patient(10, 10), plane.to_patient(10, 30)]
    line = inline_session.run("annotate.add", shape="length", points=points)
    inline_session.run("measure.calibrate", id=line, millimetres=10.0, where="picture")
    assert inline_session.state.document.reading(key).scales
    form.show_state()
    assert form.unit.text() == "mm"


def test_on_a_ct_the_brush_is_measured_in_millimetres(view: ViewportView, qtbot) -> None:
    form = PaintingForm(view.session)
    qtbot.addWidget(form)
    assert form.unit.text() == "mm"
    view.session.run("view3d.show")
    form.show_state()
    assert form.unit.text() == "mm"
