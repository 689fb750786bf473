"""One pixel on its way from stored bits to the screen, followed while the mouse is dragged."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from medviewer.gui.availability import NO_PICTURE
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.panels.panel import Panel, panel
from medviewer.gui.widgets.number import NumberField
from medviewer.kit.task import Lane, Task
from medviewer.session.inspect import answer, question
from medviewer.session.inspection import ODD, SCREEN, Fact, Inspection
from medviewer.session.session import Session
from medviewer.session.state import State

LOOK_AGAIN_MS = 60
"""How long the panel waits for a picture that is being decoded."""
TITLE_PX = 104


@panel("inspect", "Inspect", order=15, icon="inspect")
class InspectPanel(Panel):
    """What each step made of a pixel, and what decided it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.found: Inspection | None = None
        self._add_place()
        self.invitation = plain_label("", "muted", wrap=True)
        self.body.addWidget(self.invitation)
        self.summary = plain_label("", wrap=True)
        self.body.addWidget(self.summary)
        self.facts = _Facts()
        self.body.addWidget(self.facts)
        self.body.addStretch()
        self._task: Task[Inspection] | None = None
        self._timer = QTimer(self, singleShot=True, interval=LOOK_AGAIN_MS)
        self._timer.timeout.connect(self._ask)
        self.watch(_seen, lambda _: self._ask())

    def hideEvent(self, event: Any) -> None:
        """Nobody looks: ask no more."""
        self._timer.stop()
        super().hideEvent(event)

    def _add_place(self) -> None:
        row = QHBoxLayout()
        self.row, self.column = (NumberField(title, minimum=0, whole=True) for title in ("Row", "Column"))
        for title, field in (("Row", self.row), ("Column", self.column)):
            label = plain_label(title)
            label.setBuddy(field)
            field.setToolTip(f"{title} of the inspected pixel, counted from 0")
            field.entered.connect(lambda _: self._go())
            row.addWidget(label)
            row.addWidget(field, 1)
        self.body.addLayout(row)
        buttons = QHBoxLayout()
        self.tool = QPushButton("Pick")
        self.tool.setToolTip(
            with_key("Click or drag over the picture to inspect pixels", "view.tool", name="inspect")
        )
        self.tool.clicked.connect(lambda: run(self.session, "view.tool", name="inspect"))
        self.copy = QPushButton("Copy as text")
        self.copy.setToolTip("Copy everything that stands below")
        self.copy.clicked.connect(self.copy_text)
        for button in (self.tool, self.copy):
            button.setAccessibleName(button.text())
            buttons.addWidget(button)
        self.body.addLayout(buttons)

    def copy_text(self) -> None:
        """Put all facts on the clipboard."""
        if self.found is not None:
            QGuiApplication.clipboard().setText(self.found.text())

    def _go(self) -> None:
        at = self.session.view.current.inspected or (0, 0)
        run(self.session, "inspect.pick", row=self.row.number(at[0]), column=self.column.number(at[1]))

    def _ask(self) -> None:
        """Ask what happened to the pixel; the newest question wins."""
        view = self.session.view
        at = view.current.inspected
        asked = None if at is None else question(self.session, view.active, *at)
        if asked is None:
            self._show_nothing(at is not None and self._is_coming(at))
            return
        rendering = self.session.rendering
        self._task = Task(
            lambda context: answer(rendering, asked, context),
            self._show,
            self.session.notify,
            lane=Lane.NOW,
            replaces="inspect",
        )
        self.session.submit(self._task)

    def _is_coming(self, at: tuple[int, int]) -> bool:
        """Whether the picture is still being decoded."""
        now = self.session.view.current
        plane = self.session.rendering.plane(now)
        return now.view3d is None and plane is not None and plane.holds(*at)

    def _show_nothing(self, is_coming: bool) -> None:
        if is_coming:  # what stands here stays until the next picture is there
            if self.isVisible():
                self._timer.start()
            return
        if self._task is not None:
            self._task.token.cancel()  # its answer is about what was shown before
        self.found = None
        self.summary.setText("")
        self.facts.show_facts(())
        self.copy.setEnabled(False)
        for field in (self.row, self.column):
            field.show_nothing()
        has_picture = self.session.view.current.series is not None
        for widget in (self.row, self.column, self.tool):
            widget.setEnabled(has_picture)
        at = self.session.view.current.inspected
        words = "Click a pixel of the picture with the tool Inspect (Q)."
        if at is not None:
            words = f"Row {at[0]}, column {at[1]} is no pixel of what is shown now. Click another one."
        if self.session.view.current.view3d is not None:
            words = "A body in 3-D has no pixels of its own. Go back to the slices to inspect them (Shift+V)."
        self.invitation.setText(words if has_picture else NO_PICTURE)
        self.invitation.show()

    def _show(self, found: Inspection) -> None:
        self.found = found
        self.invitation.hide()
        for widget in (self.row, self.column, self.tool, self.copy):
            widget.setEnabled(True)
        self.row.show_number(found.row)
        self.column.show_number(found.column)
        self.summary.setText(found.summary)
        self.facts.show_facts(found.facts)


class _Facts(QWidget):
    """Facts in two columns under the titles of their sections; labels are used again and again."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._shown: tuple[tuple[str, str], ...] = ()
        self._values: list[QLabel] = []

    def show_facts(self, facts: tuple[Fact, ...]) -> None:
        """Show *facts*; where only words have changed nothing moves."""
        outline = tuple((fact.section, fact.title) for fact in facts)
        if outline != self._shown:
            self._shown = outline
            self._build(facts)
        for label, fact in zip(self._values, facts, strict=True):
            words = f"{fact.title}: {fact.words}"
            if label.accessibleName() != words:
                label.setText(words if fact.is_detail else fact.words)
                label.setAccessibleName(words)

    def _build(self, facts: tuple[Fact, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._values = []
        section, row = "", 0
        for fact in facts:
            if fact.section != section:
                section = fact.section
                head = plain_label(section, "section")
                head.setContentsMargins(0, 8 if row else 0, 0, 0)
                self._grid.addWidget(head, row, 0, 1, 2)
                row += 1
            value = plain_label("", _role(fact), wrap=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._values.append(value)
            if fact.section == ODD or fact.is_detail:
                self._grid.addWidget(value, row, 0, 1, 2)
            else:
                title = plain_label(fact.title, "muted", wrap=True)
                title.setFixedWidth(TITLE_PX)
                self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
                self._grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignTop)
            row += 1


def _role(fact: Fact) -> str:
    """How a fact is written: the answer large, where it comes from small."""
    if fact.section == SCREEN and fact.title == "On the screen":
        return "title"
    return "small" if fact.is_detail else ""


def _seen(state: State) -> tuple[Any, ...]:
    """Everything that an inspected pixel depends on."""
    view, now = state.view, state.view.current
    reading = None if now.series is None else state.document.reading(now.series)
    return (view.active, now, view.peek, view.labels_hidden, reading)
