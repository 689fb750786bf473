"""The plotting library, loaded where nobody waits for it."""

from __future__ import annotations


def prepare() -> None:
    """Load pyqtgraph. Workers call this: it takes a quarter of a second, in which the window goes on."""
    import pyqtgraph  # noqa: F401, PLC0415  (not at start, and not on the thread of the window)
