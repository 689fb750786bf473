"""A preset laid over the numbers of one stack: what the renderer needs to know of colours."""

from __future__ import annotations

from medviewer.core.voi import VOI
from medviewer.imaging.volume_rendering.body import Body
from medviewer.imaging.volume_rendering.presets import Blend, Colour, Preset, Scale
from medviewer.kit.frozen import frozen


@frozen
class Look:
    """Transfer functions over stored values."""

    blend: Blend
    opacity: tuple[tuple[float, float], ...]
    colors: tuple[tuple[float, Colour], ...]
    background: Colour


EMPTY = Look(Blend.BODY, (), (), (0.0, 0.0, 0.0))
"""Of labels without a body: black behind them."""


def look(preset: Preset, body: Body, voi: VOI) -> Look:
    """*preset* for the numbers of *body*; a projection follows the window *voi* where one is known."""
    if preset.is_grey:
        first, last = preset.colors[0], preset.colors[-1]
        window = grey_window(preset, body) if not voi.is_known or voi.lut is not None else voi
        low, high = window.center - window.width / 2, window.center + window.width / 2
        ends = (last[1], first[1]) if voi.inverted else (first[1], last[1])
        colors = ((low, ends[0]), (high, ends[1]))
        background = preset.background if not voi.inverted else ends[0]
        return Look(preset.blend, (), _stored(colors, body), background)
    values = tuple((_value(preset, body, at), share) for at, share in preset.opacity)
    tints = tuple((_value(preset, body, at), color) for at, color in preset.colors)
    return Look(
        preset.blend,
        tuple((body.stored(value), share) for value, share in values),
        _stored(tints, body),
        preset.background,
    )


def grey_window(preset: Preset, body: Body) -> VOI:
    """The window of a projection as long as the reader has not set one."""
    low, high = (_value(preset, body, preset.colors[at][0]) for at in (0, -1))
    return VOI.from_range(low, high)


def _value(preset: Preset, body: Body, at: float) -> float:
    return at if preset.scale is Scale.VALUES else body.from_share(at)


def _stored(colors: tuple[tuple[float, Colour], ...], body: Body) -> tuple[tuple[float, Colour], ...]:
    return tuple((body.stored(value), color) for value, color in colors)
