"""Arrays that wait on the disk, where all of them together would not fit into memory."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Scratch:
    """Puts arrays into a file of its own, one after the other, and gives each of them back.

    The file is gone when the block ends. Raises OSError when the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[int, tuple[int, np.dtype[Any], tuple[int, ...]]] = {}
        self._end = 0

    def __enter__(self) -> Scratch:
        self._file = open(self._path, "x+b")  # noqa: SIM115
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def __setitem__(self, key: int, array: NDArray[Any]) -> None:
        """Keep *array* under a number."""
        self._file.seek(self._end)
        self._file.write(np.ascontiguousarray(array).tobytes())
        self._places[key] = (self._end, array.dtype, array.shape)
        self._end += array.nbytes

    def __getitem__(self, key: int) -> NDArray[Any]:
        """The array kept under a number."""
        at, kind, shape = self._places[key]
        self._file.seek(at)
        count = int(np.prod(shape))
        return np.frombuffer(self._file.read(count * kind.itemsize), kind, count).reshape(shape)


def mapped(shape: tuple[int, ...], kind: Any, folder: Path) -> NDArray[Any]:
    """An array of zeros that lies in a file in *folder*; the file has no name and goes with the array.

    Raises OSError when the disk has no room for all of it.
    """
    kind = np.dtype(kind)
    with TemporaryFile(dir=folder) as file:
        if hasattr(os, "posix_fallocate"):
            # a file with holes would be a killed process on a full disk, and not an error
            os.posix_fallocate(file.fileno(), 0, max(1, int(np.prod(shape)) * kind.itemsize))
        return np.memmap(file, kind, "r+" if hasattr(os, "posix_fallocate") else "w+", shape=shape)
