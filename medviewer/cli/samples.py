"""Files like those of a CT scanner, made for measuring; nobody's images."""

from __future__ import annotations

import random
import struct
from pathlib import Path

CT = b"1.2.840.10008.5.1.4.1.1.2"
EXPLICIT = b"1.2.840.10008.1.2.1"
_LONG = (b"OB", b"OW", b"SQ", b"UN")


def write_headers(folder: Path, count: int) -> list[Path]:
    """*count* CT images of 64 x 64 with the header of a real one (about 150 elements), names in no order."""
    folder.mkdir(parents=True)
    luck = random.Random(1)
    numbers = list(range(count))
    luck.shuffle(numbers)
    paths = []
    for number in numbers:
        path = folder / f"{luck.getrandbits(64):016x}"
        path.write_bytes(_file(number))
        paths.append(path)
    return paths


def _file(number: int) -> bytes:
    uid = b"1.2.826.0.1.3680043.10.1.%d" % number
    meta = b"".join(
        (_element(2, 2, b"UI", CT), _element(2, 3, b"UI", uid), _element(2, 0x10, b"UI", EXPLICIT))
    )
    length = _element(2, 0, b"UL", struct.pack("<I", len(meta)))
    return bytes(128) + b"DICM" + length + meta + b"".join(_elements(number, uid))


def _elements(number: int, uid: bytes) -> list[bytes]:
    """A data set in ascending order of tags."""
    short = struct.Struct("<H").pack
    private = [_element(9, 0x1000 + at, b"LO", b"private value %d" % at) for at in range(60)]
    item = _element(8, 0x1150, b"UI", CT) + _element(8, 0x1155, b"UI", uid)
    items = b"\xfe\xff\x00\xe0" + struct.pack("<I", len(item)) + item
    return [
        _element(8, 5, b"CS", b"ISO_IR 100"),
        _element(8, 8, b"CS", b"ORIGINAL\\PRIMARY\\AXIAL"),
        _element(8, 0x16, b"UI", CT),
        _element(8, 0x18, b"UI", uid),
        *(_element(8, tag, b"DA", b"20250301") for tag in (0x20, 0x21, 0x22, 0x23)),
        *(_element(8, tag, b"TM", b"101112.000") for tag in (0x30, 0x31, 0x32, 0x33)),
        _element(8, 0x60, b"CS", b"CT"),
        _element(8, 0x70, b"LO", b"Maker of scanners"),
        _element(8, 0x1030, b"LO", b"Thorax"),
        _element(8, 0x103E, b"LO", b"Lung 1.0"),
        _element(8, 0x1140, b"SQ", items),
        _element(9, 0x10, b"LO", b"MAKER_01"),
        *private,
        _element(0x10, 0x10, b"PN", b"Nobody^Made Up"),
        _element(0x10, 0x20, b"LO", b"0000"),
        *(_element(0x18, tag, b"DS", b"1.5") for tag in range(0x60, 0x60 + 50, 2)),
        _element(0x18, 0x1030, b"LO", b"Protocol"),
        *(_element(0x18, tag, b"IS", b"120") for tag in range(0x1150, 0x1150 + 40, 2)),
        _element(0x20, 0xD, b"UI", b"1.2.826.0.1.3680043.10.2"),
        _element(0x20, 0xE, b"UI", b"1.2.826.0.1.3680043.10.3"),
        _element(0x20, 0x13, b"IS", b"%d" % number),
        _element(0x20, 0x32, b"DS", b"-160\\-160\\%d" % number),
        _element(0x20, 0x37, b"DS", b"1\\0\\0\\0\\1\\0"),
        _element(0x20, 0x52, b"UI", b"1.2.826.0.1.3680043.10.4"),
        _element(0x28, 2, b"US", short(1)),
        _element(0x28, 4, b"CS", b"MONOCHROME2"),
        _element(0x28, 0x10, b"US", short(64)),
        _element(0x28, 0x11, b"US", short(64)),
        _element(0x28, 0x30, b"DS", b"0.7\\0.7"),
        _element(0x28, 0x100, b"US", short(16)),
        _element(0x28, 0x101, b"US", short(16)),
        _element(0x28, 0x102, b"US", short(15)),
        _element(0x28, 0x103, b"US", short(1)),
        _element(0x28, 0x1050, b"DS", b"40"),
        _element(0x28, 0x1051, b"DS", b"400"),
        _element(0x28, 0x1052, b"DS", b"-1024"),
        _element(0x28, 0x1053, b"DS", b"1"),
        _element(0x7FE0, 0x10, b"OW", bytes(64 * 64 * 2)),
    ]


def _element(group: int, element: int, vr: bytes, value: bytes) -> bytes:
    """One element in explicit VR, little endian (PS3.5 7.1.2)."""
    if len(value) % 2:
        value += b"\0" if vr == b"UI" else b" "
    head = struct.pack("<HH", group, element) + vr
    if vr in _LONG:
        return head + b"\0\0" + struct.pack("<I", len(value)) + value
    return head + struct.pack("<H", len(value)) + value
