"""What ``medviewer bench`` says of each enhancement, beside the plain calls of the library underneath.

Judged is CPU time: an operation that divides itself into strips has two processors to itself and would win by
that. What somebody waits stands beside it. OpenCV runs in one thread here as everywhere in the program.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.cli import output
from medviewer.cli.measuring import at_most, milliseconds
from medviewer.cli.plain_calls import PLAIN
from medviewer.core.volume import read_only
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Operation, Stage
from medviewer.kit.frozen import frozen

MOST = 1.3
"""To the plain calls, in CPU time."""
SIZES = ((512, 512), (2048, 2048), (4096, 3328))
DISCS = ((0.5, 0.35, 0.2, 0.25), (0.3, 0.7, 0.08, 0.2), (0.75, 0.6, 0.1, -0.15))
"""Row, column and radius as shares of the shorter side, and how much brighter."""
ENOUGH_SECONDS = 0.15
"""Both are called in turns until this has passed."""
LONG_SECONDS = 4.0
"""Of what takes longer once, the first time counts."""
LEAST_TURNS, MOST_TURNS = 1, 301


@frozen
class Spent:
    """What one call took: medians of both clocks, in seconds."""

    cpu: float
    wall: float


def operations(sizes: tuple[tuple[int, int], ...] = ()) -> dict[str, Any]:
    """Each enhancement with its defaults, in three sizes, called alone on a picture in memory."""
    found: dict[str, Any] = {}
    for rows, columns in sizes or SIZES:
        values = phantom(rows, columns)
        signal = read_only(values * np.float32(3000) - np.float32(1000))
        for operation in ENHANCEMENTS:
            if operation.name in PLAIN:
                image = signal if operation.stage is Stage.SIGNAL else values
                found[f"{operation.name} {rows}x{columns}"] = row(operation, image)
    return found


def row(operation: Operation, image: NDArray[np.float32]) -> dict[str, Any]:
    """One operation beside its plain calls."""
    plain, values = PLAIN[operation.name], operation.checked({})
    run = operation.marks if operation.stage is Stage.MARKS else operation
    ours, theirs = by_turns(lambda: run(image), lambda: plain.call(image, values))
    return {
        "plain": plain.words,
        "ms": milliseconds(ours.cpu),
        "plain_ms": milliseconds(theirs.cpu),
        "wall_ratio": round(ours.wall / theirs.wall, 3),
        **at_most(ours.cpu / theirs.cpu, MOST),
    }


def by_turns(one: Callable[[], object], other: Callable[[], object]) -> tuple[Spent, Spent]:
    """What both take, called alternately after a first time that counts only where it is long."""
    spent: tuple[list[Spent], list[Spent]] = ([], [])
    for turn in range(MOST_TURNS + 1):
        both = ((one, spent[0]), (other, spent[1]))
        for work, taken in both if turn % 2 else both[::-1]:
            taken.append(_timed(work))
        so_far = sum(each.wall for taken in spent for each in taken)
        if so_far > LONG_SECONDS:
            break
        if so_far > ENOUGH_SECONDS and turn >= LEAST_TURNS + (so_far < 8 * ENOUGH_SECONDS):
            break
    return tuple(_median(taken[1:] or taken) for taken in spent)  # type: ignore[return-value]


def phantom(rows: int, columns: int) -> NDArray[np.float32]:
    """Slopes, discs, lines and noise from 0 to 1: something of everything that operations look for."""
    down, across = np.mgrid[:rows, :columns].astype(np.float32) / np.float32(min(rows, columns))
    image = np.float32(0.25) + np.float32(0.2) * across
    for top, left, radius, height in DISCS:
        image += np.float32(height) * (np.hypot(down - top, across - left) < radius)
    image += np.float32(0.05) * np.sin(40 * across) * np.cos(30 * down)
    image[:, -columns // 5 : -columns // 5 + 3] = 0.8
    image += np.random.default_rng(8).normal(0, 0.02, image.shape).astype(np.float32)
    clipped: NDArray[np.float32] = read_only(np.clip(image, 0, 1, out=image))
    return clipped


def tell(found: Mapping[str, Any]) -> None:
    """A table."""
    rows = [
        (name, f"{one['ms']:.1f} ms", f"{one['ratio']} x", "kept" if one["kept"] else "MISSED", one["plain"])
        for name, one in found.items()
    ]
    output.table([("enhancement", "CPU", f"at most {MOST}", "", "compared with"), *rows])


def _timed(work: Callable[[], object]) -> Spent:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.process_time() - cpu, time.perf_counter() - wall)


def _median(taken: list[Spent]) -> Spent:
    return Spent(
        max(statistics.median(one.cpu for one in taken), 1e-7),
        max(statistics.median(one.wall for one in taken), 1e-7),
    )
