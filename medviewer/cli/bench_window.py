"""What ``medviewer bench`` says of the window, measured in a process of its own (`medviewer.gui.bench`)."""

from __future__ import annotations

from typing import Any

from medviewer.cli.screen import measured_in

MOST_RATIOS = {
    "first_image": 3.0,
    "wheel_1x1": 6.0,
    "wheel_2x2": 6.0,
    "wheel_2x2_four_series": 6.0,
    "drag_512": 6.0,
    "drag_4096x3328": 6.0,
}
"""To a bare window's first paint, and to drawing a finished picture."""


def window() -> dict[str, Any]:
    """The figures of a window; in words why there are none."""
    found = measured_in("medviewer.gui.bench")
    if found is None:
        return {"missing": "The window could not be measured here: it did not open."}
    for name, most in MOST_RATIOS.items():
        if name in found:
            found[name].update(limit=most, kept=found[name]["ratio"] <= most)
    return found
