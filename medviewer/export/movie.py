"""Movies: MP4 through OpenCV, animated GIF through Pillow."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.export.centred import centred
from medviewer.export.exporter import trouble
from medviewer.kit.errors import BadValue, ExportTrouble

ENDINGS = (".mp4", ".gif")
SLOWEST, FASTEST = 0.2, 60.0
"""Pictures a second."""
LEAST_GIF_MS = 20
"""Browsers show what is to go faster ten times as slowly."""
MOST_GIF_BYTES = 512 << 20
"""A GIF's pictures, a byte for each pixel, are all in memory before it is written."""
MOST_PX = 4096
"""The longest side that coders of MPEG-4 take everywhere."""

Pictures = Iterable[NDArray[np.uint8]]
"""(row, column, 3) RGB, each made when it is asked for"""
Check = Callable[[], object]
"""raises to stop"""


def write_movie(
    pictures: Pictures,
    path: Path | str,
    size: tuple[int, int],
    rate: float,
    check: Check = lambda: None,
) -> int:
    """Write *pictures* of (height, width) *size* to an .mp4 or .gif file; the answer is how many there were.

    Those of another size are centred on black. The file is read again before this returns, and what stood at
    *path* is replaced only by a whole one. *check* is called while pictures are encoded and read again, and
    may raise to stop. Raises BadValue, ExportTrouble, and what *pictures* and *check* raise.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in ENDINGS:
        raise BadValue(
            f"{path.name} has no ending of a movie.", f"Movies are written as {', '.join(ENDINGS)}."
        )
    if not SLOWEST <= rate <= FASTEST:
        raise BadValue(f"{rate:g} pictures a second cannot be.", f"From {SLOWEST} to {FASTEST:g} can.")
    write: Callable[..., int] = _mp4 if kind == ".mp4" else _gif
    if kind == ".mp4" and max(size) > MOST_PX:
        raise ExportTrouble(
            f"A movie of {size[1]} x {size[0]} pixels cannot be written.",
            "Choose a smaller size, or pictures.",
        )
    with _beside(path) as filling:
        return write(pictures, filling, size, rate, path.name, check)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file to write into, which stands at *path* once the block has ended without a fault."""
    filling = path.with_name(f".writing-{os.urandom(16).hex()}{path.suffix.lower()}")
    try:
        if not path.parent.is_dir():
            raise FileNotFoundError
        if path.is_dir():
            raise IsADirectoryError
        try:
            yield filling
            with open(filling, "rb") as written:
                os.fsync(written.fileno())
            os.replace(filling, path)
        finally:
            filling.unlink(missing_ok=True)
    except OSError as error:
        raise trouble(path, error) from None


def _mp4(
    pictures: Pictures, filling: Path, size: tuple[int, int], rate: float, name: str, check: Check
) -> int:
    # the coder wants even sides
    height, width = size[0] + size[0] % 2, size[1] + size[1] % 2
    writer = _opened(filling, rate, (width, height))
    count = 0
    try:
        for picture in pictures:
            writer.write(cv2.cvtColor(centred(picture, (height, width)), cv2.COLOR_RGB2BGR))
            count += 1
    finally:
        writer.release()
    # read as a stream: a process that has shown videos of a study opens no files by name any more
    with filling.open("rb") as stream:
        reader = cv2.VideoCapture(stream, cv2.CAP_FFMPEG, [])  # type: ignore[call-overload]
        _check(reader, count, (height, width), name, check)
    return count


def _opened(filling: Path, rate: float, size: tuple[int, int]) -> Any:
    coder = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(filling), cv2.CAP_FFMPEG, coder, float(rate), size)
    if not writer.isOpened():
        writer.release()
        raise ExportTrouble(
            "This computer's OpenCV cannot write MP4 movies.", "Write a GIF, or the pictures one by one."
        )
    return writer


def _check(reader: Any, count: int, size: tuple[int, int], name: str, check: Check) -> None:
    """Raise ExportTrouble unless all pictures can be read back: the coder says nothing of a full disk."""
    try:
        found = 0
        while reader.grab():
            check()
            found += 1
        shape = (reader.get(cv2.CAP_PROP_FRAME_HEIGHT), reader.get(cv2.CAP_PROP_FRAME_WIDTH))
    finally:
        reader.release()
    if found != count or shape != size:
        raise ExportTrouble(
            f"{name} was not written: only {found} of {count} pictures can be read back.", "Check the disk."
        )


class _Stoppable(FileIO):
    """A file that asks before each piece whether it is still wanted: Pillow writes a GIF in one go."""

    def __init__(self, path: Path, check: Check) -> None:
        super().__init__(path, "w")
        self._check = check

    def write(self, content: Any) -> int:
        self._check()
        return super().write(content)


def _gif(
    pictures: Pictures, filling: Path, size: tuple[int, int], rate: float, name: str, check: Check
) -> int:
    from PIL import Image as image  # noqa: PLC0415, N813  few readers write a GIF
    from PIL import ImageSequence as sequence  # noqa: PLC0415, N813

    indexed = (_indexed(image, centred(one, size)) for one in pictures)
    first = next(indexed, None)
    if first is None:
        raise BadValue("There are no pictures for a movie.", "Choose some.")
    count = 1

    def others() -> Iterator[Any]:
        nonlocal count
        for one in indexed:
            count += 1
            if count * size[0] * size[1] > MOST_GIF_BYTES:
                raise ExportTrouble(f"{name} was not written: it is too long for a GIF.", "Write an MP4.")
            yield one

    times = _Times(rate)
    with _Stoppable(filling, check) as written:
        first.save(written, "GIF", save_all=True, append_images=others(), duration=times, loop=0, disposal=1)
    lasted = 0
    with image.open(filling) as again:
        for one in sequence.Iterator(again):
            check()
            lasted += one.info.get("duration", 0)
    if lasted != sum(times[at] for at in range(count)):
        raise ExportTrouble(f"{name} cannot be read back as it was written.", "Check the disk.")
    return count


class _Times(list[int]):
    """How long each picture of a GIF stands, in ms: whole hundredths of a second that do not drift."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self._rate = rate

    def __getitem__(self, at: Any) -> Any:
        due = [round(100 * number / self._rate) * 10 for number in (at, at + 1)]
        return max(due[1] - due[0], LEAST_GIF_MS)


def _indexed(image: Any, picture: NDArray[np.uint8]) -> Any:
    """The picture with at most 256 colours: greys exactly, others as near as a palette of its own can be."""
    if (picture[..., 0] == picture[..., 1]).all() and (picture[..., 1] == picture[..., 2]).all():
        return image.fromarray(np.ascontiguousarray(picture[..., 0]))
    # of Pillow's ways the one that keeps greys where a few words and outlines are coloured
    return image.fromarray(picture).quantize(256, method=image.Quantize.MAXCOVERAGE, kmeans=2, dither=0)
