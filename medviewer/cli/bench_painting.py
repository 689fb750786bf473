"""What ``medviewer bench`` says of painting labels by hand (`medviewer.gui.bench_painting`)."""

from __future__ import annotations

from typing import Any

from medviewer.cli.measuring import at_most
from medviewer.cli.screen import measured_in

MOST_MS = 1000 / 60
"""From a move of the mouse to the screen, so that sixty of them a second can be followed."""


def painting() -> dict[str, Any]:
    """A row for each kind of brush and layout: CPU time from a move of the mouse until all is painted."""
    found = measured_in("medviewer.gui.bench_painting")
    if found is None:
        return {"missing": "Painting could not be measured here: the window did not open."}
    return {name: {**row, **at_most(row["ms"], MOST_MS, "ms")} for name, row in found.items()}
