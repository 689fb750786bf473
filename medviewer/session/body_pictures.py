"""Pictures of bodies for viewports: a quick one while something moves, a sharp one once it rests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from medviewer.imaging.render import Picture
from medviewer.imaging.volume_rendering.request import BodyRequest
from medviewer.kit.errors import MedviewerError
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.delivery import Shown

if TYPE_CHECKING:
    from medviewer.session.session import Session

REST_SECONDS = 0.15
"""A picture is made sharp when nothing has moved for so long."""

Done = Callable[[Shown], object]
Asked = tuple[BodyRequest, Done]
Render = Callable[[BodyRequest, bool, TaskContext], Picture]
"""Makes the picture of a request, quick or not. Raises MedviewerError, and Cancelled."""


class BodyPictures:
    """Makes one picture at a time.

    A quick one that has begun is finished and shown although the mouse has moved on: somebody who never stops
    would else see nothing move. Of the requests that come meanwhile the newest counts. Sharp pictures give
    way to every quick one.
    """

    def __init__(self, session: Session, render: Render) -> None:
        self._session = session
        self._render = render
        self._quick: dict[int, Asked] = {}
        """what is being made for each viewport"""
        self._next: dict[int, Asked] = {}
        self._blurred: dict[int, Asked] = {}
        """what still has to become sharp"""
        self._sharp: dict[int, tuple[BodyRequest, Picture]] = {}
        self._last: dict[int, Asked] = {}

    def show(self, number: int, request: BodyRequest, done: Done) -> None:
        """Make the picture of a viewport; *done* is called on the main thread, again when it is sharp."""
        self._last[number] = (request, done)
        self._blurred.pop(number, None)
        for one in (number, *self._blurred):
            self._session.runner.cancel(("sharp body", one))
        if number in self._quick:
            self._next[number] = (request, done)
            return
        self._quick[number] = (request, done)
        self._submit(number, request, done, quick=True)

    def again(self, number: int) -> None:
        """Make the sharp picture of a viewport anew: what it shows has become finer."""
        self._sharp.pop(number, None)
        if number in self._last and number not in self._quick:
            self._blurred[number] = self._last[number]
            if not self._quick:
                self._submit(number, *self._last[number], quick=False)

    def leave(self, number: int) -> None:
        """A viewport shows something else now."""
        for kept in (self._quick, self._next, self._blurred, self._sharp, self._last):
            kept.pop(number, None)
        for name in ("body", "sharp body"):
            self._session.runner.cancel((name, number))

    def at_hand(self, request: BodyRequest) -> Picture | None:
        """The sharp picture of a request, when a viewport shows it."""
        return next((picture for one, picture in tuple(self._sharp.values()) if one == request), None)

    def _submit(self, number: int, request: BodyRequest, done: Done, quick: bool) -> None:
        def work(context: TaskContext) -> Shown:
            if not quick:
                context.rest(REST_SECONDS)
            return Shown(number, request, request.viewing, self._render(request, quick, context))

        def came(shown: Shown) -> None:
            if quick:
                self._blurred[number] = (request, done)
            else:
                self._blurred.pop(number, None)
                if shown.picture is not None:
                    self._sharp[number] = (request, shown.picture)
            done(shown)
            self._go_on(number)

        def failed(trouble: Exception) -> None:
            if not isinstance(trouble, MedviewerError):
                self._session.notify(trouble)
                trouble = MedviewerError("This body cannot be shown.", "The log says where it failed.")
            self._blurred.pop(number, None)  # what failed is not tried again by itself
            done(Shown(number, request, request.viewing, trouble=trouble))
            self._go_on(number)

        key = ("body" if quick else "sharp body", number)
        self._session.submit(Task(work, came, failed, lane=Lane.APART, replaces=key))

    def _go_on(self, number: int) -> None:
        """Something is finished: make what was asked for meanwhile, else what still has to become sharp."""
        self._quick.pop(number, None)
        if number in self._next:
            self.show(number, *self._next.pop(number))
        elif not self._quick:
            for one, asked in tuple(self._blurred.items()):
                self._submit(one, *asked, quick=False)
