"""Small DICOM files to measure with, written by hand: explicit little endian, native pixels, nobody's."""

from __future__ import annotations

import os
import struct
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

EXPLICIT = "1.2.840.10008.1.2.1"
CT, DX = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1.1"
LONG = {"OB", "OW", "SQ", "UN", "UT"}

Element = tuple[int, int, str, str | int | bytes]


@contextmanager
def own_home(folder: Path) -> Iterator[None]:
    """A user folder of its own."""
    home = os.environ.get("MEDVIEWER_HOME")
    os.environ["MEDVIEWER_HOME"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("MEDVIEWER_HOME")
        if home is not None:
            os.environ["MEDVIEWER_HOME"] = home


def write_stack(folder: Path, slices: int = 100, side: int = 512, name: str = "stack", time: int = 0) -> Path:
    """A stack of axial slices, 1 mm apart: soft tissue with a little noise.

    Stacks of other names are other series of the same study; those of one name and other times from 1 on are
    one series that changes.
    """
    noise = np.random.default_rng(0)
    row, column = np.mgrid[:side, :side]
    body = ((row - side / 2) ** 2 + (column - side / 2) ** 2 < (0.45 * side) ** 2) * 1040
    for at in range(slices):
        grain = noise.integers(-40, 40, (side, side))
        pixels = np.where(body > 0, body + at % 64 + grain, 24).astype("<i2")
        own: list[Element] = [
            (0x0008, 0x0016, "UI", CT),
            (0x0008, 0x0018, "UI", _uid(f"slice {at} of {name} {time}")),
            (0x0008, 0x0060, "CS", "CT"),
            (0x0020, 0x000E, "UI", _uid(name)),
            (0x0020, 0x0013, "IS", str(at + 1 + slices * max(0, time - 1))),
            (0x0020, 0x0032, "DS", f"0\\0\\{at}"),
            (0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0"),
            (0x0020, 0x0052, "UI", _uid("frame")),
            (0x0028, 0x0030, "DS", "0.7\\0.7"),
            (0x0028, 0x1050, "DS", "40"),
            (0x0028, 0x1051, "DS", "400"),
            (0x0028, 0x1052, "DS", "-1024"),
            (0x0028, 0x1053, "DS", "1"),
            (0x0028, 0x0103, "US", 1),
        ]
        if time:
            own.append((0x0020, 0x0100, "IS", str(time)))
        _write(folder / f"slice{at:04}", pixels, 16, own)
    return folder


def write_radiograph(
    folder: Path, rows: int = 4096, columns: int = 3328, name: str = "radiograph", has_window: bool = True
) -> Path:
    """A radiograph of a gradient with grain, 14 bits."""
    grain = np.random.default_rng(1).integers(0, 200, (rows, columns))
    pixels = (np.linspace(500, 15000, columns)[None, :] + grain).astype("<u2")
    own: list[Element] = [
        (0x0008, 0x0016, "UI", DX),
        (0x0008, 0x0018, "UI", _uid(name)),
        (0x0008, 0x0060, "CS", "DX"),
        (0x0020, 0x000E, "UI", _uid(f"{name}s")),
        (0x0020, 0x0013, "IS", "1"),
        (0x0018, 0x1164, "DS", "0.14\\0.14"),
        (0x0028, 0x0103, "US", 0),
    ]
    if has_window:
        own += [(0x0028, 0x1050, "DS", "8000"), (0x0028, 0x1051, "DS", "14000")]
    _write(folder / name, pixels, 14, own)
    return folder


def _write(path: Path, pixels: NDArray[np.generic], stored: int, own: Iterable[Element]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    common: list[Element] = [
        (0x0010, 0x0010, "PN", "Bench^Nobody"),
        (0x0010, 0x0020, "LO", "BENCH"),
        (0x0020, 0x000D, "UI", _uid("study")),
        (0x0028, 0x0002, "US", 1),
        (0x0028, 0x0004, "CS", "MONOCHROME2"),
        (0x0028, 0x0010, "US", pixels.shape[0]),
        (0x0028, 0x0011, "US", pixels.shape[1]),
        (0x0028, 0x0100, "US", 16),
        (0x0028, 0x0101, "US", stored),
        (0x0028, 0x0102, "US", stored - 1),
        (0x7FE0, 0x0010, "OW", pixels.tobytes()),
    ]
    own = list(own)
    identity = {element[1]: element[3] for element in own if element[0] == 0x0008}
    meta = b"".join(
        _element(*element)
        for element in (
            (0x0002, 0x0001, "OB", b"\0\1"),
            (0x0002, 0x0002, "UI", identity[0x0016]),
            (0x0002, 0x0003, "UI", identity[0x0018]),
            (0x0002, 0x0010, "UI", EXPLICIT),
        )
    )
    length = _element(0x0002, 0x0000, "UL", struct.pack("<I", len(meta)))
    data = b"".join(_element(*element) for element in sorted(own + common, key=lambda one: one[:2]))
    path.write_bytes(bytes(128) + b"DICM" + length + meta + data)


def _uid(word: str) -> str:
    """A UID made from a UUID (PS3.5 B.2), always the same for a word."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'medviewer bench {word}').int}"


def _element(group: int, number: int, vr: str, value: str | int | bytes) -> bytes:
    if isinstance(value, int):
        value = struct.pack("<H", value)
    elif isinstance(value, str):
        value = value.encode("ascii")
    if len(value) % 2:
        value += b"\0" if vr == "UI" else b" "
    head = struct.pack("<HH2s", group, number, vr.encode())
    if vr in LONG:
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value
