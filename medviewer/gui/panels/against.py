"""Two renderings in one viewport: with what, in which way, and what that way can be told."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from medviewer.core.against import Against, SignedScale, Way
from medviewer.core.voi import digits_for
from medviewer.gui.availability import NO_PICTURE
from medviewer.gui.forms import Editor, editor_for
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.widgets.icon_button import IconButton
from medviewer.gui.widgets.number import NumberField
from medviewer.gui.widgets.slider import QuietComboBox, Slider
from medviewer.kit.errors import BadValue
from medviewer.session.against import suggested
from medviewer.session.command import COMMANDS
from medviewer.session.compared import Offer, offers
from medviewer.session.session import Session
from medviewer.session.state import State

DOUBLINGS = 4.0
"""The range of a difference goes from so many halvings of the usual one to so many doublings."""
FIELD_PX = 84
KNOBS = {Way.WIPE: "divide", Way.FLICKER: "rate", Way.LENS: "radius", Way.BLEND: "opacity"}
"""The command with the one number of each way."""


class AgainstForm(QWidget):
    """With what the active picture is compared, and how."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._offers: tuple[Offer, ...] = ()
        self._why_none = ""
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        self.ways = {way: self._way_button(way) for way in Way}
        line = QHBoxLayout()
        line.setSpacing(4)
        for button in self.ways.values():
            line.addWidget(button)
        line.addStretch()
        rows.addLayout(line)
        self.with_what = QuietComboBox("Compare with")
        self.with_what.setToolTip("What is seen together with the active picture")
        self.with_what.activated.connect(lambda _: self._choose())
        rows.addWidget(self.with_what)
        self.knobs = {way: self._knob(name) for way, name in KNOBS.items()}
        for knob in self.knobs.values():
            rows.addWidget(knob)
        self.turn = self._button("Turn the divider", "against.turn")
        self.pause = self._button("Pause", "against.pause")
        self.pause.setCheckable(True)
        self.swap = self._button("Show the other", "against.swap")
        for plain in (self.turn, self.pause, self.swap):
            rows.addWidget(plain)
        self.span = SpanForm(session)
        rows.addWidget(self.span)
        self.says = plain_label("", "muted", wrap=True)
        rows.addWidget(self.says)

    def list_offers(self) -> None:
        """Offer what the active picture can be compared with."""
        self._offers = offers(self.session, self.session.view.active)
        self._why_none = self._nothing()
        titles = [one.title for one in self._possible]
        if titles != [self.with_what.itemText(at) for at in range(self.with_what.count())]:
            self.with_what.clear()
            self.with_what.addItems(titles)
        self.show_against(self.session.view.current.against)

    def show_against(self, against: Against | None) -> None:
        """Show how the active picture is compared."""
        now = self.session.view.current
        body = now.view3d is not None
        for way, button in self.ways.items():
            button.setEnabled(
                now.series is not None and not body and not (against is None and self._why_none)
            )
            button.setChecked(against is not None and against.way is way)
        self.with_what.setVisible(against is not None)
        shown = None if against is None else against.way
        for kind, knob in self.knobs.items():
            knob.setVisible(kind is shown)
        self.turn.setVisible(shown is Way.WIPE)
        self.pause.setVisible(shown is Way.FLICKER)
        self.swap.setVisible(shown is Way.FLICKER)
        self.span.setVisible(shown is Way.DIFFERENCE)
        self._say(against, now.series is not None, body)
        if against is None:
            return
        at = next((at for at, one in enumerate(self._possible) if one.is_of(against)), -1)
        self.with_what.setCurrentIndex(at)
        values = {
            Way.WIPE: against.at,
            Way.FLICKER: against.rate,
            Way.LENS: against.radius,
            Way.BLEND: against.opacity,
        }
        if against.way in values:
            self.knobs[against.way].show_value(values[against.way])
        self.pause.setChecked(against.paused)
        self.span.show_scale(self.session.rendering.comparing.scale(self.session.view.active), against.span)

    def _nothing(self) -> str:
        """Why there is nothing to compare the active picture with, "" when there is."""
        if self.session.view.current.series is None:
            return NO_PICTURE
        try:
            suggested(self.session, self.session.view.active, Way.WIPE)
        except BadValue as trouble:
            return str(trouble)
        return ""

    @property
    def _possible(self) -> list[Offer]:
        return [one for one in self._offers if not one.why_not]

    def _say(self, against: Against | None, has_picture: bool, body: bool) -> None:
        words = "One picture in one viewport, rendered in two ways, pixel on pixel."
        if not has_picture:
            words = NO_PICTURE
        elif body:
            words = "Switch 3-D off first."
        elif against is None and self._why_none:
            words = self._why_none
        elif against is not None:
            reasons = dict.fromkeys(one.why_not for one in self._offers if one.why_not)
            words = "\n".join(f"Not offered: {reason}" for reason in reasons)
        self.says.setText(words)
        self.says.setVisible(bool(words))

    def _choose(self) -> None:
        at = self.with_what.currentIndex()
        if 0 <= at < len(self._possible):
            one = self._possible[at]
            run(
                self.session,
                "against.other",
                kind=one.other.value,
                viewport=one.viewport,
                series=one.series,
            )
        self.show_against(self.session.view.current.against)

    def _way_button(self, way: Way) -> IconButton:
        name = f"against.{way.value}"
        found = COMMANDS[name]
        button = IconButton(
            found.icon,
            with_key(f"{found.title}: {found.help}", name),
            lambda: self._run(name),
        )
        button.setAccessibleName(found.title)
        button.setCheckable(True)
        return button

    def _run(self, name: str) -> None:
        run(self.session, name)
        # a command that was refused has left the button pressed
        self.show_against(self.session.view.current.against)

    def _button(self, title: str, name: str) -> QPushButton:
        button = QPushButton(title)
        button.setAccessibleName(title)
        button.setToolTip(with_key(COMMANDS[name].help, name))
        button.clicked.connect(lambda _=False: self._run(name))
        return button

    def _knob(self, name: str) -> Editor:
        found = COMMANDS[f"against.{name}"]
        knob = editor_for(found.parameters[0])
        knob.setToolTip(found.help)
        knob.changed.connect(lambda key, value, _: run(self.session, found.name, **{key: value}))
        return knob


class SpanForm(QWidget):
    """Which difference has the strongest colour: a track, and a field with its unit."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._scale: SignedScale | None = None
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(8)
        self.slider = Slider("Range of the difference", -DOUBLINGS, DOUBLINGS, 0.05)
        self.slider.setToolTip(
            "Which difference has the strongest colour; a double click: the picture decides"
        )
        self.slider.moved.connect(lambda doublings, _: self._moved(doublings))
        self.slider.reset.connect(lambda: run(session, "against.span", span=0.0))
        self.field = NumberField("Range of the difference, number", minimum=1e-9, decimals=9)
        self.field.setFixedWidth(FIELD_PX)
        self.field.entered.connect(lambda value: run(session, "against.span", span=value))
        self.unit = plain_label("", "muted", wrap=True)
        self.automatic = QPushButton("Automatic range")
        self.automatic.setAccessibleName(self.automatic.text())
        self.automatic.setToolTip("A round number that nearly all differences of this picture keep to")
        self.automatic.clicked.connect(lambda: run(session, "against.span", span=0.0))
        label = plain_label("Range, plus and minus")
        label.setBuddy(self.slider)
        grid.addWidget(label, 0, 0, 1, 2)
        grid.addWidget(self.slider, 1, 0)
        grid.addWidget(self.field, 1, 1)
        grid.addWidget(self.unit, 2, 0, 1, 2)
        grid.addWidget(self.automatic, 3, 0, 1, 2)
        grid.setColumnStretch(0, 1)

    def show_scale(self, scale: SignedScale | None, wanted: float) -> None:
        """Show what the colours mean at this moment, and the range that is *wanted*; 0: automatic.

        Without a *scale* the first picture is still being made.
        """
        self._scale = scale
        for widget in (self.slider, self.field):
            widget.setEnabled(scale is not None)
        self.automatic.setEnabled(wanted > 0)
        if scale is None:
            return
        span = wanted or scale.usual
        self.slider.show_number(math.log2(span / scale.usual))
        self.field.show_number(span, digits_for(span))
        self.unit.setText(scale.unit)

    def _moved(self, doublings: float) -> None:
        if self._scale is not None:
            run(self.session, "against.span", span=self._scale.usual * 2**doublings)


def seen(state: State) -> tuple[object, ...]:
    """All that decides what the form offers."""
    view = state.view
    readings = state.document.readings
    return (
        state.studies,
        view.active,
        view.shown,
        tuple(
            (one.series, one.recipe, one.enhanced, one.cut, one.index, one.view3d)
            for one in (view.viewports[number] for number in view.shown)
        ),
        tuple((key, reading.pipeline) for key, reading in readings.items()),
    )
