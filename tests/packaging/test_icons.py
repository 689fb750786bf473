"""The icons: one family, all drawable, none without a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS = sorted((Path(__file__).resolve().parents[2] / "resources" / "icons").glob("*.svg"))
FAMILY = [icon for icon in ICONS if icon.stem != "medviewer"]


@pytest.mark.parametrize("icon", FAMILY, ids=lambda icon: icon.stem)
def test_an_icon_keeps_to_the_family(icon: Path) -> None:
    drawing = ET.parse(icon).getroot()
    assert drawing.get("viewBox") == "0 0 24 24"
    assert drawing.get("stroke-width") == "1.5"
    assert drawing.get("stroke") == "#e4e7ea"
    colors = {element.get(what) for element in drawing.iter() for what in ("fill", "stroke")}
    assert colors <= {None, "none", "#e4e7ea"}


@pytest.mark.parametrize("icon", ICONS, ids=lambda icon: icon.stem)
def test_an_icon_can_be_drawn_small(icon: Path) -> None:
    drawing = QSvgRenderer(str(icon))
    assert drawing.isValid()
    image = QImage(20, 20, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    drawing.render(painter)
    painter.end()
    drawn = sum(image.pixelColor(x, y).alpha() > 60 for x in range(20) for y in range(20))
    assert 8 < drawn <= 400
