"""Planes through the stack: which one, how thick, and straight again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QCheckBox, QGridLayout, QPushButton, QWidget

from medviewer.core.cut import Cut
from medviewer.gui.forms import Form
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.panels.panel import Panel, panel
from medviewer.imaging.measure import position_words
from medviewer.kit.params import Parameter
from medviewer.session.command import COMMANDS
from medviewer.session.commands.planes import SLABS
from medviewer.session.planes import place_in_stack, tilt, why_no_planes
from medviewer.session.session import Session
from medviewer.session.state import State

NAMES = ("axial", "coronal", "sagittal", "acquired")
WORDS = {"mean": "Mean of the slab", "max": "Largest value (MIP)", "min": "Smallest value (MinIP)"}


@panel("planes", "Planes", order=35, icon="planes")
class PlanesPanel(Panel):
    """Which plane the active viewport shows, and its slab."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.section("Side by side")
        self.side_by_side = QPushButton("Axial, coronal and sagittal")
        self.side_by_side.setCheckable(True)
        self.side_by_side.clicked.connect(self._arrange)
        self.body.addWidget(self.side_by_side)
        self.straight = QPushButton("Straighten turned planes")
        self.straight.clicked.connect(lambda: run(session, "plane.straight"))
        self.body.addWidget(self.straight)
        self.section("This viewport")
        self._add_names()
        self._place = plain_label("", "muted", wrap=True)
        self.body.addWidget(self._place)
        self.section("Slab")
        self._add_slab()
        self.section("Lines")
        self.lines = QCheckBox("Where other pictures cross")
        self.lines.setToolTip(
            with_key("Draw planes, and the slice in use, as lines over the others", "view.reference_lines")
        )
        self.lines.setAccessibleName("Draw where other pictures cross")
        self.lines.clicked.connect(lambda: run(session, "view.reference_lines"))
        self.body.addWidget(self.lines)
        self.body.addWidget(
            plain_label(
                "Drag the crossing to move it, a line to slide that plane, the circle on a line to turn.",
                "muted",
                wrap=True,
            )
        )
        self.body.addStretch()
        for widget in (self.side_by_side, self.straight):
            widget.setAccessibleName(widget.text())
        self.watch(_facts, lambda _: self._show())

    def _add_names(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(6)
        self.buttons: dict[str, QPushButton] = {}
        for at, name in enumerate(NAMES):
            button = QPushButton("As acquired" if name == "acquired" else name.capitalize())
            button.setCheckable(True)
            button.setAccessibleName(f"Show {button.text().lower()} here")
            button.clicked.connect(lambda _=False, name=name: self._choose(name))
            grid.addWidget(button, at // 2, at % 2)
            self.buttons[name] = button
        self.body.addLayout(grid)

    def _add_slab(self) -> None:
        declared = {one.name: one for one in COMMANDS["plane.slab"].parameters}
        self.form = Form(_editable(declared))
        menu = self.form.editors["mode"].menu  # type: ignore[attr-defined]
        for at in range(menu.count()):
            menu.setItemText(at, WORDS[menu.itemData(at)])
        self.form.changed.connect(self._set_slab)
        self.body.addWidget(self.form)
        self.all_planes = QCheckBox("All planes alike")
        self.all_planes.setChecked(True)
        self.all_planes.setAccessibleName(self.all_planes.text())
        self.all_planes.setToolTip("Thickness and kind are set for all planes of this stack")
        self.body.addWidget(self.all_planes)

    def _show(self) -> None:
        view = self.session.view
        now, why = view.current, why_no_planes(self.session, view.current)
        self.side_by_side.setChecked(view.before_planes is not None)
        self.side_by_side.setEnabled(not why or view.before_planes is not None)
        self.side_by_side.setToolTip(
            why or with_key("Show them; once more goes back", "plane.layout", arrangement="2x2")
        )
        shown = "acquired" if now.cut is None else now.cut.name.lower()
        for name, button in self.buttons.items():
            button.setChecked(not why and name == shown)
            button.setEnabled(not why)
            button.setToolTip(why or f"Show this stack {_as(name)} in the active viewport")
        self._place.setText(why or self._place_words())
        turned = any(
            one.cut is not None and tilt(one.cut)[0] > 0 for one in view.viewports[: view.layout.count]
        )
        self.straight.setEnabled(turned)
        self.straight.setToolTip(
            with_key("Bring them back to axial, coronal and sagittal", "plane.straight")
            if turned
            else "No plane has been turned."
        )
        self._show_slab(now.cut)
        self.lines.setChecked(view.reference_lines)

    def _show_slab(self, cut: Cut | None) -> None:
        for widget in (self.form, self.all_planes):
            widget.setEnabled(cut is not None)
        self.form.setToolTip("" if cut is not None else "Acquired slices have the thickness they have.")
        if cut is not None:
            mode = next(word for word, slab in SLABS.items() if slab is cut.slab)
            self.form.show_values({"thickness": cut.thickness, "mode": mode})

    def _place_words(self) -> str:
        view = self.session.view
        at, count = place_in_stack(self.session, view.current)
        words = f"{at + 1} of {count}" if count else ""
        return f"{words}\n{position_words(view.crosshair)}" if view.crosshair else words

    def _arrange(self) -> None:
        now = self.session.view
        grid = "1x3" if now.before_planes is not None and now.layout.rows == 1 else "2x2"
        run(self.session, "plane.layout", arrangement=grid)
        self._show()

    def _choose(self, name: str) -> None:
        run(self.session, "plane.show", name=name)
        self._show()

    def _set_slab(self, values: dict[str, Any], _: str) -> None:
        command = "plane.slab_all" if self.all_planes.isChecked() else "plane.slab"
        run(self.session, command, **values)


def _editable(declared: dict[str, Parameter]) -> tuple[Parameter, Parameter]:
    """Thickness and kind without what stands for "as it is"."""
    thickness, mode = declared["thickness"], declared["mode"]
    words = tuple(word for word in mode.choices if word)
    return (
        replace(thickness, default=0.0, optional=False),
        replace(mode, label="Shows", choices=words, default=words[0]),
    )


def _as(name: str) -> str:
    return "as it was acquired" if name == "acquired" else f"in {name} planes"


def _facts(state: State) -> tuple[object, ...]:
    view = state.view
    cuts = tuple(one.cut for one in view.viewports[: view.layout.count])
    now = view.current
    return (
        now.series,
        now.index,
        cuts,
        view.active,
        view.crosshair,
        view.layout,
        view.before_planes is not None,
        view.reference_lines,
        state.studies,
    )
