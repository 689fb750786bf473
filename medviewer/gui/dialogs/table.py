"""A window with a searchable table whose rows can be copied; lists of tags, keys and messages are such."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from medviewer.gui.labels import plain_label

Index = QModelIndex | QPersistentModelIndex
Row = tuple[str, ...]


class Rows(QAbstractTableModel):
    """Plain words in columns; it holds as many rows as it likes, because only what is seen is asked for."""

    def __init__(self, heads: Sequence[str], rows: Sequence[Row] = ()) -> None:
        super().__init__()
        self._heads = tuple(heads)
        self.rows: tuple[Row, ...] = tuple(rows)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Put other rows in place."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        """How many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        """How many columns there are."""
        return 0 if parent.isValid() else len(self._heads)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """The words of a cell."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self.rows[index.row()][index.column()]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> str | None:
        """The words over a column."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._heads[section]
        return None


class TableDialog(QDialog):
    """A table with a search field; it stands beside the work and blocks nothing."""

    def __init__(self, title: str, heads: Sequence[str], parent: QWidget, stretch: int = -1) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setSizeGripEnabled(True)
        self.resize(760, 560)
        self.model = Rows(heads)
        self._filter = QSortFilterProxyModel(self)
        self._filter.setSourceModel(self.model)
        self._filter.setFilterKeyColumn(-1)
        self._filter.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.words = plain_label("", "muted", wrap=True)
        self.words.hide()
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search")
        self.field.setAccessibleName(f"Search in: {title}")
        self.field.setClearButtonEnabled(True)
        self.field.setMaxLength(200)
        self.field.textChanged.connect(self._filter.setFilterFixedString)
        self.table = self._table(title, stretch if stretch >= 0 else len(heads) - 1)
        self.below = QHBoxLayout()
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy the selected rows, or all of them")
        self.copy.setAccessibleName("Copy the selected rows, or all of them")
        self.copy.clicked.connect(self.copy_rows)
        shut = QPushButton("Close")
        shut.setAccessibleName("Close")
        shut.clicked.connect(self.close)
        self.below.addWidget(self.copy)
        self.below.addStretch()
        self.below.addWidget(shut)
        for button in (self.copy, shut):
            button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(self.words)
        layout.addWidget(self.field)
        layout.addWidget(self.table, 1)
        layout.addLayout(self.below)
        QShortcut(QKeySequence.StandardKey.Copy, self.table, self.copy_rows)
        self.field.setFocus()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Put rows in place."""
        self.model.show_rows(rows)

    def say(self, words: str) -> None:
        """Write something over the table."""
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def copy_rows(self) -> None:
        """Put the selected rows, else all that the search has left, on the clipboard, with tabs between."""
        chosen = self.table.selectionModel().selectedRows()
        rows = [index.row() for index in chosen] or list(range(self._filter.rowCount()))
        places = (self._filter.mapToSource(self._filter.index(row, 0)).row() for row in sorted(rows))
        QGuiApplication.clipboard().setText("\n".join("\t".join(self.model.rows[at]) for at in places))

    def _table(self, title: str, stretch: int) -> QTableView:
        table = QTableView()
        table.setModel(self._filter)
        table.setAccessibleName(title)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setTextElideMode(Qt.TextElideMode.ElideRight)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(24)
        head = table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
        return table
