"""Tidying the label that is worked on, and combining it with another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from medviewer.core.labels import Label
from medviewer.gui.forms import Form
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.panels.segment_tree import swatch
from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.imaging.segment.cleaning import CLEANINGS, Cleaning
from medviewer.session.session import Session

OPERATIONS = {
    "add": "Add",
    "subtract": "Subtract",
    "intersect": "Intersect with",
    "copy": "Make a copy of",
}
NO_LABEL = "Choose a label first"


class Tidying(QWidget):
    """One step at a time, each an undo."""

    def __init__(self, session: Session, scope: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._scope = session, scope
        self._values: dict[str, dict[str, Any]] = {}
        self.form: Form | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self.step = QuietComboBox("Step that tidies")
        for one in CLEANINGS:
            self.step.addItem(one.title, one.name)
        self.step.activated.connect(lambda _: self._choose())
        layout.addWidget(self.step)
        self._help = plain_label("", "muted", wrap=True)
        layout.addWidget(self._help)
        here = QWidget()  # of its own: Tab comes to what is made in it before what follows
        layout.addWidget(here)
        self._place = QVBoxLayout(here)
        self._place.setContentsMargins(0, 0, 0, 0)
        self.tidy = QPushButton("Tidy")
        self.tidy.setAccessibleName("Tidy the label with this step")
        self.tidy.clicked.connect(self._tidy)
        layout.addWidget(self.tidy)
        layout.addSpacing(4)
        layout.addWidget(plain_label("Combine with another label", "section"))
        row = QHBoxLayout()
        row.setSpacing(6)
        self.operation = QuietComboBox("How labels are combined")
        for name, words in OPERATIONS.items():
            self.operation.addItem(words, name)
        self.other = QuietComboBox("The other label")
        row.addWidget(self.operation)
        row.addWidget(self.other, 1)
        layout.addLayout(row)
        self.combine = QPushButton("Combine")
        self.combine.setAccessibleName("Combine the labels")
        self.combine.clicked.connect(self._combine)
        layout.addWidget(self.combine)
        self._others: tuple[tuple[str, int], ...] = ()
        self._choose()

    def show_state(self) -> None:
        """Follow which labels there are, and which is worked on."""
        view = self._session.view
        series = view.current.series
        groups = () if series is None else self._session.state.document.reading(series).groups
        active: Label | None = None
        others = []
        for group in reversed(groups):
            for label in group.labels:
                if (group.id, label.value) == (view.group, view.label):
                    active = label
                else:
                    others.append((group.id, label))
        self._fill(others)
        why = NO_LABEL if active is None else f"{active.name} is locked" if active.locked else ""
        name = "" if active is None else active.name
        self.tidy.setEnabled(not why)
        self.tidy.setToolTip(why or f"Tidy {name}; undo brings it back")
        self.combine.setEnabled(not why and bool(others))
        self.combine.setToolTip(why or (f"Change {name}" if others else "There is no other label"))

    @property
    def cleaning(self) -> Cleaning:
        """The chosen step."""
        return CLEANINGS[self.step.currentData()]

    def _fill(self, others: list[tuple[str, Label]]) -> None:
        places = tuple((group, label.value) for group, label in others)
        chosen = self.other.currentData()
        if places == self._others and all(
            self.other.itemText(at) == label.name for at, (_, label) in enumerate(others)
        ):
            return
        self._others = places
        self.other.clear()
        for at, (_, label) in enumerate(others):
            self.other.addItem(swatch(label.color), label.name, at)
        if chosen is not None and chosen < len(others):
            self.other.setCurrentIndex(chosen)
        self.other.setEnabled(bool(others))
        self.other.setToolTip("The label it is combined with" if others else "There is no other label")

    def _choose(self) -> None:
        if self.form is not None:
            self.form.hide()
            self.form.deleteLater()
        cleaning = self.cleaning
        self._help.setText(cleaning.help)
        self.form = Form(cleaning.parameters)
        self._place.addWidget(self.form)
        self.form.follow(self.step)
        self.form.changed.connect(self._change)
        self.form.show_values(self._values.get(cleaning.name, {}))

    def _change(self, values: Mapping[str, Any], _: str) -> None:
        kept = self._values.setdefault(self.cleaning.name, {})
        kept.update(values)
        assert self.form is not None
        self.form.show_values(kept)

    def _tidy(self) -> None:
        name = self.cleaning.name
        run(
            self._session,
            "segment.clean",
            step=name,
            values=self._values.get(name, {}),
            scope=self._scope(),
        )

    def _combine(self) -> None:
        at = self.other.currentData()
        if at is not None and at < len(self._others):
            group, value = self._others[at]
            run(
                self._session,
                "segment.combine",
                operation=self.operation.currentData(),
                other=value,
                other_group=group,
                scope=self._scope(),
            )
