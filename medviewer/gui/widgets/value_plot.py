"""A plot over values, in the colours of the theme, that nobody moves: what all histograms have in common."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QWidget

from medviewer.gui import theme


class ValuePlot(pg.PlotWidget):  # type: ignore[misc]
    """An empty plot; a derived class calls `take_colors` when it has put everything into it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(110)
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.hideAxis("left")
        self._counts = self.plot([0.0, 1.0], [0.0], stepMode="center", fillLevel=0)
        self._has_colors = False

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(260, 120)

    def take_colors(self) -> None:
        """Draw in the colours of the theme in use."""
        self._has_colors = True
        colors = theme.tokens()
        self.setBackground(colors.surface)
        axis = self.getAxis("bottom")
        axis.setPen(pg.mkPen(colors.line))
        axis.setTextPen(pg.mkPen(colors.muted))
        axis.setStyle(tickLength=4, maxTickLevel=0)
        self._counts.setPen(pg.mkPen(colors.muted))

    def fill(self, alpha: int) -> None:
        """Fill the counts, muted, as opaque as *alpha* of 255."""
        color = QColor(theme.tokens().muted)
        color.setAlpha(alpha)
        self._counts.setBrush(color)

    def make_room(self, edges: tuple[float, float], window: tuple[float, float]) -> None:
        """Show the values between *edges* and the window, both (lowest, highest)."""
        (low, high), (first, last) = edges, window
        room = high - low
        # a window far wider than the values would press them into a corner
        self.setXRange(max(min(low, first), low - room), min(max(high, last), high + room), padding=0.03)

    def make_height(self, highest: float) -> None:
        """Show counts up to *highest*."""
        self.setYRange(0, max(highest, 1), padding=0.05)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: draw in its colours."""
        super().changeEvent(event)
        # Qt tells of changes while pyqtgraph is still being built
        if event.type() == QEvent.Type.PaletteChange and self.__dict__.get("_has_colors"):
            self.take_colors()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel belongs to the panel around the plot."""
        event.ignore()


def heights(counts: NDArray[np.generic]) -> NDArray[np.float64]:
    """The root of counts: one value (air) may be a thousand times as frequent as all that matters."""
    found: NDArray[np.float64] = np.sqrt(np.asarray(counts, np.float64))
    return found
