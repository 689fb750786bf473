"""The elements of a header as they are read by people: searched, filtered, copied, and in full below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from medviewer.dicom.tag_compare import Pair
from medviewer.dicom.tag_search import searched, with_ancestors
from medviewer.dicom.tags import ancestors
from medviewer.gui.dialogs.tag_tree import TagView
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import counted
from medviewer.gui.widgets.icon_button import IconButton


class TagList(QWidget):
    """A search field over a tree of elements, and the whole value of the current one below."""

    whole_wanted = Signal(object)
    """The pair whose value is longer than the list has it."""

    def __init__(self) -> None:
        super().__init__()
        self._pairs: Sequence[Pair] = ()
        self._is_comparing = self._only_differences = False
        self._add_search()
        self._add_table()
        self._lay_out()
        self._add_keys()

    def show_pairs(self, pairs: Sequence[Pair], is_comparing: bool, only_differences: bool) -> None:
        """Show the elements of one header, or of two side by side."""
        self._pairs, self._is_comparing, self._only_differences = pairs, is_comparing, only_differences
        self._show()

    def show_whole(self, pair: Pair, values: Sequence[str]) -> None:
        """Show the values of the current pair in full."""
        if self.table.place >= 0 and self.table.tree.pairs[self.table.place] is pair:
            self.value.setPlainText(_described(pair, values, self._is_comparing))

    def _add_search(self) -> None:
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search: 0028,1053, keyword, name, VR or value")
        self.field.setAccessibleName("Search in the header")
        self.field.setToolTip("Search (Ctrl+F); Return or F3 goes to the next, Shift+F3 to the one before")
        self.field.setClearButtonEnabled(True)
        self.field.setMaxLength(200)
        self.field.textChanged.connect(lambda _: self._show())
        self.field.returnPressed.connect(lambda: self.step(1))
        self._count = plain_label("", "muted")
        self._before = IconButton("up", "Previous place (Shift+F3)", lambda: self.step(-1))
        self._after = IconButton("down", "Next place (F3)", lambda: self.step(1))
        self.only_found = switch("Only matches", "Show only rows that answer to the search", True)
        self.private = switch("Private elements", "Show elements whose meaning only their maker knows", True)
        for box in (self.only_found, self.private):
            box.clicked.connect(lambda _: self._show())

    def _add_table(self) -> None:
        self.table = TagView()
        self.table.selectionModel().currentChanged.connect(lambda *_: self._show_value())
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(
            lambda spot: self._menu().popup(self.table.viewport().mapToGlobal(spot))
        )
        self.value = QPlainTextEdit()
        self.value.setReadOnly(True)
        self.value.setAccessibleName("Value of the selected element")
        self.value.setPlaceholderText("Select an element to read its whole value here.")
        self.value.setTabChangesFocus(True)

    def _lay_out(self) -> None:
        search = QHBoxLayout()
        search.addWidget(self.field, 1)
        for widget in (self._count, self._before, self._after, self.only_found, self.private):
            search.addWidget(widget)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.value)
        split.setStretchFactor(0, 1)
        split.setSizes([440, 96])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(search)
        layout.addWidget(split, 1)

    def _add_keys(self) -> None:
        QShortcut(QKeySequence.StandardKey.Copy, self.table, self.copy_rows)
        QShortcut(QKeySequence("Ctrl+Shift+C"), self.table, self.copy_cell)
        QShortcut(QKeySequence.StandardKey.Find, self, self._search_again)
        QShortcut(QKeySequence("F3"), self, lambda: self.step(1))
        QShortcut(QKeySequence("Shift+F3"), self, lambda: self.step(-1))

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        has_row = self.table.place >= 0
        for title, call in (
            ("Copy cell\tCtrl+Shift+C", self.copy_cell),
            ("Copy rows\tCtrl+C", self.copy_rows),
        ):
            menu.addAction(title, call).setEnabled(has_row)
        menu.addAction("Copy all that is listed", self.copy_all)
        menu.addSeparator()
        menu.addAction("Unfold all", self.table.expandAll)
        menu.addAction("Fold all", self.table.collapseAll)
        return menu

    def _show(self) -> None:
        pairs = _listed(self._pairs, self.private.isChecked(), self._only_differences)
        parents = ancestors([pair.row for pair in pairs])
        wanted = self.field.text()
        found = sorted(
            set(searched([pair.first or pair.row for pair in pairs], wanted))
            | set(searched([pair.second or pair.row for pair in pairs], wanted))
        )
        count = len(found)
        is_filtered = bool(wanted.strip()) and self.only_found.isChecked()
        if is_filtered:
            kept = with_ancestors(parents, found)
            matching = frozenset(found)
            found = [at for at, place in enumerate(kept) if place in matching]
            pairs = [pairs[place] for place in kept]
            parents = ancestors([pair.row for pair in pairs])
        self.table.show_pairs(pairs, parents, frozenset(found), self._is_comparing, unfold=is_filtered)
        self._count.setText("" if not wanted.strip() else counted(count, "match", "matches"))
        for button in (self._before, self._after):
            button.setEnabled(count > 0)
        if found and self.table.place not in found:
            self.table.go_to(found[0])
        self._show_value()

    def step(self, by: int) -> None:
        """Go to the next or previous row that answers to the search, from the last one to the first."""
        found = self.table.tree.found
        if not found:
            return
        now = self.table.place
        if by > 0:
            target = next((place for place in found if place > now), found[0])
        else:
            target = next((place for place in reversed(found) if place < now), found[-1])
        self.table.go_to(target)

    def _search_again(self) -> None:
        self.field.setFocus()
        self.field.selectAll()

    def _show_value(self) -> None:
        place = self.table.place
        if place < 0:
            self.value.setPlainText("")
            return
        pair = self.table.tree.pairs[place]
        sides = [row for row in (pair.first, pair.second) if row is not None]
        self.value.setPlainText(_described(pair, [row.value for row in sides], self._is_comparing))
        if any(row.digest for row in sides):
            self.whole_wanted.emit(pair)

    def copy_cell(self) -> None:
        """Put the words of the current cell on the clipboard."""
        index = self.table.currentIndex()
        if index.isValid():
            _copy(self.table.tree.cells(index.internalId())[index.column()])

    def copy_rows(self) -> None:
        """Put the selected rows on the clipboard, with tabs between."""
        _copy(self.table.selected_text())

    def copy_all(self) -> None:
        """Put all that is listed on the clipboard, with tabs between."""
        _copy(self.table.text_of(range(len(self.table.tree.pairs))))


def switch(title: str, tip: str, on: bool) -> QCheckBox:
    """A tick box that says what it is for."""
    box = QCheckBox(title)
    box.setAccessibleName(title)
    box.setToolTip(tip)
    box.setChecked(on)
    return box


def _listed(pairs: Sequence[Pair], private: bool, only_differences: bool) -> list[Pair]:
    """Those that are to be seen; what lies inside a hidden element is hidden too."""
    kept: list[Pair] = []
    hidden_below = -1
    for pair in pairs:
        depth = pair.row.depth
        if 0 <= hidden_below < depth:
            continue
        hidden_below = -1
        if pair.row.is_private and not private:
            hidden_below = depth
        elif pair.differs or not only_differences:
            kept.append(pair)
    return kept


def _described(pair: Pair, values: Sequence[str], is_comparing: bool) -> str:
    """What stands below the list: the element, and its value on each side that has it."""
    row = pair.row
    head = "  ".join(filter(None, (row.tag, row.vr, row.keyword, row.name, row.creator)))
    sides = [name for name, side in (("First", pair.first), ("Second", pair.second)) if side is not None]
    if is_comparing:
        values = [f"{side}: {value}" for side, value in zip(sides, values, strict=True)]
    return "\n".join([head, *values])


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
