"""Colours: the map of the picture, what its file lays over it, and a second series above it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QColorDialog, QPushButton, QVBoxLayout, QWidget

from medviewer.core.beside_pixels import SHUTTER
from medviewer.core.volume import Frame
from medviewer.gui.availability import NO_PICTURE
from medviewer.gui.labels import plain_label
from medviewer.gui.messages import run
from medviewer.gui.overlay_menu import overlay_title
from medviewer.gui.panels.fusion import FusionForm
from medviewer.gui.panels.panel import Panel, panel
from medviewer.gui.widgets.color_choice import ColorChoice
from medviewer.gui.words import plain_tip
from medviewer.session.commands.color import COLOR_ALREADY
from medviewer.session.session import Session
from medviewer.session.state import State

PATIENCE_MS = 120


@panel("colours", "Colours", order=15, icon="colors")
class ColorPanel(Panel):
    """In which colours the picture is shown, and what lies over it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.section("Colour map")
        self.colors = ColorChoice("Colour map of the picture", with_grey=True)
        self.colors.activated.connect(
            lambda _: run(self.session, "view.colors", name=self.colors.name or "grey")
        )
        self.body.addWidget(self.colors)
        self._why = plain_label("", "muted", wrap=True)
        self.body.addWidget(self._why)
        self.section("From the file")
        self.file = FileSwitches(session)
        self.body.addWidget(self.file)
        self.section("A series above the picture")
        self.fusion = FusionForm(session)
        self.body.addWidget(self.fusion)
        self.body.addStretch()
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._timer.timeout.connect(self._look_at_picture)
        self.watch(_place, lambda _: self._show())
        self.watch(_series, lambda _: self.fusion.list_series())
        self.watch(_looks, lambda _: self._show_looks())

    def _show(self) -> None:
        """Another picture: what its file brings when it is decoded."""
        if self.session.rendering.frame(self.session.view.current) is not None:
            self._look_at_picture()
        else:
            self._timer.start()

    def _show_looks(self) -> None:
        now = self.session.view.current
        self.colors.show_name(now.colors)
        self.file.show_switches(now.hidden_overlays)
        self.fusion.show_fusion(now.fusion)

    def _look_at_picture(self) -> None:
        now = self.session.view.current
        frame = self.session.rendering.frame(now)
        if frame is None and now.series is not None and now.view3d is None and self.isVisible():
            self._timer.start()  # it is still being decoded
        reason = NO_PICTURE if now.series is None else COLOR_ALREADY if frame and frame.is_color else ""
        self.colors.setEnabled(not reason)
        self.colors.setToolTip(reason or "The colours in which greys are shown, after the window")
        self._why.setText(reason)
        self._why.setVisible(bool(reason))
        self.file.show_frame(frame)
        self._show_looks()


class FileSwitches(QWidget):
    """A switch for each overlay of the shown picture, and for its shutter."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._known: tuple[tuple[int, str], ...] | None = None
        self.boxes: dict[int, QCheckBox] = {}
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._nothing = plain_label("The file brings no overlay and no shutter.", "muted", wrap=True)
        self._rows.addWidget(self._nothing)
        self.color = QPushButton("Colour of overlays…")
        self.color.setAccessibleName("Colour of overlays")
        self.color.setToolTip("The colour in which overlays of files are drawn, from now on")
        self.color.clicked.connect(self._ask_color)
        self._rows.addWidget(self.color)

    def show_frame(self, frame: Frame | None) -> None:
        """Offer the switches that a picture needs."""
        found = () if frame is None else tuple((one.group, overlay_title(one)) for one in frame.overlays)
        if frame is not None and frame.shutter is not None:
            found = (*found, (SHUTTER, "Shutter"))
        if found != self._known:
            self._known = found
            self._build(found)
        self._nothing.setVisible(not found)
        self.color.setVisible(any(group != SHUTTER for group, _ in found))

    def show_switches(self, hidden: tuple[int, ...]) -> None:
        """Show which of them are on."""
        for group, box in self.boxes.items():
            box.setChecked(group not in hidden)

    def _build(self, found: tuple[tuple[int, str], ...]) -> None:
        for box in self.boxes.values():
            box.hide()
            box.deleteLater()
        self.boxes = {group: QCheckBox(plain_tip(title).replace("&", "&&")) for group, title in found}
        for at, (group, box) in enumerate(self.boxes.items()):
            box.setAccessibleName(dict(found)[group])
            if group == SHUTTER:
                box.setToolTip("Covers what the file wants covered; it does not hide a name from anybody")
                box.clicked.connect(lambda _=False: run(self.session, "view.shutter"))
            else:
                box.setToolTip(f"Overlay plane {group:04X} of the file")
                box.clicked.connect(lambda on, group=group: self._switch(group, on))
            self._rows.insertWidget(at, box)

    def _switch(self, group: int, on: bool) -> None:
        run(self.session, "view.overlay", group=group, on=on)

    def _ask_color(self) -> None:
        now = QColor(self.session.view.overlay_color)
        chosen = QColorDialog.getColor(now, self, "Colour of overlays")
        if chosen.isValid():
            run(self.session, "settings.set", overlay_color=chosen.name())


def _place(state: State) -> tuple[Any, ...]:
    now = state.view.current
    return (now.series, now.index, now.cut, now.presentation, state.view.active, now.view3d is None)


def _looks(state: State) -> tuple[Any, ...]:
    now = state.view.current
    # a viewport that shows the series above says which of its values is meant
    others = tuple((one.series, one.index) for one in state.view.viewports) if now.fusion else ()
    return (now.colors, now.hidden_overlays, now.fusion, state.view.active, state.view.shown, others)


def _series(state: State) -> tuple[Any, ...]:
    return (state.studies, state.view.current.series)
