"""The windows of series whose files bring none: one picture decides for all of a series."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from medviewer.core.study import SeriesKey
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame
from medviewer.imaging.grayscale import automatic_voi, is_flat
from medviewer.imaging.request import RenderRequest
from medviewer.kit.errors import FileTrouble
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import within

if TYPE_CHECKING:
    from medviewer.session.session import Session


class SeriesWindows:
    """What was decided for each series. Threads may share it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._decided: dict[SeriesKey, VOI] = {}
        self._lock = Lock()

    def of(self, series: SeriesKey, wanted: VOI) -> VOI:
        """*wanted* when it is known, else the window of the series, else unknown: the file's."""
        if wanted.is_known:
            return wanted
        with self._lock:
            decided = self._decided.get(series)
        return wanted if decided is None else decided.with_inversion(wanted.inverted)

    def decide(self, request: RenderRequest, frame: Frame, context: TaskContext | None) -> None:
        """Decide for the series of *frame*, that of *request*, unless that was done or its file has windows.

        The picture is taken from the middle of its stack, as the pictures at the ends may be empty.
        """
        if frame.windows or frame.is_color:
            return
        with self._lock:
            if request.series in self._decided:
                return
        candidates = [frame]
        series = self._session.series(request.series)
        if series is not None and request.cut is None and not request.presentation:
            middle = within(series, request.index, series.places // 2)
            with suppress(FileTrouble):
                candidates.insert(0, self._session.frames.load(series.key, middle, None, context))
        telling = next((one for one in candidates if not is_flat(one)), None)
        if telling is not None:
            voi = automatic_voi(telling)
            with self._lock:
                self._decided.setdefault(request.series, voi)

    def forget(self, series: SeriesKey) -> None:
        """Decide anew for a series that was closed or changed."""
        with self._lock:
            self._decided.pop(series, None)
