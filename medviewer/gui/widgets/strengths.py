"""Strengths with their intervals, the strongest above."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QWheelEvent
from PySide6.QtWidgets import QWidget

from medviewer.gui import theme
from medviewer.kit.frozen import frozen

ROW_PX, AXIS_PX = 34, 52
LONGEST_PX = 260
PNG_WIDTH_PX = 2400
ON_PAPER = ("#ffffff", "#000000", "#333333", "#999999", "#0072b2")
"""Ground, words, intervals, axes, points."""
END = 0.16
"""How high the ends of an interval are, in rows."""


@frozen
class Strength:
    """One line of the plot."""

    name: str
    strength: float
    low: float
    high: float


class StrengthPlot(pg.PlotWidget):  # type: ignore[misc]
    """A point and a bar for each, on a logarithmic scale whose middle is the mean of all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Strength, ...] = ()
        self.setAccessibleName("Strengths of the recipes with 95 % intervals")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self._draw_in_theme()

    def sizeHint(self) -> QSize:
        """Each recipe has a line of its own."""
        return QSize(560, ROW_PX * max(len(self._rows), 2) + AXIS_PX)

    def show_strengths(self, rows: Sequence[Strength]) -> None:
        """Show these, the first one above."""
        self._rows = tuple(rows)
        told = (f"{one.name} {one.strength:.2f} ({one.low:.2f} to {one.high:.2f})" for one in rows)
        self.setAccessibleDescription("; ".join(told))
        self.setMinimumHeight(min(self.sizeHint().height(), 260))
        self._draw_in_theme()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: draw in its colours."""
        super().changeEvent(event)
        # Qt tells of changes while pyqtgraph is still being built
        if event.type() == QEvent.Type.PaletteChange and "_rows" in self.__dict__:
            self._draw_in_theme()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel belongs to what is around the plot."""
        event.ignore()

    def save(self, path: Path) -> bool:
        """Write the plot as a PNG for print, dark on white, to a name in .png; whether that could be done."""
        scale = PNG_WIDTH_PX / max(self.width(), 1)
        self._draw(*ON_PAPER, scale)
        image = QImage(PNG_WIDTH_PX, round(self.height() * scale), QImage.Format.Format_RGB32)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.render(painter, QRectF(image.rect()))
        painter.end()
        self._draw_in_theme()
        return bool(image.save(str(path)))

    def _draw_in_theme(self) -> None:
        colors = theme.tokens()
        self._draw(colors.surface, colors.text, colors.muted, colors.line, colors.accent)

    def _draw(self, ground: str, text: str, muted: str, line: str, accent: str, scale: float = 1.0) -> None:
        """Draw in these colours, with strokes *scale* times as wide as on the screen."""
        rows = self._rows
        self.clear()
        self.setBackground(ground)
        places = [len(rows) - at for at in range(len(rows))]
        metrics = QFontMetrics(self.font())
        names = [metrics.elidedText(one.name, Qt.TextElideMode.ElideRight, LONGEST_PX - 16) for one in rows]
        left, bottom = self.getAxis("left"), self.getAxis("bottom")
        left.setTicks([list(zip(places, names, strict=True))])
        left.setWidth(min(max([60, *(metrics.horizontalAdvance(name) + 20 for name in names)]), LONGEST_PX))
        left.setStyle(tickLength=0)
        for axis in (left, bottom):
            axis.setPen(pg.mkPen(line))
            axis.setTextPen(pg.mkPen(text if axis is left else muted))
        self.setLabel(
            "bottom", "Strength, logarithmic, with intervals of 95 %; 0 is the mean of all", color=muted
        )
        self.addItem(pg.InfiniteLine(0, 90, pen=pg.mkPen(line, width=scale, style=Qt.PenStyle.DashLine)))
        pen = pg.mkPen(muted, width=2 * scale)
        for place, one in zip(places, rows, strict=True):
            self.plot([one.low, one.high], [place, place], pen=pen)
            for end in (one.low, one.high):
                self.plot([end, end], [place - END, place + END], pen=pen)
        self.plot(
            [one.strength for one in rows],
            places,
            pen=None,
            symbol="o",
            symbolSize=10 * scale,
            symbolBrush=accent,
            symbolPen=accent,
        )
        self.setYRange(0.4, len(rows) + 0.6, padding=0)
        ends = [0.0, *(end for one in rows for end in (one.low, one.high))]
        self.setXRange(min(ends), max(ends), padding=0.06)
