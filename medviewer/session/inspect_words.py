"""Numbers of a pixel, and the window it is seen through, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from medviewer.core.voi import VOI
from medviewer.core.volume import Frame
from medviewer.imaging.enhance.apply import is_identity
from medviewer.session.commands.window import presets

MINUS = "\N{MINUS SIGN}"


def stored_words(stored: Any) -> str:
    """A stored value as the file has it: one number, or red, green and blue."""
    if np.ndim(stored):
        red, green, blue = (int(part) for part in stored)
        return f"R {red}  G {green}  B {blue}"
    if np.asarray(stored).dtype.kind == "f":
        return f"{float(stored):.9g}".replace("-", MINUS)
    return str(int(stored)).replace("-", MINUS)


def bits_words(stored: Any) -> str:
    """The same in the bits of memory, four by four from the highest: "0000 0100 1101 0010"."""
    value = np.asarray(stored)
    if value.ndim:
        return "  ".join(bits_words(part) for part in value)
    size = value.dtype.itemsize * 8
    if value.dtype.kind == "f":
        return f"{size}-bit floating point"
    digits = f"{int(value) & (1 << size) - 1:0{size}b}"
    return " ".join(digits[at : at + 4] for at in range(0, size, 4))


def grey_words(shown: tuple[int, ...]) -> str:
    """A finished pixel."""
    if len(set(shown)) == 1:
        return f"grey {shown[0]} of 255"
    return "  ".join(f"{name} {part}" for name, part in zip("RGB", shown, strict=True))


def voi_words(voi: VOI, unit: str) -> str:
    """A window with its function."""
    if voi.lut is not None:
        last = voi.lut.first + len(voi.lut.entries) - 1
        name = f" {voi.lut.explanation}" if voi.lut.explanation else ""
        return (
            f"table{name}: {len(voi.lut.entries)} entries for {voi.lut.first} to {last}, {voi.lut.bits} bits"
        )
    words = f"centre {voi.center:g}, width {voi.width:g} {unit}".strip()
    return f"{words}, {voi.curve.value}".replace("-", MINUS)


def why_window(chosen: VOI, wanted: VOI, frame: Frame) -> str:
    """Who chose a window: *chosen* is the reader's, *wanted* what the viewport makes of it."""
    if frame.is_color and is_identity(chosen):
        return "none: colours are shown as they are"
    plain = replace(chosen, inverted=False)
    if chosen.is_known:
        if chosen.name == "Automatic":
            return "automatic, from the values of a picture, at the reader's wish"
        if plain in frame.windows:
            return f"{_number(plain, frame)}, at the reader's wish"
        if any(one.voi == plain for one in presets()):
            return f"preset {chosen.name}"
        return "by the reader"
    first = next((voi for voi in frame.windows if voi.is_known), None)
    if first is not None:
        return f"{_number(first, frame)}: nobody has chosen another"
    if wanted.is_known:
        return "automatic for the whole series: the file offers none"
    return "automatic, from the values of this picture: the file offers none"


def _number(voi: VOI, frame: Frame) -> str:
    at = frame.windows.index(voi) + 1
    name = (voi.lut.explanation if voi.lut is not None else "") or voi.name
    words = (
        f"window {at} of {len(frame.windows)} in the file" if len(frame.windows) > 1 else "the file's window"
    )
    return f"{words} ({name})" if name else words
