"""The header of the shown file, as a table that can be searched and copied."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from medviewer.core.study import Instance
from medviewer.dicom.tags import TagRow, tag_table
from medviewer.gui.dialogs.table import TableDialog
from medviewer.kit.errors import MedviewerError
from medviewer.kit.task import Lane, Task
from medviewer.session.session import Session

HEADS = ("Tag", "Name", "VR", "Value")
WIDTHS = (130, 220, 40)


class TagsDialog(TableDialog):
    """All elements of one file, private ones included; sequences are indented."""

    def __init__(self, session: Session, instance: Instance, parent: QWidget) -> None:
        super().__init__("Header of the shown file", HEADS, parent)
        for column, width in enumerate(WIDTHS):
            self.table.setColumnWidth(column, width)
        if instance.member:
            self.say(f"{instance.member} in {instance.path}: headers inside archives cannot be listed yet.")
            return
        self.say(f"Reading {instance.path}")
        task: Task[tuple[TagRow, ...]] = Task(
            work=lambda _: tag_table(Path(instance.path)),
            done=lambda rows: self._show(instance.path, rows),
            failed=self._fail,
            lane=Lane.SOON,
        )
        self.finished.connect(lambda _: task.token.cancel())
        session.submit(task)

    def _show(self, path: str, rows: tuple[TagRow, ...]) -> None:
        self.say(path)
        self.show_rows(
            [("    " * row.depth + row.tag, row.name, row.vr, _one_line(row.value)) for row in rows]
        )

    def _fail(self, trouble: Exception) -> None:
        self.say(str(trouble) if isinstance(trouble, MedviewerError) else "This header cannot be read.")


def _one_line(text: str) -> str:
    return " ".join(text.split())
