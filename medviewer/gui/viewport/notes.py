"""What a viewport says when there is no picture, and the marks of its state: active, linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen, QPolygonF

from medviewer.gui import theme
from medviewer.gui.viewport.showing import Showing
from medviewer.gui.viewport.strokes import Pen
from medviewer.imaging.beside import Box, box_of
from medviewer.imaging.overlay import LINE, MARGIN
from medviewer.imaging.shapes import MUTED, TEXT, Drawn, Handle, Stroke
from medviewer.kit.frozen import frozen
from medviewer.session.session import Session

LINE_PX = 17.0
TITLE_SHARE = 1.1
SMALL_SHARE = 0.8
"""The size of the letters in a tile where there is no room for larger ones."""
MARGIN_PX = 44
NARROW_SHARE = 8
"""Of a narrow tile no more than one part in so many stays free at a side: a letter has room."""
WIDEST_PX = 460
FRAME_PX = 2
LOADING = "Loading"
WRAPPED = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)


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


@frozen(eq=False)
class LaidNote:
    """A note as it stands in the middle of a tile, in device pixels."""

    note: Note
    title: QRect
    advice: QRect
    """empty where there is none, or no room for it"""
    sign_px: int
    """the height that the sign of trouble takes above the words"""
    line: float
    """the height of a line of the advice"""

    @property
    def box(self) -> Box:
        """What it covers."""
        under = self.title if self.advice.isEmpty() else self.advice
        top = self.title.top() - self.sign_px
        return Box(self.title.left(), top, self.title.right() + 1, under.bottom() + 1)


def lay_note(pen: Pen, note: Note, size: tuple[int, int], ratio: float) -> LaidNote:
    """*note*, wrapped, in the middle of a tile of *size* (height, width) device pixels.

    In a tile too small for all of it letters become smaller, so that whose picture it would be still stands
    above; then the advice gives way, then the sign.
    """
    large, small = (_laid(pen, note, size, ratio, LINE_PX * ratio * share) for share in (1.0, SMALL_SHARE))
    is_whole = not (note.advice and large.advice.isEmpty())
    room = size[0] - 2 * (MARGIN + LINE) * ratio
    return large if is_whole and large.box.bottom - large.box.top <= room else small


def _laid(pen: Pen, note: Note, size: tuple[int, int], ratio: float, line: float) -> LaidNote:
    height, width = size
    margin = min(round(MARGIN_PX * ratio), width // NARROW_SHARE)
    room = QRect(0, 0, min(width - 2 * margin, round(WIDEST_PX * ratio)), height)
    left = (width - room.width()) // 2
    title = _needed(pen.font(line * TITLE_SHARE), room, note.title)
    advice = _needed(pen.font(line), room, note.advice) if note.advice else 0
    gap = round(8 * ratio) if advice else 0
    sign = round(28 * ratio) if note.is_trouble else 0
    if title + advice + gap + sign > height:
        advice = gap = 0
    if title + sign > height:
        sign = 0
    top = max((height - title - advice - gap - sign) // 2, 0)
    below = top + sign + title + gap
    return LaidNote(
        note,
        QRect(left, top + sign, room.width(), title),
        QRect(left, below, room.width(), advice) if advice else QRect(),
        sign,
        line,
    )


def paint_note(painter: QPainter, pen: Pen, laid: LaidNote, ratio: float) -> None:
    """Write what was laid out."""
    if laid.sign_px:
        middle, top = laid.title.left() + laid.title.width() / 2, laid.title.top() - laid.sign_px
        _paint_sign(painter, middle, top, 18 * ratio)
    painter.setFont(pen.font(laid.line * TITLE_SHARE))
    painter.setPen(QColor(TEXT if laid.note.is_trouble else MUTED))
    painter.drawText(laid.title, WRAPPED, laid.note.title)
    if not laid.advice.isEmpty():
        painter.setFont(pen.font(laid.line))
        painter.setPen(QColor(MUTED))
        painter.drawText(laid.advice, WRAPPED, laid.note.advice)


def clear_of(shapes: Sequence[Drawn], box: Box, ratio: float) -> list[Drawn]:
    """The shapes over a picture that is not there, without those on which a note in *box* would stand."""
    return [one for one in shapes if isinstance(one, Handle) or not _with_words(one, ratio).overlap(box)]


def _with_words(shape: Drawn, ratio: float) -> Box:
    """What a shape covers; a scale bar goes together with its words, which stand on it."""
    box = box_of(shape)
    return replace(box, top=box.top - LINE * ratio) if isinstance(shape, Stroke) else box


def _needed(font: QFont, room: QRect, words: str) -> int:
    return QFontMetrics(font).boundingRect(room, WRAPPED, words).height()


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
