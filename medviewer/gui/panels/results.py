"""What models said about the shown picture: probabilities and regions, to be accepted or rejected."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from medviewer.core.finding import Finding, State
from medviewer.core.labels import Label, LabelMap
from medviewer.gui import theme
from medviewer.gui.forms import Form
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.widgets.score_bar import ScoreBar
from medviewer.kit.params import Kind, Parameter
from medviewer.session.session import Session

OPACITY = Parameter("opacity", "Opacity", Kind.NUMBER, 0.4, minimum=0.0, maximum=1.0, step=0.05)
SWATCH_PX = 14
STANDING = {
    State.PROPOSED: "Proposal, not accepted yet",
    State.ACCEPTED: "Accepted by the reader",
    State.REJECTED: "Rejected by the reader",
}


class Results(QWidget):
    """Findings by model, labels with their switches, and the reader's decision."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._groups_shown: tuple[object, ...] = ()
        self._ids: tuple[str, ...] = ()
        self._boxes: dict[tuple[str, int], QCheckBox] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self._nothing = plain_label("No model has read this picture.", "muted", wrap=True)
        layout.addWidget(self._nothing)
        self._findings = QVBoxLayout()
        self._findings.setSpacing(4)
        layout.addLayout(self._findings)
        self._regions = QWidget()
        self._switches = QVBoxLayout(self._regions)
        self._switches.setContentsMargins(0, 0, 0, 0)
        self._switches.setSpacing(2)
        layout.addWidget(self._regions)
        self.opacity = Form((OPACITY,))
        self.opacity.changed.connect(lambda values, drag: self._set_opacity(values["opacity"], drag))
        layout.addWidget(self.opacity)
        self._decision = QWidget()
        row = QHBoxLayout(self._decision)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.accept = QPushButton("Accept")
        self.accept.setToolTip(with_key("Make the proposals on this series your own", "ai.accept"))
        self.accept.clicked.connect(lambda: run(session, "ai.accept"))
        self.reject = QPushButton("Reject")
        self.reject.setToolTip(
            with_key("Take the proposals on this series away; undo brings them back", "ai.reject")
        )
        self.reject.clicked.connect(lambda: run(session, "ai.reject"))
        for button in (self.accept, self.reject):
            button.setAccessibleName(f"{button.text()} what the model says about this series")
            row.addWidget(button, 1)
        layout.addWidget(self._decision)

    def show_reading(self) -> None:
        """Show what is known of the active picture."""
        now = self._session.view.current
        reading = self._session.state.document.reading(now.series) if now.series else None
        findings = [one for one in reading.findings if one.frame in (now.index, None)] if reading else []
        groups = tuple(one for one in reading.groups if one.provenance is not None) if reading else ()
        self._show_findings(findings)
        self._show_groups(groups, now.index)
        elsewhere = sum(one.frame not in (now.index, None) for one in reading.findings) if reading else 0
        self._nothing.setText(_nothing_words(elsewhere))
        self._nothing.setVisible(not findings and not groups)
        proposed = any(one.state is State.PROPOSED for one in reading.findings) if reading else False
        self._decision.setVisible(proposed or any(one.is_proposal for one in groups))

    def _show_findings(self, findings: list[Finding]) -> None:
        _empty(self._findings)
        by_model: dict[tuple[str, State], list[Finding]] = {}
        for one in findings:
            by_model.setdefault((str(one.provenance), one.state), []).append(one)
        for (model, state), found in by_model.items():
            self._findings.addWidget(_heading(model, state))
            for one in sorted(found, key=lambda item: -item.score):
                self._findings.addWidget(ScoreBar(one))

    def _show_groups(self, groups: tuple[LabelMap, ...], index: int) -> None:
        self.opacity.setVisible(bool(groups))
        self._regions.setVisible(bool(groups))
        if not groups:
            self._groups_shown = ()
            return
        self._ids = tuple(one.id for one in groups)
        self.opacity.show_values({"opacity": groups[-1].opacity})
        shown = tuple(_told(one, index) for one in groups)
        if shown == self._groups_shown:  # a switch that is in use is not taken away under the reader's hand
            for group in groups:
                for label in group.labels:
                    self._boxes[group.id, label.value].setChecked(label.visible)
            return
        self._groups_shown = shown
        _empty(self._switches)
        self._boxes = {}
        for group in groups:
            self._add_group(group, index)

    def _add_group(self, group: LabelMap, index: int) -> None:
        self._switches.addWidget(_heading(str(group.provenance), group.state))
        for label in group.labels:
            box = self._boxes[group.id, label.value] = self._switch(group, label)
            self._switches.addWidget(box)
        if not _is_here(group, index):
            self._switches.addWidget(plain_label("Nothing is marked on this picture.", "muted", wrap=True))

    def _set_opacity(self, opacity: float, drag: str) -> None:
        for group in self._ids:
            run(self._session, "labels.opacity", opacity=opacity, group=group, drag=drag)

    def _switch(self, group: LabelMap, label: Label) -> QCheckBox:
        box = QCheckBox(label.name.replace("&", "&&"))
        box.setAccessibleName(f"Show {label.name}")
        box.setIcon(_swatch(label.color))
        box.setIconSize(QSize(SWATCH_PX, SWATCH_PX))
        box.setChecked(label.visible)
        box.clicked.connect(
            lambda on: run(self._session, "labels.show", value=label.value, visible=on, group=group.id)
        )
        return box


def _told(group: LabelMap, index: int) -> tuple[object, ...]:
    """What is said of a label map, as far as it takes other widgets."""
    names = tuple((one.value, one.name, one.color) for one in group.labels)
    return group.id, names, str(group.provenance), group.state, _is_here(group, index)


def _is_here(group: LabelMap, index: int) -> bool:
    return index < len(group.slices) and group.slices[index] is not None


def _heading(model: str, state: State) -> QFrame:
    """Which model says so, and what the reader thinks of it; a proposal's frame is dashed."""
    frame = QFrame()
    frame.setProperty("role", "proposal" if state is State.PROPOSED else "card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(8, 4, 8, 4)
    layout.setSpacing(0)
    layout.addWidget(plain_label(model, "ai", wrap=True))
    layout.addWidget(plain_label(STANDING[state], "small"))
    return frame


def _swatch(color: str) -> QIcon:
    picture = QPixmap(SWATCH_PX * 2, SWATCH_PX * 2)
    picture.fill(QColor(color) if QColor.isValidColorName(color) else QColor(theme.tokens().ai))
    return QIcon(picture)


def _nothing_words(elsewhere: int) -> str:
    if elsewhere:
        return "No model has read this picture; others of this series were read."
    return "No model has read this picture."


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
