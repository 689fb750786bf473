"""The steps of a stack in the order in which they are run: ticked, dragged to another place, deleted."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from medviewer.core.pipeline import Step
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Stage

ROW_PX = 30
HEAD_PX = 24
MOST_PX = 300
STEP = Qt.ItemDataRole.UserRole
HEADS = {
    Stage.SIGNAL: ("Before the window", "These work on the values. They run first, wherever they stand."),
    Stage.DISPLAY: ("After the window", "These work on greys from black to white, as they are seen."),
    Stage.MARKS: ("Over the picture", "These draw lines over the picture and change nothing of it."),
    None: ("Not installed", "Nothing here can do these steps."),
}


class StepList(QListWidget):
    """Shows steps by stage, each stage in its order; tells of Del, and of a drag inside a stage."""

    removal_wanted = Signal()
    moved = Signal(int, int)
    """a step of the stack, and the number that it is to have there; the same one: it stays"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Enhancement steps in the order in which they run")
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._stages: tuple[Stage | None, ...] = ()
        self.model().rowsMoved.connect(self._dragged)

    @property
    def step(self) -> int:
        """The number in the stack of the selected step, -1 without one."""
        return self.step_at(self.currentRow())

    def step_at(self, row: int) -> int:
        """The number in the stack of the step in a row, -1 for a heading and beside the list."""
        item = self.item(row)
        number = None if item is None else item.data(STEP)
        return -1 if number is None else int(number)

    def row_of(self, step: int) -> int:
        """The row in which a step of the stack stands, -1 when it is not there."""
        return next((row for row in range(self.count()) if self.step_at(row) == step), -1)

    def select(self, step: int) -> None:
        """Select a step of the stack."""
        self.setCurrentRow(self.row_of(step))

    def neighbour(self, step: int, by: int) -> int:
        """The step that runs right before (-1) or after (1) one of the same stage, -1 without any."""
        if not 0 <= step < len(self._stages):
            return -1
        same = self._of_stage(self._stages[step])
        at = same.index(step) + by
        return same[at] if 0 <= at < len(same) else -1

    def show_steps(self, steps: tuple[Step, ...], selected: int) -> None:
        """Show *steps*, the one of the number *selected* chosen, without telling anybody."""
        before = self.blockSignals(True)
        self.clear()
        self._stages = tuple(stage_of(step) for step in steps)
        height = 4
        for stage in HEADS:
            numbers = self._of_stage(stage)
            if numbers:
                self.addItem(_head(stage))
                height += HEAD_PX + ROW_PX * len(numbers)
            for number in numbers:
                self.addItem(_item(steps[number], number))
        self.setFixedHeight(min(max(height, ROW_PX), MOST_PX))
        self.select(selected)
        self.blockSignals(before)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del removes the selected step."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removal_wanted.emit()
            return
        super().keyPressEvent(event)

    def _of_stage(self, stage: Stage | None) -> list[int]:
        return [number for number, one in enumerate(self._stages) if one is stage]

    def _dragged(self, _: QModelIndex, start: int, __: int, ___: QModelIndex, row: int) -> None:
        """A step takes the place among those of its stage at which it was dropped; stages keep theirs."""
        step = self.step_at(row - 1 if row > start else row)
        if step < 0:
            return
        stage = self._stages[step]
        shown = [self.step_at(at) for at in range(self.count())]
        order = [one for one in shown if one >= 0 and self._stages[one] is stage]
        self.moved.emit(step, self._of_stage(stage)[order.index(step)])


def stage_of(step: Step) -> Stage | None:
    """Where a step works; None: nothing here can do it."""
    return ENHANCEMENTS[step.operation].stage if step.operation in ENHANCEMENTS else None


def _head(stage: Stage | None) -> QListWidgetItem:
    title, words = HEADS[stage]
    item = QListWidgetItem(title)
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    item.setSizeHint(QSize(10, HEAD_PX))
    item.setToolTip(words)
    item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, words)
    font = item.font()
    font.setPointSizeF(font.pointSizeF() * 0.9)
    item.setFont(font)
    return item


def _item(step: Step, number: int) -> QListWidgetItem:
    known = step.operation in ENHANCEMENTS
    title = ENHANCEMENTS[step.operation].title if known else f"{step.operation} (not installed)"
    item = QListWidgetItem(title)
    item.setFlags(
        Qt.ItemFlag.ItemIsEnabled
        | Qt.ItemFlag.ItemIsSelectable
        | Qt.ItemFlag.ItemIsUserCheckable
        | Qt.ItemFlag.ItemIsDragEnabled
    )
    item.setData(STEP, number)
    item.setCheckState(Qt.CheckState.Checked if step.on else Qt.CheckState.Unchecked)
    item.setSizeHint(QSize(10, ROW_PX))
    words = ENHANCEMENTS[step.operation].help if known else ""
    item.setToolTip(f"{title}\n{words}\nTick: on or off. Drag: another place among these.")
    return item
