"""Native pixels of a stack, read straight into its voxels: one copy from the file to where they stay.

Only what stands in the files as numpy has it is read so, and only from files that say the same of their greys
as one of them does, byte for byte. Whatever else there is takes the ordinary way, a frame at a time.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.study import FrameAddress, Instance
from medviewer.dicom.attributes import Attributes
from medviewer.dicom.fields import PICTURE, Field, Fields
from medviewer.dicom.gray import rescale_of
from medviewer.dicom.layout import MOST_LAYOUTS, Layout, Layouts
from medviewer.dicom.opening import open_regular
from medviewer.dicom.syntax import EXPLICIT, IMPLICIT
from medviewer.kit.task import TaskContext

READERS = 4
_LONGEST_HEAD = 1 << 20
_AT_ONCE = 8
"""Files a thread reads before the progress is told."""
_AT_HAND = getattr(os, "RWF_NOWAIT", None)
"""Asks a read for no more than what the system has in its memory."""
_BESIDE = ("WindowCenter", "WindowWidth", "WindowCenterWidthExplanation", "VOILUTFunction", "VOILUTSequence")
"""What may differ from slice to slice while their values stay comparable."""
_ABOUT_ALL = ("Shutter", "Overlay", "ICCProfile", "Date", "Time", "LossyImageCompression")

Said = dict[str, bytes]
"""What a file says of its greys, as it stands there."""
_File = tuple[int, list[int]]
"""The number of an instance, and the places of its frames in the volume."""


def _grey_fields() -> Fields:
    """What decides the value of a pixel. Raw bytes are compared, so that any form is as good as text."""
    kept = {
        tag: field
        for tag, field in PICTURE.items()
        if field.keyword not in _BESIDE and not any(word in field.keyword for word in _ABOUT_ALL)
    }
    return {
        tag: field if field.form == "sequence" else Field(field.keyword, field.vrs, "text")
        for tag, field in kept.items()
    }


_FIELDS = _grey_fields()
_GREY = frozenset(field.keyword for field in _FIELDS.values())


def straight_type(attributes: Attributes) -> np.dtype[Any] | None:
    """The type of the voxels where pixels can be read as they stand, or None."""
    if (
        sys.byteorder != "little"
        or attributes.syntax not in (EXPLICIT, IMPLICIT)
        or not attributes.photometric.startswith("MONOCHROME")
        or attributes.modality == "PT"  # whose values depend on much more of the header
        or attributes.pixel_keyword != "PixelData"
        or attributes.allocated not in (8, 16, 32)
    ):
        return None
    return np.dtype(f"{'i' if attributes.signed else 'u'}{attributes.allocated // 8}")


class Stacking:
    """Reads the frames *addresses* of *instances* into an array, one after another."""

    def __init__(
        self,
        instances: Sequence[Instance],
        addresses: Sequence[FrameAddress],
        like: FrameAddress,
        attributes: Attributes,
    ) -> None:
        """*attributes* are those of the file of frame *like*, which all the others have to resemble."""
        self._instances = instances
        self._addresses = addresses
        self._like = like
        self._attributes = attributes
        self._type = straight_type(attributes)
        self._layouts = Layouts(_FIELDS)
        self._said: Said | None = None

    def read(self, voxels: NDArray[Any], around: int, context: TaskContext) -> list[int]:
        """Fill *voxels* (frame, row, column), those around number *around* before the others.

        The answer is which were not read, because they need more care.
        """
        example = self._instances[self._like.instance]
        if self._type is None or voxels.dtype != self._type or not is_plain(example):
            return list(range(len(self._addresses)))
        head = _head_of(example)
        found = None if head is None else said_of(head, self._layouts)
        self._said = None if found is None else found[0]
        order = sorted(range(len(self._addresses)), key=lambda at: abs(at - around))
        files = [
            (instance, list(group))
            for instance, group in groupby(order, key=lambda at: self._addresses[at].instance)
        ]
        left: list[int] = []
        done = 0
        waiting = []
        with ThreadPoolExecutor(min(READERS, os.cpu_count() or 1)) as pool:
            for some in _batches(files):
                # copying in several threads is no quicker, as they wait for the memory; a disk likes several
                here = self._at_hand(some, voxels, context)
                if here < len(some):
                    waiting.append(pool.submit(self._some, some[here:], voxels, context))
                done += here
                context.report(done / len(order), "Reading the volume")
            for one in waiting:
                asked, missed = one.result()
                left += missed
                done += asked
                context.report(done / len(order), "Reading the volume")
        return left

    def _at_hand(self, files: list[_File], voxels: NDArray[Any], context: TaskContext) -> int:
        """Read single pictures as long as the system has them in its memory; how many those were."""
        if _AT_HAND is None:
            return 0
        for number, (instance, places) in enumerate(files):
            context.check()
            if len(places) > 1 or self._file(instance, places, voxels, _AT_HAND):
                return number
        return len(files)

    def _some(self, files: list[_File], voxels: NDArray[Any], context: TaskContext) -> tuple[int, list[int]]:
        left: list[int] = []
        for instance, places in files:
            context.check()
            left += self._file(instance, places, voxels)
        return sum(len(places) for _, places in files), left

    def _file(self, number: int, places: list[int], voxels: NDArray[Any], flags: int = 0) -> list[int]:
        """Read frames of one file; which of them could not be, with these *flags* of preadv."""
        instance = self._instances[number]
        if not is_plain(instance):
            return places
        try:
            descriptor = open_regular(instance.path)
            try:
                if number == self._like.instance:
                    return [at for at in places if not self._frame(descriptor, at, voxels[at], flags)]
                is_read = len(places) == 1 and self._slice(descriptor, instance, voxels[places[0]], flags)
                return [] if is_read else places
            finally:
                os.close(descriptor)
        except OSError:
            return places  # the ordinary way says what is the matter

    def _slice(self, descriptor: int, instance: Instance, target: NDArray[Any], flags: int) -> bool:
        """Read the one picture of a file and, in the same breath, what stands before it."""
        offset, attributes = instance.pixel_offset, self._attributes
        if attributes.groups or attributes.frames > 1:
            return False
        head = bytearray(offset)
        if not _read(descriptor, [head, _bytes_of(target)], 0, flags):
            return False
        found = said_of(bytes(head), self._layouts)
        if found is None or found[:2] != (self._said, offset) or found[2] < target.nbytes:
            return False
        narrow(target, attributes)
        return True

    def _frame(self, descriptor: int, at: int, target: NDArray[Any], flags: int) -> bool:
        """Read one picture of the file that the others have to resemble."""
        frame = self._addresses[at].frame
        start = frame * target.nbytes
        if self._attributes.length < start + target.nbytes or not self._is_alike(frame):
            return False
        if not _read(descriptor, [_bytes_of(target)], self._attributes.offset + start, flags):
            return False
        narrow(target, self._attributes)
        return True

    def _is_alike(self, frame: int) -> bool:
        """Whether this frame of a file of many has the rescale of the first one."""
        if not self._attributes.groups:
            return True
        one, other = (
            rescale_of(self._attributes, self._attributes.of_frame(at)) for at in (frame, self._like.frame)
        )
        return one == other


def _bytes_of(target: NDArray[Any]) -> memoryview:
    return target.reshape(-1).view(np.uint8).data


def _read(descriptor: int, rooms: list[bytearray | memoryview], offset: int, flags: int) -> bool:
    """Fill *rooms* one after another with what stands from *offset*; False when there is not as much."""
    if hasattr(os, "preadv"):
        return os.preadv(descriptor, rooms, offset, flags) == sum(map(len, rooms))
    os.lseek(descriptor, offset, os.SEEK_SET)
    with io.FileIO(descriptor, closefd=False) as file:
        return all(file.readinto(room) == len(room) for room in rooms)


def narrow(values: NDArray[Any], attributes: Attributes) -> None:
    """Mask unused bits away and extend the sign, in place (PS3.5 8.1.1)."""
    width = 8 * values.dtype.itemsize
    if attributes.stored == width:
        return
    bits = values.view(f"=u{values.dtype.itemsize}")
    bits <<= width - 1 - attributes.high_bit
    values >>= width - attributes.stored


def said_of(head: bytes, layouts: Layouts) -> tuple[Said, int, int] | None:
    """What a file says of its greys, where its pixels begin and their bytes; None where it is unusual."""
    found = layouts.find(head) or layouts.find(head)
    if found is None:
        return None
    layout, raws, offset, length = found
    said = {**_constant(layout)}
    for field, raw in zip(layout.taken, raws, strict=True):
        if field.keyword in _GREY:
            said[field.keyword] = raw
    return said, offset, length


@lru_cache(maxsize=2 * MOST_LAYOUTS)
def _constant(layout: Layout) -> Said:
    said = {field.keyword: value for field, value in layout.constant if field.keyword in _GREY}
    return {**said, "TransferSyntaxUID": layout.syntax.encode()}


def _head_of(instance: Instance) -> bytes | None:
    try:
        with io.FileIO(open_regular(instance.path)) as file:
            return file.read(instance.pixel_offset)
    except OSError:
        return None


def is_plain(instance: Instance) -> bool:
    """Whether the pixels stand in a file of their own as they are."""
    is_own = not instance.member and instance.tiles == (1, 1) and 0 < instance.pixel_offset <= _LONGEST_HEAD
    return is_own and instance.transfer_syntax in (EXPLICIT, IMPLICIT)


def _batches(files: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(files), _AT_ONCE):
        yield files[start : start + _AT_ONCE]
