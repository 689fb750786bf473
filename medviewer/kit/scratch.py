"""Arrays that wait on the disk, where all of them together would not fit into memory."""

from __future__ import annotations

from pathlib import Path
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
