"""Planes under the hand: what is grabbed moves, what is dragged is seen, and Esc takes it back."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from medviewer.core.cut import Cut
from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.measure import MeasurePanel
from medviewer.gui.panels.measure_table import PICTURE
from medviewer.gui.panels.planes import PlanesPanel
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.gui.viewport.view import ViewportView
from medviewer.imaging.crossing import Line, crossed_by
from medviewer.kit.runner import InlineRunner
from medviewer.kit.task import Task
from medviewer.session import planes
from medviewer.session.crossings import crossings
from medviewer.session.facts import plane_words
from medviewer.session.session import Session
from tests import factories
from tests.gui.mouse import click, drag, move, place, press, release, spot, wheel

AXIAL, CORONAL, SAGITTAL, ACQUIRED = range(4)


@pytest.fixture
def session(inline_session: Session, tmp_path: Path) -> Session:
    """A CT whose planes stand side by side: 32 slices, 2 mm apart, of 64 x 64 pixels of 1 mm."""
    factories.ct(tmp_path / "ct", slices=32)
    inline_session.run("study.open", paths=(tmp_path / "ct",))
    inline_session.run("plane.layout")
    return inline_session


@pytest.fixture
def grid(session: Session, show_grid) -> ViewportGrid:
    made: ViewportGrid = show_grid(session)
    made.resize(900, 900)
    QApplication.processEvents()
    return made


def cut(session: Session, number: int) -> Cut:
    found = session.view.viewports[number].cut
    assert found is not None
    return found


def lines(view: ViewportView) -> dict[str, Line]:
    """The lines over a viewport by the word at their end."""
    assert view.viewing is not None
    assert view.plane is not None
    found = crossings(view.session, view.number)
    laid = crossed_by(found, view.plane, view.viewing, view.session.view.crosshair, 1.0)
    return {line.crossing.word: line for line in laid}


def point(at: tuple[float, float] | None) -> QPoint:
    assert at is not None
    return QPoint(round(at[0]), round(at[1]))


def between(line: Line, share: float) -> QPoint:
    """A place on a line, between its crossing and its further end."""
    assert line.center is not None
    x, y = line.center
    u, v = max(line.ends, key=lambda end: math.dist(end, (x, y)))
    return point((x + (u - x) * share, y + (v - y) * share))


def test_a_click_with_the_crosshair_brings_all_planes_there(grid: ViewportGrid, session: Session) -> None:
    session.run("view.tool", name="crosshair")
    view = grid.view(AXIAL)
    at = spot(view, 20, 45)
    click(view, at)
    assert view.plane is not None
    wanted = view.plane.to_patient(*place(view, at))
    assert session.view.crosshair == pytest.approx(wanted)
    assert cut(session, CORONAL).distance_of(wanted) == pytest.approx(cut(session, CORONAL).distance, abs=0.5)
    assert cut(session, SAGITTAL).distance_of(wanted) == pytest.approx(
        cut(session, SAGITTAL).distance, abs=0.5
    )


def test_the_crossing_is_dragged_and_esc_brings_it_back(grid: ViewportGrid, session: Session) -> None:
    view, before = grid.view(CORONAL), session.view
    center = point(lines(view)["Sag"].center)
    press(view, center)
    move(view, center + QPoint(40, 30))
    assert session.view.crosshair != before.crosshair
    assert cut(session, SAGITTAL) != before.viewports[SAGITTAL].cut
    assert cut(session, AXIAL) != before.viewports[AXIAL].cut
    assert cut(session, CORONAL) == before.viewports[CORONAL].cut
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert session.view.crosshair == pytest.approx(before.crosshair)
    assert [one.cut for one in session.view.viewports] == [one.cut for one in before.viewports]
    release(view, center)


def test_a_grabbed_line_slides_its_own_plane_only(grid: ViewportGrid, session: Session) -> None:
    view, before = grid.view(AXIAL), session.view
    start = between(lines(view)["Cor"], 0.4)
    drag(view, start, start + QPoint(60, 42))
    scale = view.viewing.scale
    assert cut(session, CORONAL).distance == pytest.approx(
        before.viewports[CORONAL].cut.distance + 42 / scale, abs=1.0
    )
    assert cut(session, SAGITTAL) == before.viewports[SAGITTAL].cut
    assert cut(session, AXIAL) == before.viewports[AXIAL].cut


def test_the_circle_turns_the_planes_as_far_as_the_hand(grid: ViewportGrid, session: Session) -> None:
    view = grid.view(AXIAL)
    line = lines(view)["Cor"]
    handle = max(line.handles)
    radius = handle[0] - line.center[0]
    press(view, point(handle))
    for degrees in (10, 20, 30):
        turn = math.radians(degrees)
        to = (line.center[0] + radius * math.cos(turn), line.center[1] + radius * math.sin(turn))
        move(view, point(to))
    assert planes.tilt(cut(session, CORONAL))[0] == pytest.approx(30, abs=0.5)
    assert planes.tilt(cut(session, SAGITTAL))[0] == pytest.approx(30, abs=0.5)
    # the line stays under the hand
    ends = lines(view)["Cor"].ends
    slope = math.degrees(math.atan2(ends[1][1] - ends[0][1], ends[1][0] - ends[0][0])) % 180
    assert slope == pytest.approx(30, abs=1)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert planes.tilt(cut(session, CORONAL))[0] == pytest.approx(0, abs=1e-3)
    release(view, point(handle))


def test_the_line_follows_the_hand_where_the_picture_is_flipped(grid: ViewportGrid, session: Session) -> None:
    view = grid.view(AXIAL)
    session.run("view.activate", viewport=AXIAL)
    session.run("view.flip", direction="horizontal")
    QApplication.processEvents()
    line = lines(view)["Cor"]
    handle = max(line.handles)
    radius = handle[0] - line.center[0]
    press(view, point(handle))
    move(view, point((line.center[0] + radius * math.cos(0.4), line.center[1] + radius * math.sin(0.4))))
    release(view, point(handle))
    ends = lines(view)["Cor"].ends
    slope = math.atan2(ends[1][1] - ends[0][1], ends[1][0] - ends[0][0]) % math.pi
    assert slope == pytest.approx(0.4, abs=0.02)


def test_the_cursor_says_what_a_press_would_do(grid: ViewportGrid, session: Session) -> None:
    view = grid.view(AXIAL)
    found = lines(view)
    for at, shape in (
        (point(found["Cor"].center), Qt.CursorShape.SizeAllCursor),
        (between(found["Cor"], 0.4), Qt.CursorShape.SizeVerCursor),
        (between(found["Sag"], 0.4), Qt.CursorShape.SizeHorCursor),
        (point(max(found["Cor"].handles)), Qt.CursorShape.OpenHandCursor),
        (spot(view, 5, 5), Qt.CursorShape.ArrowCursor),
    ):
        move(view, at)
        assert view.cursor().shape() == shape


def test_what_is_drawn_on_a_line_is_drawn(grid: ViewportGrid, session: Session) -> None:
    view = grid.view(CORONAL)
    session.run("view.activate", viewport=CORONAL)
    session.run("view.tool", name="length")
    before = session.view.crosshair
    start = between(lines(view)["Ax"], 0.3)
    drag(view, start, start + QPoint(80, 50))
    assert session.view.crosshair == before
    reading = session.state.document.reading(session.view.current.series)
    (length,) = reading.annotations
    assert math.dist(*length.points) == pytest.approx(math.hypot(80, 50) / view.viewing.scale, rel=0.03)


def test_the_wheel_over_a_plane_steps_through_it(grid: ViewportGrid, session: Session) -> None:
    before = cut(session, SAGITTAL).distance
    wheel(grid.view(SAGITTAL), -240)
    assert cut(session, SAGITTAL).distance == pytest.approx(before + 2)


def test_a_screen_reader_hears_which_plane_is_shown(grid: ViewportGrid) -> None:
    view = grid.view(CORONAL)
    view._speak()
    assert "Coronal plane 33 of 64" in view.accessibleDescription()


class _Held(InlineRunner):
    """Runs nothing until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Task] = []
        self.is_held = False

    def submit(self, task: Task) -> None:
        if self.is_held:
            self.waiting.append(task)
        else:
            super().submit(task)

    def cancel(self, replaces: object) -> None:
        self.waiting = [task for task in self.waiting if task.replaces != replaces]


def test_a_plane_under_way_is_shown_before_the_newest_is_begun(show_grid, tmp_path: Path) -> None:
    runner = _Held()
    session = Session(runner)
    factories.ct(tmp_path / "ct", slices=8)
    session.run("study.open", paths=(tmp_path / "ct",))
    session.run("plane.show", name="coronal")
    view = show_grid(session).active_view
    QApplication.processEvents()
    runner.is_held = True
    for _ in range(5):
        session.run("view.scroll", by=1)
        QApplication.processEvents()
    pictures = [task for task in runner.waiting if task.replaces == ("picture", 0)]
    assert len(pictures) == 1
    runner.is_held = False
    first = cut(session, 0).distance - 4
    runner.waiting.clear()
    InlineRunner().submit(pictures[0])
    assert view._showing.shown.request.cut.distance == first
    QApplication.processEvents()
    assert view._showing.shown.request.cut == cut(session, 0)
    session.close()


def test_a_thick_turned_plane_is_shown_coarsely_first(session: Session) -> None:
    session.run("plane.turn", degrees=25.0, viewport=AXIAL)
    session.run("plane.slab_all", thickness=24.0, mode="max")
    session.rendering.draw(AXIAL, (200, 200))
    came = []
    session.rendering.show(CORONAL, (200, 200), came.append)
    assert [one.is_draft for one in came] == [True, False]
    assert came[0].frame is None  # nothing is measured on it
    assert came[0].picture.size == came[1].picture.size
    difference = abs(came[0].picture.pixels.astype(int) - came[1].picture.pixels.astype(int))
    assert difference.mean() < 12


@pytest.fixture
def window(session: Session, show_window) -> MainWindow:
    made: MainWindow = show_window(session)
    QApplication.processEvents()
    return made


def test_a_key_shows_planes_and_goes_back(window: MainWindow, session: Session, qtbot) -> None:
    window.grid.setFocus()
    qtbot.keyClick(window.grid.active_view, Qt.Key.Key_P)
    assert session.view.layout.count == 1
    qtbot.keyClick(window.grid.active_view, Qt.Key.Key_P)
    assert session.view.layout.count == 4
    session.run("plane.turn", degrees=25.0, viewport=AXIAL)
    qtbot.keyClick(window.grid.active_view, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    assert planes.tilt(cut(session, CORONAL))[0] == 0
    qtbot.keyClick(window.grid.active_view, Qt.Key.Key_O)
    assert not session.view.reference_lines


def test_where_no_planes_can_be_cut_the_button_and_the_key_say_why(
    inline_session: Session, show_window, qtbot, tmp_path: Path
) -> None:
    factories.xray(tmp_path / "one.dcm")
    inline_session.run("study.open", paths=(tmp_path / "one.dcm",))
    window = show_window(inline_session)
    action = window.actions_.action("plane.layout", arrangement="2x2")
    assert not action.isEnabled()
    assert "No planes can be cut" in action.toolTip()
    window.grid.setFocus()
    for _ in range(2):
        qtbot.keyClick(window.grid.active_view, Qt.Key.Key_P)
    (said,) = inline_session.state.notices
    assert said.message.startswith("No planes can be cut")


def test_the_table_of_measurements_tells_turned_planes_from_straight_ones(
    window: MainWindow, session: Session
) -> None:
    session.run("view.activate", viewport=CORONAL)
    told = []
    for degrees in (0.0, 25.0):
        if degrees:
            session.run("plane.turn", degrees=degrees, viewport=AXIAL)
        plane = session.rendering.plane(session.view.current)
        ends = (plane.to_patient(4, 4), plane.to_patient(20, 30))
        session.run("annotate.add", shape="length", points=ends)
        window.show_panel("measure")
        QApplication.processEvents()
        table = window.findChild(MeasurePanel).table
        told.append(table.item(table.rowCount() - 1, PICTURE).text())
    assert told[0] == "Cor"
    assert told[1].replace("\n", " ") == plane_words(cut(session, CORONAL))
    assert told[1].startswith("Oblique\n25°")


def test_the_panel_shows_and_sets_what_the_active_plane_is(
    window: MainWindow, session: Session, qtbot
) -> None:
    window.show_panel("planes")
    QApplication.processEvents()
    panel = window.findChild(PlanesPanel)
    assert panel is not None
    assert panel.buttons["axial"].isChecked()
    session.run("view.activate", viewport=CORONAL)
    assert panel.buttons["coronal"].isChecked()
    assert not panel.straight.isEnabled()
    panel.form.editors["thickness"].tell(12.0)
    assert {cut(session, number).thickness for number in range(3)} == {12.0}
    panel.all_planes.setChecked(False)
    panel.form.editors["mode"].tell("min")
    assert [cut(session, number).slab.value for number in range(3)] == ["mean", "minimum", "mean"]
    session.run("plane.turn", degrees=25.0, viewport=AXIAL)
    assert panel.straight.isEnabled()
    qtbot.mouseClick(panel.straight, Qt.MouseButton.LeftButton)
    assert planes.tilt(cut(session, CORONAL))[0] == 0
    qtbot.mouseClick(panel.buttons["acquired"], Qt.MouseButton.LeftButton)
    assert session.view.viewports[CORONAL].cut is None
    assert not panel.form.isEnabled()
    qtbot.mouseClick(panel.side_by_side, Qt.MouseButton.LeftButton)
    assert session.view.layout.count == 1


def test_planes_have_one_scale_on_the_screen_until_they_no_longer_belong_together(
    grid: ViewportGrid, session: Session
) -> None:
    grid.resize(905, 623)
    QApplication.processEvents()
    assert len({grid.view(number).device_size for number in range(4)}) > 1  # it is not divided evenly
    assert len({_pixels_per_mm(grid.view(number)) for number in range(4)}) == 1
    session.run("view.layout", rows=2, columns=2)
    QApplication.processEvents()
    for number in range(4):
        view = grid.view(number)
        assert view.viewing is not None
        assert view.viewing == session.rendering.viewing(number, view.device_size)
        assert view.is_current
    assert _pixels_per_mm(grid.view(CORONAL)) == pytest.approx(
        min(grid.view(CORONAL).height() / 64, grid.view(CORONAL).width() / 64)
    )


def _pixels_per_mm(view: ViewportView) -> float:
    assert view.viewing is not None
    assert view.plane is not None
    return round(view.viewing.scale / view.plane.spacing[1], 9)
