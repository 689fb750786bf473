"""What is trained and how, as a form made of what the training itself declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from medviewer.gui.forms import Form
from medviewer.gui.labels import plain_label
from medviewer.gui.widgets.folding import Folding
from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.kit.params import Kind, Parameter, Value
from medviewer.session.training.settings import Settings, parameter

BY_ITSELF = "Chosen by itself"
FIRST = ("model.name", "train.epochs", "input.size", "augment.strength", "train.seed")
"""The settings that everybody sees."""
STRENGTH = {
    "label": "Strength of the changes to training pictures",
    "kind": "number",
    "default": 1.0,
    "minimum": 0.0,
    "maximum": 3.0,
    "step": 0.1,
}
TITLES = {
    "data": "Data",
    "split": "Who learns, who chooses, who judges",
    "input": "What the network takes",
    "augment": "Changes to training pictures",
    "train": "Learning",
    "model": "The model",
}
CHOICES = (
    ("losses", "loss", "Loss"),
    ("optimizers", "optimizer", "Optimiser"),
    ("schedules", "schedule", "Schedule"),
)


class Chosen(QWidget):
    """One thing by its name, and the parameters that it declares."""

    changed = Signal(object)
    """{setting: value}; None takes a setting back"""

    def __init__(self, section: str, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._section = section
        self._entries: Mapping[str, Any] = {}
        self._form: Form | None = None
        self._form_of = ""
        self.menu = QuietComboBox(label)
        self.menu.activated.connect(lambda _: self._pick())
        self.help = plain_label("", "muted", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(8)
        words = plain_label(label)
        words.setBuddy(self.menu)
        row.addWidget(words)
        row.addWidget(self.menu, 1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._layout.addLayout(row)
        self._layout.addWidget(self.help)

    @property
    def name(self) -> str:
        """What is chosen, "" for what the training chooses."""
        return str(self.menu.currentData() or "")

    def show_entries(self, entries: Mapping[str, Any], settings: Settings) -> None:
        """Offer *entries*, as the training describes them."""
        self._entries = entries
        self.menu.blockSignals(True)
        self.menu.clear()
        self.menu.addItem(BY_ITSELF, "")
        for name, about in entries.items():
            self.menu.addItem(str(about.get("title", name)), name)
        self.menu.blockSignals(False)
        self._form_of = ""
        self.show_settings(settings)

    def show_settings(self, settings: Settings) -> None:
        """Show what is chosen, and its parameters."""
        name = str(settings.get(f"{self._section}.name", ""))
        self.menu.setCurrentIndex(max(0, self.menu.findData(name)))
        about = self._entries.get(self.name, {})
        self.help.setText(str(about.get("help", "")))
        self.help.setVisible(bool(about.get("help")))
        if self._form_of != self.name:
            self._replace_form(about.get("parameters", {}))
            self._form_of = self.name
        if self._form is not None:
            self._form.show_values(settings)

    def _replace_form(self, parameters: Mapping[str, Any]) -> None:
        if self._form is not None:
            self._form.hide()
            self._form.deleteLater()
            self._form = None
        if parameters:
            self._form = Form([parameter(f"{self._section}.{name}", one) for name, one in parameters.items()])
            self._form.changed.connect(lambda values, _: self.changed.emit(values))
            self._layout.addWidget(self._form)

    def _pick(self) -> None:
        about = self._entries.get(self._form_of, {})
        gone: dict[str, Value] = {f"{self._section}.{name}": None for name in about.get("parameters", {})}
        self.changed.emit({**gone, f"{self._section}.name": self.name or None})


class TrainSettings(QWidget):
    """The settings of a training; *settings* holds those that are not as usual."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.settings: Settings = {}
        self.task = ""
        self._listing: Mapping[str, Any] = {}
        self._parameters: dict[str, Parameter] = {}
        self._forms: list[Form] = []
        self._choices: list[Chosen] = []
        self.network = Chosen("network", "Learns by")
        self.network.changed.connect(self._take)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addWidget(self.network)
        self.more: Folding | None = None

    def show_listing(self, listing: Mapping[str, Any]) -> None:
        """Make the form of what the training declares."""
        self._listing = listing
        sections = dict(listing.get("sections", {}))
        sections["augment"] = {"strength": STRENGTH, **sections.get("augment", {})}
        for section, entries in sections.items():
            for name, about in entries.items():
                self._parameters[f"{section}.{name}"] = parameter(f"{section}.{name}", about)
        self._layout.addWidget(self._form([name for name in FIRST if name in self._parameters]))
        self.more = Folding("All settings", self._all)
        self._layout.addWidget(self.more)
        self.show_task(self.task)

    def show_task(self, task: str) -> None:
        """Offer the networks and estimators that can learn *task*, all while it is not known."""
        self.task = task
        entries: dict[str, Any] = {}
        for kind in ("networks", "estimators"):
            for name, about in self._listing.get(kind, {}).items():
                if not task or task in about.get("tasks", (task,)):
                    entries[name] = about
        kept = self.settings.get("network.name", "")
        if task and kept and kept not in entries:
            self.settings = {key: one for key, one in self.settings.items() if not key.startswith("network.")}
        self.network.show_entries(entries, self.settings)

    def show_settings(self, settings: Settings) -> None:
        """Show other settings instead."""
        self.settings = dict(settings)
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        for form in self._forms:
            form.show_values(self.settings)
        for chosen in (self.network, *self._choices):
            chosen.show_settings(self.settings)

    def _form(self, names: list[str]) -> Form:
        form = Form([self._parameters[name] for name in names])
        form.changed.connect(lambda values, _: self._take(values))
        form.show_values(self.settings)
        self._forms.append(form)
        return form

    def _all(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for kind, section, label in CHOICES:
            chosen = Chosen(section, label)
            chosen.show_entries(self._listing.get(kind, {}), self.settings)
            chosen.changed.connect(self._take)
            self._choices.append(chosen)
            layout.addWidget(chosen)
        for section, title in TITLES.items():
            names = [
                name
                for name in self._parameters
                if name.startswith(f"{section}.") and name not in (*FIRST, "data.path")
            ]
            layout.addWidget(plain_label(title, "section"))
            layout.addWidget(self._form(names))
        return page

    def _take(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            declared = self._parameters.get(name)
            if declared is not None and declared.kind is Kind.TEXT and declared.default is None:
                value = _number_in(value)
            usual = declared.default if declared is not None else None
            if value is None or value == usual:
                self.settings.pop(name, None)
            else:
                self.settings[name] = value
        self._show()
        self.changed.emit()


def _number_in(text: Any) -> Value:
    """The number that was typed, None for nothing; other words stay, and the training says what is wrong."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return str(text).strip() or None
