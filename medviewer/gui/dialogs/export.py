"""Saving what is seen: where to, how large, and what goes with it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from medviewer.gui import theme
from medviewer.gui.dialogs.fields import at_the_right
from medviewer.gui.dialogs.files import ask_target
from medviewer.gui.dialogs.places import Questions, free_path, numbered, typed_path
from medviewer.gui.forms import Form
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import attempt
from medviewer.session.command import COMMANDS
from medviewer.session.session import Session

KINDS = "PNG (*.png);;JPEG (*.jpg *.jpeg);;TIFF (*.tif *.tiff)"
COMMAND = "export.picture"
NAME, ENDING = "picture", ".png"
TITLES = {
    "scale": "Size, times the screen's",
    "whole_layout": "The whole grid, not only this viewport",
    "annotations": "With annotations",
    "overlay": "With the model's overlay",
    "text": "With corner text and scale bar",
    "identity": "With the patient's name and ID",
    "quality": "Quality of a JPEG",
    "sidecar": "With a file that brings this view back",
}


SIDECAR = (
    "A JSON file of the same name is put beside it. File, Open shows this view again from it. It holds the "
    "UIDs of the study, by which those who have the study can tell whose picture it is."
)


class ExportDialog(QDialog):
    """The form of the command `export.picture`; without a tick nothing says who the patient is."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._disk = Questions(session, "picture to write to")
        self._exists = False
        self.setWindowTitle("Save picture")
        self.setMinimumWidth(420)
        declared = [one for one in COMMANDS[COMMAND].parameters if one.name != "path"]
        self._values: dict[str, Any] = {one.name: one.default for one in declared}
        self.path = QLineEdit()
        self.path.setPlaceholderText("Where to: PNG, JPEG or TIFF by its ending")
        self.path.setAccessibleName("File to save to")
        choose = QPushButton("Choose…")
        choose.setAccessibleName("Choose the file to save to")
        choose.clicked.connect(self._choose)
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        row.addWidget(choose)
        self.form = Form([_titled(one) for one in declared])
        self.form.show_values(self._values)
        self.form.changed.connect(self._take)
        self.identity_note = plain_label("The picture will say who the patient is.", "warning", wrap=True)
        self.identity_note.hide()
        self.sidecar_note = plain_label(SIDECAR, "muted", wrap=True)
        self.sidecar_note.hide()
        self.replace_note = plain_label("A file of this name is there; it will be replaced.", "warning", True)
        self.save = QPushButton("Save")
        theme.mark(self.save, role="main")
        self.save.setDefault(True)
        self.save.clicked.connect(self._save)
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addLayout(row)
        layout.addWidget(self.form)
        layout.addWidget(self.identity_note)
        layout.addWidget(self.sidecar_note)
        layout.addWidget(self.replace_note)
        layout.addStretch()
        layout.addLayout(at_the_right(cancel, self.save))
        self.path.textChanged.connect(lambda _: self._path_changed())
        if session.settings.folder:
            self._propose(Path(session.settings.folder))
        self._show_path()

    def done(self, result: int) -> None:
        """Ask the disk nothing more."""
        self._disk.stop()
        super().done(result)

    def _propose(self, folder: Path) -> None:
        """Name a picture in *folder*, and another one as soon as it is known that this is there."""
        first = str(numbered(folder, NAME, 1, ENDING))
        self.path.setText(first)

        def take(free: Path) -> None:
            if self.path.text() == first:
                self.path.setText(str(free))

        self._disk.ask("free", lambda _: free_path(folder, NAME, ENDING), take)

    def _path_changed(self) -> None:
        """What is typed may be there already: the disk, which may sleep, is asked in the background."""
        target, self._exists = self._target(), False
        self._show_path()

        def take(exists: bool) -> None:
            self._exists = exists
            self._show_path()

        # says no where `Path` would raise
        self._disk.ask("exists", lambda _: target is not None and os.path.isfile(target), take)

    def _take(self, values: dict[str, Any], _: str) -> None:
        self._values.update(values)
        self.form.show_values(self._values)
        self.identity_note.setVisible(bool(self._values.get("identity")))
        self.sidecar_note.setVisible(bool(self._values.get("sidecar")))
        self._fit()

    def _fit(self) -> None:
        """As high as what is told now: rows are not pressed together."""
        layout = self.layout()
        if layout is not None and self.isVisible():
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _choose(self) -> None:
        path = ask_target(self._session, self, "Save picture", "picture.png", KINDS)
        if path is not None:
            self.path.setText(str(path if path.suffix else path.with_suffix(".png")))

    def _target(self) -> Path | None:
        """Where to save; None while what is typed names no file."""
        text = self.path.text().strip()
        path = typed_path(text)
        if path is None or text.endswith(("/", os.sep)):
            return None
        return path if path.suffix else path.with_name(f"{path.name}.png")

    def _show_path(self) -> None:
        """What follows from the name: whether it is a JPEG, and whether something stands there."""
        target = self._target()
        is_jpeg = target is not None and target.suffix.lower() in (".jpg", ".jpeg")
        if "quality" in self.form.editors:
            self.form.editors["quality"].setVisible(is_jpeg)
        self.replace_note.setVisible(self._exists)
        self.save.setText("Replace" if self._exists else "Save")
        self._fit()
        self.save.setEnabled(target is not None)
        self.save.setToolTip("" if target is not None else "Name the file to save to first")

    def _save(self) -> None:
        target = self._target()
        if target is None:
            return
        values = {"path": target, **self._values}
        if attempt(self._session, lambda: self._session.run(COMMAND, **values)) is not None:
            self.accept()


def _titled(parameter: Any) -> Any:
    return replace(parameter, label=TITLES.get(parameter.name, parameter.label))
