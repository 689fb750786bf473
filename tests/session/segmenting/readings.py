"""What tests of segmentation look at in a session."""

from __future__ import annotations

from medviewer.core.labels import LabelMap
from medviewer.session.session import Session
from medviewer.session.state import Reading


def reading(session: Session) -> Reading:
    return session.state.document.reading(session.view.current.series)


def groups(session: Session) -> tuple[LabelMap, ...]:
    return reading(session).groups


def told(session: Session) -> list[str]:
    return [one.message for one in session.state.notices]
