"""A series as a source of decoded frames: native pixels are read in place, compressed ones by a decoder."""

from __future__ import annotations

import os
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from itertools import groupby
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import Plane
from medviewer.core.study import FrameAddress, Instance, Series, SeriesKey
from medviewer.core.volume import Frame
from medviewer.dicom.attributes import Attributes, read_attributes
from medviewer.dicom.decode import Coded, Decoder
from medviewer.dicom.fields import PICTURE, PICTURE_ITEMS
from medviewer.dicom.fragments import Fragments, find_fragments, find_stream
from medviewer.dicom.meaning import Meaning, frame_from, meaning_of
from medviewer.dicom.native import encapsulated_frame, native_frame, stored_values
from medviewer.dicom.opening import Place, called, open_bytes, open_descriptor, open_regular, unreadable
from medviewer.dicom.overlays import overlays_of
from medviewer.dicom.profiles import Profiles
from medviewer.dicom.remarks import remarks_of
from medviewer.dicom.stacking import Stacking, is_plain
from medviewer.dicom.streams import Streams
from medviewer.dicom.syntax import DEFLATED, Coding, coding_of, is_decoded_alone
from medviewer.dicom.walk import Bytes
from medviewer.kit.archive import Archive
from medviewer.kit.cache import ByteCache
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext

_KNOWN_FILES = 128
_CONTENTS_BYTES = 256 << 20
_MOSAIC_BYTES = 32 << 20

_Bits = tuple[NDArray[Any], str, tuple[str, ...]]
"""Pixels with all their bits, what their colours are, and remarks."""


@frozen
class _File:
    place: Place
    meaning: Meaning
    fragments: Fragments | None


class SeriesSource:
    """The frames of *series*, in its order. Threads may share it; nothing of pydicom is kept.

    Raises FileTrouble when a frame cannot be had: the others stay usable.
    """

    def __init__(self, series: Series, decoder: Decoder) -> None:
        self._series = series
        self._decoder = decoder
        self._lock = Lock()
        self._files: OrderedDict[int, _File] = OrderedDict()
        self._contents: ByteCache[str, bytes] = ByteCache(_CONTENTS_BYTES)
        self._mosaics: ByteCache[int, _Bits] = ByteCache(_MOSAIC_BYTES)
        self._archives: dict[str, Archive] = {}
        self._profiles = Profiles(decoder)
        self._streams = Streams()
        self._in_turn = Lock()

    @property
    def series(self) -> SeriesKey:
        """Which series this is."""
        return self._series.key

    @property
    def count(self) -> int:
        """How many frames there are."""
        return len(self._series.frames)

    def plane(self, index: int) -> Plane:
        """Where frame *index* lies."""
        return self._series.frames[index].plane

    def frame(self, index: int) -> Frame:
        """Frame *index*, decoded. Slow: workers call it. Raises FileTrouble."""
        address = self._series.frames[index]
        at = address.frame if self._series.instances[address.instance].tiles == (1, 1) else 0
        file, (bits, photometric, remarks) = self._read(address)
        return frame_from(file.meaning, at, bits, photometric, address.plane, remarks, self._profiles)

    def stored(self, index: int) -> NDArray[Any]:
        """The stored values of frame *index*, whatever they mean. Slow. Raises FileTrouble."""
        file, (bits, _, _) = self._read(self._series.frames[index])
        return stored_values(bits, file.meaning.attributes)

    def _read(self, address: FrameAddress) -> tuple[_File, _Bits]:
        instance = self._series.instances[address.instance]
        try:
            with self._opened(instance) as source:
                file = self._file(address.instance, instance, source)
                if instance.transfer_syntax == DEFLATED:
                    source = Bytes.of(self._inflated(instance, source))
                is_whole = instance.tiles == (1, 1)
                bits = (
                    self._bits(file, source, address.frame) if is_whole else self._tile(file, source, address)
                )
        except OSError as trouble:
            raise unreadable(instance.path, trouble) from None
        return file, bits

    def frames(self, indices: Iterable[int]) -> Iterator[tuple[int, Frame]]:
        """Frames *indices* with their numbers; see `StackSource`."""
        for way, some in groupby(indices, self._way):
            yield from way(some)

    def _way(self, index: int) -> Callable[[Iterable[int]], Iterator[tuple[int, Frame]]]:
        instance = self._series.instances[self._series.frames[index].instance]
        if instance.transfer_syntax == DEFLATED:
            return self._in_threads
        is_alone = is_decoded_alone(instance.transfer_syntax) and instance.tiles == (1, 1)
        return self._decoded if is_alone else self._one_by_one

    def _one_by_one(self, indices: Iterable[int]) -> Iterator[tuple[int, Frame]]:
        for index in indices:
            yield index, self.frame(index)

    def _in_threads(self, indices: Iterable[int]) -> Iterator[tuple[int, Frame]]:
        """Deflated files: inflating them leaves the interpreter free."""
        at_once = os.cpu_count() or 1
        underway: deque[tuple[int, Future[Frame]]] = deque()
        with ThreadPoolExecutor(at_once) as threads:
            try:
                for at in indices:
                    underway.append((at, threads.submit(self.frame, at)))
                    if len(underway) > at_once:
                        yield underway[0][0], underway.popleft()[1].result()
                while underway:
                    yield underway[0][0], underway.popleft()[1].result()
            finally:
                threads.shutdown(wait=True, cancel_futures=True)

    def _decoded(self, indices: Iterable[int]) -> Iterator[tuple[int, Frame]]:
        """Pictures that are compressed one by one: the next ones are read while decoders are busy."""
        taken: deque[tuple[int, _File, Fragments]] = deque()

        def coded() -> Iterator[Coded]:
            for index in indices:
                address = self._series.frames[index]
                instance = self._series.instances[address.instance]
                try:
                    with self._opened(instance) as source:
                        file = self._file(address.instance, instance, source)
                        assert file.fragments is not None
                        data = file.fragments.read(source, address.frame, file.meaning.attributes.name)
                except OSError as trouble:
                    raise unreadable(instance.path, trouble) from None
                taken.append((index, file, file.fragments))
                yield _coded(file.meaning.attributes, data)

        with closing(self._decoder.decode_many(coded())) as every:
            for one in every:
                index, file, fragments = taken.popleft()
                address = self._series.frames[index]
                found = (one.pixels, one.photometric, address.plane, fragments.remarks, self._profiles)
                yield index, frame_from(file.meaning, address.frame, *found)

    def read_stack(
        self, indices: Sequence[int], voxels: NDArray[Any], like: int, around: int, context: TaskContext
    ) -> list[int]:
        """Read native pictures straight into *voxels*; see `StackSource`. The answer is what is left."""
        address = self._series.frames[like]
        instance = self._series.instances[address.instance]
        if not is_plain(instance):
            return list(indices)
        try:
            with self._opened(instance) as source:
                attributes = self._file(address.instance, instance, source).meaning.attributes
        except OSError as trouble:
            raise unreadable(instance.path, trouble) from None
        addresses = [self._series.frames[index] for index in indices]
        reading = Stacking(self._series.instances, addresses, address, attributes)
        return [indices[at] for at in reading.read(voxels, around, context)]

    def hurried(self) -> AbstractContextManager[int]:
        """A time in which all processors decode: how many frames may be asked for at once."""
        return self._decoder.hurried()

    def _tile(self, file: _File, source: Bytes, address: FrameAddress) -> _Bits:
        """One picture of those that the one frame of the file holds; the frame is decoded once for many."""
        whole = self._mosaics.get(address.instance)
        if whole is None:
            whole = self._bits(file, source, 0)
            self._mosaics.put(address.instance, whole, whole[0].nbytes)
        pixels, photometric, remarks = whole
        rows, columns = address.plane.shape
        down, right = divmod(address.frame, self._series.instances[address.instance].tiles[1])
        tile = pixels[down * rows : (down + 1) * rows, right * columns : (right + 1) * columns]
        return np.ascontiguousarray(tile), photometric, remarks

    def close(self) -> None:
        """Let go of archives and of what is remembered of files."""
        with self._lock:
            archives, self._archives = list(self._archives.values()), {}
            self._files.clear()
        self._streams.close()
        self._contents.clear()
        self._mosaics.clear()
        for archive in archives:
            archive.close()

    @contextmanager
    def _opened(self, instance: Instance) -> Iterator[Bytes]:
        """The bytes of the file, or of a member of an archive."""
        if instance.member:
            yield Bytes.of(self._member(instance))
            return
        descriptor = open_regular(instance.path)
        try:
            yield open_descriptor(descriptor)
        finally:
            os.close(descriptor)

    def _member(self, instance: Instance) -> bytes:
        key = f"{instance.path}\0{instance.member}"
        content = self._contents.get(key)
        if content is None:
            content = self._archive(instance.path).read(instance.member)
            self._contents.put(key, content, len(content))
        return content

    def _inflated(self, instance: Instance, source: Bytes) -> bytes:
        """The data set of a deflated file, in which the pixels stand."""
        key = f"{instance.path}\0{instance.member}\0inflated"
        body = self._contents.get(key)
        if body is None:
            opened = open_bytes((instance.path, instance.member), source, PICTURE, PICTURE_ITEMS)
            body = opened.body or b""
            self._contents.put(key, body, len(body))
        return body

    def _archive(self, path: str) -> Archive:
        with self._lock:
            if path not in self._archives:
                self._archives[path] = Archive(path)
            return self._archives[path]

    def _file(self, at: int, instance: Instance, source: Bytes) -> _File:
        with self._lock:
            known = self._files.get(at)
            if known is not None:
                self._files.move_to_end(at)
                return known
        known = _understood(instance, source)
        with self._lock:
            self._files[at] = known
            while len(self._files) > _KNOWN_FILES:
                self._files.popitem(last=False)
        return known

    def _bits(self, file: _File, source: Bytes, frame: int) -> _Bits:
        """Pixels with all their bits, what their colours are, and remarks."""
        attributes = file.meaning.attributes
        if file.fragments is None:
            pixels, remarks = native_frame(attributes, source, frame)
            return pixels, attributes.photometric, remarks
        if file.fragments.is_stream:
            return self._of_video(file, file.fragments, source, frame)
        data = file.fragments.read(source, frame, attributes.name)
        if coding_of(attributes.syntax, attributes.name) is Coding.ENCAPSULATED:
            pixels = encapsulated_frame(attributes, data, frame)
            return pixels, attributes.photometric, file.fragments.remarks
        decoded = self._decoder.decode(_coded(attributes, data))
        return decoded.pixels, decoded.photometric, file.fragments.remarks

    def _of_video(self, file: _File, fragments: Fragments, source: Bytes, frame: int) -> _Bits:
        """A frame of a stream; in turn, because two who jump about in it would decode it over and over."""
        attributes = file.meaning.attributes
        coded = self._streams.coded(file.place, attributes, fragments, source, frame)
        with self._in_turn:
            decoded = self._decoder.decode(coded)
        longer = f"The video goes on after the {attributes.frames:,} pictures of its header."
        return decoded.pixels, decoded.photometric, (*fragments.remarks, *((longer,) * decoded.is_longer))


def _coded(attributes: Attributes, data: bytes) -> Coded:
    return Coded(
        data,
        coding_of(attributes.syntax, attributes.name),
        attributes.rows,
        attributes.columns,
        attributes.samples,
        attributes.allocated,
        attributes.photometric,
        attributes.name,
    )


def _understood(instance: Instance, source: Bytes) -> _File:
    place = (instance.path, instance.member)
    opened = open_bytes(place, source, PICTURE, PICTURE_ITEMS)
    attributes = read_attributes(called(place), opened)
    coding = coding_of(attributes.syntax, attributes.name)
    if coding is Coding.VIDEO:
        # whatever the stream holds, 8 bits a colour come out of it
        attributes = replace(attributes, allocated=8, stored=8, high_bit=7, signed=False)
    overlays, lost = overlays_of(attributes, place, source)
    meaning = meaning_of(attributes, overlays, (*remarks_of(attributes), *lost))
    if coding is Coding.NATIVE:
        return _File(place, meaning, None)
    if coding is Coding.VIDEO:
        return _File(place, meaning, find_stream(source, attributes.offset, attributes.name))
    table = opened.walked.elements.get(0x7FE00001, b"")
    fragments = find_fragments(
        source,
        attributes.offset,
        attributes.frames,
        attributes.name,
        table,
        coding in (Coding.RLE, Coding.ENCAPSULATED),
    )
    return _File(place, meaning, fragments)
