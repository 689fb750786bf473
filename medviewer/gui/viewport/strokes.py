"""The screen's pen for the shapes of imaging.overlay: lines with a halo, handles, words."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QPainter,
    QPen,
    QPolygonF,
    QTransform,
)

from medviewer.imaging.shapes import DRAWN, HALO, ColorBar, Drawn, Handle, Stroke, Words
from medviewer.kit.frozen import frozen

MOST_WORDS = 512
FONT_SHARE = 0.8
"""Size of the letters as a share of the height of a line."""
HALO_ALPHA = 220
OUTER_HALO_ALPHA = 70
AROUND = tuple((dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy)
Spot = tuple[float, float]
MOST_STROKES = 256
SMALL_PX = 32_768
"""Pixels of a picture of a line; a larger one takes longer to copy than the line to draw."""


@frozen(eq=False)
class _Small:
    """A picture of a line, and where it lies."""

    image: QImage | None
    """None: it would be a large one"""
    left: int
    top: int


def to_device_pixels(painter: QPainter) -> QTransform:
    """The world transform in which one unit is one device pixel and the widget begins on a whole one.

    With a fractional ratio a widget may begin between two device pixels, which would blur the picture.
    """
    device = painter.deviceTransform()
    straight = QTransform.fromTranslate(round(device.dx()), round(device.dy()))
    undone, _ = device.inverted()
    return straight * undone


class Pen:
    """Draws shapes in device pixels.

    Words are kept as small pictures, because shaping text at each paint is slow; small lines that come again
    as well, because smooth ones cost as much as the rest of what is written.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, float], QImage] = OrderedDict()
        self._strokes: dict[Stroke, _Small | None] = {}
        """None: it was drawn once, and may be gone with the next move of the mouse"""
        self._fonts: dict[int, QFont] = {}

    def draw(self, painter: QPainter, shapes: Sequence[Drawn]) -> None:
        """Draw *shapes* in their order; plain lines, which others may cross, lie below."""
        lines, others = _apart(shapes)
        _draw_lines(painter, lines)
        for shape in others:
            if isinstance(shape, Words):
                self._draw_words(painter, shape)
            elif isinstance(shape, Stroke):
                self._draw_stroke(painter, shape)
            elif isinstance(shape, ColorBar):
                _draw_bar(painter, shape)
            else:
                _draw_handle(painter, shape)

    def plain_line(self, points: Sequence[Spot], ratio: float) -> Stroke:
        """A line as annotations have it."""
        return Stroke(tuple(points), DRAWN, 1.5 * ratio)

    def box(self, words: Words) -> QRectF:
        """What *words* cover."""
        image = self._image(words)
        width, height = image.width(), image.height()
        return QRectF(words.x - words.anchor[0] * width, words.y - words.anchor[1] * height, width, height)

    def font(self, size: float) -> QFont:
        """The font for lines of *size* device pixels.

        Its figures are of one width, so numbers stay put; its edges are grey, whatever words elsewhere have:
        colours in a picture mean something.
        """
        pixels = max(6, round(size * FONT_SHARE))
        if pixels not in self._fonts:
            font = QFont(QGuiApplication.font()) if QGuiApplication.font().family() else _system_font()
            font.setPixelSize(pixels)
            font.setFeature(QFont.Tag("tnum"), 1)
            font.setStyleStrategy(QFont.StyleStrategy.NoSubpixelAntialias)
            self._fonts[pixels] = font
        return self._fonts[pixels]

    def _draw_words(self, painter: QPainter, words: Words) -> None:
        image = self._image(words)
        x, y = words.anchor
        painter.drawImage(round(words.x - x * image.width()), round(words.y - y * image.height()), image)

    def _draw_stroke(self, painter: QPainter, stroke: Stroke) -> None:
        if stroke not in self._strokes:
            if len(self._strokes) >= MOST_STROKES:
                self._strokes.clear()
            self._strokes[stroke] = None
            _draw_stroke(painter, stroke)
            return
        small = self._strokes[stroke]
        if small is None:
            small = self._strokes[stroke] = _drawn_small(stroke)
        if small.image is None:
            _draw_stroke(painter, stroke)
        else:
            painter.drawImage(small.left, small.top, small.image)

    def _image(self, words: Words) -> QImage:
        key = (words.text, words.color, words.size)
        image = self._kept.get(key)
        if image is None:
            image = self._kept[key] = _written(words, self.font(words.size))
            if len(self._kept) > MOST_WORDS:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return image


def _system_font() -> QFont:
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)


def _written(words: Words, font: QFont) -> QImage:
    """One line of text with its halo on nothing.

    The halo is the text itself, many times beside its place: written once and copied, as that takes half as
    long as letting Qt shape it again.
    """
    metrics = QFontMetricsF(font)
    step = max(1, round(words.size / 16))
    around = 2 * step
    width = round(metrics.horizontalAdvance(words.text)) + 2 * around + 1
    height = max(round(words.size), round(metrics.height()))
    base = QPointF(around, (height - metrics.height()) / 2 + metrics.ascent())
    image = _empty(width, height)
    painter = QPainter(image)
    for far, alpha in ((2 * step, OUTER_HALO_ALPHA), (step, HALO_ALPHA)):
        halo = QColor(HALO)
        halo.setAlpha(alpha)
        shade = _empty(width, height)
        _write(shade, words.text, font, base, halo)
        for dx, dy in AROUND:
            painter.drawImage(dx * far, dy * far, shade)
    painter.end()
    _write(image, words.text, font, base, QColor(words.color))
    return image


def _empty(width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image


def _write(image: QImage, text: str, font: QFont, base: QPointF, color: QColor) -> None:
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setFont(font)
    painter.setPen(color)
    painter.drawText(base, text)
    painter.end()


def _apart(shapes: Sequence[Drawn]) -> tuple[list[Stroke], list[Drawn]]:
    """Lines between two points, and all others."""
    lines: list[Stroke] = []
    others: list[Drawn] = []
    for shape in shapes:
        if isinstance(shape, Stroke) and len(shape.points) == 2 and not shape.closed:
            lines.append(shape)
        else:
            others.append(shape)
    return lines, others


def _draw_lines(painter: QPainter, strokes: Sequence[Stroke]) -> None:
    """Lines of one look in one go.

    Each call of Qt waits for Python's lock when workers are busy: a drag of planes would stutter by that.
    """
    if not strokes:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    halos: dict[tuple[float, bool], list[QLineF]] = {}
    colors: dict[tuple[str, float, bool], list[QLineF]] = {}
    for stroke in strokes:
        line = QLineF(*stroke.points[0], *stroke.points[1])
        halos.setdefault((stroke.width, stroke.dashed), []).append(line)
        colors.setdefault((stroke.color, stroke.width, stroke.dashed), []).append(line)
    for (width, dashed), lines in halos.items():
        painter.setPen(_pen(_halo(), width * 2.4, width, dashed))
        painter.drawLines(lines)
    for (color, width, dashed), lines in colors.items():
        painter.setPen(_pen(QColor(color), width, width, dashed))
        painter.drawLines(lines)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _halo() -> QColor:
    halo = QColor(HALO)
    halo.setAlpha(HALO_ALPHA)
    return halo


def _pen(color: QColor, width: float, dash: float, dashed: bool) -> QPen:
    """A pen of *width* whose dashes are those of a line *dash* wide."""
    pen = QPen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if dashed else Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if dashed:
        pen.setDashPattern([4.0 * dash / width, 3.0 * dash / width])
    return pen


def _draw_stroke(painter: QPainter, stroke: Stroke) -> None:
    line = QPolygonF([QPointF(x, y) for x, y in stroke.points])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((_halo(), stroke.width * 2.4), (QColor(stroke.color), stroke.width)):
        painter.setPen(_pen(color, width, stroke.width, stroke.dashed))
        if stroke.closed:
            painter.drawPolygon(line)
        else:
            painter.drawPolyline(line)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _drawn_small(stroke: Stroke) -> _Small:
    """A line and its halo on nothing, at whole device pixels."""
    xs, ys = zip(*stroke.points, strict=True)
    edge = 2 * stroke.width + 1
    left, top = math.floor(min(xs) - edge), math.floor(min(ys) - edge)
    width, height = math.ceil(max(xs) + edge) - left, math.ceil(max(ys) + edge) - top
    if width * height > SMALL_PX:
        return _Small(None, left, top)
    image = _empty(width, height)
    painter = QPainter(image)
    painter.translate(-left, -top)
    _draw_stroke(painter, stroke)
    painter.end()
    return _Small(image, left, top)


def _draw_handle(painter: QPainter, handle: Handle) -> None:
    half = handle.size / 2
    box = QRectF(round(handle.x - half), round(handle.y - half), round(handle.size), round(handle.size))
    painter.setPen(QPen(QColor(HALO), max(1.0, handle.size / 8)))
    painter.setBrush(QColor(handle.color))
    painter.drawRect(box)


def _draw_bar(painter: QPainter, bar: ColorBar) -> None:
    box = QRect(round(bar.x), round(bar.y), max(round(bar.width), 1), max(round(bar.height), 1))
    colors = QImage(1, len(bar.colors), QImage.Format.Format_RGB32)
    for row, color in enumerate(bar.colors):
        colors.setPixelColor(0, row, QColor(color))
    painter.fillRect(box.adjusted(-1, -1, 1, 1), QColor(HALO))
    painter.drawImage(box, colors)
