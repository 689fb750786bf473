"""What ``medviewer bench`` says of keeping work: what a move of the brush waits for, and a checkpoint."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from medviewer.cli.measuring import at_most
from medviewer.core.labels import Label, LabelMap
from medviewer.session.keeping.changes import difference
from medviewer.session.keeping.journal import Journal
from medviewer.session.keeping.session_file import SessionFile, write
from medviewer.session.state import Reading

SLICES, SIDE = 300, 512
MOVES = 60
MOST_MS = 1.0
"""of the sixteen that a move of the mouse has"""
MOST_S = 1.0
"""of a checkpoint, in the background"""


def keeping() -> dict[str, Any]:
    """Rows for a map of 512 x 512 x 300 with eight labels: wall-clock time, the disk included."""
    reading = _labelled()
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "work")
        rows = {}
        for name, deep in (("kept move 512x512x300", 1), ("kept move of a ball, 15 slices", 15)):
            spent = []
            for number, after in enumerate(_moves(reading, deep), 1):
                began = time.perf_counter()
                journal.append(number, difference({"": reading}, {"": after}) or b"")
                spent.append(1000 * (time.perf_counter() - began))
                reading = after
            rows[name] = at_most(statistics.median(spent), MOST_MS, "ms")
            journal.rotate()
        for name in ("first checkpoint 512x512x300", "checkpoint after a stroke"):
            began = time.perf_counter()
            write(Path(folder) / "work.json", SessionFile((reading,)))
            rows[name] = at_most(time.perf_counter() - began, MOST_S, "seconds")
            *_, reading = _moves(reading, 1)
    return rows


def _labelled() -> Reading:
    rows, columns = np.mgrid[:SIDE, :SIDE]
    chance = np.random.default_rng(0)
    slices = {}
    for at in range(SLICES):
        values = np.zeros((SIDE, SIDE), np.uint8)
        for value, (row, column) in enumerate(chance.integers(60, 450, (8, 2)), 1):
            values[(rows - row) ** 2 + (columns - column) ** 2 < 900] = value
        slices[at] = values
    labels = tuple(Label(value, f"Label {value}", "#e69f00") for value in range(1, 10))
    return Reading("", groups=(LabelMap.empty(SLICES, labels).with_slices(slices),))


def _moves(reading: Reading, deep: int) -> Iterator[Reading]:
    """A reading after each move of a brush 40 pixels wide across its slices."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    for number in range(MOVES):
        disc = (rows - 100 - 5 * number) ** 2 + (columns - 256) ** 2 < 400
        (group,) = reading.groups
        changed = {}
        for at in range(150, 150 + deep):
            values = group.slices[at]
            if values is not None:
                changed[at] = np.where(disc, np.uint8(9), values)
        reading = replace(reading, groups=(group.with_slices(changed),))
        yield reading
