"""The panels on the right in the order of work; importing this declares them."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from medviewer.gui.panels import (  # noqa: F401  (declares them)
    ai,
    color,
    compare,
    enhance,
    inspect,
    measure,
    numbers,
    planes,
    segment,
    three_d,
    window,
)
from medviewer.gui.panels.panel import PANELS, PanelKind, scrolled
from medviewer.session.session import Session


class Page(QWidget):
    """The place of a panel, which is made when it is first seen."""

    def __init__(self, kind: PanelKind, session: Session) -> None:
        super().__init__()
        self._kind, self._session = kind, session
        self.panel: QWidget | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Make the panel."""
        if self.panel is None:
            self.panel = self._kind.make(self._session)
            inside = self.layout()
            assert inside is not None
            area = scrolled(self.panel)
            inside.addWidget(area)
            area.show()  # a layout would show it only in the next turn
            self._come_after_the_tabs(self.panel)
        super().showEvent(event)

    def _come_after_the_tabs(self, panel: QWidget) -> None:
        """Let Tab go from the tabs into the panel; Qt would put what is made last at the very end."""
        tabs = self.parentWidget()
        while tabs is not None and not isinstance(tabs, QTabWidget):
            tabs = tabs.parentWidget()
        if tabs is None:
            return
        before: QWidget = tabs.tabBar()
        for widget in _in_tab_order(panel):
            QWidget.setTabOrder(before, widget)
            before = widget


def _in_tab_order(panel: QWidget) -> list[QWidget]:
    """What Tab stops at, as it was put in place.

    Not by `nextInFocusChain`: that makes PySide take each widget for the parent of the next, and when one of
    them is deleted all that follow are lost to Python.
    """
    here, by_tab = panel.window(), Qt.FocusPolicy.TabFocus
    inside = panel.findChildren(QWidget)
    # the list of a closed menu of choices stands in a window of its own
    return [one for one in inside if one.focusPolicy() & by_tab and one.window() is here]


def panel_pages(session: Session) -> Iterator[tuple[PanelKind, Page]]:
    """A page per panel."""
    for kind in sorted(PANELS, key=lambda one: one.order):
        yield kind, Page(kind, session)
