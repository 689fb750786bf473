"""Giving a picture the greys of another one."""

from __future__ import annotations

from medviewer.core.study import SeriesKey
from medviewer.imaging.request import RenderRequest
from medviewer.kit.errors import BadValue
from medviewer.kit.task import Lane, Task
from medviewer.session.command import command
from medviewer.session.commands.recipe import NO_PICTURE, OPEN_FIRST
from medviewer.session.grid import worked_on
from medviewer.session.matching import reference_of
from medviewer.session.session_type import Session
from medviewer.session.state import Viewport

MATCH = "match"


@command("enhance.match", title="Match the greys of another picture")
def match(session: Session, *, viewport: int = -1, series: str = "", index: int = 0, step: int = -1) -> None:
    """Give the active picture the greys that another viewport, or picture *index* of a series, shows.

    Viewports count from 0; without a number it is the first other one with a picture. The reference goes
    into step number *step*, else into the last step that matches greys, else into a new one. It is taken in
    the background; the newest wins.
    """
    target = session.view.current.series
    if target is None:
        raise BadValue(NO_PICTURE, OPEN_FIRST)
    request = _request(session, viewport, series, index)

    def done(reference: str) -> None:
        _put(session, target, reference, step)

    session.submit(
        Task(
            lambda context: reference_of(session.rendering, request, context),
            done,
            session.notify,
            lane=Lane.SOON,
            replaces=("match", target),
        )
    )


def _request(session: Session, viewport: int, series: str, index: int) -> RenderRequest:
    """What is shown where the greys are to come from. Raises BadValue."""
    view = session.view
    if series:
        found = session.series(series)
        if found is None or not 0 <= index < found.count:
            raise BadValue("There is no such picture.", "Choose a series that is open.")
        places = [Viewport(series=found.key, index=index)]
    elif viewport == view.active:
        raise BadValue("A picture has its own greys already.", "Choose another viewport.")
    elif viewport < 0:
        places = [
            one for number, one in enumerate(view.viewports[: view.layout.count]) if number != view.active
        ]
    else:
        places = [view.viewports[view.number(viewport)]]
    requests = (session.rendering.request_of(place, None, overlay=False) for place in places)
    request = next((one for one in requests if one is not None), None)
    if request is None:
        raise BadValue(
            "There is no picture whose greys could be taken.", "Show one in another viewport first."
        )
    return request


def _put(session: Session, target: SeriesKey, reference: str, step: int) -> None:
    if session.view.current.series != target:
        advice = "Go back to the picture that is to have them, and take them once more."
        session.notify(BadValue("The greys came when another series was active.", advice))
        return
    steps = worked_on(session).steps
    matching = [number for number, one in enumerate(steps) if one.operation == MATCH]
    at = step if step in matching else max(matching, default=-1)
    values = {"reference": reference}
    if at < 0:
        session.run("enhance.add", operation=MATCH, values=values)
    else:
        session.run("enhance.set", step=at, values=values)
