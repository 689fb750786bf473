"""What a label is, searched in the lists of DICOM: the meaning proposes a name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from medviewer.core.labels import Label
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.session.segmenting.codes import Kind, search
from medviewer.session.session import Session

WIDTH_PX, HEIGHT_PX = 300, 360
KIND = Qt.ItemDataRole.UserRole
IS_UNNAMED = ("Label ", "Group ")
"""A name that begins so was given by the program, and makes room for that of the meaning."""


class MeaningPopup(QFrame):
    """A field to search in, and what was found; closes when something else is clicked."""

    def __init__(self, session: Session, label: Label, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "popup")
        self.setAccessibleName(f"Meaning of {label.name}")
        self._session, self._label = session, label
        self._place = {"group": session.view.group, "value": label.value}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search: liver, nodule, bone…")
        self.field.setAccessibleName("Search for a meaning")
        self.field.textChanged.connect(self.show_found)
        layout.addWidget(self.field)
        self.list = QListWidget()
        self.list.setAccessibleName("Meanings")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.itemClicked.connect(self._take)
        self.list.itemActivated.connect(self._take)
        layout.addWidget(self.list, 1)
        row = QHBoxLayout()
        row.addWidget(plain_label("Codes of DICOM PS3.16", "small"))
        row.addStretch()
        self.none = QPushButton("No meaning")
        self.none.setAccessibleName("No meaning")
        self.none.setEnabled(label.meaning is not None)
        self.none.setToolTip("" if label.meaning is not None else "It has none")
        self.none.clicked.connect(self._take_none)
        row.addWidget(self.none)
        layout.addLayout(row)
        self.resize(WIDTH_PX, HEIGHT_PX)
        self.show_found("")
        self.field.setFocus()

    def show_found(self, words: str) -> None:
        """Show what a search finds; without words what is usual."""
        self.list.clear()
        for one in search(words):
            item = QListWidgetItem(one.meaning.meaning)
            item.setData(KIND, one)
            item.setToolTip(f"{one.meaning.scheme} {one.meaning.value} · {one.category.meaning}")
            self.list.addItem(item)
        if self.list.count():
            self.list.setCurrentRow(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys lead through what was found while the field is typed in; Return takes it."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            by = 1 if event.key() == Qt.Key.Key_Down else -1
            self.list.setCurrentRow(max(0, min(self.list.currentRow() + by, self.list.count() - 1)))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.list.currentItem() is not None:
            self._take(self.list.currentItem())
        else:
            super().keyPressEvent(event)

    def _take(self, item: QListWidgetItem) -> None:
        found: Kind = item.data(KIND)
        name = found.meaning.meaning if self._label.name.startswith(IS_UNNAMED) else ""
        run(
            self._session,
            "labels.code",
            meaning=found.meaning.to_list(),
            category=found.category.to_list(),
            name=name,
            **self._place,
        )
        self.close()

    def _take_none(self) -> None:
        run(self._session, "labels.code", meaning=(), **self._place)
        self.close()
