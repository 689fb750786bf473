"""What an enhancement did to the active picture, in numbers, with both histograms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from medviewer.gui.dialogs.files import ask_target
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.panels.panel import Panel, panel
from medviewer.gui.widgets.plotting import prepare
from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.gui.words import plain_tip
from medviewer.imaging.region import OF_ONE
from medviewer.kit.errors import MedviewerError
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.number_words import NO_UNIT, Row, described, heads, rows, tab_text
from medviewer.session.numbers import Answer, Question, answer, chosen, is_at_hand, question, regions_on
from medviewer.session.session import Session
from medviewer.session.state import State

if TYPE_CHECKING:
    from medviewer.gui.widgets.two_histograms import TwoHistograms

PATIENCE_MS = 200
"""How long the panel waits after a change, and between two looks whether the picture is made."""
MOST_LOOKS = 150
"""So often it waits for the viewport; a picture that is too large to be kept is then made once more."""


@panel("numbers", "Numbers", order=35, icon="histogram")
class NumbersPanel(Panel):
    """A table of original and enhanced, two histograms, and two regions that are told apart."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.found: Answer | None = None
        self.says = plain_label("", "muted", wrap=True)
        self.body.addWidget(self.says)
        self.no_unit = plain_label(NO_UNIT, "warning", wrap=True)
        self.body.addWidget(self.no_unit)
        self.table = _Table()
        self.body.addWidget(self.table)
        self._add_histograms()
        self._add_regions()
        self._add_ways_out()
        self.body.addStretch()
        self._looks = 0
        self._task: Task[Answer] | None = None
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._timer.timeout.connect(self._ask)
        self._show_nothing("")
        self.watch(_seen, lambda _: self._ask_soon())

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: ask no more, and let nobody compute for nothing."""
        self._timer.stop()
        if self._task is not None:
            self._task.token.cancel()
        super().hideEvent(event)

    def copy_text(self) -> None:
        """Put the table on the clipboard, with tabs between."""
        if self.found is not None:
            QGuiApplication.clipboard().setText(tab_text(rows(self.found), heads(self.found)))

    def save_csv(self) -> None:
        """Ask for a file, and let the numbers be written there."""
        path = ask_target(self.session, self, "Save the numbers", "numbers.csv", "Tables (*.csv)")
        if path is not None:
            run(self.session, "numbers.save", path=path if path.suffix else path.with_suffix(".csv"))

    def _add_histograms(self) -> None:
        self._histograms = QWidget()
        inside = QVBoxLayout(self._histograms)
        inside.setContentsMargins(0, 4, 0, 0)
        self._place = QWidget()
        self._place.setFixedHeight(124)
        self._plot: TwoHistograms | None = None
        self._around = QHBoxLayout(self._place)
        self._around.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._place)
        self._axis = plain_label("", "small", wrap=True)
        inside.addWidget(self._axis)
        self.body.addWidget(self._histograms)

    def _add_regions(self) -> None:
        self.section("Two regions")
        self.picks = {which: QuietComboBox(f"The {which} region") for which in ("first", "second")}
        for which, pick in self.picks.items():
            pick.setToolTip(f"The {which} of the two regions whose contrast-to-noise ratio is told")
            pick.activated.connect(lambda at, which=which: self._choose(which, at))
            self.body.addWidget(pick)
        self._no_regions = plain_label(
            "Draw two rectangles or ellipses on the picture: their contrast-to-noise ratio is told here.",
            "muted",
            wrap=True,
        )
        self.body.addWidget(self._no_regions)

    def _add_ways_out(self) -> None:
        row = QHBoxLayout()
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy the table, with tabs between")
        self.copy.clicked.connect(self.copy_text)
        self.save = QPushButton("Save as CSV…")
        self.save.setToolTip("Write the table to a file that does not name the patient")
        self.save.clicked.connect(self.save_csv)
        for button in (self.copy, self.save):
            button.setAccessibleName(button.text().removesuffix("…"))
            row.addWidget(button)
        row.addStretch()
        self.body.addLayout(row)

    def _ask_soon(self) -> None:
        if self.session.view.peek:  # what is held for a moment changes no number
            return
        self._looks = 0
        self._show_picks()
        self._timer.start()

    def _ask(self) -> None:
        """Ask for the numbers as soon as the picture is made; the newest question wins."""
        session, number = self.session, self.session.view.active
        if session.view.peek:
            return
        asked = question(session, number)
        if isinstance(asked, str):
            self._show_nothing(asked)
            return
        self._looks += 1
        if self._looks < MOST_LOOKS and not is_at_hand(session, number, asked):
            self._wait(asked)
            self._timer.start()
            return

        def work(context: TaskContext) -> Answer:
            prepare()
            return answer(session, asked, context)

        self._task = Task(work, self._show, self._failed, lane=Lane.SOON, replaces="numbers")
        session.submit(self._task)

    def _wait(self, asked: Question) -> None:
        """Numbers of another picture must not stand beside this one."""
        known = None if self.found is None else self.found.asked.request
        if known is not None and (known.series, known.index, known.cut) == (
            asked.request.series,
            asked.request.index,
            asked.request.cut,
        ):
            return
        self._show_nothing("The picture is still being made.")

    def _failed(self, trouble: Exception) -> None:
        if isinstance(trouble, MedviewerError):
            self._show_nothing(str(trouble))
        else:
            self.session.notify(trouble)

    def _show_nothing(self, why: str) -> None:
        self.found = None
        self.says.setText(why)
        self.says.setVisible(bool(why))
        for widget in (self.no_unit, self.table, self._histograms):
            widget.hide()
        for button in (self.copy, self.save):
            button.setEnabled(False)

    def _show(self, found: Answer) -> None:
        if not self.isVisible():
            return
        self.found = found
        self.says.setText(described(found))
        self.says.show()
        self.no_unit.setVisible(found.has_grey_steps and found.asked.is_enhanced)
        self.table.show_rows(rows(found), heads(found), found.asked.is_enhanced)
        self.table.show()
        self._show_histograms(found)
        for button in (self.copy, self.save):
            button.setEnabled(True)

    def _show_histograms(self, found: Answer) -> None:
        if self._plot is None:
            # its library was loaded by the worker
            from medviewer.gui.widgets.two_histograms import TwoHistograms  # noqa: PLC0415

            self._plot = TwoHistograms()
            self._around.addWidget(self._plot)
        told = found.numbers
        after = None if told.after is None else told.after.histogram
        self._plot.show_both(told.before.histogram, after, told.window)
        self._axis.setText(_axis_words(found))
        self._histograms.show()

    def _show_picks(self) -> None:
        """Offer the regions on the picture, those that count chosen."""
        here = regions_on(self.session, self.session.view.active)
        taken = chosen(self.session, self.session.view.active)
        has_two = len(taken) == 2
        for pick, at in zip(self.picks.values(), (0, 1), strict=True):
            pick.clear()
            for one in here:
                words = " ".join(one.text.split())
                pick.addItem(f"{one.name}: {words}" if words else one.name, one.id)
            pick.setCurrentIndex(pick.findData(taken[at].id) if has_two else -1)
            pick.setVisible(has_two)
        self._no_regions.setVisible(not has_two)

    def _choose(self, which: str, at: int) -> None:
        run(self.session, "numbers.region", which=which, id=self.picks[which].itemData(at))
        self._show_picks()


class _Table(QWidget):
    """Numbers in columns; labels are used again while the rows are the same."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Numbers before and after")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(5)
        for column, stretch in enumerate((3, 3, 3, 2)):
            self._grid.setColumnStretch(column, stretch)
        self._titles: tuple[str, ...] = ()
        self._labels: list[QLabel] = []

    def show_rows(self, found: tuple[Row, ...], titles: tuple[str, str, str], is_compared: bool) -> None:
        """Show *found* below their *titles*; without a comparison only the first column."""
        shown = titles if is_compared else titles[:1]
        outline = (*shown, *(one.title for one in found))
        if outline != self._titles:
            self._titles = outline
            self._build(found, shown)
        width = len(shown) + 1
        for at, row in enumerate(found):
            cells = (row.title, row.before, row.after, row.change)[:width]
            for label, text in zip(self._labels[at * width : (at + 1) * width], cells, strict=True):
                label.setText(_kept_together(text))
                label.setToolTip(plain_tip(row.help))
                label.setAccessibleName(f"{row.title}: {text}" if text != row.title else text)

    def _build(self, found: tuple[Row, ...], titles: tuple[str, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._labels = []
        for column, title in enumerate(titles, 1):
            self._grid.addWidget(plain_label(title, "section"), 0, column, Qt.AlignmentFlag.AlignRight)
        for line in range(1, len(found) + 1):
            for column in range(len(titles) + 1):
                label = plain_label("", "muted" if column == 0 else "", wrap=True)
                side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
                label.setAlignment(side | Qt.AlignmentFlag.AlignTop)
                if column:
                    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._labels.append(label)
                self._grid.addWidget(label, line, column)
                label.show()  # in this turn: a table without its numbers would flash


def _kept_together(text: str) -> str:
    """*text* that does not break between a plus-minus sign and its number, nor before a single digit."""
    text = text.replace(OF_ONE, OF_ONE.replace(" ", "\N{NO-BREAK SPACE}"))
    return text.replace("\N{PLUS-MINUS SIGN} ", "\N{PLUS-MINUS SIGN}\N{NO-BREAK SPACE}")


def _axis_words(found: Answer) -> str:
    """What the axis of the histograms is, and what is drawn on it."""
    told, first, second = found.numbers, *heads(found)[:2]
    lines = f"{first} filled, {second.lower()} as a line. " if told.after is not None else ""
    if told.unit is None:
        return f"{lines}Greys of the screen: 0 is black, 1 is white; the window ends there (dashed)."
    low, high = (f"{edge:.4g}".replace("-", "\N{MINUS SIGN}") for edge in told.window)
    return f"{lines}Values in {told.unit or 'the numbers of the file'}; window {low} to {high} (dashed)."


def _seen(state: State) -> tuple[Any, ...]:
    """Everything that the numbers depend on."""
    view, readings = state.view, state.document.readings
    looks = tuple((one.series, one.index, one.voi, one.recipe, one.enhanced) for one in view.viewports)
    now = view.current
    work = tuple((key, one.pipeline, one.annotations) for key, one in readings.items())
    return (
        view.active,
        looks,
        work,
        view.peek,
        view.regions,
        (now.cut, now.presentation, now.view3d is None, None if now.against is None else _meant(now.against)),
    )


def _meant(against: Any) -> tuple[Any, ...]:
    """With what a picture is compared; how both are seen changes no number."""
    return (against.other, against.viewport, against.series)
