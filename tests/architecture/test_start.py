"""What happens between the call and the first paint, and that Qt does not lose count of anything."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import QObject, Signal

from tests.architecture.house import HOME, PACKAGE

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
    "vtkmodules",
]
"""Libraries that take their time to load; the first paint does not wait for them."""


def test_the_window_is_painted_before_the_slow_libraries_are_loaded() -> None:
    if not (PACKAGE / "gui" / "app.py").is_file():
        pytest.skip("the window is not there yet")
    program = f"import sys, medviewer.gui.app; print([name for name in {SLOW} if name in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=HOME, capture_output=True, text=True, check=False
    )
    assert answer.stdout.strip() == "[]", answer.stderr


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
