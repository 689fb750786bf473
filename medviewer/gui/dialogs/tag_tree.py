"""The elements of one header, or of two side by side, as a tree that unfolds sequences and items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView

from medviewer.dicom.tag_compare import Change, Pair
from medviewer.dicom.tags import TagRow
from medviewer.gui import theme
from medviewer.gui.words import plain_tip

Index = QModelIndex | QPersistentModelIndex
Way = tuple[str, ...]
"""What leads to an element from the top of a header: the same in every file that has it."""

ALONE = ("Tag", "Name", "VR", "Value")
TOGETHER = ("Tag", "Name", "VR", "Difference", "First file", "Second file")
SIGNS = {
    Change.SAME: "",
    Change.VALUE: "≠ differs",
    Change.INSIDE: "≠ inside",
    Change.FIRST: "◀ only first",
    Change.SECOND: "▶ only second",
    Change.UNKNOWN: "? not compared",
}
WIDTHS_PX = (150, 250, 40, 130)
LONGEST_TIP = 1000
UNFOLDED_AT_MOST = 600
"""Longer headers begin with their sequences folded."""


class TagTree(QAbstractItemModel):
    """Rows with a parent each; only what is to be seen is asked for, so it holds as many as it likes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pairs: Sequence[Pair] = ()
        self.is_comparing = False
        self._parents: Sequence[int] = ()
        self._inside: dict[int, list[int]] = {}
        self._order: list[int] = []
        self._found: frozenset[int] = frozenset()

    def show_pairs(
        self, pairs: Sequence[Pair], parents: Sequence[int], found: frozenset[int], is_comparing: bool
    ) -> None:
        """Put other rows in place; *found* are those that answer to a search."""
        self.beginResetModel()
        self.pairs, self._parents, self._found = pairs, parents, found
        self.is_comparing = is_comparing
        self._inside, self._order = {}, []
        for at, parent in enumerate(parents):
            beside = self._inside.setdefault(parent, [])
            self._order.append(len(beside))
            beside.append(at)
        self.endResetModel()

    @property
    def found(self) -> list[int]:
        """The places of the rows that answer to the search, in order."""
        return sorted(self._found)

    def at(self, place: int, column: int = 0) -> QModelIndex:
        """The index of a row by its place among all."""
        return self.createIndex(self._order[place], column, place)

    def way(self, place: int) -> Way:
        """What leads to a row."""
        found = []
        while place >= 0:
            row = self.pairs[place].row
            found.append(f"{row.tag} {row.creator} {row.name if not row.vr else ''}")
            place = self._parents[place]
        return tuple(reversed(found))

    def sequences(self) -> Iterator[int]:
        """The places of the rows that have others inside."""
        return (place for place in self._inside if place >= 0)

    def cells(self, place: int) -> tuple[str, ...]:
        """The words of a row."""
        pair = self.pairs[place]
        row = pair.row
        name = f"{row.name}  ·  {row.creator}" if row.creator else row.name
        if not self.is_comparing:
            return (row.tag, name, row.vr, one_line(row.value))
        return (row.tag, name, row.vr, SIGNS[pair.change], _value(pair.first), _value(pair.second))

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """Qt's way to a cell."""
        beside = self._inside.get(parent.internalId() if parent.isValid() else -1, [])
        return self.createIndex(row, column, beside[row]) if 0 <= row < len(beside) else QModelIndex()

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        """The sequence or item that a row lies in."""
        above = self._parents[index.internalId()] if index.isValid() else -1
        return self.at(above) if above >= 0 else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        """How many rows lie inside one."""
        if parent.isValid() and parent.column() > 0:
            return 0
        return len(self._inside.get(parent.internalId() if parent.isValid() else -1, ()))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        """How many columns there are."""
        return len(TOGETHER if self.is_comparing else ALONE)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> str | None:
        """The words over a column."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (TOGETHER if self.is_comparing else ALONE)[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The words of a cell, its colour and weight."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cells(index.internalId())[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.cells(index.internalId())[index.column()][:LONGEST_TIP])
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._color(index.internalId(), index.column())
        if role == Qt.ItemDataRole.FontRole and index.internalId() in self._found:
            font = QFont()
            font.setBold(True)
            return font
        return None

    def _color(self, place: int, column: int) -> QColor | None:
        pair = self.pairs[place]
        if self.is_comparing and pair.differs and column >= 3:
            return QColor(theme.tokens().warning)
        if not pair.row.vr or pair.row.is_private:
            return QColor(theme.tokens().muted)
        return None


class TagView(QTreeView):
    """Shows a `TagTree` and keeps its place when another file comes."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = TagTree(self)
        self.setModel(self.tree)
        self.setAccessibleName("Elements of the header")
        self.setUniformRowHeights(True)  # without it twenty thousand rows take seconds
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setIndentation(14)
        self.setTabKeyNavigation(False)
        self._folded: dict[Way, bool] = {}
        self._is_putting = False
        self._fitted = 0
        self.expanded.connect(lambda index: self._remember(index, False))
        self.collapsed.connect(lambda index: self._remember(index, True))

    def show_pairs(
        self,
        pairs: Sequence[Pair],
        parents: Sequence[int],
        found: frozenset[int] = frozenset(),
        is_comparing: bool = False,
        unfold: bool = False,
    ) -> None:
        """Show other rows; the current one, what is folded and the scroll bar stay as far as they can."""
        now = self.tree.way(self.place) if self.place >= 0 else None
        scrolled = self.verticalScrollBar().value()
        self._is_putting = True
        self.tree.show_pairs(pairs, parents, found, is_comparing)
        open_at_first = unfold or len(pairs) <= UNFOLDED_AT_MOST
        if open_at_first:
            self.expandAll()
        for place in self.tree.sequences():
            folded = not unfold and self._folded.get(self.tree.way(place), not open_at_first)
            if folded == open_at_first:
                self.setExpanded(self.tree.at(place), not folded)
        self._is_putting = False
        columns = self.tree.columnCount()
        if columns != self._fitted:
            self.fit_columns()
            self._fitted = columns
        self._go_back(now, scrolled)

    @property
    def place(self) -> int:
        """The place of the current row, -1 when there is none."""
        index = self.currentIndex()
        return index.internalId() if index.isValid() else -1

    def go_to(self, place: int) -> None:
        """Make a row the current one and show it."""
        index = self.tree.at(place)
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def fit_columns(self) -> None:
        """Give the columns their usual widths."""
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        for column, width in enumerate(WIDTHS_PX):
            if column < self.tree.columnCount() - 1:
                self.setColumnWidth(column, width)
        if self.tree.is_comparing:
            self.setColumnWidth(4, max(160, (self.viewport().width() - sum(WIDTHS_PX)) // 2))

    def selected_text(self) -> str:
        """The selected rows, with tabs between their cells."""
        places = sorted({index.internalId() for index in self.selectionModel().selectedRows()})
        return self.text_of(places)

    def text_of(self, places: Sequence[int]) -> str:
        """Some rows as text, sequences further in."""
        return "\n".join(
            "\t".join(("  " * self.tree.pairs[at].row.depth + cells[0], *cells[1:]))
            for at in places
            for cells in (self.tree.cells(at),)
        )

    def _remember(self, index: QModelIndex, folded: bool) -> None:
        if not self._is_putting:
            self._folded[self.tree.way(index.internalId())] = folded

    def _go_back(self, way: Way | None, scrolled: int) -> None:
        if way is None:
            return
        tag = way[-1][:11]
        for place, pair in enumerate(self.tree.pairs):
            if pair.row.tag == tag and self.tree.way(place) == way:
                self.setCurrentIndex(self.tree.at(place))
                self.verticalScrollBar().setValue(scrolled)
                self.scrollTo(self.currentIndex())
                return


def one_line(text: str) -> str:
    """*text* without breaks."""
    return " ".join(text.split())


def _value(row: TagRow | None) -> str:
    return "" if row is None else one_line(row.value)
