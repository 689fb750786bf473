"""Two renderings of the same pixels in one viewport: wipe, flicker, lens, blend, signed difference."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from medviewer.core.against import FASTEST_HZ, SLOWEST_HZ, Against, Other, Way
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider, Words
from medviewer.session.against import placed, suggested
from medviewer.session.command import command
from medviewer.session.session_type import Session
from medviewer.session.state import Viewport

SMALLEST, LARGEST = 0.03, 0.6
"""Radii of a lens, as shares of the shorter side of the viewport."""

Share = Annotated[float, Slider(0, 1, step=0.001)]
Divider = Annotated[float, Slider(0, 1, step=0.001, label="Divider")]
Opacity = Annotated[float, Slider(0, 1, step=0.01, label="Opacity of the other")]
Radius = Annotated[float, Slider(SMALLEST, LARGEST, step=0.005, label="Radius of the lens")]
Rate = Annotated[float, Slider(SLOWEST_HZ, FASTEST_HZ, step=0.25, label="Rate", unit="Hz")]
Span = Annotated[float, Slider(0, 1e9, label="Range of the difference")]
ADVICE = "The panel Compare lists what can be compared."
DEFAULT = Against(Way.WIPE)


@command("against.wipe", title="Wipe", menu="Enhance", icon="wipe")
def wipe(session: Session) -> None:
    """Show another rendering of the same place on one side of a divider, or no longer."""
    _toggle(session, Way.WIPE)


@command("against.flicker", title="Flicker", menu="Enhance", icon="flicker")
def flicker(session: Session) -> None:
    """Show the picture and another rendering of the same place by turns, or no longer."""
    _toggle(session, Way.FLICKER)


@command("against.lens", title="Lens", menu="Enhance", icon="lens")
def lens(session: Session) -> None:
    """Show another rendering of the same place inside of a lens that follows the mouse, or no longer."""
    _toggle(session, Way.LENS)


@command("against.blend", title="Blend", menu="Enhance", icon="blend")
def blend(session: Session) -> None:
    """Show another rendering of the same place over the picture, more or less opaque, or no longer."""
    _toggle(session, Way.BLEND)


@command("against.difference", title="Difference", menu="Enhance", icon="difference")
def difference(session: Session) -> None:
    """Show in colours what the picture has more than another rendering of the same place, or no longer."""
    _toggle(session, Way.DIFFERENCE)


@command("against.off", title="Compare with nothing", menu="Enhance")
def off(session: Session) -> None:
    """Show the picture alone again."""
    _put(session, None)


@command("against.other", title="Compare with")
def other(
    session: Session,
    *,
    kind: Annotated[
        Literal["original", "plain", "viewport", "series"],
        Words(help="the original, the picture with nothing over it, another viewport, another series"),
    ],
    viewport: Annotated[int, Slider(0, 8)] = 0,
    series: str = "",
) -> None:
    """Choose with what the active viewport is compared: a *viewport* counts from 0, a *series* has a key."""
    now = session.view.current.against or DEFAULT
    wanted = replace(now, other=Other(kind), viewport=viewport, series=series)
    _put(session, _checked(session, wanted))


@command("against.divide", title="Move the divider")
def divide(session: Session, *, at: Divider, viewport: int = -1) -> None:
    """Put the divider of a wipe at a share of the viewport's width, or height."""
    _change(session, viewport, at=at)


@command("against.turn", title="Turn the divider", menu="Enhance")
def turn(session: Session) -> None:
    """Let the divider of a wipe stand upright or lie level."""
    now = session.view.current.against
    _change(session, -1, vertical=now is None or not now.vertical)


@command("against.spot", title="Move the lens")
def spot(session: Session, *, x: Share, y: Share, viewport: int = -1) -> None:
    """Put the middle of the lens at a share of the viewport's width and height."""
    _change(session, viewport, spot=(x, y))


@command("against.radius", title="Radius of the lens")
def radius(session: Session, *, radius: Radius, viewport: int = -1) -> None:
    """Set the radius of the lens, as a share of the shorter side of the viewport."""
    _change(session, viewport, radius=radius)


@command("against.opacity", title="Opacity of the other picture")
def opacity(session: Session, *, opacity: Opacity, viewport: int = -1) -> None:
    """Set how much of the picture the other one hides in a blend: 0 nothing, 1 all."""
    _change(session, viewport, opacity=opacity)


@command("against.grow", title="Larger lens, more of the other")
def grow(session: Session, *, by: Annotated[float, Slider(-10, 10)] = 1.0, viewport: int = -1) -> None:
    """Enlarge the lens by a tenth, or blend in a twentieth more, so many times."""
    now = session.view.viewports[session.view.number(viewport)].against
    if now is None:
        return
    if now.way is Way.LENS:
        _change(session, viewport, radius=min(max(now.radius * 1.1**by, SMALLEST), LARGEST))
    elif now.way is Way.BLEND:
        _change(session, viewport, opacity=min(max(now.opacity + 0.05 * by, 0.0), 1.0))


@command("against.rate", title="Rate of the flicker")
def rate(session: Session, *, rate: Rate) -> None:
    """Set how often a second each of the two pictures comes."""
    _change(session, -1, rate=rate)


@command("against.pause", title="Pause the flicker", menu="Enhance")
def pause(session: Session) -> None:
    """Let the flicker stand still, or go on."""
    now = session.view.current.against
    _change(session, -1, paused=now is not None and not now.paused)


@command("against.swap", title="The other of two pictures", menu="Enhance")
def swap(session: Session, *, viewport: int = -1) -> None:
    """Show the other of the two pictures of a flicker."""
    now = session.view.viewports[session.view.number(viewport)].against
    _change(session, viewport, shows_other=now is not None and not now.shows_other)


@command("against.span", title="Range of the difference")
def span(session: Session, *, span: Span) -> None:
    """Set which difference has the strongest colour, in its own unit; 0: the picture decides."""
    _change(session, -1, span=span)


def _toggle(session: Session, way: Way) -> None:
    now = session.view.current
    if now.series is None:
        raise BadValue("There is no picture to compare.", "Open a study first.")
    if now.against is not None and now.against.way is way:
        _put(session, None)
        return
    _put(session, _checked(session, suggested(session, session.view.active, way)))


def _checked(session: Session, wanted: Against) -> Against:
    """*wanted*, when it can be. Raises BadValue with why not."""
    found = placed(session, session.view.active, wanted)
    if isinstance(found, str):
        raise BadValue(found, ADVICE)
    if wanted.way is Way.DIFFERENCE and wanted.other is Other.PLAIN:
        raise BadValue(
            "What lies over a picture has no values that could be subtracted.",
            "Wipe, flicker, lens and blend show it.",
        )
    # a range was chosen for values of one kind, and the picture was told apart from another one
    is_same = session.view.current.against
    if is_same is None or (is_same.other, is_same.viewport, is_same.series) != (
        wanted.other,
        wanted.viewport,
        wanted.series,
    ):
        wanted = replace(wanted, span=0.0)
    return replace(wanted, shows_other=False)


def _put(session: Session, against: Against | None) -> None:
    session.change(
        lambda view: (
            view.with_viewport(view.active, replace(view.current, against=against))
            if view.current.against != against
            else view
        )
    )


def _change(session: Session, viewport: int, **values: Any) -> None:
    number = session.view.number(viewport)
    now: Viewport = session.view.viewports[number]
    if now.against is None:
        raise BadValue("This picture is compared with nothing.", "Choose Wipe, Flicker, Lens or another way.")
    changed = replace(now, against=replace(now.against, **values))
    session.change(lambda view: view.with_viewport(number, changed))
