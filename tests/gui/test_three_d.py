"""A body under the mouse, and the panel beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from medviewer.core.view3d import Shows, View3D
from medviewer.gui.panels.segment import SegmentPanel
from medviewer.gui.panels.three_d import ThreeDPanel
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.gui.viewport.view import ViewportView
from medviewer.imaging.volume_rendering import available
from medviewer.imaging.volume_rendering.available import why_not
from medviewer.session.session import Session
from tests.gui import mouse

needs_vtk = pytest.mark.skipif(bool(why_not()), reason=why_not() or "VTK is there")


@pytest.fixture
def body(grid: ViewportGrid, ct_session: Session) -> ViewportView:
    """The only viewport, with a body in it."""
    ct_session.run("view3d.show")
    QApplication.processEvents()
    return grid.view(0)


@pytest.fixture
def show_panel(qapp: QApplication) -> Iterator[Callable[[Session], ThreeDPanel]]:
    shown: list[ThreeDPanel] = []

    def show(session: Session) -> ThreeDPanel:
        made = ThreeDPanel(session)
        shown.append(made)
        made.resize(300, 900)
        made.show()
        return made

    yield show
    for one in shown:
        one.close()
        one.deleteLater()


def view(session: Session) -> View3D:
    assert session.view.current.view3d is not None
    return session.view.current.view3d


@needs_vtk
def test_a_body_covers_its_viewport(body: ViewportView) -> None:
    assert body.has_picture
    assert body.is_current
    assert body.note() is None


@needs_vtk
def test_dragging_turns_the_body_whatever_tool_is_chosen(body: ViewportView, ct_session: Session) -> None:
    for tool in ("window", "length", "scroll"):
        ct_session.run("view.tool", name=tool)
        ct_session.run("view3d.face", side="anterior")
        mouse.drag(body, QPoint(200, 200), QPoint(240, 200))
        assert view(ct_session).forward[0] > 0.2  # it looks to the left: the right side has come to the front
    assert not ct_session.state.document.readings  # nothing was drawn or measured


@needs_vtk
def test_the_wheel_zooms_a_body_and_scrolls_nothing(body: ViewportView, ct_session: Session) -> None:
    index = ct_session.view.current.index
    mouse.wheel(body, 120)
    assert ct_session.view.current.zoom > 1.1
    assert ct_session.view.current.index == index


@needs_vtk
def test_the_middle_button_moves_a_body(body: ViewportView, ct_session: Session) -> None:
    mouse.drag(body, QPoint(200, 200), QPoint(230, 200), mouse.MIDDLE)
    assert ct_session.view.current.center[1] < 0.5
    assert view(ct_session) == View3D("bone")


@needs_vtk
def test_the_menu_over_a_body_offers_its_presets_its_sides_and_the_way_back(
    body: ViewportView, ct_session: Session
) -> None:
    menu = body.make_menu(QPoint(0, 0))
    inside = next(one.menu() for one in menu.actions() if one.text() == "3-D")
    actions = {one.text(): one for one in inside.actions()}
    assert actions["Bone"].isChecked()
    actions["Skin"].trigger()
    actions["From head"].trigger()
    assert (view(ct_session).preset, view(ct_session).forward) == ("skin", (0.0, 0.0, -1.0))
    actions["Back to the slices"].trigger()
    assert ct_session.view.current.view3d is None
    menu.deleteLater()


@needs_vtk
def test_the_panel_switches_on_chooses_clips_and_goes_back(
    ct_session: Session, show_panel: Callable[[Session], ThreeDPanel]
) -> None:
    panel = show_panel(ct_session)
    assert not panel.faces["left"].isEnabled()
    panel.switch.click()
    assert panel.presets["bone"].isChecked()
    panel.presets["lung"].click()
    panel.faces["left"].click()
    first, last = panel.clips["feet-head"]
    first.setValue(30)
    last.setValue(20)
    panel.table.click()
    found = view(ct_session)
    assert (found.preset, found.along_row, found.table) == ("lung", (0.0, 1.0, 0.0), True)
    assert found.clip[2] == pytest.approx((0.3, 0.8))
    panel.reset.click()
    assert (first.number, last.number) == (0.0, 0.0)
    panel.switch.click()
    assert ct_session.view.current.view3d is None


@needs_vtk
def test_clipping_from_both_ends_always_leaves_something(
    ct_session: Session, show_panel: Callable[[Session], ThreeDPanel]
) -> None:
    panel = show_panel(ct_session)
    panel.switch.click()
    for slider in panel.clips["front-back"]:
        slider.setValue(slider.maximum())
    low, high = view(ct_session).clip[1]
    assert low < high


@pytest.mark.usefixtures("qapp")
def test_the_panel_says_what_to_install(
    ct_session: Session,
    show_panel: Callable[[Session], ThreeDPanel],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(available, "find_spec", lambda _: None)
    available.why_not.cache_clear()
    try:
        panel = show_panel(ct_session)
        assert not panel.switch.isEnabled()
        assert 'pip install "medviewer[view3d]"' in panel.switch.toolTip()
    finally:
        available.why_not.cache_clear()


@needs_vtk
def test_the_panel_says_why_no_label_can_be_seen_and_shows_them_once_there_are_some(
    ct_session: Session, show_panel: Callable[[Session], ThreeDPanel]
) -> None:
    panel = show_panel(ct_session)
    for what in (Shows.BOTH, Shows.LABELS):
        assert not panel.shows[what].isEnabled()
        assert "No label of this series is visible" in panel.shows[what].toolTip()
    ct_session.run("segment.preset", name="body")
    panel.shows[Shows.LABELS].click()
    assert view(ct_session).shows is Shows.LABELS
    assert not panel.presets["bone"].isChecked()  # there is no body that it would be seen through
    assert not panel.table.isEnabled()
    panel.shows[Shows.BOTH].click()
    assert view(ct_session).shows is Shows.BOTH
    assert panel.presets["bone"].isChecked()
    ct_session.run("labels.hide", on=True)
    assert not panel.shows[Shows.LABELS].isEnabled()


@needs_vtk
def test_the_segment_panel_shows_its_labels_in_three_d_and_goes_back(
    qapp: QApplication, ct_session: Session
) -> None:
    panel = SegmentPanel(ct_session)
    panel.show()
    button = panel.body_of_labels
    assert not button.isEnabled()
    assert "No label" in button.toolTip()
    ct_session.run("segment.preset", name="body")
    assert button.isEnabled()
    button.click()
    assert view(ct_session).shows is Shows.LABELS
    assert button.isChecked()
    button.click()
    assert ct_session.view.current.view3d is None
    assert not button.isChecked()
    panel.close()
    panel.deleteLater()
