"""Judging several answers at once: a multi-label classification, and a regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import FileTrouble, ModelDoesNotFit
from medviewer.kit.task import TaskContext
from medviewer.training.data.dataset import Dataset, Example
from medviewer.training.evaluation import metrics, plots
from medviewer.training.evaluation.answers import (
    Answering,
    Answers,
    Asked,
    Figure,
    asked,
    each,
    rounded,
    scores_of,
)
from medviewer.training.evaluation.drawing import Plot
from medviewer.training.evaluation.judged_classes import label_places
from medviewer.training.evaluation.metrics import Rows

Table = NDArray[np.float64]


def labels(reader: Answering, dataset: Dataset, examples: Sequence[Example], context: TaskContext) -> Answers:
    """A multi-label classification: each label on its own, and their mean. Missing truths are left out."""
    used, truth, given = _answered(reader, dataset, examples, context)
    meanings = [reader.card.output.labels[at] for at in label_places(reader.card, dataset.classes)]
    names = [one.name for one in meanings]
    cuts = [one.threshold for one in meanings]
    chosen = (given >= np.array(cuts)).astype(int)
    figures: dict[str, Figure] = {
        "auc": mean_over(truth, given, metrics.auc),
        "average_precision": mean_over(truth, given, metrics.average_precision),
        "accuracy": mean_over(truth, chosen, metrics.accuracy),
        "sensitivity": mean_over(truth, chosen, lambda a, b: metrics.recall(a, b, 1)),
        "specificity": mean_over(truth, chosen, lambda a, b: metrics.recall(a, b, 0)),
        "f1": mean_over(truth, chosen, lambda a, b: metrics.f1(a, b, 1)),
        "brier": mean_over(truth, given, lambda a, b: float(((a - b) ** 2).mean())),
    }
    for at, name in enumerate(names):
        figures[f"auc {name}"] = mean_over(truth[:, [at]], given[:, [at]], metrics.auc)
    known = [np.isfinite(truth[:, at]) for at in range(len(names))]
    curves = [
        (name, truth[known[at], at].astype(int), given[known[at], at])
        for at, name in enumerate(names)
        if len(np.unique(truth[known[at], at])) == 2
    ]
    flat = np.isfinite(truth)
    bins = metrics.binned(given[flat], truth[flat] == 1)
    wrong = np.where(flat, np.abs(given - np.nan_to_num(truth)), 0.0).max(axis=1)
    return Answers(
        asked=used,
        figures=figures,
        main=("auc", "average_precision", "sensitivity", "specificity"),
        columns=_columns(names),
        table=_rows(truth, given),
        plots=(
            plots.roc_plot(curves),
            plots.precision_recall_plot(curves),
            plots.reliability_plot(bins, "probability of any label"),
        )
        if curves
        else (),
        more={
            "labels": names,
            "per_label": {
                name: _one(truth[known[at], at].astype(int), given[known[at], at], cuts[at])
                for at, name in enumerate(names)
            },
            "calibration_error": round(
                sum(abs(said - was) * count for said, was, count in bins) / max(1, int(flat.sum())), 4
            ),
        },
        worst=tuple(np.argsort(-wrong, kind="stable").tolist()),
        unsure=tuple(np.argsort(np.abs(given - np.array(cuts)).min(axis=1), kind="stable").tolist()),
    )


def values(reader: Answering, dataset: Dataset, examples: Sequence[Example], context: TaskContext) -> Answers:
    """A regression: errors in the unit of each target; R2 is the share of the spread that is explained."""
    used, truth, given = _answered(reader, dataset, examples, context)
    names = [reader.card.output.labels[at].name for at in label_places(reader.card, dataset.classes)]
    figures: dict[str, Figure] = {}
    for at, name in enumerate(names):
        of = f" {name}" if len(names) > 1 else ""
        pair = (truth[:, [at]], given[:, [at]])
        figures[f"mae{of}"] = mean_over(*pair, lambda a, b: float(np.abs(a - b).mean()))
        figures[f"rmse{of}"] = mean_over(*pair, lambda a, b: float(np.sqrt(((a - b) ** 2).mean())))
        figures[f"r2{of}"] = mean_over(*pair, explained)
        figures[f"bias{of}"] = mean_over(*pair, lambda a, b: float((b - a).mean()))
    spread = np.nanstd(truth, axis=0)
    gap = np.nan_to_num(np.abs(given - truth) / np.where(spread > 0, spread, 1)).max(axis=1)
    drawn: list[Plot] = []
    for at, name in enumerate(names):
        rows = np.isfinite(truth[:, at])
        if rows.any():
            drawn += plots.agreement_plots(name, truth[rows, at], given[rows, at])
    return Answers(
        asked=used,
        figures=figures,
        main=tuple(list(figures)[:3]),
        columns=_columns(names),
        table=_rows(truth, given),
        plots=tuple(drawn),
        more={"targets": names},
        worst=tuple(np.argsort(-gap, kind="stable").tolist()),
    )


def explained(truth: NDArray[Any], given: NDArray[Any]) -> float:
    """The coefficient of determination, 1 for all; NaN where the truth has no spread."""
    spread = float(((truth - truth.mean()) ** 2).sum())
    return 1 - float(((truth - given) ** 2).sum()) / spread if spread > 0 else float("nan")


def _one(truth: NDArray[Any], given: Table, cut: float) -> dict[str, Any]:
    chosen = (given >= cut).astype(int)
    return {
        "n": len(truth),
        "positive": int(truth.sum()),
        "auc": rounded(metrics.auc(truth, given)),
        "average_precision": rounded(metrics.average_precision(truth, given)),
        "threshold": cut,
        "sensitivity": rounded(metrics.recall(truth, chosen, 1)),
        "specificity": rounded(metrics.recall(truth, chosen, 0)),
        "precision": rounded(metrics.precision(truth, chosen, 1)),
        "f1": rounded(metrics.f1(truth, chosen, 1)),
    }


def mean_over(truth: Table, given: NDArray[Any], figure: Any) -> Figure:
    """The mean over the targets of what *figure* says of their known rows."""

    def mean(rows: Rows) -> float:
        found = []
        for wanted, said in zip(truth[rows].T, given[rows].T, strict=True):
            known = np.isfinite(wanted)
            if known.any():
                found.append(figure(wanted[known], said[known]))
        kept = [one for one in found if np.isfinite(one)]
        return float(np.mean(kept)) if kept else float("nan")

    return mean


def _answered(
    reader: Answering, dataset: Dataset, examples: Sequence[Example], context: TaskContext
) -> tuple[Asked, Table, Table]:
    """(examples, truth, answers), both (example, target) in the order of the data's targets."""
    places = label_places(reader.card, dataset.classes)
    excluded = list(dataset.excluded)
    used, truth, rows = [], [], []
    for example, picture in each(dataset, examples, context, excluded):
        try:
            found = scores_of(reader, picture)
        except (FileTrouble, ModelDoesNotFit) as trouble:
            excluded.append(f"{example.name}: {trouble.message}")
            continue
        rows.append([found[at] for at in places])
        truth.append(example.targets)
        used.append(example)
    return asked(dataset, used, excluded), np.array(truth, np.float64), np.array(rows, np.float64)


def _columns(names: Sequence[str]) -> tuple[str, ...]:
    return (*(f"truth {name}" for name in names), *(f"answer {name}" for name in names))


def _rows(truth: Table, given: Table) -> tuple[tuple[float | None, ...], ...]:
    return tuple(
        (*(None if np.isnan(one) else float(one) for one in wanted), *(round(float(one), 6) for one in said))
        for wanted, said in zip(truth, given, strict=True)
    )
