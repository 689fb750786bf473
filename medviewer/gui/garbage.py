"""When and where Python looks for garbage: in the thread of the window, and never while a study is opened."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

from medviewer.session.commands.study import OPENING
from medviewer.session.session import Session
from medviewer.session.state import JobStatus

LOOK_EVERY_MS = 500
THRESHOLDS = (700, 10, 10)
"""Python's own: so many new objects, or searches of the generation before, make a search worth its time."""


class Garbage(QObject):
    """Looks for garbage in the thread in which it was made, instead of wherever an object happens to be made.

    Widgets that a worker finds would be ended by a thread that is not theirs, for which Qt ends the program.
    And whichever thread looks holds the interpreter: headers of 20,000 files would take it 60 ms again and
    again while they grow, and hold nothing that counting references does not free.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._is_opening = False
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._end = session.watch(lambda state: state.jobs, self._follow)

    def begin(self) -> None:
        """Look from now on; what is there already stays, as looking through it again would make stutter."""
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        self._end()
        gc.enable()

    def look(self) -> None:
        """Collect the oldest generation of which there is enough, unless a study is being opened."""
        if self._is_opening:
            return
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > THRESHOLDS[generation]:
                gc.collect(generation)
                return

    def _follow(self, jobs: tuple[JobStatus, ...]) -> None:
        was_opening = self._is_opening
        self._is_opening = any(job.key.startswith(f"{OPENING}-") for job in jobs)
        if was_opening and not self._is_opening:
            gc.freeze()
