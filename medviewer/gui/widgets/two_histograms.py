"""How often each value occurs before and after, with the edges of the window."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from medviewer.gui import theme
from medviewer.gui.widgets.value_plot import ValuePlot, heights
from medviewer.imaging.histogram import Histogram


class TwoHistograms(ValuePlot):
    """The first filled and muted, the second a line in the accent colour, on one axis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Histograms before and after, with the edges of the window", parent)
        self.before = self._counts
        self.after = self.plot([0.0, 1.0], [0.0], stepMode="center")
        self.edges = [pg.InfiniteLine(angle=90) for _ in range(2)]
        for line in self.edges:
            self.addItem(line)
        self.take_colors()

    def take_colors(self) -> None:
        """Draw in the colours of the theme in use."""
        super().take_colors()
        colors = theme.tokens()
        self.fill(120)
        self.after.setPen(pg.mkPen(colors.accent, width=1.5))
        for line in self.edges:
            line.setPen(pg.mkPen(colors.text, width=1, style=Qt.PenStyle.DashLine))

    def show_both(self, before: Histogram, after: Histogram | None, window: tuple[float, float]) -> None:
        """Show one or two histograms of equal edges; the root of the counts makes rare values visible."""
        edges = np.asarray(before.edges, np.float64)
        first = heights(before.counts)
        self.before.setData(edges, first)
        self.after.setVisible(after is not None)
        highest = float(first.max(initial=1))
        if after is not None:
            second = heights(after.counts)
            self.after.setData(edges, second)
            highest = max(highest, float(second.max(initial=1)))
        for line, at in zip(self.edges, window, strict=True):
            line.setValue(at)
        self.make_room((float(edges[0]), float(edges[-1])), window)
        self.make_height(highest)
