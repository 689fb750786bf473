"""How often each value occurs, for looking at only."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from medviewer.gui.widgets.value_plot import ValuePlot, heights
from medviewer.imaging.histogram import Histogram


class CountsPlot(ValuePlot):
    """A histogram without anything to drag; the root of counts makes rare values visible."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setMaximumHeight(120)
        self.take_colors()

    def take_colors(self) -> None:
        """Draw in the colours of the theme in use."""
        super().take_colors()
        self.fill(150)

    def show_histogram(self, found: Histogram) -> None:
        """Show counts between their edges."""
        shown = heights(found.counts)
        self._counts.setData(np.asarray(found.edges, np.float64), shown)
        ends = (float(found.edges[0]), float(found.edges[-1]))
        self.make_room(ends, ends)
        self.make_height(float(shown.max(initial=0)))
