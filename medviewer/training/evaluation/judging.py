"""Honest figures about a model that is run as the viewer runs it; no TensorFlow here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.training.data.dataset import Dataset, Example
from medviewer.training.evaluation import judged_classes, judged_masks, judged_targets
from medviewer.training.evaluation.answers import Answering, Answers
from medviewer.training.evaluation.metrics import intervals
from medviewer.training.evaluation.subgroups import subgroup_table

_JUDGES: Mapping[str, Callable[..., Answers]] = {
    "classification": judged_classes.classes,
    "multilabel": judged_targets.labels,
    "regression": judged_targets.values,
    "segmentation": judged_masks.masks,
    "enhancement": judged_masks.pictures,
}
TASKS = tuple(_JUDGES)
"""What can be judged."""


@frozen(eq=False)
class Judgement:
    """Everything that is known about a model on some examples."""

    figures: dict[str, Any]
    """plain values, ready for JSON"""
    answers: Answers
    dataset: Dataset


def judged(
    reader: Answering, dataset: Dataset, examples: Sequence[Example], context: TaskContext, seed: int = 0
) -> dict[str, Any]:
    """Figures of *reader* on *examples*, each with a 95 % bootstrap interval over groups, ready for JSON.

    Raises TrainingTrouble when the data do not fit the model.
    """
    return judgement(reader, dataset, examples, context, seed).figures


def judgement(
    reader: Answering,
    dataset: Dataset,
    examples: Sequence[Example],
    context: TaskContext,
    seed: int = 0,
    choosing: Sequence[Example] = (),
) -> Judgement:
    """The same with all answers. *choosing* examples give thresholds for a table of operating points.

    Raises TrainingTrouble when the data do not fit the model.
    """
    task = reader.card.task
    if task != dataset.task or task not in _JUDGES:
        raise TrainingTrouble(
            f"{reader.card.title} is for {task}, and {dataset.name} holds labels for {dataset.task}."
        )
    share = 0.7 if choosing and task == "classification" else 1.0
    answers = _JUDGES[task](reader, dataset, examples, context.part(0.0, share))
    found = intervals(answers.figures, answers.asked.groups, seed)
    figures: dict[str, Any] = {
        "task": task,
        "model": reader.card.name,
        "version": reader.card.version,
        "n": len(answers.asked.examples),
        "groups": len(set(answers.asked.groups)),
        **{name: figure["value"] for name, figure in found.items()},
        "intervals": {name: [figure["low"], figure["high"]] for name, figure in found.items()},
        **answers.more,
    }
    if dataset.subgroups:
        figures["subgroups"] = subgroup_table(dataset, answers, seed)
    if choosing and task == "classification":
        rest = context.part(share, 1.0)
        points = judged_classes.operating_table(reader, dataset, choosing, answers, rest)
        figures |= {"operating_points": points} if points else {}
    figures["excluded"] = list(answers.asked.excluded)
    return Judgement(figures, answers, dataset)
