"""Where the regions of the window stood when it was closed last, kept in a file of the user."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSettings, QSize
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from medviewer.kit.paths import user_data

FIRST_SIZE = QSize(1440, 900)
LAYOUT_VERSION = 1
ABOVE_PX, BELOW_PX = 68, 34
"""The height of the bars above and below the pictures, until a window was closed that has measured them."""


class KeptLayout:
    """Remembers a window whose *sides*, by name, stand in a *split* with the pictures."""

    def __init__(self, window: QMainWindow, split: QSplitter, sides: Mapping[str, QWidget]) -> None:
        self._window, self._split, self._sides = window, split, sides

    @property
    def panel(self) -> str:
        """The name of the panel that was in front, "" when it is not known."""
        return str(self._settings().value("panel", ""))

    def remember(self, bars: Mapping[str, QWidget], panel: str) -> None:
        """Keep where everything stands; *bars* by name as far as there are any, "" for no panel."""
        window, split, kept = self._window, self._split, self._settings()
        kept.setValue("version", LAYOUT_VERSION)
        kept.setValue("geometry", window.saveGeometry())
        kept.setValue("split", split.saveState())
        for name, widget in {**self._sides, **bars}.items():
            kept.setValue(f"hidden/{name}", widget.isHidden())
        if bars:
            above = split.y()
            kept.setValue("room/above", above)
            kept.setValue("room/below", window.height() - above - split.height())
        if panel:
            kept.setValue("panel", panel)

    def restore(self) -> None:
        """Bring the window and its sides back; the room of the bars is kept free from the pictures."""
        window, kept = self._window, self._settings()
        window.resize(FIRST_SIZE.boundedTo(window.screen().availableSize()))
        if _is_known(kept):
            window.restoreGeometry(kept.value("geometry", b""))  # type: ignore[arg-type]
            # kept on a larger screen, or before the system's scale was changed
            window.resize(window.size().boundedTo(window.screen().availableSize()))
            self._split.restoreState(kept.value("split", b""))  # type: ignore[arg-type]
            self._restore_hidden(self._sides)
        above, below = (
            kept.value(f"room/{side}", first, type=int)
            for side, first in (("above", ABOVE_PX), ("below", BELOW_PX))
        )
        window.setContentsMargins(0, above, 0, below)  # type: ignore[call-overload]

    def restore_bars(self, bars: Mapping[str, QWidget]) -> None:
        """Bring the bars back, which take the room that was kept free."""
        # each is shown now or not at all: a turn later the pictures would have moved twice
        self._restore_hidden(bars)
        self._window.menuBar().show()
        self._window.setContentsMargins(0, 0, 0, 0)

    def _restore_hidden(self, widgets: Mapping[str, QWidget]) -> None:
        kept = self._settings()
        for name, widget in widgets.items():
            widget.setHidden(_is_known(kept) and bool(kept.value(f"hidden/{name}", False, type=bool)))

    def _settings(self) -> QSettings:
        return QSettings(str(user_data() / "window.ini"), QSettings.Format.IniFormat)


def _is_known(kept: QSettings) -> bool:
    return kept.value("version", 0, type=int) == LAYOUT_VERSION
