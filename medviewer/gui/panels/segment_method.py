"""Finding a part: presets that work at once, methods with their settings, seeds, trying before running."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from medviewer.core.seeds import SeedPoint
from medviewer.core.study import Series
from medviewer.gui import theme
from medviewer.gui.availability import NO_PICTURE
from medviewer.gui.forms import Form
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.tools import TOOLS
from medviewer.gui.tools.painting import GROUP as PAINT
from medviewer.gui.widgets.flow import Flow
from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.imaging.segment.grid import grid_of_frame
from medviewer.imaging.segment.method import METHODS, Method
from medviewer.kit.params import Parameter
from medviewer.session.segmenting.ready import PRESETS
from medviewer.session.segmenting.trying import QUICK
from medviewer.session.session import Session

FIRST = "threshold"
WIDEST = 20_000.0
"""A limit that may be further from 0 may be anything: its slider reaches over the values there are."""
LARGEST_DIFFERENCE = 4000.0
"""So much two values may differ in a method; its slider reaches over a quarter of those there are."""
LOOK_AFTER_MS, MOST_LOOKS = 200, 100
STEPS = 20
"""A slider has no fewer."""
ORDER = {"Values": 0, "From seeds": 1}
"""The other groups of methods come behind, by name."""
INTO = (
    ("A new label", "new", "replace"),
    ("The label worked on: replace", "label", "replace"),
    ("The label worked on: add", "label", "add"),
    ("The label worked on: subtract", "label", "subtract"),
    ("The label worked on: intersect", "label", "intersect"),
)


class Finding(QWidget):
    """Presets, methods and seeds."""

    def __init__(self, session: Session, scope: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._scope = session, scope
        self._values: dict[str, dict[str, Any]] = {}
        self._ends: dict[str, tuple[float, float]] = {}
        """what stands for "without limit" in the form that is shown"""
        self._is_trying = False
        self._used: tuple[SeedPoint, ...] = ()
        """seeds with which something has been found"""
        self._tool = session.view.tool
        self.form: Form | None = None
        self._looks = 0
        self._late = QTimer(self, singleShot=True, interval=LOOK_AFTER_MS)
        self._late.timeout.connect(self._look_again)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._add_presets()
        self._add_methods()
        self._add_seeds()
        self._add_running()
        self._choose()

    @property
    def method(self) -> Method:
        """The chosen one."""
        return METHODS[self.choice.currentData() or FIRST]

    def show_state(self) -> None:
        """Follow the active picture: what can be run on it, its seeds, what is being tried."""
        series = self._session.series(self._session.view.current.series)
        is_ct = series is not None and series.modality == "CT"
        for name, button in self.presets.items():
            button.setEnabled(is_ct)
            title = PRESETS[name].title.lower()
            button.setToolTip(f"Find {title} at once, as a new label" if is_ct else _why_no_preset(series))
        self._show_seeds(series)
        self._show_runnable(series)
        if self._is_trying:
            self._try()

    def show_ranges(self) -> None:
        """Another series: limits reach over its values, as soon as they are there."""
        self._looks = 0
        self._choose(keep=True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: wait for no picture."""
        self._late.stop()
        super().hideEvent(event)

    def _look_again(self) -> None:
        self._looks += 1
        self._choose(keep=True)

    def end_trying(self) -> None:
        """Nobody looks, or it was run."""
        if self._is_trying:
            self._is_trying = False
            run(self._session, "segment.try_end")

    def find_part(self) -> None:
        """Run the chosen method."""
        _, into, mode = INTO[self.into.currentIndex()]
        self._is_trying = False
        self._used = self._seeds_of(self._session.series(self._session.view.current.series))
        run(
            self._session,
            "segment.run",
            method=self.method.name,
            values=self._checked(),
            scope=self._scope(),
            into=into,
            mode=mode,
        )

    def _add_presets(self) -> None:
        flow = Flow()
        self.presets = {name: QPushButton(one.title) for name, one in PRESETS.items()}
        for name, button in self.presets.items():
            button.setAccessibleName(f"Find {PRESETS[name].title.lower()}")
            button.clicked.connect(lambda _, name=name: self._preset(name))
        flow.show_widgets(list(self.presets.values()))
        self._layout.addWidget(flow)

    def _preset(self, name: str) -> None:
        self.end_trying()
        run(self._session, "segment.preset", name=name, scope=self._scope())

    def _add_methods(self) -> None:
        self.choice = QuietComboBox("Method")
        for at, group in enumerate(_by_group()):
            if at:
                self.choice.insertSeparator(self.choice.count())
            for one in group:
                self.choice.addItem(one.title, one.name)
        self.choice.setCurrentIndex(max(0, self.choice.findData(FIRST)))
        self.choice.activated.connect(lambda _: self._choose())
        self._layout.addWidget(self.choice)
        self._help = plain_label("", "muted", wrap=True)
        self._layout.addWidget(self._help)
        here = QWidget()  # of its own: Tab comes to what is made in it before what follows
        self._layout.addWidget(here)
        self._place = QVBoxLayout(here)
        self._place.setContentsMargins(0, 0, 0, 0)

    def _add_seeds(self) -> None:
        self._seeds = QWidget()
        row = QHBoxLayout(self._seeds)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.seed = QPushButton("Set seeds")
        self.seed.setCheckable(True)
        self.seed.setAccessibleName("Set seeds with the mouse")
        self.seed.setToolTip(
            with_key(
                "Click into what is looked for; with Shift or Alt beside it. A click on a seed removes it",
                "view.tool",
                name="seed",
            )
        )
        self.seed.clicked.connect(lambda on: run(self._session, "view.tool", name="seed" if on else "window"))
        self.seed_words = plain_label("", "muted")
        self.no_seeds = QPushButton("Clear")
        self.no_seeds.setAccessibleName("Remove all seeds")
        self.no_seeds.clicked.connect(lambda: run(self._session, "segment.clear_seeds"))
        row.addWidget(self.seed)
        row.addWidget(self.seed_words, 1)
        row.addWidget(self.no_seeds)
        self._layout.addWidget(self._seeds)

    def _add_running(self) -> None:
        self.into = QuietComboBox("What is found becomes")
        self.into.setToolTip("Where what is found goes")
        for words, _, _ in INTO:
            self.into.addItem(words)
        self._layout.addWidget(self.into)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.preview = QCheckBox("Preview")
        self.preview.setAccessibleName("Preview on the shown picture")
        self.preview.setChecked(True)
        self.preview.clicked.connect(self._preview)
        self.run_button = QPushButton("Find")
        self.run_button.setAccessibleName("Find with this method")
        theme.mark(self.run_button, role="main")
        self.run_button.clicked.connect(self.find_part)
        row.addWidget(self.preview)
        row.addWidget(self.run_button, 1)
        self._layout.addLayout(row)

    def _choose(self, keep: bool = False) -> None:
        """Show the form of the chosen method."""
        if not keep:
            self.end_trying()
        method = self.method
        self._help.setText(method.help)
        if self.form is not None:
            self.form.hide()
            self.form.deleteLater()
        self.form = Form(self._adapted(method.parameters))
        self._place.addWidget(self.form)
        self.form.follow(self.choice)
        self.form.changed.connect(self._change)
        self.form.show_values(self._shown_values())
        self._seeds.setVisible(method.takes_seeds)
        self._show_runnable(self._session.series(self._session.view.current.series))
        quick = method.name in QUICK
        self.preview.setEnabled(quick)
        self.preview.setToolTip(
            "Show at once what would be found on the shown picture alone; in a stack more may hang together"
            if quick
            else "This method takes too long to be tried at once: run it on this slice"
        )

    def _adapted(self, parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
        """Limits that may be anything get a slider over the values of the picture."""
        self._ends = {}
        frame = self._session.rendering.frame(self._session.view.current)
        if frame is None:
            if self._looks < MOST_LOOKS:
                self._late.start()  # the picture is still on its way
            return parameters
        grid = grid_of_frame(frame)
        values = grid.values if grid.valid is None else grid.values[grid.valid]
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        if high <= low:
            return parameters
        return tuple(self._fitted(one, low, high, grid.unit) for one in parameters)

    def _fitted(self, one: Parameter, low: float, high: float, unit: str) -> Parameter:
        """A parameter for values from *low* to *high*."""
        if one.minimum is None or one.maximum is None:
            return one
        wide = high - low
        step = one.step if one.step and wide > STEPS * one.step else wide / (10 * STEPS)
        if one.maximum > WIDEST:
            self._ends[one.name] = (max(low, one.minimum), min(high, one.maximum))
            first, last = self._ends[one.name]
            return replace(one, minimum=first, maximum=last, step=step, unit=unit)
        if one.minimum == 0 and one.maximum == LARGEST_DIFFERENCE:
            return replace(
                one, maximum=min(one.maximum, max(wide / 4, float(one.default))), step=step, unit=unit
            )
        return one

    def _shown_values(self) -> dict[str, Any]:
        """The values of the method, those without limit at the ends of their sliders."""
        values = {one.name: one.default for one in self.method.parameters} | self._values.get(
            self.method.name, {}
        )
        for name, (low, high) in self._ends.items():
            values[name] = max(low, min(float(values[name]), high))
        return values

    def _checked(self) -> dict[str, Any]:
        """The values to run with: at the end of its slider a limit is none."""
        values = self._shown_values()
        for one in self.method.parameters:
            low, high = self._ends.get(one.name, (None, None))
            if low is not None and values[one.name] <= low:
                values[one.name] = one.minimum
            elif high is not None and values[one.name] >= high:
                values[one.name] = one.maximum
        return values

    def _change(self, values: Mapping[str, Any], _: str) -> None:
        self._values.setdefault(self.method.name, {}).update(values)
        assert self.form is not None
        self.form.show_values(self._shown_values())
        self._preview(self.preview.isChecked())

    def _preview(self, on: bool) -> None:
        if on and self.method.name in QUICK:
            self._is_trying = True
            self._try()
        else:
            self.end_trying()

    def _try(self) -> None:
        run(self._session, "segment.try", method=self.method.name, values=self._checked())

    def _show_runnable(self, series: Series | None) -> None:
        seeds = self._seeds_of(series)
        why = NO_PICTURE if series is None else ""
        if self.method.needs_seeds and not any(one.inside for one in seeds):
            why = why or "Set a seed inside of what is looked for first"
        self.run_button.setEnabled(not why)
        self.run_button.setToolTip(why or "Find it in the background")

    def _seeds_of(self, series: Series | None) -> tuple[SeedPoint, ...]:
        return () if series is None else self._session.state.document.reading(series.key).seeds

    def _show_seeds(self, series: Series | None) -> None:
        seeds = self._seeds_of(series)
        inside = sum(one.inside for one in seeds)
        outside = len(seeds) - inside
        words = f"{inside} inside" + (f", {outside} outside" if outside else "")
        self.seed_words.setText(words if seeds else "none yet")
        self.no_seeds.setEnabled(bool(seeds))
        self.no_seeds.setToolTip("Remove all seeds; undo brings them back" if seeds else "There are none")
        tool, before = self._session.view.tool, self._tool
        self._tool = tool
        self.seed.setChecked(tool == "seed")
        if tool not in (before, "seed") and TOOLS[tool].group == PAINT:
            self.end_trying()  # who paints wants to see what is painted
        is_wanted = bool(seeds) and self.method.takes_seeds and self.method.name in QUICK
        if (
            is_wanted
            and not self._is_trying
            and self.preview.isChecked()
            and tool == "seed"
            and seeds != self._used  # they have been found with, and are not tried again
        ):
            self._is_trying = True


def _by_group() -> list[list[Method]]:
    """The methods in the order in which most readers want them."""
    groups = sorted({one.group for one in METHODS}, key=lambda name: (ORDER.get(name, len(ORDER)), name))
    return [[one for one in METHODS if one.group == group] for group in groups]


def _why_no_preset(series: Series | None) -> str:
    if series is None:
        return NO_PICTURE
    return "This needs Hounsfield units: only CT has them"
