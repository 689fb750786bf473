"""Pages that were made already, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medviewer.export.exporter import trouble
from medviewer.kit.files import write_atomically
from medviewer.kit.task import TaskContext

if TYPE_CHECKING:
    from medviewer.session.session import Session


def save_pages(session: Session, content: bytes, path: Path) -> str:
    """Write a PDF in the background; the answer is the job's key."""

    def work(_: TaskContext) -> Path:
        try:
            write_atomically(path, content)
        except OSError as error:
            raise trouble(path, error) from None
        return path

    def done(saved: Path) -> None:
        session.notify(f"Saved {saved.name}.", str(saved.parent), is_error=False)

    return str(session.jobs.start(f"Writing {path.name}", work, done, kind="print"))
