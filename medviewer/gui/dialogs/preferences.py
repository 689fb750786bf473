"""What a reader chooses once, as the form of one command; every choice takes effect at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from medviewer.gui import theme
from medviewer.gui.forms import Form
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.kit.memory import total_bytes
from medviewer.kit.params import Parameter
from medviewer.kit.settings import Settings
from medviewer.session.command import COMMANDS
from medviewer.session.commands.settings import GB
from medviewer.session.session import Session
from medviewer.session.state import State

COMMAND = "settings.set"
COLOR = "overlay_color"
MEMORY = "memory_gb"
LABELS = {MEMORY: "Memory for decoded pictures, 0: half of what is free"}
DEFAULTS = {
    "theme": Settings().theme,
    MEMORY: 0.0,
    "corner_text": Settings().corner_text,
    "cine_rate": Settings().cine_rate,
    "use_default_recipes": Settings().use_default_recipes,
    "remember_studies": Settings().remember_studies,
}
LOOK_AGAIN_MS = 1000
OTHERWISE_GB = 16


class PreferencesDialog(QDialog):
    """The settings there are; *take_theme* shows the whole window in another theme and keeps it."""

    def __init__(self, session: Session, take_theme: Callable[[str], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._take_theme = session, take_theme
        self.setWindowTitle("Preferences")
        self.setMinimumWidth(440)
        declared = [_declared(one) for one in COMMANDS[COMMAND].parameters if one.name in DEFAULTS]
        self.memory = Form([one for one in declared if one.name == MEMORY])
        self.form = Form([one for one in declared if one.name != MEMORY])
        for form in (self.memory, self.form):
            form.changed.connect(self._take)
        self.used = plain_label("", "small", wrap=True)
        self.color = QPushButton()
        self.color.clicked.connect(self._ask_color)
        row = QHBoxLayout()
        label = plain_label("Colour of overlays")
        label.setBuddy(self.color)
        row.addWidget(label)
        row.addStretch()
        row.addWidget(self.color)
        self.remarks = plain_label(_help("remember_studies"), "small", wrap=True)
        shut, reset = QPushButton("Close"), QPushButton("All as at first")
        shut.clicked.connect(self.close)
        reset.setToolTip("Take all settings back to what they were before anybody chose")
        reset.clicked.connect(self._reset)
        below = QHBoxLayout()
        below.addWidget(reset)
        below.addStretch()
        below.addWidget(shut)
        for button in (shut, reset):
            button.setAccessibleName(button.text())
        for button in (shut, reset, self.color):
            button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        for widget in (self.memory, self.used, self.form, self.remarks):
            layout.addWidget(widget)
        layout.addLayout(row)
        layout.addStretch()
        layout.addLayout(below)
        self._timer = QTimer(self, interval=LOOK_AGAIN_MS)
        self._timer.timeout.connect(self._show_used)
        self._timer.start()
        self._end = session.watch(_shown, lambda _: self._show())
        self.finished.connect(lambda _: self._stop())
        self.destroyed.connect(lambda _, end=self._end: end())
        self._show()

    def _take(self, values: dict[str, Any], _: str) -> None:
        if "theme" in values:
            self._take_theme(values["theme"])
        rest = {name: value for name, value in values.items() if name != "theme"}
        if rest:
            run(self._session, COMMAND, **rest)
        self._show()

    def _reset(self) -> None:
        self._take({**DEFAULTS, COLOR: Settings().overlay_color}, "")

    def _ask_color(self) -> None:
        chosen = QColorDialog.getColor(
            QColor(self._session.settings.overlay_color), self, "Colour of overlays"
        )
        if chosen.isValid():
            self._take({COLOR: chosen.name()}, "")

    def _show(self) -> None:
        kept = self._session.settings
        self.memory.show_values({MEMORY: kept.cache_bytes / GB})
        self.form.show_values({name: getattr(kept, name) for name in DEFAULTS if name != MEMORY})
        self.color.setText(kept.overlay_color)
        self.color.setToolTip("Overlay planes of files are drawn in this colour; click to choose another")
        self.color.setAccessibleName(f"Colour of overlays, {kept.overlay_color}")
        ground = QColor(kept.overlay_color)
        words = "#000000" if theme.contrast(ground.name(), "#000000") > 7 else "#ffffff"
        self.color.setStyleSheet(f"QPushButton {{ background: {ground.name()}; color: {words}; }}")
        self._show_used()

    def _show_used(self) -> None:
        frames = self._session.frames
        how = "" if self._session.settings.cache_bytes else ", half of what was free"
        self.used.setText(
            f"Decoded pictures take {frames.held / GB:.2f} of {frames.capacity / GB:.2f} GB now{how}."
        )

    def _stop(self) -> None:
        self._timer.stop()
        self._end()


def _declared(parameter: Parameter) -> Parameter:
    """A parameter of the command as the form needs it: with a value, and no more memory than there is."""
    made = replace(parameter, optional=False, default=DEFAULTS[parameter.name])
    if parameter.name == MEMORY:
        there_is = total_bytes() // GB or OTHERWISE_GB
        made = replace(made, maximum=float(there_is), label=LABELS[MEMORY])
    return made


def _help(name: str) -> str:
    return next(one.help for one in COMMANDS[COMMAND].parameters if one.name == name)


def _shown(state: State) -> tuple[Any, ...]:
    """What of the settings can be changed elsewhere too."""
    return state.view.corner_text, state.view.cine_rate, state.view.overlay_color
