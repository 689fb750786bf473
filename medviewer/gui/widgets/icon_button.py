"""A small button with an icon that follows the theme."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QToolButton, QWidget

from medviewer.gui import icons, theme


class IconButton(QToolButton):
    """Its tool tip is its name for screen readers too."""

    def __init__(
        self,
        icon: str,
        tip: str,
        call: Callable[[], object],
        size_px: int = theme.ICON_PX,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setIconSize(QSize(size_px, size_px))
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setIcon(icons.icon(icon))
        self.clicked.connect(lambda _=False: call())

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: draw the icon in its colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.setIcon(icons.icon(self._icon))
