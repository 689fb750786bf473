"""The label that is worked on in numbers: volume, area, values and their histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from medviewer.core.labels import Label, LabelMap
from medviewer.gui.dialogs.files import ask_target
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import counted, run
from medviewer.gui.widgets.plotting import prepare
from medviewer.imaging.measure import with_minus
from medviewer.imaging.segment.statistics import PERCENTILES
from medviewer.kit.itself import Itself
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.segmenting.numbers import LabelNumbers, numbers, rows
from medviewer.session.session import Session
from medviewer.session.state import State

if TYPE_CHECKING:
    from medviewer.gui.widgets.counts_plot import CountsPlot

PATIENCE_MS = 350
"""So long after a change nothing is counted: the next stroke may be on its way."""
TABLES = "Tables (*.csv *.xlsx)"
NOTHING = "Choose a label to see its volume and values."
COPY_TIP = "Copy the numbers of this label, with tabs between"
SAVE_TIP = "Write the numbers of all labels as CSV or XLSX, without the patient's name"
EMPTY = "Nothing is marked with this label."


class Numbers(QWidget):
    """A small table, a histogram, and the ways out."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.found: LabelNumbers | None = None
        self._asked: object = None
        self._task: Task[tuple[LabelNumbers, ...]] | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self.says = plain_label(NOTHING, "muted", wrap=True)
        layout.addWidget(self.says)
        self._table = QWidget()
        self._grid = QGridLayout(self._table)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        layout.addWidget(self._table)
        self._place = QVBoxLayout()
        self._plot: CountsPlot | None = None
        layout.addLayout(self._place)
        self._rule = plain_label("", "small", wrap=True)
        layout.addWidget(self._rule)
        row = QHBoxLayout()
        self.copy = QPushButton("Copy")
        self.copy.setAccessibleName("Copy the numbers")
        self.copy.clicked.connect(self.copy_text)
        self.save = QPushButton("Save all labels…")
        self.save.setAccessibleName("Save the numbers of all labels")
        self.save.clicked.connect(self.save_table)
        row.addWidget(self.copy)
        row.addWidget(self.save)
        row.addStretch()
        layout.addLayout(row)
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._timer.timeout.connect(self._ask)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: count nothing."""
        self._timer.stop()
        if self._task is not None:
            self._task.token.cancel()
        self._asked = None
        super().hideEvent(event)

    def show_state(self, state: State) -> None:
        """Count anew where the label has changed; another slice only has another area."""
        wanted = _wanted(state)
        series = state.view.current.series
        key: object = None
        if wanted is not None and series is not None:
            scales = state.document.reading(series).scales
            key = (series, wanted[1], Itself(wanted[0].slices), scales)
        if key != self._asked:
            self._asked = key
            if wanted is None or self.found is None or self.found.label.value != wanted[1].value:
                self.found = None
                self._show()
            self._timer.start()
        elif self.found is not None:
            self._show()

    def copy_text(self) -> None:
        """Put the numbers on the clipboard, with tabs between."""
        if self.found is not None:
            head, line = rows((self.found,))
            pairs = zip(head, line, strict=True)
            told = "\n".join(f"{name}\t{'' if value is None else value}" for name, value in pairs)
            QGuiApplication.clipboard().setText(told)

    def save_table(self) -> None:
        """Ask for a file, and let the numbers of all labels be written there."""
        path = ask_target(self._session, self, "Save the numbers of labels", "labels.csv", TABLES)
        if path is not None:
            run(self._session, "labels.save_numbers", path=path if path.suffix else path.with_suffix(".csv"))

    def _ask(self) -> None:
        wanted = _wanted(self._session.state)
        series = self._session.series(self._session.view.current.series)
        if wanted is None or series is None:
            self.found = None
            self._show()
            return
        index, session = self._session.view.current.index, self._session
        scales = session.state.document.reading(series.key).scales

        def work(context: TaskContext) -> tuple[LabelNumbers, ...]:
            prepare()
            return numbers(session, series, index, (wanted,), context, scales)

        self._task = Task(work, self._take, self._failed, lane=Lane.SOON, replaces="label numbers")
        session.submit(self._task)

    def _take(self, found: tuple[LabelNumbers, ...]) -> None:
        (self.found,) = found
        self._show()

    def _failed(self, trouble: Exception) -> None:
        self.found = None
        self._show()
        self._session.notify(trouble)

    def _show(self) -> None:
        found = self.found
        is_any = found is not None and found.found.voxels > 0
        is_counting = found is None and _wanted(self._session.state) is not None
        self.says.setText("Counting…" if is_counting else NOTHING if found is None else EMPTY)
        self.says.setVisible(not is_any)
        self._table.setVisible(is_any)
        self._rule.setVisible(is_any)
        self.copy.setEnabled(is_any)
        has_labels = _has_labels(self._session.state)
        self.save.setEnabled(has_labels)
        self.save.setToolTip(SAVE_TIP if has_labels else "There are no labels on this series")
        self.copy.setToolTip(COPY_TIP if is_any else "There are no numbers yet")
        if self._plot is not None:
            self._plot.setVisible(is_any)
        if is_any and found is not None:
            self._fill(lines(found, self._session.view.current.index))
            self._rule.setText(found.rule)
            self._draw(found)

    def _fill(self, told: list[tuple[str, str]]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row, (name, value) in enumerate(told):
            self._grid.addWidget(plain_label(name, "muted"), row, 0)
            words = plain_label(value)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(words, row, 1)

    def _draw(self, found: LabelNumbers) -> None:
        if found.found.histogram is None:
            return
        if self._plot is None:
            # what plots is loaded by the task that counts, in the background
            from medviewer.gui.widgets.counts_plot import CountsPlot  # noqa: PLC0415  (see above)

            self._plot = CountsPlot("Histogram of the label's values")
            self._place.addWidget(self._plot)
        self._plot.setVisible(True)
        self._plot.show_histogram(found.found.histogram)


def lines(told: LabelNumbers, index: int) -> list[tuple[str, str]]:
    """What is told of a label while picture *index* is shown."""
    found, unit = told.found, told.found.unit
    made: list[tuple[str, str]] = []
    if found.volume_ml is not None:
        made.append(("Volume", f"{_number(found.volume_ml)} ml"))
    area = found.area(index)
    made.append((f"Area, slice {index + 1}", "–" if area is None else f"{_number(area[0])} {area[1]}"))
    if found.mean is not None and found.sd is not None:
        made.append(("Mean ± SD", f"{_value(found.mean)} ± {_value(found.sd)} {unit}".rstrip()))
    if found.minimum is not None and found.maximum is not None:
        made.append(("Lowest, highest", f"{_value(found.minimum)}, {_value(found.maximum)} {unit}".rstrip()))
    if found.percentiles:
        named = dict(zip(PERCENTILES, found.percentiles, strict=True))
        made.append(("Median", f"{_value(named[50])} {unit}".rstrip()))
        made.append(("P25, P75", f"{_value(named[25])}, {_value(named[75])} {unit}".rstrip()))
        made.append(("P5, P95", f"{_value(named[5])}, {_value(named[95])} {unit}".rstrip()))
    if found.diameter_mm is not None:
        made.append(("Longest diameter", f"{found.diameter_mm:.1f} mm"))
    parts = "Pixels" if found.volume_ml is None else "Voxels"
    made.append((parts, f"{found.voxels:,} on {counted(found.slices, 'slice')}"))
    return [(name, with_minus(value)) for name, value in made]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def _value(value: float) -> str:
    if float(value).is_integer():
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def _has_labels(state: State) -> bool:
    series = state.view.current.series
    return series is not None and any(one.labels for one in state.document.reading(series).groups)


def _wanted(state: State) -> tuple[LabelMap, Label] | None:
    view = state.view
    if view.current.series is None:
        return None
    reading = state.document.reading(view.current.series)
    group = next((one for one in reading.groups if one.id == view.group), None)
    label = None if group is None else group.label(view.label)
    return None if group is None or label is None else (group, label)
