"""The overlays and the shutter of the shown picture, listed when their menu is opened."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QMenu, QWidget

from medviewer.core.beside_pixels import SHUTTER, OverlayPlane
from medviewer.gui.messages import run
from medviewer.session.session import Session


class OverlayMenu(QMenu):
    """Switches them one by one, or all overlays together."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Overlays of the file", parent)
        self._session = session
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """List what the shown picture has just now."""
        self.clear()
        now = self._session.view.current
        frame = self._session.rendering.frame(now)
        overlays = () if frame is None else frame.overlays
        if not overlays and (frame is None or frame.shutter is None):
            words = "The file brings none" if frame is not None else "No picture is shown"
            self.addAction(words).setEnabled(False)
            return
        if overlays:
            is_any = any(one.group not in now.hidden_overlays for one in overlays)
            self._add("All overlays", is_any, "view.overlays")
            self.addSeparator()
        for one in overlays:
            is_on = one.group not in now.hidden_overlays
            self._add(overlay_title(one), is_on, "view.overlay", group=one.group, on=not is_on)
        if frame is not None and frame.shutter is not None:
            self._add("Shutter", SHUTTER not in now.hidden_overlays, "view.shutter")

    def _add(self, title: str, is_on: bool, name: str, **values: Any) -> None:
        action = self.addAction(title.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(is_on)
        action.triggered.connect(partial(_run, self._session, name, values))


def overlay_title(plane: OverlayPlane) -> str:
    """What an overlay is called: by its label, else by its group."""
    name = plane.label.strip() or f"Overlay {plane.group:04X}"
    return f"{name} (region)" if plane.is_region else name


def _run(session: Session, name: str, values: dict[str, Any], _: bool = False) -> None:
    run(session, name, **values)
