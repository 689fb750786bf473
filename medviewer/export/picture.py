"""Finished pictures as PNG, JPEG and TIFF files: complete and readable, or not there at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.export.exporter import exporter, for_path, trouble
from medviewer.kit.errors import ExportTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.params import Slider


def write_picture(pixels: NDArray[np.uint8], path: Path | str, **values: Any) -> Path:
    """Write a finished picture in the format that the ending of *path* names; the answer is the file's path.

    *pixels* are (rows, columns) grey or (rows, columns, 3) RGB, uint8. The file is read again before this
    returns; a file that was there before is replaced only by a complete one. Raises BadValue, ExportTrouble.
    """
    path = Path(path)
    for_path(path)(pixels, path, **values)
    return path


@exporter("PNG picture", (".png",))
def png(pixels: NDArray[np.uint8], path: Path) -> None:
    """Write exactly these pixels, and nothing else about them."""
    _write(pixels, path, ".png", ())


@exporter("JPEG picture", (".jpg", ".jpeg"))
def jpeg(
    pixels: NDArray[np.uint8], path: Path, *, quality: Annotated[int, Slider(50, 100, step=1)] = 95
) -> None:
    """Write a small file that loses a little; colours keep their full resolution."""
    sampling = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
    _write(pixels, path, ".jpg", (cv2.IMWRITE_JPEG_QUALITY, quality, *sampling), is_exact=False)


@exporter("TIFF picture", (".tif", ".tiff"))
def tiff(pixels: NDArray[np.uint8], path: Path) -> None:
    """Write exactly these pixels, compressed without loss."""
    _write(pixels, path, ".tiff", (cv2.IMWRITE_TIFF_COMPRESSION, cv2.IMWRITE_TIFF_COMPRESSION_LZW))


def encoded(
    pixels: NDArray[np.uint8], ending: str, options: Sequence[int] = (), is_exact: bool = True
) -> bytes:
    """The bytes of a picture file, checked by decoding them. Raises ExportTrouble."""
    stored = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    try:
        is_done, content = cv2.imencode(ending, stored, list(options))
        again = cv2.imdecode(content, cv2.IMREAD_UNCHANGED) if is_done else None
    except cv2.error:
        again = None
    if again is None or again.shape != stored.shape or (is_exact and not np.array_equal(again, stored)):
        size = " x ".join(str(side) for side in pixels.shape[1::-1])
        raise ExportTrouble(
            f"A picture of {size} pixels cannot be written as {ending}.", "Try another format."
        )
    return bytes(content)


def _write(
    pixels: NDArray[np.uint8], path: Path, ending: str, options: Sequence[int], is_exact: bool = True
) -> None:
    content = encoded(pixels, ending, options, is_exact)
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
