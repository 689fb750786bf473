"""Honest figures about a model that is run as the viewer runs it; no TensorFlow here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import Card
from medviewer.ai.infer import Reader
from medviewer.kit.errors import FileTrouble, TrainingTrouble
from medviewer.kit.task import TaskContext
from medviewer.training.data.dataset import Dataset, Example, Picture
from medviewer.training.data.loading import pixels_of
from medviewer.training.evaluation import metrics

Figure = Callable[[NDArray[np.int64]], float]


def judged(
    reader: Reader, dataset: Dataset, examples: Sequence[Example], context: TaskContext, seed: int = 0
) -> dict[str, Any]:
    """Figures of *reader* on *examples*, each with a 95 % bootstrap interval over groups, ready for JSON.

    Raises TrainingTrouble when the data do not fit the model.
    """
    task = "segmentation" if reader.card.task == "segmentation" else "classification"
    if task != dataset.task:
        raise TrainingTrouble(
            f"{reader.card.title} is for {task}, and {dataset.name} holds labels for {dataset.task}."
        )
    excluded = list(dataset.excluded)
    judge = _masks if task == "segmentation" else _classes
    figures, groups, more = judge(reader, dataset, examples, context, excluded)
    found = {name: metrics.interval(figure, groups, seed) for name, figure in figures.items()}
    return {
        "task": reader.card.task,
        "model": reader.card.name,
        "version": reader.card.version,
        "n": len(groups),
        "groups": len(set(groups)),
        **{name: figure["value"] for name, figure in found.items()},
        "intervals": {name: [figure["low"], figure["high"]] for name, figure in found.items()},
        **more,
        "excluded": excluded,
    }


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


def _classes(
    reader: Reader,
    dataset: Dataset,
    examples: Sequence[Example],
    context: TaskContext,
    excluded: list[str],
) -> tuple[dict[str, Figure], list[str], dict[str, Any]]:
    places = label_places(reader.card, dataset.classes)
    labels, rows, groups = [], [], []
    for example, picture in _pictures(examples, context, excluded):
        rows.append(reader.scores(picture))
        labels.append(places[example.label])
        groups.append(example.group or example.name)
    if not rows:
        raise TrainingTrouble(f"No picture in {dataset.name} can be judged. {' '.join(excluded[:3])}")
    truth, scores = np.array(labels), np.array(rows)
    chosen = chosen_labels(reader.card, scores)
    names = [label.name for label in reader.card.output.labels]
    table = [
        [int(((truth == a) & (chosen == b)).sum()) for b in range(len(names))] for a in range(len(names))
    ]
    more = {
        "labels": names,
        "counts": [int((truth == at).sum()) for at in range(len(names))],
        "confusion": table,
        "calibration_error": round(metrics.calibration_error(truth, scores), 4),
    }
    if len(names) == 2:
        more["threshold"] = reader.card.output.labels[1].threshold
    return class_figures(truth, scores, chosen), groups, more


def class_figures(truth: NDArray[Any], scores: NDArray[Any], chosen: NDArray[Any]) -> dict[str, Figure]:
    """What is measured of a classification, as functions of the rows that count."""
    figures: dict[str, Figure] = {
        "auc": lambda rows: metrics.mean_auc(truth[rows], scores[rows]),
        "accuracy": lambda rows: metrics.accuracy(truth[rows], chosen[rows]),
    }
    if scores.shape[1] == 2:
        figures |= {
            "sensitivity": lambda rows: metrics.recall(truth[rows], chosen[rows], 1),
            "specificity": lambda rows: metrics.recall(truth[rows], chosen[rows], 0),
            "precision": lambda rows: metrics.precision(truth[rows], chosen[rows], 1),
        }
    else:
        figures["balanced_accuracy"] = lambda rows: float(
            np.mean([metrics.recall(truth[rows], chosen[rows], label) for label in np.unique(truth[rows])])
        )
    return figures


def chosen_labels(card: Card, scores: NDArray[Any]) -> NDArray[np.int64]:
    """The answer for each row: of two labels by the operating point of the second, else the largest."""
    if scores.shape[1] == 2:
        return (scores[:, 1] >= card.output.labels[1].threshold).astype(np.int64)
    return np.asarray(scores.argmax(axis=1), np.int64)


def _masks(
    reader: Reader,
    dataset: Dataset,
    examples: Sequence[Example],
    context: TaskContext,
    excluded: list[str],
) -> tuple[dict[str, Figure], list[str], dict[str, Any]]:
    labels = reader.card.output.labels
    rows, groups, names = [], [], []
    for example, picture in _pictures(examples, context, excluded):
        assert example.read_mask is not None
        try:
            wanted = example.read_mask()
        except FileTrouble as trouble:
            excluded.append(f"{example.name}: {trouble.message}")
            continue
        if wanted.shape != pixels_of(picture).shape[:2]:
            excluded.append(f"{example.name}: the mask has another size than the picture.")
            continue
        found = reader.mask(picture)
        pairs = [(wanted == label.value, found == label.value) for label in labels]
        rows.append([(metrics.dice(*pair), metrics.iou(*pair)) for pair in pairs])
        groups.append(example.group or example.name)
        names.append(example.name)
    if not rows:
        raise TrainingTrouble(f"No picture in {dataset.name} can be judged. {' '.join(excluded[:3])}")
    each = np.array(rows)
    mean = each.mean(axis=1)
    figures: dict[str, Figure] = {
        "dice": lambda part: float(mean[part, 0].mean()),
        "iou": lambda part: float(mean[part, 1].mean()),
        "dice_median": lambda part: float(np.median(mean[part, 0])),
    }
    worst = [(names[at], round(float(mean[at, 0]), 4)) for at in np.argsort(mean[:, 0])[:5]]
    per_label = {label.name: round(float(each[:, at, 0].mean()), 4) for at, label in enumerate(labels)}
    more = {"labels": [label.name for label in labels], "dice_per_label": per_label, "worst": worst}
    return figures, groups, more


def _pictures(
    examples: Sequence[Example], context: TaskContext, excluded: list[str]
) -> list[tuple[Example, Picture]] | Any:
    """The pictures that can be read, one after the other; faults are named in *excluded*."""
    for at, example in enumerate(examples):
        context.report(at / len(examples), f"Judging {at + 1} of {len(examples)}")
        try:
            picture = example.read()
        except FileTrouble as trouble:
            excluded.append(f"{example.name}: {trouble.message}")
            continue
        yield example, picture
