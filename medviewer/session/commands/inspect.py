"""Which pixel the inspector looks at; it stays when the reader scrolls."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from medviewer.kit.params import Slider
from medviewer.session.command import command
from medviewer.session.session_type import Session


@command("inspect.pick", title="Inspect a pixel")
def pick(session: Session, *, row: float, column: float, viewport: int = -1) -> None:
    """Look at the pixel at an image position, kept on the picture; viewport -1 is the active one."""
    number = session.view.number(viewport)
    plane = session.rendering.plane(session.view.viewports[number])
    if plane is None:
        return
    at = tuple(
        max(0, min(round(place), size - 1)) for place, size in zip((row, column), plane.shape, strict=True)
    )
    session.change(
        lambda view: view.with_viewport(number, replace(view.viewports[number], inspected=(at[0], at[1])))
    )


@command("inspect.move", title="Inspect the pixel beside")
def move(
    session: Session,
    *,
    rows: Annotated[int, Slider(-100, 100)] = 0,
    columns: Annotated[int, Slider(-100, 100)] = 0,
) -> None:
    """Go some pixels down and to the right from the inspected one of the active viewport."""
    at = session.view.current.inspected
    if at is not None:
        pick(session, row=at[0] + rows, column=at[1] + columns)


@command("inspect.clear", title="Inspect no pixel")
def clear(session: Session) -> None:
    """Forget the inspected pixel of the active viewport."""
    session.change(lambda view: view.with_viewport(view.active, replace(view.current, inspected=None)))
