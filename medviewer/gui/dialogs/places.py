"""Where a dialog is to write: the path that is typed, a free name, questions to a disk that may sleep."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.session import Session

R = TypeVar("R")


class Questions:
    """What a dialog asks in the background; of each question the newest is answered."""

    def __init__(self, session: Session, whose: str) -> None:
        self._session, self._whose = session, whose
        self._tasks: dict[str, Task[Any]] = {}

    def ask(self, what: str, work: Callable[[TaskContext], R], take: Callable[[R], object]) -> None:
        """Have *take* get what *work* finds; an answer that fails is none."""
        task = Task(work, take, failed=lambda _: None, lane=Lane.SOON, replaces=(self._whose, what))
        self._tasks[what] = task
        self._session.submit(task)

    def stop(self) -> None:
        """Ask for nothing more."""
        for task in self._tasks.values():
            task.token.cancel()


def typed_path(text: str) -> Path | None:
    """The path that is typed; None while it names nothing."""
    text = text.strip()
    try:
        path = Path(text).expanduser()
    except RuntimeError:  # "~" of somebody who is not known here
        path = Path(text)
    return path if text and path.name not in ("", "..") else None


def has_files(folder: Path) -> bool:
    """Whether something lies in *folder*. Asks the disk."""
    try:
        with os.scandir(folder) as found:
            return any(True for _ in found)
    except OSError:
        return False


def numbered(folder: Path, name: str, number: int, ending: str = "") -> Path:
    """The first, second or later path of a *name*: "series.mp4", "series-2.mp4"."""
    return folder / f"{name}{'' if number == 1 else f'-{number}'}{ending}"


def free_path(folder: Path, name: str, ending: str = "") -> Path:
    """A path of that *name* in *folder* at which nothing is yet. Asks the disk."""
    paths = (numbered(folder, name, number, ending) for number in range(1, 1000))
    return next((path for path in paths if not os.path.lexists(path)), numbered(folder, name, 1, ending))
