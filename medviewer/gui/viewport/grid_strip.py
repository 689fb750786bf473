"""The strip over a cell of the enhancement grid: which recipe it shows, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWidget

from medviewer.gui import icons, theme
from medviewer.gui.keys import with_key
from medviewer.gui.messages import run
from medviewer.gui.viewport.cell_menu import CellMenu
from medviewer.gui.widgets.elided import ElidedLabel
from medviewer.gui.widgets.icon_button import IconButton
from medviewer.gui.words import plain_tip
from medviewer.session.grid import words
from medviewer.session.session import Session
from medviewer.session.state import State

STRIP_PX = 24
BUTTON_PX = 14
WITH_BUTTONS = 190
"""A narrower strip has its menu only: the name of the recipe comes first."""
GRIP_PX = 14
DISPLAY_ONLY = " · display only"
LEAST_NAME_PX = 60
"""With less room for the name what was done gives way to it; the accent colour and the tip still tell."""


class GridStrip(QWidget):
    """Name and buttons of cell *number*; it is dragged to put the cell into another place."""

    def __init__(
        self,
        session: Session,
        number: int,
        parent: QWidget,
        over: Callable[[QPoint | None], int | None],
    ) -> None:
        """*over* tells and shows over which cell a position of the screen is; None: the drag has ended."""
        super().__init__(parent)
        self._session, self.number, self._over = session, number, over
        self._pressed: QPoint | None = None
        self._is_dragged = False
        self._has_mouse = False
        self.is_target = False
        """whether a cell that is dragged would be put here"""
        self.name = _Name()
        self.menu_button = IconButton(
            "down", "Another recipe, and what can be done here", self.open_menu, BUTTON_PX
        )
        self.use = IconButton(
            "check", with_key("Use this one: put it on the series", "grid.use"), self._use, BUTTON_PX
        )
        self.enlarge = IconButton("maximise", "", self._enlarge, BUTTON_PX)
        self.close_button = IconButton("close", "Remove this cell", self._remove, BUTTON_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRIP_PX + 4, 0, 2, 0)
        row.setSpacing(0)
        row.addWidget(self.name, 1)
        self._buttons = (self.use, self.enlarge, self.close_button)
        for button in (self.menu_button, *self._buttons):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setFixedSize(STRIP_PX - 2, STRIP_PX - 2)
            button.setCursor(Qt.CursorShape.ArrowCursor)
            row.addWidget(button)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._end = session.watch(self._shown, lambda _: self._follow())
        self._follow()

    def close_strip(self) -> None:
        """Watch the session no longer."""
        self._end()

    def open_menu(self) -> None:
        """Offer other recipes for this cell."""
        below = self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft())
        self.make_menu().popup(below)

    def make_menu(self) -> CellMenu:
        """What can be done with this cell; it deletes itself when closed."""
        run(self._session, "view.activate", viewport=self.number)
        menu = CellMenu(self._session, self.number, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def show_target(self, on: bool) -> None:
        """Show that a dragged cell would be put here, or not."""
        if self.is_target != on:
            self.is_target = on
            self.update()

    def _shown(self, state: State) -> tuple[object, ...]:
        view, cells = state.view, state.document.grid
        if view.before_grid is None or self.number >= len(cells):
            return ()
        cell = cells[self.number]
        series = view.viewports[self.number].series
        own = state.document.reading(series).pipeline if cell is None and series else None
        return cell, own, view.active == self.number, view.maximised, len(cells)

    def _follow(self) -> None:
        facts = self._shown(self._session.state)
        if not facts:
            return
        view, cells = self._session.view, self._session.state.document.grid
        cell = cells[self.number]
        own = self._session.rendering.pipeline(view.viewports[self.number].series)
        name = words(cell, own)
        is_on = bool((own if cell is None else cell).active)
        self.name.show_name(name, is_steps=cell is not None and not cell.name, is_on=is_on)
        self.setAccessibleName(f"Cell {self.number + 1}: {name}")
        tip = plain_tip(name if cell is None or not cell.description else f"{name}\n{cell.description}")
        self.setToolTip(f"{tip}\nDrag to put it elsewhere")
        large = "Back to all cells" if view.maximised else "Enlarge"
        self.enlarge.setToolTip(with_key(large, "view.maximise"))
        self.enlarge.setAccessibleName(large)
        self.close_button.setEnabled(len(cells) > 2)
        self.close_button.setToolTip(
            "Remove this cell" if len(cells) > 2 else "A grid has two cells at least."
        )
        self._show_buttons()
        self.update()

    def _show_buttons(self) -> None:
        """Buttons only where somebody looks for them: nothing asks for attention in the others."""
        wanted = self._has_mouse or self._session.view.active == self.number
        for button in self._buttons:
            button.setVisible(wanted and self.width() >= WITH_BUTTONS)
        self.menu_button.setVisible(wanted)

    def _use(self) -> None:
        run(self._session, "grid.use", cell=self.number)

    def _enlarge(self) -> None:
        run(self._session, "view.activate", viewport=self.number)
        run(self._session, "view.maximise")

    def _remove(self) -> None:
        run(self._session, "grid.remove", cell=self.number)

    # Qt's events

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        """A quiet ground, the grip, and where a dragged cell would go."""
        tokens = theme.tokens()
        painter = QPainter(self)
        is_active = self._session.view.active == self.number
        painter.fillRect(self.rect(), QColor(tokens.raised if is_active else tokens.surface))
        if self.is_target:
            painter.fillRect(self.rect(), QColor(tokens.accent))
        grip = icons.icon("grip").pixmap(GRIP_PX, GRIP_PX)
        painter.drawPixmap(3, (self.height() - GRIP_PX) // 2, GRIP_PX, GRIP_PX, grip)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        """A narrow strip keeps its name."""
        self._show_buttons()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802  (Qt's name)
        """Offer what can be done."""
        self._has_mouse = True
        self._show_buttons()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802  (Qt's name)
        """Be quiet again."""
        self._has_mouse = False
        self._show_buttons()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        """Become the cell that commands act on; a drag may follow."""
        event.accept()
        run(self._session, "view.activate", viewport=self.number)
        if event.button() == Qt.MouseButton.RightButton:
            self.make_menu().popup(event.globalPosition().toPoint())
        elif event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        """Show where the cell would go."""
        event.accept()
        if self._pressed is None or self._session.view.maximised:
            return
        way = event.position().toPoint() - self._pressed
        if not self._is_dragged and way.manhattanLength() >= QApplication.startDragDistance():
            self._is_dragged = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.grabKeyboard()
        if self._is_dragged:
            self._over(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        """Put the cell there."""
        event.accept()
        to = self._over(event.globalPosition().toPoint()) if self._is_dragged else None
        self._end_drag()
        if to is not None and to != self.number:
            run(self._session, "grid.move", cell=self.number, to=to)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        """Large, and small again."""
        event.accept()
        if event.button() == Qt.MouseButton.LeftButton:
            self._enlarge()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  (Qt's name)
        """Esc leaves the cell where it was."""
        if event.key() == Qt.Key.Key_Escape and self._is_dragged:
            self._end_drag()
        else:
            super().keyPressEvent(event)

    def _end_drag(self) -> None:
        self._pressed = None
        if self._is_dragged:
            self._is_dragged = False
            self.releaseKeyboard()
            self.setCursor(Qt.CursorShape.OpenHandCursor)
            self._over(None)


class _Name(ElidedLabel):
    """The name of a recipe; of steps without a name the last ones can be read."""

    def __init__(self) -> None:
        super().__init__()
        self._mode = Qt.TextElideMode.ElideRight
        self._is_on = False
        self._name = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_name(self, name: str, is_steps: bool, is_on: bool) -> None:
        """Show *name*, in the accent colour where something is done to the picture."""
        self._mode = Qt.TextElideMode.ElideLeft if is_steps else Qt.TextElideMode.ElideRight
        self._is_on = is_on
        self._name = name
        self.setText(name + DISPLAY_ONLY if is_on else name)
        self.update()

    @property
    def shown(self) -> str:
        """What there is room for: of the name and of what was done both, or else the name alone."""
        metrics = self.fontMetrics()
        ending = metrics.horizontalAdvance(DISPLAY_ONLY)
        if self._is_on and self.width() - ending >= LEAST_NAME_PX:
            return metrics.elidedText(self._name, self._mode, self.width() - ending) + DISPLAY_ONLY
        return metrics.elidedText(self.text(), self._mode, self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """As much of it as there is room for."""
        tokens = theme.tokens()
        strip = self.parentWidget()
        is_target = isinstance(strip, GridStrip) and strip.is_target
        painter = QPainter(self)
        painter.setPen(
            QColor(tokens.on_accent if is_target else tokens.accent if self._is_on else tokens.text)
        )
        text = "Put it here" if is_target else self.shown  # never colour alone
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class EmptyCell(QPushButton):
    """The room that is left in the grid: one recipe more."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("+  Add a cell", parent)
        self._session = session
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Add a cell to the grid")
        self.setToolTip("Show one recipe more here")
        self.clicked.connect(lambda: self.make_menu().popup(self.mapToGlobal(self.rect().center())))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        """Words in the middle of nothing."""
        tokens = theme.tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.background))
        painter.setPen(QColor(tokens.accent if self.underMouse() else tokens.muted))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()

    def make_menu(self) -> CellMenu:
        """The recipes to choose from; it deletes itself when closed."""
        menu = CellMenu(self._session, -1, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu
