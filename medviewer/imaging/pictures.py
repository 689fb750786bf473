"""Reading PNG and JPEG pictures, with a look at their size before anything is allocated."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import read_only
from medviewer.kit.errors import DamagedFile, FileTrouble, TooLarge

SUFFIXES = (".png", ".jpg", ".jpeg")
LARGEST_PX = 100_000_000
"""Larger than any detector; a PNG of 900 million pixels fits into a megabyte."""

_PNG = b"\x89PNG\r\n\x1a\n"


def read_picture(path: Path) -> NDArray[Any]:
    """The pixels of a PNG or JPEG: (row, column) in the file's own depth, or (row, column, 3) RGB.

    Raises FileTrouble, naming the file.
    """
    try:
        data = path.read_bytes()
    except OSError as trouble:
        raise FileTrouble(f"{path.name} cannot be read: {trouble.strerror}.") from None
    rows, columns = _declared_size(data, path.name)
    if rows * columns > LARGEST_PX:
        raise TooLarge(f"{path.name} claims {columns} x {rows} pixels, which is more than can be used.")
    try:
        array = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error:
        array = None
    if array is None:
        raise DamagedFile(f"{path.name} is damaged and cannot be decoded.", "Replace or remove it.")
    return read_only(_grey_or_rgb(array))


def _grey_or_rgb(array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim == 2:
        return np.ascontiguousarray(array)
    rgb = array[..., 2::-1]
    if (rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 0] == rgb[..., 2]).all():
        return np.ascontiguousarray(rgb[..., 0])
    return np.ascontiguousarray(rgb)


def _declared_size(data: bytes, name: str) -> tuple[int, int]:
    """(rows, columns) as the header has them."""
    if data.startswith(_PNG) and len(data) >= 24:
        columns, rows = struct.unpack(">II", data[16:24])
        return rows, columns
    if data.startswith(b"\xff\xd8"):
        found = _jpeg_size(data)
        if found:
            return found
        raise DamagedFile(f"{name} is a damaged JPEG.", "Replace or remove it.")
    raise FileTrouble(f"{name} is neither PNG nor JPEG.", "Convert it, or remove it from the folder.")


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            rows, columns = struct.unpack(">HH", data[at + 5 : at + 9])
            return rows, columns
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
