"""The stack of enhancements of the active series: add, order, adjust, switch off, keep as a recipe."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QWidget,
)

from medviewer.core.pipeline import Pipeline, Step
from medviewer.gui.dialogs.files import ask_file, ask_target
from medviewer.gui.forms import Form
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import attempt, run
from medviewer.gui.panels.panel import Panel, panel
from medviewer.gui.panels.step_list import StepList
from medviewer.gui.widgets.chooser import Choosable, PopupChooser
from medviewer.gui.widgets.icon_button import IconButton
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Operation, Stage
from medviewer.session.recipes import recipe_names
from medviewer.session.session import Session
from medviewer.session.state import State

RECIPES = "Recipes (*.json);;All files (*)"
STAGES = {
    Stage.SIGNAL: "works on the values, before the window",
    Stage.DISPLAY: "works on the greys, after the window",
    Stage.MARKS: "draws over the picture, changes no value",
}


@panel("enhance", "Enhance", order=20, icon="sliders")
class EnhancePanel(Panel):
    """What is done to the picture on the screen; the file and its values stay as they are."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._shown: tuple[tuple[str, bool], ...] = ()
        self._form: Form | None = None
        self._form_of = ""
        self._pipeline = Pipeline()
        self._add_head()
        self._add_list()
        self._place = QWidget()
        self._inside = QHBoxLayout(self._place)
        self._inside.setContentsMargins(0, 4, 0, 4)
        self.body.addWidget(self._place)
        self._add_comparison()
        self._add_recipes()
        self.body.addWidget(
            plain_label("Display only: values, measurements and files do not change.", "small", True)
        )
        self.body.addStretch()
        self.watch(_stack, self._show)
        self.watch(lambda state: state.view.before_compare is not None, self.beside.setChecked)

    @property
    def step(self) -> int:
        """The number of the selected step, -1 without one."""
        return self.list.currentRow()

    def _add_head(self) -> None:
        self.add = QPushButton("Add a step…")
        self.add.setAccessibleName("Add an enhancement step")
        self.add.clicked.connect(self._open_chooser)
        self.body.addWidget(self.add)
        self._chooser = PopupChooser("Find an enhancement", self)
        self._chooser.chosen.connect(self._add_step)
        self._empty = plain_label(
            "Nothing is enhanced. Steps are applied from top to bottom.", "muted", wrap=True
        )
        self.body.addWidget(self._empty)

    def _add_list(self) -> None:
        self.list = StepList()
        self.list.removal_wanted.connect(self._remove)
        self.list.currentRowChanged.connect(lambda _: self._show_form())
        self.list.itemChanged.connect(self._toggled)
        self.list.model().rowsMoved.connect(self._moved)
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

    def _add_recipes(self) -> None:
        self.section("Recipes")
        self.recipes = QPushButton("Apply a recipe")
        self.recipes.setAccessibleName("Recipes: apply, import, export, delete")
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.recipes.setMenu(self._menu)
        self.body.addWidget(self.recipes)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.name = QLineEdit()
        self.name.setPlaceholderText("Name for this stack")
        self.name.setAccessibleName("Name under which to save this stack as a recipe")
        self.name.setMaxLength(80)
        self.save = QPushButton("Save")
        self.save.setAccessibleName("Save this stack as a recipe")
        self.save.clicked.connect(self._save)
        self.name.returnPressed.connect(self._save)
        row.addWidget(self.name, 1)
        row.addWidget(self.save)
        self.body.addLayout(row)

    def _show(self, stack: tuple[str | None, Pipeline]) -> None:
        series, self._pipeline = stack
        steps = self._pipeline.steps
        shown = tuple((step.operation, step.on) for step in steps)
        if shown != self._shown or self.list.count() != len(steps):
            self._fill_list(steps)
        self._empty.setVisible(not steps)
        self.list.setVisible(bool(steps))
        self._row.setVisible(bool(steps))
        self._place.setVisible(bool(steps))
        for button in (self.add, self.beside, self.recipes):
            button.setEnabled(series is not None)
        for control in (self.held, self.save, self.name):
            control.setEnabled(bool(steps))
        self.recipes.setText(
            f"Recipe: {self._pipeline.name}".replace("&", "&&") if self._pipeline.name else "Apply a recipe"
        )
        self._show_form()

    def _fill_list(self, steps: tuple[Step, ...]) -> None:
        row, grown = self.step, len(steps) > len(self._shown)
        self.list.show_steps(steps, len(steps) - 1 if grown else max(0, min(row, len(steps) - 1)))
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
            self._inside.addWidget(self._form)
            self._form.follow(self.remove)
            self._form_of = step.operation
        if self._form is not None:
            self._form.show_values(dict(step.values))
            self._form.setEnabled(step.on)
        self.up.setEnabled(at > 0)
        self.down.setEnabled(at < len(steps) - 1)

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
        at = self.list.row(item)
        if 0 <= at < len(self._shown) and (item.checkState() == Qt.CheckState.Checked) != self._shown[at][1]:
            # the list is filled again by this, which it must not be while it tells
            QTimer.singleShot(0, self, lambda: run(self.session, "enhance.toggle", step=at))

    def _moved(self, _: QModelIndex, start: int, end: int, __: QModelIndex, row: int) -> None:
        to = row - 1 if row > start else row
        self._shown = ()  # what the list shows is no longer what it was filled with
        QTimer.singleShot(0, self, lambda: run(self.session, "enhance.move", step=start, to=to))

    def _move(self, by: int) -> None:
        at = self.step
        if 0 <= at + by < self.list.count():
            run(self.session, "enhance.move", step=at, to=at + by)
            self.list.setCurrentRow(at + by)

    def _remove(self) -> None:
        if self.step >= 0:
            run(self.session, "enhance.remove", step=self.step)

    def _open_chooser(self) -> None:
        groups = list(dict.fromkeys(one.group for one in ENHANCEMENTS))
        sorted_ones = sorted(ENHANCEMENTS, key=lambda one: groups.index(one.group))
        self._chooser.open_below(self.add, [_choosable(one) for one in sorted_ones])

    def _add_step(self, name: str) -> None:
        run(self.session, "enhance.add", operation=name)

    def _compare(self) -> None:
        run(self.session, "compare.toggle")
        self.beside.setChecked(self.session.view.before_compare is not None)

    def _fill_menu(self) -> None:
        self._menu.clear()
        names = recipe_names()
        for name in names:
            action = self._menu.addAction(name.replace("&", "&&"))
            action.triggered.connect(lambda _=False, name=name: run(self.session, "recipe.apply", name=name))
        if not names:
            self._menu.addAction("No recipe is saved yet").setEnabled(False)
        self._menu.addSeparator()
        self._menu.addAction("Import a recipe…").triggered.connect(self._import)
        export = self._menu.addAction("Export this stack…")
        export.setEnabled(bool(self._pipeline.steps))
        export.triggered.connect(self._export)
        if names:
            menu = self._menu.addMenu("Delete a recipe")
            for name in names:
                action = menu.addAction(name.replace("&", "&&"))
                action.triggered.connect(
                    lambda _=False, name=name: run(self.session, "recipe.delete", name=name)
                )

    def _save(self) -> None:
        name = self.name.text().strip()
        if not name:
            self.name.setFocus()
            return
        if attempt(self.session, lambda: self.session.run("recipe.save", name=name) or True):
            self.name.clear()

    def _import(self) -> None:
        path = ask_file(self.session, self, "Import a recipe", RECIPES)
        if path is not None:
            run(self.session, "recipe.import", path=path)

    def _export(self) -> None:
        name = f"{self._pipeline.name or 'recipe'}.json"
        path = ask_target(self.session, self, "Export this stack", name, RECIPES)
        if path is not None:
            run(self.session, "recipe.export", path=path)


def _choosable(one: Operation) -> Choosable:
    return Choosable(one.title, one.name, one.group, help=f"{one.help}\nIt {STAGES[one.stage]}.")


def _stack(state: State) -> tuple[str | None, Pipeline]:
    series = state.view.current.series
    return series, state.document.reading(series).pipeline if series else Pipeline()
