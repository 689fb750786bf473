"""The pages of a PDF inside an object: turned, zoomed, saved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from medviewer.core.objects import StudyObject
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.imaging.documents.pages import Pages
from medviewer.kit.errors import MedviewerError
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.found.documents import content_of
from medviewer.session.session import Session

ZOOMS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
MARGIN_PX = 28


class DocumentDialog(QDialog):
    """One page at a time, as wide as the window at zoom 1."""

    def __init__(self, session: Session, found: StudyObject, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._found = session, found
        self._pages: Pages | None = None
        self._number, self._zoom, self._closed = 0, 1.0, False
        self.setWindowTitle(f"{found.label}")
        self.setSizeGripEnabled(True)
        self.resize(820, 860)
        self.words = plain_label("Opening the document", "muted")
        self.page = QLabel()
        self.page.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.page.setAccessibleName("Page of the document")
        self.area = QScrollArea()
        self.area.setWidget(self.page)
        self.area.setWidgetResizable(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(self._head())
        layout.addWidget(self.area, 1)
        self._keys()
        self.finished.connect(lambda _: self._end())
        self._open()

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        self.back = self._button("Back", "The page before (Page Up)", lambda: self._turn(-1))
        self.forth = self._button("Next", "The next page (Page Down)", lambda: self._turn(1))
        self.smaller = self._button("−", "Smaller (Ctrl −)", lambda: self._resize(-1))
        self.larger = self._button("+", "Larger (Ctrl +)", lambda: self._resize(1))
        self.save = self._button("Save as PDF…", "Write the document to a file of its own", self._save)
        for one in (self.back, self.forth):
            row.addWidget(one)
        row.addWidget(self.words)
        row.addStretch()
        for one in (self.smaller, self.larger, self.save):
            row.addWidget(one)
        return row

    def _button(self, title: str, tip: str, call: object) -> QPushButton:
        button = QPushButton(title)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoDefault(False)
        button.setEnabled(False)
        button.clicked.connect(call)
        return button

    def _keys(self) -> None:
        for keys, call in (
            ("PgUp", lambda: self._turn(-1)),
            ("PgDown", lambda: self._turn(1)),
            ("Ctrl++", lambda: self._resize(1)),
            ("Ctrl+=", lambda: self._resize(1)),
            ("Ctrl+-", lambda: self._resize(-1)),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(call)

    def _open(self) -> None:
        session, found = self._session, self._found

        def work(_: TaskContext) -> Pages:
            return Pages(content_of(session, found), Path(found.path).name)

        def done(pages: Pages) -> None:
            if self._closed:
                pages.close()
                return
            self._pages = pages
            self._draw()

        session.submit(Task(work, done, self._failed, lane=Lane.SOON, replaces="document"))
        self.save.setEnabled(True)

    def _draw(self) -> None:
        pages, number = self._pages, self._number
        if pages is None:
            return
        ratio = self.devicePixelRatioF()
        width = round(max(self.area.viewport().width() - MARGIN_PX, 200) * self._zoom * ratio)

        def work(context: TaskContext) -> NDArray[np.uint8]:
            context.check()
            return pages.page(number, width)

        def done(drawn: NDArray[np.uint8]) -> None:
            if self._closed or number != self._number:
                return
            rows, columns = drawn.shape[:2]
            image = QImage(drawn.tobytes(), columns, rows, 3 * columns, QImage.Format.Format_RGB888)
            image.setDevicePixelRatio(ratio)
            self.page.setPixmap(QPixmap.fromImage(image))

        self._tell()
        self._session.submit(Task(work, done, self._failed, lane=Lane.SOON, replaces="document"))

    def _tell(self) -> None:
        count = 0 if self._pages is None else self._pages.count
        self.words.setText(f"Page {self._number + 1} of {count}   {self._zoom * 100:.0f} %")
        self.back.setEnabled(self._number > 0)
        self.forth.setEnabled(self._number + 1 < count)
        self.smaller.setEnabled(self._zoom > ZOOMS[0])
        self.larger.setEnabled(self._zoom < ZOOMS[-1])

    def _turn(self, by: int) -> None:
        if self._pages is not None and 0 <= self._number + by < self._pages.count:
            self._number += by
            self.area.verticalScrollBar().setValue(0)
            self._draw()

    def _resize(self, by: int) -> None:
        at = ZOOMS.index(self._zoom) + by
        if self._pages is not None and 0 <= at < len(ZOOMS):
            self._zoom = ZOOMS[at]
            self._draw()

    def _save(self) -> None:
        words = "Save the document"
        path, _ = QFileDialog.getSaveFileName(self, words, "document.pdf", "PDF (*.pdf)")
        if path:
            run(self._session, "object.save_document", uid=self._found.uid, path=path)

    def _failed(self, trouble: Exception) -> None:
        if self._closed:
            return
        if isinstance(trouble, MedviewerError):
            self.page.setWordWrap(True)
            self.page.setTextFormat(Qt.TextFormat.PlainText)
            self.page.setText(f"{trouble.message}\n{trouble.advice}")
            self.words.setText("")
        else:
            self._session.notify(trouble)

    def _end(self) -> None:
        self._closed = True
        pages, self._pages = self._pages, None
        if pages is not None:
            pages.close()
