"""Documents inside objects: their bytes, and saving them as files of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import StudyObject
from medviewer.dicom.objects.enclosed import document_in
from medviewer.kit.errors import BadValue, ExportTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.task import TaskContext

if TYPE_CHECKING:
    from medviewer.session.session import Session


def content_of(session: Session, found: StudyObject) -> bytes:
    """The document inside an object. Slow: workers call it. Raises BadValue, FileTrouble."""
    if found.kind is not ObjectKind.DOCUMENT:
        raise BadValue(f"{found.label} holds no document.", "Choose an object with a PDF.")
    return document_in(session.objects.instance(found))


def save(session: Session, found: StudyObject, path: str) -> None:
    """Write the document to a file in the background; the answer is a notice. Raises BadValue."""
    target = Path(path)
    if found.kind is not ObjectKind.DOCUMENT:
        raise BadValue(f"{found.label} holds no document.", "Choose an object with a PDF.")
    if target.suffix.lower() != ".pdf":
        target = target.with_name(target.name + ".pdf")

    def work(_: TaskContext) -> str:
        content = content_of(session, found)
        try:
            write_atomically(target, content)
        except OSError as trouble:
            raise ExportTrouble(
                f"{target.name} could not be written: {trouble.strerror or 'the disk refused'}.",
                "Choose another folder.",
            ) from None
        return target.name

    session.jobs.start(
        f"Saving {target.name}", work, lambda name: session.notify(f"{name} is saved.", is_error=False)
    )
