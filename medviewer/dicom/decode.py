"""One compressed frame to stored values, with the decoders that survived mutation (no GDCM, no GPL)."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Generator, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from medviewer.dicom.precheck import NotYet, Refused, Stream, check, inspected
from medviewer.dicom.rle import decode_rle
from medviewer.dicom.syntax import Coding
from medviewer.kit.errors import DamagedFile
from medviewer.kit.frozen import frozen


@frozen
class Coded:
    """A compressed frame and what its data set announces."""

    data: bytes
    coding: Coding
    rows: int
    columns: int
    samples: int
    allocated: int
    photometric: str
    name: str = ""
    """the file, for messages"""
    keeps: str = ""
    """what a decoder keeps between frames, by name: the one that has it is quickest"""

    @property
    def shape(self) -> tuple[int, ...]:
        """(rows, columns), and samples when there are several."""
        return (self.rows, self.columns, self.samples) if self.samples > 1 else (self.rows, self.columns)

    @property
    def type(self) -> np.dtype[Any]:
        """Unsigned, of the width that is allocated."""
        return np.dtype(f"u{max(1, self.allocated // 8)}")

    @property
    def bytes(self) -> int:
        """The size of the decoded frame."""
        return int(np.prod(self.shape)) * self.type.itemsize


@frozen(eq=False)
class Decoded:
    """Stored values, unsigned, (rows, columns[, samples]), and which colours they are now."""

    pixels: NDArray[Any]
    photometric: str
    is_longer: bool = False
    """whether a video goes on after the last frame of its data set"""


class Decoder(Protocol):
    """Decodes compressed frames, somewhere."""

    def decode(self, coded: Coded) -> Decoded:
        """The frame. Raises DamagedFile, TooLarge."""

    def decode_many(self, frames: Iterable[Coded]) -> Generator[Decoded, None, None]:
        """The frames in their order; some are taken before they are needed. Raises as `decode` does."""

    def hurried(self) -> AbstractContextManager[int]:
        """A time in which all processors decode: how many frames may be asked for at once."""


class InProcessDecoder:
    """Decodes in this process: for tests and for programs that trust their files."""

    def decode(self, coded: Coded) -> Decoded:
        """The frame. Raises DamagedFile."""
        while True:
            try:
                return decode(coded)
            except NotYet:
                continue
            except Refused as reason:
                raise damaged(coded, str(reason)) from None

    def decode_many(self, frames: Iterable[Coded]) -> Generator[Decoded, None, None]:
        """The frames in their order. Raises DamagedFile."""
        yield from map(self.decode, frames)

    def hurried(self) -> AbstractContextManager[int]:
        """Decoders of this process leave the interpreter free, so that threads can share the processors."""
        return nullcontext(os.cpu_count() or 1)


def damaged(coded: Coded, reason: str) -> DamagedFile:
    """The error for a frame that is not shown, because showing part of it as the whole would mislead."""
    return DamagedFile(
        f"A picture of {coded.name or 'the file'} cannot be shown: its {coded.coding.value} data {reason}.",
        "Get the file again from where it came; the other pictures can be used.",
    )


def decode(coded: Coded) -> Decoded:
    """The frame. Raises Refused with the reason; NotYet for a video that takes longer."""
    if coded.coding is Coding.VIDEO:
        return _video(coded)
    stream = inspected(coded.data, coded.coding)
    if stream is not None:
        check(stream, coded.rows, coded.columns, coded.samples, coded.allocated)
    pixels, photometric = _DECODERS[coded.coding](coded, stream)
    if pixels.shape != coded.shape:
        raise Refused(f"decoded to {' x '.join(map(str, pixels.shape))} values")
    if pixels.dtype.kind == "i":
        pixels = pixels.view(f"u{pixels.dtype.itemsize}")
    if pixels.dtype.itemsize > coded.type.itemsize:
        raise Refused("decoded to more bits than its header allows")
    return Decoded(_widened(pixels, coded, stream), photometric)


def _widened(pixels: NDArray[Any], coded: Coded, stream: Stream | None) -> NDArray[Any]:
    """In the width of the data set; a narrower signed stream keeps its signs."""
    if stream is not None and stream.signed and pixels.dtype.itemsize < coded.type.itemsize:
        signed = pixels.view(f"i{pixels.dtype.itemsize}").astype(f"i{coded.type.itemsize}")
        return signed.view(coded.type)
    return np.ascontiguousarray(pixels, coded.type)


def _jpeg(coded: Coded, stream: Stream | None) -> tuple[NDArray[Any], str]:
    # decoders are imported when the first frame needs them: in workers, and never at start
    import imagecodecs  # noqa: PLC0415

    assert stream is not None
    if coded.samples != 3:
        return _called(imagecodecs.jpeg8_decode, coded.data), coded.photometric
    if stream.lossless:
        # lossless JPEG has no colour conversion: what was stored comes out
        kept = _called(imagecodecs.jpeg8_decode, coded.data, colorspace="RGB", outcolorspace="RGB")
        return kept, coded.photometric
    is_rgb = stream.is_rgb if stream.is_rgb is not None else coded.photometric == "RGB"
    colors = "RGB" if is_rgb else "YCBCR"
    return _called(imagecodecs.jpeg8_decode, coded.data, colorspace=colors, outcolorspace="RGB"), "RGB"


def _jpeg_ls(coded: Coded, stream: Stream | None) -> tuple[NDArray[Any], str]:
    import imagecodecs  # noqa: PLC0415

    pixels = _called(imagecodecs.jpegls_decode, coded.data)
    if pixels.ndim == 3 and pixels.shape[0] == coded.samples != pixels.shape[2]:
        pixels = np.moveaxis(pixels, 0, -1)
    return pixels, coded.photometric


def _jpeg_2000(coded: Coded, stream: Stream | None) -> tuple[NDArray[Any], str]:
    import imagecodecs  # noqa: PLC0415

    pixels = _called(imagecodecs.jpeg2k_decode, coded.data)
    # the decoder undoes both transforms that the standard knows (PS3.5 8.2.4)
    return pixels, "RGB" if coded.photometric in ("YBR_RCT", "YBR_ICT") else coded.photometric


def _jpeg_xl(coded: Coded, stream: Stream | None) -> tuple[NDArray[Any], str]:
    import imagecodecs  # noqa: PLC0415

    # whatever colours a stream has inside, the decoder gives red, green and blue; bits as they were stored
    pixels = _called(imagecodecs.jpegxl_decode, coded.data, numthreads=1)
    return pixels, "RGB" if coded.samples == 3 else coded.photometric


def _rle(coded: Coded, stream: Stream | None) -> tuple[NDArray[Any], str]:
    return decode_rle(
        coded.data, coded.rows, coded.columns, coded.samples, coded.allocated
    ), coded.photometric


def _deflated(coded: Coded, stream: Stream | None) -> tuple[NDArray[Any], str]:
    pixels = coded.rows * coded.columns
    wanted = -(-pixels // 8) if coded.allocated == 1 else coded.bytes
    try:
        values = zlib.decompressobj(-zlib.MAX_WBITS).decompress(coded.data, wanted)
    except zlib.error:
        raise Refused("cannot be read") from None
    if len(values) < wanted:
        raise Refused("ends before the picture does")
    if coded.allocated == 1:
        bits = np.unpackbits(np.frombuffer(values, np.uint8), count=pixels, bitorder="little")
        return bits.reshape(coded.shape), coded.photometric
    return np.frombuffer(values, coded.type).reshape(coded.shape), coded.photometric


def _video(coded: Coded) -> Decoded:
    """A frame of a stream; the data say where it stands and which frame is wanted."""
    # OpenCV is loaded for videos only
    from medviewer.dicom.video import video_frame  # noqa: PLC0415

    about = json.loads(coded.data)
    pieces = tuple((int(offset), int(length)) for offset, length in about["pieces"])
    shape = (coded.rows, coded.columns)
    pixels, is_longer = video_frame(about["path"], pieces, about["frame"], about["count"], shape)
    if pixels.shape != coded.shape:
        raise Refused(f"decoded to {' x '.join(map(str, pixels.shape))} values")
    return Decoded(pixels, "RGB", is_longer)


def _profile(coded: Coded, stream: Stream | None) -> tuple[NDArray[Any], str]:
    """RGB through a colour profile: its length in 4 bytes, the profile, the pixels."""
    import imagecodecs  # noqa: PLC0415

    size = int.from_bytes(coded.data[:4], "little")
    profile, values = coded.data[4 : 4 + size], coded.data[4 + size :]
    if len(values) != coded.bytes:
        raise Refused("have another length")
    pixels = np.frombuffer(values, np.uint8).reshape(coded.shape)
    screen = imagecodecs.cms_profile("srgb")
    return _called(
        imagecodecs.cms_transform,
        pixels,
        profile=profile,
        outprofile=screen,
        colorspace="rgb",
        outcolorspace="rgb",
    ), "RGB"


def _called(function: Any, data: Any, **options: Any) -> NDArray[Any]:
    """A decoder's array; whatever it complains about becomes Refused."""
    try:
        return np.asarray(function(data, **options))
    except (RuntimeError, ValueError, TypeError, MemoryError, OverflowError) as trouble:
        words = str(trouble).splitlines()[0][:120] if str(trouble) else type(trouble).__name__
        raise Refused(f"cannot be decoded ({words})") from None


_DECODERS = {
    Coding.JPEG: _jpeg,
    Coding.JPEG_LS: _jpeg_ls,
    Coding.JPEG_2000: _jpeg_2000,
    Coding.JPEG_XL: _jpeg_xl,
    Coding.RLE: _rle,
    Coding.DEFLATED_FRAME: _deflated,
    Coding.PROFILE: _profile,
}


def prepare() -> None:
    """Load the decoders, so that the first frame does not wait for it."""
    import imagecodecs  # noqa: PLC0415

    for name in ("jpeg8_decode", "jpegls_decode", "jpeg2k_decode"):
        getattr(imagecodecs, name)
