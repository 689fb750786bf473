"""What tests of segmentation look at in a session."""

from __future__ import annotations

from typing import Any

from medviewer.core.labels import LabelMap
from medviewer.kit.runner import InlineRunner
from medviewer.kit.task import Task
from medviewer.session.session import Session
from medviewer.session.state import Reading


def reading(session: Session) -> Reading:
    return session.state.document.reading(session.view.current.series)


def groups(session: Session) -> tuple[LabelMap, ...]:
    return reading(session).groups


def told(session: Session) -> list[str]:
    return [one.message for one in session.state.notices]


class Busy(InlineRunner):
    """Workers that come to nothing until they are told."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[Task[Any]] = []

    def submit(self, task: Task[Any]) -> None:
        self._waiting.append(task)

    def work_all(self) -> None:
        """Do what waits, and what it brings with it."""
        while self._waiting:
            super().submit(self._waiting.pop(0))
