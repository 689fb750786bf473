"""What happens between the call and the first paint, and that Qt does not lose count of anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QObject, Signal

from tests import factories
from tests.architecture.house import HOME

SLOW = [
    "pydicom",
    "pyqtgraph",
    "scipy",
    "skimage",
    "SimpleITK",
    "onnxruntime",
    "onnx",
    "tensorflow",
    "keras",
    "sklearn",
    "vtk",
    "vtkmodules",
    "numba",
    "imagecodecs",
    "importlib.metadata",
    "PySide6.QtSvg",
    "statistics",
    "medviewer.gui.around",
    "medviewer.gui.actions",
    "medviewer.gui.icons",
    "medviewer.gui.menus",
    "medviewer.gui.tool_bar",
    "medviewer.gui.status_bar",
]
"""What takes its time to load; the first picture does not wait for it."""

FIRST_PICTURE = """
import json, linecache, os, sys
from pathlib import Path
from PySide6.QtCore import QEventLoop, QTimer
from medviewer.gui.app import Application
from medviewer.gui.bridge import make_session
from medviewer.gui.main_window import MainWindow
app = Application([])
session = make_session()
session.run("study.open", paths=(Path(sys.argv[1]),))
window = MainWindow(session, opening=True)
window.show()
QTimer.singleShot(20_000, app.quit)
while not window.grid.active_view.has_picture:
    app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
read = [path for path in linecache.cache if "medviewer" in Path(path).parts]
print(json.dumps([sorted(sys.modules), read]), flush=True)
os._exit(0)
"""


@pytest.fixture(scope="module")
def first_picture(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], list[str]]:
    """The modules that are loaded when the first picture stands, and those of ours whose source was read."""
    folder = tmp_path_factory.mktemp("study")
    factories.ct(folder / "ct", 5)
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "MEDVIEWER_HOME": str(folder / "home")}
    answer = subprocess.run(
        [sys.executable, "-c", f"import medviewer.gui\n{FIRST_PICTURE}", str(folder / "ct")],
        cwd=HOME, env=env, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    modules, read = json.loads(answer.stdout)
    return set(modules), read


def test_the_first_picture_stands_before_the_slow_libraries_are_loaded(
    first_picture: tuple[set[str], list[str]],
) -> None:
    assert sorted(first_picture[0] & set(SLOW)) == []


def test_qt_does_not_read_every_source_to_find_out_who_uses_it(
    first_picture: tuple[set[str], list[str]],
) -> None:
    # of two hundred; a few are loaded only after Qt is
    assert len(first_picture[1]) < 10


class Bell(QObject):
    """Something that rings."""

    rings = Signal(bool)


def test_ringing_a_signal_a_thousand_times_costs_no_reference() -> None:
    # PySide6 6.12.0 dropped one reference of True per emit, which ends Python 3.11 after a hundred
    bell = Bell()
    heard: list[bool] = []
    bell.rings.connect(heard.append)
    before = sys.getrefcount(True)
    for _ in range(1000):
        bell.rings.emit(True)
    heard_times = len(heard)
    heard.clear()
    assert heard_times == 1000
    assert abs(sys.getrefcount(True) - before) < 100
