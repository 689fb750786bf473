"""The report of a training run: the exported file judged on the part that was held out, with the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from medviewer.ai import catalog
from medviewer.ai.infer import Reader
from medviewer.kit.task import TaskContext
from medviewer.training.data.dataset import Dataset, Example
from medviewer.training.data.loading import Loaded
from medviewer.training.data.split import TEST, VAL, Split
from medviewer.training.evaluation.judging import TASKS, judgement
from medviewer.training.evaluation.report import write_report

NAME = "report.html"


def write_run_report(
    folder: Path,
    model: Path,
    dataset: Dataset,
    loaded: Loaded,
    split: Split,
    context: TaskContext,
    *,
    history: Sequence[Mapping[str, float]] = (),
    score: str = "",
    more: Sequence[tuple[str, str]] = (),
) -> Path | None:
    """Write ``report.html`` and all answers as ``report.csv`` into *folder*; the path of the report.

    None where there is nothing to judge by: a generator, or an enhancement that makes its own worse pictures.
    Raises TrainingTrouble, ModelTrouble, ExportTrouble, Cancelled.
    """
    test = _examples(dataset, loaded, split, TEST)
    if dataset.task not in TASKS or (
        dataset.task == "enhancement" and not any(one.read_wanted for one in test)
    ):
        return None
    # by the numbers of the labels: the card may call them otherwise than the data do
    numbered = replace(dataset, classes=tuple(str(at) for at in range(len(dataset.classes))), excluded=())
    reader = Reader(catalog.usable(catalog.read(model)), context.token)
    val = _examples(dataset, loaded, split, VAL)
    found = judgement(reader, numbered, test, context.part(0.0, 0.8), choosing=val)
    path = folder / NAME
    write_report(
        path, found, reader, context.part(0.8, 1.0), part="held out", history=history, score=score, more=more
    )
    return path


def _examples(dataset: Dataset, loaded: Loaded, split: Split, part: str) -> list[Example]:
    """The examples of *part*, in the groups by which they were divided."""
    wanted = {loaded.names[at]: loaded.groups[at] for at in split.of(part)}
    return [replace(one, group=wanted[one.name]) for one in dataset.examples if one.name in wanted]
