"""3-D: the active stack as a body: presets, sides, and what is cut away."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QPushButton, QWidget

from medviewer.core.view3d import AXES, FACES, THINNEST, WHOLE, Quality, Shows, View3D
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.panels.panel import Panel, panel
from medviewer.gui.widgets.flow import Flow
from medviewer.gui.widgets.slider import QuietComboBox, Slider
from medviewer.imaging.volume_rendering.presets import Preset
from medviewer.session.bodies import why_no_body
from medviewer.session.session import Session
from medviewer.session.state import State
from medviewer.session.surfaces.wanted import why_no_surfaces

ENDS = {"right-left": ("Right", "Left"), "front-back": ("Front", "Back"), "feet-head": ("Feet", "Head")}
"""What the ends of each axis are called, the one at 0 first."""
QUALITIES = {
    Quality.FAST: "Fast",
    Quality.NORMAL: "Normal",
    Quality.FINE: "Fine, slow",
}

SHOWN = {
    Shows.BODY: ("Body", "The stack itself, no labels in it"),
    Shows.BOTH: ("Body and labels", "The stack, with its visible labels as surfaces in it"),
    Shows.LABELS: (
        "Labels",
        "The visible labels alone, as surfaces. One that lies over slices below 0.4 is seen through",
    ),
}


@panel("3-d", "3-D", order=45, icon="body")
class ThreeDPanel(Panel):
    """How the body in the active viewport is seen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._tips: dict[QPushButton, str] = {}
        self.switch = QPushButton("Show as a body")
        self.switch.setAccessibleName("Show as a body")
        self.switch.setCheckable(True)
        self.switch.clicked.connect(lambda: self._run("view3d.show"))
        self.body.addWidget(self.switch)
        self._why = plain_label("", "muted", wrap=True)
        self.body.addWidget(self._why)
        self._add_shows()
        self._add_presets()
        self._add_faces()
        self._add_clipping()
        self._add_table()
        self._add_quality()
        self.body.addStretch()
        self.watch(_series, lambda _: self._show())
        self.watch(lambda state: state.view.current.view3d, lambda _: self._show_view())
        self.watch(_labels, lambda _: self._show_view())

    def _add_shows(self) -> None:
        self.section("Shown")
        self.shows: dict[Shows, QPushButton] = {}
        for one, (words, tip) in SHOWN.items():
            button = QPushButton(words)
            button.setCheckable(True)
            button.setAccessibleName(f"{words} in 3-D")
            button.clicked.connect(partial(self._run, "view3d.shows", what=one.value))
            self.shows[one] = button
            self._tips[button] = tip
        flow = Flow()
        flow.show_widgets(list(self.shows.values()))
        self.body.addWidget(flow)
        self._why_no_labels = plain_label("", "muted", wrap=True)
        self.body.addWidget(self._why_no_labels)

    def _add_presets(self) -> None:
        self.section("Presets")
        self._known: tuple[Preset, ...] = ()
        self.presets: dict[str, QPushButton] = {}
        self._flow = Flow()
        self.body.addWidget(self._flow)
        self._help = plain_label("", "muted", wrap=True)
        self.body.addWidget(self._help)

    def _add_faces(self) -> None:
        self.section("Seen from")
        flow = Flow()
        self.faces = {side: QPushButton(side.capitalize()) for side in FACES}
        for side, button in self.faces.items():
            button.setAccessibleName(f"Seen from {side}")
            button.setToolTip(with_key(f"See the body straight from {side}", "view3d.face", side=side))
            button.clicked.connect(partial(self._run, "view3d.face", side=side))
        flow.show_widgets(list(self.faces.values()))
        self.body.addWidget(flow)

    def _add_clipping(self) -> None:
        self.section("Clip")
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        self.clips: dict[str, tuple[Slider, Slider]] = {}
        for row, axis in enumerate(AXES):
            first, last = ENDS[axis]
            pair = (self._clip_slider(axis, first), self._clip_slider(axis, last))
            self.clips[axis] = pair
            for at, (slider, words) in enumerate(zip(pair, (first, last), strict=True)):
                label = plain_label(words)
                label.setBuddy(slider)
                grid.addWidget(label, 2 * row + at, 0)
                grid.addWidget(slider, 2 * row + at, 1)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        self.reset = QPushButton("Reset")
        self.reset.setAccessibleName("Reset the body")
        self.reset.setToolTip(with_key("All of the body, from the front", "view3d.reset"))
        self.reset.clicked.connect(lambda: self._run("view3d.reset"))
        self.body.addWidget(self.reset)

    def _add_table(self) -> None:
        self.table = QCheckBox("Table and cushions")
        self.table.setAccessibleName("Table and cushions")
        self.table.clicked.connect(lambda on: self._run("view3d.table", on=bool(on)))
        self.body.addWidget(self.table)

    def _clip_slider(self, axis: str, words: str) -> Slider:
        slider = Slider(f"Clip from {words.lower()}", 0.0, 1.0, 0.01)
        slider.setToolTip(f"Cut away from {words.lower()}; a double click brings it back")
        slider.moved.connect(lambda *_: self._clip(axis))
        slider.reset.connect(lambda: slider.setValue(0))
        return slider

    def _clip(self, axis: str) -> None:
        """Both sliders say how much is cut away at their end; something always stays."""
        low, high = (slider.number for slider in self.clips[axis])
        low = min(low, 1.0 - THINNEST)
        self._run("view3d.clip", axis=axis, low=low, high=max(1.0 - high, low + THINNEST))

    def _add_quality(self) -> None:
        self.section("Quality")
        row = QHBoxLayout()
        self.quality = QuietComboBox("Quality of 3-D")
        for value, words in QUALITIES.items():
            self.quality.addItem(words, value.value)
        self.quality.activated.connect(lambda _: self._run("view3d.quality", name=self.quality.currentData()))
        row.addWidget(self.quality)
        self.body.addLayout(row)
        self.body.addWidget(
            plain_label(
                "Drag to turn, the wheel zooms, the middle button moves. A picture at rest becomes sharp "
                "by itself.",
                "muted",
                wrap=True,
            )
        )

    def _run(self, name: str, /, *_: Any, **values: Any) -> None:
        run(self.session, name, **values)
        self._show_view()  # a command that was refused must not leave a button pressed

    def _show(self) -> None:
        """Another series: its presets, or why there are none."""
        now = self.session.view.current
        known = self.session.three_d.presets(now)
        if known != self._known:
            self._known = known
            self.presets = {one.name: self._preset_button(one) for one in known}
            self._flow.show_widgets(list(self.presets.values()))
        self._show_view()

    def _preset_button(self, one: Preset) -> QPushButton:
        button = QPushButton(one.title)
        button.setCheckable(True)
        button.setAccessibleName(f"Preset {one.title}")
        button.setToolTip(one.help)
        button.clicked.connect(partial(self._run, "view3d.preset", name=one.name))
        return button

    def _show_view(self) -> None:
        now = self.session.view.current
        reason, view = why_no_body(self.session, now), now.view3d
        self._show_shows(reason, view)
        self._why.setText(reason)
        self._why.setVisible(bool(reason))
        self.switch.setEnabled(not reason or view is not None)
        self.switch.setChecked(view is not None)
        words = "Back to the slices" if view is not None else "Show the stack as a body"
        self.switch.setToolTip(reason or with_key(words, "view3d.show"))
        has_body = view is not None and view.shows is not Shows.LABELS
        for name, button in self.presets.items():
            button.setEnabled(not reason)
            button.setChecked(view is not None and has_body and view.preset == name)
        shown = next((one for one in self._known if view and has_body and one.name == view.preset), None)
        self._help.setText("" if shown is None else shown.help)
        self._help.setVisible(shown is not None)
        self._show_numbers(view)

    def _show_shows(self, no_body: str, view: View3D | None) -> None:
        no_labels = why_no_surfaces(self.session, self.session.view.current)
        for one, button in self.shows.items():
            reason = no_labels if one is Shows.LABELS else no_body or (no_labels if one is Shows.BOTH else "")
            is_shown = view is not None and view.shows is one
            button.setEnabled(not reason or is_shown)
            button.setChecked(is_shown)
            button.setToolTip(reason or self._tips[button])
        # what is the matter with the body stands above already
        words = "" if no_labels in ("", no_body) else f"{no_labels} The Segment panel marks and shows them."
        self._why_no_labels.setText(words if self.session.view.current.series is not None else "")
        self._why_no_labels.setVisible(bool(self._why_no_labels.text()))

    def _show_numbers(self, view: View3D | None) -> None:
        controls = [*self.faces.values(), self.reset, self.quality]
        controls += [slider for pair in self.clips.values() for slider in pair]
        for control in controls:
            control.setEnabled(view is not None)
        series = self.session.series(self.session.view.current.series)
        is_ct = series is not None and series.modality == "CT"
        has_body = view is None or view.shows is not Shows.LABELS
        self.table.setEnabled(view is not None and is_ct and has_body)
        words = "Show what lies beside the patient too: it is left out by its thickness and density"
        why = "" if is_ct else "Only in CT is it known what lies beside the patient."
        self.table.setToolTip(why or (words if has_body else "The labels are shown without the body."))
        self.table.setChecked(view is not None and (view.table or not is_ct))
        for axis, (low, high) in zip(AXES, WHOLE if view is None else view.clip, strict=True):
            first, last = self.clips[axis]
            first.show_number(low)
            last.show_number(1.0 - high)
        quality = Quality.NORMAL if view is None else view.quality
        self.quality.setCurrentIndex(self.quality.findData(quality.value))


def _labels(state: State) -> tuple[Any, ...]:
    """What decides whether a label can be seen."""
    view = state.view
    series = view.current.series
    groups = () if series is None else state.document.reading(series).groups
    told = tuple((one.id, one.labels, one.opacity, one.slices) for one in groups)
    return told, view.solo, view.group, view.label, view.labels_hidden, view.hidden_objects


def _series(state: State) -> tuple[Any, ...]:
    now = state.view.current
    return (now.series, state.view.active, state.studies)
