"""What ``medviewer bench`` says of painting labels by hand (`medviewer.gui.bench_painting`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from medviewer.cli.measuring import at_most
from medviewer.cli.screen import has_screen

MOST_MS = 1000 / 60
"""From a move of the mouse to the screen, so that sixty of them a second can be followed."""
LONGEST_S = 600


def painting() -> dict[str, Any]:
    """A row for each kind of brush and layout: CPU time from a move of the mouse until all is painted."""
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "medviewer.gui.bench_painting", "--json"],
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=True,
            env=os.environ if has_screen() else {**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
        found = json.loads(ended.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return {"missing": "Painting could not be measured here: the window did not open."}
    return {name: {**row, **at_most(row["ms"], MOST_MS, "ms")} for name, row in found.items()}
