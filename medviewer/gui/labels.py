"""Plain words in a window: text from a file is never read as markup."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

BREAK = "\N{ZERO WIDTH SPACE}"
_LONG = re.compile(r"\S{24}(?=\S)")


class WrappedLabel(QLabel):
    """Plain text in several lines; words of any length are broken, so that none makes a panel wider."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def setText(self, text: str) -> None:
        """Show *text*; paths and hashes may break where they must."""
        super().setText(_LONG.sub(lambda found: f"{found[0]}{BREAK}", text))


def plain_label(text: str, role: str = "", wrap: bool = False) -> QLabel:
    """A label that never reads its text as markup."""
    label = WrappedLabel() if wrap else QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    if role:
        label.setProperty("role", role)
    return label
