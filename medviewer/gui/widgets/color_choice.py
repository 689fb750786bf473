"""A menu of colour maps, each with a strip of its colours."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QWidget

from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.imaging.colormaps import LEVELS, ColorMap, color_maps

STRIP = QSize(72, 14)
GREY = ""


class ColorChoice(QuietComboBox):
    """Offers all colour maps by their titles; *with_grey* also none, which stands first."""

    def __init__(self, label: str, with_grey: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(label, parent)
        self.setIconSize(STRIP)
        if with_grey:
            greys = np.repeat(np.arange(LEVELS, dtype=np.uint8)[:, None], 3, axis=1)
            self.addItem(_strip(ColorMap(GREY, "Grey", greys)), "Grey", GREY)
        for one in color_maps():
            self.addItem(_strip(one), one.title, one.name)

    @property
    def name(self) -> str:
        """The chosen colour map, "" for grey."""
        return str(self.currentData())

    def show_name(self, name: str) -> None:
        """Show a colour map without telling anybody."""
        self.setCurrentIndex(max(0, self.findData(name)))


def _strip(colors: ColorMap) -> QIcon:
    pixels = np.ascontiguousarray(colors.colors)
    image = QImage(pixels.data, LEVELS, 1, QImage.Format.Format_RGB888)
    return QIcon(QPixmap.fromImage(image.copy().scaled(STRIP)))
