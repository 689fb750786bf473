"""How often each value occurs, with the window on it that can be dragged."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QWidget

from medviewer.gui import theme


class HistogramPlot(pg.PlotWidget):  # type: ignore[misc]
    """A plot of counts over values; `dragged` tells of the lower and upper end of the window, in values."""

    dragged = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Histogram of the shown picture with its window")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(110)
        self.setMaximumHeight(140)
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.hideAxis("left")
        self._curve = self.plot([0.0, 1.0], [0.0], stepMode="center", fillLevel=0)
        self._ends = (0.0, 1.0)
        self._region = pg.LinearRegionItem(swapMode="block")
        self._region.setZValue(10)
        self.addItem(self._region)
        self._region.sigRegionChanged.connect(self._tell)
        self.take_colors()

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(260, 120)

    def take_colors(self) -> None:
        """Draw in the colours of the theme in use."""
        colors = theme.tokens()
        self.setBackground(colors.surface)
        axis = self.getAxis("bottom")
        axis.setPen(pg.mkPen(colors.line))
        axis.setTextPen(pg.mkPen(colors.muted))
        axis.setStyle(tickLength=4, maxTickLevel=0)
        fill = QColor(colors.muted)
        fill.setAlpha(150)
        self._curve.setPen(pg.mkPen(colors.muted))
        self._curve.setBrush(fill)
        accent = QColor(colors.accent)
        accent.setAlpha(45)
        self._region.setBrush(accent)
        accent.setAlpha(80)
        self._region.setHoverBrush(accent)
        for line in self._region.lines:
            line.setPen(pg.mkPen(colors.accent, width=2))
            line.setHoverPen(pg.mkPen(colors.text, width=2))

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: draw in its colours."""
        super().changeEvent(event)
        # Qt tells of changes while pyqtgraph is still being built
        if event.type() == QEvent.Type.PaletteChange and "_region" in self.__dict__:
            self.take_colors()

    def show_counts(self, counts: NDArray[np.generic], edges: NDArray[np.generic]) -> None:
        """Show how often values between two *edges* occur; the root makes rare values visible."""
        # one value (air) may be a thousand times as frequent as all that matters
        heights = np.sqrt(np.asarray(counts, np.float64))
        self._curve.setData(np.asarray(edges, np.float64), heights)
        self._ends = (float(edges[0]), float(edges[-1]))
        self._fit()
        self.setYRange(0, max(float(heights.max(initial=0)), 1), padding=0.05)

    def show_nothing(self) -> None:
        """There is no picture."""
        self._curve.setData([0.0, 1.0], [0.0])
        self._region.hide()

    def show_window(self, low: float, high: float) -> None:
        """Show the window without telling anybody."""
        before = self._region.blockSignals(True)
        self._region.setRegion((low, high))
        self._region.blockSignals(before)
        self._region.show()
        self._fit()

    def _fit(self) -> None:
        """Make room for the values and for both ends of the window, unless one of them is being dragged."""
        if self._region.moving or any(line.moving for line in self._region.lines):
            return
        low, high = self._ends
        room = high - low
        first, last = self._region.getRegion() if self._region.isVisible() else self._ends
        # a window far wider than the values would press them into a corner
        self.setXRange(max(min(low, first), low - room), min(max(high, last), high + room), padding=0.03)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel belongs to the panel around the plot."""
        event.ignore()

    def _tell(self) -> None:
        low, high = self._region.getRegion()
        self.dragged.emit(float(low), float(high))
