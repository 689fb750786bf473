"""Keys that ask for what cannot be done now: the reader is told why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeyEvent, QKeySequence

from medviewer.session.session import Session

if TYPE_CHECKING:
    from medviewer.gui.actions import Actions


def tell_why_not(session: Session, actions: Actions, event: QKeyEvent) -> bool:
    """Whether a key that nothing had a use for belongs to an action that is greyed; its reason is told once.

    Qt passes such keys over in silence.
    """
    reason = "" if event.isAutoRepeat() else actions.reason_against(QKeySequence(event.keyCombination()))
    if reason:
        session.notify(reason, is_error=False, refused=True)
    return bool(reason)
