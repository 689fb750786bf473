"""What the window asks a reader before it opens or writes: which files, which folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from medviewer.gui.dialogs.files import ask_file, ask_files, ask_folder, ask_target
from medviewer.gui.messages import run
from medviewer.session.session import Session

READINGS = "Readings (*.json);;All files (*)"


class WindowFiles:
    """Opens and writes files for a *window*."""

    def __init__(self, session: Session, window: QWidget) -> None:
        self._session, self._window = session, window

    def open_paths(self, paths: tuple[Path, ...]) -> None:
        """Open files and folders in the background."""
        if paths:
            run(self._session, "study.open", paths=paths)

    def open(self) -> None:
        """Open files that the reader chooses."""
        self.open_paths(ask_files(self._session, self._window, "Open files"))

    def open_folder(self) -> None:
        """Open a folder that the reader chooses."""
        self.open_paths(ask_folder(self._session, self._window, "Open a folder"))

    def save_reading(self) -> None:
        """Write what was done to the open studies to a file that the reader names."""
        path = ask_target(self._session, self._window, "Save reading", "reading.json", READINGS)
        if path is not None:
            run(self._session, "study.save", path=path)

    def load_reading(self) -> None:
        """Add what was done, out of a file that the reader chooses."""
        path = ask_file(self._session, self._window, "Load reading", READINGS)
        if path is not None:
            run(self._session, "study.load", path=path)

    def copy_picture(self) -> bool:
        """Put the active picture on the clipboard; whether that could be done."""
        from medviewer.gui.widgets.thumbnails import pixmap_of  # noqa: PLC0415  (not before it is asked for)

        pixels = run(self._session, "export.copy")
        if pixels is not None:
            QGuiApplication.clipboard().setImage(pixmap_of(pixels).toImage())
        return pixels is not None
