"""Writing a report: what goes into it, whom it names, the reader's own words, and the pages beside them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from medviewer.export.report.page_pdf import pdf
from medviewer.gui import theme
from medviewer.gui.dialogs.fields import at_the_right, menu, tick
from medviewer.gui.dialogs.files import ask_target
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import attempt, run
from medviewer.gui.widgets.page_preview import PagePreview
from medviewer.kit.task import TaskContext
from medviewer.session.reporting.building import build, draft
from medviewer.session.reporting.order import IDENTITIES, PAPERS, Order
from medviewer.session.session import Session

COMMAND, WORDS = "report.save", "report.words"
KINDS = "PDF (*.pdf);;Web page in one file (*.html)"
SIDE_PX = 320
WAIT_MS = 400
PARTS = {
    "shown": ("Pictures shown now", "Each viewport, as the window shows it"),
    "key_pictures": ("Key pictures", "Pictures that were marked as worth looking at again"),
    "annotated": ("Pictures with annotations", "Every picture on which something was drawn"),
    "measurements": ("Measurements", "What was drawn, with its value and the rule behind it"),
    "labels": ("Labels", "Volume, mean and SD of each label"),
    "recipes": ("Enhancement", "Recipes with their steps, values and hash"),
    "models": ("Results of models", "What models said, which models, and whether somebody accepted it"),
}
WHO = {
    "none": "Nobody",
    "study": "The study: description and date",
    "patient": "The patient: name, ID, birth date",
}
NOTES = {
    "none": "The pages do not say who the patient is, nor when the examination was. What is burned into the "
    "pixels, and what you write yourself, stays there.",
    "study": "Description and date of the study are given. A description may hold anything, names too.",
    "patient": "The report will say who the patient is.",
}


class ReportDialog(QDialog):
    """The form of the command `report.save` beside the pages that it would write."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._series = session.view.current.series or ""
        self.setWindowTitle("Report")
        self.setSizeGripEnabled(True)
        self.resize(min(1080, parent.width()), min(860, parent.height()))
        self.preview = PagePreview(session, self._pages)
        self.parts = {name: tick(*words, on=True) for name, words in PARTS.items()}
        for box in self.parts.values():
            box.toggled.connect(lambda _: self.preview.refresh())
        self.identity = menu(
            "Whom the report names", "Names and dates are left out unless you say so", WHO.values()
        )
        self.identity.currentIndexChanged.connect(lambda _: self._show_identity())
        self.identity_note = plain_label("", "muted", wrap=True)
        self.paper = menu("Paper", "The size of the pages of a PDF", PAPERS)
        self.paper.currentIndexChanged.connect(lambda _: self.preview.refresh())
        self.words = QPlainTextEdit()
        self.words.setAccessibleName("Impression, in your own words")
        self.words.setPlaceholderText("What you say of it, in your own words. It is kept with the study.")
        self.words.setTabChangesFocus(True)
        self.words.setPlainText("\n".join(session.state.document.reading(self._series).words))
        self._late = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._late.timeout.connect(self._keep_words)
        self.words.textChanged.connect(self._late.start)
        self.save = QPushButton("Save…")
        self.save.setToolTip("Write it as PDF or as a web page in one file; see the status bar")
        self.save.setDefault(True)
        theme.mark(self.save, role="main")
        self.save.clicked.connect(self._save)
        self.cancel = QPushButton("Close")
        self.cancel.setToolTip("Your words are kept, nothing is written")
        self.cancel.clicked.connect(self.reject)
        self._arrange()
        self._show_identity()

    def done(self, result: int) -> None:
        """Keep what was typed last."""
        if self._late.isActive():
            self._late.stop()
            self._keep_words()
        self.preview.stop()
        super().done(result)

    @property
    def order(self) -> Order:
        """What is chosen."""
        return Order(**self.values)

    @property
    def values(self) -> dict[str, Any]:
        """The values of the command, but for the paper and the path."""
        chosen: dict[str, Any] = {name: box.isChecked() for name, box in self.parts.items()}
        return {**chosen, "identity": IDENTITIES[self.identity.currentIndex()]}

    def _arrange(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(6)
        side.addWidget(plain_label("What goes in", "section"))
        for box in self.parts.values():
            side.addWidget(box)
        side.addSpacing(6)
        side.addWidget(plain_label("Whom it names", "section"))
        side.addWidget(self.identity)
        side.addWidget(self.identity_note)
        side.addSpacing(6)
        side.addWidget(plain_label("Impression", "section"))
        side.addWidget(self.words, 1)
        row = QHBoxLayout()
        row.addWidget(plain_label("Paper"))
        row.addWidget(self.paper, 1)
        side.addLayout(row)
        side.addSpacing(6)
        side.addLayout(at_the_right(self.cancel, self.save))
        column = QWidget()
        column.setLayout(side)
        column.setFixedWidth(SIDE_PX)
        side.setContentsMargins(0, 0, 0, 0)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addWidget(column)
        layout.addWidget(self.preview, 1)

    def _show_identity(self) -> None:
        now = IDENTITIES[self.identity.currentIndex()]
        self.identity_note.setText(NOTES[now])
        theme.mark(self.identity_note, role="muted" if now == "none" else "warning")
        self.preview.refresh()

    def _pages(self) -> Callable[[TaskContext], bytes]:
        taken, paper = draft(self._session, self.order), PAPERS[self.paper.currentIndex()]

        def work(context: TaskContext) -> bytes:
            return pdf(build(self._session, taken, context), paper, context.check)

        return work

    def _keep_words(self) -> None:
        text = self.words.toPlainText()
        if self._session.series(self._series) is not None:
            run(self._session, WORDS, text=text, series=self._series)
        self.preview.refresh()

    def _save(self) -> None:
        if self._late.isActive():
            self._late.stop()
            self._keep_words()
        path = ask_target(self._session, self, "Save report", "report.pdf", KINDS)
        if path is None:
            return
        path = path if path.suffix else path.with_suffix(".pdf")
        values = {"path": Path(path), "paper": PAPERS[self.paper.currentIndex()], **self.values}
        if attempt(self._session, partial(self._session.run, COMMAND, **values)) is not None:
            self.accept()
