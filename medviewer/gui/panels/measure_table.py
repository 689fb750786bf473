"""The table of annotations: kind, name, value and picture; a click goes there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from medviewer.gui import icons
from medviewer.gui.words import plain_tip
from medviewer.kit.frozen import frozen

KIND, NAME, VALUE, PICTURE = range(4)
HEADS = ("", "Name", "Value", "No.")
NAME_PX = 104
ICON_PX = 30
ROOM_PX = 10
ID = Qt.ItemDataRole.UserRole


@frozen
class Line:
    """One annotation as it is listed."""

    id: str
    kind: str
    name: str
    meaning: str
    """"" for none"""
    values: tuple[str, ...]
    """as they are listed"""
    all_values: tuple[str, ...]
    picture: str


class _Roomy(QStyledItemDelegate):
    """Lines of one annotation stand together, apart from those of the next."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """A little higher than its words."""
        return super().sizeHint(option, index) + QSize(0, ROOM_PX)


class MeasureTable(QTableWidget):
    """Fills what has changed, and tells what is chosen, renamed and deleted."""

    chosen = Signal(str)
    """the id of an annotation to go to"""
    renamed = Signal(str, str)
    """an id, and what it is called now"""

    def __init__(self, delete: Callable[[], object], parent: QWidget | None = None) -> None:
        super().__init__(0, len(HEADS), parent)
        self._delete = delete
        self._lines: list[Line] = []
        self.setAccessibleName("Annotations")
        self.setHorizontalHeaderLabels(HEADS)
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setItemDelegate(_Roomy(self))
        self.setWordWrap(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        head = self.horizontalHeader()
        head.setMinimumSectionSize(ICON_PX)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in ((KIND, ICON_PX), (NAME, NAME_PX)):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, width)
        head.setSectionResizeMode(PICTURE, QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(VALUE, QHeaderView.ResizeMode.Stretch)
        head.setHighlightSections(False)
        # no typing into a name unasked: a key that means nothing at the moment would overwrite it
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.itemClicked.connect(lambda item: self.chosen.emit(item.data(ID)))
        self.itemChanged.connect(self._rename)

    @property
    def current_id(self) -> str:
        """The annotation of the current line, "" for none."""
        item = self.item(self.currentRow(), KIND)
        return "" if item is None else str(item.data(ID))

    def line(self, row: int) -> Line:
        """What a row shows."""
        return self._lines[row]

    def show_lines(self, lines: Sequence[Line], anew: bool = False) -> None:
        """Show these lines; those that are as they were are left alone unless all is drawn *anew*."""
        before, self._lines = [] if anew else self._lines, list(lines)
        changed = [row for row, line in enumerate(lines) if row >= len(before) or before[row] != line]
        self.blockSignals(True)
        self.setRowCount(len(lines))
        for row in changed:
            self._fill(row, lines[row])
        self.blockSignals(False)
        if changed or len(before) != len(lines):
            self._fit()

    def mark(self, chosen: str) -> None:
        """Mark the line of the selected annotation, or none."""
        self.blockSignals(True)
        if not chosen and not self.hasFocus():  # a marked line would say what Del deletes
            self.setCurrentCell(-1, -1)
        for row, line in enumerate(self._lines):
            if line.id == chosen:
                self.setCurrentCell(row, max(0, self.currentColumn()))
        self.blockSignals(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words wrap elsewhere."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Once for all rows: Qt would look at every row for each cell that is put in."""
        self.resizeColumnToContents(PICTURE)
        self.resizeRowsToContents()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del deletes, Return goes there."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._delete()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current_id:
            self.chosen.emit(self.current_id)
        else:
            super().keyPressEvent(event)

    def _fill(self, row: int, line: Line) -> None:
        short = "\n".join(line.values).replace(", ", "\n")
        texts = ("", line.name, short, line.picture)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setData(ID, line.id)
            item.setToolTip("Click to go there")
            if column == NAME:
                is_coded = f"Meaning: {line.meaning}. " if line.meaning else ""
                item.setToolTip(plain_tip(f"{line.name}\n{is_coded}Double click to rename it"))
            else:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
            if column == PICTURE:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if column == KIND:
                item.setIcon(icons.icon(line.kind))
                item.setToolTip(f"{line.kind.capitalize()}: click to go there")
                item.setData(Qt.ItemDataRole.AccessibleTextRole, line.kind)
            if column == VALUE:
                item.setToolTip(plain_tip("\n".join(line.all_values)))
            self.setItem(row, column, item)

    def _rename(self, item: QTableWidgetItem) -> None:
        if item.column() == NAME:
            self.renamed.emit(item.data(ID), item.text().strip())
