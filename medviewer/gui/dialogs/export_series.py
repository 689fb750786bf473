"""A whole series on its way out: as pictures, movie, contact sheet, values or volume."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from medviewer.gui import theme
from medviewer.gui.dialogs.export_fields import ExportFields
from medviewer.gui.dialogs.export_forms import SHEET, VALUES, VOLUME, told
from medviewer.gui.dialogs.fields import at_the_right, tick
from medviewer.gui.dialogs.files import ask_folder, ask_target
from medviewer.gui.dialogs.places import Questions, free_path, has_files, numbered, typed_path
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import attempt, counted
from medviewer.gui.widgets.thumbnails import pixmap_of
from medviewer.kit.errors import BadValue
from medviewer.session.exporting.out import Leaving
from medviewer.session.exporting.preview import first_picture
from medviewer.session.session import Session

NAME = "series"
FORM_PX, PREVIEW_PX = 380, 340
LARGEST_PX = 1200
"""Of the picture from which the shown one is made."""
IDENTITY = "The pictures will say who the patient is."


class ExportSeriesDialog(QDialog):
    """A form beside the first picture; the status bar shows the rest."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._background = Questions(session, "export series")
        self._in_the_way = False
        self._proposed = ""
        self.setWindowTitle("Export series")
        self.fields = ExportFields(session)
        self.path = QLineEdit()
        self.path.setAccessibleName("Where to write")
        self.instead = tick(
            "Replace what is in the way", "Files of the same names in that folder are replaced"
        )
        self.note = plain_label("", "muted", wrap=True)
        self.warning = plain_label("", "warning", wrap=True)
        self.why_not = plain_label("", "error", wrap=True)
        self.preview = plain_label("")
        self.preview.setAccessibleName("The first picture")
        self.preview.setToolTip("The first picture as it will be")
        self.preview.setFixedSize(PREVIEW_PX, PREVIEW_PX)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.export = QPushButton("Export")
        theme.mark(self.export, role="main")
        self.export.setDefault(True)
        self.export.clicked.connect(self._export)
        self._arrange()
        self.fields.changed.connect(self._changed)
        self.fields.kind_changed.connect(self._kind_changed)
        self.instead.toggled.connect(lambda _: self._show())
        self.path.textChanged.connect(lambda _: self._path_changed())
        self._kind_changed()

    def done(self, result: int) -> None:
        """Ask for nothing more."""
        self._background.stop()
        super().done(result)

    def _arrange(self) -> None:
        choose = QPushButton("Choose…")
        choose.setAccessibleName("Choose where to write")
        choose.setToolTip("Choose the folder or the file")
        choose.clicked.connect(self._choose)
        where = QHBoxLayout()
        where.addWidget(self.path, 1)
        where.addWidget(choose)
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.reject)
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addWidget(self.fields)
        left.addLayout(where)
        for widget in (self.note, self.warning, self.instead, self.why_not):
            left.addWidget(widget)
        left.addStretch()
        left.addLayout(at_the_right(cancel, self.export))
        column = QWidget()
        column.setLayout(left)
        column.setFixedWidth(FORM_PX)
        left.setContentsMargins(0, 0, 0, 0)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addWidget(column)
        layout.addWidget(self.preview, 0, Qt.AlignmentFlag.AlignTop)

    def _kind_changed(self) -> None:
        """Propose a name that fits the kind, unless the reader has chosen one."""
        form = self.fields.form
        if self.path.text() == self._proposed:
            before = Path(self._proposed).parent if self._proposed else None
            self._propose(before or Path(self._session.settings.folder or Path.home()))
        self.path.setPlaceholderText(f"A file that ends in {form.ending}" if form.ending else "A new folder")
        self._changed()

    def _propose(self, folder: Path) -> None:
        ending = self.fields.form.ending
        first = str(numbered(folder, NAME, 1, ending))
        self._proposed = first
        self.path.setText(first)

        def take(free: Path) -> None:
            if self.path.text() == first:
                self._proposed = str(free)
                self.path.setText(self._proposed)

        self._background.ask("free", lambda _: free_path(folder, NAME, ending), take)

    def _changed(self) -> None:
        self._show()
        leaving = self._leaving()
        if isinstance(leaving, str):
            self.preview.clear()
            return
        self._background.ask(
            "preview", lambda context: first_picture(leaving, LARGEST_PX, context), self._take_preview
        )

    def _take_preview(self, pixels: NDArray[np.uint8]) -> None:
        pixmap = pixmap_of(pixels)
        size = self.preview.size()
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        self.preview.setPixmap(pixmap.scaled(size, keep, smooth))

    def _leaving(self) -> Leaving | str:
        """What would be written, or why nothing can be."""
        try:
            return Leaving.of(self._session, self.fields.choice)
        except BadValue as trouble:
            return str(trouble)

    def _show(self) -> None:
        leaving, form = self._leaving(), self.fields.form
        reason = leaving if isinstance(leaving, str) else "" if self._target() else "Name where to write to."
        self.why_not.setText(reason)
        self.why_not.setVisible(bool(reason))
        self.note.setText("" if isinstance(leaving, str) else self._size_words(leaving))
        self.note.setVisible(not isinstance(leaving, str))
        warnings = [IDENTITY] if self.fields.values.get("identity") else []
        can_replace = self.fields.can_be_in_the_way
        if self._in_the_way and form.ending:
            warnings.append("A file of this name is there; it will be replaced.")
        self.warning.setText(" ".join(warnings))
        self.warning.setVisible(bool(warnings))
        self.instead.setVisible(self._in_the_way and can_replace)
        self.export.setEnabled(not reason)
        self.export.setToolTip(reason or "Write in the background; see the status bar")
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.sizeHint().height())

    def _size_words(self, leaving: Leaving) -> str:
        form = self.fields.form
        if form.command == VOLUME:
            return told(form)
        count, (height, width) = len(leaving.takings), leaving.size
        if form.command == VALUES:
            size = count * height * width * (4 if form.values["numbers"] == "float" else 2)
        else:
            size = leaving.bytes(form.share)
        pixels = f" of {width} × {height} pixels"
        if form.command == SHEET:
            tile, columns = self.fields.values["tile"], min(self.fields.values["columns"], count)
            size = round(size * (tile / width) ** 2)
            pixels = f" in {counted(-(-count // columns), 'row')} of {columns}"
        megabytes = f"{size / 1e6:,.0f} MB" if size >= 1.5e6 else "1 MB"
        return f"{counted(count, 'picture')}{pixels}, about {megabytes}. {told(form)}".strip()

    def _target(self) -> Path | None:
        """Where to write; None while what is typed names nothing."""
        text, ending = self.path.text().strip(), self.fields.form.ending
        path = typed_path(text)
        if path is None or (ending and text.endswith(("/", os.sep))):
            return None
        return path if path.name.lower().endswith(ending) else path.with_name(path.name + ending)

    def _path_changed(self) -> None:
        self._show()
        target, is_file = self._target(), bool(self.fields.form.ending)

        def take(in_the_way: bool) -> None:
            self._in_the_way = in_the_way
            self._show()

        stands = os.path.lexists if is_file else has_files
        self._background.ask("in the way", lambda _: target is not None and stands(target), take)

    def _choose(self) -> None:
        ending = self.fields.form.ending
        if not ending:
            for folder in ask_folder(self._session, self, "Where the new folder is to lie"):
                self._propose(folder)
            return
        path = ask_target(self._session, self, "Export series", f"series{ending}", f"*{ending} (*{ending})")
        if path is not None:
            self.path.setText(str(path))

    def _export(self) -> None:
        target, form = self._target(), self.fields.form
        if target is None:
            return
        values = {("path" if form.ending else "folder"): target, **self.fields.values}
        if self.fields.can_be_in_the_way:
            values["instead"] = self.instead.isChecked()
        if attempt(self._session, lambda: self._session.run(form.command, **values)) is not None:
            self.accept()
