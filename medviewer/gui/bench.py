"""How fast the window is, as ratios to the least that Qt can do in the same run on the same machine.

``python -m medviewer.gui.bench [--json] [--folder FOLDER] [--rounds N]`` measures under the platform that
``QT_QPA_PLATFORM`` names. What is compared takes turns; figures are medians of CPU time (user and system).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QPoint, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from medviewer.gui.bench_files import write_radiograph, write_stack
from medviewer.gui.bridge import make_session
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.gui.viewport.view import ViewportView

SIZE = (1920, 1080)
STEPS = 60
WARM_UP = 5
LONGEST_WAIT_S = 30.0

BARE = """
import sys, time
from PySide6.QtWidgets import QApplication, QWidget

class Bare(QWidget):
    def paintEvent(self, event):
        print(time.monotonic(), time.process_time(), flush=True)
        QApplication.quit()

app = QApplication(sys.argv)
bare = Bare()
bare.resize(1200, 800)
bare.show()
app.exec()
"""

FIRST_IMAGE = """
import gc, sys
gc.disable()  # as the program does
from medviewer.gui.bench_start import first_image
first_image(sys.argv[1])
"""


class Blit(QWidget):
    """Draws ready images, black around them: nothing that shows pictures can do less."""

    def __init__(self, places: Sequence[tuple[QRect, QRect]]) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.painted = 0
        self._tiles = []
        for tile, picture in places:
            image = QImage(picture.size(), QImage.Format.Format_RGB32)
            image.fill(QColor("#606060"))
            self._tiles.append((tile, picture.topLeft(), image))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        """Black, then the pictures."""
        painter = QPainter(self)
        for tile, at, image in self._tiles:
            painter.fillRect(tile, Qt.GlobalColor.black)
            painter.drawImage(at, image)
        painter.end()
        self.painted += 1


class Screen:
    """The grid of viewports at full size, showing one folder."""

    def __init__(self, folder: Path, rows: int = 1, columns: int = 1) -> None:
        self.session = make_session()
        self.grid = ViewportGrid(self.session)
        self.grid.resize(*SIZE)
        self.grid.show()
        self.session.run("study.open", paths=(folder,))
        wait_for(lambda: bool(self.session.state.studies) and not self.session.state.jobs)
        (self.series,) = self.session.state.studies[0].series
        self.session.run("view.layout", rows=rows, columns=columns)
        for number in range(rows * columns):
            self.session.run("view.show", series=self.series.key, viewport=number)
        if rows * columns > 1:
            self.session.run("view.link")
        self.session.run("view.activate", viewport=0)
        self.session.run("view.goto", index=0)
        self.views = [self.grid.view(number) for number in range(rows * columns)]
        self._forth = True
        self._decode_all()

    def close(self) -> None:
        """End everything that was begun."""
        self.grid.close_grid()
        self.grid.close()
        self.session.close()

    def places(self) -> list[tuple[QRect, QRect]]:
        """Each viewport's tile and the part of it that its picture covers."""
        places = []
        for view in self.views:
            assert view.viewing is not None
            target = view.viewing.target()
            picture = QRect(target.x, target.y, target.width, target.height).translated(view.pos())
            places.append((view.geometry(), picture & view.geometry()))
        return places

    def wheel(self, step: int) -> None:
        """One notch of the wheel over the first viewport, until all that follows from it is painted."""
        index = self.session.view.viewports[0].index
        if index in (0, self.series.count - 1):
            self._forth = index == 0
        self._send(_wheel(self.views[0], -120 if self._forth else 120))

    def drag(self, step: int) -> None:
        """One move of the mouse with the window tool."""
        way = 1 + abs((step + 1) % 200 - 100)
        self._send(_mouse(QEvent.Type.MouseMove, self.views[0], way))

    def press(self) -> None:
        """Begin a drag."""
        QApplication.sendEvent(self.views[0], _mouse(QEvent.Type.MouseButtonPress, self.views[0], 0))

    def release(self) -> None:
        """End a drag."""
        QApplication.sendEvent(self.views[0], _mouse(QEvent.Type.MouseButtonRelease, self.views[0], 0))

    def _send(self, event: QEvent) -> None:
        before = [view.painted for view in self.views]
        QApplication.sendEvent(self.views[0], event)
        pairs = tuple(zip(self.views, before, strict=True))
        wait_for(lambda: all(view.painted > count for view, count in pairs))

    def _decode_all(self) -> None:
        for index in range(self.series.count):
            self.session.frames.load(self.series.key, index)
        wait_for(lambda: all(view.has_picture and view.is_current for view in self.views))


def wheel_ratio(folder: Path, rounds: int, rows: int, columns: int) -> dict[str, float]:
    """One step of the wheel against a blit of as many pixels."""
    screen = Screen(folder, rows, columns)
    found = _compared(screen, screen.wheel, rounds)
    screen.close()
    return found


def drag_ratio(folder: Path, rounds: int) -> dict[str, float]:
    """One move of a window drag against a blit of as many pixels."""
    screen = Screen(folder)
    screen.press()
    found = _compared(screen, screen.drag, rounds)
    screen.release()
    screen.close()
    return found


def longest_stall(folder: Path) -> dict[str, float]:
    """The longest time (ms) in which the event loop did not turn, while opening and while scrolling."""
    beat = QElapsedTimer()
    longest = 0

    def tick() -> None:
        nonlocal longest
        longest = max(longest, beat.restart())

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    session = make_session()
    grid = ViewportGrid(session)
    grid.resize(*SIZE)
    grid.show()
    QApplication.processEvents()
    beat.start()
    timer.start(2)
    session.run("study.open", paths=(folder,))
    wait_for(lambda: bool(session.state.studies) and not session.state.jobs and grid.active_view.has_picture)
    opening, longest = longest, 0
    beat.restart()
    for step in range(100):
        QApplication.sendEvent(grid.active_view, _wheel(grid.active_view, -120 if step < 50 else 120))
        QApplication.processEvents()
    wait_for(lambda: grid.active_view.is_current)
    tick()
    timer.stop()
    grid.close_grid()
    grid.close()
    session.close()
    return {"opening_ms": float(opening), "scrolling_ms": float(longest)}


def start_ratio(folder: Path, rounds: int) -> dict[str, float]:
    """The first picture of *folder* against the first paint of a bare window, in processes of their own."""
    bare, ours = [], []
    with tempfile.TemporaryDirectory() as compiled:
        for turn in range(rounds + 1):
            one, other = _child(compiled, BARE), _child(compiled, FIRST_IMAGE, str(folder))
            if turn:  # the first pair warms the disk and compiles what an installer would have compiled
                bare.append(one)
                ours.append(other)
    wall = [statistics.median(one[0] for one in kind) for kind in (ours, bare)]
    cpu = [statistics.median(one[1] for one in kind) for kind in (ours, bare)]
    return {
        "ours_ms": wall[0] * 1000,
        "bare_ms": wall[1] * 1000,
        "ratio": wall[0] / wall[1],
        "ours_cpu_ms": cpu[0] * 1000,
        "bare_cpu_ms": cpu[1] * 1000,
        "cpu_ratio": cpu[0] / cpu[1],
    }


def wait_for(done: Callable[[], bool]) -> None:
    """Turn the event loop until *done*, asleep while nothing happens. Raises TimeoutError."""
    if done():
        return
    end = time.monotonic() + LONGEST_WAIT_S
    while not done():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.monotonic() > end:
            raise TimeoutError("the window did not get there")


def measure(folder: Path | None = None, rounds: int = 7) -> dict[str, Any]:
    """All figures. *folder*, or else a made-up stack, is opened for the first picture and the stalls."""
    with tempfile.TemporaryDirectory() as made:
        home = os.environ.get("MEDVIEWER_HOME")
        os.environ["MEDVIEWER_HOME"] = f"{made}/home"
        try:
            stack = write_stack(Path(made) / "stack")
            radiograph = write_radiograph(Path(made) / "radiograph")
            return {
                "platform": QApplication.platformName(),
                "first_image": start_ratio(folder or stack, rounds),
                "wheel_1x1": wheel_ratio(stack, rounds, 1, 1),
                "wheel_2x2": wheel_ratio(stack, rounds, 2, 2),
                "drag_512": drag_ratio(stack, rounds),
                "drag_3000x2500": drag_ratio(radiograph, rounds),
                "longest_stall": longest_stall(folder or stack),
            }
        finally:
            os.environ.pop("MEDVIEWER_HOME")
            if home is not None:
                os.environ["MEDVIEWER_HOME"] = home


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m medviewer.gui.bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--folder", type=Path, help="the study that is opened for the first picture")
    parser.add_argument("--rounds", type=int, default=7, help="how often everything takes its turn")
    given = parser.parse_args(arguments)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    alarm = QTimer()
    alarm.start(1000)  # a loop that waits for more events wakes up to notice the time
    found = measure(given.folder, given.rounds)
    if given.json:
        print(json.dumps(found, indent=1))
    else:
        for name, figures in found.items():
            print(name, figures if isinstance(figures, str) else _words(figures))
    alarm.stop()
    del app
    return 0


def _compared(screen: Screen, act: Callable[[int], None], rounds: int) -> dict[str, float]:
    """CPU milliseconds a step of *act*, and of a blit, turn by turn."""
    blit = Blit(screen.places())
    blit.resize(*SIZE)
    blit.show()
    wait_for(lambda: blit.painted > 0)
    ours, least = [], []
    for step in range(WARM_UP):
        act(step)
        _paint(blit)
    for turn in range(rounds):
        ours.append(_cpu_ms(act, WARM_UP + turn * STEPS))
        least.append(_cpu_ms(lambda _: _paint(blit), 0))
    blit.close()
    return {
        "ours_ms": statistics.median(ours),
        "blit_ms": statistics.median(least),
        "ratio": statistics.median(ours) / statistics.median(least),
    }


def _paint(blit: Blit) -> None:
    before = blit.painted
    blit.update()
    wait_for(lambda: blit.painted > before)


def _cpu_ms(act: Callable[[int], object], first: int) -> float:
    begin = time.process_time()
    for step in range(first, first + STEPS):
        act(step)
    return (time.process_time() - begin) * 1000 / STEPS


def _wheel(view: ViewportView, delta: int) -> QWheelEvent:
    middle = QPointF(view.rect().center())
    return QWheelEvent(
        middle,
        QPointF(view.mapToGlobal(middle)),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )


def _mouse(kind: QEvent.Type, view: ViewportView, way: int) -> QMouseEvent:
    at = QPointF(view.rect().center() + QPoint(way, way // 2))
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    return QMouseEvent(kind, at, QPointF(view.mapToGlobal(at)), button, held, Qt.KeyboardModifier.NoModifier)


def _child(compiled: str, code: str, *arguments: str) -> tuple[float, float]:
    """(wall, CPU) seconds from the start of a process until it says that it has painted."""
    told = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begin = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**told, "PYTHONPYCACHEPREFIX": compiled},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    painted, cpu = ended.stdout.split()
    return float(painted) - begin, float(cpu)


def _words(figures: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:.2f}" for name, value in figures.items())


if __name__ == "__main__":
    raise SystemExit(main())
