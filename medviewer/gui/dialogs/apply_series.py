"""A recipe on whole series: what, of how many pictures, as what, where to; the status bar shows the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from medviewer.gui import theme
from medviewer.gui.dialogs.fields import at_the_right, fit_height, menu, tick
from medviewer.gui.dialogs.files import ask_folder
from medviewer.gui.dialogs.places import Questions, free_path, has_files, numbered, typed_path
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import attempt, counted
from medviewer.kit.errors import BadValue
from medviewer.session.applying import Form, Order, estimated_bytes
from medviewer.session.commands.series import order_of, shown_stack
from medviewer.session.compared import recipe_name
from medviewer.session.recipes import recipe_names
from medviewer.session.scopes import series_in
from medviewer.session.session import Session

COMMAND = "series.apply"
SCOPES = ("picture", "series", "study", "open")
FORMS = (
    ("dicom", "png", "DICOM series"),
    ("shown", "png", "Pictures as shown, 8 bits, PNG"),
    ("shown", "tiff", "Pictures as shown, 8 bits, TIFF"),
    ("shown", "jpeg", "Pictures as shown, 8 bits, JPEG"),
    ("values", "png", "Values, 16 bits, PNG"),
    ("values", "tiff", "Values, 16 bits, TIFF"),
)
IDENTITY = {
    Form.DICOM: "These are DICOM objects of the same patient: name, ID and study stay in them.",
    Form.SHOWN: "The files do not name the patient; what is burned into the pixels stays there.",
    Form.VALUES: "The files do not name the patient; what is burned into the pixels stays there.",
}
NAME = "enhanced"
WIDTH_PX = 520


class ApplySeriesDialog(QDialog):
    """The form of the command `series.apply`, with what it would write before it is written."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._disk = Questions(session, "folder to write to")
        self._is_in_use = False
        self.setWindowTitle("Enhance a series into files")
        self.setMinimumWidth(WIDTH_PX)
        self.recipe = menu("Recipe", "What is done to every picture", self._recipes())
        self.scope = menu("Pictures", "How many pictures it is done to", self._scopes())
        self.scope.setCurrentIndex(1)
        self.form = menu("Files", "What is written", [words for _, _, words in FORMS])
        self.folder = QLineEdit()
        self.folder.setPlaceholderText("A new folder")
        self.folder.setAccessibleName("Folder to write to")
        self.folder.setToolTip("It is made when it is not there; nothing in it is replaced unless you say so")
        choose = QPushButton("Choose…")
        choose.setAccessibleName("Choose the folder to write to")
        choose.setToolTip("Choose the folder in which the new one is to lie")
        choose.clicked.connect(self._choose)
        self.instead = tick(
            "Replace what is in the way", "Files of the same names in that folder are replaced"
        )
        self.then_open = tick(
            "Then show it beside the original", "Open the new series as soon as it is whole"
        )
        self.then_open.setChecked(True)
        self.size_note = plain_label("", "muted", wrap=True)
        self.identity_note = plain_label("", "warning", wrap=True)
        self.replace_note = plain_label("", "warning", wrap=True)
        self.why_not = plain_label("", "error", wrap=True)
        self._arrange(choose)
        for box in (self.recipe, self.scope, self.form):
            box.currentIndexChanged.connect(lambda _: self._show())
        self.folder.textChanged.connect(lambda _: self._folder_changed())
        self.instead.toggled.connect(lambda _: self._show())
        self._propose(Path(session.settings.folder or Path.home()))

    def done(self, result: int) -> None:
        """Ask the disk nothing more."""
        self._disk.stop()
        super().done(result)

    def _arrange(self, choose: QPushButton) -> None:
        where = QHBoxLayout()
        where.addWidget(self.folder, 1)
        where.addWidget(choose)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        rows: tuple[tuple[str, Any], ...] = (
            ("Recipe", self.recipe),
            ("Pictures", self.scope),
            ("Files", self.form),
            ("Folder", where),
        )
        for label, field in rows:
            form.addRow(plain_label(label), field)
        self.write = QPushButton("Write")
        theme.mark(self.write, role="main")
        self.write.setDefault(True)
        self.write.clicked.connect(self._write)
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addLayout(form)
        notes = (self.size_note, self.identity_note, self.then_open, self.replace_note, self.instead)
        for widget in (*notes, self.why_not):
            layout.addWidget(widget)
        layout.addStretch()
        layout.addLayout(at_the_right(cancel, self.write))

    def _recipes(self) -> list[str]:
        stack = shown_stack(self._session)
        here = recipe_name(stack) if stack.active else "none"
        return [f"As here: {here}", *recipe_names()]

    def _scopes(self) -> list[str]:
        def counts(scope: Any) -> str:
            found = series_in(self._session, scope)
            pictures = counted(sum(one.count for one in found), "picture")
            return f"{pictures} in {len(found)} series" if len(found) != 1 else pictures

        return [
            "This picture",
            f"This series, {counts('series')}",
            f"This study, {counts('study')}",
            f"Everything that is open, {counts('open')}",
        ]

    @property
    def values(self) -> dict[str, Any]:
        """What the command gets, all but the folder."""
        form, format_, _ = FORMS[self.form.currentIndex()]
        at = self.recipe.currentIndex()
        return {
            "scope": SCOPES[self.scope.currentIndex()],
            "form": form,
            "format": format_,
            "recipe": self.recipe.itemText(at) if at else "",
            "instead": self.instead.isChecked(),
        }

    def _order(self) -> Order | str:
        """What would be done, or why nothing can be."""
        target = typed_path(self.folder.text())
        if target is None:
            return "Name the folder to write to."
        try:
            order = order_of(self._session, target, **self.values)
            order.check()
        except BadValue as trouble:
            return str(trouble)
        return order

    def _show(self) -> None:
        order = self._order()
        form = Form(FORMS[self.form.currentIndex()][0])
        self.identity_note.setText(IDENTITY[form])
        self.then_open.setVisible(form is Form.DICOM)
        self.replace_note.setText(
            "There are files in this folder already; those in the way are not replaced."
        )
        if self.instead.isChecked():
            self.replace_note.setText(
                "There are files in this folder already; those in the way are replaced."
            )
        self.replace_note.setVisible(self._is_in_use)
        self.instead.setVisible(self._is_in_use)
        if isinstance(order, str):
            self.size_note.setText("")
            self.why_not.setText(order)
        else:
            megabytes = estimated_bytes(order) / 1e6
            most = "about" if form is Form.DICOM else "at most"
            size = f"{megabytes:,.0f} MB" if megabytes >= 1 else "1 MB"
            self.size_note.setText(f"{counted(order.count, 'picture')}, {most} {size}. {_meaning(order)}")
        self.size_note.setVisible(not isinstance(order, str))
        self.why_not.setVisible(isinstance(order, str))
        self.write.setEnabled(not isinstance(order, str))
        self.write.setToolTip(
            order if isinstance(order, str) else "Write in the background; see the status bar"
        )
        fit_height(self)

    def _choose(self) -> None:
        for path in ask_folder(self._session, self, "Where the new folder is to lie"):
            self._propose(path)

    def _propose(self, folder: Path) -> None:
        """Name a new folder in *folder*, and another one as soon as it is known that this is not new."""
        first = str(numbered(folder, NAME, 1))
        self.folder.setText(first)

        def take(free: Path) -> None:
            if self.folder.text() == first:
                self.folder.setText(str(free))

        self._disk.ask("free", lambda _: free_path(folder, NAME), take)

    def _folder_changed(self) -> None:
        self._show()
        target = typed_path(self.folder.text())

        def take(is_in_use: bool) -> None:
            self._is_in_use = is_in_use
            self._show()

        self._disk.ask("in use", lambda _: target is not None and has_files(target), take)

    def _write(self) -> None:
        target = typed_path(self.folder.text())
        if target is None:
            return
        values = {"folder": target, **self.values, "then_open": self.then_open.isChecked()}
        if attempt(self._session, lambda: self._session.run(COMMAND, **values)) is not None:
            self.accept()


def _meaning(order: Order) -> str:
    """What the values will be."""
    if order.form is Form.SHOWN:
        return "Greys as on the screen, without words and overlays."
    if order.shown:
        return "Greys as displayed: they will no longer be in the unit of the source."
    return "Values stay in the unit of the source."
