"""The bar below the pictures of a preference study: what is asked, how far it is, and the answers."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QToolBar, QVBoxLayout, QWidget

from medviewer.gui import theme
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.session.session import Session
from medviewer.session.state import Blind

BUTTON_PX = 150
PAUSED = "Paused"


class PreferenceBar(QToolBar):
    """Words large enough to be read from where one looks at pictures."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Preference study", parent)
        self._session = session
        self.setObjectName("preference")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.question = plain_label("", "title", wrap=True)
        self.question.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.progress = plain_label("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(120, 8)
        self.bar.setAccessibleName("Pairs that are answered")
        self.left = self._button("←  Left", "The left picture (Left or 1)", "left")
        self.neither = self._button("No preference", "Neither is better (Down or 0)", "none")
        self.right = self._button("Right  →", "The right picture (Right or 2)", "right")
        self.undo = self._plain("Last pair again", "Take the last answer back (Backspace)", "preference.undo")
        self.pause = self._plain("Pause", "Cover the pictures and stop the clock (Esc)", "preference.pause")
        self.leave = self._plain("Leave", "Go back to what was shown before", "preference.leave")
        self._arrange()

    def show_blind(self, blind: Blind) -> None:
        """Show where the study stands."""
        self.question.setText(f"{PAUSED}: Esc goes on" if blind.paused else blind.question)
        words = f"Pair {blind.number} of {blind.count}"
        self.progress.setText(words)
        self.bar.setRange(0, blind.count)
        self.bar.setValue(blind.number - 1)
        self.setAccessibleName(f"{blind.question} {words}")
        for button in (self.left, self.neither, self.right):
            button.setEnabled(blind.stands)
        self.neither.setVisible(blind.ties)
        self.undo.setEnabled(blind.can_undo)
        self.pause.setText("Go on" if blind.paused else "Pause")
        self.pause.setAccessibleName(self.pause.text())

    def _arrange(self) -> None:
        far = QVBoxLayout()
        far.setSpacing(4)
        far.addWidget(self.progress)
        far.addWidget(self.bar)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addLayout(far)
        row.addStretch(1)
        for widget in (self.left, self.neither, self.right):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self.undo, self.pause, self.leave):
            row.addWidget(widget)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 6, 12, 8)
        column.setSpacing(8)
        column.addWidget(self.question)
        column.addLayout(row)
        self.addWidget(inside)

    def _button(self, words: str, tip: str, choice: str) -> QPushButton:
        button = self._made(words, tip)
        button.setMinimumWidth(BUTTON_PX)
        if choice != "none":
            theme.mark(button, role="main")
        button.clicked.connect(lambda: run(self._session, "preference.answer", choice=choice))
        return button

    def _plain(self, words: str, tip: str, command: str) -> QPushButton:
        button = self._made(words, tip)
        button.clicked.connect(lambda: run(self._session, command))
        return button

    def _made(self, words: str, tip: str) -> QPushButton:
        button = QPushButton(words)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        # the keys of the study stay where they are, over the pictures
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button
