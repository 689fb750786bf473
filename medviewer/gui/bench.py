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

from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtWidgets import QApplication

from medviewer.gui.bench_files import write_radiograph, write_stack
from medviewer.gui.bench_screen import SIZE, Blit, Screen, wait_for, wheel_event
from medviewer.gui.bridge import make_session
from medviewer.gui.viewport.grid import ViewportGrid

STEPS = 60
WARM_UP = 5
FIRST_IMAGE_SLICES = 500
SERIES, FOUR_SLICES = ("first", "second", "third", "fourth"), 50

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
        QApplication.sendEvent(grid.active_view, wheel_event(grid.active_view, -120 if step < 50 else 120))
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


def measure(folder: Path | None = None, rounds: int = 7) -> dict[str, Any]:
    """All figures. *folder*, or else a stack of 500, is opened for the first picture and the stalls."""
    with tempfile.TemporaryDirectory() as made:
        home = os.environ.get("MEDVIEWER_HOME")
        os.environ["MEDVIEWER_HOME"] = f"{made}/home"
        try:
            stack = write_stack(Path(made) / "stack")
            opened = folder or write_stack(Path(made) / "opened", FIRST_IMAGE_SLICES)
            for name in SERIES:
                write_stack(Path(made) / "four" / name, FOUR_SLICES, name=name)
            radiograph = write_radiograph(Path(made) / "radiograph")
            return {
                "platform": QApplication.platformName(),
                "first_image": start_ratio(opened, rounds),
                "wheel_1x1": wheel_ratio(stack, rounds, 1, 1),
                "wheel_2x2": wheel_ratio(stack, rounds, 2, 2),
                "wheel_2x2_four_series": wheel_ratio(Path(made) / "four", rounds, 2, 2),
                "drag_512": drag_ratio(stack, rounds),
                "drag_4096x3328": drag_ratio(radiograph, rounds),
                "longest_stall": longest_stall(opened),
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
