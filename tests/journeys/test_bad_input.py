"""Bad files: a picture or one clear sentence each, and everything else stays usable."""

from __future__ import annotations

import multiprocessing
import os
import queue
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from medviewer.core.study import Series
from medviewer.gui import theme
from medviewer.gui.bridge import make_session
from medviewer.gui.dialogs.troubles import TroublesDialog
from medviewer.gui.main_window import MainWindow
from medviewer.gui.panels.studies import SeriesTree
from medviewer.imaging.shapes import Words
from medviewer.kit.runner import ThreadRunner
from medviewer.session.delivery import Shown
from medviewer.session.session import Session
from tests import factories
from tests.ai import small_models
from tests.conftest import SHARED
from tests.gui import mouse
from tests.journeys.bad_cases import CASES

REAL = SHARED / "data" / "dicom" / "bad"
SIZE = (120, 160)
PATIENCE_S = 20.0
"""A busy machine is slow; a file that hangs the program takes for ever."""
MOST_MB = 600
_SUMMARY = re.compile(r"^\d+ files? could not be read\.$")
_UNFORESEEN = ("our mistake", "The log says where", "Traceback")


def peak_mb() -> int:
    """The most memory that this process has had; 0 where the system does not tell in this way."""
    if not sys.platform.startswith("linux"):
        return 0
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) >> 10


@dataclass
class Told:
    """What a reader got for the files in the folder "bad"."""

    pictures: int = 0
    sentences: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def shown(session: Session, series: Series, index: int) -> Shown:
    """What stands in the active viewport when a picture is asked for there."""
    answers: list[Shown] = []
    session.run("view.show", series=series.key)
    session.run("view.goto", index=index)
    session.rendering.show(session.view.active, SIZE, answers.append)
    assert len(answers) == 1
    if answers[0].viewing is not None:
        session.rendering.shapes(session.view.active, answers[0].viewing)
    return answers[0]


def is_of(series: Series, folder: Path) -> bool:
    return Path(series.instances[0].path).is_relative_to(folder)


def every_series(session: Session) -> list[Series]:
    return [series for study in session.state.studies for series in study.series]


def told(session: Session, folder: Path) -> Told:
    """Ask for the first, a middle and the last picture of every bad series."""
    found = Told()
    for series in every_series(session):
        if not is_of(series, folder):
            continue
        found.remarks += series.problems
        if not series.count:
            found.sentences.append(series.problems[-1])
        for index in sorted({0, series.count // 2, series.count - 1} if series.count else ()):
            answer = shown(session, series, index)
            if answer.trouble is not None:
                found.sentences.append(answer.trouble.message)
                assert answer.trouble.advice
            else:
                assert answer.picture is not None
                assert answer.frame is not None
                found.pictures += 1
                found.remarks += answer.frame.remarks
    found.sentences += [one.reason for one in session.state.unreadable]
    found.sentences += [
        one.message for one in session.state.notices if one.is_error and not _SUMMARY.match(one.message)
    ]
    return found


def opened_beside_a_good_series(session: Session, folder: Path) -> Told:
    """Open *folder*, in which a good series lies beside the folder "bad"; the good one must be whole."""
    good = folder / "good"
    factories.ct(good, 4, rows=32, columns=32, patient="GOOD")
    before = sorted(folder.rglob("*"))
    started = time.monotonic()

    session.run("study.open", paths=(folder,))
    found = told(session, folder / "bad")

    assert time.monotonic() - started < PATIENCE_S
    (kept,) = [series for series in every_series(session) if is_of(series, good)]
    assert kept.count == 4
    for index in range(4):
        assert shown(session, kept, index).picture is not None
    notices = [f"{one.message} {one.advice}" for one in session.state.notices]
    assert not [words for words in (*notices, *found.sentences) for sign in _UNFORESEEN if sign in words]
    assert sorted(folder.rglob("*")) == before
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_gives_a_picture_or_one_sentence(session: Session, tmp_path: Path, name: str) -> None:
    case = CASES[name]
    (tmp_path / "bad").mkdir()
    case.build(tmp_path / "bad")
    memory = peak_mb()

    found = opened_beside_a_good_series(session, tmp_path)

    assert peak_mb() - memory < MOST_MB
    if case.says:
        (sentence,) = set(found.sentences)
        assert re.search(case.says, sentence), sentence
        assert re.search(r"bad\.(dcm|zip)|DICOMDIR|directory", sentence), sentence
        assert bool(found.pictures) == case.has_pictures
    else:
        assert found.sentences == []
        assert found.pictures
        assert re.search(case.remark, "\n".join(found.remarks))


@pytest.mark.parametrize("name", sorted(os.listdir(REAL)) if REAL.is_dir() else ["(missing)"])
def test_a_bad_file_from_the_field_gives_a_picture_or_one_sentence(
    session: Session, tmp_path: Path, shared_data: Path, name: str
) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / name).write_bytes((shared_data / "dicom" / "bad" / name).read_bytes())

    found = opened_beside_a_good_series(session, tmp_path)

    assert bool(found.pictures) != bool(found.sentences)
    assert len(set(found.sentences)) <= 1
    assert all(name in sentence for sentence in found.sentences)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x80\x04\x95cos\nsystem\n", np.random.default_rng(2).bytes(4096), None],
    ids=["empty", "a pickle", "random bytes", "half"],
)
def test_a_bad_model_gives_one_sentence(session: Session, tmp_path: Path, content: bytes | None) -> None:
    factories.ct(tmp_path / "good", 2)
    model = small_models.write(tmp_path, small_models.identity(), small_models.card())
    model.write_bytes(model.read_bytes()[:60] if content is None else content)
    session.run("study.open", paths=(tmp_path / "good",))

    session.run("ai.run", model=str(model))

    (notice,) = session.state.notices
    assert model.name in notice.message
    assert not [sign for sign in _UNFORESEEN if sign in notice.message]
    assert session.state.jobs == ()
    assert shown(session, every_series(session)[0], 1).picture is not None


# --- a decoder that dies


class Desk:
    """A session with threads and decoding processes, whose main thread is the test."""

    def __init__(self) -> None:
        self.calls: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self.session = Session(ThreadRunner(self.calls.put), self.calls.put)

    def waits(self, until: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not until():
            assert time.monotonic() < end
            try:
                self.calls.get(timeout=0.02)()
            except queue.Empty:
                continue

    def asks(self, index: int) -> list[Shown]:
        """Ask for a picture; the answer comes later."""
        answers: list[Shown] = []
        self.session.run("view.goto", index=index)
        self.session.rendering.show(self.session.view.active, SIZE, answers.append)
        return answers

    def sees(self, index: int) -> Shown:
        answers = self.asks(index)
        self.waits(lambda: answers)
        return answers[0]


def kill(pids: tuple[int, ...]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are stopped by signals")
def test_a_decoder_that_is_killed_costs_one_message_at_most(tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", 40, syntax="jpeg-2000")
    desk = Desk()
    session, seen = desk.session, set()
    try:
        session.run("study.open", paths=(tmp_path / "ct",))
        desk.waits(lambda: session.view.current.series and not session.state.jobs)
        assert desk.sees(2).trouble is None
        desk.waits(lambda: len(session.decoder.pids) == 2)  # the spare is there

        seen.update(session.decoder.pids)
        for pid in session.decoder.pids:
            os.kill(pid, signal.SIGSTOP)
        answers = desk.asks(20)
        time.sleep(0.3)  # a decoder has the picture, and does not move
        kill(session.decoder.pids)
        desk.waits(lambda: answers)

        broken = answers[0].trouble
        assert broken is None or re.search(r"A picture of .*\.dcm cannot be shown", broken.message)
        after = [desk.sees(index) for index in (21, 22, 35, 20)]
        assert [one.trouble for one in after] == [None] * 4
        stored = factories.phantom(40, 64, 64)
        assert after[0].frame is not None
        assert np.array_equal(after[0].frame.pixels, stored[21])
        assert session.state.notices == ()
        seen.update(session.decoder.pids)
    finally:
        session.close()
    end = time.monotonic() + 5
    while any(map(is_there, seen)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not [pid for pid in seen if is_there(pid)]
    assert not [one for one in multiprocessing.active_children() if one.pid in seen]


# --- in the real window

IN_THE_WINDOW = (
    "random bytes",
    "cut off in its header",
    "cut off in its pixels",
    "an unknown transfer syntax",
    "sequences 5,000 deep",
    "4 billion pixels in 10 bytes",
    "rows missing",
    "17 bits allocated",
    "a palette that is missing",
    "half a JPEG 2000 stream",
    "a directory that leads out",
    "an archive that is a bomb",
)


@pytest.fixture
def window(qapp: QApplication) -> Iterator[MainWindow]:
    theme.apply(qapp, "dark")
    session = make_session()
    made = MainWindow(session)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    session.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()


def listed(window: MainWindow) -> str:
    """Everything in the list of messages and unreadable files, which stands beside the work."""
    if not window.findChildren(TroublesDialog):
        window.desk.troubles()
    QApplication.processEvents()
    (dialog,) = window.findChildren(TroublesDialog)
    model = dialog.table.model()
    cells = [
        str(model.index(row, column).data())
        for row in range(model.rowCount())
        for column in range(model.columnCount())
    ]
    return "\n".join(cells)


def told_of_series(window: MainWindow) -> list[str]:
    """What the list of studies tells of each series, to eyes and to screen readers."""
    (tree,) = window.findChildren(SeriesTree)
    model = tree.model()
    studies = [model.index(row, 0) for row in range(model.rowCount())]
    items = [model.index(row, 0, study) for study in studies for row in range(model.rowCount(study))]
    return [str(item.data(Qt.ItemDataRole.AccessibleTextRole)) for item in items]


def drawn_words(window: MainWindow) -> list[str]:
    """What is written on the picture of the active viewport."""
    view = window.grid.active_view
    if view.viewing is None:
        return []
    shapes = window.session.rendering.shapes(view.number, view.viewing)
    return [shape.text for shape in shapes if isinstance(shape, Words)]


@pytest.mark.parametrize("name", IN_THE_WINDOW)
def test_the_window_says_it_and_goes_on(window: MainWindow, qtbot, tmp_path: Path, name: str) -> None:
    session, case = window.session, CASES[name]
    (tmp_path / "bad").mkdir()
    case.build(tmp_path / "bad")
    factories.ct(tmp_path / "good", 8, rows=32, columns=32, patient="GOOD")

    def waits(until: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(until()), timeout=int(1000 * PATIENCE_S))

    window.open_paths((tmp_path,))
    window.build_panels_soon(is_opening=True)
    waits(lambda: session.view.current.series and not session.state.jobs)
    words = [listed(window)]
    view = window.grid.active_view
    for series in every_series(session):
        if not is_of(series, tmp_path / "bad"):
            continue
        if series.count:
            session.run("view.show", series=series.key)
            waits(lambda: view.frame is not None or (view.note() is not None and view.note().is_trouble))
            note = view.note()
            words += [note.title] if note is not None else []
    words += told_of_series(window)
    # where a line on the picture is broken depends on the width of the screen
    said = " ".join("\n".join(words + drawn_words(window)).split())
    assert re.search(case.says or case.remark, said)

    (good,) = [series for series in every_series(session) if is_of(series, tmp_path / "good")]
    session.run("view.show", series=good.key)
    session.run("view.goto", index=3)
    waits(lambda: session.frames.get(good.key, 3))
    mouse.wheel(view, -120)
    waits(lambda: session.view.current.index == 4 and session.frames.get(good.key, 4))
    waits(lambda: view.note() is None)
    assert not [sign for sign in _UNFORESEEN if sign in listed(window)]
