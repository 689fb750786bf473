"""How the brush paints: its size, how deep, on which values; for the panel of labels."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from medviewer.core.geometry import Calibration
from medviewer.gui.availability import NO_PICTURE, ONE_PICTURE
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.tools import TOOLS
from medviewer.gui.tools.painting import GROUP
from medviewer.gui.widgets.icon_button import IconButton
from medviewer.gui.widgets.number import NumberField
from medviewer.gui.widgets.slider import Slider
from medviewer.session.commands.paint import LARGEST, SIZES, SMALLEST
from medviewer.session.session import Session

FIELD_PX = 64
NO_SCALE = "The file does not say how large a pixel is: the brush is measured in pixels"
LEFT_ALONE = (
    "Each label by itself, all of its islands together; slices on which it is painted stay as they are,\n"
    "and so does what other labels hold, unless “Over other labels” is on"
)
SWITCHES = (
    (
        "ball",
        "Ball: through the slices too",
        "The brush is a ball, not a disc; fill and scissors work through the stack as well",
    ),
    (
        "adaptive",
        "Adaptive: only what is like its middle",
        "Paint only what is connected with the middle of the brush and has values like those there",
    ),
    (
        "over_others",
        "Over other labels",
        "Off: only what has no label yet is painted; locked labels never are",
    ),
)


class PaintingForm(QWidget):
    """The tools that paint and the settings of the brush; `show_state` brings them up to date."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        rows.addLayout(self._tools())
        rows.addLayout(self._size())
        self.switches: dict[str, QCheckBox] = {}
        for name, words, tip in SWITCHES:
            box = self.switches[name] = _box(words, tip)
            box.clicked.connect(lambda on, name=name: run(session, "paint.brush", **{name: on}))
            rows.addWidget(box)
        rows.addLayout(self._limits())
        rows.addLayout(self._between())
        self.show_state()

    def show_state(self) -> None:
        """Show the brush and the tool as they are now."""
        view = self.session.view
        brush = view.brush
        for name, button in self.tools.items():
            button.setChecked(view.tool == name)
        # in three dimensions the brush is as large as on the slices
        plane = self.session.rendering.plane(replace(view.current, view3d=None))
        # without any scale a millimetre is the width of a pixel
        in_pixels = plane is not None and plane.ruler[1] is Calibration.NONE
        self.unit.setText("px" if in_pixels else "mm")
        self.unit.setToolTip(NO_SCALE if in_pixels else "")
        self.diameter.show_number(brush.diameter)
        self.track.show_number(min(range(len(SIZES)), key=lambda at: abs(SIZES[at] - brush.diameter)))
        shown = {"ball": brush.is_ball, "adaptive": brush.adaptive, "over_others": brush.over_others}
        for name, box in self.switches.items():
            box.setChecked(shown[name])
        self.limited.setChecked(brush.limits is not None)
        for field, value in zip((self.low, self.high), brush.limits or (None, None), strict=True):
            field.setEnabled(brush.limits is not None)
            field.show_nothing() if value is None else field.show_number(value)
        series = self.session.series(view.current.series)
        for needing, tip, how_many in self._needing_pictures:
            why = NO_PICTURE if series is None else "" if series.count >= how_many else ONE_PICTURE
            needing.setEnabled(not why)
            needing.setToolTip(f"{tip}\n{why}" if why else tip)

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.tools: dict[str, IconButton] = {}
        for one in (kind for kind in TOOLS if kind.group == GROUP):
            tip = f"{with_key(one.title, 'view.tool', name=one.name)}\n{one.help}"
            button = IconButton(one.icon, tip, partial(self._choose, one.name))
            button.setCheckable(True)
            button.setAccessibleName(one.title)
            self.tools[one.name] = button
            row.addWidget(button)
        row.addStretch()
        return row

    def _choose(self, name: str) -> None:
        run(self.session, "view.tool", name=name)
        self.show_state()  # a tool that was chosen already stays so

    def _size(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        self.track = Slider("Diameter of the brush", 0, len(SIZES) - 1, 1)
        tip = with_key(with_key("Diameter of the brush", "paint.size", by=-1), "paint.size", by=1)
        self.track.setToolTip(f"{tip}\nor the wheel with Ctrl and Shift over the picture")
        self.track.moved.connect(
            lambda at, _: run(self.session, "paint.brush", diameter=float(SIZES[round(at)]))
        )
        self.diameter = NumberField("Diameter of the brush", SMALLEST, LARGEST, decimals=1)
        self.diameter.setFixedWidth(FIELD_PX)
        self.diameter.entered.connect(self._set_diameter)
        label = plain_label("Diameter")
        label.setBuddy(self.diameter)
        self.unit = plain_label("mm", "muted")
        inside: tuple[QWidget, ...] = (label, self.track, self.diameter, self.unit)
        for at, widget in enumerate(inside):
            grid.addWidget(widget, 0, at)
        grid.setColumnStretch(1, 1)
        return grid

    def _set_diameter(self, millimetres: float) -> None:
        run(self.session, "paint.brush", diameter=millimetres)

    def _limits(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        self.limited = _box("Only some values", "Paint only where the modality value lies between these two")
        self.limited.clicked.connect(self._limit)
        self.low = NumberField("Lowest value that is painted")
        self.high = NumberField("Highest value that is painted")
        for field in (self.low, self.high):
            field.entered.connect(lambda _: self._set_limits())
        self.from_window = QPushButton("From window")
        tip = "Paint only what the window shows between black and white"
        self.from_window.clicked.connect(lambda: run(self.session, "paint.limits_from_window"))
        grid.addWidget(self.limited, 0, 0, 1, 2)
        grid.addWidget(self.from_window, 0, 2)
        inside: tuple[QWidget, ...] = (self.low, plain_label("to"), self.high)
        for at, widget in enumerate(inside):
            grid.addWidget(widget, 1, at)
        self._needing_pictures = [(self.from_window, tip, 1)]
        return grid

    def _between(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(6)
        self.interpolate = QPushButton("Interpolate between slices")
        self.interpolate.setAccessibleName("Interpolate between slices")
        self.interpolate.clicked.connect(lambda: run(self.session, "paint.interpolate"))
        tip = with_key("Interpolate between the slices on which the label is painted", "paint.interpolate")
        tip += f"\n{LEFT_ALONE}"
        self._needing_pictures.append((self.interpolate, tip, 2))
        grid.addWidget(self.interpolate, 0, 0, 1, 3)
        grid.addWidget(plain_label("Copy to"), 1, 0)
        for at, (words, by) in enumerate((("Slice before", -1), ("Next slice", 1)), 1):
            button = QPushButton(words)
            button.setAccessibleName(f"Copy the label to the {words.lower()}")
            button.clicked.connect(lambda _=False, by=by: run(self.session, "paint.copy", by=by))
            tip = with_key(
                f"Add what the label holds here to the {words.lower()}, and go there", "paint.copy", by=by
            )
            self._needing_pictures.append((button, tip, 2))
            grid.addWidget(button, 1, at)
            grid.setColumnStretch(at, 1)
        return grid

    def _limit(self, on: bool) -> None:
        run(self.session, "paint.limits_from_window" if on else "paint.no_limits")
        self.show_state()

    def _set_limits(self) -> None:
        low, high = self.low.number(0.0), self.high.number(0.0)
        run(self.session, "paint.limits", low=low, high=high)


def _box(words: str, tip: str) -> QCheckBox:
    box = QCheckBox(words)
    box.setToolTip(tip)
    box.setAccessibleName(words)
    return box
