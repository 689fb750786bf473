"""Looking at two things at once: original and enhanced, or two series, linked or not."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from medviewer.core.against import Way
from medviewer.core.study import SeriesKey
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import counted, run
from medviewer.gui.panels.against import AgainstForm, seen
from medviewer.gui.panels.grid import add_grid_section
from medviewer.gui.panels.panel import Panel, panel
from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.session.session import Session
from medviewer.session.state import State

PATIENCE_MS = 200


@panel("compare", "Compare", order=30, icon="compare")
class ComparePanel(Panel):
    """What stands beside what."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.section("Original and enhanced")
        self.beside = QPushButton("Original beside enhanced")
        self.beside.setCheckable(True)
        self.beside.setToolTip(with_key("Show both, linked; once more goes back", "compare.toggle"))
        self.beside.clicked.connect(lambda: self._compare())
        self.body.addWidget(self.beside)
        self.held = QPushButton("Hold for the original")
        self.held.setToolTip(
            with_key("Show the original for as long as this or a key is pressed", "enhance.peek")
        )
        self.held.pressed.connect(lambda: run(self.session, "enhance.peek", on=True))
        self.held.released.connect(lambda: run(self.session, "enhance.peek", on=False))
        self.body.addWidget(self.held)
        self._why = plain_label("", "muted", wrap=True)
        self.body.addWidget(self._why)
        self.section("Two in one picture")
        self.against = AgainstForm(session)
        self.body.addWidget(self.against)
        self._timer = QTimer(self, interval=PATIENCE_MS)
        self._timer.timeout.connect(self._look_again)
        self.grid = add_grid_section(self)
        self.section("Another series")
        self.other = QuietComboBox("Series to show beside the active one")
        self.body.addWidget(self.other)
        self.show_beside = QPushButton("Show it beside this one")
        self.show_beside.clicked.connect(self._show_beside)
        self.body.addWidget(self.show_beside)
        self._no_other = plain_label("No other series is open.", "muted", wrap=True)
        self.body.addWidget(self._no_other)
        self.section("Linked")
        self.linked = QCheckBox("Scroll and zoom together")
        self.linked.setToolTip(with_key("Viewports go to the same place in the patient", "view.link"))
        self.linked.clicked.connect(lambda: run(self.session, "view.link"))
        self.body.addWidget(self.linked)
        self._how = plain_label("", "muted", wrap=True)
        self.body.addWidget(self._how)
        self.body.addStretch()
        for widget in (self.beside, self.held, self.show_beside, self.linked):
            widget.setAccessibleName(widget.text())
        self.watch(lambda state: (state.studies, state.view.current.series), lambda _: self._show_series())
        self.watch(_facts, self._show_facts)
        self.watch(seen, lambda _: self.against.list_offers())
        self.watch(lambda state: state.view.current.against, lambda _: self._against_changed())

    def _show_series(self) -> None:
        now = self.session.view.current.series
        chosen = self.other.currentData()
        self.other.clear()
        for study in self.session.state.studies:
            for series in study.series:
                if series.count and series.key != now:
                    name = f"{series.modality}  {series.description}".strip()
                    self.other.addItem(f"{name}  ({counted(series.count, 'picture')})", series.key)
        self.other.setCurrentIndex(max(0, self.other.findData(chosen)))
        there = self.other.count() > 0
        for widget in (self.other, self.show_beside):
            widget.setVisible(there)
        self._no_other.setVisible(not there)

    def _show_facts(self, facts: tuple[bool, bool, bool, int, bool]) -> None:
        comparing, linked, enhanced, count, picture = facts
        self.beside.setChecked(comparing)
        self.beside.setEnabled(picture)
        self.held.setEnabled(enhanced)
        self._why.setText(
            "" if enhanced or not picture else "Nothing is enhanced yet: both would look the same."
        )
        self._why.setVisible(bool(self._why.text()))
        self.linked.setChecked(linked)
        self.linked.setEnabled(count > 1)
        self._how.setText(_words(linked, count))

    def _against_changed(self) -> None:
        self._show_against()
        self._timer.start()

    def _show_against(self) -> None:
        self.against.show_against(self.session.view.current.against)

    def _look_again(self) -> None:
        """The range of a difference is that of the picture, which comes later and changes with the slice."""
        against = self.session.view.current.against
        if self.isVisible() and against is not None and against.way is Way.DIFFERENCE:
            self._show_against()
        else:
            self._timer.stop()

    def _compare(self) -> None:
        run(self.session, "compare.toggle")
        self.beside.setChecked(self.session.view.before_compare is not None)

    def _show_beside(self) -> None:
        key: SeriesKey = self.other.currentData()
        view = self.session.view
        if not key:
            return
        if view.layout.count == 1:
            run(self.session, "view.layout", rows=1, columns=2)
        active = self.session.view.active
        run(self.session, "view.show", series=key, viewport=(active + 1) % self.session.view.layout.count)
        if not self.session.view.linked:
            run(self.session, "view.link")


def _facts(state: State) -> tuple[bool, bool, bool, int, bool]:
    view = state.view
    series = view.current.series
    recipe = view.current.recipe
    enhanced = bool(series and (state.document.reading(series).pipeline if recipe is None else recipe).active)
    return view.before_compare is not None, view.linked, enhanced, view.layout.count, series is not None


def _words(linked: bool, count: int) -> str:
    if count < 2:
        return "There is only one viewport. Choose a grid in the tool bar."
    if not linked:
        return "Each viewport is on its own."
    return "Series of the same patient position show the same place; others stay where they are."
