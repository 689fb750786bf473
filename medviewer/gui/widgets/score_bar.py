"""A probability as a bar with the operating point on it, in two digits beside; or a number with its unit."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from medviewer.core.finding import Finding, State
from medviewer.gui import theme

LINE_PX = 18
BAR_PX = 8
HEIGHT_PX = 46
NUMBER_PX = 22
OPINIONS = {State.PROPOSED: "", State.ACCEPTED: "accepted", State.REJECTED: "rejected"}


class ScoreBar(QWidget):
    """One finding: its name, its score, and on which side of the operating point that lies."""

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        is_number = finding.value is not None
        self.setFixedHeight(NUMBER_PX if is_number else HEIGHT_PX)
        self.setAccessibleName(self.words())
        told = f"{finding.score:.4f}; yes from {finding.threshold:.2f} on"
        self.setToolTip(f"{finding.value} {finding.unit}".rstrip() if is_number else told)

    def words(self) -> str:
        """What the bar says, for those who cannot see it."""
        opinion = OPINIONS[self.finding.state]
        if self.finding.value is not None:
            return f"{self.finding.what}: {self.finding.number}{f', {opinion}' if opinion else ''}"
        verdict = "yes" if self.finding.positive else "no"
        words = f"{self.finding.what}: {self.finding.score:.2f}, {verdict} at {self.finding.threshold:.2f}"
        return f"{words}, {opinion}" if opinion else words

    def sizeHint(self) -> QSize:
        """As wide as the panel."""
        return QSize(200, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw name and number above, the bar with its mark below."""
        colors, finding = theme.tokens(), self.finding
        painter = QPainter(self)
        rejected = finding.state is State.REJECTED
        color = QColor(colors.muted if rejected else colors.ai)
        line = QRect(0, 2, self.width(), LINE_PX)
        font = self.font()
        font.setStrikeOut(rejected)
        font.setBold(finding.value is None and finding.positive and not rejected)
        painter.setFont(font)
        painter.setPen(QColor(colors.muted if rejected else colors.text))
        right = finding.number
        number_px = painter.fontMetrics().horizontalAdvance(right) + 4
        name = painter.fontMetrics().elidedText(
            finding.what, Qt.TextElideMode.ElideRight, self.width() - number_px - 8
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, right)
        if finding.value is None:
            self._bar(painter, color)
        painter.end()

    def _bar(self, painter: QPainter, color: QColor) -> None:
        """The share of the bar that the score is."""
        bar = QRect(0, 2 + LINE_PX + 3, self.width(), BAR_PX)
        painter.fillRect(bar, QColor(theme.tokens().raised))
        length = round(bar.width() * min(max(self.finding.score, 0), 1))
        painter.fillRect(QRect(bar.x(), bar.y(), length, BAR_PX), color)
        self._mark(painter, bar)

    def _mark(self, painter: QPainter, bar: QRect) -> None:
        """The operating point: a line through the bar, with its number below."""
        colors = theme.tokens()
        at = bar.x() + round(bar.width() * self.finding.threshold)
        painter.setPen(QPen(QColor(colors.text), 2))
        painter.drawLine(at, bar.top() - 2, at, bar.bottom() + 3)
        font = self.font()
        font.setPointSizeF(theme.SMALL_PT - 1)
        font.setStrikeOut(False)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(colors.muted))
        verdict = "yes" if self.finding.positive else "no"
        opinion = OPINIONS[self.finding.state]
        words = (
            f"{verdict}: {'at or above' if self.finding.positive else 'below'} {self.finding.threshold:.2f}"
        )
        words = f"{words}, {opinion}" if opinion else words
        below = QRect(0, bar.bottom() + 2, self.width(), 14)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
