"""Frames of a video, decoded one after the other: MPEG-2, H.264 and HEVC, with what OpenCV brings.

Only a process that decodes imports this. The stream is read where it stands, in pieces of a file; nothing but
streams that begin like one of the kinds DICOM allows is shown to the demultiplexer (PS3.5 8.2.5 to 8.2.11).
"""

from __future__ import annotations

import io
import os
from collections import OrderedDict
from itertools import accumulate
from time import monotonic
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.dicom.precheck import NotYet, Refused

SECONDS_AT_ONCE = 2.0
"""After this long the one who asked is told to ask again: a jump far ahead decodes all that lies between."""
MOST_KEPT = 48
_KEPT_BYTES = 48 << 20
_MOST_OPEN = 2

_KINDS = "mpegvideo,mpeg,mpegts,h264,hevc,mov,mp4,m4a,3gp,3g2,mj2"
_OPTIONS = f"format_whitelist;{_KINDS}|protocol_whitelist;crypto"
"""Nothing that names other files or addresses is opened, whatever a stream turns out to be."""
_PARAMETERS = [
    cv2.CAP_PROP_HW_ACCELERATION,
    cv2.VIDEO_ACCELERATION_NONE,
    cv2.CAP_PROP_N_THREADS,
    2,
]

Pieces = tuple[tuple[int, int], ...]
Rgb = NDArray[np.uint8]


class PiecesOfFile(io.BufferedIOBase):
    """Pieces (offset, length) of a file as one stream."""

    def __init__(self, path: str, pieces: Pieces) -> None:
        super().__init__()
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed with the stream
        self._pieces = pieces
        self._ends = list(accumulate(length for _, length in pieces))
        self._position = 0

    def read(self, size: int | None = -1) -> bytes:
        """At most *size* bytes from here on."""
        left = (self._ends[-1] if self._ends else 0) - self._position
        wanted = left if size is None or size < 0 else min(size, left)
        found = bytearray()
        for (offset, length), end in zip(self._pieces, self._ends, strict=True):
            if len(found) >= wanted:
                break
            inside = self._position - (end - length)
            if not 0 <= inside < length:
                continue
            self._file.seek(offset + inside)
            part = self._file.read(min(length - inside, wanted - len(found)))
            found += part
            self._position += len(part)
            if not part:
                break
        return bytes(found)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place in the stream."""
        size = self._ends[-1] if self._ends else 0
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: size}[whence]
        self._position = min(max(0, start + offset), size)
        return self._position

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class Video:
    """One stream, decoded forward; a step back costs a little more, and is exact.

    Places in a stream are known by its times, which are noted as they pass by. After a jump the time tells
    which frame it led to; where it does not, the stream is decoded from its beginning.
    """

    def __init__(self, path: str, pieces: Pieces, shape: tuple[int, int]) -> None:
        self._stream = PiecesOfFile(path, pieces)
        self._shape = shape
        _check_beginning(self._stream)
        frame_bytes = shape[0] * shape[1] * 3
        self._room = max(1, min(MOST_KEPT, _KEPT_BYTES // max(1, frame_bytes)))
        self._kept: OrderedDict[int, Rgb] = OrderedDict()
        self._wanted = range(0)
        self._times: list[float] = []
        self._orderly = True
        self._open()

    def frame(self, number: int) -> Rgb:
        """Frame *number*, from 0, (rows, columns, 3) RGB. Raises Refused, or NotYet to be asked again."""
        if number in self._kept:
            return self._kept[number]
        limit = monotonic() + SECONDS_AT_ONCE
        if number < self._next:
            self._wanted = range(max(0, number - self._room + 1), number + 1)
            if not self._gone_back(number):
                self._open()
        while self._next <= number:
            if monotonic() > limit:
                raise NotYet
            if not self._grabbed():
                raise Refused(f"hold only {self._next} picture{'' if self._next == 1 else 's'}")
            at = self._next - 1
            if at == number or at in self._wanted:
                self._keep(at)
        if number not in self._kept:
            raise Refused("cannot be decoded")
        return self._kept[number]

    def is_longer_than(self, count: int) -> bool:
        """Whether there is a frame after *count* frames; asked when the last of them was shown."""
        return self._next == count and self._grabbed()

    def close(self) -> None:
        """Let go of the file."""
        self._capture.release()
        self._stream.close()

    def _open(self) -> None:
        """Begin at the beginning."""
        self._stream.seek(0)
        self._capture = cv2.VideoCapture(self._stream, cv2.CAP_FFMPEG, _PARAMETERS)  # type: ignore[call-overload]
        self._next = 0
        self._is_from_start = True
        if not self._capture.isOpened():
            raise Refused("cannot be read as a video")
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
        size = [
            int(self._capture.get(which)) for which in (cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FRAME_WIDTH)
        ]
        if tuple(size) != self._shape:
            rows, columns = self._shape
            raise Refused(f"say {size[0]} x {size[1]} pixels inside and {rows} x {columns} in their header")

    def _grabbed(self) -> bool:
        """Decode the next frame; False at the end."""
        while self._capture.grab():
            at, time = self._next, self._capture.get(cv2.CAP_PROP_POS_MSEC)
            if at == len(self._times):
                self._orderly = self._orderly and (not self._times or time > self._times[-1])
                self._times.append(time)
            elif not self._is_from_start and time != self._times[at]:
                self._open()  # something was left out after a jump
                continue
            self._next += 1
            return True
        return False

    def _gone_back(self, number: int) -> bool:
        """Jump to somewhere before *number*; False where only the beginning leads there."""
        if number < 2 * self._room or not self._orderly or self._capture.get(cv2.CAP_PROP_FRAME_COUNT) <= 1:
            return False
        self._capture.set(cv2.CAP_PROP_POS_FRAMES, self._wanted.start)
        if not self._capture.grab():
            return False
        time = self._capture.get(cv2.CAP_PROP_POS_MSEC)
        at = next((place for place in range(number, -1, -1) if self._times[place] == time), -1)
        if at < 0:
            return False
        self._next = at + 1
        self._is_from_start = False
        if at in self._wanted:
            self._keep(at)
        return True

    def _keep(self, at: int) -> None:
        ok, pixels = self._capture.retrieve()
        if not ok or pixels is None or pixels.dtype != np.uint8:
            return
        self._kept[at] = _rgb(pixels)
        self._kept.move_to_end(at)
        while len(self._kept) > self._room:
            self._kept.popitem(last=False)


def _rgb(pixels: NDArray[Any]) -> Rgb:
    if pixels.ndim == 2:
        return np.asarray(np.repeat(pixels[..., None], 3, axis=2), np.uint8)
    return np.asarray(np.ascontiguousarray(pixels[..., 2::-1]), np.uint8)


def _check_beginning(stream: PiecesOfFile) -> None:
    """Refuse what is no stream of pictures, and no program stream, transport stream or MP4 that holds one."""
    head = stream.read(512)
    is_elementary = head.startswith((b"\0\0\1", b"\0\0\0\1"))
    is_transport = head[:1] == b"G" and head[188:189] == b"G" or head[4:5] == b"G" and head[196:197] == b"G"
    if not (is_elementary or is_transport or head[4:8] == b"ftyp"):
        raise Refused("do not begin like a video")


_open_videos: OrderedDict[tuple[str, Pieces], Video] = OrderedDict()
"""What this process has open; it decodes for one reader, in turn."""


def video_frame(
    path: str, pieces: Pieces, number: int, count: int, shape: tuple[int, int]
) -> tuple[Rgb, bool]:
    """Frame *number* of the stream, and whether the stream is longer than *count* frames.

    Raises Refused; NotYet after some seconds of work, to be asked again.
    """
    os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", _OPTIONS)
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(0)
    key = (path, pieces)
    video = _open_videos.pop(key, None)
    try:
        if video is None:
            video = Video(path, pieces, shape)
        found = video.frame(number)
        longer = number == count - 1 and video.is_longer_than(count)
    except (cv2.error, OSError) as trouble:
        raise Refused(f"cannot be decoded ({type(trouble).__name__})") from None
    finally:
        if video is not None:
            _open_videos[key] = video
        while len(_open_videos) > _MOST_OPEN:
            _open_videos.popitem(last=False)[1].close()
    return found, longer
