"""The program up to its first picture, without anything of the bench that starts it in its own process."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop

from medviewer.gui import theme
from medviewer.gui.app import Application
from medviewer.gui.bridge import install_hook, make_session
from medviewer.gui.main_window import MainWindow

LONGEST_WAIT_S = 30.0


def first_image(folder: str) -> None:
    """Show *folder* as the program does, print when its first picture stands and the CPU time, and end."""
    app = Application(sys.argv[:1])
    session = make_session()
    install_hook(session)
    theme.apply(app, session.settings.theme)
    session.run("study.open", paths=(Path(folder),))
    window = MainWindow(session, opening=True)
    window.show()
    end = time.monotonic() + LONGEST_WAIT_S
    while not window.grid.active_view.has_picture and time.monotonic() < end:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    print(time.monotonic(), time.process_time(), flush=True)
    os._exit(0)  # the scan that goes on behind the picture is not part of this
