"""Work that may wait, in several turns of the event loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

TURN_MS = 1
"""What is to wait for the next turn of the event loop waits so long: with 0 it may belong to this one."""


def in_turns(owner: QObject, steps: Sequence[Callable[[], object]]) -> None:
    """Take one of *steps* in each turn from the next on, as long as *owner* lives.

    Whoever scrolls already is answered between them.
    """

    def take() -> None:
        steps[0]()
        in_turns(owner, steps[1:])

    if steps:
        QTimer.singleShot(TURN_MS, owner, take)
