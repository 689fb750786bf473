"""Segment: labels, and everything that finds, paints, tidies and measures them."""

from __future__ import annotations

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QWidget

from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import remaining, run
from medviewer.gui.panels.panel import Panel, panel
from medviewer.gui.panels.segment_labels import Labels
from medviewer.gui.panels.segment_scope import ScopeChoice
from medviewer.gui.widgets.folding import Folding
from medviewer.session.session import Session
from medviewer.session.state import JobStatus, State
from medviewer.session.surfaces.wanted import are_alone, place_for_surfaces, why_no_surfaces

JOB = "segment-"
"""With what the keys of its jobs begin."""


@panel("segment", "Segment", order=50, icon="segment")
class SegmentPanel(Panel):
    """What is marked on the active series."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.labels = Labels(session)
        self.body.addWidget(self.labels)
        self.body_of_labels = QPushButton("Show in 3-D")
        self.body_of_labels.setAccessibleName("Show the labels in 3-D")
        self.body_of_labels.setCheckable(True)
        self.body_of_labels.clicked.connect(lambda: self._show_in_3d())
        self.body.addWidget(self.body_of_labels)
        self.painting = Folding("Paint", self._make_painting, is_open=True)
        self.body.addWidget(self.painting)
        line = QFrame()
        line.setProperty("role", "line")
        self.body.addWidget(line)
        self.scope = ScopeChoice(session)
        self.body.addWidget(self.scope)
        self.finding = Folding("Find", self._make_finding, is_open=True)
        self.tidying = Folding("Tidy and combine", self._make_tidying)
        self.numbers = Folding("Numbers", self._make_numbers, is_open=True)
        self.body.addWidget(self.finding)
        self._add_progress()
        self.body.addWidget(self.tidying)
        self.body.addWidget(self.numbers)
        for one in (self.painting, self.finding, self.tidying, self.numbers):
            one.head.toggled.connect(lambda _: self._show_parts())
        self.body.addStretch()
        self.watch(_labels, lambda _: self.labels.show_state(session.state))
        self.watch(_place, lambda _: self._show_parts())
        self.watch(_in_3d, lambda _: self._show_3d())
        self.watch(lambda state: state.view.brush, lambda _: self._show_brush())
        self.watch(lambda state: state.view.current.series, lambda _: self._show_ranges())
        self.watch(_job, self._show_job)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing is tried any more."""
        super().hideEvent(event)
        content = self.finding.content
        if content is not None:
            content.end_trying()  # type: ignore[attr-defined]

    def _make_painting(self) -> QWidget:
        from medviewer.gui.panels.painting import PaintingForm  # noqa: PLC0415  (as `_make_finding`)

        return PaintingForm(self.session)

    def _make_finding(self) -> QWidget:
        # the methods are loaded when the panel is first seen
        from medviewer.gui.panels.segment_method import Finding  # noqa: PLC0415  (see above)

        return Finding(self.session, lambda: self.scope.name)

    def _make_tidying(self) -> QWidget:
        from medviewer.gui.panels.segment_tidy import Tidying  # noqa: PLC0415  (as `_make_finding`)

        return Tidying(self.session, lambda: self.scope.name)

    def _make_numbers(self) -> QWidget:
        from medviewer.gui.panels.segment_numbers import Numbers  # noqa: PLC0415  (as `_make_finding`)

        return Numbers(self.session)

    def _add_progress(self) -> None:
        self._progress = QWidget()
        row = QHBoxLayout(self._progress)
        row.setContentsMargins(0, 0, 0, 0)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the method")
        self._left = plain_label("", "small")
        self.cancel = QPushButton("Cancel")
        self.cancel.setAccessibleName("Cancel the method")
        self.cancel.setToolTip("Stop it; nothing of what it found is kept")
        self.cancel.clicked.connect(lambda: run(self.session, "segment.stop"))
        row.addWidget(self.bar, 1)
        row.addWidget(self._left)
        row.addWidget(self.cancel)
        self._progress.hide()
        self.body.addWidget(self._progress)

    def _show_parts(self) -> None:
        self.scope.show_state()
        state = self.session.state
        for one in (self.painting, self.finding, self.tidying):
            if one.is_open and one.content is not None:
                one.content.show_state()  # type: ignore[attr-defined]
        if self.numbers.is_open and self.numbers.content is not None:
            self.numbers.content.show_state(state)  # type: ignore[attr-defined]

    def _show_in_3d(self) -> None:
        run(self.session, "view3d.labels")
        self._show_3d()  # a command that was refused must not leave the button pressed

    def _show_3d(self) -> None:
        view = self.session.view
        now = view.viewports[place_for_surfaces(view)]
        is_on = are_alone(now)
        reason = why_no_surfaces(self.session, now)
        self.body_of_labels.setEnabled(is_on or not reason)
        self.body_of_labels.setChecked(is_on)
        words = "Back to the slices" if is_on else "See the visible labels as surfaces"
        self.body_of_labels.setToolTip(with_key(words, "view3d.labels") if is_on or not reason else reason)

    def _show_brush(self) -> None:
        if self.painting.is_open and self.painting.content is not None:
            self.painting.content.show_state()  # type: ignore[attr-defined]

    def _show_ranges(self) -> None:
        if self.finding.content is not None:
            self.finding.content.show_ranges()  # type: ignore[attr-defined]

    def _show_job(self, job: JobStatus | None) -> None:
        self._progress.setVisible(job is not None)
        if job is not None:
            self.bar.setRange(0, 0 if job.fraction is None else 100)
            self.bar.setValue(round(100 * (job.fraction or 0)))
            self.bar.setToolTip(job.title)
            self._left.setText(remaining(job.seconds_left))


def _job(state: State) -> JobStatus | None:
    return next((job for job in state.jobs if job.key.startswith(JOB)), None)


def _labels(state: State) -> tuple[object, ...]:
    view = state.view
    series = view.current.series
    groups = () if series is None else state.document.reading(series).groups
    told = tuple((one.id, one.name, one.labels, one.opacity, one.is_proposal) for one in groups)
    return series, told, view.group, view.label, view.solo, view.blinking


def _in_3d(state: State) -> tuple[object, ...]:
    """What decides whether the labels can be shown in 3-D, and whether they are."""
    view = state.view
    now = view.viewports[place_for_surfaces(view)]
    groups = () if now.series is None else state.document.reading(now.series).groups
    hidden = (view.labels_hidden, view.hidden_objects)
    return now.series, now.view3d, groups, view.solo, view.group, view.label, hidden


def _place(state: State) -> tuple[object, ...]:
    """What is shown, and what is marked on it."""
    view, now = state.view, state.view.current
    reading = None if now.series is None else state.document.reading(now.series)
    marked = () if reading is None else (reading.groups, reading.seeds, reading.scales)
    return now.series, now.index, now.cut, now.view3d is None, view.group, view.label, view.tool, marked
