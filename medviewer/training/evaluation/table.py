"""The answers of an evaluation as a table, so that others can work out every figure, and runs be compared."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from medviewer.export.exporter import trouble
from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.training.evaluation.judging import Judgement

NAME = "report.csv"
"""Beside the report of a run."""
FIRST = ("case", "name", "group")
TASK = "task"


@frozen
class Told:
    """A table that was read again."""

    task: str
    columns: tuple[str, ...]
    names: tuple[str, ...]
    groups: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def write_answers(path: Path, judgement: Judgement) -> None:
    """Write the table: number, name and group of each example, its subgroups, truth and answer.

    Groups are numbers, since they may be patients. Raises ExportTrouble.
    """
    answers, dataset = judgement.answers, judgement.dataset
    # in the order of their names, so that the same seed draws the same groups again
    names = sorted(set(answers.asked.groups))
    numbers = {group: f"{at:0{len(str(len(names)))}d}" for at, group in enumerate(names, 1)}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    subgroups = tuple(f"subgroup {column}" for column in dataset.subgroups)
    writer.writerow((*FIRST, TASK, *subgroups, *answers.columns))
    rows = zip(answers.asked.examples, answers.asked.groups, answers.table, strict=True)
    for at, (example, group, row) in enumerate(rows, 1):
        words = [*example.subgroups, *[""] * len(dataset.subgroups)][: len(dataset.subgroups)]
        cells = ["" if cell is None else cell for cell in row]
        writer.writerow((at, example.name, numbers[group], dataset.task, *words, *cells))
    try:
        write_atomically(path, text.getvalue().encode())
    except OSError as error:
        raise trouble(path, error) from None


def read_answers(path: Path) -> Told:
    """What `write_answers` wrote. Raises TrainingTrouble."""
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise _foreign(path) from None
    if len(rows) < 2 or tuple(rows[0][:4]) != (*FIRST, TASK) or len({len(row) for row in rows}) != 1:
        raise _foreign(path)
    heads = rows[0]
    at = [number for number, head in enumerate(heads) if number > 3 and not head.startswith("subgroup ")]
    return Told(
        task=rows[1][3],
        columns=tuple(heads[number] for number in at),
        names=tuple(row[1] for row in rows[1:]),
        groups=tuple(row[2] for row in rows[1:]),
        rows=tuple(tuple(row[number] for number in at) for row in rows[1:]),
    )


def _foreign(path: Path) -> TrainingTrouble:
    return TrainingTrouble(
        f"{path.name} is no table of answers written by medviewer.", "Evaluate the model with --report."
    )
