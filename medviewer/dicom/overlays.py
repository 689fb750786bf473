"""Overlay planes 6000 to 601E: drawings and regions that a file lays over its pictures (PS3.3 C.9.2).

The bits stand in data of their own, packed from the lowest bit of each byte on (PS3.5 8.1.2), or, in old
files, in bits of the pixels that hold no grey value.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.beside_pixels import OverlayPlane
from medviewer.core.volume import read_only
from medviewer.dicom.attributes import Attributes, Values
from medviewer.dicom.fields import OVERLAYS
from medviewer.dicom.opening import Place, open_bytes
from medviewer.dicom.walk import Bytes
from medviewer.kit.errors import FileTrouble
from medviewer.kit.frozen import frozen

NOT_DRAWN = "Overlay in the file not drawn"
INCOMPLETE = "Overlay in the file is incomplete: a part of it is missing"
_MOST_KEPT = 64 << 20
"""Bytes of unpacked masks that one file with several frames keeps."""

Mask = NDArray[np.uint8]


@frozen
class Packed:
    """One overlay as it stands in its file."""

    group: int
    rows: int
    columns: int
    top: int
    """row of the picture, from 0, on which the first row lies; may be negative"""
    left: int
    first: int
    """number of the first frame it belongs to, from 0"""
    count: int
    """how many frames of its own it has; 0 stands for one that belongs to every frame"""
    is_region: bool
    label: str
    data: bytes
    bit: int = -1
    """the bit of the pixels that is meant, where there are no *data*"""

    @property
    def is_cut(self) -> bool:
        """Whether its data end before it does."""
        return self.bit < 0 and 8 * len(self.data) < self.rows * self.columns * max(1, self.count)

    def covers(self, frame: int) -> bool:
        """Whether *frame*, from 0, has this overlay."""
        return not self.count or self.first <= frame < self.first + self.count


class Overlays:
    """The overlay planes of one file. Threads may share it."""

    def __init__(self, planes: tuple[Packed, ...], shape: tuple[int, int], frames: int) -> None:
        self.planes = planes
        self.shape = shape
        self._keeps = frames > 1
        self._lock = Lock()
        self._masks: dict[tuple[int, int], Mask | None] = {}

    def of_frame(self, frame: int, pixels: NDArray[Any]) -> tuple[OverlayPlane, ...]:
        """The planes of a frame in which a bit is set; *pixels* are the frame's bits as they stand."""
        found = []
        for plane in self.planes:
            mask = self._mask(plane, frame, pixels) if plane.covers(frame) else None
            if mask is not None:
                found.append(OverlayPlane(plane.group, mask, plane.is_region, plane.label))
        return tuple(found)

    def _mask(self, plane: Packed, frame: int, pixels: NDArray[Any]) -> Mask | None:
        """The mask, or None when no bit is set; frames that share a plane share its mask."""
        if plane.bit >= 0:
            return embedded(pixels, plane.bit)
        key = (plane.group, frame - plane.first if plane.count else 0)
        with self._lock:
            if key in self._masks:
                return self._masks[key]
        mask = placed(unpacked(plane, key[1]), plane.top, plane.left, self.shape)
        with self._lock:
            kept = sum(mask is not None for mask in self._masks.values()) * self.shape[0] * self.shape[1]
            if self._keeps and kept < _MOST_KEPT:
                self._masks[key] = mask
        return mask


def overlays_of(attributes: Attributes, place: Place, source: Bytes) -> tuple[Overlays, tuple[str, ...]]:
    """The overlays of a file, and remarks; *source* is the file."""
    shape = (attributes.rows, attributes.columns)
    groups = attributes.values.overlay_groups()
    if not groups:
        return Overlays((), shape, attributes.frames), ()
    try:
        # looked for apart from the rest: they are large, and few files have them
        values = Values(open_bytes(place, source, OVERLAYS, {}).walked.elements)
        read = [_packed(values, group, attributes) for group in groups]
    except FileTrouble:
        return Overlays((), shape, attributes.frames), (NOT_DRAWN,)
    planes = tuple(plane for plane in read if plane is not None)
    # an empty plane in a group that says nothing else is how some scanners write "no overlay"
    lost = any(
        plane is None and values.raw(f"OverlayData{group:X}").strip(b"\0")
        for plane, group in zip(read, groups, strict=True)
    )
    cut = any(plane.is_cut for plane in planes)
    remarks = (*((NOT_DRAWN,) * lost), *((INCOMPLETE,) * cut))
    return Overlays(planes, shape, attributes.frames), remarks


def _packed(values: Values, group: int, attributes: Attributes) -> Packed | None:
    """The plane, or None when it cannot be drawn."""

    def whole(keyword: str, otherwise: int) -> int:
        numbers = values.numbers(f"{keyword}{group:X}")
        return int(numbers[0]) if numbers else otherwise

    data = values.raw(f"OverlayData{group:X}")
    bit = whole("OverlayBitPosition", 0)
    if not data and not _is_free(bit, whole("OverlayBitsAllocated", 1), attributes):
        return None
    own = whole("OverlayRows", 0) > 0 and whole("OverlayColumns", 0) > 0
    origin = values.numbers(f"OverlayOrigin{group:X}")
    top, left = (int(origin[0]), int(origin[1])) if len(origin) == 2 else (1, 1)
    frames = whole("NumberOfFramesInOverlay", 1)
    bound = frames > 1 or f"ImageFrameOrigin{group:X}" in values
    if data and not own:
        return None
    return Packed(
        group=group,
        rows=whole("OverlayRows", 0),
        columns=whole("OverlayColumns", 0),
        top=top - 1,
        left=left - 1,
        first=max(0, whole("ImageFrameOrigin", 1) - 1),
        count=max(1, frames) if bound and data else 0,
        is_region=values.text(f"OverlayType{group:X}") == "R",
        label=(values.text(f"OverlayLabel{group:X}") or values.text(f"OverlayDescription{group:X}"))[:64],
        data=data,
        bit=-1 if data else bit,
    )


def _is_free(bit: int, allocated: int, attributes: Attributes) -> bool:
    """Whether *bit* of the pixels holds no part of their values."""
    lowest = attributes.high_bit - attributes.stored + 1
    return (
        attributes.samples == 1
        and attributes.pixel_keyword == "PixelData"
        and allocated == attributes.allocated
        and bit < attributes.allocated
        and not lowest <= bit <= attributes.high_bit
    )


def unpacked(plane: Packed, frame: int) -> Mask:
    """Frame *frame* of the overlay as (rows, columns) of 0 and 1; rows without data are left out."""
    size = plane.rows * plane.columns
    start = size * frame
    part = np.frombuffer(plane.data[start // 8 : -(-(start + size) // 8)], np.uint8)
    bits = np.unpackbits(part, bitorder="little")[start % 8 : start % 8 + size]
    rows = -(-bits.size // plane.columns)
    missing = np.zeros(rows * plane.columns - bits.size, np.uint8)
    return np.concatenate([bits, missing]).reshape(rows, plane.columns)


def placed(bits: Mask, top: int, left: int, shape: tuple[int, int]) -> Mask | None:
    """*bits* with their corner at (top, left) of a picture, as 0 and 255; None where none is on it."""
    rows = slice(max(0, top), max(0, min(shape[0], top + bits.shape[0])))
    columns = slice(max(0, left), max(0, min(shape[1], left + bits.shape[1])))
    part = bits[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    if rows.start >= rows.stop or columns.start >= columns.stop or not part.any():
        return None
    mask = np.zeros(shape, np.uint8)
    np.multiply(part, 255, out=mask[rows, columns])
    return read_only(mask)


def embedded(pixels: NDArray[Any], bit: int) -> Mask | None:
    """The mask in one bit of the pixels; None where none is set, or where a decoder kept no such bit."""
    if pixels.ndim != 2 or pixels.dtype.kind not in "ui" or bit >= 8 * pixels.dtype.itemsize:
        return None
    found = (pixels >> bit) & 1
    return read_only((found * 255).astype(np.uint8)) if found.any() else None
