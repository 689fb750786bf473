"""How often each value occurs before and after, with the edges of the window."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QWidget

from medviewer.gui import theme
from medviewer.imaging.histogram import Histogram


class TwoHistograms(pg.PlotWidget):  # type: ignore[misc]
    """The first filled and muted, the second a line in the accent colour, on one axis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Histograms before and after, with the edges of the window")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(110)
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.hideAxis("left")
        self.before = self.plot([0.0, 1.0], [0.0], stepMode="center", fillLevel=0)
        self.after = self.plot([0.0, 1.0], [0.0], stepMode="center")
        self.edges = [pg.InfiniteLine(angle=90) for _ in range(2)]
        for line in self.edges:
            self.addItem(line)
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
        fill.setAlpha(120)
        self.before.setPen(pg.mkPen(colors.muted))
        self.before.setBrush(fill)
        self.after.setPen(pg.mkPen(colors.accent, width=1.5))
        for line in self.edges:
            line.setPen(pg.mkPen(colors.text, width=1, style=Qt.PenStyle.DashLine))

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: draw in its colours."""
        super().changeEvent(event)
        # Qt tells of changes while pyqtgraph is still being built
        if event.type() == QEvent.Type.PaletteChange and "edges" in self.__dict__:
            self.take_colors()

    def show_both(self, before: Histogram, after: Histogram | None, window: tuple[float, float]) -> None:
        """Show one or two histograms of equal edges; the root of the counts makes rare values visible."""
        edges = np.asarray(before.edges, np.float64)
        first = np.sqrt(np.asarray(before.counts, np.float64))
        self.before.setData(edges, first)
        self.after.setVisible(after is not None)
        highest = float(first.max(initial=1))
        if after is not None:
            second = np.sqrt(np.asarray(after.counts, np.float64))
            self.after.setData(edges, second)
            highest = max(highest, float(second.max(initial=1)))
        for line, at in zip(self.edges, window, strict=True):
            line.setValue(at)
        low, high = float(edges[0]), float(edges[-1])
        room = high - low
        # a window far wider than the values would press them into a corner
        self.setXRange(
            max(min(low, window[0]), low - room), min(max(high, window[1]), high + room), padding=0.03
        )
        self.setYRange(0, highest, padding=0.05)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel belongs to the panel around the plot."""
        event.ignore()
