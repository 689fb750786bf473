"""Judging a classification, with two classes or more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import Card
from medviewer.kit.errors import FileTrouble, ModelDoesNotFit, TrainingTrouble
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
from medviewer.training.evaluation.operating import USUAL, OperatingPlan, operating_point

BINARY = ("auc", "average_precision", "accuracy", "sensitivity", "specificity", "precision")
MANY = ("auc", "average_precision", "accuracy", "balanced_accuracy")


def classes(
    reader: Answering, dataset: Dataset, examples: Sequence[Example], context: TaskContext
) -> Answers:
    """All there is to say about a classifier. Raises TrainingTrouble."""
    used, truth, scores = _answered(reader, dataset, examples, context)
    labels = reader.card.output.labels
    names = [label.name for label in labels]
    chosen = chosen_labels(reader.card, scores)
    table = metrics.confusion(truth, chosen, len(names)).tolist()
    bins = metrics.reliability(truth, scores)
    more: dict[str, Any] = {
        "labels": names,
        "counts": [int((truth == at).sum()) for at in range(len(names))],
        "confusion": table,
        "calibration_error": round(metrics.calibration_error(truth, scores), 4),
        "reliability": [[round(said, 4), round(right, 4), count] for said, right, count in bins],
    }
    if len(names) == 2:
        more["threshold"] = labels[1].threshold
    else:
        more["per_class"] = per_class(truth, scores, chosen, names)
    sure = np.sort(scores, axis=1)
    right = scores[np.arange(len(truth)), truth]
    wrong = np.flatnonzero(chosen != truth)
    return Answers(
        asked=used,
        figures=class_figures(truth, scores, chosen),
        main=BINARY if len(names) == 2 else MANY,
        columns=("truth", "answer", *(f"p {name}" for name in names)),
        table=tuple(
            (names[a], names[b], *(round(float(one), 6) for one in row))
            for a, b, row in zip(truth, chosen, scores, strict=True)
        ),
        plots=_plots(truth, scores, table, bins, reader.card),
        more=more,
        worst=tuple(wrong[np.argsort(right[wrong], kind="stable")].tolist()),
        unsure=tuple(np.argsort(_margin(sure, reader.card, scores), kind="stable").tolist()),
    )


def class_figures(truth: NDArray[Any], scores: NDArray[Any], chosen: NDArray[Any]) -> dict[str, Figure]:
    """What is measured of a classification, as functions of the rows that count."""
    count = scores.shape[1]
    figures: dict[str, Figure] = {
        "auc": lambda rows: metrics.mean_auc(truth[rows], scores[rows]),
        "average_precision": lambda rows: metrics.mean_average_precision(truth[rows], scores[rows]),
        "accuracy": lambda rows: metrics.accuracy(truth[rows], chosen[rows]),
        "balanced_accuracy": lambda rows: metrics.balanced_accuracy(truth[rows], chosen[rows]),
        "mcc": lambda rows: metrics.matthews(truth[rows], chosen[rows], count),
        "kappa": lambda rows: metrics.kappa(truth[rows], chosen[rows], count),
        "brier": lambda rows: metrics.brier(truth[rows], scores[rows]),
    }
    if count == 2:
        return figures | {
            "sensitivity": lambda rows: metrics.recall(truth[rows], chosen[rows], 1),
            "specificity": lambda rows: metrics.recall(truth[rows], chosen[rows], 0),
            "precision": lambda rows: metrics.precision(truth[rows], chosen[rows], 1),
            "negative_predictive_value": lambda rows: metrics.precision(truth[rows], chosen[rows], 0),
            "f1": lambda rows: metrics.f1(truth[rows], chosen[rows], 1),
        }
    return figures | {
        "f1": lambda rows: float(
            np.mean([metrics.f1(truth[rows], chosen[rows], at) for at in np.unique(truth[rows])])
        )
    }


def per_class(
    truth: NDArray[Any], scores: NDArray[Any], chosen: NDArray[Any], names: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Each class against the rest."""
    return {
        name: {
            "n": int((truth == at).sum()),
            "auc": rounded(metrics.auc((truth == at).astype(int), scores[:, at])),
            "average_precision": rounded(metrics.average_precision((truth == at).astype(int), scores[:, at])),
            "sensitivity": rounded(metrics.recall(truth, chosen, at)),
            "specificity": rounded(metrics.recall((truth == at).astype(int), (chosen == at).astype(int), 0)),
            "precision": rounded(metrics.precision(truth, chosen, at)),
            "f1": rounded(metrics.f1(truth, chosen, at)),
        }
        for at, name in enumerate(names)
    }


def operating_table(
    reader: Answering,
    dataset: Dataset,
    choosing: Sequence[Example],
    judged: Answers,
    context: TaskContext,
    plans: Sequence[OperatingPlan] = USUAL,
) -> list[dict[str, Any]]:
    """Thresholds that *choosing* examples give by several rules, and how each does on those *judged*.

    Empty where there are more than two classes, or only one to choose from.
    """
    if len(reader.card.output.labels) != 2:
        return []
    _, truth, scores = _answered(reader, dataset, choosing, context)
    if len(np.unique(truth)) < 2:
        return []
    yes = np.array([row[0] == reader.card.output.labels[1].name for row in judged.table]).astype(int)
    given = np.array([row[3] for row in judged.table], np.float64)
    rows = []
    for plan in plans:
        cut = operating_point((truth == 1).astype(int), scores[:, 1], plan)
        chosen = (given >= cut).astype(int)
        rows.append(
            {
                "rule": plan.words,
                "threshold": round(cut, 4),
                "sensitivity": rounded(metrics.recall(yes, chosen, 1)),
                "specificity": rounded(metrics.recall(yes, chosen, 0)),
                "precision": rounded(metrics.precision(yes, chosen, 1)),
            }
        )
    return rows


def label_places(card: Card, classes: Sequence[str]) -> list[int]:
    """For each class of the data the place of its label in the card. Raises TrainingTrouble.

    A class is found by name, whatever its case, or by the number of the label.
    """
    names = {label.name.lower(): at for at, label in enumerate(card.output.labels)}
    numbers = {str(label.value): at for at, label in enumerate(card.output.labels)}
    places = [names.get(name.lower(), numbers.get(name)) for name in classes]
    if None in places:
        raise TrainingTrouble(
            f"The data have the classes {', '.join(classes)}; "
            f"the model knows {', '.join(label.name for label in card.output.labels)}.",
            "Name the folders as the model names its labels.",
        )
    return [place for place in places if place is not None]


def chosen_labels(card: Card, scores: NDArray[Any]) -> NDArray[np.int64]:
    """The answer for each row: of two labels by the operating point of the second, else the largest."""
    if scores.shape[1] == 2:
        return (scores[:, 1] >= card.output.labels[1].threshold).astype(np.int64)
    return np.asarray(scores.argmax(axis=1), np.int64)


def _answered(
    reader: Answering, dataset: Dataset, examples: Sequence[Example], context: TaskContext
) -> tuple[Asked, NDArray[np.int64], NDArray[np.float64]]:
    """(examples, the place of the true label, probabilities (example, label))."""
    places = label_places(reader.card, dataset.classes)
    excluded = list(dataset.excluded)
    used, truth, rows = [], [], []
    for example, picture in each(dataset, examples, context, excluded):
        try:
            rows.append(scores_of(reader, picture))
        except (FileTrouble, ModelDoesNotFit) as trouble:
            excluded.append(f"{example.name}: {trouble.message}")
            continue
        truth.append(places[example.label])
        used.append(example)
    return asked(dataset, used, excluded), np.array(truth, np.int64), np.array(rows, np.float64)


def _margin(ordered: NDArray[Any], card: Card, scores: NDArray[Any]) -> NDArray[Any]:
    """How far each answer is from the other one."""
    if scores.shape[1] == 2:
        return np.asarray(np.abs(scores[:, 1] - card.output.labels[1].threshold))
    return np.asarray(ordered[:, -1] - ordered[:, -2])


def _plots(
    truth: NDArray[Any],
    scores: NDArray[Any],
    table: list[list[int]],
    bins: list[tuple[float, float, int]],
    card: Card,
) -> tuple[Plot, ...]:
    names = [label.name for label in card.output.labels]
    confusion = plots.confusion_plot(table, names)
    if len(names) == 2:
        yes, at = (truth == 1).astype(int), card.output.labels[1].threshold
        one = [("", yes, scores[:, 1])]
        return (
            plots.roc_plot(one, at),
            plots.precision_recall_plot(one, at),
            plots.reliability_plot(metrics.binned(scores[:, 1], yes == 1), f"probability of {names[1]}"),
            confusion,
            plots.scores_plot(truth, scores[:, 1], (names[0], names[1]), at),
        )
    each = [(name, (truth == at).astype(int), scores[:, at]) for at, name in enumerate(names)]
    return (
        plots.roc_plot(each),
        plots.precision_recall_plot(each),
        plots.reliability_plot(bins, "probability of the answer"),
        confusion,
    )
