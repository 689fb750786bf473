"""Icons: one drawing each, painted in the colours of the theme in use."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from medviewer.gui import theme
from medviewer.kit.paths import resource

DRAWN_IN = b"#e4e7ea"
"""The colour in which the icons are drawn; the theme's takes its place."""


def icon(name: str, color: str = "") -> QIcon:
    """The icon called *name* in the colours of the theme; an empty one when it was never drawn.

    Off is drawn in the text colour, On in the accent, disabled faint; *color* replaces the text colour.
    """
    return _icon(name, color, theme.tokens(), _ratio())


@lru_cache(maxsize=512)
def _icon(name: str, color: str, of: theme.Tokens, ratio: float) -> QIcon:
    drawing = _drawing(name)
    made = QIcon()
    if not drawing:
        return made
    faint = theme.mixed(of.muted, of.surface, 0.5)
    states = (
        (QIcon.Mode.Normal, QIcon.State.Off, color or of.text),
        (QIcon.Mode.Normal, QIcon.State.On, color or of.accent),
        (QIcon.Mode.Disabled, QIcon.State.Off, faint),
        (QIcon.Mode.Disabled, QIcon.State.On, faint),
    )
    drawn = _painted(drawing, of.text, ratio=ratio)
    painted = {stroke: _recolored(drawn, stroke) for stroke in {stroke for _, _, stroke in states}}
    for mode, state, stroke in states:
        made.addPixmap(painted[stroke], mode, state)
    return made


def _recolored(drawn: QPixmap, color: str) -> QPixmap:
    """The same drawing in another colour; a drawing has only one, so that reading it once is enough."""
    made = drawn.copy()
    painter = QPainter(made)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(made.rect(), QColor(color))
    painter.end()
    return made


def pixmap(name: str, color: str, size: int = 16) -> QPixmap:
    """One icon as a picture, for labels."""
    return _painted(_drawing(name), color, size)


def program_icon() -> QIcon:
    """The program's own icon, in its own colours."""
    path = resource("icons/medviewer.svg")
    return QIcon(str(path)) if path.is_file() else QIcon()


_drawings: dict[str, bytes] = {}


def _drawing(name: str) -> bytes:
    if name and name not in _drawings:
        path = resource(f"icons/{name}.svg")
        _drawings[name] = path.read_bytes() if path.is_file() else b""
    return _drawings.get(name, b"")


def _ratio() -> float:
    """Icons are drawn for the densest screen there is, and never below two to one."""
    ratio: float = QApplication.instance().devicePixelRatio()  # type: ignore[union-attr]
    return max(2.0, ratio)


def _painted(drawing: bytes, color: str, size: int = theme.ICON_PX, ratio: float = 0.0) -> QPixmap:
    ratio = ratio or _ratio()
    made = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    made.fill(Qt.GlobalColor.transparent)
    if drawing:
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer = QSvgRenderer(QByteArray(drawing.replace(DRAWN_IN, color.encode())))
        renderer.render(painter, QRectF(made.rect()))
        painter.end()
    made.setDevicePixelRatio(ratio)
    return made
