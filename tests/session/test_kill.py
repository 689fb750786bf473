"""A reader draws and paints and the program is killed; `kill.py` does it as often as one likes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is killed as POSIX does it")
def test_a_program_killed_twelve_times_while_somebody_paints_loses_nothing_that_was_finished() -> None:
    root = Path(__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-m", "tests.session.kill", "12"],
        cwd=root, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert answer.stdout.startswith("12 kills, ")
    assert int(answer.stdout.split()[2]) > 100
