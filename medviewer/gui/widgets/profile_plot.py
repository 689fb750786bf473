"""Values along a line, over the distance from its first end."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from medviewer.gui import theme
from medviewer.gui.widgets.value_plot import ValuePlot
from medviewer.imaging.profile import Profile

ROOM = 0.06
"""Share of the range of values above and below the line."""


class ProfilePlot(ValuePlot):
    """A curve with both axes; where there are no values it has a gap."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Values along the line", parent)
        self._counts.hide()
        self._line = self.plot([], [])
        self.showAxis("left")
        self.take_colors()

    def sizeHint(self) -> QSize:
        """Wide, and high enough to read values."""
        return QSize(260, 170)

    def take_colors(self) -> None:
        """Draw in the colours of the theme in use."""
        super().take_colors()
        colors = theme.tokens()
        axis = self.getAxis("left")
        axis.setPen(pg.mkPen(colors.line))
        axis.setTextPen(pg.mkPen(colors.muted))
        axis.setStyle(tickLength=4, maxTickLevel=0)
        self._line.setPen(pg.mkPen(colors.accent, width=1.5))

    def show_profile(self, found: Profile) -> None:
        """Show the values along a line."""
        self._line.setData(found.distances, found.values, connect="finite")
        known = found.values[np.isfinite(found.values)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        room = max((high - low) * ROOM, 0.5)
        self.setXRange(0.0, max(float(found.distances[-1]), 1e-6), padding=0.02)
        self.setYRange(low - room, high + room, padding=0)
