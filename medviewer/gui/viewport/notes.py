"""What a viewport says when there is no picture, and the marks of its state: active, linked."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen, QPolygonF

from medviewer.gui import theme
from medviewer.gui.viewport.showing import Showing
from medviewer.gui.viewport.strokes import Pen
from medviewer.imaging.shapes import MUTED, TEXT
from medviewer.kit.frozen import frozen
from medviewer.session.session import Session

LINE_PX = 17.0
MARGIN_PX = 44
NARROW_SHARE = 8
"""Of a narrow tile no more than one part in so many stays free at a side: a letter has room."""
WIDEST_PX = 460
FRAME_PX = 2
LOADING = "Loading"


@frozen
class Note:
    """Plain words for the middle of a tile."""

    title: str
    advice: str = ""
    is_trouble: bool = False


def note_for(session: Session, showing: Showing, is_slow: bool) -> Note | None:
    """What to say on a viewport instead of, or beside, its picture."""
    if session.series(showing.viewport.series) is None:
        invitation = Note("Drop a series here", "or double-click one in the list of studies")
        return invitation if session.state.studies else None
    if showing.is_waiting:
        # a body that is being turned stays to be seen until the next picture of it is there
        return Note(LOADING) if is_slow and not showing.shows_body else None
    trouble = showing.shown.trouble
    return None if trouble is None else Note(trouble.message, trouble.advice, is_trouble=True)


def paint_note(painter: QPainter, pen: Pen, note: Note, size: tuple[int, int], ratio: float) -> None:
    """Write *note* in the middle, wrapped; *size* is (height, width) in device pixels."""
    height, width = size
    margin = min(round(MARGIN_PX * ratio), width // NARROW_SHARE)
    room = QRect(0, 0, min(width - 2 * margin, round(WIDEST_PX * ratio)), height)
    title_font, advice_font = pen.font(LINE_PX * ratio * 1.1), pen.font(LINE_PX * ratio)
    flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
    title = QFontMetrics(title_font).boundingRect(room, flags, note.title)
    advice = QFontMetrics(advice_font).boundingRect(room, flags, note.advice) if note.advice else QRect()
    gap = round(8 * ratio) if note.advice else 0
    sign = round(28 * ratio) if note.is_trouble else 0
    top = (height - title.height() - advice.height() - gap - sign) // 2
    left = (width - room.width()) // 2
    if sign:
        _paint_sign(painter, width / 2, top, 18 * ratio)
    painter.setFont(title_font)
    painter.setPen(QColor(TEXT if note.is_trouble else MUTED))
    painter.drawText(QRect(left, top + sign, room.width(), title.height()), flags, note.title)
    painter.setFont(advice_font)
    painter.setPen(QColor(MUTED))
    below = top + sign + title.height() + gap
    painter.drawText(QRect(left, below, room.width(), advice.height()), flags, note.advice)


def paint_frame(painter: QPainter, size: tuple[int, int], ratio: float) -> None:
    """The accent frame of the viewport in use."""
    height, width = size
    line = max(1, round(FRAME_PX * ratio))
    color = QColor(theme.on_picture().accent)
    for edge in (
        QRect(0, 0, width, line),
        QRect(0, height - line, width, line),
        QRect(0, 0, line, height),
        QRect(width - line, 0, line, height),
    ):
        painter.fillRect(edge, color)


def paint_chain(painter: QPainter, size: tuple[int, int], ratio: float) -> None:
    """A chain below the upper letter: this viewport moves with others."""
    chain = _chain(ratio)
    painter.drawImage(round(size[1] / 2 - chain.width() / 2), round(30 * ratio), chain)


@lru_cache(maxsize=8)
def _chain(ratio: float) -> QImage:
    """Two links, with a halo."""
    link, edge = 11 * ratio, 2 * ratio
    image = QImage(round(1.7 * link + 2 * edge), round(link), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((QColor(0, 0, 0, 200), 3.6 * ratio), (QColor(TEXT), 1.6 * ratio)):
        painter.setPen(QPen(color, width))
        for offset in (0.0, link * 0.62):
            box = QRectF(edge + offset, edge, link, link * 0.62)
            painter.drawRoundedRect(box, link * 0.31, link * 0.31)
    painter.end()
    return image


def _paint_sign(painter: QPainter, middle: float, top: float, size: float) -> None:
    """A triangle with an exclamation mark: never colour alone."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.on_picture().error), max(1.5, size / 11)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = size / 2
    painter.drawPolygon(_triangle(middle, top, half, size))
    painter.drawLine(round(middle), round(top + size * 0.36), round(middle), round(top + size * 0.58))
    painter.drawPoint(round(middle), round(top + size * 0.74))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _triangle(middle: float, top: float, half: float, size: float) -> QPolygonF:
    corners = ((middle, top), (middle + half, top + size * 0.9), (middle - half, top + size * 0.9))
    return QPolygonF([QPointF(x, y) for x, y in corners])
