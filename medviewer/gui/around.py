"""What stands around the pictures in every layout: menus, keys, tool bar and the line at the bottom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMainWindow, QMenu

from medviewer.gui.actions import Actions
from medviewer.gui.icons import program_icon
from medviewer.gui.overlay_menu import OverlayMenu
from medviewer.gui.refused_keys import tell_why_not
from medviewer.gui.status_bar import StatusBar
from medviewer.gui.tool_bar import ToolBar
from medviewer.session.session import Session


class Around:
    """The bars of a window, put into it when they are made. *open_paths* opens what was open lately."""

    def __init__(
        self,
        session: Session,
        window: QMainWindow,
        actions: Actions,
        open_paths: Callable[[tuple[Path, ...]], None],
    ) -> None:
        self._session, self.actions, self._open_paths = session, actions, open_paths
        window.setWindowIcon(program_icon())
        self.bar = ToolBar(self.actions, window)
        window.addToolBar(self.bar)
        self.menus = self.actions.fill(window.menuBar())
        self._add_recent(window)
        self.menus["Picture"].insertMenu(
            self.actions.action("fusion.off"), OverlayMenu(session, self.menus["Picture"])
        )
        self.status = StatusBar(session)
        window.setStatusBar(self.status)
        self._end = self.actions.watch()

    def tell_why_not(self, event: QKeyEvent) -> bool:
        """Say why nothing can be done at a key, if it is one of an action."""
        return tell_why_not(self._session, self.actions, event)

    def take_colors(self) -> None:
        """Another theme: icons are drawn again."""
        self.actions.refresh_icons()
        self.bar.take_colors()

    def stop(self) -> None:
        """Follow the session no longer."""
        self._end()
        self.status.stop()

    def _add_recent(self, window: QMainWindow) -> None:
        """A menu of what was open last, in the File menu."""
        self.recent = QMenu("Opened lately", window)
        self.recent.aboutToShow.connect(self._fill_recent)
        self.menus["File"].insertMenu(self.actions.action("study.sample"), self.recent)

    def _fill_recent(self) -> None:
        self.recent.clear()
        paths = [Path(path) for path in self._session.settings.recent]
        for path in paths:
            action = self.recent.addAction(f"{path.name}  –  {path.parent}".replace("&", "&&"))
            action.triggered.connect(lambda _=False, path=path: self._open_paths((path,)))
        if not paths:
            self.recent.addAction("Nothing yet").setEnabled(False)
            return
        self.recent.addSeparator()
        self.recent.addAction("Forget these").triggered.connect(
            lambda: self._session.save_settings(recent=())
        )
