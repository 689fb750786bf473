"""The steps of a stack: ticked, dragged to another place, deleted."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from medviewer.core.pipeline import Step
from medviewer.imaging.enhance.operation import ENHANCEMENTS

ROW_PX = 30
MOST_ROWS = 8


class StepList(QListWidget):
    """Shows steps in their order; `removal_wanted` tells of Del."""

    removal_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Enhancement steps in order")
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)

    def show_steps(self, steps: tuple[Step, ...], row: int) -> None:
        """Show *steps*, number *row* selected, without telling anybody."""
        before = self.blockSignals(True)
        self.clear()
        for step in steps:
            self.addItem(_item(step))
        self.setFixedHeight(ROW_PX * max(1, min(len(steps), MOST_ROWS)) + 4)
        self.setCurrentRow(row)
        self.blockSignals(before)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del removes the selected step."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removal_wanted.emit()
            return
        super().keyPressEvent(event)


def _item(step: Step) -> QListWidgetItem:
    known = step.operation in ENHANCEMENTS
    title = ENHANCEMENTS[step.operation].title if known else f"{step.operation} (not installed)"
    item = QListWidgetItem(title)
    item.setFlags(
        Qt.ItemFlag.ItemIsEnabled
        | Qt.ItemFlag.ItemIsSelectable
        | Qt.ItemFlag.ItemIsUserCheckable
        | Qt.ItemFlag.ItemIsDragEnabled
    )
    item.setCheckState(Qt.CheckState.Checked if step.on else Qt.CheckState.Unchecked)
    item.setSizeHint(QSize(10, ROW_PX))
    item.setToolTip("Tick: on or off. Drag: another place in the order.")
    return item
