"""Who learns, who chooses, who judges: groups are divided, never pictures of one group."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.training.data.loading import Loaded

TRAIN, VAL, TEST = "train", "val", "test"


@frozen
class Split:
    """The part of each picture, in the order of the loaded pictures."""

    parts: tuple[str, ...]
    rule: str
    """in words, for the card"""

    def of(self, part: str) -> NDArray[np.int64]:
        """Which pictures belong to *part*."""
        return np.flatnonzero(np.array(self.parts) == part)


def divide(loaded: Loaded, seed: int, held_out: float, chosen_by: float, grouping: str = "picture") -> Split:
    """A share of *held_out* of the groups judges; *chosen_by* of the rest chooses the end and the cut.

    Parts that the data give themselves are kept: a test part judges; without one the val part judges and the
    choosing part is taken out of train. Each class is divided on its own. Raises TrainingTrouble.
    """
    given = set(loaded.parts) - {""}
    if given:
        parts, rule = _from_given(loaded, seed, held_out, chosen_by)
    else:
        parts = _drawn(
            loaded, list(range(len(loaded))), seed, {TEST: held_out, VAL: chosen_by * (1 - held_out)}
        )
        rule = f"by {grouping}: {held_out:.0%} held out, {chosen_by:.0%} of the rest chooses, seed {seed}"
    split = Split(tuple(parts), rule)
    _check(loaded, split)
    return split


def write_split(path: Path, loaded: Loaded, split: Split) -> None:
    """Write which picture belongs to which part, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("name", "part"))
    writer.writerows(zip(loaded.names, split.parts, strict=True))
    write_atomically(path, text.getvalue().encode())


def read_split(path: Path) -> dict[str, str]:
    """The part of each name that `write_split` wrote. Raises TrainingTrouble."""
    try:
        rows = list(csv.DictReader(io.StringIO(Path(path).read_text(encoding="utf-8"))))
        return {row["name"]: row["part"] for row in rows}
    except (OSError, UnicodeDecodeError, KeyError, csv.Error):
        raise TrainingTrouble(f"{Path(path).name} is no split written by medviewer.") from None


def _from_given(loaded: Loaded, seed: int, held_out: float, chosen_by: float) -> tuple[list[str], str]:
    parts = list(loaded.parts)
    present = set(parts)
    if TEST in present and VAL in present:
        parts = _without_leaks(loaded, parts)
        return parts, "train, val and test as the data give them"
    judge = TEST if TEST in present else VAL
    if judge in present:
        parts = [TEST if part == judge else part for part in parts]
        shares, rule = {VAL: chosen_by}, f"the given {judge} part judges; {chosen_by:.0%} of train chooses"
    else:
        shares = {TEST: held_out, VAL: chosen_by * (1 - held_out)}
        rule = f"{held_out:.0%} of train held out and {chosen_by:.0%} of the rest for choosing"
    rows = [at for at, part in enumerate(parts) if part == TRAIN]
    drawn = _drawn(loaded, rows, seed, shares)
    parts = [drawn[at] if part == TRAIN else part for at, part in enumerate(parts)]
    return _without_leaks(loaded, parts), f"{rule}, by picture, seed {seed}"


def _without_leaks(loaded: Loaded, parts: list[str]) -> list[str]:
    """A picture that also lies in a judging part does not learn or choose: its part becomes empty."""
    rank = {TRAIN: 0, VAL: 1, TEST: 2, "": -1}
    highest: dict[str, int] = {}
    for group, part in zip(loaded.groups, parts, strict=True):
        highest[group] = max(highest.get(group, -1), rank[part])
    return [
        part if rank[part] == highest[group] else "" for group, part in zip(loaded.groups, parts, strict=True)
    ]


def _drawn(loaded: Loaded, rows: list[int], seed: int, shares: dict[str, float]) -> list[str]:
    """Parts for *rows*, drawn by group and class; other entries stay empty."""
    parts = [""] * len(loaded)
    classes: dict[str, int] = {}
    for at in rows:
        classes.setdefault(loaded.groups[at], int(loaded.labels[at]))
    chosen: dict[str, str] = {}
    for label in sorted(set(classes.values())):
        groups = sorted(group for group, of in classes.items() if of == label)
        order = np.random.default_rng([seed, label + 1]).permutation(len(groups))
        start = 0
        for part, share in shares.items():
            count = round(share * len(groups))
            chosen.update({groups[at]: part for at in order[start : start + count]})
            start += count
    for at in rows:
        parts[at] = chosen.get(loaded.groups[at], TRAIN)
    return parts


def _check(loaded: Loaded, split: Split) -> None:
    for part in (TRAIN, VAL, TEST):
        rows = split.of(part)
        if not len(rows):
            raise TrainingTrouble(
                f"There are too few pictures: none is left for the {part} part.", "Add more pictures."
            )
        missing = set(loaded.labels.tolist()) - set(loaded.labels[rows].tolist())
        if missing:
            raise TrainingTrouble(
                f"The {part} part has no picture of class number {sorted(missing)[0]}.",
                "Add more pictures of this class.",
            )
