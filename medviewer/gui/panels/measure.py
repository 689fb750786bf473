"""What was drawn on the active series or on all that are open, and what it measures."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from medviewer.core.geometry import Calibration, Plane
from medviewer.core.study import SeriesKey
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import counted, run
from medviewer.gui.panels.measure_detail import MeasureDetail
from medviewer.gui.panels.measure_table import Line, MeasureTable
from medviewer.gui.panels.panel import Panel, panel
from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.gui.window_files import export_measurements
from medviewer.imaging.measure import Measurement, measure, with_minus
from medviewer.kit.errors import MedviewerError
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.crossings import WORDS as WORDS_OF_PLANES
from medviewer.session.measuring.listed import Listed
from medviewer.session.measuring.table import Row, keys_of, measured
from medviewer.session.session import Session
from medviewer.session.state import State, Viewport

SCOPES = ("series", "all")
LATE_MS = 200
MOST_TRIES = 100
"""So often the panel looks again whether a picture is enhanced; some are too large to be kept."""
CALIBRATION = {
    Calibration.NONE: "The file does not say how large a pixel is: lengths are in pixels, not millimetres.",
    Calibration.DETECTOR: "Lengths are true at the detector; in the patient they are shorter.",
    Calibration.REGIONS: "Lengths are in millimetres only inside a calibrated region of the picture.",
    Calibration.GEOMETRY: "Lengths are corrected for magnification from the geometry of the machine.",
    Calibration.FIDUCIAL: "Lengths are calibrated with an object of known size in the picture.",
    Calibration.MANUAL: "Lengths are told by what was calibrated by hand; no file says so.",
}
Texts = tuple[str, ...]
Measured = tuple[Any, Plane | None]
"""What a measurement is of: the annotation, and the plane with its scale."""


@panel("measure", "Measure", order=40, icon="length")
class MeasurePanel(Panel):
    """A table of annotations; a click goes to the picture they lie on."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._listed = Listed(session)
        self._rows: tuple[Row, ...] = ()
        self._known: dict[Measured, Measurement] = {}
        self._add_head()
        self.table = MeasureTable(self.delete_selected, self)
        self.table.chosen.connect(lambda chosen: run(session, "annotate.jump", id=chosen))
        self.table.renamed.connect(self._rename)
        self.body.addWidget(self.table, 1)
        self._add_buttons()
        self.detail = MeasureDetail(session)
        self.body.addWidget(self.detail)
        self._hint = plain_label(
            "Choose a tool in the tool bar – length, angle, ellipse … – and drag on the picture.",
            "muted",
            True,
        )
        self.body.addWidget(self._hint)
        self._calibration = plain_label("", "warning", wrap=True)
        self.body.addWidget(self._calibration)
        self.remove = QPushButton("Remove calibration by hand")
        self.remove.setToolTip("Tell lengths as the file does again, on the whole series")
        self.remove.clicked.connect(lambda: run(session, "measure.uncalibrate"))
        self.body.addWidget(self.remove)
        self.body.addStretch(0)  # keeps the words together while there is no table
        self._late = QTimer(self, singleShot=True, interval=LATE_MS)
        self._late.timeout.connect(self._show)
        self._tries = 0
        self.watch(lambda state: _drawn(state, self._scope), lambda _: self._show())
        self.watch(_enhanced, lambda _: self._show_soon())
        self.watch(lambda state: state.view.selected, lambda _: self._mark())
        self.watch(_place, lambda _: self._show_calibration())

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: draw the marks of the kinds in its colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self._show(anew=True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: wait for no values."""
        self._late.stop()
        super().hideEvent(event)

    def delete_selected(self) -> None:
        """Delete the annotation of the current line."""
        chosen = self.table.current_id
        if chosen:
            run(self.session, "annotate.delete", id=chosen)

    @property
    def _scope(self) -> str:
        return SCOPES[self.scope.currentIndex()]

    def _add_head(self) -> None:
        row = QHBoxLayout()
        self._count = plain_label("", "section")
        row.addWidget(self._count, 1)
        self.scope = QuietComboBox("Of which series")
        self.scope.addItems(["This series", "All open"])
        self.scope.currentIndexChanged.connect(lambda _: self._show())
        row.addWidget(self.scope)
        self.body.addLayout(row)

    def _add_buttons(self) -> None:
        row = QHBoxLayout()
        self.delete = QPushButton("Delete")
        self.delete.setAccessibleName("Delete the selected annotation")
        self.delete.clicked.connect(self.delete_selected)
        self.table.currentCellChanged.connect(lambda *_: self._show_current())
        row.addWidget(self.delete)
        row.addStretch()
        self.export = QPushButton("Export…")
        self.export.setAccessibleName("Export the measurements")
        self.export.setToolTip("Write this table with all its numbers, as a sheet or as CSV")
        self.export.clicked.connect(lambda: export_measurements(self.session, self, self._scope))
        row.addWidget(self.export)
        self.body.addLayout(row)

    def _show(self, anew: bool = False) -> None:
        self._rows = self._listed.rows(keys_of(self.session, self._scope))  # type: ignore[arg-type]
        missing: list[Row] = []
        lines = [self._line(one, missing) for one in self._rows]
        self._ask(missing)
        self.table.show_lines(lines, anew)
        self._count.setText(counted(len(lines), "annotation") if lines else "No annotations")
        for widget, is_shown in (
            (self._hint, not lines),
            (self.table, bool(lines)),
            (self.delete, bool(lines)),
            (self.export, bool(lines)),
        ):
            widget.setVisible(is_shown)
        self._mark()

    def _line(self, row: Row, missing: list[Row]) -> Line:
        one = row.annotation
        texts = self._texts(row, missing)
        meaning = "" if one.meaning is None else one.meaning.meaning
        name = row.name if one.shape.is_measured else one.text
        return Line(one.id, one.shape.word, name, meaning, *texts, self._picture(row))

    def _texts(self, row: Row, missing: list[Row]) -> tuple[Texts, Texts]:
        """What an annotation measures, briefly and in full; what is not known yet is *missing*."""
        one, plane, there = row.annotation, row.plane, row.there
        if plane is None or there is None:
            return (self._why_nowhere(row),), (self._why_nowhere(row),)
        if not one.shape.is_measured:
            return (), ()
        frame = self.session.rendering.frame(there) if row.needs_values else None
        if not row.needs_values or frame is not None:
            made = None if frame is None else self.session.rendering.made(there)
            if frame is not None and made is None and self._tries < MOST_TRIES and self._is_enhanced(there):
                self._tries += 1
                self._late.start()  # what the enhancement makes of it is told when that is done
            found = self._known[one, plane] = measure(one, plane, frame, made)
        elif (one, plane) in self._known:
            found = self._known[one, plane]
        else:
            missing.append(row)
            found = measure(one, plane)
        return tuple(map(with_minus, found.short)), tuple(map(with_minus, found.text))

    def _ask(self, missing: list[Row]) -> None:
        """Let a worker measure what lies on pictures that are not decoded."""
        if len(self._known) > 2 * len(self._rows) + 100:
            self._known = {key: found for key, found in self._known.items() if self._is_listed(key)}
        if not missing:
            return
        session = self.session

        def work(context: TaskContext) -> dict[Measured, Measurement]:
            done = {}
            for row in missing:
                try:
                    found = measured(session, row, context)
                except MedviewerError:
                    # its viewport tells of a picture that cannot be decoded; the list has no values of it
                    found = None if row.plane is None else measure(row.annotation, row.plane)
                if found is not None:
                    done[row.annotation, row.plane] = found
            return done

        session.submit(Task(work, self._measured, session.notify, lane=Lane.SOON, replaces="measure-panel"))

    def _measured(self, found: dict[Measured, Measurement]) -> None:
        self._known.update(found)
        if self.isVisible():
            self._show()

    def _is_listed(self, key: Measured) -> bool:
        return any((row.annotation, row.plane) == key for row in self._rows)

    def _why_nowhere(self, row: Row) -> str:
        """What can be said of an annotation that lies on no slice and no plane that is shown."""
        series, reference = self.session.series(row.series), row.annotation.frame_of_reference
        own = series is not None and any(one.plane.frame_of_reference == reference for one in series.frames)
        return "on a turned plane" if own else "on another series"

    def _picture(self, row: Row) -> str:
        """The number of the slice, or the name of the plane; a turned one is called as in its corner."""
        words = WORDS_OF_PLANES.get(row.picture, row.picture.replace(" ", "\n", 1))
        series = self.session.series(row.series)
        if self._scope == "series" or series is None or series.number is None:
            return words
        return f"{words}\nS {series.number}"

    def _is_enhanced(self, there: Viewport) -> bool:
        """Whether a viewport is to be seen that is enhanced: nobody else's picture is on its way."""
        view = self.session.view
        is_shown = any(view.viewports[number] == there for number in view.shown)
        return is_shown and bool(self.session.rendering.pipeline_of(there).active)

    def _show_soon(self) -> None:
        """Enhanced values change, maybe with every step of a slider."""
        self._tries = 0
        self._late.start()

    def _rename(self, chosen: str, text: str) -> None:
        row = next((one for one in self._rows if one.annotation.id == chosen), None)
        if row is not None and text != row.name:
            run(self.session, "annotate.text", id=chosen, text=text)

    def _mark(self) -> None:
        self.table.mark(self.session.view.selected)
        self._show_current()

    def _show_current(self) -> None:
        chosen = self.table.current_id
        at = next((at for at, one in enumerate(self._rows) if one.annotation.id == chosen), None)
        if at is None:
            self.detail.show_row(None)
        else:
            self.detail.show_row(self._rows[at], self.table.line(at).all_values)
        self.delete.setEnabled(bool(chosen))
        self.delete.setToolTip(
            with_key("Delete the selected annotation; undo brings it back", "annotate.delete")
            if chosen
            else "Select an annotation in the list or on the picture first"
        )

    def _show_calibration(self) -> None:
        plane = self.session.rendering.plane(self.session.view.current)
        text = CALIBRATION.get(plane.ruler[1], "") if plane else ""
        self._calibration.setText(text)
        self._calibration.setVisible(bool(text))
        series = self.session.view.current.series
        is_by_hand = series is not None and bool(self.session.state.document.reading(series).scales)
        self.remove.setVisible(is_by_hand)


def _drawn(state: State, scope: str) -> tuple[Any, ...]:
    """What the list depends on."""
    series: SeriesKey | None = state.view.current.series
    readings = state.document.readings
    keys = tuple(readings) if scope == "all" else () if series is None else (series,)
    return series, state.view.hidden_objects, tuple((key, _work(state, key)) for key in keys)


def _work(state: State, key: SeriesKey) -> tuple[Any, ...]:
    reading = state.document.reading(key)
    return reading.annotations, reading.scales


def _place(state: State) -> tuple[Any, ...]:
    """What the words about lengths depend on."""
    now = state.view.current
    scales = () if now.series is None else state.document.reading(now.series).scales
    return now.series, now.index, now.cut, scales


def _enhanced(state: State) -> tuple[Any, ...]:
    """What values of an enhanced picture depend on."""
    view = state.view
    readings = state.document.readings
    return (
        view.peek,
        tuple(readings[key].pipeline for key in readings),
        tuple((one.voi, one.recipe, one.enhanced, one.index) for one in view.viewports),
    )
