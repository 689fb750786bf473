"""The page before anything is open: what to do, what was open lately, and the way back to where one was."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from medviewer.gui import theme
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run, sentence
from medviewer.gui.words import plain_tip
from medviewer.session.command import COMMANDS
from medviewer.session.session import Session
from medviewer.session.state import LastTime, Notice, State

MOST_RECENT = 6
MOST_NAMED = 3
ABOVE_TITLE_PX = 12
WIDTH_PX = 420


class Welcome(QWidget):
    """Stands in the middle until the first series is found."""

    open_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("middle")
        self._title = plain_label("Drop a folder, files or a ZIP here", "title")
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.open = QPushButton("Open files…")
        self.open.clicked.connect(self.open_wanted)
        self.folder = QPushButton("Open a folder…")
        self.folder.clicked.connect(self.folder_wanted)
        self.sample = QPushButton("Try the sample study")
        self.sample.clicked.connect(lambda: run(session, "study.sample"))
        self.back = BackToWork(session)
        self.again = _go_on(session)
        self._words = plain_label("", "error", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._arrange()
        self._ends = [
            session.watch(_facts, self._show),
            session.watch(lambda state: state.last_time, lambda _: self._show(_facts(session.state))),
        ]
        self._show(_facts(session.state))

    def stop(self) -> None:
        """Follow the session no longer."""
        for end in self._ends:
            end()

    def _arrange(self) -> None:
        page = QWidget()
        page.setFixedWidth(WIDTH_PX)
        column = QVBoxLayout(page)
        column.setSpacing(12)
        row = QHBoxLayout()
        row.addStretch()
        for button in (self.open, self.folder):
            button.setAccessibleName(button.text().rstrip("…"))
            row.addWidget(button)
        row.addStretch()
        self.sample.setAccessibleName(self.sample.text())
        theme.mark(self.sample, role="link")
        column.addWidget(self.back)
        column.addSpacing(ABOVE_TITLE_PX)
        column.addWidget(self._title)
        column.addLayout(row)
        theme.mark(self.again, role="link")
        column.addWidget(self.sample, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.again, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._words)
        self._recent = QWidget()
        self._links = QVBoxLayout(self._recent)
        self._links.setContentsMargins(0, 20, 0, 0)
        self._links.setSpacing(2)
        column.addWidget(self._recent)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addWidget(page, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(3)

    def _show(self, facts: tuple[str, Notice | None]) -> None:
        opening, notice = facts
        self._title.setText(opening or "Drop a folder, files or a ZIP here")
        for widget in (self.open, self.folder, self.sample):
            widget.setVisible(not opening)
        self.back.show_offer(not opening)
        self.again.setVisible(not opening and self._session.state.last_time is LastTime.CLOSED)
        is_error = notice is not None and notice.is_error and not opening
        self._words.setText(sentence(notice) if notice is not None and is_error else "")
        self._words.setMinimumHeight(max(0, self._words.heightForWidth(WIDTH_PX - 24)))
        self._words.setVisible(is_error)
        self._show_recent(not opening)

    def _show_recent(self, wanted: bool) -> None:
        while (old := self._links.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.deleteLater()
        recent = self._session.settings.recent[:MOST_RECENT]
        self._recent.setVisible(wanted and bool(recent))
        if not recent:
            return
        head: QLabel = plain_label("Opened lately", "section")
        self._links.addWidget(head)
        for path in recent:
            self._links.addWidget(self._link(Path(path)))

    def _link(self, path: Path) -> QPushButton:
        name = f"{path.name}  –  {path.parent}"
        link = QPushButton()
        theme.mark(link, role="link")
        elided = link.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, WIDTH_PX - 30)
        link.setText(elided.replace("&", "&&"))
        link.setAccessibleName(f"Open {path.name} again")
        link.setToolTip(f"Open {path}".replace("<", ""))
        link.clicked.connect(lambda: self._open(path))
        return link

    def _open(self, path: Path) -> None:
        if path.exists():
            run(self._session, "study.open", paths=(path,))
            return
        left = tuple(one for one in self._session.settings.recent if one != str(path))
        self._session.save_settings(recent=left)
        self._session.notify(f"{path.name} is no longer there.", "It was taken off the list.")


class BackToWork(QFrame):
    """Offers what was open when the program ended without being asked to."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        theme.mark(self, role="notice")
        words = plain_label("medviewer ended unexpectedly; your work is kept.", wrap=True)
        self._what = plain_label("", "small", wrap=True)
        self.go = _go_on(session)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        for widget in (words, self._what):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(widget)
        column.addWidget(self.go, 0, Qt.AlignmentFlag.AlignHCenter)

    def show_offer(self, wanted: bool) -> None:
        """Say what there is to go back to, where there is anything."""
        is_cut = self._session.state.last_time is LastTime.INTERRUPTED
        last = self._session.workplace.last if is_cut else None
        self.setVisible(wanted and last is not None)
        if last is None:
            return
        names = [Path(one).name for one in last.paths]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        self._what.setText(", ".join(names[:MOST_NAMED]) + more)


def _go_on(session: Session) -> QPushButton:
    button = QPushButton(COMMANDS["workplace.restore"].title)
    button.setAccessibleName(button.text())
    button.setToolTip(plain_tip(COMMANDS["workplace.restore"].help))
    button.clicked.connect(lambda: run(session, "workplace.restore"))
    return button


def _facts(state: State) -> tuple[str, Notice | None]:
    """What is being opened, in words, and what was told last."""
    opening = next((job.title for job in state.jobs if job.key.startswith("open-")), "")
    return opening, state.notices[-1] if state.notices else None
