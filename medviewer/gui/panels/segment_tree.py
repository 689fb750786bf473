"""The groups and labels of a series as a list: swatch, name, fill, eye and lock, each changed in place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from medviewer.core.labels import Label, LabelMap
from medviewer.gui import icons, theme
from medviewer.gui.words import plain_tip
from medviewer.kit.frozen import frozen

NAME, FILL, EYE, LOCK = range(4)
PLACE = Qt.ItemDataRole.UserRole
"""(id of the group, value of the label), 0 for the group itself"""
ICON_PX = 18
COLUMN_PX = 26
ROW_PX = 28
MOST_PX = 260
SWATCH_PX = 14


@frozen
class Shown:
    """What the list shows of a group."""

    id: str
    name: str
    labels: tuple[Label, ...]
    model: str = ""
    """the model that proposes it, and whose proposal nobody has accepted"""

    @classmethod
    def of(cls, group: LabelMap) -> Shown:
        """What it shows of a label map."""
        model = str(group.provenance) if group.is_proposal else ""
        return cls(group.id, group.name or str(group.provenance or "Group"), group.labels, model)


class LabelTree(QTreeWidget):
    """Shows labels by group, the uppermost first, and tells what the reader wants of them."""

    chosen = Signal(str, int)
    """group and value of the label to work on"""
    renamed = Signal(str, int, str)
    toggled = Signal(str, int, int)
    """group, value, and the column that was clicked"""
    removal_wanted = Signal(str, int)
    menu_wanted = Signal(str, int, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Labels of the active series")
        self.setColumnCount(4)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setIconSize(QSize(ICON_PX, ICON_PX))
        self.setUniformRowHeights(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        head = self.header()
        head.setStretchLastSection(False)
        head.setMinimumSectionSize(COLUMN_PX)
        head.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (FILL, EYE, LOCK):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, COLUMN_PX)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.itemClicked.connect(self._clicked)
        self.itemChanged.connect(self._changed)
        self.currentItemChanged.connect(lambda now, _: self._went(now))
        self._shown: tuple[Shown, ...] = ()

    def show_groups(self, groups: tuple[Shown, ...]) -> None:
        """Show *groups*, the lowest first; what is being typed is not taken away."""
        if groups == self._shown or self.state() == QAbstractItemView.State.EditingState:
            return
        self._shown = groups
        self._quietly(self._fill)

    def mark(self, group: str, value: int) -> None:
        """Show which label is worked on."""
        found = self._item(group, value)
        if found is None:
            self._quietly(self.clearSelection)
        elif found is not self.currentItem():
            self._quietly(lambda: self.setCurrentItem(found))

    def edit_name(self, group: str, value: int) -> None:
        """Let the name be typed anew."""
        found = self._item(group, value)
        if found is not None:
            self.editItem(found, NAME)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del removes, Space shows or hides."""
        item = self.currentItem()
        if item is not None and item.data(NAME, PLACE) is not None:
            group, value = item.data(NAME, PLACE)
            if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
                self.removal_wanted.emit(group, value)
                return
            if event.key() == Qt.Key.Key_Space and value:
                self.toggled.emit(group, value, EYE)
                return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: draw the icons in its colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.__dict__.get("_shown"):
            self._quietly(self._fill)

    def _fill(self) -> None:
        self.clear()
        rows = 0
        has_heads = len(self._shown) > 1 or any(one.model for one in self._shown)
        for group in reversed(self._shown):
            if has_heads:
                self.addTopLevelItem(_group_item(group))
                rows += 1
            for label in group.labels:
                self.addTopLevelItem(_label_item(group, label))
                rows += 1
        self.setFixedHeight(min(max(rows, 1) * ROW_PX + 4, MOST_PX))

    def _quietly(self, call: Callable[[], object]) -> None:
        before = self.blockSignals(True)
        call()
        self.blockSignals(before)

    def _item(self, group: str, value: int) -> QTreeWidgetItem | None:
        items = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return next((one for one in items if one is not None and _place(one) == (group, value)), None)

    def _went(self, item: QTreeWidgetItem | None) -> None:
        if item is not None and _place(item)[1]:
            self.chosen.emit(*_place(item))

    def _clicked(self, item: QTreeWidgetItem, column: int) -> None:
        group, value = _place(item)
        if value and column != NAME:
            self.toggled.emit(group, value, column)

    def _changed(self, item: QTreeWidgetItem, column: int) -> None:
        if column == NAME:
            self.renamed.emit(*_place(item), item.text(NAME))

    def _menu(self, at: QPoint) -> None:
        item = self.itemAt(at)
        if item is not None:
            self.menu_wanted.emit(*_place(item), self.viewport().mapToGlobal(at))


def swatch(color: str, filled: bool = True) -> QIcon:
    """A square of a colour, or its outline."""
    picture = QPixmap(2 * SWATCH_PX, 2 * SWATCH_PX)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    inside = QColor(color if QColor.isValidColorName(color) else theme.tokens().muted)
    painter.setPen(Qt.PenStyle.NoPen if filled else inside)
    if filled:
        painter.fillRect(picture.rect(), inside)
    else:
        pen = painter.pen()
        pen.setWidth(6)
        painter.setPen(pen)
        painter.drawRect(picture.rect().adjusted(2, 2, -3, -3))
    painter.end()
    made = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # a chosen line would tint it
        made.addPixmap(picture, mode)
    return made


def _place(item: QTreeWidgetItem) -> tuple[str, int]:
    found = item.data(NAME, PLACE)
    return (str(found[0]), int(found[1]))


def _group_item(group: Shown) -> QTreeWidgetItem:
    item = QTreeWidgetItem([group.name if not group.model else f"{group.model} proposes"])
    item.setData(NAME, PLACE, (group.id, 0))
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    if not group.model:
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
    item.setForeground(NAME, QColor(theme.tokens().ai if group.model else theme.tokens().muted))
    item.setSizeHint(NAME, QSize(10, ROW_PX))
    item.setFirstColumnSpanned(True)
    item.setToolTip(
        NAME, f"{plain_tip(group.name)}: within a group nothing overlaps, between groups anything may"
    )
    return item


def _label_item(group: Shown, label: Label) -> QTreeWidgetItem:
    item = QTreeWidgetItem([label.name])
    item.setData(NAME, PLACE, (group.id, label.value))
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable)
    item.setIcon(NAME, swatch(label.color, label.filled))
    item.setSizeHint(NAME, QSize(10, ROW_PX))
    meaning = (
        ""
        if label.meaning is None
        else f"\n{label.meaning.meaning} ({label.meaning.scheme} {label.meaning.value})"
    )
    item.setToolTip(NAME, plain_tip(f"{label.name}{meaning}\nClick to work on it, double click to rename it"))
    buttons = (
        (FILL, "label-filled" if label.filled else "label-outline", "Filled", "Outline only", label.filled),
        (EYE, "eye" if label.visible else "eye-off", "Visible", "Hidden", label.visible),
        (
            LOCK,
            "lock" if label.locked else "unlock",
            "Locked: nothing changes it",
            "Not locked",
            label.locked,
        ),
    )
    colors = theme.tokens()
    for column, name, on, off, is_on in buttons:
        strong = is_on if column == LOCK else not is_on if column == EYE else False
        item.setIcon(column, icons.icon(name, colors.text if strong else colors.muted))
        words = on if is_on else off
        item.setToolTip(column, f"{words}. Click to change")
        item.setData(column, Qt.ItemDataRole.AccessibleTextRole, f"{label.name}: {words}")
    return item
