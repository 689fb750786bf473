"""Whether the program starts, opens what it was given, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import factories

SCRIPT = """
import sys
from PySide6.QtCore import QTimer
from medviewer.gui import app as program

def look(window):
    shown = window.session.view.current
    frame = window.session.frames.get(shown.series, shown.index) if shown.series else None
    if frame is not None and window.tabs.count():
        print("ready", frame.pixels.shape, flush=True)
    else:
        QTimer.singleShot(20, window, lambda: look(window))

class Watched(program.MainWindow):
    def __init__(self, session, **more):
        super().__init__(session, **more)
        QTimer.singleShot(20, self, lambda: look(self))

if __name__ == "__main__":
    program.MainWindow = Watched
    sys.exit(program.run(sys.argv[1:]))
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of terminals are another matter there")
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl+C", "shut down"])
def test_being_told_to_end_closes_the_window_as_a_click_would(tmp_path: Path, told: signal.Signals) -> None:
    factories.ct(tmp_path / "ct", slices=4)
    script = tmp_path / "start.py"
    script.write_text(SCRIPT)
    root = Path(__file__).parents[2]
    surroundings = {**os.environ, "PYTHONPATH": str(root), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, str(script), str(tmp_path / "ct")]
    with subprocess.Popen(
        command, env=surroundings, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline().startswith("ready (64, 64)")
        time.sleep(0.2)
        program.send_signal(told)
        _, said = program.communicate(timeout=30)
    assert program.returncode == 0
    assert "Traceback" not in said
    assert "leaked" not in said
