"""An afternoon with the real window: threads, mouse and keys, from opening to leaving with a picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication

from medviewer.core.finding import State
from medviewer.core.pipeline import Pipeline
from medviewer.gui import theme
from medviewer.gui.bridge import make_session
from medviewer.gui.main_window import MainWindow
from medviewer.gui.viewport.view import ViewportView
from medviewer.gui.widgets.score_bar import ScoreBar
from medviewer.session.session import Session
from medviewer.session.state import Reading
from tests import factories
from tests.ai import small_models
from tests.gui import mouse

PATIENCE_MS = 15_000


class Reader:
    """Somebody in front of the window."""

    def __init__(self, qtbot, session: Session) -> None:
        self.qtbot, self.session = qtbot, session
        self.has_left = False
        self.window = MainWindow(session)
        self.window.show()
        self.window.activateWindow()

    @property
    def view(self) -> ViewportView:
        return self.window.grid.active_view

    @property
    def reading(self) -> Reading:
        series = self.session.view.current.series
        assert series is not None
        return self.session.state.document.reading(series)

    @property
    def pipeline(self) -> Pipeline:
        return self.reading.pipeline

    def opens(self, path: Path) -> None:
        self.window.open_paths((path,))
        self.window.build_panels_soon(is_opening=True)
        self.waits(lambda: self.sees_a_picture() and not self.session.state.jobs)
        self.waits(lambda: self.window.tabs.count() > 0)

    def waits(self, until) -> None:
        self.qtbot.waitUntil(until, timeout=PATIENCE_MS)

    def sees_a_picture(self) -> bool:
        now = self.session.view.current
        return now.series is not None and self.session.frames.get(now.series, now.index) is not None

    def work_is_kept(self) -> bool:
        """Whether what was done is on the disk, without anybody having asked for it."""
        return self.session.keeper.is_saved

    def presses(self, key: Qt.Key, keys=Qt.KeyboardModifier.NoModifier) -> None:
        self.window.activateWindow()
        self.window.grid.active_view.setFocus()
        self.waits(self.window.grid.active_view.hasFocus)
        self.qtbot.keyClick(self.window.grid.active_view, key, keys)
        QApplication.processEvents()

    def panel(self, name: str):
        self.window.show_panel(name)
        QApplication.processEvents()
        return self.window.tabs.currentWidget().panel

    def leaves(self) -> None:
        if self.has_left:
            return
        self.has_left = True
        self.window.close()
        self.window.deleteLater()
        self.session.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


@pytest.fixture
def reader(qtbot, qapp: QApplication, tmp_path: Path) -> Iterator[Reader]:
    theme.apply(qapp, "dark")
    (tmp_path / "study").mkdir()
    factories.ct(tmp_path / "study" / "ct", slices=12, rows=128, columns=128)
    made = Reader(qtbot, make_session())
    made.opens(tmp_path / "study")
    yield made
    made.leaves()


def test_looking_through_a_series(reader: Reader) -> None:
    start = reader.session.view.current.index
    mouse.wheel(reader.view, -120)
    reader.waits(lambda: reader.session.view.current.index == start + 1)
    reader.presses(Qt.Key.Key_Home)
    assert reader.session.view.current.index == 0
    reader.presses(Qt.Key.Key_End)
    assert reader.session.view.current.index == 11
    reader.presses(Qt.Key.Key_3)
    assert reader.session.view.current.voi.name == reader.panel("window")._presets._shown[1][0]
    before = reader.session.view.current.voi
    mouse.drag(reader.view, QPoint(100, 100), QPoint(180, 60))
    after = reader.session.view.current.voi
    assert after.width > before.width
    assert after.center < before.center
    reader.presses(Qt.Key.Key_X)
    assert reader.session.view.current.voi.inverted


def test_enhancing_and_comparing(reader: Reader) -> None:
    made = reader.panel("enhance")
    made._add_step("clahe")
    reader.waits(lambda: made._form is not None)
    slider = made._form.editors["clip_limit"].slider
    middle = slider.height() // 2
    reader.qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(20, middle))
    for x in range(30, 160, 10):
        reader.qtbot.mouseMove(slider, QPoint(x, middle))
        QApplication.processEvents()
    reader.qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(150, middle))
    dragged = dict(reader.pipeline.steps[0].values)["clip_limit"]
    assert dragged != 2.0
    reader.presses(Qt.Key.Key_M)
    view = reader.session.view
    assert [one.enhanced for one in view.viewports[:2]] == [False, True]
    reader.presses(Qt.Key.Key_M)
    assert reader.session.view.layout.count == 1
    reader.presses(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert dict(reader.pipeline.steps[0].values)["clip_limit"] == 2.0


def test_measuring_undoing_and_finding_it_again_the_next_day(reader: Reader, tmp_path: Path, qtbot) -> None:
    reader.presses(Qt.Key.Key_D)
    mouse.drag(reader.view, mouse.spot(reader.view, 30, 30), mouse.spot(reader.view, 60, 70))
    reader.waits(lambda: len(reader.reading.annotations) == 1)
    made = reader.panel("measure")
    reader.waits(lambda: made.table.rowCount() == 1)
    assert "50" in made.table.item(0, 2).text()
    reader.waits(reader.work_is_kept)
    reader.presses(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert reader.reading.annotations == ()
    reader.waits(lambda: not made.table.isVisible())
    reader.waits(reader.work_is_kept)
    reader.presses(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    drawn = reader.reading.annotations
    assert len(drawn) == 1
    reader.leaves()

    next_day = Reader(qtbot, make_session())
    next_day.opens(tmp_path / "study")
    try:
        next_day.waits(lambda: next_day.reading.annotations == drawn)
    finally:
        next_day.leaves()


def test_letting_a_model_read_and_accepting_what_it_says(reader: Reader, own_home: Path) -> None:
    (own_home / "models").mkdir(exist_ok=True)
    small_models.write(own_home / "models", small_models.identity(), small_models.card())
    made = reader.panel("ai")
    reader.waits(lambda: made.picture.isEnabled())
    assert made.choice.currentText() == "Bright parts"
    made.picture.click()
    reader.waits(lambda: len(reader.reading.groups) == 1)
    (labels,) = reader.reading.groups
    assert labels is not None
    assert (str(labels.provenance), labels.state) == ("bright 1.0", State.PROPOSED)
    reader.waits(lambda: made.results.accept.isVisible())
    made.results.accept.click()
    (accepted,) = reader.reading.groups
    assert accepted is not None
    assert accepted.state is State.ACCEPTED
    assert made.findChildren(ScoreBar) == []


def test_stopping_a_model_that_takes_too_long(reader: Reader, own_home: Path) -> None:
    (own_home / "models").mkdir(exist_ok=True)
    about = small_models.card(input={"name": "image", "size": [1024, 1024], "values": {"scale": "range"}})
    small_models.write(own_home / "models", small_models.slow(), about)
    made = reader.panel("ai")
    reader.waits(lambda: made.picture.isEnabled())
    made.picture.click()
    reader.waits(lambda: made.cancel.isVisible())
    made.cancel.click()
    reader.waits(lambda: not reader.session.state.jobs and not made.cancel.isVisible())
    assert not reader.reading.groups
    assert not any(notice.is_error for notice in reader.session.state.notices)


def test_leaving_with_a_picture(reader: Reader, tmp_path: Path) -> None:
    reader.presses(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    dialog = reader.window.desk["export"]
    assert not dialog.form.editors["identity"].box.isChecked()
    dialog.path.setText(str(tmp_path / "out.png"))
    dialog.save.click()
    reader.waits((tmp_path / "out.png").is_file)
    reader.waits(lambda: not reader.session.state.jobs)
    saved = cv2.imread(str(tmp_path / "out.png"))
    assert np.ptp(saved) > 100
    reader.presses(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert not QApplication.clipboard().image().isNull()


def test_a_file_that_is_there_is_not_replaced_unawares(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"of last week")
    reader.session.save_settings(folder=str(tmp_path))
    reader.presses(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    dialog = reader.window.desk["export"]
    reader.waits(lambda: dialog.path.text() == str(tmp_path / "picture-2.png"))
    dialog.path.setText(str(tmp_path / "picture.png"))
    reader.waits(lambda: dialog.save.text() == "Replace")
    assert dialog.replace_note.isVisible()
