"""How well an exported file does on the part that was held out, measured on that file."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai import catalog
from medviewer.ai.infer import Reader
from medviewer.kit.task import TaskContext
from medviewer.training.configuration import TrainPlan
from medviewer.training.data.dataset import Dataset
from medviewer.training.data.loading import Loaded
from medviewer.training.evaluation import metrics
from medviewer.training.evaluation.judging import TASKS, judged
from medviewer.training.learning import SCORES, Lesson, noised, scorer


def rated(
    path: Path,
    dataset: Dataset,
    lesson: Lesson,
    loaded: Loaded,
    rows: NDArray[Any],
    plan: TrainPlan,
    context: TaskContext,
) -> dict[str, Any]:
    """The figures of the file at *path* on *rows*, with 95 % intervals. Raises ModelTrouble, Cancelled."""
    reader = Reader(catalog.read(path), context.token)
    if dataset.task in TASKS and not lesson.is_noised:
        return finite(_judged(reader, dataset, loaded, rows, context))
    inputs = [loaded.inputs[row] for row in rows]
    if lesson.is_noised:
        low, high = lesson.ends
        inputs = [
            noised(one, (plan.seed, int(row)), plan.noise * (high - low))
            for one, row in zip(inputs, rows, strict=True)
        ]
    found = []
    for at, one in enumerate(inputs):
        context.report(at / len(inputs), f"Judging {at + 1} of {len(inputs)}")
        found.append(reader.raw([one])[0].astype(np.float32))
    truth = [lesson.loaded.truth[row] for row in rows]
    figures = _figures(lesson, truth, found, inputs)
    groups = [loaded.groups[row] for row in rows]
    with_ends = {name: metrics.interval(figure, groups) for name, figure in figures.items()}
    told = {
        "task": dataset.task,
        "n": len(groups),
        "groups": len(set(groups)),
        **{name: one["value"] for name, one in with_ends.items()},
        "intervals": {name: [one["low"], one["high"]] for name, one in with_ends.items()},
    }
    return finite(told)


def finite(figures: dict[str, Any]) -> dict[str, Any]:
    """*figures* without those that are no number: a precision where nothing was ever chosen, for one."""
    kept = {}
    for name, value in figures.items():
        if isinstance(value, dict):
            kept[name] = finite(value)
        elif not any(isinstance(one, float) and not math.isfinite(one) for one in _flat(value)):
            kept[name] = value
    return kept


def _flat(value: Any) -> list[Any]:
    return [one for part in value for one in _flat(part)] if isinstance(value, (list, tuple)) else [value]


def _figures(
    lesson: Lesson, truth: list[Any], found: list[Any], inputs: list[Any]
) -> dict[str, Callable[[NDArray[Any]], float]]:
    """What is measured, as functions of the rows that count."""
    score, name = scorer(lesson.task), SCORES[lesson.task].lower()

    def of(some: list[Any]) -> Callable[[NDArray[Any]], float]:
        return lambda rows: score(np.stack([truth[at] for at in rows]), np.stack([some[at] for at in rows]))

    if lesson.task == "segmentation":
        each = [
            score(np.asarray(one)[None], np.asarray(other)[None])
            for one, other in zip(truth, found, strict=True)
        ]
        return {name: lambda rows: float(np.mean([each[at] for at in rows]))}
    if lesson.task == "enhancement":
        return {name: of(found), f"{name}_before": of(inputs)}
    figures = {name: of(found)}
    if lesson.task == "regression":
        off = np.abs(np.stack(truth) - np.stack(found)) * np.asarray(lesson.scale)
        figures["mae"] = lambda rows: float(off[rows].mean())
    return figures


def _judged(
    reader: Reader, dataset: Dataset, loaded: Loaded, rows: NDArray[Any], context: TaskContext
) -> dict[str, Any]:
    """Through the viewer's own way, from the pictures as they lie on disk."""
    groups = dict(zip(loaded.names, loaded.groups, strict=True))
    wanted = {loaded.names[at] for at in rows}
    examples = [
        replace(example, group=groups[example.name]) for example in dataset.examples if example.name in wanted
    ]
    classes = tuple(str(at) for at in range(len(dataset.classes)))
    return judged(reader, replace(dataset, classes=classes, excluded=()), examples, context)
