"""How values become colours and opacities: the presets of volume rendering, read from a table."""

from __future__ import annotations

import json
from enum import Enum
from functools import lru_cache
from typing import Any

from medviewer.imaging.volume_rendering.around import Around
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.paths import resource

Colour = tuple[float, float, float]
"""Red, green and blue from 0 to 1."""


class Blend(Enum):
    """What becomes of the values that lie behind one another."""

    BODY = "body"
    """surfaces and mist: colours with opacity, lit from where the reader stands"""
    MAXIMUM = "maximum"
    AVERAGE = "average"
    MINIMUM = "minimum"


class Scale(Enum):
    """What the numbers of a preset are."""

    VALUES = "values"
    """modality values: Hounsfield units"""
    SHARES = "shares"
    """0 is where the background of this stack ends, 1 its brightest values; for units without a meaning"""


@frozen
class Preset:
    """One way to look at a stack as a body."""

    name: str
    title: str
    modalities: tuple[str, ...]
    """whose values it was made for; empty: any"""
    blend: Blend
    scale: Scale
    opacity: tuple[tuple[float, float], ...] = ()
    """(value, opacity of a millimetre from 0 to 1), values rising; a projection has none"""
    colors: tuple[tuple[float, Colour], ...] = ()
    """(value, colour), values rising"""
    background: Colour = (0.0, 0.0, 0.0)
    around: Around = Around.KEPT
    """what stands in the place of the table and the like, as long as the reader does not want to see them"""
    help: str = ""

    @property
    def is_grey(self) -> bool:
        """Whether it is a projection: grey values that a window is laid over."""
        return self.blend is not Blend.BODY

    def suits(self, modality: str) -> bool:
        """Whether it was made for pictures of *modality*."""
        return not self.modalities or modality in self.modalities


@lru_cache(maxsize=1)
def presets() -> tuple[Preset, ...]:
    """All presets, in the order of the table."""
    found = json.loads(resource("volume_presets.json").read_text(encoding="utf-8"))
    return tuple(_preset(entry) for entry in found["presets"])


def presets_for(modality: str) -> tuple[Preset, ...]:
    """The presets for a modality, its own before those for any; what has none gets the one for MR."""
    fitting = [one for one in presets() if one.suits(modality)]
    if not any(one.modalities for one in fitting):
        fitting = [one for one in presets() if one.suits("MR")]
    return tuple(sorted(fitting, key=lambda one: not one.modalities))


def preset(name: str) -> Preset:
    """The preset called *name*. Raises BadValue."""
    for one in presets():
        if one.name == name:
            return one
    raise BadValue(
        f"There is no 3-D preset called {name!r:.40}.",
        f"There are: {', '.join(one.name for one in presets())}.",
    )


def _preset(entry: dict[str, Any]) -> Preset:
    return Preset(
        name=entry["name"],
        title=entry["title"],
        modalities=tuple(entry.get("modalities", ())),
        blend=Blend(entry["blend"]),
        scale=Scale(entry["scale"]),
        opacity=tuple((float(value), float(share)) for value, share in entry.get("opacity", ())),
        colors=tuple((float(value), color_of(words)) for value, words in entry["colors"]),
        background=color_of(entry.get("background", "#000000")),
        around=Around(entry.get("around", "kept")),
        help=entry.get("help", ""),
    )


def color_of(words: str) -> Colour:
    """Red, green and blue of "#rrggbb"."""
    red, green, blue = (int(words[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return (red, green, blue)
