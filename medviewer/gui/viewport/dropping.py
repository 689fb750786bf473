"""What may be dropped on a viewport: a series from the list of studies, or files from the desktop."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData

from medviewer.gui import messages
from medviewer.gui.laying import open_or_lay
from medviewer.session.session import Session

SERIES_MIME = "application/x-medviewer-series"
"""The key of a series, UTF-8."""


def series_data(key: str) -> QMimeData:
    """What a dragged series carries."""
    data = QMimeData()
    data.setData(SERIES_MIME, key.encode())
    return data


def is_welcome(data: QMimeData) -> bool:
    """Whether a viewport can do something with it."""
    return data.hasFormat(SERIES_MIME) or bool(_files(data))


def take(session: Session, number: int, data: QMimeData) -> bool:
    """Show the dropped series in viewport *number*, or open the dropped files; False when it was neither."""
    if data.hasFormat(SERIES_MIME):
        key = bytes(data.data(SERIES_MIME).data()).decode(errors="replace")
        if session.series(key) is None:
            return False
        messages.run(session, "view.show", series=key, viewport=number)
        return True
    files = _files(data)
    if files:
        messages.run(session, "view.activate", viewport=number)
        open_or_lay(session, files)
    return bool(files)


def _files(data: QMimeData) -> tuple[Path, ...]:
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
