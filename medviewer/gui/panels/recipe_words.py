"""Name and description of the stack, kept as a recipe; a name that is taken is asked about in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from medviewer.core.pipeline import Pipeline
from medviewer.core.study import SeriesKey
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.widgets.elided import ElidedButton
from medviewer.gui.widgets.flow import Flow
from medviewer.session.recipe_files import LONGEST_DESCRIPTION, LONGEST_NAME, same_name, tidy
from medviewer.session.recipes import Recipe, Source, find, free_name
from medviewer.session.session import Session

WORDS_PX = 64
Answers = Sequence[tuple[str, Callable[[], object]]]


class RecipeWords(QWidget):
    """Two fields and a button; what it asks stands below them, and Esc takes the question away."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._pipeline = Pipeline()
        self._shown: tuple[SeriesKey | None, str, str] = (None, "", "")
        self.name = QLineEdit()
        self.name.setPlaceholderText("Name for this stack")
        self.name.setAccessibleName("Name of this stack as a recipe")
        self.name.setToolTip("Return keeps the stack below as a recipe of this name")
        self.name.setMaxLength(LONGEST_NAME)
        self.save = QPushButton("Save")
        self.save.setAccessibleName("Keep this stack as a recipe")
        self.words = QPlainTextEdit()
        self.words.setPlaceholderText("What it is for")
        self.words.setAccessibleName("Description of this recipe")
        self.words.setTabChangesFocus(True)
        self.words.setFixedHeight(WORDS_PX)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.question = plain_label("", "small", wrap=True)
        self.answers = Flow()
        self.save.clicked.connect(self._save)
        self.name.returnPressed.connect(self._save)
        self.name.textEdited.connect(lambda _: self._ask("", ()))
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.name, 1)
        row.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self.words)
        layout.addWidget(self.question)
        layout.addWidget(self.answers)
        self._ask("", ())

    def show_stack(self, series: SeriesKey | None, pipeline: Pipeline) -> None:
        """Show what the stack is called; a stack that was changed keeps the words until it is saved."""
        self._pipeline = pipeline
        has_steps = bool(pipeline.steps)
        for control in (self.name, self.words, self.save):
            control.setEnabled(has_steps)
        self.save.setToolTip(
            "Keep name, description and steps as a recipe" if has_steps else "Add a step first."
        )
        now = (series, pipeline.name, pipeline.description)
        was_changed = has_steps and not pipeline.name and series == self._shown[0]
        if now != self._shown and not was_changed:
            self.name.setText(pipeline.name)
            self.words.setPlainText(pipeline.description)
            self._ask("", ())
        self._shown = now

    def begin(self) -> None:
        """Let the reader type another name."""
        self.name.setFocus()
        self.name.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes a question away."""
        if event.key() == Qt.Key.Key_Escape and self.question.text():
            self._ask("", ())
            return
        super().keyPressEvent(event)

    def _save(self) -> None:
        name, words = tidy(self.name.text(), LONGEST_NAME), self._described()
        if not name or not self._pipeline.steps:
            self.name.setFocus()
            return
        now = find(self._pipeline.name) if self._pipeline.name else None
        there = find(name)
        own = now is not None and now.source is Source.OWN and now.pipeline.steps == self._pipeline.steps
        if now is not None and own and same_name(name) == same_name(now.name):
            self._update(now, name, words)
        elif there is not None:
            self._ask_about(there, name)
        elif now is not None and own:
            self._ask(
                f"Is this another recipe, or is {now.name} to be called so?",
                (("Rename", lambda: self._rename(now.name, name)), ("Keep both", lambda: self._keep(name))),
            )
        else:
            self._keep(name)

    def _update(self, now: Recipe, name: str, words: str) -> None:
        if name != now.name:
            self._run("recipe.rename", name=now.name, to=name)
        if words != now.pipeline.description:
            self._run("recipe.describe", name=name, description=words)

    def _ask_about(self, there: Recipe, name: str) -> None:
        free = free_name(name)
        other = (f"Save as {free}", lambda: self._keep(free))
        if there.source is Source.SHIPPED:
            self._ask(f"{there.name} comes with medviewer and stays as it is.", (other,))
        else:
            instead = ("Replace", lambda: self._keep(name, instead=True))
            self._ask(f"There is already a recipe called {there.name}.", (instead, other))

    def _rename(self, name: str, to: str) -> None:
        words = self._described()
        self._run("recipe.rename", name=name, to=to)
        if (found := find(to)) is not None and found.pipeline.description != words:
            self._run("recipe.describe", name=to, description=words)

    def _keep(self, name: str, instead: bool = False) -> None:
        self._run("recipe.save", name=name, description=self._described(), instead=instead)

    def _run(self, command: str, /, **values: object) -> None:
        self._ask("", ())
        run(self._session, command, **values)

    def _described(self) -> str:
        return tidy(self.words.toPlainText(), LONGEST_DESCRIPTION)

    def _ask(self, question: str, answers: Answers) -> None:
        """Show a question with a button for each answer; none takes it away."""
        self.question.setText(question)
        self.question.setVisible(bool(question))
        buttons = []
        for words, call in answers:
            button = ElidedButton(words)
            button.setToolTip(f"{words} (Esc: neither)")
            button.clicked.connect(lambda _=False, call=call: call())
            buttons.append(button)
        self.answers.setVisible(bool(buttons))
        self.answers.show_widgets(buttons)
