"""Whether the Segment panel works on the shown slice or on the whole stack."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from medviewer.core.study import Series
from medviewer.gui.availability import NO_PICTURE
from medviewer.gui.labels import plain_label
from medviewer.session.session import Session

SLICE, STACK = "slice", "stack"
WORDS = {SLICE: "This slice", STACK: "Whole stack"}
TIPS = {
    SLICE: "Methods and tidying change the shown slice only",
    STACK: "Methods and tidying look at the whole stack and change all of it",
}
ON_A_PLANE = "This is a plane through the stack: labels lie on its slices"


class ScopeChoice(QWidget):
    """Two buttons, one of which is down."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted = STACK
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(plain_label("Work on"))
        group = QButtonGroup(self)
        self.buttons: dict[str, QPushButton] = {}
        for name, words in WORDS.items():
            button = self.buttons[name] = QPushButton(words)
            button.setCheckable(True)
            button.setAccessibleName(f"Work on: {words}")
            button.setToolTip(TIPS[name])
            button.clicked.connect(lambda _, name=name: setattr(self, "_wanted", name))
            group.addButton(button)
            row.addWidget(button, 1)
        self.buttons[STACK].setChecked(True)

    @property
    def name(self) -> str:
        """What is worked on: "slice" or "stack"."""
        return STACK if self.buttons[STACK].isChecked() else SLICE

    def show_state(self) -> None:
        """Allow what can be worked on in the active viewport; a choice comes back as soon as it can."""
        now = self._session.view.current
        series = self._session.series(now.series)
        is_plane = now.cut is not None or now.view3d is not None
        reason = self._why_no_stack(series)
        self.buttons[SLICE].setEnabled(series is not None and not is_plane)
        self.buttons[SLICE].setToolTip(ON_A_PLANE if is_plane else TIPS[SLICE])
        self.buttons[STACK].setEnabled(not reason)
        self.buttons[STACK].setToolTip(reason or TIPS[STACK])
        possible = SLICE if reason else STACK if is_plane else self._wanted
        self.buttons[possible].setChecked(True)

    def _why_no_stack(self, series: Series | None) -> str:
        if series is None:
            return NO_PICTURE
        if series.count < 2:
            return "This series is a single picture"
        return "" if self._session.frames.geometry(series) is not None else "These pictures form no stack"
