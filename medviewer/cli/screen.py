"""Whether a window can be opened here."""

from __future__ import annotations

import os
import sys


def has_screen() -> bool:
    """Whether there is a screen, or Qt was told to do without one."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
