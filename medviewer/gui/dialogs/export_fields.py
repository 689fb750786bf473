"""The fields of a series' export: what, which pictures, how they look; only what fits the kind is shown."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from medviewer.gui.dialogs.export_forms import (
    ALONG,
    FORMS,
    MOVIE,
    PICTURES,
    SHEET,
    SIDES,
    VALUES,
    VOLUME,
    Form,
)
from medviewer.gui.dialogs.fields import menu, tick
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import counted
from medviewer.gui.widgets.number import NumberField
from medviewer.session.exporting.roll import Choice, Sides, Through, frame_rate
from medviewer.session.pictures import Look
from medviewer.session.planes import place_in_stack
from medviewer.session.session import Session

FIELD_PX = 72


class ExportFields(QWidget):
    """Tells what the command of the chosen kind gets, without the place."""

    changed = Signal()
    kind_changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.kind = menu("Write", "What is written", [one.title for one in FORMS])
        self.along = menu("Pictures", "Which pictures follow one another", self._along())
        self.first = _number("First picture", "Counted from 1", 1)
        self.last = _number("Last picture", "Counted from 1", 1)
        self.every = _number("Every how many pictures", "2 leaves out every second one", 1)
        self.sides = menu("Show", "Which rendering is seen", [words for _, words in SIDES])
        self.rate = NumberField("Pictures a second", 0.2, 60, 1)
        self.columns = _number("Columns", "Pictures beside each other", 1, 20)
        self.tile = _number("Width of each picture", "In pixels, 64 to 1024", 64, 1024)
        self.scale = NumberField("Size, times the picture's own", 0.1, 8, 2)
        self.annotations = tick("Annotations", "What was drawn and measured", True)
        self.overlay = tick("Labels", "Labels of readers and models", True)
        self.text = tick("Corner text and scale", "Window, slice, orientation", True)
        self.as_on_screen = tick("As on the screen", "Zoomed and moved as the viewport shows it")
        self.identity = tick("Patient's name and ID", "Left out unless you say so")
        self.ticks = (self.annotations, self.overlay, self.text, self.as_on_screen, self.identity)
        self._fill()
        self._arrange()
        self._connect()
        self._show_fitting()

    @property
    def form(self) -> Form:
        """The chosen kind."""
        return FORMS[self.kind.currentIndex()]

    @property
    def choice(self) -> Choice:
        """Which pictures, and what is on them."""
        asked = self.values
        look = Look(*(bool(asked.get(name)) for name in ("annotations", "overlay", "text", "identity")))
        return Choice(
            through=Through(asked.get("through", "places")),
            first=asked.get("first", 1),
            last=asked.get("last", 0),
            step=asked.get("step", 1),
            sides=Sides(asked.get("sides", "original")),
            look=look,
            scale=asked.get("scale", 1.0),
            as_on_screen=asked.get("as_on_screen", False),
        )

    @property
    def values(self) -> dict[str, Any]:
        """What the command gets."""
        form, along = self.form, ALONG[self.along.currentIndex()]
        if form.command == VOLUME:
            return {"every_value": along == "everything"}
        values = {
            **form.values,
            "through": along,
            "first": int(self.first.number(1)),
            "last": int(self.last.number(0)),
            "step": int(self.every.number(1)),
        }
        if not form.is_seen:
            return values
        values |= {
            "sides": SIDES[self.sides.currentIndex()][0],
            "annotations": self.annotations.isChecked(),
            "overlay": self.overlay.isChecked(),
            "text": self.text.isChecked(),
            "identity": self.identity.isChecked(),
            "as_on_screen": self.as_on_screen.isChecked(),
        }
        if form.command == MOVIE:
            values["rate"] = self.rate.number(15.0)
        if form.command == SHEET:
            return {**values, "columns": int(self.columns.number(5)), "tile": int(self.tile.number(256))}
        return {**values, "scale": self.scale.number(1.0)}

    @property
    def can_be_in_the_way(self) -> bool:
        """Whether a folder is written, in which other files may stand."""
        return self.form.command in (PICTURES, VALUES)

    def _along(self) -> list[str]:
        series = self._session.series(self._session.view.current.series)
        stack = f"The stack, {counted(self._count(), 'picture')}"
        if series is None or series.dimension is None:
            return [stack]
        values = len(series.dimension.values)
        return [
            stack,
            f"{series.dimension.name} at this place, {counted(values, 'picture')}",
            f"The stack at each of these, {counted(self._count() * values, 'picture')}",
        ]

    def _count(self) -> int:
        """How many pictures or planes the viewport can go through."""
        return max(place_in_stack(self._session, self._session.view.current)[1], 1)

    def _fill(self) -> None:
        numbers = ((self.first, 1), (self.last, self._count()), (self.every, 1), (self.columns, 5),
                   (self.tile, 256), (self.rate, frame_rate(self._session)), (self.scale, 1))  # fmt: skip
        for field, number in numbers:
            field.show_number(float(number))
        now = self._session.view.current
        pipeline = now.recipe or self._session.rendering.pipeline(now.series)
        self.sides.setEnabled(bool(pipeline.active))
        if not pipeline.active:
            self.sides.setToolTip("Nothing is enhanced here, so there is one rendering only")

    def _arrange(self) -> None:
        self.range = QWidget()
        line = QHBoxLayout(self.range)
        line.setContentsMargins(0, 0, 0, 0)
        for word, field in (("", self.first), ("to", self.last), ("every", self.every)):
            if word:
                line.addWidget(plain_label(word, "muted"))
            line.addWidget(field)
        line.addStretch()
        self.rows = QFormLayout()
        self.rows.setHorizontalSpacing(16)
        self.rows.setVerticalSpacing(8)
        for label, widget in (
            ("Write", self.kind),
            ("Pictures", self.along),
            ("From", self.range),
            ("Show", self.sides),
            ("A second", self.rate),
            ("Columns", self.columns),
            ("Width, px", self.tile),
            ("Size, times", self.scale),
        ):
            self.rows.addRow(plain_label(label), widget)
        for field in (self.first, self.last, self.every, self.rate, self.columns, self.tile, self.scale):
            field.setFixedWidth(FIELD_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self.rows)
        for box in self.ticks:
            layout.addWidget(box)

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(lambda _: self._show_fitting())
        for choice in (self.along, self.sides):
            choice.currentIndexChanged.connect(lambda _: self._tell())
        for field in (self.first, self.last, self.every, self.rate, self.columns, self.tile, self.scale):
            field.entered.connect(lambda _: self._tell())
        for box in self.ticks:
            box.toggled.connect(lambda _: self._tell())

    def _tell(self) -> None:
        self.changed.emit()

    def _show_fitting(self) -> None:
        """Show what belongs to the kind."""
        form = self.form
        seen, sheet = form.is_seen, form.command == SHEET
        fitting = {
            self.range: form.command != VOLUME,
            self.sides: seen,
            self.rate: form.command == MOVIE,
            self.columns: sheet,
            self.tile: sheet,
            self.scale: seen and not sheet,
        }
        for widget, is_fitting in fitting.items():
            self.rows.setRowVisible(widget, is_fitting)
        for box in self.ticks:
            box.setVisible(seen)
        self.text.setChecked(not sheet)  # on small pictures words would hide more than they tell
        self.kind_changed.emit()


def _number(label: str, tip: str, lowest: float, highest: float | None = None) -> NumberField:
    field = NumberField(label, lowest, highest, 0, whole=True)
    field.setToolTip(tip)
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    return field
