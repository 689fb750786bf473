"""Everything that was told lately, and every file that could not be read, with the exact reason."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from medviewer.core.study import Unreadable
from medviewer.gui.dialogs.table import TableDialog
from medviewer.gui.messages import counted
from medviewer.session.session import Session
from medviewer.session.state import Notice, State

HEADS = ("What", "Why, and what can be done")


class TroublesDialog(TableDialog):
    """A list that keeps what the status bar lets go."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Messages and unreadable files", HEADS, parent)
        self.table.setColumnWidth(0, 300)
        self.table.setWordWrap(True)
        self._end = session.watch(_troubles, self._show)
        self._show(_troubles(session.state))
        self.finished.connect(lambda _: self._end())

    def _show(self, found: tuple[tuple[Unreadable, ...], tuple[Notice, ...]]) -> None:
        unreadable, notices = found
        files = [(one.path, one.reason) for one in unreadable]
        told = [(one.message, one.advice) for one in reversed(notices)]
        self.say(f"{counted(len(files), 'file')} could not be read." if files else "All files could be read.")
        self.show_rows([*files, *told])
        self.table.resizeRowsToContents()


def _troubles(state: State) -> tuple[tuple[Unreadable, ...], tuple[Notice, ...]]:
    return state.unreadable, state.notices
