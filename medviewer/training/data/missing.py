"""What becomes of missing values: they are reported, dropped, filled or interpolated, and it is on record."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from medviewer.kit.errors import TrainingTrouble
from medviewer.training.data.dataset import Dataset

NOTHING = ("", "na", "n/a", "nan", "none", "null", "?", "-")
"""what tables write where they know nothing"""


def without_missing(dataset: Dataset, policy: str) -> Dataset:
    """*dataset* with no label or target missing; what became of them is on record. Raises TrainingTrouble."""
    if dataset.task == "classification":
        lacking = [at for at, one in enumerate(dataset.examples) if one.label < 0]
    else:
        lacking = [at for at, one in enumerate(dataset.examples) if any(map(math.isnan, one.targets))]
    if not lacking:
        return dataset
    first = ", ".join(dataset.examples[at].name for at in lacking[:3])
    count = f"{len(lacking)} of {len(dataset.examples)}"
    if policy == "report":
        raise TrainingTrouble(
            f"{count} pictures have no value: {first}{', ...' if len(lacking) > 3 else ''}.",
            "Choose data.missing: drop, fill or interpolate.",
        )
    if policy == "drop":
        gone = set(lacking)
        rest = tuple(one for at, one in enumerate(dataset.examples) if at not in gone)
        return _remarked(replace(dataset, examples=rest), f"{count} pictures had no value and were left out.")
    if dataset.task == "classification":
        return _filled_labels(dataset, policy, count)
    return _filled_targets(dataset, policy, count)


def _filled_labels(dataset: Dataset, policy: str, count: str) -> Dataset:
    if policy == "interpolate":
        raise TrainingTrouble("There is nothing between two classes.", "Choose data.missing: drop or fill.")
    known = Counter(one.label for one in dataset.examples if one.label >= 0)
    label = min(known, key=lambda one: (-known[one], one))
    examples = tuple(one if one.label >= 0 else replace(one, label=label) for one in dataset.examples)
    return _remarked(
        replace(dataset, examples=examples),
        f"{count} pictures had no class and were given the commonest, {dataset.classes[label]}.",
    )


def _filled_targets(dataset: Dataset, policy: str, count: str) -> Dataset:
    values = np.array([one.targets for one in dataset.examples], np.float64)
    told = []
    for at, name in enumerate(dataset.classes):
        column = values[:, at]
        known = np.isfinite(column)
        if known.all():
            continue
        if not known.any():
            raise TrainingTrouble(f"The column {name} holds nothing.", "Choose another target.")
        if policy == "interpolate":
            if dataset.task == "multilabel":
                raise TrainingTrouble(
                    "There is nothing between yes and no.", "Choose data.missing: drop or fill."
                )
            column[~known] = np.interp(np.flatnonzero(~known), np.flatnonzero(known), column[known])
            told.append(f"{(~known).sum()} of {name} interpolated in the order of the table")
            continue
        middle = float(np.median(column[known]))
        middle = float(round(middle)) if dataset.task == "multilabel" else middle
        column[~known] = middle
        told.append(f"{(~known).sum()} of {name} filled with {middle:g}")
    examples = tuple(
        replace(one, targets=tuple(row)) for one, row in zip(dataset.examples, values.tolist(), strict=True)
    )
    return _remarked(
        replace(dataset, examples=examples), f"{count} pictures lacked a value: {'; '.join(told)}."
    )


def _remarked(dataset: Dataset, words: str) -> Dataset:
    if not dataset.examples:
        raise TrainingTrouble(f"Nothing is left in {dataset.name}. {words}")
    return replace(dataset, remarks=(*dataset.remarks, words))


def number_of(text: str) -> float:
    """The number in a table's cell; NaN for nothing, and for what is no number."""
    try:
        return float(text.replace(",", ".")) if text.lower() not in NOTHING else math.nan
    except ValueError:
        return math.nan


def are_numbers(texts: Sequence[str]) -> bool:
    """Whether all cells that say something hold a number."""
    given = [one for one in texts if one.lower() not in NOTHING]
    return bool(given) and all(math.isfinite(number_of(one)) for one in given)
