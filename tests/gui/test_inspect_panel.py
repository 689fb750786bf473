"""A pixel is picked with the mouse, followed while dragging and scrolling, and told in the panel."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from medviewer.core.view3d import View3D
from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.inspect import InspectPanel


@pytest.fixture
def panel(window: MainWindow, qapp: QApplication) -> InspectPanel:
    window.actions_.action("view.tool", name="inspect").trigger()
    qapp.processEvents()
    page = window.tabs.currentWidget()
    shown = page.findChild(InspectPanel)
    assert isinstance(shown, InspectPanel)
    return shown


def _spot(window: MainWindow, row: float, column: float) -> QPoint:
    view = window.grid.active_view
    assert view.viewing is not None
    x, y = view.viewing.to_view(row, column)
    return QPoint(round(x / view.ratio), round(y / view.ratio))


def _told(panel: InspectPanel) -> tuple[int, int]:
    assert panel.found is not None
    return panel.found.row, panel.found.column


def test_choosing_the_tool_shows_the_panel_with_an_invitation(
    window: MainWindow, panel: InspectPanel
) -> None:
    assert panel.isVisible()
    assert panel.found is None
    assert not panel.copy.isEnabled()


def test_a_click_and_a_drag_inspect_the_pixel_under_the_mouse(
    window: MainWindow, panel: InspectPanel, qtbot
) -> None:
    view = window.grid.active_view
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=_spot(window, 20, 30))
    assert _told(panel) == (20, 30)
    qtbot.mouseMove(view, _spot(window, 41, 12))
    assert _told(panel) == (41, 12)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=_spot(window, 41, 12))
    frame = window.session.rendering.frame(window.session.view.current)
    assert frame is not None
    assert panel.found is not None
    assert panel.found.words("Stored value") == str(int(frame.pixels[41, 12])).replace("-", "\N{MINUS SIGN}")
    assert panel.found.summary in panel.summary.text()


def test_the_pixel_stays_while_scrolling_and_its_facts_follow(
    window: MainWindow, panel: InspectPanel
) -> None:
    session = window.session
    session.run("inspect.pick", row=20, column=30)
    session.run("view.goto", index=1)
    assert panel.found is not None
    before = panel.found.words("In the patient")
    session.run("view.scroll", by=2)
    assert _told(panel) == (20, 30)
    assert panel.found.words("Picture") == "4 of 8"
    assert panel.found.words("In the patient") != before
    session.run("window.set", center=0, width=1)
    assert panel.found.words("Chosen") == "by the reader"


def test_keys_go_on_by_one_pixel_and_stop_at_the_edge(window: MainWindow, panel: InspectPanel) -> None:
    session = window.session
    move = window.actions_.action("inspect.move", rows=1, columns=0)
    assert not move.isEnabled()
    session.run("inspect.pick", row=62, column=0)
    move.trigger()
    move.trigger()
    assert _told(panel) == (63, 0)
    session.run("inspect.move", columns=-1)
    assert _told(panel) == (63, 0)


def test_the_marker_surrounds_the_pixel_and_leaves_it_free(window: MainWindow, panel: InspectPanel) -> None:
    window.session.run("inspect.pick", row=20, column=30)
    view = window.grid.active_view
    assert view.viewing is not None
    x, y = view.viewing.to_view(20, 30)
    shapes = view.input.tool.shapes(view.viewing)
    assert len(shapes) >= 4
    ticks = [spot for shape in shapes[-4:] for spot in shape.points]
    assert min(max(abs(a - x), abs(b - y)) for a, b in ticks) > 0.5 * view.viewing.scale
    window.session.run("view.tool", name="window")
    assert view.input.tool.shapes(view.viewing) == ()


def test_a_number_can_be_typed_and_everything_copied(window: MainWindow, panel: InspectPanel) -> None:
    window.session.run("inspect.pick", row=5, column=6)
    panel.row.setText("17")
    panel.row.setModified(True)
    panel.row.returnPressed.emit()
    assert _told(panel) == (17, 6)
    panel.copy_text()
    assert panel.found is not None
    assert QGuiApplication.clipboard().text() == panel.found.text()
    assert "Modality value: " in QGuiApplication.clipboard().text()


def test_a_pixel_beside_what_is_shown_now_is_told_and_a_plane_has_its_own(
    window: MainWindow, panel: InspectPanel, qtbot
) -> None:
    session = window.session
    session.run("inspect.pick", row=60, column=30)
    session.run("plane.show", name="coronal")
    assert panel.found is None
    assert "Row 60" in panel.invitation.text()
    session.run("inspect.pick", row=2, column=30)
    qtbot.waitUntil(lambda: panel.found is not None)  # the plane is made when the viewport paints
    assert panel.found is not None
    assert panel.found.words("Plane").startswith("Coronal")


def test_numbers_of_a_plane_do_not_stay_when_the_planes_are_left(
    window: MainWindow, panel: InspectPanel, qtbot
) -> None:
    window.session.run("plane.layout")
    window.session.run("inspect.pick", row=2, column=30)
    qtbot.waitUntil(lambda: panel.found is not None)
    assert (panel.row.text(), panel.column.text()) == ("2", "30")
    window.session.run("plane.layout")
    assert panel.found is None
    assert (panel.row.text(), panel.column.text()) == ("", "")
    panel.row.setText("7")
    panel.row.setModified(True)
    panel.row.returnPressed.emit()
    assert _told(panel) == (7, 0)


def test_over_a_body_it_says_how_to_come_back_to_pixels(window: MainWindow, panel: InspectPanel) -> None:
    window.session.run("inspect.pick", row=6, column=3)
    assert panel.found is not None
    now = replace(window.session.view.current, view3d=View3D("bone"))
    window.session.change(lambda view: view.with_viewport(0, now))
    QApplication.processEvents()
    assert panel.found is None
    assert "Go back to the slices" in panel.invitation.text()
