"""Qt's events over one viewport, and what every widget over one can do: run a command, ask for words."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from medviewer.gui import messages
from medviewer.gui.abstract import Abstract
from medviewer.gui.tools import Pointer
from medviewer.gui.viewport import dropping
from medviewer.gui.viewport.input import Input
from medviewer.gui.viewport.word_editor import WordEditor
from medviewer.session.session import Session


class InputWidget(QWidget, Abstract):
    """Hands what a reader does over viewport *number* to its `input`, which a derived class sets."""

    input: Input

    def __init__(self, session: Session, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.number = number
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(64, 64)
        self.setAccessibleName(f"Picture {self.number + 1}")

    @property
    def ratio(self) -> float:
        """Device pixels per logical pixel."""
        return self.devicePixelRatioF()

    @property
    def device_size(self) -> tuple[int, int]:
        """(height, width) in device pixels."""
        return (round(self.height() * self.ratio), round(self.width() * self.ratio))

    def run(self, name: str, /, **values: Any) -> Any:
        """Run a command; when it cannot be done the reader is told why."""
        return messages.run(self.session, name, **values)

    def activate(self, take_keys: bool = True) -> None:
        """Become the viewport that commands act on."""
        if take_keys:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.session.view.active != self.number:
            self.run("view.activate", viewport=self.number)

    def draw_again(self) -> None:
        """Paint anew in this turn; the picture itself is not rendered again."""
        self.update()

    def ask_words(self, x: float, y: float, words: str, done: Callable[[str], object]) -> None:
        """Let the reader type at a device position; *done* gets the words unless Esc was pressed."""
        editor = WordEditor(self, words, done)
        editor.open_at(QPoint(round(x / self.ratio), round(y / self.ratio)))

    @abstractmethod
    def open_menu(self, spot: QPoint) -> None:
        """Offer what can be done, at a position of the screen."""

    @abstractmethod
    def point_at(self, at: Pointer | None) -> None:
        """The mouse is there, or has left."""

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """To the tools."""
        self.input.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """To the tools."""
        self.input.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """To the tools."""
        self.input.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """To the tools."""
        self.input.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """To the tools."""
        self.input.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Esc cancels what is half done; every other key belongs to the window."""
        if not self.input.key(event):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """The menu key; the right button opens the menu when it goes up without a drag."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.open_menu(self.mapToGlobal(self.rect().center()))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Nothing is under the mouse any more."""
        self.point_at(None)
        self.input.leave()

    def event(self, event: QEvent) -> bool:
        """Esc before shortcuts, and gestures."""
        kind = event.type()
        if (
            kind == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self.input.wants_key(event)
        ):
            event.accept()
            return True
        if isinstance(event, QNativeGestureEvent) and self.input.gesture(event):
            return True
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Series and files may be dropped here."""
        if dropping.is_welcome(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Show the series, or open the files."""
        if dropping.take(self.session, self.number, event.mimeData()):
            event.acceptProposedAction()
