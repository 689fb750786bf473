"""Prepared pictures, one after the other, in memory or, where they are too many, in a file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.memory import free_bytes
from medviewer.kit.paths import user_folder
from medviewer.kit.scratch import mapped

SHARE = 0.3
"""Of the free memory, which prepared pictures may take; a network needs the rest."""


class Prepared:
    """Takes up to *count* arrays and gives them back as one."""

    def __init__(self, count: int, budget: int | None = None) -> None:
        """*budget* bytes may lie in memory; None asks the machine."""
        self._count = count
        self._budget = budget
        self._kept: list[NDArray[Any]] = []
        self._file: NDArray[Any] | None = None
        self._filled = 0

    def __len__(self) -> int:
        return self._filled

    def add(self, array: NDArray[Any]) -> None:
        """Take the next one. Raises TrainingTrouble when the disk is full."""
        if not self._filled and self._is_too_much(array):
            self._file = self._opened(array)
        if self._file is not None and self._file.shape[1:] != array.shape:
            raise TrainingTrouble(
                "There are more series of different lengths than memory can hold.",
                "Give a number of slices, so that all become equally long.",
            )
        if self._file is not None:
            self._file[self._filled] = array
        else:
            self._kept.append(array)
        self._filled += 1

    def array(self) -> NDArray[Any]:
        """All of them, (n, ...); (n,) objects where their shapes differ."""
        if self._file is not None:
            return self._file[: self._filled]
        if len({one.shape for one in self._kept}) == 1:
            whole = np.empty((len(self._kept), *self._kept[0].shape), self._kept[0].dtype)
            for at in range(len(self._kept)):
                # each is let go as soon as it is copied: never are all there twice
                whole[at], self._kept[at] = self._kept[at], whole[at]
            self._kept = list(whole)
            return whole
        ragged = np.empty(len(self._kept), object)
        for at, one in enumerate(self._kept):
            ragged[at] = one
        return ragged

    def _is_too_much(self, array: NDArray[Any]) -> bool:
        budget = SHARE * free_bytes() if self._budget is None else self._budget
        return array.nbytes * self._count > budget

    def _opened(self, array: NDArray[Any]) -> NDArray[Any]:
        try:
            return mapped((self._count, *array.shape), array.dtype, user_folder("scratch"))
        except OSError as trouble:
            size = array.nbytes * self._count / 1e9
            raise TrainingTrouble(
                f"The prepared pictures need {size:.1f} GB, and the disk has no room: {trouble.strerror}.",
                "Take a smaller size, or make room.",
            ) from None
