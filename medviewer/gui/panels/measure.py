"""What was drawn on the active series, and what it measures."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from medviewer.core.annotation import Annotation
from medviewer.core.geometry import Calibration, Plane
from medviewer.core.study import Series
from medviewer.gui import icons
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import counted, run
from medviewer.gui.panels.panel import Panel, panel
from medviewer.gui.words import plain_tip
from medviewer.imaging.measure import measure, with_minus
from medviewer.session.crossings import WORDS as WORDS_OF_PLANES
from medviewer.session.drawn import lying_on
from medviewer.session.facts import plane_words
from medviewer.session.session import Session
from medviewer.session.state import State, Viewport

KIND, WORDS, VALUE, PICTURE = range(4)
HEADS = ("", "Words", "Value", "No.")
WORDS_PX = 84
ICON_PX = 30
ID = Qt.ItemDataRole.UserRole
MOST_TRIES = 100
"""So often the panel looks again whether a picture is enhanced; some are too large to be kept."""
CALIBRATION = {
    Calibration.NONE: "The file does not say how large a pixel is: lengths are in pixels, not millimetres.",
    Calibration.DETECTOR: "Lengths are true at the detector; in the patient they are shorter.",
    Calibration.REGIONS: "Lengths are in millimetres only inside a calibrated region of the picture.",
    Calibration.GEOMETRY: "Lengths are corrected for magnification from the geometry of the machine.",
    Calibration.FIDUCIAL: "Lengths are calibrated with an object of known size in the picture.",
}


@panel("measure", "Measure", order=40, icon="length")
class MeasurePanel(Panel):
    """A table of annotations; a click goes to the picture they lie on."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._count = plain_label("", "section")
        self.body.addWidget(self._count)
        self.table = _Table(self)
        self.body.addWidget(self.table, 1)
        row = QHBoxLayout()
        self.delete = QPushButton("Delete")
        self.delete.setAccessibleName("Delete the selected annotation")
        self.delete.clicked.connect(self.delete_selected)
        self.table.currentCellChanged.connect(lambda *_: self._show_deletable())
        row.addWidget(self.delete)
        row.addStretch()
        self.body.addLayout(row)
        self._hint = plain_label(
            "Choose a tool in the tool bar – length, angle, rectangle, ellipse – and drag on the picture.",
            "muted",
            True,
        )
        self.body.addWidget(self._hint)
        self._calibration = plain_label("", "warning", wrap=True)
        self.body.addWidget(self._calibration)
        self.body.addStretch(0)  # keeps the words together while there is no table
        self._late = QTimer(self, singleShot=True, interval=200)
        self._late.timeout.connect(self._show)
        self._tries = 0
        self.watch(_drawn, lambda _: self._show())
        self.watch(_enhanced, lambda _: self._show_soon())
        self.watch(lambda state: state.view.selected, lambda _: self._mark())
        self.watch(
            lambda state: (state.view.current.series, state.view.current.index, state.view.current.cut),
            lambda _: self._show_calibration(),
        )

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: draw the marks of the kinds in its colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: wait for no values."""
        self._late.stop()
        super().hideEvent(event)

    def delete_selected(self) -> None:
        """Delete the annotation of the current line."""
        item = self.table.item(self.table.currentRow(), KIND)
        if item is not None:
            run(self.session, "annotate.delete", id=item.data(ID))

    def _show(self) -> None:
        series = self.session.series(self.session.view.current.series)
        drawn = _drawn(self.session.state)[1]
        self.table.blockSignals(True)
        self.table.setRowCount(len(drawn))
        for row, one in enumerate(drawn):
            self._fill(row, one, series)
        self.table.blockSignals(False)
        self._count.setText(counted(len(drawn), "annotation") if drawn else "No annotations on this series")
        self._hint.setVisible(not drawn)
        self.table.setVisible(bool(drawn))
        self.delete.setVisible(bool(drawn))
        self._mark()

    def _fill(self, row: int, one: Annotation, series: Series | None) -> None:
        there = None if series is None else lying_on(self.session, series, one)
        lines = self._lines(one, series, there)
        words = (
            "",
            one.text,
            "\n".join(lines).replace(" (population)", "").replace(", ", "\n"),
            _picture_words(series, there),
        )
        for column, text in enumerate(words):
            item = QTableWidgetItem(text)
            item.setData(ID, one.id)
            item.setToolTip("Double click to change the words" if column == WORDS else "Click to go there")
            if column != WORDS:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
            if column == PICTURE:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if column == KIND:
                item.setIcon(icons.icon(one.shape.word))
                item.setToolTip(f"{one.shape.word.capitalize()}: click to go there")
                item.setData(Qt.ItemDataRole.AccessibleTextRole, one.shape.word)
            if column == VALUE:
                item.setToolTip(plain_tip("\n".join(lines)))
            self.table.setItem(row, column, item)

    def _lines(self, one: Annotation, series: Series | None, there: Viewport | None) -> list[str]:
        """What an annotation measures, line by line."""
        plane = None if there is None else self.session.rendering.plane(there)
        if there is None or plane is None:
            return _lines_nowhere(one, series)
        frame = self.session.rendering.frame(there)
        if frame is None and there.cut is None:
            self._late.start()  # the region is measured when its picture is decoded
        made = None if frame is None else self.session.rendering.made(there)
        if made is None and self._tries < MOST_TRIES and self._is_enhanced(there):
            self._tries += 1
            self._late.start()  # what the enhancement makes of it is told when that is done
        found = measure(one, plane, frame, made)
        return [with_minus(line) for line in found.text if line != one.text]

    def _is_enhanced(self, there: Viewport) -> bool:
        """Whether a viewport is to be seen that is enhanced: nobody else's picture is on its way."""
        view = self.session.view
        is_shown = any(view.viewports[number] == there for number in view.shown)
        return is_shown and bool(self.session.rendering.pipeline_of(there).active)

    def _show_soon(self) -> None:
        """Enhanced values change, maybe with every step of a slider."""
        self._tries = 0
        self._late.start()

    def _mark(self) -> None:
        selected = self.session.view.selected
        self.table.blockSignals(True)
        if not selected and not self.table.hasFocus():  # a marked line would say what Del deletes
            self.table.setCurrentCell(-1, -1)
        for row in range(self.table.rowCount()):
            item = self.table.item(row, KIND)
            if item is not None and item.data(ID) == selected:
                self.table.setCurrentCell(row, max(0, self.table.currentColumn()))
        self.table.blockSignals(False)
        self._show_deletable()

    def _show_deletable(self) -> None:
        is_any = self.table.currentRow() >= 0
        self.delete.setEnabled(is_any)
        self.delete.setToolTip(
            with_key("Delete the selected annotation; undo brings it back", "annotate.delete")
            if is_any
            else "Select an annotation in the list or on the picture first"
        )

    def _show_calibration(self) -> None:
        plane = self._plane()
        text = CALIBRATION.get(plane.calibration, "") if plane else ""
        self._calibration.setText(text)
        self._calibration.setVisible(bool(text))

    def _plane(self) -> Plane | None:
        return self.session.rendering.plane(self.session.view.current)


class _Table(QTableWidget):
    """Kind, words, value and picture number."""

    def __init__(self, owner: MeasurePanel) -> None:
        super().__init__(0, len(HEADS))
        self._owner = owner
        self.setAccessibleName("Annotations of the active series")
        self.setHorizontalHeaderLabels(HEADS)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        head = self.horizontalHeader()
        head.setMinimumSectionSize(ICON_PX)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in ((KIND, ICON_PX), (WORDS, WORDS_PX)):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, width)
        head.setSectionResizeMode(PICTURE, QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(VALUE, QHeaderView.ResizeMode.Stretch)
        head.setHighlightSections(False)
        self.itemClicked.connect(self._go)
        self.itemChanged.connect(self._reword)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del deletes, Return goes there."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._owner.delete_selected()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentItem() is not None:
            self._go(self.currentItem())
        else:
            super().keyPressEvent(event)

    def _go(self, item: QTableWidgetItem) -> None:
        run(self._owner.session, "annotate.jump", id=item.data(ID))

    def _reword(self, item: QTableWidgetItem) -> None:
        if item.column() == WORDS:
            run(self._owner.session, "annotate.text", id=item.data(ID), text=item.text().strip())


def _drawn(state: State) -> tuple[Any, tuple[Annotation, ...]]:
    series = state.view.current.series
    return series, state.document.reading(series).annotations if series else ()


def _enhanced(state: State) -> tuple[Any, ...]:
    """What values of an enhanced picture depend on."""
    view = state.view
    readings = state.document.readings
    return (
        view.peek,
        tuple(readings[key].pipeline for key in readings),
        tuple((one.voi, one.recipe, one.enhanced, one.index) for one in view.viewports),
    )


def _lines_nowhere(one: Annotation, series: Series | None) -> list[str]:
    """What can be said of an annotation that lies on no slice and no plane that is shown."""
    own = series is not None and any(
        address.plane.frame_of_reference == one.frame_of_reference for address in series.frames
    )
    return ["on a turned plane"] if own else ["on another series"]


def _picture_words(series: Series | None, there: Viewport | None) -> str:
    """The number of the slice, or the short name of the plane; a turned one is called as in its corner."""
    if series is None or there is None:
        return ""
    if there.cut is None:
        return str(there.index + 1)
    words = plane_words(there.cut)
    return WORDS_OF_PLANES.get(words, words.replace(" ", "\n", 1))
