"""Where a picture takes the greys from that it is matched to."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from medviewer.gui.messages import run
from medviewer.session.session import Session

NONE = "No other viewport shows a picture: choose a grid in the tool bar"


class ReferenceButton(QPushButton):
    """Takes the reference of a step "match" from another viewport."""

    def __init__(self, session: Session, step: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__("Take from viewport…", parent)
        self.setAccessibleName("Take the greys of another viewport as reference")
        self.setToolTip("The picture gets the greys that another viewport shows at this moment")
        self._step = step
        self._session = session
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)

    def _fill(self) -> None:
        self._menu.clear()
        view = self._session.view
        for number in range(view.layout.count):
            viewport = view.viewports[number]
            series = self._session.series(viewport.series)
            if number == view.active or series is None or viewport.view3d is not None:
                continue
            words = f"Viewport {number + 1}: {series.modality} {series.description}".strip()
            action = self._menu.addAction(words.replace("&", "&&"))
            action.triggered.connect(lambda _=False, number=number: self._take(number))
        if self._menu.isEmpty():
            self._menu.addAction(NONE).setEnabled(False)
        self._menu.addSeparator()
        self._menu.addAction("None: use all greys equally often").triggered.connect(self._forget)

    def _take(self, viewport: int) -> None:
        run(self._session, "enhance.match", viewport=viewport, step=self._step())

    def _forget(self) -> None:
        run(self._session, "enhance.set", step=self._step(), values={"reference": ""})
