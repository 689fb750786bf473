"""Surfaces for viewports: light ones first, fine ones as soon as they are made; the newest labels win."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from medviewer.imaging.volume_rendering.request import BodyRequest, LabelSurface, Stack
from medviewer.kit.errors import MedviewerError
from medviewer.kit.task import TaskContext
from medviewer.session.delivery import Shown
from medviewer.session.surfaces.held import HeldSurfaces

if TYPE_CHECKING:
    from medviewer.session.session import Session

REST_SECONDS = 0.2
"""Somebody who paints is not followed stroke by stroke."""

Done = Callable[[Shown], object]
Wanted = tuple[Stack, tuple[LabelSurface, ...], bool]
"""A stack, what is to be seen of its labels, and whether finely."""


class Surfacing:
    """Has surfaces made before the pictures of viewports that show them."""

    def __init__(
        self,
        session: Session,
        held: HeldSurfaces,
        show: Callable[[int, BodyRequest, Done], object],
        again: Callable[[int], object],
    ) -> None:
        """*show* makes the picture of a viewport, *again* makes it anew once its surfaces are fine."""
        self._session = session
        self._held = held
        self._show = show
        self._again = again
        self._asked: dict[int, BodyRequest] = {}
        """the newest request of each viewport"""
        self._waiting: dict[int, Done] = {}
        self._jobs: dict[Wanted, str] = {}
        self._declined: Wanted | None = None
        """what the reader has stopped is not begun again by itself"""

    def show(self, number: int, request: BodyRequest, done: Done) -> None:
        """Make the picture of a viewport as soon as its surfaces are there."""
        self._waiting.pop(number, None)
        self._asked[number] = request
        self._stop_unwanted()
        if self._held.are_ready(request, fine=False):
            self._go(number, request, done)
        else:
            self._waiting[number] = done
            self._start(request, fine=False)

    def leave(self, number: int) -> None:
        """A viewport shows something else now."""
        self._waiting.pop(number, None)
        self._asked.pop(number, None)
        self._stop_unwanted()

    def _go(self, number: int, request: BodyRequest, done: Done) -> None:
        self._show(number, request, done)
        if _wanted(request, True) != self._declined and not self._held.are_ready(request, fine=True):
            self._start(request, fine=True)

    def _start(self, request: BodyRequest, fine: bool) -> None:
        wanted = _wanted(request, fine)
        if wanted in self._jobs:
            return
        self._jobs[wanted] = ""

        def work(context: TaskContext) -> MedviewerError | None:
            context.rest(REST_SECONDS)
            try:
                self._held.make(request, fine, context)
            except MedviewerError as trouble:
                return trouble
            return None

        def done(trouble: MedviewerError | None) -> None:
            if self._jobs.pop(wanted, None) is not None:
                self._came(wanted, trouble)

        def stopped() -> None:
            if self._jobs.pop(wanted, None) is None:
                return  # nobody wants it any more
            if fine:
                self._declined = wanted
            else:
                self._came(wanted, MedviewerError("The surfaces were stopped.", "Turn them to begin anew."))

        title = "Fine surfaces of labels" if fine else "Surfaces of labels"
        job = self._session.jobs.start(title, work, done, kind="surfaces", stopped=stopped)
        if wanted in self._jobs:
            self._jobs[wanted] = job

    def _came(self, wanted: Wanted, trouble: MedviewerError | None) -> None:
        for number, request in tuple(self._asked.items()):
            if _wanted(request, wanted[2]) != wanted:
                continue
            done = self._waiting.pop(number, None)
            if wanted[2] and trouble is None:
                self._again(number)
            elif done is not None and trouble is not None:
                done(Shown(number, request, request.viewing, trouble=trouble))
            elif done is not None:
                self._go(number, request, done)

    def _stop_unwanted(self) -> None:
        kept = {_wanted(one, fine) for one in self._asked.values() for fine in (False, True)}
        for wanted in [one for one in self._jobs if one not in kept]:
            self._session.jobs.cancel(self._jobs.pop(wanted))


def _wanted(request: BodyRequest, fine: bool) -> Wanted:
    return (request.stack, request.surfaces, fine)
