"""Builds the whole, shows it, and only then opens what was asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from medviewer.gui import theme
from medviewer.gui.bridge import install_hook, make_session
from medviewer.gui.garbage import Garbage
from medviewer.gui.main_window import MainWindow
from medviewer.gui.messages import run as run_command
from medviewer.gui.signals import end_on_signals

TURN_S = 0.001


class Application(QApplication):
    """The program; files that the system wants opened in it go to its one window."""

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(list(arguments))
        # the window never waits longer than this for a thread that scans or groups to let go of Python
        sys.setswitchinterval(TURN_S)
        self.window: MainWindow | None = None
        self._waiting: list[Path] = []
        self.setApplicationName("medviewer")
        self.setApplicationDisplayName("medviewer")
        self.setDesktopFileName("medviewer")
        self.setAttribute(Qt.ApplicationAttribute.AA_DontShowIconsInMenus)

    def event(self, event: QEvent) -> bool:
        """The system asks for a file: on macOS that is how a double click arrives."""
        if isinstance(event, QFileOpenEvent) and event.file():
            path = Path(event.file())
            if self.window is None:
                self._waiting.append(path)
            else:
                self.window.open_paths((path,))
            return True
        return super().event(event)

    def waiting(self) -> tuple[Path, ...]:
        """The files that were asked for before there was a window."""
        found, self._waiting = tuple(self._waiting), []
        return found


def run(paths: Sequence[str] = (), demo: bool = False) -> int:
    """Show the window, open *paths* or the sample study in it, and stay until it is closed: the exit code."""
    app = Application(sys.argv[:1])
    session = make_session()
    unhook = install_hook(session)
    garbage = Garbage(session, app)
    theme.apply(app, session.settings.theme)
    end_on_signals(app)
    if paths:  # the disk is at work while the window is built
        run_command(session, "study.open", paths=tuple(Path(path) for path in paths))
    elif demo:
        run_command(session, "study.sample")
    is_opening = bool(paths) or demo
    if not is_opening:  # the first page offers to go on; a first picture does not wait for it
        session.workplace.begin()
    window = MainWindow(session, opening=is_opening)
    app.window = window
    window.stands.connect(garbage.begin)
    if is_opening:
        window.stands.connect(lambda: session.workplace.begin())
    window.show()

    def begin() -> None:
        wanted = app.waiting()
        window.open_paths(wanted)
        window.build_panels_soon(bool(paths or wanted) or demo)

    QTimer.singleShot(0, window, begin)
    code = app.exec()
    garbage.stop()
    session.close()
    unhook()
    return code
