"""What a click with the right button offers over a viewport."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QMenu, QWidget

from medviewer.core.annotation import Annotation
from medviewer.core.cut import PLANES
from medviewer.core.vectors import Point
from medviewer.core.view3d import FACES
from medviewer.gui import messages
from medviewer.gui.overlay_menu import OverlayMenu
from medviewer.imaging.colormaps import color_maps
from medviewer.session.bodies import why_no_body
from medviewer.session.commands.window import offered
from medviewer.session.planes import why_no_planes
from medviewer.session.session import Session
from medviewer.session.surfaces.wanted import why_no_surfaces

SHOWN = {"body": "Body", "both": "Body and labels", "labels": "Labels only"}
LAYOUTS = ((1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 3))


class ViewportMenu(QMenu):
    """The menu of the active viewport; over an annotation it begins with what can be done to that."""

    def __init__(
        self,
        session: Session,
        parent: QWidget,
        annotation: Annotation | None = None,
        corners: tuple[str, tuple[Point, ...]] | None = None,
    ) -> None:
        """*corners* are words for a change of the annotation's points, and those points."""
        super().__init__(parent)
        self._session = session
        if annotation is not None:
            self._add_annotation(annotation, corners)
        view = session.view
        if view.copied is not None:
            self._add(self, f"Paste {view.copied.annotation.shape.word}", "annotate.paste")
            self.addSeparator()
        has_picture = session.series(view.current.series) is not None
        self._add_windows(has_picture)
        self._add_layouts()
        self.addSeparator()
        self._add(self, "Fit", "view.fit", has_picture)
        self._add(self, "One to one", "view.actual", has_picture)
        self._add(self, "Reset view", "view.reset", has_picture)
        self._add(self, "Invert", "window.invert", has_picture)
        self._add_turns(has_picture)
        self._add_colors(has_picture)
        self._add_states()
        is_slice = has_picture and view.current.view3d is None
        self._add(self, "Enhancement grid", "grid.toggle", is_slice, checked=view.before_grid is not None)
        self._add_planes()
        self._add_body()
        self.addSeparator()
        self._add(self, "Play", "view.cine", has_picture, checked=view.current.playing)
        self._add(self, "Link viewports", "view.link", view.layout.count > 1, checked=view.linked)
        self._add(self, "Original beside enhanced", "compare.toggle", has_picture)

    def _add_states(self) -> None:
        """The presentation states of the pictures, where the study holds some."""
        now = self._session.view.current
        known = self._session.presenting.of_series(self._session.series(now.series))
        if not known:
            return
        menu = self._submenu("Presentation state", True)
        for state in known:
            title = (state.description or state.label).replace("&", "&&")
            self._add(menu, title, "presentation.apply", checked=state.uid == now.presentation, uid=state.uid)
        menu.addSeparator()
        self._add(menu, "None", "presentation.off", checked=not now.presentation)

    def _add_planes(self) -> None:
        """Other planes through the stack, where it is one."""
        view = self._session.view
        is_stack = not why_no_planes(self._session, view.current)
        menu = self._submenu("Planes", is_stack)
        shown = "acquired" if view.current.cut is None else view.current.cut.name.lower()
        for name in PLANES:
            self._add(menu, name.capitalize(), "plane.show", checked=name == shown, name=name)
        self._add(menu, "As acquired", "plane.show", checked=shown == "acquired", name="acquired")
        menu.addSeparator()
        beside = view.before_planes is not None
        grid = "1x3" if beside and view.layout.rows == 1 else "2x2"
        self._add(menu, "All side by side", "plane.layout", checked=beside, arrangement=grid)
        self._add(menu, "Straighten", "plane.straight")

    def _add_body(self) -> None:
        """The stack as a body; with its presets and sides where it is one."""
        now = self._session.view.current
        reason, has_labels = why_no_body(self._session, now), not why_no_surfaces(self._session, now)
        if now.view3d is None:
            self._add(self, "3-D", "view3d.show", not reason)
            if has_labels:
                self._add(self, "Labels in 3-D", "view3d.labels")
            return
        menu = self._submenu("3-D", True)
        for one in self._session.three_d.presets(now):
            is_now = one.name == now.view3d.preset
            self._add(menu, one.title, "view3d.preset", checked=is_now, name=one.name)
        if has_labels:
            menu.addSeparator()
            for what, words in SHOWN.items():
                self._add(menu, words, "view3d.shows", checked=now.view3d.shows.value == what, what=what)
        menu.addSeparator()
        for side in FACES:
            self._add(menu, f"From {side}", "view3d.face", side=side)
        menu.addSeparator()
        self._add(menu, "Back to the slices", "view3d.show")

    def _add_annotation(self, annotation: Annotation, corners: tuple[str, tuple[Point, ...]] | None) -> None:
        messages.run(self._session, "annotate.select", id=annotation.id)
        self._add(self, f"Delete {annotation.shape.word}", "annotate.delete", id=annotation.id)
        self.reword = self.addAction(_words(annotation))
        if corners is not None:
            self._add(self, corners[0], "annotate.move", id=annotation.id, points=corners[1])
        self._add(self, "Copy", "annotate.copy", id=annotation.id)
        self._add(self, "Duplicate", "annotate.duplicate", id=annotation.id)
        is_slice = self._session.view.current.cut is None
        copies = self._submenu("Copy to other slices", is_slice)
        for title, to in (("Next slice", "next"), ("Slice before", "previous"), ("All slices", "all")):
            self._add(copies, title, "annotate.copy_to", to=to, id=annotation.id)
        self.addSeparator()

    def _add_windows(self, has_picture: bool) -> None:
        menu = self._submenu("Window", has_picture)
        self._add(menu, "Automatic", "window.number", number=0)
        self._add(menu, "From the file", "window.number", number=1)
        known = offered(self._session)
        if known:
            menu.addSeparator()
        for voi in known:
            title = f"{voi.name}  ({voi.center:g} / {voi.width:g})"
            self._add(menu, title, "window.preset", name=voi.name)

    def _add_layouts(self) -> None:
        menu = self._submenu("Layout", True)
        now = self._session.view.layout
        for rows, columns in LAYOUTS:
            is_now = (now.rows, now.columns) == (rows, columns)
            self._add(menu, f"{rows} x {columns}", "view.layout", checked=is_now, rows=rows, columns=columns)

    def _add_turns(self, has_picture: bool) -> None:
        menu = self._submenu("Rotate and flip", has_picture)
        self._add(menu, "Rotate right", "view.rotate", degrees="90")
        self._add(menu, "Rotate left", "view.rotate", degrees="-90")
        self._add(menu, "Flip left and right", "view.flip", direction="horizontal")
        self._add(menu, "Flip top and bottom", "view.flip", direction="vertical")

    def _add_colors(self, has_picture: bool) -> None:
        frame = self._session.rendering.frame(self._session.view.current)
        menu = self._submenu("Colours", has_picture and not (frame is not None and frame.is_color))
        now = self._session.view.current.colors or "grey"
        known = (("Grey", "grey"), *((one.title, one.name) for one in color_maps()))
        for title, name in known:
            self._add(menu, title, "view.colors", checked=name == now, name=name)
        overlays = OverlayMenu(self._session, self)
        overlays.setEnabled(frame is not None and bool(frame.overlays or frame.shutter))
        self.addMenu(overlays)

    def _submenu(self, title: str, enabled: bool) -> QMenu:
        menu = self.addMenu(title)
        menu.setEnabled(enabled)
        return menu

    def _add(
        self,
        menu: QMenu,
        title: str,
        command: str,
        enabled: bool = True,
        checked: bool | None = None,
        **values: Any,
    ) -> None:
        action = menu.addAction(title)
        action.setEnabled(enabled)
        if checked is not None:
            action.setCheckable(True)
            action.setChecked(checked)
        action.triggered.connect(lambda _=False: messages.run(self._session, command, **values))


def _words(annotation: Annotation) -> str:
    """What can be done about words: what is measured is named by them, of others they are all there is."""
    if annotation.shape.is_measured:
        return "Rename"
    return "Change words" if annotation.text else "Add words"
