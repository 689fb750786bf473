"""Whether a window can be opened here, and what is measured in one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

LONGEST_S = 600


def has_screen() -> bool:
    """Whether there is a screen, or Qt was told to do without one."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def measured_in(module: str) -> dict[str, Any] | None:
    """What *module* measures in a window of a process of its own; None where that does not open.

    Without a screen Qt draws into memory, which costs the same CPU time but for the way to the screen.
    """
    try:
        ended = subprocess.run(
            [sys.executable, "-m", module, "--json"],
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=True,
            env=os.environ if has_screen() else {**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
        found = json.loads(ended.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return found if isinstance(found, dict) else None
