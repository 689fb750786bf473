"""Leaving with DICOM objects of the study: labels, measurements, how pictures are seen, key pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from medviewer.kit.errors import BadValue
from medviewer.kit.task import TaskContext
from medviewer.session.command import command
from medviewer.session.commands.study import add_files
from medviewer.session.session_type import Session


@command("dicom.folder", title="Show in folder")
def show_folder(session: Session) -> None:
    """Let the system show the folder in which DICOM objects were saved last."""
    if session.saved_folder is None:
        raise BadValue("No DICOM objects were saved yet.", "Save some first.")
    import webbrowser  # noqa: PLC0415  (only who asks for it waits for it)

    webbrowser.open(session.saved_folder.as_uri())


@command("dicom.save", title="Save as DICOM objects")
def save(
    session: Session,
    *,
    segmentation: bool = True,
    measurements: bool = True,
    presentation: bool = False,
    key_pictures: bool = False,
    picture: bool = False,
    scope: Literal["series", "study"] = "series",
    form: Literal["binary", "fractional", "labelmap"] = "binary",
    together: bool = False,
    description: str = "",
    title: Literal[
        "interest",
        "teaching",
        "referring",
        "surgery",
        "conference",
        "research",
        "report",
        "quality",
        "rejected",
    ] = "interest",
    note: str = "",
    reader: str = "",
    folder: Path | None = None,
    then_open: bool = True,
) -> str:
    """Write the reader's work as DICOM objects into a new folder; the answer is the job's key.

    They belong to the same patient and study. Without *folder* they lie beside the files of the study.
    """
    # highdicom takes a moment to load, and few sessions write objects
    from medviewer.session.dicom_out.order import Order  # noqa: PLC0415
    from medviewer.session.dicom_out.taking import taken  # noqa: PLC0415

    order = Order(
        segmentation,
        measurements,
        presentation,
        key_pictures,
        picture,
        scope,
        form,
        together,
        description,
        title,
        note,
        reader,
        folder,
    )
    work = taken(session, order)

    def write(context: TaskContext) -> object:
        from medviewer.session.dicom_out.writing import write as write_all  # noqa: PLC0415  (as above)

        return write_all(session, work, context)

    def done(saved: object) -> None:
        from medviewer.session.dicom_out.writing import Saved  # noqa: PLC0415  (as above)

        assert isinstance(saved, Saved)
        count = len(saved.objects)
        words = f"Saved {count} DICOM object{'s' * (count != 1)} in {saved.folder.name}."
        session.saved_folder = saved.folder
        session.objects.written |= frozenset(saved.uids)
        session.notify(words, str(saved.folder.parent), is_error=False, offer="dicom.folder")
        if then_open:
            add_files(session, (saved.folder,))

    return str(session.jobs.start("Saving as DICOM", write, done, kind="export"))
