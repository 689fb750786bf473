"""What ``medviewer bench`` says of the window, measured in a process of its own (`medviewer.gui.bench`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from medviewer.cli.screen import has_screen

MOST_RATIOS = {
    "first_image": 3.0,
    "wheel_1x1": 6.0,
    "wheel_2x2": 6.0,
    "wheel_2x2_four_series": 6.0,
    "drag_512": 6.0,
    "drag_4096x3328": 6.0,
}
"""To a bare window's first paint, and to drawing a finished picture."""
LONGEST_S = 600


def window() -> dict[str, Any]:
    """The figures of a window; in words why there are none.

    Without a screen Qt draws into memory, which costs the same CPU time but for the way to the screen.
    """
    try:
        child = subprocess.run(
            [sys.executable, "-m", "medviewer.gui.bench", "--json"],
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
            env=os.environ if has_screen() else {**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
        found = json.loads(child.stdout) if child.returncode == 0 else None
    except (OSError, subprocess.TimeoutExpired, ValueError):
        found = None
    if not isinstance(found, dict):
        return {"missing": "The window could not be measured here: it did not open."}
    for name, most in MOST_RATIOS.items():
        if name in found:
            found[name].update(limit=most, kept=found[name]["ratio"] <= most)
    return found
