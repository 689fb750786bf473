"""The same figures for parts of the examples: men and women, young and old, one site and another."""

from __future__ import annotations

from typing import Any

import numpy as np

from medviewer.training.data.dataset import Dataset
from medviewer.training.evaluation.answers import Answers, Figure, rounded
from medviewer.training.evaluation.metrics import Rows, intervals

SMALL = 20
"""With fewer groups (patients) than this a figure says next to nothing; the table marks it."""
MOST = 40
"""So many words of one column are told apart; a column with more is no subgroup."""
UNKNOWN = "not known"


def subgroup_table(dataset: Dataset, answers: Answers, seed: int = 0) -> list[dict[str, Any]]:
    """For each word of each subgroup column: number, groups, whether that is few, and the main figures.

    Each figure is {"value", "low", "high"}, or None where it is not defined.
    """
    table = []
    groups = np.array(answers.asked.groups)
    for at, column in enumerate(dataset.subgroups):
        words = np.array([_word(one.subgroups, at) for one in answers.asked.examples])
        found = sorted(set(words.tolist()), key=lambda word: (word == UNKNOWN, word))
        if len(found) > MOST:
            continue
        for word in found:
            rows = np.flatnonzero(words == word)
            figures = {name: _of(answers.figures[name], rows) for name in answers.main}
            measured = intervals(figures, groups[rows].tolist(), seed)
            count = len(set(groups[rows].tolist()))
            table.append(
                {
                    "column": column,
                    "subgroup": word,
                    "n": len(rows),
                    "groups": count,
                    "small": count < SMALL,
                    "figures": {
                        name: None if rounded(one["value"]) is None else one for name, one in measured.items()
                    },
                }
            )
    return table


def _of(figure: Figure, rows: Rows) -> Figure:
    return lambda some: figure(rows[some])


def _word(words: tuple[str, ...], at: int) -> str:
    return words[at] if at < len(words) and words[at] else UNKNOWN
