"""Laying a second series over the picture, by its place in the patient."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from medviewer.core.fusion import Fusion
from medviewer.core.study import Series
from medviewer.core.voi import VOI, Curve, is_usable
from medviewer.imaging.colormaps import color_map
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider
from medviewer.session.command import command
from medviewer.session.dimension import at_value
from medviewer.session.laid import leader_of
from medviewer.session.linking import change_alike
from medviewer.session.places import on_grid
from medviewer.session.session_type import Session
from medviewer.session.state import Viewport

Opacity = Annotated[float, Slider(0, 1, step=0.01)]
DEFAULT = Fusion("")
LED = "A viewport shows the series above: what it shows is seen here."
NO_FUSION = "No series is laid over this picture."


@command("fusion.set", title="Lay a series over the picture")
def set_fusion(
    session: Session, *, series: str, colors: str = DEFAULT.colors, opacity: Opacity = DEFAULT.opacity
) -> None:
    """Lay another series of the same frame of reference over the picture, in colours of its own."""
    below, above = session.series(session.view.current.series), session.series(series)
    reason = why_not(session, below, above)
    if reason:
        raise BadValue(reason, "Choose a volume that was acquired together with this picture.")
    fusion = Fusion(series, colors=color_map(colors).name, opacity=opacity)
    change_alike(session, lambda one: replace(one, fusion=fusion))


@command("fusion.off", title="Lay no series over the picture", menu="Picture")
def off(session: Session) -> None:
    """Show the picture alone again."""
    change_alike(session, lambda one: replace(one, fusion=None))


@command("fusion.opacity", title="Opacity of the series above")
def opacity(session: Session, *, opacity: Opacity) -> None:
    """Set how much of the picture the series above it hides: 0 nothing, 1 all."""
    _change(session, opacity=opacity)


@command("fusion.colors", title="Colours of the series above")
def colors(session: Session, *, name: str) -> None:
    """Choose the colour map of the series above."""
    _change(session, colors=color_map(name).name)


@command("fusion.fades", title="Low values of the series above fade out")
def fades(session: Session, *, on: bool = True) -> None:
    """Let the series above become transparent towards the dark end of its window, or be evenly opaque."""
    _change(session, fades=on)


@command("fusion.value", title="Value of the series above")
def value(session: Session, *, number: Annotated[int, Slider(1, 100_000, step=1)]) -> None:
    """Choose which time, phase or b-value of the series above is seen, counted from 1.

    A viewport that shows that series leads instead.
    """
    fusion = session.view.current.fusion
    series = None if fusion is None else session.series(fusion.series)
    if series is None:
        raise BadValue(NO_FUSION, "Choose one in the panel Colours.")
    if series.dimension is None:
        raise BadValue("The series above has one value at each place.", "There is no other to choose.")
    if leader_of(session, series) is not None:
        raise BadValue(LED, "Go to another value there.")
    last = len(series.dimension.values)
    if number > last:
        raise BadValue(f"The series above has no value {number}.", f"It has {last}.")
    _change(session, index=at_value(series, 0, number - 1))


@command("fusion.window", title="Window of the series above")
def window(session: Session, *, center: float, width: float) -> None:
    """Show the values of the series above around *center*, over *width*; a width of 0 is the file's own."""
    if width == 0:
        _change(session, voi=VOI.unknown())
        return
    # values of SUV and the like are no whole numbers, which the standard's LINEAR counts on
    if not is_usable(center, width, Curve.LINEAR_EXACT):
        raise BadValue(
            f"A window cannot have the centre {center:g} and the width {width:g}.", "Widths are above 0."
        )
    _change(session, voi=VOI(center, width, Curve.LINEAR_EXACT))


def why_not(session: Session, below: Series | None, above: Series | None) -> str:
    """Why *above* cannot be laid over *below*, in words; "" when it can."""
    if below is None or above is None or not below.count or not above.count:
        return "This series is not open or holds no pictures."
    if below.key == above.key:
        return "A series cannot be laid over itself."
    geometry = session.frames.geometry(above)
    if geometry is None and any(on_grid(above, one.plane) is not None for one in below.frames):
        return ""
    if geometry is None:
        return "This series is not a volume, so it has no value at every place."
    plane = below.frames[0].plane
    if not plane.placed:
        return "Nothing is known of where this picture lies in the patient."
    if plane.frame_of_reference != geometry.frame_of_reference:
        return "The two series have no place in common: they lie in different frames of reference."
    return ""


def _change(session: Session, **values: Any) -> None:
    if session.view.current.fusion is None:
        raise BadValue(NO_FUSION, "Choose one in the panel Colours.")

    def changed(one: Viewport) -> Viewport:
        return one if one.fusion is None else replace(one, fusion=replace(one.fusion, **values))

    change_alike(session, changed)
