"""The series above the picture: which one, how opaque, in which colours, through which window."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QPushButton, QVBoxLayout, QWidget

from medviewer.core.fusion import Fusion
from medviewer.core.study import Series
from medviewer.core.voi import digits_for
from medviewer.gui.availability import NO_PICTURE
from medviewer.gui.forms import editor_for
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.widgets.color_choice import ColorChoice
from medviewer.gui.widgets.slider import QuietComboBox
from medviewer.gui.widgets.window_fields import WindowFields
from medviewer.imaging.grayscale import effective_voi
from medviewer.session.command import COMMANDS
from medviewer.session.commands.fusion import LED, why_not
from medviewer.session.dimension import value_of
from medviewer.session.laid import fusion_of, leader_of
from medviewer.session.session import Session

PATIENCE_MS = 120
NOTHING = "Nothing"


class FusionForm(QWidget):
    """Which series lies above the picture, and how it is seen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._timer.timeout.connect(self._look_again)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        self.series = QuietComboBox("Series above the picture")
        self.series.activated.connect(lambda _: self._choose())
        rows.addWidget(self.series)
        self._none = plain_label("", "muted", wrap=True)
        rows.addWidget(self._none)
        self.look = QWidget()
        inside = QVBoxLayout(self.look)
        inside.setContentsMargins(0, 0, 0, 0)
        self.value = QuietComboBox("Value of the series above")
        self.value.activated.connect(lambda at: run(session, "fusion.value", number=at + 1))
        inside.addWidget(self.value)
        self._led = plain_label(LED, "muted", wrap=True)
        inside.addWidget(self._led)
        self.opacity = editor_for(COMMANDS["fusion.opacity"].parameters[0])
        self.opacity.changed.connect(lambda _, value, drag: run(session, "fusion.opacity", opacity=value))
        inside.addWidget(self.opacity)
        self.colors = ColorChoice("Colour map of the series above")
        self.colors.activated.connect(lambda _: run(session, "fusion.colors", name=self.colors.name))
        inside.addWidget(self.colors)
        self.fades = QCheckBox("Low values fade out")
        self.fades.setAccessibleName(self.fades.text())
        self.fades.setToolTip("The series above becomes transparent towards the dark end of its window")
        self.fades.clicked.connect(lambda on: run(session, "fusion.fades", on=on))
        inside.addWidget(self.fades)
        self._add_window(inside)
        rows.addWidget(self.look)

    def list_series(self) -> None:
        """Offer the open series that have a place in common with the picture."""
        below = self.session.series(self.session.view.current.series)
        self.series.clear()
        self.series.addItem(NOTHING, "")
        others = [one for study in self.session.state.studies for one in study.series if one.count]
        for one in others:
            if below is not None and not why_not(self.session, below, one):
                self.series.addItem(_title(one), one.key)
        there = self.series.count() > 1
        self.series.setVisible(there)
        self._none.setVisible(not there)
        self._none.setText(NO_PICTURE if below is None else _why_none(self.session, below, others))
        self.show_fusion(self.session.view.current.fusion)

    def show_fusion(self, fusion: Fusion | None) -> None:
        """Show what lies above the picture."""
        self.series.setCurrentIndex(max(0, self.series.findData(fusion.series if fusion else "")))
        self.look.setVisible(fusion is not None and self.series.count() > 1)
        if fusion is None:
            return
        self._show_value()
        self.opacity.show_value(fusion.opacity)
        self.colors.show_name(fusion.colors)
        self.fades.setChecked(fusion.fades)
        self._show_window(fusion)

    def _show_value(self) -> None:
        """Which time, phase or b-value lies above, where there are several; a viewport may lead."""
        fusion = fusion_of(self.session, self.session.view.current)
        series = None if fusion is None else self.session.series(fusion.series)
        several = series is not None and series.dimension is not None
        led = series is not None and several and leader_of(self.session, series) is not None
        self.value.setVisible(several)
        self.value.setEnabled(not led)
        self._led.setVisible(led)
        if fusion is None or series is None or series.dimension is None:
            return
        names = [series.dimension.words(number) for number in range(len(series.dimension.values))]
        if names != [self.value.itemText(at) for at in range(self.value.count())]:
            self.value.clear()
            self.value.addItems(names)
        self.value.setCurrentIndex(value_of(series, fusion.index))

    def _add_window(self, inside: QVBoxLayout) -> None:
        fields = WindowFields(" of the series above", self._set_window)
        self.center, self.width_field, self._units = fields.center, fields.width, fields.units
        for field in (self.center, self.width_field):
            field.refused.connect(self._refuse)
        inside.addLayout(fields)
        self._words = plain_label("", "error", wrap=True)
        self._words.hide()
        inside.addWidget(self._words)
        self.own = QPushButton("Window of the file")
        self.own.setAccessibleName("Window of the file for the series above")
        self.own.setToolTip("The window that its file offers, else one from all its values")
        self.own.clicked.connect(lambda: run(self.session, "fusion.window", center=0.0, width=0.0))
        inside.addWidget(self.own)

    def _show_window(self, fusion: Fusion) -> None:
        frame = self.session.rendering.fused(self.session.view.active)
        voi = fusion.voi if frame is None else effective_voi(frame, fusion.voi)
        voi = voi.as_window()
        if frame is None:
            self._timer.start()  # the stack is still being built
        if not voi.is_known:
            return
        digits = digits_for(voi.width)
        self.center.show_number(voi.center, digits)
        self.width_field.show_number(voi.width, digits)
        for label in self._units:
            label.setText("" if frame is None else frame.rescale.unit)

    def _look_again(self) -> None:
        fusion = self.session.view.current.fusion
        if fusion is not None and self.isVisible():
            self._show_window(fusion)

    def _choose(self) -> None:
        key = self.series.currentData()
        if not key:
            run(self.session, "fusion.off")
            return
        now = self.session.view.current.fusion or Fusion("")
        run(self.session, "fusion.set", series=key, colors=now.colors, opacity=now.opacity)

    def _set_window(self) -> None:
        center, width = self.center.number(0.0), self.width_field.number(1.0)
        run(self.session, "fusion.window", center=center, width=width)

    def _refuse(self, why: str) -> None:
        self._words.setText(why)
        self._words.setVisible(bool(why))


def _why_none(session: Session, below: Series, others: list[Series]) -> str:
    """Why none of the open series can lie above this one."""
    reasons = dict.fromkeys(why_not(session, below, one) for one in others if one.key != below.key)
    if not reasons:
        return "No other series is open."
    return " ".join(("None of the other open series can lie above this one.", *reasons))


def _title(series: Series) -> str:
    return f"{series.modality}  {series.description or series.number or ''}".strip()
