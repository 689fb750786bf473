"""Errors to words: what went wrong becomes a notice beside the work, never a box in its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from medviewer.kit.errors import BadValue, MedviewerError, SeriesTrouble
from medviewer.session.session import Session
from medviewer.session.state import Notice

REFUSALS = (BadValue, SeriesTrouble)
"""What a command says that cannot be done here: of interest until something else is done."""


def attempt(session: Session, call: Callable[[], Any]) -> Any:
    """What *call* answers; when it cannot be done the reader is told why, and the answer is None.

    When it can, what was refused before in the active viewport is no longer told.
    """
    try:
        answer = call()
    except MedviewerError as trouble:
        session.notify(trouble, refused=isinstance(trouble, REFUSALS))
        return None
    let_go(session, session.view.active)
    return answer


def run(session: Session, name: str, /, **values: Any) -> Any:
    """Run a command; when it cannot be done the reader is told why, and the answer is None."""
    return attempt(session, lambda: session.run(name, **values))


def let_go(session: Session, viewport: int | None = None) -> None:
    """Take the notices away that a command was refused: those of one viewport, or all."""
    for one in session.state.notices:
        if one.refused_in >= 0 and viewport in (None, one.refused_in):
            session.run("notice.dismiss", number=one.number)


def sentence(notice: Notice) -> str:
    """A notice in one line."""
    return f"{notice.message} {notice.advice}".strip()


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 picture", "104 pictures"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def remaining(seconds: float | None) -> str:
    """How long something will still take, in round words; "" while nobody knows."""
    if seconds is None:
        return ""
    if seconds < 1:
        return "almost done"
    if seconds < 90:
        return f"{round(seconds)} s left"
    return f"{round(seconds / 60)} min left"
