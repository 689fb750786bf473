"""How an object of a study is drawn in the list on the left: what it is, who made it, and its switch."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from medviewer.core.object_kind import ObjectKind
from medviewer.gui import icons, theme
from medviewer.gui.widgets.elided import write_elided
from medviewer.session.found.listing import Listed

HEIGHT_PX = 52
ICON_PX = 18
SWITCH_PX = 26
LINE_PX = 15
ICONS = {
    ObjectKind.SEGMENTATION: "label-filled",
    ObjectKind.STRUCTURES: "label-outline",
    ObjectKind.REPORT: "report",
    ObjectKind.KEY_PICTURES: "key",
    ObjectKind.PRESENTATION: "sliders",
    ObjectKind.MAP: "colors",
    ObjectKind.DOCUMENT: "document",
    ObjectKind.OTHER: "info",
}


def height(one: Listed) -> int:
    """Of its row."""
    return HEIGHT_PX + LINE_PX * bool(one.missing)


def switch_at(row: QRect) -> QRect:
    """Where the switch of an object stands in its row."""
    return QRect(row.right() - SWITCH_PX - 6, row.y() + 2, SWITCH_PX + 6, HEIGHT_PX - 4)


def paint_object(painter: QPainter, option: QStyleOptionViewItem, one: Listed) -> None:
    """Draw one line of the list."""
    colors = theme.tokens()
    rect = option.rect.adjusted(0, 1, -4, -1)
    if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
        painter.fillRect(rect, QColor(colors.raised))
    if option.state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QColor(colors.accent))
        painter.drawRect(rect.adjusted(0, 0, -1, -1))
    lead = colors.ai if one.found.is_automatic else colors.text
    painter.drawPixmap(rect.x() + 10, rect.y() + 8, icons.pixmap(ICONS[one.found.kind], lead, ICON_PX))
    left = rect.x() + 10 + ICON_PX + 10
    room = switch_at(option.rect).left() - left if one.shown is not None else rect.right() - left - 6
    line = QRect(left, rect.y() + 3, room, LINE_PX)
    small = QFont(option.font)
    small.setPointSizeF(theme.SMALL_PT)
    write_elided(painter, line, one.found.label, option.font, colors.text, bold=True)
    line.translate(0, LINE_PX)
    write_elided(painter, line, one.what, small, colors.muted)
    line.translate(0, LINE_PX)
    write_elided(painter, line, one.about, small, lead if one.found.is_automatic else colors.muted)
    if one.missing:
        line.translate(0, LINE_PX)
        line.setRight(rect.right() - 6)
        painter.drawPixmap(line.x(), line.y() + 2, icons.pixmap("warning", colors.warning, 12))
        write_elided(painter, line.adjusted(16, 0, 0, 0), one.missing, small, colors.warning)
    if one.shown is not None:
        _paint_switch(painter, switch_at(option.rect), one.shown)


def object_size(one: Listed) -> QSize:
    """What its row needs."""
    return QSize(100, height(one))


def _paint_switch(painter: QPainter, rect: QRect, on: bool) -> None:
    icon = icons.pixmap("eye" if on else "eye-off", theme.tokens().accent if on else theme.tokens().muted, 18)
    painter.drawPixmap(rect.center() - QPoint(9, 9), icon)
