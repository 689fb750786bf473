"""How a study and a series are drawn in the list on the left."""

from __future__ import annotations

from types import ModuleType

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from medviewer.core.study import Series, SeriesKey, Study
from medviewer.gui import icons, theme
from medviewer.gui.messages import counted
from medviewer.gui.widgets.elided import write_elided
from medviewer.gui.widgets.thumbnails import Thumbnails
from medviewer.gui.words import pictures_in, study_lines

THUMB_PX = 64
HEIGHT_PX = 76
STUDY_PX = 44
GAP_PX = 8

OBJECT = Qt.ItemDataRole.UserRole + 2

Index = QModelIndex | QPersistentModelIndex


class SeriesRow(QStyledItemDelegate):
    """Draws thumbnail, modality, description, number of pictures and a mark where something is wrong."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.shown: tuple[SeriesKey, ...] = ()
        """the series in viewports, the active one's first"""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One height for series, one for studies; objects know theirs."""
        found = index.data(OBJECT)
        if found is not None:
            size: QSize = _rows().object_size(found)
            return size
        return QSize(100, HEIGHT_PX if isinstance(index.data(Qt.ItemDataRole.UserRole), Series) else STUDY_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one line."""
        series, found = index.data(Qt.ItemDataRole.UserRole), index.data(OBJECT)
        painter.save()
        if found is not None:
            _rows().paint_object(painter, option, found)
        elif isinstance(series, Series):
            self._paint_series(painter, option, series)
        else:
            self._paint_study(painter, option, index.data(Qt.ItemDataRole.UserRole + 1))
        painter.restore()

    def _paint_study(self, painter: QPainter, option: QStyleOptionViewItem, study: Study) -> None:
        rect = option.rect.adjusted(4, 6, -GAP_PX, -2)
        name, what = study_lines(study)
        write_elided(
            painter,
            QRect(rect.x(), rect.y(), rect.width(), 18),
            name,
            option.font,
            theme.tokens().text,
            bold=True,
        )
        write_elided(
            painter,
            QRect(rect.x(), rect.y() + 18, rect.width(), 18),
            what,
            _small(option.font),
            theme.tokens().muted,
        )

    def _paint_series(self, painter: QPainter, option: QStyleOptionViewItem, series: Series) -> None:
        colors = theme.tokens()
        rect = option.rect.adjusted(0, 2, -4, -2)
        is_active = bool(self.shown) and self.shown[0] == series.key
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if selected or over:
            painter.fillRect(rect, QColor(colors.raised))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(colors.accent))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        if series.key in self.shown:  # a bar, not only a colour
            width = 3 if is_active else 1
            painter.fillRect(QRect(rect.x(), rect.y(), width, rect.height()), QColor(colors.accent))
        self._paint_thumbnail(painter, QRect(rect.x() + 6, rect.y() + 4, THUMB_PX, THUMB_PX), series)
        left = rect.x() + 6 + THUMB_PX + GAP_PX
        self._write_series(
            painter, QRect(left, rect.y() + 4, rect.right() - left - 4, THUMB_PX), option.font, series
        )

    def _paint_thumbnail(self, painter: QPainter, rect: QRect, series: Series) -> None:
        painter.fillRect(rect, QColor(theme.tokens().image))
        picture = self._thumbnails.get(series) if series.count else None
        if picture is None or picture.isNull():
            return
        size = picture.size().scaled(rect.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(0, 0, size.width(), size.height())
        place.moveCenter(rect.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, picture)

    def _write_series(self, painter: QPainter, rect: QRect, font: QFont, series: Series) -> None:
        colors = theme.tokens()
        number = f"  {series.number}" if series.number is not None else ""
        line = QRect(rect.x(), rect.y(), rect.width(), 17)
        write_elided(painter, line, (series.modality or "?") + number, font, colors.text, bold=True)
        what = series.description or series.body_part.capitalize() or series.detail("ProtocolName")
        line.translate(0, 17)
        write_elided(painter, line, what or "(no description)", _small(font), colors.text)
        line.translate(0, 16)
        write_elided(painter, line, pictures_in(series), _small(font), colors.muted)
        if series.problems:
            line.translate(0, 16)
            painter.drawPixmap(line.x(), line.y() + 2, icons.pixmap("warning", colors.warning, 12))
            words = counted(len(series.problems), "remark")
            write_elided(painter, line.adjusted(16, 0, 0, 0), words, _small(font), colors.warning)


def _rows() -> ModuleType:
    # few studies hold objects: the others need not pay for them at start
    from medviewer.gui.panels import object_row  # noqa: PLC0415

    return object_row


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(theme.SMALL_PT)
    return small
