"""The enhancement grid in panels: what it shows, layouts that were kept, and which cell is being changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QMenu, QPushButton, QWidget

from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.panels.panel import Panel
from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.session.grid import FEWEST, MOST, is_own_cell, words
from medviewer.session.layouts import layouts
from medviewer.session.session import Session
from medviewer.session.state import State

NOT_SHOWN = "Show the grid first."


class GridSection(QWidget):
    """What the grid shows, and the layouts that were kept."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        box = QGridLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        self.shown = _button("Enhancement grid", lambda: self._run("grid.toggle"))
        self.shown.setCheckable(True)
        self.shown.setToolTip(
            with_key("The same picture in several ways at once; once more goes back", "grid.toggle")
        )
        self.recipes = _button("Recipes", lambda: self._run("grid.recipes"))
        self.recipes.setToolTip("The original, the series' own stack and the recipes of the list")
        self.steps = _button("Steps added up", lambda: self._run("grid.steps", each="together"))
        self.steps.setToolTip(
            with_key("The steps of the stack, each added to those before", "grid.steps", each="together")
        )
        self.alone = _button("Steps alone", lambda: self._run("grid.steps", each="alone"))
        self.alone.setToolTip("Each step of the stack by itself")
        self.count = QuietComboBox("Number of cells")
        self.count.setPlaceholderText("Cells")
        for number in range(FEWEST, MOST + 1):
            self.count.addItem(f"{number} cells", number)
        self.count.activated.connect(lambda _: self._run("grid.count", count=self.count.currentData()))
        self.layouts = QPushButton("Layouts")
        self.layouts.setAccessibleName("Layouts of the grid that were kept: show, rename, delete")
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self.fill_menu)
        self.layouts.setMenu(self._menu)
        self.name = QLineEdit()
        self.name.setPlaceholderText("Name for this grid")
        self.name.setAccessibleName("Name under which to keep this grid as a layout")
        self.name.setMaxLength(80)
        self.keep = _button("Keep", self._keep)
        self.keep.setAccessibleName("Keep this grid as a layout")
        self.name.returnPressed.connect(self._keep)
        naming = QHBoxLayout()
        naming.setSpacing(6)
        naming.addWidget(self.name, 1)
        naming.addWidget(self.keep)
        box.addWidget(self.shown, 0, 0, 1, 2)
        box.addWidget(self.recipes, 1, 0)
        box.addWidget(self.count, 1, 1)
        box.addWidget(self.steps, 2, 0)
        box.addWidget(self.alone, 2, 1)
        box.addWidget(self.layouts, 3, 0, 1, 2)
        box.addLayout(naming, 4, 0, 1, 2)
        self._trouble = plain_label("", "muted", wrap=True)
        box.addWidget(self._trouble, 5, 0, 1, 2)

    def show_facts(self, facts: tuple[int, bool, bool]) -> None:
        """Show whether there is a grid, of how many cells, and what can be done."""
        cells, has_picture, has_steps = facts
        self.shown.setChecked(cells > 0)
        for button in (self.shown, self.recipes):
            button.setEnabled(has_picture)
        for button in (self.steps, self.alone):
            button.setEnabled(has_steps)
        self.count.setEnabled(cells > 0)
        self.count.setToolTip("" if cells else NOT_SHOWN)
        self.count.setCurrentIndex(self.count.findData(cells) if cells else -1)
        for widget in (self.name, self.keep):
            widget.setEnabled(cells > 0)
            widget.setToolTip("Recipes and all, for any series" if cells else NOT_SHOWN)
        self.layouts.setEnabled(has_picture)
        self._trouble.setText("\n".join(layouts().troubles))
        self._trouble.setVisible(bool(self._trouble.text()))

    def fill_menu(self) -> None:
        """The layouts by name, and what can be done with them."""
        self._menu.clear()
        known = layouts().all
        for one in known:
            action = self._menu.addAction(one.name.replace("&", "&&"))
            action.setToolTip(", ".join(words(cell) for cell in one.cells))
            action.triggered.connect(partial(self._run, "grid.apply", name=one.name))
        if not known:
            self._menu.addAction("None yet: show a grid and keep it").setEnabled(False)
            return
        self._menu.addSeparator()
        name = self.name.text().strip()
        renaming = self._menu.addMenu(f"Rename to “{name}”".replace("&", "&&") if name else "Rename")
        renaming.setEnabled(bool(name))
        renaming.menuAction().setToolTip("" if name else "Type the new name into the field below first.")
        deleting = self._menu.addMenu("Delete")
        for one in known:
            title = one.name.replace("&", "&&")
            rename = partial(self._run, "grid.rename", name=one.name, to=name)
            renaming.addAction(title).triggered.connect(rename)
            deleting.addAction(title).triggered.connect(partial(self._run, "grid.delete", name=one.name))

    def _keep(self) -> None:
        self._run("grid.keep", name=self.name.text())
        if layouts().find(self.name.text().strip()) is not None:
            self.name.clear()

    def _run(self, command: str, _: bool = False, /, **values: object) -> None:
        run(self._session, command, **values)
        self.show_facts(_facts(self._session.state))


class CellNote(QWidget):
    """Says, where the grid is shown, what is changed by what is done to the stack."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        self.says = plain_label("", "", wrap=True)
        self.use = _button("Use this one", lambda: run(session, "grid.use"))
        self.use.setToolTip(with_key("Put it on the series and leave the grid", "grid.use"))
        row.addWidget(self.says, 1)
        row.addWidget(self.use)

    def show_state(self, facts: tuple[object, ...]) -> None:
        """Show which cell is meant; nothing without a grid."""
        view, cells = self._session.view, self._session.state.document.grid
        self.setVisible(bool(facts))
        if not facts:
            return
        is_own = is_own_cell(view)
        cell = cells[view.active]
        self.use.setVisible(is_own)
        if not is_own:
            self.says.setText("This cell shows the series' own stack: what is changed here is changed there.")
        elif cell is not None and not cell.steps:
            self.says.setText(
                "This cell shows the original. A step that is added comes into a cell beside it."
            )
        else:
            self.says.setText(f"In this cell only: {words(cell)}. The series stays as it is.")


def add_grid_section(panel: Panel) -> GridSection:
    """Put the section of the grid at the end of a panel."""
    panel.section("Enhancement grid")
    made = GridSection(panel.session)
    panel.body.addWidget(made)
    panel.watch(_facts, made.show_facts)
    return made


def add_cell_note(panel: Panel) -> CellNote:
    """Put the note about the active cell at the end of a panel."""
    made = CellNote(panel.session)
    panel.body.addWidget(made)
    panel.watch(_cell, made.show_state)
    return made


def _facts(state: State) -> tuple[int, bool, bool]:
    """How many cells there are, whether there is a picture, and steps to show."""
    view = state.view
    series = view.current.series
    cells = len(state.document.grid) if view.before_grid is not None else 0
    own = series is not None and bool(state.document.reading(series).pipeline.active)
    cell = view.current.recipe
    return cells, series is not None, own or (cell is not None and bool(cell.active))


def _cell(state: State) -> tuple[object, ...]:
    view = state.view
    return (view.active, state.document.grid) if view.before_grid is not None else ()


def _button(title: str, call: Callable[[], object]) -> QPushButton:
    made = QPushButton(title)
    made.setAccessibleName(title)
    made.clicked.connect(lambda _=False: call())
    return made
