"""Who learns, who chooses, who judges: groups are divided, never pictures of one group."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.training.configuration import SplitPlan
from medviewer.training.data.loading import Loaded

TRAIN, VAL, TEST = "train", "val", "test"
PARTS = (TRAIN, VAL, TEST)
STRATA = 5
"""Into so many bands the values of a regression are divided, so that each part has low and high ones."""


@frozen
class Split:
    """The part of each picture, in the order of the loaded pictures."""

    parts: tuple[str, ...]
    rule: str
    """in words, for the card"""
    folds: tuple[int, ...] = ()
    """which fold each picture is in, from 1; () where there are no folds"""

    def of(self, part: str) -> NDArray[np.int64]:
        """Which pictures belong to *part*."""
        return np.flatnonzero(np.array(self.parts) == part)


def divided(loaded: Loaded, plan: SplitPlan, seed: int, grouping: str = "picture") -> Split:
    """As *plan* says: by a file of another run, in folds, or once. Raises TrainingTrouble."""
    if plan.file:
        return split_from(Path(plan.file), loaded)
    if plan.folds == 1 or (plan.folds and plan.fold > plan.folds):
        raise TrainingTrouble(
            f"There is no fold {plan.fold} of {plan.folds}.", "Take two folds or more, and one of them."
        )
    if plan.folds:
        return in_folds(loaded, seed, plan.folds, plan.fold, plan.chosen_by, grouping)
    return divide(loaded, seed, plan.held_out, plan.chosen_by, grouping)


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


def in_folds(
    loaded: Loaded, seed: int, folds: int, fold: int, chosen_by: float, grouping: str = "picture"
) -> Split:
    """Fold number *fold* (from 1) of *folds* judges, *chosen_by* of the rest chooses; all groups stay whole.

    Classes, and bands of a regression's values, are as evenly in the folds as groups allow. Each picture
    judges in exactly one fold. Raises TrainingTrouble.
    """
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415  a second to import, rarely needed

    groups = len(set(loaded.groups))
    if groups < folds:
        raise TrainingTrouble(
            f"{groups} {grouping}s cannot be divided into {folds} folds.", "Take fewer folds."
        )
    strata = strata_of(loaded)
    divider = StratifiedGroupKFold(folds, shuffle=True, random_state=seed % 2**32)
    numbers = np.zeros(len(loaded), np.int64)
    for number, (_, rows) in enumerate(divider.split(np.zeros(len(loaded)), strata, loaded.groups), 1):
        numbers[rows] = number
    rest = np.flatnonzero(numbers != fold).tolist()
    parts = _drawn(loaded, rest, seed, {VAL: chosen_by})
    parts = [TEST if number == fold else part for number, part in zip(numbers.tolist(), parts, strict=True)]
    rule = f"by {grouping}: fold {fold} of {folds} held out, {chosen_by:.0%} of the rest chooses, seed {seed}"
    split = Split(tuple(parts), rule, tuple(numbers.tolist()))
    _check(loaded, split)
    return split


def split_from(path: Path, loaded: Loaded) -> Split:
    """The division in a file of another run. Raises TrainingTrouble when it puts a group into two parts."""
    given = read_split(path)
    unknown = [name for name in loaded.names if name not in given]
    if len(unknown) == len(loaded):
        raise TrainingTrouble(f"{path.name} divides other data: it knows none of these pictures.")
    parts = tuple(given.get(name, "") for name in loaded.names)
    _refuse_leaks(loaded, parts, path.name)
    rule = f"as {path.name} of another run" + (f"; {len(unknown)} pictures are not in it" if unknown else "")
    split = Split(parts, rule)
    _check(loaded, split)
    return split


def strata_of(loaded: Loaded) -> NDArray[np.int64]:
    """A number for each picture: its class, its combination of labels, or the band of its value."""
    if loaded.targets is None:
        return loaded.labels
    values = np.nan_to_num(loaded.targets.astype(np.float64), nan=-1.0)
    if set(np.unique(values).tolist()) <= {-1.0, 0.0, 1.0}:
        return np.asarray(np.unique(values, axis=0, return_inverse=True)[1]).reshape(-1)
    ends = np.quantile(values[:, 0], np.linspace(0, 1, STRATA + 1)[1:-1])
    return np.asarray(np.searchsorted(ends, values[:, 0]), np.int64)


def write_split(path: Path, loaded: Loaded, split: Split) -> None:
    """Write which picture belongs to which part, fold and group, as CSV.

    A group is a short word that is equal within this file only: nobody finds a patient's number by trying.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("name", "part", "fold", "group"))
    folds = split.folds or ("",) * len(loaded)
    words = [_word(loaded.fingerprint, group) for group in loaded.groups]
    writer.writerows(zip(loaded.names, split.parts, folds, words, strict=True))
    write_atomically(path, text.getvalue().encode())


def read_split(path: Path) -> dict[str, str]:
    """The part of each name that `write_split` wrote. Raises TrainingTrouble."""
    try:
        rows = list(csv.DictReader(io.StringIO(Path(path).read_text(encoding="utf-8"))))
        found = {row["name"]: row["part"] or "" for row in rows}
    except (OSError, UnicodeDecodeError, KeyError, csv.Error):
        raise TrainingTrouble(f"{Path(path).name} is no split written by medviewer.") from None
    if not set(found.values()) <= {*PARTS, ""}:
        raise TrainingTrouble(f"{Path(path).name} is no split written by medviewer.")
    return found


def _word(salt: str, group: str) -> str:
    return hashlib.sha256(f"{salt} {group}".encode()).hexdigest()[:12]


def _refuse_leaks(loaded: Loaded, parts: tuple[str, ...], name: str) -> None:
    seen: dict[str, tuple[str, str]] = {}
    for group, part, picture in zip(loaded.groups, parts, loaded.names, strict=True):
        if not part:
            continue
        first, other = seen.setdefault(group, (part, picture))
        if first != part:
            raise TrainingTrouble(
                f"{name} puts {other} into {first} and {picture} into {part}, but both are of one patient, "
                "or the same picture: a model would be judged by what it has learnt.",
                "Divide the data anew.",
            )


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
    """Parts for *rows*, drawn by group and stratum; other entries stay empty."""
    parts = [""] * len(loaded)
    strata = strata_of(loaded)
    classes: dict[str, int] = {}
    for at in rows:
        classes.setdefault(loaded.groups[at], int(strata[at]))
    chosen: dict[str, str] = {}
    lacking = dict.fromkeys(shares, 0.0)
    for label in sorted(set(classes.values())):
        groups = sorted(group for group, of in classes.items() if of == label)
        order = np.random.default_rng([seed, label + 1]).permutation(len(groups))
        start = 0
        for part, share in shares.items():
            # bands and combinations may be small: what rounding takes from one, the next one gives
            wanted = share * len(groups) + (lacking[part] if loaded.targets is not None else 0.0)
            count = round(wanted)
            lacking[part] = wanted - count
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
