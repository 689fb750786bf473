"""Which recipe is on, a searchable list of them, and a menu of what can be done with one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from medviewer.core.pipeline import Pipeline
from medviewer.core.study import Series
from medviewer.gui.dialogs.files import ask_file, ask_target
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.widgets.chooser import Choosable, PopupChooser
from medviewer.gui.widgets.elided import ElidedButton
from medviewer.imaging.enhance.apply import titles
from medviewer.session.defaults import Kind, is_by_default, kind_of, rule_for, rules
from medviewer.session.grid import words
from medviewer.session.recipe_files import file_stem, same_name
from medviewer.session.recipes import Recipe, Source, all_recipes, find, library, look_again
from medviewer.session.scopes import series_in
from medviewer.session.session import Session

FILES = "Recipes (*.json);;All files (*)"
GROUPS = {Source.OWN: "My recipes", Source.SHIPPED: "Come with medviewer"}
NOTHING = "Nothing is enhanced here."
SAVE_FIRST = "Save this stack as a recipe first."
SHIPPED = "It comes with medviewer and stays as it is. Duplicate it to change it."
LIST_PX = (360, 480)


class RecipeChoice(QWidget):
    """A button with the recipe's name that opens the list, and a menu beside it."""

    rename_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._series: Series | None = None
        self._pipeline = Pipeline()
        self._here_only = False
        self.open = ElidedButton("Choose a recipe…")
        self.open.setToolTip(
            with_key("Put a recipe on this series; the keys step through the list", "recipe.step", by=1)
        )
        self.open.clicked.connect(lambda: self.choose())
        self.more = QToolButton()
        self.more.setText("⋯")
        self.more.setAccessibleName("More about recipes")
        self.more.setToolTip(
            "More: other series, this viewport only, default, rename, import, export, delete"
        )
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.more.setMenu(self.menu)
        self.chooser = PopupChooser("Find a recipe", self, explains=True)
        self.chooser.chosen.connect(self._take)
        self.by_default = plain_label("", "small", wrap=True)
        self.original = QPushButton("Original")
        self.original.setAccessibleName("Take the default recipe off this series")
        self.original.setToolTip(
            with_key("Take the default off; this series then stays without it", "enhance.clear")
        )
        self.original.clicked.connect(lambda: run(session, "enhance.clear"))
        self.elsewhere = plain_label("", "small", wrap=True)
        self.back = QPushButton("Show the stack")
        self.back.setAccessibleName("Show the stack of the series in this viewport again")
        self.back.setToolTip("Let this viewport show the steps below again")
        self.back.clicked.connect(lambda: run(session, "recipe.here"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(_row(self.open, self.more))
        layout.addLayout(_row(self.by_default, self.original))
        layout.addLayout(_row(self.elsewhere, self.back))

    def show_stack(self, series: Series | None, pipeline: Pipeline, here: Pipeline | None) -> None:
        """Show what is on: the stack of *series*, and what the viewport shows *here* instead, if anything."""
        self._series, self._pipeline = series, pipeline
        self.open.setEnabled(series is not None)
        self.more.setEnabled(series is not None)
        name = pipeline.name or ("Choose a recipe…" if not pipeline.steps else "Own steps, not saved")
        self.open.say(name)
        self.open.setAccessibleName(f"Recipe: {name}")
        is_default = series is not None and is_by_default(self._session, series)
        rule = rule_for(series) if series is not None and is_default else None
        self.by_default.setText(f"Begins so by default: {rule[0] if rule else ''}")
        self.elsewhere.setText("" if here is None else f"This viewport shows {words(here)} instead.")
        for widget, is_seen in (
            (self.by_default, is_default),
            (self.original, is_default),
            (self.elsewhere, here is not None),
            (self.back, here is not None),
        ):
            widget.setVisible(is_seen)

    def choose(self, here_only: bool = False) -> None:
        """Open the list; with *here_only* what is chosen is shown in the active viewport alone."""
        self._here_only = here_only
        look_again(self._session)
        self.chooser.open_below(self.open, list(self._choosable()), LIST_PX)

    def _take(self, name: str) -> None:
        if name:
            run(self._session, "recipe.apply", name=name, to="viewport" if self._here_only else "series")
        else:
            run(self._session, "recipe.here" if self._here_only else "enhance.clear")

    def _choosable(self) -> Iterator[Choosable]:
        rule = None if self._series is None else rule_for(self._series)
        default = "" if rule is None else same_name(rule[1])
        none = "The series' own stack" if self._here_only else "None: the original"
        yield Choosable(none, "", help="Every value as the file and the window have it.")
        for one in all_recipes():
            hint = "default" if same_name(one.name) == default else "" if one.is_intact else "changed by hand"
            yield Choosable(
                one.name, one.name, GROUPS[one.source], hint, explained(one), also=one.pipeline.description
            )
        for trouble in library().troubles:
            yield Choosable("A file", None, "Cannot be used", help=trouble, reason=trouble)

    def _fill_menu(self) -> None:
        self.menu.clear()
        look_again(self._session)
        saved = find(self._pipeline.name) if self._pipeline.name else None
        empty = "" if self._pipeline.steps else NOTHING
        self._add_places(empty)
        self.menu.addSeparator()
        self._add_defaults(saved)
        self.menu.addSeparator()
        unsaved = "" if saved is not None else SAVE_FIRST if self._pipeline.steps else NOTHING
        fixed = unsaved or (SHIPPED if saved is not None and saved.source is Source.SHIPPED else "")
        name = self._pipeline.name
        self._add("Rename or describe", self.rename_wanted.emit, unsaved and fixed)
        self._add("Duplicate", lambda: self._run("recipe.duplicate", name=name), unsaved)
        self._add("Delete from the list", lambda: self._run("recipe.delete", name=name), fixed)
        self.menu.addSeparator()
        self._add("Import a recipe…", self._import)
        self._add("Export this stack…", self._export, empty)

    def _add_places(self, empty: str) -> None:
        session, series = self._session, self._series
        if series is None:
            return
        like, every = len(series_in(session, "like")), len(series_in(session, "open"))
        words = f"Put on all {series.modality or 'such'} series of this study"
        alone = "There is no other one."
        self._add(
            f"{words} ({like})", lambda: self._run("enhance.spread", to="like"), alone if like < 2 else ""
        )
        self._add(
            f"Put on every open series ({every})",
            lambda: self._run("enhance.spread", to="open"),
            alone if every < 2 else "",
        )
        in_grid = session.view.before_grid is not None
        self._add(
            "Another one in this viewport only…",
            lambda: self.choose(here_only=True),
            "The cells of the grid have recipes of their own." if in_grid else "",
        )

    def _add_defaults(self, saved: Recipe | None) -> None:
        if self._series is None or not self._series.modality:
            return
        why = "" if saved is not None else SAVE_FIRST if self._pipeline.steps else NOTHING
        exact = kind_of(self._series)
        every = Kind(exact.modality)
        for kind in dict.fromkeys((exact, every)):
            words = f"Default for {kind}" if kind.body_part else f"Default for every {kind}"
            is_so = saved is not None and same_name(rules().get(kind, "")) == same_name(saved.name)
            self._add(
                words,
                partial(self._default, not kind.body_part),
                "It is the default already." if is_so else why,
            )
        rule = rule_for(self._series)
        if rule is not None:
            self._add(f"Nothing by default for {rule[0]}", lambda: self._run("recipe.default"))

    def _add(self, words: str, call: Callable[[], object], why_not: str = "") -> None:
        action = self.menu.addAction(words.replace("&", "&&"))
        action.setEnabled(not why_not)
        action.setToolTip(f"{words}\n{why_not}".rstrip())
        action.triggered.connect(lambda _=False: call())

    def _run(self, name: str, /, **values: object) -> None:
        run(self._session, name, **values)

    def _default(self, every_part: bool) -> None:
        self._run("recipe.default", name=self._pipeline.name, every_part=every_part)

    def _import(self) -> None:
        path = ask_file(self._session, self, "Import a recipe", FILES)
        if path is not None:
            self._run("recipe.import", path=path)

    def _export(self) -> None:
        name = f"{file_stem(self._pipeline.name or 'recipe')}.json"
        path = ask_target(self._session, self, "Export this stack", name, FILES)
        if path is not None:
            self._run("recipe.export", path=path)


def explained(one: Recipe) -> str:
    """What a recipe is for, and its steps in the order in which they run."""
    by_hand = "" if one.is_intact else "\nIts file was changed by hand since it was saved."
    return f"{one.pipeline.description}\nSteps: {titles(one.pipeline)}{by_hand}".strip()


def _row(words: QWidget, button: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    row.addWidget(words, 1)
    row.addWidget(button)
    return row
