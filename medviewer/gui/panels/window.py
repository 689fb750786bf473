"""The window: numbers, presets of the modality, the file's own windows, and the histogram below them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from medviewer.core.voi import VOI, Curve, digits_for
from medviewer.core.volume import Frame
from medviewer.gui.availability import NO_PICTURE
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.panels.panel import Panel, panel
from medviewer.gui.widgets.flow import Flow
from medviewer.gui.widgets.number import write_number
from medviewer.gui.widgets.plotting import prepare
from medviewer.gui.widgets.window_fields import WindowFields
from medviewer.imaging.histogram import Histogram, histogram
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.commands.window import current, offered, why_none
from medviewer.session.session import Session
from medviewer.session.state import State

if TYPE_CHECKING:
    from medviewer.gui.widgets.histogram import HistogramPlot

_MEANINGLESS = re.compile(r"(window|voi|default|normal)?[ _-]*\d*", re.IGNORECASE)

PATIENCE_MS = 120
"""How long the histogram waits for the next picture while somebody scrolls."""

NO_COUNTS = "A body has no single picture whose values could be counted."


@panel("window", "Window", order=10, icon="window")
class WindowPanel(Panel):
    """Which grey values are shown between black and white."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._add_numbers()
        self._histogram: HistogramPlot | None = None
        self._narrowest = 1.0
        self._place = QWidget()
        self._place.setFixedHeight(124)
        self._inside = QHBoxLayout(self._place)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self._place)
        self._range = plain_label("", "small", wrap=True)
        self.body.addWidget(self._range)
        self._add_buttons()
        self.section("Presets")
        self._presets = _Buttons()
        self.body.addWidget(self._presets)
        self._none = plain_label("There are no presets for this modality.", "muted", wrap=True)
        self.body.addWidget(self._none)
        self.section("From the file")
        self._file = _Buttons()
        self.body.addWidget(self._file)
        self._no_file = plain_label("The file brings no window of its own.", "muted", wrap=True)
        self.body.addWidget(self._no_file)
        self.body.addStretch()
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._timer.timeout.connect(self._look_at_picture)
        self.watch(_place, lambda _: self._show())
        self.watch(lambda state: state.view.current.voi, lambda _: self._show_window())

    def _add_numbers(self) -> None:
        fields = WindowFields("", self._set_numbers)
        self.center, self.width_field, self._units = fields.center, fields.width, fields.units
        self.body.addLayout(fields)
        self._curve = plain_label("", "muted", wrap=True)
        self._curve.hide()
        self.body.addWidget(self._curve)
        self._words = plain_label("", "error", wrap=True)
        self._words.hide()
        self.body.addWidget(self._words)
        for field in (self.center, self.width_field):
            field.refused.connect(self._refuse)

    def _add_buttons(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        self.automatic = QPushButton("Automatic")
        self.automatic.setToolTip(
            with_key("A window from the values of this picture", "window.number", number=0)
        )
        self.automatic.clicked.connect(lambda: run(self.session, "window.automatic"))
        self.invert = QPushButton("Invert")
        self.invert.setCheckable(True)
        self.invert.setToolTip(with_key("Exchange black and white on the screen", "window.invert"))
        self.invert.clicked.connect(lambda: run(self.session, "window.invert"))
        for button in (self.automatic, self.invert):
            button.setAccessibleName(button.text())
            row.addWidget(button)
        self.body.addLayout(row)

    def _show(self) -> None:
        """Another picture: presets at once, values when it is decoded."""
        series = self.session.series(self.session.view.current.series)
        self._place.setHidden(self._shows_body)
        self._show_presets()
        self._no_file.setVisible(False)
        for widget in (self.center, self.width_field, self.automatic, self.invert):
            widget.setEnabled(series is not None)
        self._show_window()
        self._timer.start()

    def _show_presets(self) -> None:
        known = offered(self.session)
        self._presets.show_all(
            [
                (voi.name, _numbers(voi), str(number) if number < 10 else "")
                for number, voi in enumerate(known, 2)
            ],
            lambda at: run(self.session, "window.preset", name=known[at].name),
        )
        self._none.setText(why_none(self.session) or NO_PICTURE)
        self._none.setVisible(not known)

    def _look_at_picture(self) -> None:
        frame = self._frame()
        if frame is None:
            self._file.show_all([], lambda _: None)
            self._range.setText(NO_COUNTS if self._shows_body else "")
            if self._histogram is not None:
                self._histogram.show_nothing()
            is_awaited = self.session.view.current.series is not None and not self._shows_body
            if is_awaited and self.isVisible():
                self._timer.start()  # it is still being decoded
            return
        self._show_presets()  # some depend on the unit of the values
        self._show_file(frame)
        self._show_window()

        def work(_: TaskContext) -> Histogram:
            prepare()
            return histogram(frame)

        task = Task(
            work=work,
            done=self._show_histogram,
            lane=Lane.SOON,
            replaces="histogram",
        )
        self.session.submit(task)

    def _show_file(self, frame: Frame) -> None:
        windows = frame.windows
        items = [(_title(voi), _numbers(voi), "1" if at == 0 else "") for at, voi in enumerate(windows)]
        # files that name the same window twice are common; one button is enough
        places = [at for at, item in enumerate(items) if item[:2] not in (one[:2] for one in items[:at])]
        self._file.show_all(
            [items[at] for at in places], lambda at: run(self.session, "window.file", number=places[at])
        )
        self._no_file.setVisible(not windows)
        for label in self._units:
            label.setText(frame.rescale.unit)

    def _show_window(self) -> None:
        if self.session.view.current.series is None:
            for field in (self.center, self.width_field):
                field.show_nothing()
            self._curve.hide()
            return
        self.invert.setChecked(self.session.view.current.voi.inverted)
        shown = current(self.session)
        self._curve.setText(_curve_words(shown))
        self._curve.setVisible(bool(self._curve.text()))
        voi = shown.as_window()
        if not voi.is_known:
            return
        # as many digits as a reader can mean: whole numbers for Hounsfield units and the like
        digits = digits_for(voi.width)
        self.center.show_number(voi.center, digits)
        self.width_field.show_number(voi.width, digits)
        if self._histogram is not None:
            self._histogram.show_window(voi.center - voi.width / 2, voi.center + voi.width / 2)

    def _show_histogram(self, found: Histogram) -> None:
        if self._shows_body:  # which has come while the values of a slice were counted
            return
        edges = found.edges
        self._narrowest = min(1.0, float(edges[-1] - edges[0]) / 1000)
        self._plot().show_counts(found.counts, edges)
        unit = self._units[0].text()
        self._range.setText(
            f"Values {edges[0]:.4g} to {edges[-1]:.4g} {unit}".strip().replace("-", "\N{MINUS SIGN}")
        )
        self._show_window()

    def _plot(self) -> HistogramPlot:
        if self._histogram is None:
            # its library was loaded by the worker that counted the values
            from medviewer.gui.widgets.histogram import HistogramPlot  # noqa: PLC0415

            self._histogram = HistogramPlot()
            self._histogram.dragged.connect(self._drag)
            self._inside.addWidget(self._histogram)
        return self._histogram

    def _drag(self, low: float, high: float) -> None:
        width = max(high - low, self._narrowest)
        run(self.session, "window.set", center=(low + high) / 2, width=width)

    def _set_numbers(self) -> None:
        voi = current(self.session).as_window()
        center = self.center.number(voi.center)
        width = self.width_field.number(voi.width)
        run(self.session, "window.set", center=center, width=width)

    def _refuse(self, why: str) -> None:
        self._words.setText(why)
        self._words.setVisible(bool(why))

    @property
    def _shows_body(self) -> bool:
        return self.session.view.current.view3d is not None

    def _frame(self) -> Frame | None:
        return self.session.rendering.frame(self.session.view.current)


class _Buttons(Flow):
    """A button for each window that can be chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[tuple[str, str, str]] = []
        self._call: Any = None

    def show_all(self, items: list[tuple[str, str, str]], call: Any) -> None:
        """Show a button per (title, numbers, key); *call* gets its place."""
        self._call = call
        if items != self._shown:
            self._shown = items
            self.show_widgets([self._button(at, *item) for at, item in enumerate(items)])

    def _button(self, at: int, title: str, numbers: str, key: str) -> QPushButton:
        button = QPushButton(title.replace("&", "&&"))
        button.setToolTip(f"{numbers} (key {key})" if key else numbers)
        button.setAccessibleName(f"{title}, {numbers}")
        button.clicked.connect(lambda: self._call(at))
        return button


def _place(state: State) -> tuple[Any, ...]:
    now = state.view.current
    return (now.series, now.index, now.cut, state.view.active, now.view3d is None)


def _title(voi: VOI) -> str:
    """What a window of the file is called; "WINDOW1" says less than its numbers."""
    return _short(voi) if _MEANINGLESS.fullmatch(voi.name) else voi.name


def _short(voi: VOI) -> str:
    if voi.lut is not None:
        return voi.lut.explanation or "Table"
    digits = max(digits_for(voi.width), 1)
    return f"{write_number(voi.center, digits)} / {write_number(voi.width, digits)}"


def _numbers(voi: VOI) -> str:
    if voi.lut is not None:
        return "a table from the file"
    curve = ", sigmoid" if voi.curve is Curve.SIGMOID else ""
    return f"centre {voi.center:g}, width {voi.width:g}{curve}".replace("-", "\N{MINUS SIGN}")


def _curve_words(voi: VOI) -> str:
    """What else than a straight line lies between black and white."""
    if voi.lut is not None:
        return "A table of the file makes the greys; these numbers are its range."
    return "A sigmoid curve of the file makes the greys." if voi.curve is Curve.SIGMOID else ""
