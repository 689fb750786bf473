"""How often each value occurs, with the window on it that can be dragged."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from medviewer.gui import theme
from medviewer.gui.widgets.value_plot import ValuePlot, heights


class HistogramPlot(ValuePlot):
    """A plot of counts over values; `dragged` tells of the lower and upper end of the window, in values."""

    dragged = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Histogram of the shown picture with its window", parent)
        self.setMaximumHeight(140)
        self._ends = (0.0, 1.0)
        self._region = pg.LinearRegionItem(swapMode="block")
        self._region.setZValue(10)
        self.addItem(self._region)
        self._region.sigRegionChanged.connect(self._tell)
        self.take_colors()

    def take_colors(self) -> None:
        """Draw in the colours of the theme in use."""
        super().take_colors()
        colors = theme.tokens()
        self.fill(150)
        accent = QColor(colors.accent)
        accent.setAlpha(45)
        self._region.setBrush(accent)
        accent.setAlpha(80)
        self._region.setHoverBrush(accent)
        for line in self._region.lines:
            line.setPen(pg.mkPen(colors.accent, width=2))
            line.setHoverPen(pg.mkPen(colors.text, width=2))

    def show_counts(self, counts: NDArray[np.generic], edges: NDArray[np.generic]) -> None:
        """Show how often values between two *edges* occur; the root makes rare values visible."""
        found = heights(counts)
        self._counts.setData(np.asarray(edges, np.float64), found)
        self._ends = (float(edges[0]), float(edges[-1]))
        self._fit()
        self.make_height(float(found.max(initial=0)))

    def show_nothing(self) -> None:
        """There is no picture."""
        self._counts.setData([0.0, 1.0], [0.0])
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
        self.make_room(self._ends, self._region.getRegion() if self._region.isVisible() else self._ends)

    def _tell(self) -> None:
        low, high = self._region.getRegion()
        self.dragged.emit(float(low), float(high))
