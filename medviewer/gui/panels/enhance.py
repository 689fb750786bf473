"""The stack of enhancements of the active series: add, order, adjust, switch off, keep as a recipe."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QListWidgetItem, QPushButton, QWidget

from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.study import SeriesKey
from medviewer.gui.forms import Form
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.panels.grid import add_cell_note
from medviewer.gui.panels.panel import Panel, panel
from medviewer.gui.panels.recipe_choice import RecipeChoice
from medviewer.gui.panels.recipe_words import RecipeWords
from medviewer.gui.panels.reference import ReferenceButton
from medviewer.gui.panels.step_list import StepList
from medviewer.gui.widgets.chooser import Choosable, PopupChooser
from medviewer.gui.widgets.icon_button import IconButton
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Operation, Stage
from medviewer.kit.frozen import frozen
from medviewer.kit.task import Lane, Task
from medviewer.session import networks
from medviewer.session.commands.match import MATCH
from medviewer.session.grid import is_own_cell
from medviewer.session.session import Session
from medviewer.session.state import State

STAGES = {
    Stage.SIGNAL: "works on the values, before the window",
    Stage.DISPLAY: "works on the greys, after the window",
    Stage.MARKS: "draws over the picture, changes no value",
}
HINTS = {Stage.SIGNAL: "values", Stage.DISPLAY: "greys", Stage.MARKS: "marks"}
FIRST_GROUPS = ("Contrast", "Noise", "Sharpness", "Background")
"""What most readers look for; the other groups follow."""
LIST_PX = (380, 560)
NOTHING = "Nothing is enhanced. Steps run from top to bottom, those on the values before the window first."
NOTHING_OF_ITS_OWN = "The stack of the series has no steps."


@panel("enhance", "Enhance", order=20, icon="sliders")
class EnhancePanel(Panel):
    """What is done to the picture on the screen; the file and its values stay as they are."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._has_looked = False
        self._shown: tuple[tuple[str, bool], ...] = ()
        self._form: Form | None = None
        self._form_of = ""
        self._pipeline = Pipeline()
        self.cell = add_cell_note(self)
        self._add_recipes()
        self._add_head()
        self._add_list()
        self._place = QWidget()
        self._inside = QHBoxLayout(self._place)
        self._inside.setContentsMargins(0, 4, 0, 4)
        self.body.addWidget(self._place)
        self._add_words()
        self._add_comparison()
        self.body.addWidget(
            plain_label("Display only: values, measurements and files do not change.", "small", True)
        )
        self.body.addStretch()
        self.watch(_stack, self._show)
        self.watch(lambda state: state.view.before_compare is not None, self.beside.setChecked)

    @property
    def step(self) -> int:
        """The number of the selected step, -1 without one."""
        return self.list.step

    def _add_recipes(self) -> None:
        self.recipes = RecipeChoice(self.session)
        self.body.addWidget(self.recipes)

    def _add_words(self) -> None:
        self.section("Keep as a recipe")
        self.words = RecipeWords(self.session)
        self.recipes.rename_wanted.connect(self.words.begin)
        self.body.addWidget(self.words)

    def _add_head(self) -> None:
        self.section("Steps")
        self.add = QPushButton("Add a step…")
        self.add.setAccessibleName("Add an enhancement step")
        self.add.clicked.connect(self._open_chooser)
        self.body.addWidget(self.add)
        self._chooser = PopupChooser("Find an enhancement", self, explains=True)
        self._chooser.chosen.connect(self._add_step)
        self._empty = plain_label(NOTHING, "muted", wrap=True)
        self.body.addWidget(self._empty)

    def _add_list(self) -> None:
        self.list = StepList()
        self.list.removal_wanted.connect(self._remove)
        self.list.currentRowChanged.connect(lambda _: self._show_form())
        self.list.itemChanged.connect(self._toggled)
        self.list.moved.connect(self._moved)
        self.body.addWidget(self.list)
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.up = IconButton("up", "Move this step up", lambda: self._move(-1))
        self.down = IconButton("down", "Move this step down", lambda: self._move(1))
        self.reset = IconButton("reset", "Back to the values it came with", self._reset)
        self.remove = IconButton("trash", "Remove this step (Del)", self._remove)
        for button in (self.up, self.down, self.reset):
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self.remove)
        self.body.addWidget(self._row)

    def _add_comparison(self) -> None:
        self.section("Compare")
        self.beside = QPushButton("Original beside enhanced")
        self.beside.setCheckable(True)
        self.beside.setToolTip(with_key("Show both, linked; once more goes back", "compare.toggle"))
        self.beside.clicked.connect(lambda: self._compare())
        self.held = QPushButton("Hold for the original")
        self.held.setToolTip(
            with_key("Show the original for as long as this or a key is pressed", "enhance.peek")
        )
        self.held.pressed.connect(lambda: run(self.session, "enhance.peek", on=True))
        self.held.released.connect(lambda: run(self.session, "enhance.peek", on=False))
        for button in (self.beside, self.held):
            button.setAccessibleName(button.text())
            self.body.addWidget(button)

    def _show(self, stack: _Stack) -> None:
        self._pipeline = stack.pipeline
        steps = stack.pipeline.steps
        shown = tuple((step.operation, step.on) for step in steps)
        if shown != self._shown:
            self._fill_list(steps)
        self._empty.setVisible(not steps)
        self._empty.setText(NOTHING if stack.here is None else NOTHING_OF_ITS_OWN)
        self.list.setVisible(bool(steps))
        self._row.setVisible(bool(steps))
        self._place.setVisible(bool(steps))
        for button in (self.add, self.beside):
            button.setEnabled(stack.series is not None)
        self.held.setEnabled(bool((stack.pipeline if stack.here is None else stack.here).active))
        self.recipes.show_stack(self.session.series(stack.series), stack.pipeline, stack.here)
        self.words.show_stack(stack.series, stack.pipeline)
        self._show_form()

    def _fill_list(self, steps: tuple[Step, ...]) -> None:
        at, grown = self.step, len(steps) > len(self._shown)
        self.list.show_steps(steps, len(steps) - 1 if grown else max(0, min(at, len(steps) - 1)))
        self._shown = tuple((step.operation, step.on) for step in steps)

    def _show_form(self) -> None:
        """The form of the selected step; made anew only for another operation."""
        steps, at = self._pipeline.steps, self.step
        if not 0 <= at < len(steps) or steps[at].operation not in ENHANCEMENTS:
            self._form_of = self._drop_form()
            return
        step = steps[at]
        if step.operation != self._form_of:
            self._drop_form()
            self._form = Form(ENHANCEMENTS[step.operation].parameters)
            self._form.changed.connect(self._set)
            if step.operation == MATCH:
                self._form.append(ReferenceButton(self.session, lambda: self.step))
            self._inside.addWidget(self._form)
            self._form.follow(self.remove)
            self._form_of = step.operation
        if self._form is not None:
            self._form.show_values(dict(step.values))
            self._form.setEnabled(step.on)
        self.up.setEnabled(self.list.neighbour(at, -1) >= 0)
        self.down.setEnabled(self.list.neighbour(at, 1) >= 0)

    def _reset(self) -> None:
        if self._form is not None:
            self._form.reset()

    def _drop_form(self) -> str:
        if self._form is not None:
            self._form.hide()
            self._form.deleteLater()
            self._form = None
        return ""

    def _set(self, values: dict[str, Any], drag: str) -> None:
        run(self.session, "enhance.set", step=self.step, values=values, drag=drag)

    def _toggled(self, item: QListWidgetItem) -> None:
        at = self.list.step_at(self.list.row(item))
        if 0 <= at < len(self._shown) and (item.checkState() == Qt.CheckState.Checked) != self._shown[at][1]:
            # the list is filled again by this, which it must not be while it tells
            QTimer.singleShot(0, self, lambda: run(self.session, "enhance.toggle", step=at))

    def _moved(self, step: int, to: int) -> None:
        def move() -> None:
            self._fill_list(self._pipeline.steps)  # in the order of the stages, wherever it was dropped
            if to != step:
                run(self.session, "enhance.move", step=step, to=to)
            self.list.select(to)

        QTimer.singleShot(0, self, move)

    def _move(self, by: int) -> None:
        at = self.step
        to = self.list.neighbour(at, by)
        if to >= 0:
            run(self.session, "enhance.move", step=at, to=to)
            self.list.select(to)

    def _remove(self) -> None:
        if self.step >= 0:
            run(self.session, "enhance.remove", step=self.step)

    def showEvent(self, event: object) -> None:
        """Look for networks when the panel is first seen: reading large ones takes a moment."""
        super().showEvent(event)  # type: ignore[arg-type]
        if not self._has_looked:
            self._has_looked = True
            self.session.submit(Task(work=lambda _: networks.declare(), lane=Lane.SOON, replaces="networks"))

    def _open_chooser(self) -> None:
        groups = list(dict.fromkeys((*FIRST_GROUPS, *(one.group for one in ENHANCEMENTS))))
        sorted_ones = sorted(ENHANCEMENTS, key=lambda one: groups.index(one.group))
        self._chooser.open_below(self.add, [_choosable(one) for one in sorted_ones], LIST_PX)

    def _add_step(self, name: str) -> None:
        run(self.session, "enhance.add", operation=name)

    def _compare(self) -> None:
        run(self.session, "compare.toggle")
        self.beside.setChecked(self.session.view.before_compare is not None)


@frozen
class _Stack:
    """What the panel shows."""

    series: SeriesKey | None
    pipeline: Pipeline
    here: Pipeline | None
    """what the active viewport shows instead, outside of the grid"""
    is_chosen: bool
    """whether the reader has touched the stack"""


def _choosable(one: Operation) -> Choosable:
    words = f"{one.help}\nIt {STAGES[one.stage]}."
    return Choosable(
        one.title, one.name, one.group, HINTS[one.stage], words, also=f"{one.name} {one.help} {one.group}"
    )


def _stack(state: State) -> _Stack:
    now = state.view.current
    if now.series is None:
        return _Stack(None, Pipeline(), None, False)
    reading = state.document.reading(now.series)
    if is_own_cell(state.view) and now.recipe is not None:
        return _Stack(now.series, now.recipe, None, True)
    here = now.recipe if state.view.before_grid is None else None
    return _Stack(now.series, reading.pipeline, here, reading.stack_chosen)
