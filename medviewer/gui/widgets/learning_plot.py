"""How a training goes: one value over the epochs, of the part that learns and of the part that chooses."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QWidget

from medviewer.gui import theme
from medviewer.gui.widgets.value_plot import ValuePlot

ROOM = 0.08
MOST_TICKS = 8


class LearningPlot(ValuePlot):
    """Two curves over the number of the epoch; the second one may be missing."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._counts.hide()
        self._chosen = self.plot([], [], symbolSize=5)
        self._learnt = self.plot([], [])
        self.showAxis("left")
        self.getAxis("left").setWidth(46)
        self.take_colors()

    def sizeHint(self) -> QSize:
        """Wide, and high enough to read values."""
        return QSize(380, 150)

    def take_colors(self) -> None:
        """Draw in the colours of the theme in use."""
        super().take_colors()
        colors = theme.tokens()
        axis = self.getAxis("left")
        axis.setPen(pg.mkPen(colors.line))
        axis.setTextPen(pg.mkPen(colors.muted))
        axis.setStyle(tickLength=4, maxTickLevel=0)
        self._chosen.setPen(pg.mkPen(colors.accent, width=2))
        self._chosen.setSymbol("o")
        self._chosen.setSymbolBrush(colors.accent)
        self._chosen.setSymbolPen(None)
        self._learnt.setPen(pg.mkPen(colors.muted, width=1.5, style=Qt.PenStyle.DashLine))

    def show_curves(
        self, epochs: Sequence[int], chosen: Sequence[float], learnt: Sequence[float] = ()
    ) -> None:
        """Show values by epoch: those of the part that chooses, and dashed those of the part that learns."""
        at = np.asarray(epochs, float)
        self._chosen.setData(at, np.asarray(chosen, float), connect="finite")
        self._learnt.setData(at[: len(learnt)], np.asarray(learnt, float), connect="finite")
        values = np.asarray([*chosen, *learnt], float)
        known = values[np.isfinite(values)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        room = max((high - low) * ROOM, 0.01)
        # there is no epoch and a half
        each = max(1, math.ceil(len(at) / MOST_TICKS))
        self.getAxis("bottom").setTickSpacing(each, each)
        self.setXRange(1.0, max(float(at.max()) if len(at) else 2.0, 2.0), padding=0.03)
        self.setYRange(low - room, high + room, padding=0)
