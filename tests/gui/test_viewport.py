"""Whether viewports show exactly what was rendered, only when it changed, and say so when they cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QColor, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QVBoxLayout, QWidget

from medviewer.gui import theme
from medviewer.gui.bridge import make_session
from medviewer.gui.viewport.dropping import series_data
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.gui.viewport.menu import ViewportMenu
from medviewer.gui.viewport.notes import LOADING, clear_of, lay_note
from medviewer.gui.viewport.view import ViewportView
from medviewer.imaging.beside import box_of
from medviewer.imaging.shapes import Stroke, Words
from medviewer.session.session import Session
from medviewer.session.state import MAX_VIEWPORTS
from tests import factories
from tests.dicom.test_presentation import picture, state, window
from tests.gui.mouse import drag, move, spot, wheel

Shower = Callable[[Session], ViewportGrid]


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """(row, column, 3) RGB."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    data = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return data[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3).copy()


def seen(widget: QWidget) -> NDArray[np.uint8]:
    return pixels_of(widget.grab().toImage())


def bare(session: Session) -> None:
    """Take the corner text away, so that only the picture is seen."""
    session.run("view.text")
    session.run("view.text")


@pytest.fixture
def view(grid: ViewportGrid) -> ViewportView:
    return grid.active_view


# what is painted


@pytest.mark.parametrize("size", [(400, 400), (640, 300), (301, 517)])
def test_the_screen_shows_exactly_the_rendered_pixels(grid: ViewportGrid, size: tuple[int, int]) -> None:
    bare(grid.session)
    grid.resize(*size)
    view = grid.active_view
    shown, rendered = seen(view), grid.session.rendering.draw(0, view.device_size)
    assert rendered.picture is not None
    assert rendered.viewing is not None
    expected = np.zeros((size[1], size[0], 3), np.uint8)
    target = rendered.viewing.target()
    top, left = target.y, target.x
    expected[top : top + target.height, left : left + target.width] = rendered.picture.rgb()
    assert np.array_equal(shown, expected)


def test_a_picture_larger_than_the_viewport_is_cut_and_not_moved(grid: ViewportGrid) -> None:
    bare(grid.session)
    grid.session.run("view.look", viewport=0, zoom=5.0, row=0.3, column=0.8)
    view = grid.active_view
    shown, rendered = seen(view), grid.session.rendering.draw(0, view.device_size)
    target, whole = rendered.viewing.target(), rendered.picture.rgb()
    cut = whole[-target.y : 400 - target.y, -target.x : 400 - target.x]
    assert cut.shape[0] < target.height
    assert np.array_equal(shown[: cut.shape[0], : cut.shape[1]], cut)


def test_on_a_dense_screen_every_device_pixel_is_used(tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", slices=3)
    code = """
import sys
from pathlib import Path
import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.imaging.beside import box_of
from medviewer.imaging.shapes import Stroke, Words
from medviewer.session.session import Session
app = QApplication([])
session = Session()
session.run("study.open", paths=(Path(sys.argv[1]),))
grid = ViewportGrid(session)
grid.resize(200, 200)
grid.show()
view = grid.active_view
words = len(session.rendering.shapes(0, view.viewing, density=view.ratio))
session.run("view.text"); session.run("view.text")
image = grid.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
shown = lines[:, :image.width()]
picture = session.rendering.draw(0, view.device_size).picture.pixels
print(image.width(), view.ratio, view.device_size, words > 4, np.array_equal(shown, picture))
grid.close_grid()
session.close()
"""
    for ratio in ("2", "1.5"):
        ended = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "ct")],
            env={**os.environ, "QT_SCALE_FACTOR": ratio, "QT_QPA_PLATFORM": "offscreen"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        side = round(200 * float(ratio))
        assert ended.stdout.strip() == f"{side} {float(ratio)} ({side}, {side}) True True", ended.stderr


def test_fifty_turns_of_the_wheel_between_two_paints_cost_one_picture(
    view: ViewportView, monkeypatch
) -> None:
    asked: list[int] = []
    show = view.session.rendering.show
    monkeypatch.setattr(
        view.session.rendering,
        "show",
        lambda number, *given: (asked.append(number), show(number, *given)),
    )
    view.session.run("view.goto", index=0)
    QApplication.processEvents()
    asked.clear()
    for _ in range(5):
        wheel(view, -120)
    assert asked == []
    QApplication.processEvents()
    assert asked == [0]
    assert view.is_current


def test_a_viewport_that_did_not_change_is_left_alone(grid: ViewportGrid) -> None:
    grid.session.run("view.layout", rows=2, columns=2)
    for number in range(4):
        grid.session.run("view.show", series=grid.session.state.studies[0].series[0].key, viewport=number)
    QApplication.processEvents()
    before = [grid.view(number).painted for number in range(4)]
    wheel(grid.view(3), -120)
    QApplication.processEvents()
    after = [grid.view(number).painted for number in range(4)]
    assert after[:3] == before[:3]
    assert after[3] > before[3]


def test_linked_viewports_scroll_together(grid: ViewportGrid) -> None:
    key = grid.session.state.studies[0].series[0].key
    grid.session.run("view.layout", rows=1, columns=2)
    grid.session.run("view.show", series=key, viewport=1)
    grid.session.run("view.link")
    wheel(grid.view(1), -120)
    one, other = grid.session.view.viewports[:2]
    assert one.index == other.index


def test_the_mouse_is_marked_in_linked_viewports_and_pictures_are_kept_for_it_only_while_it_moves(
    grid: ViewportGrid,
) -> None:
    key = grid.session.state.studies[0].series[0].key
    grid.session.run("view.layout", rows=1, columns=2)
    grid.session.run("view.show", series=key, viewport=1)
    grid.session.run("view.link")
    here, there = grid.view(0), grid.view(1)
    QApplication.processEvents()
    before = seen(there)
    move(here, spot(here, 2, 2))
    marked = seen(there)
    assert (before != marked).any()
    move(here, spot(here, 4, 4))
    painted = there.painted
    move(here, spot(here, 5, 5))
    assert there.painted == painted  # wiped away and drawn again, and nothing else
    assert there.ghost.covers(there.size(), there.ratio)
    for _ in range(2):  # the first picture does not know yet that the mouse has come to rest
        wheel(here, -120)
        QApplication.processEvents()
    assert there.painted > painted
    assert not there.ghost.covers(there.size(), there.ratio)
    elsewhere = seen(there)
    move(here, spot(here, 2, 2))
    assert (seen(there) != elsewhere).any()


def test_a_new_window_size_is_told_to_whoever_takes_pictures_of_the_layout(grid: ViewportGrid) -> None:
    grid.resize(500, 300)
    QApplication.processEvents()
    assert grid.session.canvas[0] == (300, 500)


# what stands over the picture


def test_only_one_of_several_viewports_wears_the_frame(grid: ViewportGrid) -> None:
    accent = QColor(theme.tokens().accent)

    def framed() -> list[bool]:
        QApplication.processEvents()
        views = [grid.view(number) for number in grid.session.view.shown]
        return [view.grab().toImage().pixelColor(1, view.height() // 2) == accent for view in views]

    assert framed() == [False]
    grid.session.run("view.layout", rows=1, columns=3)
    assert framed() == [True, False, False]
    grid.session.run("view.activate", viewport=2)
    assert framed() == [False, False, True]


def test_an_annotation_is_painted_and_hidden(view: ViewportView) -> None:
    bare(view.session)
    without = seen(view)
    plane = view.plane
    points = (plane.to_patient(10, 10), plane.to_patient(50, 50))
    view.session.run("annotate.add", shape="length", points=points)
    assert not np.array_equal(seen(view), without)
    view.session.run("view.annotations")
    assert np.array_equal(seen(view), without)


def test_a_half_drawn_line_is_painted_and_then_not(view: ViewportView) -> None:
    bare(view.session)
    view.session.run("view.tool", name="length")
    without = seen(view)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot(view, 10, 10))
    move(view, spot(view, 50, 30))
    assert not np.array_equal(seen(view), without)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert np.array_equal(seen(view), without)


def test_a_screen_reader_is_told_what_is_shown_and_not_whose_it_is(view: ViewportView, qtbot) -> None:
    view.session.run("window.set", center=40.0, width=400.0)
    view.session.run("view.goto", index=4)
    qtbot.waitUntil(lambda: "window 40/400" in view.accessibleDescription())
    assert "CT" in view.accessibleDescription()
    assert "picture 5 of 8" in view.accessibleDescription()
    patient = view.session.state.studies[0].patient
    assert patient.name not in view.accessibleDescription()
    assert view.accessibleName() == "Picture 1"


def test_the_value_under_the_mouse_is_told(grid: ViewportGrid, qtbot) -> None:
    told: list[str] = []
    grid.hovered.connect(told.append)
    view = grid.active_view
    move(view, spot(view, 32, 20))
    qtbot.waitUntil(lambda: bool(told))
    assert told[-1].startswith("(20, 32)")
    assert "HU" in told[-1]

    wheel(view, 120 * 8)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told[0] != told[1]  # another picture under the same spot
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: len(told) == 3)
    assert told[-1] == ""


# trouble


def test_a_picture_that_cannot_be_decoded_says_why_on_the_spot(
    inline_session: Session, show_grid: Shower, tmp_path: Path
) -> None:
    paths = factories.ct(tmp_path / "ct", slices=3)
    inline_session.run("study.open", paths=(tmp_path / "ct",))
    for path in paths:
        path.unlink()
    inline_session.frames.clear()
    view = show_grid(inline_session).active_view
    note = view.note()
    assert note is not None
    assert note.is_trouble
    assert note.advice
    assert seen(view).max() > 200  # it is written on the tile


def test_no_line_of_another_plane_goes_through_what_is_told(
    inline_session: Session, show_grid: Shower, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "ct", slices=8)
    inline_session.run("study.open", paths=(tmp_path / "ct",))
    inline_session.run("settings.set", memory_gb=0.00001)
    inline_session.run("plane.layout")
    view = show_grid(inline_session).view(1)
    assert view.note() is not None
    shown = seen(view).astype(int)
    rows, columns = shown.shape[:2]
    across = shown[rows // 2 - 30 : rows // 2 + 30, columns // 2 - 40 : columns // 2 + 40]
    # words and sign are grey, white and red: of the blue and the pink of lines there is nothing
    assert not np.any(across[..., 2] > across[..., 0] + 30)


@pytest.mark.parametrize(("width", "height"), [(400, 400), (300, 200), (200, 200), (148, 160), (90, 64)])
def test_what_is_told_in_a_small_tile_stands_on_no_other_words(
    inline_session: Session, show_grid: Shower, tmp_path: Path, width: int, height: int
) -> None:
    factories.ct(tmp_path / "ct", slices=8)
    inline_session.run("study.open", paths=(tmp_path / "ct",))
    inline_session.run("settings.set", memory_gb=0.00001)
    inline_session.run("plane.show", name="coronal")
    grid = show_grid(inline_session)
    grid.resize(width, height)
    QApplication.processEvents()
    view = grid.active_view
    note = view.note()
    assert note is not None
    assert "needs 1 MB" in note.title
    laid = lay_note(view._pen, note, view.device_size, view.ratio)
    assert laid.box.top >= 0
    drawn = view._drawings.shapes(view.viewing, None, view.ratio, with_lines=False)
    beside = clear_of(drawn, laid.box, view.ratio)
    assert all(not box_of(one).overlap(laid.box) for one in beside)
    written = [one.text for one in beside if isinstance(one, Words)]
    if height > 160:
        assert laid.advice.height()  # all of it is told
        assert laid.box.bottom <= height
        assert "Test P1" in written  # and whose picture it would be
    # a scale bar goes together with its words
    assert any("mm" in text and text[0].isdigit() for text in written) == any(
        isinstance(one, Stroke) for one in beside
    )


def test_the_next_picture_is_shown_again_after_trouble(
    inline_session: Session, show_grid: Shower, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "ct", slices=3)
    inline_session.run("study.open", paths=(tmp_path / "ct",))
    series = inline_session.state.studies[0].series[0]
    inline_session.run("view.goto", index=1)
    Path(series.instances[series.frames[1].instance].path).unlink()
    inline_session.frames.clear()
    view = show_grid(inline_session).active_view
    assert view.note() is not None
    wheel(view, -120)
    QApplication.processEvents()
    assert view.note() is None
    assert view.has_picture


@pytest.fixture
def slow_session(qapp, tmp_path: Path, monkeypatch, qtbot) -> Iterator[tuple[Session, threading.Event]]:
    """A session with threads whose second series waits for an event before it is decoded."""
    factories.ct(tmp_path / "one", slices=3, series="1")
    factories.ct(tmp_path / "two", slices=3, series="2")
    session, gate = make_session(), threading.Event()
    session.run("study.open", paths=(tmp_path / "one", tmp_path / "two"))
    qtbot.waitUntil(lambda: not session.state.jobs and bool(session.state.studies))
    load = session.frames.load
    first, second = (series.key for series in session.state.studies[0].series[:2])
    # whichever series was found first is shown first, and that may be the slow one
    session.run("view.show", series=first)

    def slow(series: str, *picture: object):
        if series == second:
            gate.wait(10)
        return load(series, *picture)

    monkeypatch.setattr(session.frames, "load", slow)
    yield session, gate
    gate.set()
    session.close()


def test_waiting_is_announced_and_never_under_another_series_picture(
    slow_session: tuple[Session, threading.Event], show_grid: Shower, qtbot
) -> None:
    session, gate = slow_session
    view = show_grid(session).active_view
    qtbot.waitUntil(lambda: view.has_picture)
    bare(session)
    session.run("view.show", series=session.state.studies[0].series[1].key)
    qtbot.waitUntil(lambda: view.note() is not None, timeout=1000)
    assert view.note().title == LOADING
    middle = seen(view)[100:180]
    assert middle.max() == 0  # black, not the series before

    gate.set()
    qtbot.waitUntil(lambda: view.note() is None and view.is_current)
    assert seen(view)[100:180].max() > 0


def test_a_quick_picture_is_not_announced(
    slow_session: tuple[Session, threading.Event], show_grid: Shower, qtbot
) -> None:
    session, _ = slow_session
    view = show_grid(session).active_view
    titles = set()

    def shown() -> bool:
        note = view.note()
        titles.add(None if note is None else note.title)
        return view.has_picture and view.is_current

    qtbot.waitUntil(shown)
    assert titles <= {None, LOADING}
    assert view.note() is None


def test_an_empty_viewport_invites(grid: ViewportGrid) -> None:
    grid.session.run("view.layout", rows=1, columns=2)
    note = grid.view(1).note()
    assert note is not None
    assert note.title == "Drop a series here"
    assert not note.is_trouble


# the grid


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("columns", [1, 2, 3])
def test_the_viewports_fill_the_grid_and_nothing_overlaps(
    grid: ViewportGrid, rows: int, columns: int
) -> None:
    grid.session.run("view.layout", rows=rows, columns=columns)
    QApplication.processEvents()
    shown = [grid.view(number) for number in range(rows * columns)]
    assert all(view.isVisible() for view in shown)
    covered = np.zeros((400, 400), int)
    for view in shown:
        place = view.geometry()
        covered[place.top() : place.bottom() + 1, place.left() : place.right() + 1] += 1
    assert covered.max() == 1
    assert covered[0, 0] == covered[-1, -1] == 1
    assert (covered == 0).mean() < 0.03


def test_fewer_viewports_hide_the_others(grid: ViewportGrid) -> None:
    grid.session.run("view.layout", rows=3, columns=3)
    grid.session.run("view.layout", rows=1, columns=1)
    assert [grid.view(number).isVisible() for number in range(MAX_VIEWPORTS)] == [True] + [False] * 8


def test_a_double_click_makes_a_viewport_large_and_small_again(grid: ViewportGrid) -> None:
    grid.session.run("view.layout", rows=2, columns=2)
    view = grid.view(0)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(60, 60))
    assert view.geometry() == grid.rect()
    assert not grid.view(1).isVisible()
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(60, 60))
    assert view.width() < 210
    assert grid.view(1).isVisible()


def test_a_click_makes_a_viewport_the_active_one(grid: ViewportGrid) -> None:
    grid.session.run("view.layout", rows=1, columns=2)
    QTest.mouseClick(grid.view(1), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(60, 60))
    assert grid.session.view.active == 1
    assert grid.focusProxy() is grid.view(1)


# dropping


def drop(view: ViewportView, data: QMimeData) -> bool:
    event = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.ignore()
    view.dropEvent(event)
    return event.isAccepted()


def test_a_series_dropped_on_a_viewport_is_shown_there(
    inline_session: Session, show_grid: Shower, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "one", slices=3, series="1")
    factories.ct(tmp_path / "two", slices=3, series="2")
    inline_session.run("study.open", paths=(tmp_path / "one", tmp_path / "two"))
    grid = show_grid(inline_session)
    inline_session.run("view.layout", rows=1, columns=2)
    second = inline_session.state.studies[0].series[1].key
    first = inline_session.state.studies[0].series[0].key
    assert drop(grid.view(0), series_data(second))
    assert drop(grid.view(1), series_data(first))
    assert [one.series for one in inline_session.view.viewports[:2]] == [second, first]


def test_files_dropped_on_a_viewport_are_opened(
    inline_session: Session, show_grid: Shower, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "dropped", slices=3)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "dropped"))])
    assert drop(show_grid(inline_session).active_view, data)
    assert len(inline_session.state.studies) == 1


def test_words_and_series_nobody_knows_are_not_taken(grid: ViewportGrid) -> None:
    words = QMimeData()
    words.setText("hello")
    before = grid.session.state
    assert not drop(grid.active_view, words)
    assert not drop(grid.active_view, series_data("no such series"))
    assert grid.session.view.viewports == before.view.viewports


# keys that are held


@pytest.mark.parametrize(
    ("key", "held"),
    [
        (Qt.Key.Key_QuoteLeft, lambda session: session.view.peek),
        (Qt.Key.Key_V, lambda session: session.view.labels_hidden),
    ],
    ids=["original", "no overlay"],
)
def test_a_held_key_acts_for_as_long_as_it_is_held(grid: ViewportGrid, key: Qt.Key, held) -> None:
    view = grid.active_view
    QTest.keyPress(view, key)
    assert held(grid.session)
    QTest.keyRelease(view, key)
    assert not held(grid.session)


def test_typing_into_a_field_peeks_at_nothing(grid: ViewportGrid, qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    field = QLineEdit()
    column.addWidget(field)
    column.addWidget(grid)
    window.show()
    QTest.keyPress(field, Qt.Key.Key_V, Qt.KeyboardModifier.NoModifier)
    assert field.text() == "v"
    assert not grid.session.view.labels_hidden
    grid.setParent(None)


def test_a_held_key_ends_when_the_window_is_left(grid: ViewportGrid) -> None:
    QTest.keyPress(grid.active_view, Qt.Key.Key_QuoteLeft)
    QApplication.sendEvent(grid, QEvent(QEvent.Type.WindowDeactivate))
    assert not grid.session.view.peek


# cine


def test_cine_plays_at_its_rate_begins_again_after_the_last_picture_and_stops(
    grid: ViewportGrid, qtbot
) -> None:
    session = grid.session
    session.run("view.goto", index=0)
    session.run("view.cine_rate", rate=40.0)
    steps: list[int] = []
    session.watch(lambda state: state.view.current.index, steps.append)
    session.run("view.cine")
    qtbot.waitUntil(lambda: len(steps) >= 10, timeout=3000)
    session.run("view.cine")
    assert [step % 8 for step in range(1, 11)] == steps[:10]
    stood = len(steps)
    qtbot.wait(100)
    assert len(steps) == stood


def test_cine_leaves_pictures_out_rather_than_fall_behind(grid: ViewportGrid, qtbot, monkeypatch) -> None:
    session = grid.session
    session.run("view.goto", index=0)
    session.run("view.cine_rate", rate=50.0)
    monkeypatch.setattr(type(grid.active_view), "is_current", property(lambda _: False))
    session.run("view.cine")
    qtbot.wait(150)
    assert session.view.current.index == 0  # nothing is begun before the last one stands
    steps: list[int] = []
    session.watch(lambda state: state.view.current.index, steps.append)
    monkeypatch.undo()
    qtbot.waitUntil(lambda: bool(steps))
    session.run("view.cine")
    assert (steps[-1] - steps[0]) % 8 >= 2 or len(steps) >= 4


# the menu


def entries(menu: QMenu) -> dict[str, QMenu | None]:
    return {action.text(): action.menu() for action in menu.actions() if action.text()}


def test_the_menu_offers_the_windows_of_the_modality(grid: ViewportGrid) -> None:
    menu = ViewportMenu(grid.session, grid)
    windows = entries(entries(menu)["Window"])
    assert any(title.startswith("Lung") for title in windows)
    lung = next(a for a in entries(menu)["Window"].actions() if a.text().startswith("Lung"))
    lung.trigger()
    assert grid.session.view.current.voi.name == "Lung"
    menu.deleteLater()


def test_the_menu_over_an_annotation_begins_with_it(grid: ViewportGrid) -> None:
    view = grid.active_view
    grid.session.run("view.tool", name="length")
    drag(view, spot(view, 10, 10), spot(view, 40, 50))
    menu = view.make_menu(view.mapToGlobal(spot(view, 25, 30)))
    first = menu.actions()[0]
    assert first.text() == "Delete length"
    first.trigger()
    assert grid.session.state.document.reading(grid.session.view.current.series).annotations == ()
    menu.deleteLater()
    elsewhere = view.make_menu(view.mapToGlobal(spot(view, 5, 60)))
    assert elsewhere.actions()[0].text() == "Window"
    elsewhere.deleteLater()


@pytest.mark.rule("P-35")
def test_the_menu_over_a_picture_offers_the_presentation_states_about_it(
    inline_session: Session, show_grid: Shower, tmp_path: Path
) -> None:
    session = inline_session
    image = picture(tmp_path, WindowCenter=2048, WindowWidth=4096)
    state(tmp_path, image, SoftcopyVOILUTSequence=window(1000, 500))
    session.run("study.open", paths=(tmp_path,))
    grid = show_grid(session)

    def offered() -> dict[str, QAction]:
        states = entries(grid.active_view.make_menu(QPoint()))["Presentation state"]
        assert states is not None
        return {action.text(): action for action in states.actions() if action.text()}

    assert list(offered()) == ["as it was read", "None"]
    assert offered()["None"].isChecked()
    offered()["as it was read"].trigger()
    assert session.view.current.presentation
    assert offered()["as it was read"].isChecked()
    offered()["None"].trigger()
    assert not session.view.current.presentation


def test_every_entry_of_the_menu_does_something_that_can_be_done(grid: ViewportGrid) -> None:
    def leaves(menu: QMenu) -> Iterator[object]:
        for action in menu.actions():
            if action.menu() is not None:
                yield from leaves(action.menu())
            elif action.text():
                yield action

    menu = ViewportMenu(grid.session, grid)
    for action in leaves(menu):
        action.trigger()
    assert [notice.message for notice in grid.session.state.notices] == []
    menu.deleteLater()


def test_a_mistake_while_painting_costs_a_picture_and_not_the_program(
    ct_session: Session, show_grid: Shower, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = show_grid(ct_session).active_view
    qtbot.waitUntil(lambda: view.has_picture)

    def wrong(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    with monkeypatch.context() as broken:
        broken.setattr(view._painting, "_paint_marks", wrong)
        with pytest.raises(RuntimeError, match="a mistake of ours"):
            view.repaint()
    painted = view.painted
    view.repaint()
    assert view.painted == painted + 1
