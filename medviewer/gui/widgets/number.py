"""A field for a number that can be typed: both decimal separators, no group separators, limits in words."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from medviewer.gui import theme
from medviewer.kit.errors import BadValue

_PLAIN = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
MINUS = "\N{MINUS SIGN}"


def read_number(text: str) -> float:
    """The number that *text* stands for. Raises BadValue when it is none, or could be two.

    "2.5" and "2,5" are the same; "1,500" is refused, because half of the world reads it as fifteen hundred.
    """
    plain = text.strip().replace(MINUS, "-")
    if _GROUPED.fullmatch(plain):
        raise BadValue(
            f"{text.strip():.20} can be read in two ways.",
            f"Write {plain.replace(',', '')} or {plain.replace(',', '.')}.",
        )
    if not _PLAIN.fullmatch(plain):
        raise BadValue(f"{text.strip():.20} is not a number." if plain else "A number is missing.", "")
    number = float(plain.replace(",", "."))
    if not math.isfinite(number):
        raise BadValue(f"{text.strip():.20} is too large.", "")
    return number


def write_number(value: float, decimals: int) -> str:
    """*value* with at most *decimals* digits behind the point, no needless zeros, and a true minus sign."""
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", MINUS) if text != "-0" else "0"


class NumberField(QLineEdit):
    """Shows a number and takes one; `entered` tells of a number that was typed and is allowed."""

    entered = Signal(float)
    refused = Signal(str)
    """why, or "" when all is well again"""

    def __init__(
        self,
        label: str,
        minimum: float | None = None,
        maximum: float | None = None,
        decimals: int = 2,
        whole: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.minimum, self.maximum = minimum, maximum
        self._decimals = 0 if whole else decimals
        self._whole = whole
        self._shown = ""
        self._value: float | None = None
        self.setAccessibleName(label)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setMaxLength(24)
        self._limits = self.limits()
        self.setToolTip(self._limits)
        self.returnPressed.connect(self._take)

    def limits(self) -> str:
        """What may be typed, in words."""
        kind = "A whole number" if self._whole else "A number"
        if self.minimum is not None and self.maximum is None and 0 < self.minimum < 1e-6:
            return f"{kind} above 0"
        if self.minimum is None or self.maximum is None:
            return kind if self.minimum is None else f"{kind} from {write_number(self.minimum, 6)}"
        return f"{kind} from {write_number(self.minimum, 6)} to {write_number(self.maximum, 6)}"

    def show_number(self, value: float, decimals: int | None = None) -> None:
        """Show *value* with so many digits behind the point, unless somebody is just typing."""
        shown = self._decimals if decimals is None else decimals
        self._value, self._shown = value, write_number(value, shown)
        if not (self.hasFocus() and self.isModified()):
            self._restore()

    def show_nothing(self) -> None:
        """There is no number now; what somebody is just typing stays."""
        self._value, self._shown = None, ""
        if not (self.hasFocus() and self.isModified()):
            self._restore()

    def number(self, otherwise: float) -> float:
        """The number that is shown, with all its digits."""
        return otherwise if self._value is None else self._value

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc brings back the number that was there."""
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self._restore()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Look out for clicks elsewhere, for buttons do not take the keyboard."""
        super().focusInEvent(event)
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A number that was typed counts before what is clicked then."""
        if event.type() == QEvent.Type.MouseButtonPress and watched is not self and self.isModified():
            self._take()
        return False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A number that was typed counts when the field is left."""
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
        super().focusOutEvent(event)
        if self.isModified():
            self._take()

    def _take(self) -> None:
        if not self.isModified():
            return
        try:
            value = self._checked(read_number(self.text()))
        except BadValue as trouble:
            self._complain(f"{trouble} {self._limits}.")
            return
        self._value, self._shown = value, write_number(value, self._decimals)
        self._restore()
        self.entered.emit(value)

    def _checked(self, value: float) -> float:
        too_low = self.minimum is not None and value < self.minimum
        too_high = self.maximum is not None and value > self.maximum
        if too_low or too_high or (self._whole and value != int(value)):
            raise BadValue(f"{write_number(value, 6)} is not allowed here.", "")
        return value

    def _complain(self, why: str) -> None:
        theme.mark(self, wrong="yes")
        self.setToolTip(why)
        self.setAccessibleDescription(why)
        self.refused.emit(why)

    def _restore(self) -> None:
        self.setText(self._shown)
        self.setModified(False)
        if self.property("wrong") == "yes":
            theme.mark(self, wrong="")
            self.setToolTip(self._limits)
            self.setAccessibleDescription("")
            self.refused.emit("")
