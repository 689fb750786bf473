"""Parts of pictures at their own size, for networks that must not see pictures made smaller."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.training.data.loading import Loaded

MOST = 8
"""patches of one picture"""


def patched(loaded: Loaded, size: tuple[int, int], seed: int) -> Loaded:
    """Pictures and the better pictures cut into patches of *size* at places drawn by *seed*.

    As many as fit side by side, up to `MOST`; those of one picture keep its group. Pictures of that size stay
    as they are.
    """
    if not loaded.is_ragged and loaded.inputs.shape[1:3] == size:
        return loaded
    inputs, wanted, rows = [], [], []
    for row in range(len(loaded)):
        picture = loaded.inputs[row]
        rng = np.random.default_rng([seed, row])
        for _ in range(_count(picture.shape, size)):
            top, left = (int(rng.integers(0, picture.shape[axis] - size[axis] + 1)) for axis in (0, 1))
            box = np.s_[top : top + size[0], left : left + size[1]]
            inputs.append(picture[box])
            if loaded.wanted is not None:
                wanted.append(loaded.wanted[row][box])
            rows.append(row)
    return replace(
        loaded,
        inputs=np.stack(inputs),
        wanted=np.stack(wanted) if wanted else None,
        labels=loaded.labels[rows],
        names=_of(loaded.names, rows),
        groups=_of(loaded.groups, rows),
        parts=_of(loaded.parts, rows),
        subgroups=_of(loaded.subgroups, rows) if loaded.subgroups else (),
    )


def _count(shape: tuple[int, ...], size: tuple[int, int]) -> int:
    return max(1, min(MOST, (shape[0] // size[0]) * (shape[1] // size[1])))


def _of(words: tuple[Any, ...], rows: list[int] | NDArray[Any]) -> tuple[Any, ...]:
    return tuple(words[row] for row in rows)
