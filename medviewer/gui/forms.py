"""Declared parameters to editors: a bounded number is a slider, a choice a menu, a switch a tick box."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from medviewer.gui.labels import plain_label
from medviewer.gui.widgets.number import NumberField
from medviewer.gui.widgets.slider import QuietComboBox, Slider
from medviewer.kit.params import Kind, Parameter

FIELD_PX = 64
_BY_TAB = Qt.FocusPolicy.TabFocus


class Editor(QWidget):
    """Shows and takes the value of one parameter."""

    changed = Signal(str, object, str)
    """the parameter's name, the value, and the drag it belongs to ("" for none)"""

    # no focus proxy: with one, Qt's Tab leaps over everything that lies between

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.setToolTip(parameter.help)

    def show_value(self, value: Any) -> None:
        """Show *value* without telling anybody."""
        raise NotImplementedError

    def tell(self, value: Any, drag: str = "") -> None:
        """Tell of a value that the reader has chosen."""
        self.changed.emit(self.parameter.name, value, drag)

    def reset(self) -> None:
        """Go back to the declared default."""
        self.tell(self.parameter.default)


class BoundedNumber(Editor):
    """Label, track, a field that can be typed in, and the unit."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        low, high = parameter.minimum, parameter.maximum
        assert low is not None
        assert high is not None
        whole = parameter.kind is Kind.INTEGER
        step = parameter.step or (1.0 if whole else 0.0)
        self.slider = Slider(parameter.label, low, high, step)
        self.field = NumberField(
            f"{parameter.label}, number", low, high, decimals_for(step, low, high), whole
        )
        self.field.setFixedWidth(FIELD_PX)
        self._words = plain_label("", "error", wrap=True)
        self._words.hide()
        self._arrange(parameter)
        self.slider.moved.connect(self._moved)
        self.slider.reset.connect(self.reset)
        self.field.entered.connect(lambda value: self.tell(self._typed(value)))
        self.field.refused.connect(self._refused)

    def show_value(self, value: Any) -> None:
        """Show a number."""
        self.slider.show_number(float(value))
        self.field.show_number(float(value))

    def _arrange(self, parameter: Parameter) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        label = plain_label(parameter.label)
        label.setBuddy(self.slider)
        grid.addWidget(label, 0, 0, 1, 3)
        grid.addWidget(self.slider, 1, 0)
        grid.addWidget(self.field, 1, 1)
        self.unit = plain_label(parameter.unit, "muted")
        self.unit.setVisible(bool(parameter.unit))
        grid.addWidget(self.unit, 1, 2)
        grid.addWidget(self._words, 2, 0, 1, 3)
        grid.setColumnStretch(0, 1)

    def _typed(self, value: float) -> float | int:
        return int(value) if self.parameter.kind is Kind.INTEGER else value

    def _moved(self, value: float, drag: str) -> None:
        self.field.show_number(value)
        self.tell(self._typed(value), drag)

    def _refused(self, why: str) -> None:
        self._words.setText(why)
        self._words.setVisible(bool(why))


class FreeNumber(Editor):
    """A field for a number without limits."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        whole = parameter.kind is Kind.INTEGER
        self.field = NumberField(parameter.label, parameter.minimum, parameter.maximum, 6, whole)
        _in_a_row(self, parameter.label, self.field)
        self.field.entered.connect(lambda value: self.tell(int(value) if whole else value))

    def show_value(self, value: Any) -> None:
        """Show a number."""
        self.field.show_number(float(value or 0))


class Choice(Editor):
    """A menu of words."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.menu = QuietComboBox(parameter.label)
        for word in parameter.choices:
            self.menu.addItem(word.replace("_", " ").capitalize(), word)
        _in_a_row(self, parameter.label, self.menu)
        self.menu.activated.connect(lambda _: self.tell(self.menu.currentData()))

    def show_value(self, value: Any) -> None:
        """Show a word."""
        self.menu.setCurrentIndex(max(0, self.menu.findData(value)))


class Switch(Editor):
    """A tick box."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.box = QCheckBox(parameter.label)
        self.box.setAccessibleName(parameter.label)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.addWidget(self.box)
        self.box.clicked.connect(self.tell)

    def show_value(self, value: Any) -> None:
        """Show a tick or none."""
        self.box.setChecked(bool(value))


class TextEditor(Editor):
    """A line of text."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.field = QLineEdit()
        self.field.setAccessibleName(parameter.label)
        _in_a_row(self, parameter.label, self.field)
        self.field.editingFinished.connect(self._finished)

    def show_value(self, value: Any) -> None:
        """Show a text, unless somebody is just typing."""
        if not (self.field.hasFocus() and self.field.isModified()):
            self.field.setText(str(value or ""))

    def _finished(self) -> None:
        if self.field.isModified():
            self.field.setModified(False)
            self.tell(self.field.text())


class CodedText(Editor):
    """Says what a text holds that nobody reads or types."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.words = plain_label("", "muted", wrap=True)
        _in_a_row(self, parameter.label, self.words)

    def show_value(self, value: Any) -> None:
        """Show what *value* holds."""
        self.words.setText(self.parameter.words(value))


class Form(QWidget):
    """The editors of a function's parameters. It shows what it is given and does not listen to itself."""

    changed = Signal(object, str)
    """{name: value} of what the reader changed, and the drag it belongs to"""

    def __init__(self, parameters: Sequence[Parameter], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.editors: dict[str, Editor] = {}
        self._more: list[QWidget] = []
        for parameter in parameters:
            editor = editor_for(parameter)
            editor.changed.connect(lambda name, value, drag: self.changed.emit({name: value}, drag))
            self.editors[parameter.name] = editor
            layout.addWidget(editor)
        self._line_up()

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Show the values of all parameters; what is missing is shown with its default."""
        for name, editor in self.editors.items():
            editor.show_value(values.get(name, editor.parameter.default))

    def follow(self, before: QWidget) -> None:
        """Let Tab come here right after *before*, through the editors and what follows them."""
        inside = [child for editor in self.editors.values() for child in editor.findChildren(QWidget)]
        for child in (*inside, *self._more):
            # the list that drops from a menu of words is a window of its own
            if child.focusPolicy() & _BY_TAB and child.window() is self.window():
                QWidget.setTabOrder(before, child)
                before = child

    def append(self, control: QWidget) -> None:
        """Put a control below the editors."""
        self._more.append(control)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(control)

    def _line_up(self) -> None:
        """Keep the same room for units in all rows, when there is one at all."""
        rows = [editor for editor in self.editors.values() if isinstance(editor, BoundedNumber)]
        width = max((row.unit.sizeHint().width() for row in rows if row.parameter.unit), default=0)
        for row in rows:
            row.unit.setVisible(width > 0)
            row.unit.setFixedWidth(width)

    def reset(self) -> None:
        """Go back to the declared defaults."""
        self.changed.emit({name: editor.parameter.default for name, editor in self.editors.items()}, "")


def editor_for(parameter: Parameter) -> Editor:
    """The editor for what a parameter takes."""
    if parameter.told is not None:
        return CodedText(parameter)
    number = parameter.kind in (Kind.INTEGER, Kind.NUMBER)
    if number and parameter.minimum is not None and parameter.maximum is not None:
        return BoundedNumber(parameter)
    makers: dict[Kind, Callable[[Parameter], Editor]] = {
        Kind.INTEGER: FreeNumber,
        Kind.NUMBER: FreeNumber,
        Kind.CHOICE: Choice,
        Kind.SWITCH: Switch,
    }
    return makers.get(parameter.kind, TextEditor)(parameter)


def decimals_for(step: float, low: float, high: float) -> int:
    """How many digits behind the point a number needs: those of its step, else a thousandth of the range."""
    if step:
        text = f"{step:.6f}".rstrip("0")
        return max(len(text.partition(".")[2]), 0)
    return max(0, min(6, 3 - math.floor(math.log10(high - low))))


def _in_a_row(editor: Editor, label: str, control: QWidget) -> None:
    layout = QHBoxLayout(editor)
    layout.setContentsMargins(0, 2, 0, 2)
    layout.setSpacing(8)
    words = plain_label(label)
    words.setBuddy(control)
    layout.addWidget(words)
    layout.addWidget(control, 1)
