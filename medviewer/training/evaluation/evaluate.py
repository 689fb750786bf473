"""Judging a model, by name or by file, on labelled pictures; as the viewer runs it, without TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medviewer.ai.catalog import find
from medviewer.ai.infer import Reader
from medviewer.kit.errors import ExportTrouble, TrainingTrouble
from medviewer.kit.task import TaskContext
from medviewer.training.data.dataset import Dataset, Example
from medviewer.training.data.find import find_data
from medviewer.training.data.split import TEST, TRAIN, VAL, read_split
from medviewer.training.evaluation.judging import judgement
from medviewer.training.evaluation.report import write_report

ALL = "all"


def evaluate_model(
    model: str,
    data: Path,
    context: TaskContext,
    *,
    part: str = "auto",
    split: Path | None = None,
    seed: int = 0,
    report: Path | None = None,
) -> dict[str, Any]:
    """Figures with 95 % intervals and n, ready for JSON; on request also written as a report.

    Where a split or the data name a choosing part beside the one that is judged, thresholds chosen on it by
    several rules are told, too. Raises ModelTrouble, TrainingTrouble, ExportTrouble, Cancelled.
    """
    if report is not None and report.suffix.lower() not in (".html", ".htm"):
        raise ExportTrouble(f"{report.name} is no name for a report.", "End it in .html.")
    dataset = find_data(Path(data))
    examples, used = chosen(dataset, part, split)
    choosing = chosen(dataset, VAL, split)[0] if used == TEST and VAL in _parts(dataset, split) else ()
    reader = Reader(find(model), context.token)
    share = 1.0 if report is None else 0.8
    found = judgement(reader, dataset, examples, context.part(0.0, share), seed, choosing)
    if report is not None:
        write_report(report, found, reader, context.part(share, 1.0), part=used)
    return {"data": dataset.name, "part": used, **found.figures}


def _parts(dataset: Dataset, split: Path | None) -> set[str]:
    given = read_split(split) if split else {example.name: example.part for example in dataset.examples}
    return set(given.values())


def chosen(dataset: Dataset, part: str, split: Path | None) -> tuple[Sequence[Example], str]:
    """The examples to judge and the name of their part. Raises TrainingTrouble when there are none.

    ``auto`` takes what a split file or the data themselves hold out: test, else val, else everything.
    """
    given = read_split(split) if split else {example.name: example.part for example in dataset.examples}
    present = set(given.values())
    if part == "auto":
        part = next((name for name in (TEST, VAL) if name in present), ALL)
    examples = [example for example in dataset.examples if part == ALL or given.get(example.name) == part]
    if not examples:
        known = ", ".join(sorted(name for name in present if name)) or "none"
        raise TrainingTrouble(
            f"{dataset.name} has no {part} part.", f"Its parts are: {known}; or judge all ({ALL}, {TRAIN})."
        )
    return examples, part
