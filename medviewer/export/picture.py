"""Finished pictures as PNG, JPEG and TIFF files: complete and readable, or not there at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.export.exporter import exporter, for_path, trouble
from medviewer.export.notes import noted_jpeg, noted_png, noted_tiff
from medviewer.kit.errors import ExportTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.params import Slider


def write_picture(pixels: NDArray[np.uint8], path: Path | str, note: str = "", **values: Any) -> Path:
    """Write a finished picture in the format that the ending of *path* names; the answer is the file's path.

    *pixels* are (rows, columns) grey or (rows, columns, 3) RGB, uint8. *note* is put into the file where its
    format has a place for words: nothing in it may say who the patient is. The file is read again before this
    returns; a file that was there before is replaced only by a complete one. Raises BadValue, ExportTrouble.
    """
    path = Path(path)
    write = for_path(path)
    if note and any(one.name == "note" for one in write.parameters):
        values["note"] = note
    write(pixels, path, **values)
    return path


@exporter("PNG picture", (".png",))
def png(pixels: NDArray[np.uint8], path: Path, *, note: str = "") -> None:
    """Write exactly these pixels, and nothing else about them but a note."""
    content = encoded(pixels, ".png")
    _write(path, noted_png(content, note) if note else content)


@exporter("JPEG picture", (".jpg", ".jpeg"))
def jpeg(
    pixels: NDArray[np.uint8],
    path: Path,
    *,
    quality: Annotated[int, Slider(50, 100, step=1)] = 95,
    note: str = "",
) -> None:
    """Write a small file that loses a little; colours keep their full resolution."""
    content = small(pixels, quality)
    _write(path, noted_jpeg(content, note) if note else content)


@exporter("TIFF picture", (".tif", ".tiff"))
def tiff(pixels: NDArray[np.uint8], path: Path, *, note: str = "") -> None:
    """Write exactly these pixels, compressed without loss, and nothing else about them but a note."""
    options = (cv2.IMWRITE_TIFF_COMPRESSION, cv2.IMWRITE_TIFF_COMPRESSION_LZW)
    content = encoded(pixels, ".tiff", options)
    _write(path, noted_tiff(content, note) if note else content)


def small(pixels: NDArray[np.uint8], quality: int = 95) -> bytes:
    """A JPEG whose colours keep their full resolution. Raises ExportTrouble."""
    sampling = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
    return encoded(pixels, ".jpg", (cv2.IMWRITE_JPEG_QUALITY, quality, *sampling), is_exact=False)


def encoded(pixels: NDArray[Any], ending: str, options: Sequence[int] = (), is_exact: bool = True) -> bytes:
    """The bytes of a picture file, checked by decoding them. Raises ExportTrouble."""
    stored = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    try:
        is_done, content = cv2.imencode(ending, stored, list(options))
        again = cv2.imdecode(content, cv2.IMREAD_UNCHANGED) if is_done else None
    except cv2.error:
        again = None
    is_float = stored.dtype.kind == "f"
    if (
        again is None
        or again.shape != stored.shape
        or (is_exact and not np.array_equal(again, stored, equal_nan=is_float))
    ):
        size = " x ".join(str(side) for side in pixels.shape[1::-1])
        raise ExportTrouble(
            f"A picture of {size} pixels cannot be written as {ending}.", "Try another format."
        )
    return bytes(content)


def _write(path: Path, content: bytes) -> None:
    try:
        if not path.parent.is_dir():
            raise FileNotFoundError
        if path.is_dir():
            raise IsADirectoryError
        write_atomically(path, content)
        whole = path.read_bytes() == content
    except OSError as error:
        raise trouble(path, error) from None
    if not whole:
        raise ExportTrouble(f"{path.name} cannot be read back as it was written.", "Check the disk.")
