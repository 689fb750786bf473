"""Pages as they will be on paper, made in the background; the newest wish wins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMargins, QSize, Qt, QTimer
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from medviewer.gui.labels import plain_label
from medviewer.gui.messages import counted
from medviewer.gui.widgets.thumbnails import pixmap_of
from medviewer.imaging.pdf_pages import pages
from medviewer.kit.errors import MedviewerError
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.session import Session

Pages = tuple[NDArray[np.uint8], ...]
DOTS_PER_INCH = 120
WAIT_MS = 150
"""A wish that is followed by another one so soon is not begun."""
GAP_PX = 12
MARGIN_PX = 16
LEAST_PX, MOST_PX = 50, 1 << 14
"""Of a side of a page on the screen."""


class PagePreview(QWidget):
    """The pages of a PDF that *make* prepares, from top to bottom.

    *make* is called on the main thread and gives the work for another one: it may raise what the reader is
    told instead of a page.
    """

    def __init__(
        self, session: Session, make: Callable[[], Callable[[TaskContext], bytes]], whole: bool = False
    ) -> None:
        """*whole* shows all of a page at once, instead of all of its width."""
        super().__init__()
        self._whole = whole
        self._session, self._make = session, make
        self._task: Task[tuple[bytes, Pages]] | None = None
        self._pictures: list[QPixmap] = []
        self._labels: list[QLabel] = []
        self.content = b""
        """the PDF that is shown, empty while there is none"""
        self.count = plain_label("", "muted")
        self.trouble = plain_label("", "warning", wrap=True)
        self.trouble.hide()
        self._paper = QWidget()
        self._paper.setProperty("role", "desk")
        self._column = QVBoxLayout(self._paper)
        self._column.setContentsMargins(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX)
        self._column.setSpacing(GAP_PX)
        self._column.addStretch()
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setWidget(self._paper)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.area.setAccessibleName("The pages as they will be")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.trouble)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.count)
        self._late = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._late.timeout.connect(self._begin)

    def refresh(self) -> None:
        """Make the pages anew, soon."""
        self._late.start()

    def stop(self) -> None:
        """Make nothing more."""
        self._late.stop()
        if self._task is not None:
            self._task.token.cancel()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As wide as there is room."""
        super().resizeEvent(event)
        self._fit()

    def _begin(self) -> None:
        self.count.setText("Making the pages…")
        try:
            work = self._make()
        except MedviewerError as trouble:
            self._failed(trouble)
            return

        def both(context: TaskContext) -> tuple[bytes, Pages]:
            content = work(context)
            return content, pages(content, DOTS_PER_INCH, context.check)

        self._task = Task(both, self._show, self._failed, lane=Lane.SOON, replaces=("pages", id(self)))
        self._session.submit(self._task)

    def _failed(self, trouble: Exception) -> None:
        self.content = b""
        self.trouble.setText(
            str(trouble) if isinstance(trouble, MedviewerError) else "The pages could not be made."
        )
        self.trouble.show()
        self._put(())
        self.count.setText("")

    def _show(self, made: tuple[bytes, Pages]) -> None:
        self.content, found = made
        self.trouble.hide()
        self._put(found)
        self.count.setText(counted(len(found), "page"))

    def _put(self, found: Pages) -> None:
        for label in self._labels:
            self._column.removeWidget(label)
            label.deleteLater()
        self._pictures = [pixmap_of(one) for one in found]
        self._labels = [QLabel() for _ in found]
        for number, label in enumerate(self._labels):
            label.setAccessibleName(f"Page {number + 1} of {len(found)}")
            self._column.insertWidget(number, label, 0, Qt.AlignmentFlag.AlignHCenter)
        self._fit()

    def _fit(self) -> None:
        ratio = self.devicePixelRatioF()
        room = self.area.viewport().size().shrunkBy(QMargins(*[MARGIN_PX] * 4)) * ratio
        for label, picture in zip(self._labels, self._pictures, strict=True):
            high = room.height() if self._whole else MOST_PX
            size = QSize(max(room.width(), LEAST_PX), max(high, LEAST_PX))
            how = (Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
            shown = picture.scaled(size, *how)
            shown.setDevicePixelRatio(ratio)
            label.setPixmap(shown)
