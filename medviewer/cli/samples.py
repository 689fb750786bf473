"""Files like those of a CT scanner, made for measuring; nobody's images."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SERIES_LENGTH = 250
"""Slices of one series; the names of the files tell nothing about it."""
_JPEG_LS = "1.2.840.10008.1.2.4.80"
_CT, _EXPLICIT, _ROOT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1", "1.2.826.0.1.3680043.10.1"
_LONG = ("OB", "OW", "SQ", "UN")
_NUMBERS = {"US": "<H", "SS": "<h", "UL": "<I", "SL": "<i", "FL": "<f", "FD": "<d"}

_BEGINNING = """
0008 0005 CS ISO_IR 100
0008 0008 CS ORIGINAL\\PRIMARY\\AXIAL
0008 0012 DA 20250301
0008 0013 TM 101534
0008 0016 UI {ct}
0008 0018 UI {root}.{series}.{slice}
0008 0020 DA 20250301
0008 0021 DA 20250301
0008 0022 DA 20250301
0008 0023 DA 20250301
0008 002A DT 20250301101512.{tick}
0008 0030 TM 101112
0008 0031 TM 101423.5{series}
0008 0032 TM 101512.{tick}
0008 0033 TM 101513.{tick}
0008 0050 SH 4711
0008 0060 CS CT
0008 0070 LO Maker of scanners
0008 0080 LO Institute of Nowhere
0008 0090 PN
0008 1010 SH CT01
0008 1030 LO Thorax^Routine (Adult)
0008 1032 SQ 00080100 SH CT THORAX 00080102 SH LOCAL 00080104 LO CT of the thorax
0008 103E LO Lung {series}.0 mm
0008 1040 LO Radiology
0008 1090 LO Scanner 64
0008 1110 SQ 00081150 UI 1.2.840.10008.3.1.2.3.1 00081155 UI {root}.2
0008 1111 SQ 00081150 UI 1.2.840.10008.3.1.2.3.3 00081155 UI {root}.9.1
0008 1140 SQ 00081150 UI {ct} 00081155 UI {root}.9.{slice}
0008 2112 SQ 00081150 UI {ct} 00081155 UI {root}.9.{series}.{slice}
0008 2218 SQ 00080100 SH T-D3000 00080102 SH SRT 00080104 LO Chest
"""
_MIDDLE = """
0010 0010 PN Nobody^Made Up
0010 0020 LO 0000-1
0010 0030 DA 19500101
0010 0040 CS O
0010 1010 AS 075Y
0010 1030 DS 71.5
0010 21B0 LT
0018 0010 LO Contrast agent
0018 0015 CS CHEST
0018 0022 CS HELICAL MODE
0018 0050 DS 1.250000
0018 0060 DS 120
0018 0090 DS 500.000000
0018 1020 LO 07MW18.4
0018 1030 LO 5.1 Thorax routine
0018 1040 LO IV
0018 1100 DS 360.000000
0018 1110 DS 949.147000
0018 1111 DS 541.000000
0018 1120 DS 0.000000
0018 1130 DS 148.500000
0018 1140 CS CW
0018 1150 IS 601
0018 1151 IS {current}
0018 1152 IS 9
0018 1160 SH BODY FILTER
0018 1170 IS 60000
0018 1190 DS 1.200000
0018 1210 SH LUNG
0018 5100 CS FFS
0018 9305 FD 0.6
0018 9306 FD 0.625
0018 9307 FD 40
0018 9309 FD 55
0018 9310 FD 23.12
0018 9311 FD 1.375
0020 000D UI {root}.2
0020 000E UI {root}.3.{series}
0020 0010 SH 8123
0020 0011 IS {series}
0020 0012 IS 1
0020 0013 IS {slice}
0020 0032 DS -181.300003\\-170.000000\\{place:.6f}
0020 0037 DS 1.000000\\0.000000\\0.000000\\0.000000\\1.000000\\0.000000
0020 0052 UI {root}.4
0020 0060 CS
0020 1040 LO XY
0020 1041 DS {place:.6f}
"""
_END = """
0028 0002 US 1
0028 0004 CS MONOCHROME2
0028 0010 US 64
0028 0011 US 64
0028 0030 DS 0.703125\\0.703125
0028 0100 US 16
0028 0101 US 16
0028 0102 US 15
0028 0103 US 1
0028 0120 SS -2000
0028 1050 DS -600
0028 1051 DS 1500
0028 1052 DS -1024
0028 1053 DS 1
0028 1054 LO HU
0032 1033 LO Ward 3
0040 0002 DA 20250301
0040 0003 TM 101000
0040 0244 DA 20250301
0040 0245 TM 101112
0040 0253 SH 8123
0040 0254 LO CT Thorax
0040 0275 SQ 00321060 LO CT Thorax 00400007 LO CT of the thorax 00400009 SH 8123 00401001 SH 8123
0040 0260 SQ 00080100 SH THX 00080102 SH LOCAL 00080103 SH 1 00080104 LO Thorax
"""
_SLICE = """
0008 0016 UI {ct}
0008 0018 UI {root}.9.{slice}
0008 0060 CS CT
0010 0020 LO BENCH
0020 000D UI {root}.9
0020 000E UI {root}.9.0
0020 0013 IS {slice}
0020 0032 DS -180\\-180\\{place}
0020 0037 DS 1\\0\\0\\0\\1\\0
0020 0052 UI {root}.9.7
0028 0002 US 1
0028 0004 CS MONOCHROME2
0028 0010 US {rows}
0028 0011 US {rows}
0028 0030 DS 0.7\\0.7
0028 0100 US 16
0028 0101 US 16
0028 0102 US 15
0028 0103 US 1
0028 1050 DS 40
0028 1051 DS 400
0028 1052 DS -1024
0028 1053 DS 1
"""
"""Slices of a stack, square."""
_PRIVATE = ((0x0009, 4), (0x0019, 15), (0x0021, 4), (0x0027, 5), (0x0043, 9), (0x0045, 4))
"""Groups that only a maker knows, with how many elements each."""


def write_headers(folder: Path, count: int) -> list[Path]:
    """*count* CT images of 64 x 64 with the header of a real one (6.7 kB), several series, names in no order.

    The data set has 145 elements, 167 with those inside sequences; what differs from slice to slice differs
    in length too.
    """
    folder.mkdir(parents=True)
    luck = random.Random(1)
    numbers = list(range(count))
    luck.shuffle(numbers)
    paths = []
    for number in numbers:
        path = folder / f"{luck.getrandbits(64):016x}"
        path.write_bytes(_file(number, luck))
        paths.append(path)
    return paths


def write_stack(
    folder: Path, voxels: NDArray[np.int16], packed: Callable[[NDArray[np.int16]], bytes] | None = None
) -> list[Path]:
    """A stack of CT slices, one file each; *packed* makes JPEG-LS of a slice, else they stand as they are."""
    folder.mkdir(parents=True)
    paths = []
    for at, pixels in enumerate(voxels):
        uid = f"{_ROOT}.9.{at + 1}".encode()
        syntax = _EXPLICIT if packed is None else _JPEG_LS
        content = pixels.tobytes() if packed is None else packed(pixels)
        words: dict[str, str | float] = {"ct": _CT, "root": _ROOT, "slice": at + 1, "place": 0.7 * at}
        words["rows"] = len(pixels)
        elements = (
            _element(2, 2, "UI", _CT.encode()),
            _element(2, 3, "UI", uid),
            _element(2, 0x10, "UI", syntax.encode()),
            *_listed(_SLICE, words),
            _element(0x7FE0, 0x10, "OW", content) if packed is None else _encapsulated(content),
        )
        path = folder / f"{at:05}.dcm"
        path.write_bytes(bytes(128) + b"DICM" + b"".join(elements))
        paths.append(path)
    return paths


def _encapsulated(content: bytes) -> bytes:
    """One fragment behind an empty table of offsets (PS3.5 A.4)."""
    content += b"\0" * (len(content) % 2)
    item, end = struct.pack("<HHI", 0xFFFE, 0xE000, len(content)), struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    empty = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
    return struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OB", 0, 0xFFFFFFFF) + empty + item + content + end


def _file(number: int, luck: random.Random) -> bytes:
    series, place = divmod(number, SERIES_LENGTH)
    words: dict[str, str | float] = {
        "ct": _CT,
        "root": _ROOT,
        "series": str(series + 1),
        "slice": str(place + 1),
        "tick": str(luck.randrange(1_000_000)),
        "current": str(luck.randrange(80, 500)),
        "place": place * 1.25 - 160,
    }
    uid = f"{_ROOT}.{series + 1}.{place + 1}"
    meta = b"".join(
        (
            _element(2, 1, "OB", b"\0\1"),
            _element(2, 2, "UI", _CT.encode()),
            _element(2, 3, "UI", uid.encode()),
            _element(2, 0x10, "UI", _EXPLICIT.encode()),
            _element(2, 0x12, "UI", f"{_ROOT}.5".encode()),
            _element(2, 0x16, "AE", b"SCANNER"),
        )
    )
    elements = sorted(
        (
            *_listed(_BEGINNING, words),
            *_private(luck),
            *_listed(_MIDDLE, words),
            *_listed(_END, words),
            _element(0x7FE0, 0x10, "OW", bytes(64 * 64 * 2)),
        ),
        key=lambda element: struct.unpack_from("<HH", element),
    )
    length = _element(2, 0, "UL", struct.pack("<I", len(meta)))
    return bytes(128) + b"DICM" + length + meta + b"".join(elements)


def _listed(listing: str, words: dict[str, str | float]) -> Iterator[bytes]:
    """Elements from lines of group, element, value representation and value."""
    for line in listing.strip("\n").format(**words).split("\n"):
        group, element, vr, value = (*line.split(" ", 3), "")[:4]
        yield _element(int(group, 16), int(element, 16), vr, _value(vr, value))


def _value(vr: str, text: str) -> bytes:
    if vr == "SQ":
        return _sequence(text)
    return (
        struct.pack(_NUMBERS[vr], float(text) if vr == "FD" else int(text))
        if vr in _NUMBERS
        else text.encode()
    )


def _sequence(text: str) -> bytes:
    """One item of elements written as eight digits, value representation and value."""
    words = text.split(" ")
    starts = [at for at, word in enumerate(words) if len(word) == 8 and word.isdigit()]
    item = b""
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        tag = int(words[start], 16)
        value = " ".join(words[start + 2 : end]).encode()
        item += _element(tag >> 16, tag & 0xFFFF, words[start + 1], value)
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(item)) + item


def _private(luck: random.Random) -> Iterator[bytes]:
    """Groups of a maker: its name, then numbers, words and one block of bytes."""
    for group, count in _PRIVATE:
        yield _element(group, 0x10, "LO", b"MAKER_%04X_01" % group)
        for at in range(count - 1):
            kind = ("DS", "SL", "LO", "UN")[at % 4]
            value = {
                "DS": b"%.4f" % luck.uniform(-500, 500),
                "SL": struct.pack("<i", at),
                "LO": b"private value number %d of this group" % at,
                "UN": bytes(510),
            }[kind]
            yield _element(group, 0x1000 + at, kind, value)


def _element(group: int, element: int, vr: str, value: bytes) -> bytes:
    """One element in explicit VR, little endian (PS3.5 7.1.2)."""
    if len(value) % 2:
        value += b"\0" if vr == "UI" else b" "
    head = struct.pack("<HH2s", group, element, vr.encode())
    if vr in _LONG:
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value
