"""Several runs in one table, and by how much they differ on the same pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.training.evaluation import metrics
from medviewer.training.evaluation.answers import Figure, mean_of
from medviewer.training.evaluation.judged_targets import explained, mean_over
from medviewer.training.evaluation.metrics import intervals
from medviewer.training.evaluation.table import NAME, Told, read_answers

Values = NDArray[np.float64]


@frozen(eq=False)
class Run:
    """One evaluation: that of a training run, or of a model by itself."""

    name: str
    told: Told
    figures: Mapping[str, Figure]
    """of rows of `told`"""


@frozen
class Difference:
    """How much better a figure of one run is than that of the first; a value with its 95 % interval."""

    figure: str
    value: float
    low: float
    high: float


def read_run(path: Path) -> Run:
    """The run in a folder, or the evaluation whose report or table *path* is. Raises TrainingTrouble."""
    path = Path(path)
    table = path / NAME if path.is_dir() else path.with_suffix(".csv")
    if not table.is_file():
        raise TrainingTrouble(
            f"{path.name} holds no {table.name} with the answers of an evaluation.",
            "Name the folder of a training run, or a report of medviewer evaluate --report.",
        )
    told = read_answers(table)
    try:
        figures = _FIGURES[told.task](told)
    except (KeyError, ValueError, IndexError):
        raise TrainingTrouble(f"{table.name} is damaged.", "Evaluate the model again.") from None
    return Run(path.name if path.is_dir() else path.stem, told, figures)


def compared(paths: Sequence[Path], seed: int = 0) -> dict[str, Any]:
    """Figures of all runs and, where they answered for the same pictures, what they have over the first.

    Plain values: "runs" by name with "n" and figures as {"value", "low", "high"}, "differences" by name with
    figures likewise, "sentences" for runs that cannot be compared picture by picture. Raises TrainingTrouble.
    """
    runs = _named([read_run(path) for path in paths])
    tasks = sorted({run.told.task for run in runs.values()})
    if len(tasks) > 1:
        raise TrainingTrouble(
            f"The runs are for {' and '.join(tasks)}: they have no figures in common.",
            "Compare runs of one task.",
        )
    first_name, first = next(iter(runs.items()))
    found: dict[str, Any] = {"task": tasks[0], "runs": {}, "differences": {}, "sentences": []}
    for name, run in runs.items():
        measured = intervals(run.figures, run.told.groups, seed)
        found["runs"][name] = {"n": len(run.told.names), **measured}
        if run is first:
            continue
        why = unlike(first, run)
        if why:
            found["sentences"].append(f"{name} and {first_name}: {why}")
        else:
            found["differences"][name] = {
                one.figure: {"value": one.value, "low": one.low, "high": one.high}
                for one in differences(first, run, seed)
            }
    return found


def unlike(one: Run, other: Run) -> str:
    """Why two runs cannot be compared picture by picture, or ""."""
    if set(one.told.names) != set(other.told.names):
        shared = len(set(one.told.names) & set(other.told.names))
        return (
            f"they were judged on other pictures ({shared} in common), some of which the other may have "
            "learnt from; only figures that were measured on the same held-out part can be subtracted."
        )
    if one.told.task == "classification" and _truths(one) != _truths(other):
        return "the same pictures have other classes; the data differ."
    return ""


def differences(first: Run, other: Run, seed: int = 0) -> list[Difference]:
    """Each figure of *other* less that of *first* on the same resamples of the same pictures (paired).

    Groups are those of *first*.
    """
    place = {name: at for at, name in enumerate(other.told.names)}
    order = np.array([place[name] for name in first.told.names])

    def less(name: str) -> Figure:
        return lambda rows: other.figures[name](order[rows]) - first.figures[name](rows)

    shared = {name: less(name) for name in first.figures if name in other.figures}
    measured = intervals(shared, first.told.groups, seed)
    return [Difference(name, one["value"], one["low"], one["high"]) for name, one in measured.items()]


def _named(runs: Sequence[Run]) -> dict[str, Run]:
    """By name; equal names get numbers."""
    found: dict[str, Run] = {}
    for run in runs:
        name, number = run.name, 2
        while name in found:
            name, number = f"{run.name} ({number})", number + 1
        found[name] = run
    return found


def _truths(run: Run) -> dict[str, str]:
    return {name: row[0] for name, row in zip(run.told.names, run.told.rows, strict=True)}


def _numbers(told: Told, start: str) -> Values:
    """The columns whose names begin with *start*, (example, column); NaN where a cell is empty."""
    at = [
        number
        for number, column in enumerate(told.columns)
        if column == start or (start.endswith(" ") and column.startswith(start))
    ]
    if not at:
        raise KeyError(start)
    return np.array([[float(row[number] or "nan") for number in at] for row in told.rows], np.float64)


def _classes(told: Told) -> dict[str, Figure]:
    names = [column[2:] for column in told.columns if column.startswith("p ")]
    scores = _numbers(told, "p ")
    truth, chosen = (np.array([names.index(row[at]) for row in told.rows]) for at in (0, 1))
    count = len(names)
    figures: dict[str, Figure] = {
        "auc": lambda rows: metrics.mean_auc(truth[rows], scores[rows]),
        "average_precision": lambda rows: metrics.mean_average_precision(truth[rows], scores[rows]),
        "accuracy": lambda rows: metrics.accuracy(truth[rows], chosen[rows]),
        "balanced_accuracy": lambda rows: metrics.balanced_accuracy(truth[rows], chosen[rows]),
        "mcc": lambda rows: metrics.matthews(truth[rows], chosen[rows], count),
        "brier": lambda rows: metrics.brier(truth[rows], scores[rows]),
    }
    if count == 2:
        figures["sensitivity"] = lambda rows: metrics.recall(truth[rows], chosen[rows], 1)
        figures["specificity"] = lambda rows: metrics.recall(truth[rows], chosen[rows], 0)
    return figures


def _labels(told: Told) -> dict[str, Figure]:
    truth, given = _numbers(told, "truth "), _numbers(told, "answer ")
    return {
        "auc": mean_over(truth, given, metrics.auc),
        "average_precision": mean_over(truth, given, metrics.average_precision),
        "brier": mean_over(truth, given, lambda a, b: float(((a - b) ** 2).mean())),
    }


def _values(told: Told) -> dict[str, Figure]:
    truth, given = _numbers(told, "truth "), _numbers(told, "answer ")
    return {
        "mae": mean_over(truth, given, lambda a, b: float(np.abs(a - b).mean())),
        "rmse": mean_over(truth, given, lambda a, b: float(np.sqrt(((a - b) ** 2).mean()))),
        "r2": mean_over(truth, given, explained),
    }


def _means(*names: str) -> Any:
    """Figures that are means over the examples of the means over the labels."""

    def figures(told: Told) -> dict[str, Figure]:
        found: dict[str, Figure] = {}
        for name in names:
            # with the name of a label behind it, or alone
            values = _numbers(told, name if name in told.columns else f"{name} ")
            defined = np.isfinite(values)
            count = defined.sum(axis=1)
            mean = np.where(
                count > 0, np.where(defined, values, 0).sum(axis=1) / np.maximum(count, 1), np.nan
            )
            found[name] = mean_of(mean)
        return found

    return figures


_FIGURES: Mapping[str, Any] = {
    "classification": _classes,
    "multilabel": _labels,
    "regression": _values,
    "segmentation": _means("dice", "iou", "hd95", "surface_dice", "volume_error"),
    "enhancement": _means("psnr", "ssim", "rmse"),
}
