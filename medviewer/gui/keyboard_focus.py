"""Which part of the window the keyboard belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


def is_astray(
    window: QWidget, left: QWidget | None, taken: QWidget | None, regions: Callable[[], Sequence[QWidget]]
) -> bool:
    """Whether Qt has handed the keyboard of *window* on from a control that went away to one far from it.

    Qt takes the next control of the window, wherever that is: Space would then press a button of the
    tool bar that nobody has chosen. Within one of the *regions* it may.
    """
    if left is None or taken is None or not (isValid(window) and isValid(left)):
        return False
    if left.window() is not window or taken.window() is not window or (left.isVisible() and left.isEnabled()):
        return False
    return not any(one.isAncestorOf(left) and one.isAncestorOf(taken) for one in regions())


def to_next_region(regions: Sequence[tuple[QWidget, QWidget]]) -> None:
    """Move the keyboard on to the next of *regions*, each with the control that takes it, that is visible."""
    focus = QApplication.focusWidget()
    inside = [stop for region, stop in regions if focus is not None and region.isAncestorOf(focus)]
    stops = [stop for _, stop in regions if stop.isVisible()]
    at = stops.index(inside[0]) + 1 if inside and inside[0] in stops else 0
    if stops:
        stops[at % len(stops)].setFocus(Qt.FocusReason.TabFocusReason)
