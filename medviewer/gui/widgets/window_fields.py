"""The centre and the width of a window in two fields, with their unit."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QGridLayout

from medviewer.gui.labels import plain_label
from medviewer.gui.widgets.number import NumberField


class WindowFields(QGridLayout):
    """Two rows of fields; *of* ends their names for screen readers, *entered* is called for either."""

    def __init__(self, of: str, entered: Callable[[], object]) -> None:
        super().__init__()
        self.setHorizontalSpacing(8)
        self.center = NumberField(f"Window centre{of}", decimals=9)
        self.width = NumberField(f"Window width{of}", minimum=1e-9, decimals=9)
        self.units = (plain_label("", "muted"), plain_label("", "muted"))
        for row, (title, field) in enumerate((("Centre", self.center), ("Width", self.width))):
            label = plain_label(title)
            label.setBuddy(field)
            self.addWidget(label, row, 0)
            self.addWidget(field, row, 1)
            self.addWidget(self.units[row], row, 2)
            field.entered.connect(lambda _: entered())
        self.setColumnStretch(1, 1)
