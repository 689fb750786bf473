"""What is going on: what lies under the mouse, what is being told, and what is running."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QStatusBar, QWidget

from medviewer.gui import icons, theme
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import counted, let_go, remaining, run, sentence
from medviewer.gui.widgets.elided import ElidedLabel
from medviewer.gui.widgets.icon_button import IconButton
from medviewer.gui.words import plain_tip
from medviewer.session.command import COMMANDS
from medviewer.session.session import Session
from medviewer.session.state import JobStatus, Notice, State

BAR_PX = 90
SMALL_ICON_PX = 16
REFUSED_MS = 8000
"""How long it is told that a command was refused: two lines are read in half of it."""


class StatusBar(QStatusBar):
    """The region at the bottom."""

    list_wanted = Signal()
    """somebody wants to see all messages"""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 4, 0)
        self.hover = ElidedLabel()
        self.hover.setAccessibleName("What lies under the mouse")
        self.addWidget(self.hover, 1)
        self.notice = NoticeLine(session)
        self.notice.list_wanted.connect(self.list_wanted)
        self.job = JobLine(session)
        self.addPermanentWidget(self.notice)
        self.addPermanentWidget(self.job)
        self._ends = [
            session.watch(_told, self._show_notice),
            session.watch(lambda state: state.jobs, self.job.show_jobs),
        ]
        self._show_notice(_told(session.state))
        self.job.show_jobs(session.state.jobs)

    def show_hover(self, words: str) -> None:
        """Say what lies under the mouse."""
        self.hover.setText(words)

    def stop(self) -> None:
        """Follow the session no longer."""
        self.notice.stop()
        for end in self._ends:
            end()

    def _show_notice(self, told: tuple[tuple[Notice, ...], int]) -> None:
        self.notice.show_notices(*told)


class NoticeLine(QWidget):
    """The newest notice with Show and a cross; the others wait behind it."""

    list_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._newest: Notice | None = None
        self._icon = QLabel()
        self._words = ElidedLabel(widest_px=460)
        self.offer = QPushButton()
        self.offer.setProperty("role", "link")
        self.offer.clicked.connect(self._take_offer)
        self.show_list = QPushButton("Show")
        self.show_list.setProperty("role", "link")
        self.show_list.setAccessibleName("Show all messages and unreadable files")
        self.show_list.clicked.connect(self.list_wanted)
        self.shut = IconButton("close", "Dismiss this message", self._dismiss, SMALL_ICON_PX)
        self._passing = QTimer(self, singleShot=True, interval=REFUSED_MS)
        self._passing.timeout.connect(self._let_go)
        _in_a_row(self, self._icon, self._words, self.offer, self.show_list, self.shut)
        self._draw_mark()

    def show_notices(self, notices: tuple[Notice, ...], unreadable: int) -> None:
        """Show the newest one; what was refused is told for a while, all else until it is closed."""
        self._newest = notices[-1] if notices else None
        if self._newest is not None and self._newest.refused_in >= 0:
            self._passing.start()
        self.setVisible(self._newest is not None)
        if self._newest is None:
            return
        words = sentence(self._newest)
        more = f"  (+{len(notices) - 1})" if len(notices) > 1 else ""
        self._words.setText(words + more)
        self._show_offer(self._newest.offer)
        tip = words if not unreadable else f"{words}\n{counted(unreadable, 'file')} could not be read."
        self._words.setToolTip(plain_tip(tip))
        self.setAccessibleName(words)
        self._draw_mark()
        self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: draw the mark in its colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_mark()

    def stop(self) -> None:
        """Nothing goes by itself any more."""
        self._passing.stop()

    def _show_offer(self, name: str) -> None:
        """A button for what can be done about it."""
        self.offer.setVisible(bool(name))
        if name:
            title = COMMANDS[name].title
            self.offer.setText(title)
            self.offer.setAccessibleName(title)
            self.offer.setToolTip(plain_tip(COMMANDS[name].help))

    def _take_offer(self) -> None:
        if (notice := self._newest) is not None:
            run(self._session, "notice.dismiss", number=notice.number)
            run(self._session, notice.offer)

    def _let_go(self) -> None:
        if self.underMouse():
            self._passing.start()  # somebody reads it, or is about to click
        else:
            let_go(self._session)

    def _draw_mark(self) -> None:
        colors = theme.tokens()
        is_error = self._newest is not None and self._newest.is_error
        icon, color = ("error", colors.error) if is_error else ("info", colors.muted)
        self._icon.setPixmap(icons.pixmap(icon, color, SMALL_ICON_PX))

    def _dismiss(self) -> None:
        if self._newest is not None:
            run(self._session, "notice.dismiss", number=self._newest.number)


class JobLine(QWidget):
    """The newest long task: its name, how far it is, how long it will take, and Cancel."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._key = ""
        self._title = ElidedLabel(widest_px=220)
        self.bar = QProgressBar()
        self.bar.setFixedSize(BAR_PX, 12)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self._left = plain_label("", "small")
        self.cancel = IconButton("close", "Cancel", self._cancel, SMALL_ICON_PX)
        _in_a_row(self, self._title, self.bar, self._left, self.cancel)

    def show_jobs(self, jobs: tuple[JobStatus, ...]) -> None:
        """Show the newest task; how many others there are stands beside it."""
        self.setVisible(bool(jobs))
        if not jobs:
            return
        newest = jobs[-1]
        self._key = newest.key
        more = f"  (+{len(jobs) - 1})" if len(jobs) > 1 else ""
        self._title.setText(newest.title + more)
        tip = "\n".join(f"{job.title}: {job.text}" if job.text else job.title for job in jobs)
        self.setToolTip(plain_tip(tip))
        self.bar.setRange(0, 0 if newest.fraction is None else 100)
        self.bar.setValue(round(100 * (newest.fraction or 0)))
        self._left.setText(remaining(newest.seconds_left))
        self._left.setVisible(bool(self._left.text()))
        self.cancel.setAccessibleName(f"Cancel: {newest.title}")

    def _cancel(self) -> None:
        run(self._session, "job.cancel", key=self._key)


def _in_a_row(owner: QWidget, *widgets: QWidget) -> None:
    layout = QHBoxLayout(owner)
    layout.setContentsMargins(8, 0, 4, 0)
    layout.setSpacing(6)
    for widget in widgets:
        layout.addWidget(widget)


def _told(state: State) -> tuple[tuple[Notice, ...], int]:
    return state.notices, len(state.unreadable)
