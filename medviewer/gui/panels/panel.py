"""What a panel is: a widget over a session that follows the state only while it is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.kit.frozen import frozen
from medviewer.kit.registry import Registry
from medviewer.session.session import Session
from medviewer.session.state import State

T = TypeVar("T")


class Panel(QWidget):
    """Shows what the state says and keeps nothing. Hidden panels are not told of anything."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._watches: list[tuple[Callable[[State], Any], Callable[[Any], object]]] = []
        self._ends: list[Callable[[], None]] = []
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(12, 12, 12, 12)
        self.body.setSpacing(8)

    def watch(self, select: Callable[[State], T], show: Callable[[T], object]) -> None:
        """Show the selected part of the state whenever it has changed and the panel is seen."""
        self._watches.append((select, show))
        if self._ends:
            self._follow(select, show)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with the state, and follow it from now on."""
        super().showEvent(event)
        if not self._ends:
            for select, show in self._watches:
                self._follow(select, show)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: stop following."""
        super().hideEvent(event)
        self.stop()

    def stop(self) -> None:
        """Follow the state no longer."""
        ends, self._ends = self._ends, []
        for end in ends:
            end()

    def section(self, title: str) -> None:
        """A title over what comes next; the first one stands without a line."""
        if self.body.count():
            line = QFrame()
            line.setProperty("role", "line")
            self.body.addWidget(line)
        self.body.addWidget(plain_label(title, "section"))

    def _follow(self, select: Callable[[State], T], show: Callable[[T], object]) -> None:
        self._ends.append(self.session.watch(select, show))
        show(select(self.session.state))


@frozen
class PanelKind:
    """A declared panel."""

    name: str
    title: str
    make: Callable[[Session], QWidget]
    order: int = 100
    icon: str = ""

    @property
    def tip(self) -> str:
        """Its title with its key."""
        return with_key(self.title, "gui.panel", name=self.name)


PANELS: Registry[PanelKind] = Registry("panel", "medviewer.panels")

P = TypeVar("P", bound=type[Any])


def panel(name: str, title: str, order: int = 100, icon: str = "") -> Callable[[P], P]:
    """Declare the decorated widget as a panel on the right; *order* is that of the work."""

    def declare(made: P) -> P:
        PANELS.add(PanelKind(name, title, made, order, icon))
        return made

    return declare


def scrolled(widget: QWidget) -> QScrollArea:
    """*widget* in an area that scrolls up and down, never sideways."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(widget)
    return area
