"""A new preference study: which pictures, which recipes, what is asked, and how long it will take."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from medviewer.core.pipeline import Pipeline
from medviewer.core.study import Series
from medviewer.gui import theme
from medviewer.gui.dialogs.fields import line, tick
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import attempt, counted
from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.gui.words import plain_tip
from medviewer.kit.errors import BadValue
from medviewer.session.grid import words
from medviewer.session.preference.design import most_trials
from medviewer.session.preference.plan import MOST_TRIALS
from medviewer.session.preference.setup import (
    QUESTION,
    SECONDS_A_PAIR,
    cases_of,
    cases_shown,
    check,
)
from medviewer.session.recipes import recipe, recipe_names
from medviewer.session.session import Session

DATA = Qt.ItemDataRole.UserRole
STACK = object()
LONGEST = 200
"""letters of what is typed"""
READER_TIP = "Tells readers apart in the results: a letter or a number, no name"


class NewStudy(QWidget):
    """The form of the command `preference.new`."""

    begun = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.question = line("Question", "What the reader is asked of every pair", QUESTION)
        self.title = line("Title", "What the study is called in the list", "Named by its date")
        self.reader = line("Reader", READER_TIP, "A code, no name")
        for field in (self.question, self.title, self.reader):
            field.setMaxLength(LONGEST)
        self.where = QuietComboBox("Pictures")
        self.where.addItems(
            [f"Those on the screen, {len(cases_shown(session))}", "Of the series that are ticked"]
        )
        self.series = _list("Series", "Pictures of these are asked about")
        for study in session.state.studies:
            for one in study.series:
                if one.count:
                    _add(self.series, _name(one), one.key, one.key == session.view.current.series)
        self.every = _number("Every", "1: all pictures of the series; 5: every fifth", 1, 1000, 10)
        self.every.setPrefix("one picture in ")
        self.recipes = _list("Recipes", "What is compared; the original counts as one")
        _add(self.recipes, "Original", "", True)
        stack = session.rendering.pipeline(session.view.current.series)
        if stack.active:
            _add(self.recipes, f"As this series is now: {words(stack)}", STACK, True)
        for name in recipe_names():
            _add(self.recipes, name, name, False)
        self.trials = _number("Pairs", "How many pairs are shown; 0: all there are", 0, MOST_TRIALS, 0)
        self.trials.setSpecialValueText("all")
        self.repeats = _number(
            "Asked twice",
            "So many are asked again, sides exchanged: do answers agree?",
            0,
            MOST_TRIALS,
            0,
        )
        self.ties = tick("“No preference” may be said", "Without it one of the two has to be chosen", True)
        self.lock = tick(
            "The same window for everybody", "Brightness and contrast cannot be changed while it runs", True
        )
        self.told = plain_label("", wrap=True)
        self.why_not = plain_label("", "error", wrap=True)
        self.begin = QPushButton("Begin")
        theme.mark(self.begin, role="main")
        self.begin.setAccessibleName("Begin the study")
        self.begin.clicked.connect(self._begin)
        self._arrange()
        for box in (self.series, self.recipes):
            box.itemChanged.connect(lambda _: self._show())
        for number in (self.every, self.trials, self.repeats):
            number.valueChanged.connect(lambda _: self._show())
        self.where.currentIndexChanged.connect(lambda _: self._show())
        self._show()

    @property
    def values(self) -> dict[str, Any]:
        """What the command gets."""
        chosen = _ticked(self.recipes)
        return {
            "recipes": tuple(one for one in chosen if isinstance(one, str)),
            "with_stack": STACK in chosen,
            "series": tuple(_ticked(self.series)) if self.where.currentIndex() else (),
            "every": self.every.value(),
            "title": self.title.text(),
            "question": self.question.text(),
            "reader": self.reader.text(),
            "trials": self.trials.value(),
            "repeats": self.repeats.value(),
            "ties": self.ties.isChecked(),
            "lock_window": self.lock.isChecked(),
        }

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(6)
        for label, field in (("Question", self.question), ("Title", self.title), ("Reader", self.reader)):
            form.addRow(plain_label(label), field)
        left, right = QVBoxLayout(), QVBoxLayout()
        for widget in (plain_label("Pictures", "section"), self.where, self.series, self.every):
            left.addWidget(widget)
        for widget in (plain_label("Recipes", "section"), self.recipes):
            right.addWidget(widget)
        lists = QHBoxLayout()
        lists.setSpacing(16)
        lists.addLayout(left, 1)
        lists.addLayout(right, 1)
        how = QHBoxLayout()
        for part in (plain_label("Pairs"), self.trials, plain_label("Asked twice"), self.repeats):
            how.addWidget(part)
        how.addStretch()
        below = QHBoxLayout()
        below.addWidget(self.told, 1)
        below.addWidget(self.begin)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(10)
        layout.addLayout(form)
        layout.addLayout(lists, 1)
        layout.addLayout(how)
        layout.addWidget(self.ties)
        layout.addWidget(self.lock)
        layout.addWidget(self.why_not)
        layout.addLayout(below)

    def _show(self) -> None:
        """How many pairs it would be, or why it cannot be."""
        of_series = bool(self.where.currentIndex())
        for widget in (self.series, self.every):
            widget.setEnabled(of_series)
        try:
            cases = (
                cases_of(self._session, _ticked(self.series), self.every.value())
                if of_series
                else cases_shown(self._session)
            )
            recipes = [self._pipeline(one) for one in _ticked(self.recipes)]
            check(cases, recipes)
            most = most_trials(len(cases), len(recipes))
            pairs = min(self.trials.value() or most, most)
            if pairs > MOST_TRIALS:
                raise BadValue(f"All pairs are {pairs}.", "Set how many are to be shown.")
            again = min(self.repeats.value(), pairs)
        except BadValue as trouble:
            self.told.setText("")
            self.why_not.setText(str(trouble))
        else:
            minutes = max(1, round((pairs + again) * SECONDS_A_PAIR / 60))
            of_all = f"of {most} " if pairs < most else ""
            self.told.setText(
                f"{counted(len(cases), 'picture')}, {len(recipes)} recipes: "
                f"{f'{pairs} {of_all}pairs' if of_all else counted(pairs, 'pair')}"
                f"{f' and {again} again' if again else ''}, about {minutes} min"
            )
            self.why_not.setText("")
        self.why_not.setVisible(bool(self.why_not.text()))
        self.begin.setEnabled(not self.why_not.text())
        self.begin.setToolTip(self.why_not.text() or "Begin now; every answer is kept at once")

    def _pipeline(self, chosen: object) -> Pipeline:
        if chosen is STACK:
            return self._session.rendering.pipeline(self._session.view.current.series)
        return recipe(str(chosen)).pipeline if chosen else Pipeline()

    def _begin(self) -> None:
        values = self.values
        if attempt(self._session, lambda: self._session.run("preference.new", **values)) is not None:
            self.begun.emit()


def _name(series: Series) -> str:
    """A series as the list of studies calls it."""
    number = "" if series.number is None else str(series.number)
    what = series.description or series.body_part.capitalize() or series.detail("ProtocolName")
    words_ = "  ".join(filter(None, (series.modality or "?", number, what)))
    return f"{words_}  ({counted(series.count, 'picture')})"


def _list(name: str, tip: str) -> QListWidget:
    box = QListWidget()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setMinimumHeight(110)
    box.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return box


def _add(box: QListWidget, words_: str, data: object, is_ticked: bool) -> None:
    item = QListWidgetItem(words_)
    item.setData(DATA, data)
    item.setToolTip(plain_tip(words_))
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(Qt.CheckState.Checked if is_ticked else Qt.CheckState.Unchecked)
    box.addItem(item)


def _ticked(box: QListWidget) -> list[Any]:
    items = (box.item(at) for at in range(box.count()))
    return [one.data(DATA) for one in items if one.checkState() == Qt.CheckState.Checked]


def _number(name: str, tip: str, low: int, high: int, value: int) -> QSpinBox:
    field = QSpinBox()
    # a style sheet does not reach the words inside
    field.lineEdit().setTextMargins(4, 0, 4, 0)
    field.setRange(low, high)
    field.setValue(value)
    field.setAccessibleName(name)
    field.setToolTip(tip)
    return field
