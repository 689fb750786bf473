"""A page of known greys, and what a good screen shows of it; it tells, and calibrates nothing."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from medviewer.gui.labels import plain_label
from medviewer.gui.viewport.strokes import to_device_pixels
from medviewer.imaging.screen_pattern import screen_pattern

WORDS_PX = 300
LEAST_PX = QSize(400, 300)
FULL_SCREEN_KEY = "F11"
WHAT_TO_SEE = (
    (
        "1  Steps",
        "Eighteen greys from black to white, all steps alike. No two neighbours look the same.",
    ),
    (
        "2  Black and white",
        "A small square is seen inside the black one and inside the white one. If not, change brightness "
        "or contrast of the screen, or dim the room.",
    ),
    (
        "3  Lines",
        "Lines of one, two and three pixels are sharp, without colours, waves or a grey veil. If not, the "
        "screen does not run at its own resolution.",
    ),
    (
        "4  Letters",
        "RADIOLOGY on black, grey and white, each letter fainter. It can be read about equally far on all "
        "three; the last letters ask for a good screen in a dim room.",
    ),
    (
        "5  Gamma",
        "From two metres, or with eyes half closed, one square melts into the lines. Its number is the gamma "
        "of the screen: ordinary ones have 2.2. Screens that follow DICOM have no single number.",
    ),
)
NOT = (
    "This does not calibrate the screen (DICOM PS3.14). Whether it follows the standard's greys only a "
    "measuring device can tell."
)
SOURCES = "After SMPTE RP 133 and AAPM TG18-QC."


class ScreenCheckDialog(QDialog):
    """The page behind Help, Check the screen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Check the screen")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setSizeGripEnabled(True)
        self.resize(parent.size())
        self.page = PatternPage()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.page, 1)
        row.addWidget(self._column())
        QShortcut(QKeySequence(FULL_SCREEN_KEY), self, self.toggle_full_screen)
        self.page.setFocus()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back to a window."""
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def _column(self) -> QWidget:
        column = QWidget()
        column.setFixedWidth(WORDS_PX)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self._words(), 1)
        layout.addWidget(plain_label(NOT, "warning", wrap=True))
        layout.addWidget(plain_label(SOURCES, "small", wrap=True))
        buttons = QHBoxLayout()
        for text, tip, call in (
            ("Full screen", f"Fill the screen ({FULL_SCREEN_KEY})", self.toggle_full_screen),
            ("Close", "Close (Esc)", self.close),
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.setAccessibleName(text)
            button.setAutoDefault(False)
            button.clicked.connect(call)
            buttons.addWidget(button)
        layout.addLayout(buttons)
        return column

    def _words(self) -> QScrollArea:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(4)
        for title, words in WHAT_TO_SEE:
            layout.addWidget(plain_label(title, "section"))
            layout.addWidget(plain_label(words, wrap=True))
            layout.addSpacing(8)
        layout.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setAccessibleName("What should be seen")
        area.setWidget(inside)
        return area


class PatternPage(QWidget):
    """The pattern in pixels of the screen, one to one, whatever the scale of the system."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(LEAST_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Pattern of known greys")
        self._image = QImage()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the pattern; nothing of it is scaled."""
        ratio = self.devicePixelRatioF()
        size = (round(self.height() * ratio), round(self.width() * ratio))
        if (self._image.height(), self._image.width()) != size:
            pixels = screen_pattern(size).pixels
            rows, columns = pixels.shape
            # a copy: the lines of Qt's pictures begin at multiples of four bytes
            self._image = QImage(
                pixels.data, columns, rows, pixels.strides[0], QImage.Format.Format_Grayscale8
            ).copy()
        painter = QPainter(self)
        painter.setWorldTransform(to_device_pixels(painter))
        painter.drawImage(0, 0, self._image)
        painter.end()
