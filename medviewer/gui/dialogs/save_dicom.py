"""The reader's work as DICOM objects of the study: what, how, where; the status bar shows the rest."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from medviewer.gui import theme
from medviewer.gui.dialogs.fields import at_the_right, fit_height, line, menu, tick
from medviewer.gui.dialogs.files import ask_folder
from medviewer.gui.dialogs.places import typed_path
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import attempt, counted
from medviewer.session.dicom_out.order import FORMS, TITLES, Counts, Scope, counts
from medviewer.session.session import Session

COMMAND = "dicom.save"
SCOPES: tuple[Scope, ...] = ("series", "study")
PARTS = {
    "segmentation": ("Segmentations", "Labels, pixel by pixel (SEG)"),
    "measurements": (
        "Measurements",
        "What was drawn with its numbers, the size of labels, and what models said (SR, TID 1500)",
    ),
    "presentation": (
        "Presentation",
        "Window, visible part, rotation and drawings, as they are seen now (GSPS)",
    ),
    "key_pictures": ("Key images", "The pictures that are marked with a star (KOS)"),
    "picture": ("Picture of the screen", "The active viewport with all that is drawn burnt in (SC)"),
}
FORM_WORDS = (
    "Binary: read by every program",
    "Fractional: the share of a pixel",
    "Label map: small and new",
)
FORM_NOTES = (
    "One bit for each pixel and label; labels may overlap.",
    "How much of a pixel belongs to a label; what is painted here is all or nothing.",
    "One number for each pixel (DICOM 2024); few programs read it yet.",
)
TITLE_WORDS = (
    "Of interest",
    "For teaching",
    "For the referring provider",
    "For surgery",
    "For a conference",
    "For research",
    "For a report",
    "Quality issue",
    "Rejected for quality reasons",
)
BESIDE = "Beside the files of the study"
WHOSE = "They are objects of the same patient and study: name, ID and dates stay in them."
WIDTH_PX = 540


class SaveDicomDialog(QDialog):
    """The form of the command `dicom.save`."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Save as DICOM")
        self.setMinimumWidth(WIDTH_PX)
        self.parts = {name: tick(title, tip) for name, (title, tip) in PARTS.items()}
        self.scope = menu(
            "Save the work on", "One series, or all of the study", ("This series", "This study")
        )
        self.form = menu("Segmentations as", "How the pixels of labels are encoded", FORM_WORDS)
        self.form_note = plain_label("", "muted", wrap=True)
        self.together = tick("All groups of a series in one object", "Otherwise each group has its own")
        self.title = menu("Key images are", "What they are kept for, as other programs show it", TITLE_WORDS)
        self.description = line("Description", "The name of the new series", "Named by what they hold")
        self.reader = line("Reader", "Stands in the objects as who has measured", "Nobody is named")
        self.reader.setText(session.settings.reader)
        self.folder = line("Folder", "A new folder is made in it; no file is replaced", BESIDE)
        self.then_open = tick("Open what was saved", "The objects are listed with the study at once")
        self.then_open.setChecked(True)
        self.why_not = plain_label("", "error", wrap=True)
        self._arrange()
        self._propose()
        for box in (*self.parts.values(), self.together):
            box.toggled.connect(lambda _: self._show())
        for choice in (self.scope, self.form, self.title):
            choice.currentIndexChanged.connect(lambda _: self._show())
        self._show()

    @property
    def values(self) -> dict[str, Any]:
        """What the command gets."""
        return {
            **{name: box.isEnabled() and box.isChecked() for name, box in self.parts.items()},
            "scope": self._scope,
            "form": FORMS[self.form.currentIndex()],
            "together": self.together.isEnabled() and self.together.isChecked(),
            "title": TITLES[self.title.currentIndex()],
            "description": self.description.text().strip(),
            "reader": _person(self.reader.text()),
            "folder": typed_path(self.folder.text()),
            "then_open": self.then_open.isChecked(),
        }

    @property
    def _scope(self) -> Scope:
        return SCOPES[self.scope.currentIndex()]

    def _arrange(self) -> None:
        choose = QPushButton("Choose…")
        choose.setAccessibleName("Choose the folder to write to")
        choose.setToolTip("Choose the folder in which the new one is to lie")
        choose.clicked.connect(self._choose)
        where = QHBoxLayout()
        where.addWidget(self.folder, 1)
        where.addWidget(choose)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        rows: tuple[tuple[str, Any], ...] = (
            ("Segmentations as", self.form),
            ("", self.form_note),
            ("", self.together),
            ("Key images are", self.title),
            ("Series description", self.description),
            ("Reader", self.reader),
            ("Folder", where),
        )
        for label, field in rows:
            form.addRow(plain_label(label), field)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        top = QHBoxLayout()
        top.addWidget(plain_label("Save the work on"))
        top.addWidget(self.scope, 1)
        layout.addLayout(top)
        for box in self.parts.values():
            layout.addWidget(box)
        layout.addSpacing(6)
        layout.addLayout(form)
        layout.addWidget(plain_label(WHOSE, "warning", wrap=True))
        layout.addWidget(self.then_open)
        layout.addWidget(self.why_not)
        layout.addStretch()
        layout.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        self.save = QPushButton("Save")
        theme.mark(self.save, role="main")
        self.save.setDefault(True)
        self.save.clicked.connect(self._save)
        cancel = QPushButton("Cancel")
        cancel.setToolTip("Nothing is written")
        cancel.clicked.connect(self.reject)
        return at_the_right(cancel, self.save)

    def _propose(self) -> None:
        """Tick what there is; how it looks on the screen only when asked for."""
        found = counts(self._session, self._scope)
        self.parts["segmentation"].setChecked(found.groups > 0)
        self.parts["measurements"].setChecked(found.groups + found.annotations + found.findings > 0)
        self.parts["key_pictures"].setChecked(found.key_pictures > 0)

    def _show(self) -> None:
        found = counts(self._session, self._scope)
        for name, (words, there) in _told(found).items():
            box = self.parts[name]
            title, tip = PARTS[name]
            box.setText(f"{title}: {words}")
            box.setAccessibleName(box.text())
            box.setEnabled(there)
            box.setToolTip(tip if there else f"{tip}. {words[:1].upper()}{words[1:]}.")
        values = self.values
        for widget in (self.form, self.form_note):
            widget.setEnabled(values["segmentation"])
        self.form_note.setText(FORM_NOTES[self.form.currentIndex()])
        several = found.groups > 1 and values["form"] != "labelmap"
        self.together.setEnabled(values["segmentation"] and several)
        self.together.setToolTip(_why_apart(found, values["form"]))
        self.title.setEnabled(values["key_pictures"])
        why = "" if any(values[name] for name in PARTS) else "Choose what is to become DICOM."
        self.why_not.setText(why)
        self.why_not.setVisible(bool(why))
        self.save.setEnabled(not why)
        self.save.setToolTip(why or "Write in the background; see the status bar")
        fit_height(self)

    def _choose(self) -> None:
        for path in ask_folder(self._session, self, "Where the new folder is to lie"):
            self.folder.setText(str(path))

    def _save(self) -> None:
        values = self.values
        name = self.reader.text().strip()
        if name != self._session.settings.reader:
            self._session.save_settings(reader=name)
        if attempt(self._session, lambda: self._session.run(COMMAND, **values)) is not None:
            self.accept()


def _told(found: Counts) -> dict[str, tuple[str, bool]]:
    """What there is of each part, and whether there is any."""
    drawn = [counted(found.annotations, "annotation")] if found.annotations else []
    drawn += [f"{counted(found.groups, 'segmentation')} in numbers"] if found.groups else []
    drawn += [f"{counted(found.findings, 'statement')} of models"] if found.findings else []
    labels = f"{counted(found.groups, 'group')} with {counted(found.labels, 'label')}"
    many = f"{found.series} series as they are"
    how = f"{'this series as it is' if found.series == 1 else many} seen now"
    return {
        "segmentation": (labels if found.groups else "nothing is labelled", found.groups > 0),
        "measurements": (", ".join(drawn) or "nothing was measured", bool(drawn)),
        "presentation": (how, found.series > 0),
        "key_pictures": (
            f"{counted(found.key_pictures, 'picture')} with a star"
            if found.key_pictures
            else "none is marked",
            found.key_pictures > 0,
        ),
        "picture": ("the active viewport", found.series > 0),
    }


def _why_apart(found: Counts, form: str) -> str:
    if found.groups < 2:
        return "There is only one group."
    if form == "labelmap":
        return "Groups may overlap, and a label map has one label for each pixel."
    return "Otherwise each group has its own"


def _person(name: str) -> str:
    """A name as DICOM has it, family name first: "Ada Lovelace" becomes "Lovelace^Ada"."""
    words = name.split()
    if "^" in name or len(words) < 2:
        return name.strip()
    return f"{words[-1]}^{' '.join(words[:-1])}"
