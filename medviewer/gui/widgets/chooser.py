"""A search field over a list in groups: choosing by typing a few letters or by looking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from medviewer.gui import theme
from medviewer.gui.labels import plain_label
from medviewer.kit.frozen import frozen

WORDS_LINES = 6
HINT_GAP_PX = 36
HINT = Qt.ItemDataRole.UserRole + 1


@frozen
class Choosable:
    """Something that can be chosen."""

    title: str
    what: Any
    group: str = ""
    hint: str = ""
    """shown at the right, for instance the key"""
    help: str = ""
    reason: str = ""
    """why it cannot be chosen now, "" when it can"""
    also: str = ""
    """other words by which readers look for it"""


def score(wanted: str, text: str) -> int:
    """How well *text* answers to the letters of *wanted* in their order: 0 not at all, more is better.

    Letters at the beginning of words and letters that follow each other count more.
    """
    wanted, text = wanted.lower().replace(" ", ""), text.lower()
    points, at, last = 1, 0, -2
    for letter in wanted:
        found = _best(text, letter, at, last)
        if found < 0:
            return 0
        starts = found == 0 or not text[found - 1].isalnum()
        points += 8 if found == last + 1 else 6 if starts else 1
        at, last = found + 1, found
    return points


def _rated(wanted: str, one: Choosable) -> int:
    """How well something answers to *wanted*; another word for it counts as much as letters of its title."""
    points = score(wanted, f"{one.title} {one.group}")
    plain = wanted.strip().lower()
    is_meant = len(plain) > 1 and any(word.startswith(plain) for word in one.also.lower().split())
    return max(points, 5 * len(plain)) if is_meant else points


def _best(text: str, letter: str, start: int, last: int) -> int:
    """Where to count *letter*: right behind the last one, at the next beginning of a word, or anywhere."""
    if last + 1 == start and start < len(text) and text[start] == letter and last >= 0:
        return start
    first = text.find(letter, start)
    at = first
    while at >= 0:
        if at == 0 or not text[at - 1].isalnum():
            return at
        at = text.find(letter, at + 1)
    return first


class Chooser(QFrame):
    """Tells what was chosen by Return or a click; Up and Down move through the list while typing."""

    chosen = Signal(object)
    left = Signal()

    def __init__(self, label: str, parent: QWidget | None = None, explains: bool = False) -> None:
        """With *explains* what is said of the chosen line stands below the list too."""
        super().__init__(parent)
        self._all: tuple[Choosable, ...] = ()
        self.field = QLineEdit()
        self.field.setPlaceholderText(label)
        self.field.setAccessibleName(label)
        self.field.setClearButtonEnabled(True)
        self.field.setMaxLength(200)
        self.list = QListWidget()
        self.list.setAccessibleName(f"{label}: what was found")
        self.list.setItemDelegate(_Line(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)
        self.words = plain_label("", "small", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setFixedHeight(WORDS_LINES * self.words.fontMetrics().lineSpacing())
        self.words.setVisible(explains)
        layout.addWidget(self.words)
        self.list.currentItemChanged.connect(self._explain)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)

    def show_all(self, items: Iterable[Choosable]) -> None:
        """Offer *items*, in their order and groups as long as nothing is searched."""
        self._all = tuple(items)
        self.field.clear()
        self._search("")

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        """Up, Down, Return and Esc in the field belong to the list."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._step(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentItem())
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            return False
        return True

    def _search(self, wanted: str) -> None:
        self.list.clear()
        found = list(self._all)
        if wanted.strip():
            rated = [(_rated(wanted, one), one) for one in self._all]
            best = sorted(rated, key=lambda pair: (-pair[0], len(pair[1].title)))
            found = [one for points, one in best if points]
        group = ""
        for one in found:
            if one.group != group and not wanted.strip():
                group = one.group
                self._add_group(group)
            self._add(one)
        if not found:
            self._add_group("Nothing like that")
        self._step(1)

    def _add_group(self, title: str) -> None:
        item = QListWidgetItem(title)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        font = item.font()
        font.setBold(True)
        item.setFont(font)
        self.list.addItem(item)

    def _add(self, one: Choosable) -> None:
        item = QListWidgetItem(one.title)
        item.setData(HINT, one.hint)
        item.setData(
            Qt.ItemDataRole.AccessibleTextRole, f"{one.title}, {one.hint}" if one.hint else one.title
        )
        item.setData(Qt.ItemDataRole.UserRole, one)
        item.setToolTip(one.reason or one.help)
        if one.reason:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setText(f"{one.title} – {one.reason}")
        self.list.addItem(item)

    def _step(self, by: int) -> None:
        """Go to the next line that can be chosen."""
        row = self.list.currentRow() + by
        while 0 <= row < self.list.count():
            if self.list.item(row).flags() & Qt.ItemFlag.ItemIsSelectable:
                self.list.setCurrentRow(row)
                return
            row += by

    def _explain(self, item: QListWidgetItem | None) -> None:
        one = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        self.words.setText(one.help if isinstance(one, Choosable) else "")

    def _choose(self, item: QListWidgetItem | None) -> None:
        one = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if isinstance(one, Choosable) and not one.reason:
            self.chosen.emit(one.what)


class _Line(QStyledItemDelegate):
    """Writes the hint of a line at its right end, and ends the line before it."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Leave the hint its room."""
        super().initStyleOption(option, index)
        hint = index.data(HINT)
        if hint:
            room = option.rect.width() - option.fontMetrics.horizontalAdvance(hint) - HINT_GAP_PX
            option.text = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideRight, room)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the line as ever, then the hint over it."""
        super().paint(painter, option, index)
        hint = index.data(HINT)
        if hint:
            painter.save()
            painter.setPen(QColor(theme.tokens().muted))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(option.rect.adjusted(0, 0, -8, 0), right, hint)
            painter.restore()


class PopupChooser(Chooser):
    """A chooser that opens below a button and closes when something was chosen."""

    def __init__(self, label: str, parent: QWidget | None = None, explains: bool = False) -> None:
        super().__init__(label, parent, explains)
        self.setWindowFlag(Qt.WindowType.Popup, True)
        theme.mark(self, role="popup")
        self.left.connect(self.hide)
        self.chosen.connect(lambda _: self.hide())

    def open_below(
        self, widget: QWidget, items: Iterable[Choosable], size: tuple[int, int] = (300, 400)
    ) -> None:
        """Open below *widget*, inside the screen."""
        self.show_all(items)
        self.resize(max(widget.width(), size[0]), size[1])
        corner = widget.mapToGlobal(widget.rect().bottomLeft())
        screen = widget.screen().availableGeometry()
        x = min(corner.x(), screen.right() - self.width())
        y = min(corner.y(), screen.bottom() - self.height())
        self.move(max(screen.left(), x), max(screen.top(), y))
        self.show()
        self.field.setFocus()
