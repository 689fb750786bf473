"""What the forms of dialogs are made of: ticks, menus, lines, and the buttons that end them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLineEdit, QPushButton

from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.gui.words import plain_tip


def tick(text: str, tip: str, on: bool = False) -> QCheckBox:
    """What can be ticked."""
    box = QCheckBox(text)
    box.setAccessibleName(text)
    box.setToolTip(plain_tip(tip))
    box.setChecked(on)
    return box


def menu(label: str, tip: str, entries: Iterable[str]) -> QuietComboBox:
    """A menu of *entries*; *label* is what it is called where it is read aloud."""
    box = QuietComboBox(label)
    box.setToolTip(plain_tip(tip))
    box.addItems(list(entries))
    return box


def line(label: str, tip: str, hint: str) -> QLineEdit:
    """A line to write into; *hint* stands in it while it is empty."""
    field = QLineEdit()
    field.setAccessibleName(label)
    field.setToolTip(tip)
    field.setPlaceholderText(hint)
    return field


def at_the_right(*buttons: QPushButton) -> QHBoxLayout:
    """The buttons that end a dialog, the main one last."""
    below = QHBoxLayout()
    below.addStretch()
    for button in buttons:
        button.setAccessibleName(button.text().strip("…"))
        below.addWidget(button)
    return below


def fit_height(dialog: QDialog) -> None:
    """As high as what is told now: rows are neither pressed together nor drawn apart."""
    layout = dialog.layout()
    if layout is not None:
        layout.activate()
        dialog.resize(dialog.width(), layout.totalHeightForWidth(dialog.width()))
