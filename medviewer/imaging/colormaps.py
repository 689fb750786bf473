"""Colour maps: the greys from black to white as 256 colours, after the window and whatever inverts it.

Those of the standard (PS3.6 Annex B) are data in ``resources/colormaps.json``; the perceptually uniform ones
are OpenCV's tables.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import read_only
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.paths import resource

LEVELS = 256
FIRST_CHOICE = "cividis"
"""The same to readers with and without full colour vision; what is on when colours are switched on."""
DIVERGING = "blue-orange"
"""For signed values: what is below the middle of the window in blue, what is above in orange."""
_BELOW, _MIDDLE, _ABOVE = (96, 178, 255), (44, 44, 44), (255, 160, 56)


@frozen(eq=False)
class ColorMap:
    """256 colours from the darkest to the brightest grey."""

    name: str
    title: str
    colors: NDArray[np.uint8]
    """(256, 3) RGB; read-only"""
    remark: str = ""
    """where it comes from, or what it is good for"""

    def hex(self) -> tuple[str, ...]:
        """The colours as #rrggbb."""
        return tuple(f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in self.colors.tolist())


@cache
def color_maps() -> tuple[ColorMap, ...]:
    """All colour maps, in the order in which they are offered: perceptually uniform ones first."""
    uniform = (
        _of_opencv("cividis", "Cividis", cv2.COLORMAP_CIVIDIS, "uniform, the same to colour-blind readers"),
        _of_opencv("viridis", "Viridis", cv2.COLORMAP_VIRIDIS, "uniform, safe for colour-blind readers"),
        _of_opencv("inferno", "Inferno", cv2.COLORMAP_INFERNO, "uniform, from black"),
        _of_opencv("magma", "Magma", cv2.COLORMAP_MAGMA, "uniform, from black"),
    )
    found = json.loads(resource("colormaps.json").read_text(encoding="utf-8"))
    palettes = (ColorMap(one["name"], one["title"], _from_hex(one["colors"]), one["source"]) for one in found)
    ramps = (
        _ramp("black-red", "Black to red", (1.0, 0.0, 0.0)),
        _ramp("black-cyan", "Black to cyan", (0.0, 1.0, 1.0)),
    )
    return (*uniform, *palettes, *ramps, _diverging())


def color_map(name: str) -> ColorMap:
    """A colour map by its name. Raises BadValue."""
    for one in color_maps():
        if one.name == name:
            return one
    known = ", ".join(one.name for one in color_maps())
    raise BadValue(f"There is no colour map called {name!r:.40}.", f"There are: {known}.")


def colored(greys: NDArray[Any], name: str) -> NDArray[np.uint8]:
    """*greys*, (row, column) uint8, in the colours of a map: (row, column, 3) RGB. Raises BadValue."""
    # the user's table is taken as it is: red first goes in, red first comes out
    return np.asarray(cv2.applyColorMap(greys, color_map(name).colors[:, None]), np.uint8)


def _of_opencv(name: str, title: str, number: int, remark: str) -> ColorMap:
    blue_first = cv2.applyColorMap(np.arange(LEVELS, dtype=np.uint8)[:, None], number)
    return ColorMap(name, title, _kept(blue_first[:, 0, ::-1]), remark)


def _from_hex(text: str) -> NDArray[np.uint8]:
    return _kept(np.frombuffer(bytes.fromhex(text), np.uint8).reshape(LEVELS, 3))


def _ramp(name: str, title: str, color: tuple[float, float, float]) -> ColorMap:
    colors = np.rint(np.arange(LEVELS)[:, None] * np.asarray(color)).astype(np.uint8)
    return ColorMap(name, title, _kept(colors), "one colour, for a series that is laid over another")


def _diverging() -> ColorMap:
    """From a dark grey, which cannot be taken for no picture, to two colours of about one luminance."""
    # 0 lies between the levels 127 and 128: both are grey
    share = np.clip((np.abs(np.arange(LEVELS) - 127.5) - 0.5) / 127, 0, 1)[:, None]
    ends = np.where(np.arange(LEVELS)[:, None] < LEVELS / 2, _BELOW, _ABOVE)
    colors = np.rint(np.asarray(_MIDDLE) * (1 - share) + ends * share).astype(np.uint8)
    remark = "for signed values around the middle, safe for colour-blind readers"
    return ColorMap(DIVERGING, "Blue to orange", _kept(colors), remark)


def _kept(colors: NDArray[Any]) -> NDArray[np.uint8]:
    return read_only(np.ascontiguousarray(colors))
