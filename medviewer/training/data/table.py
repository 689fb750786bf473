"""Labels, targets and subgroups out of a CSV table."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.training.configuration import DataPlan
from medviewer.training.data.dataset import Dataset, Example
from medviewer.training.data.dicom import grouping_of, hidden
from medviewer.training.data.gather import Gathered, Source
from medviewer.training.data.missing import NOTHING, are_numbers, number_of, without_missing
from medviewer.training.data.subgroups import subgroup_words

LARGEST_BYTES = 200_000_000
MOST_CLASSES = 20
"""A column of more different whole numbers is one of values."""
KEYS = ("file", "filename", "image", "image index", "name", "path", "id")
UIDS = ("sopinstanceuid", "seriesinstanceuid", "studyinstanceuid")
PATIENT = ("patient", "patient_id", "patientid", "patient id")
PART = ("part", "split")
_PARTS = {"training": "train", "valid": "val", "validation": "val", "testing": "test"}


Pair = tuple[Source, Mapping[str, str]]
"""a picture and its row"""


@frozen(eq=False)
class Table:
    """A table as text."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    key: str
    """the column by which a picture is found"""

    def column(self, names: Sequence[str]) -> str:
        """The first column that is called one of *names*, "" for none."""
        return next((one for one in self.columns if one.strip().lower() in names), "")


def read_table(path: Path) -> Table:
    """A CSV table with commas, semicolons or tabs. Raises TrainingTrouble."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise TrainingTrouble(f"{path.name} is too large for a table of labels.")
        text = path.read_text(encoding="utf-8-sig")
        first = text.split("\n", 1)[0]
        comma = max(",;\t", key=first.count)
        reader = csv.DictReader(io.StringIO(text), delimiter=comma)
        rows = tuple({key: (value or "").strip() for key, value in row.items() if key} for row in reader)
        columns = tuple(one for one in reader.fieldnames or () if one)
    except (OSError, UnicodeDecodeError, csv.Error) as trouble:
        raise TrainingTrouble(
            f"{path.name} cannot be read as a table.", "Save it as CSV in UTF-8."
        ) from trouble
    if len(columns) < 2 or not rows:
        raise TrainingTrouble(
            f"{path.name} has no two columns with rows below.", "Its first line must name the columns."
        )
    plain = Table(path.name, columns, rows, columns[0])
    key = plain.column(KEYS) or plain.column(UIDS) or plain.column(PATIENT) or columns[0]
    return replace(plain, key=key)


def table_data(folder: Path, found: Gathered, plan: DataPlan) -> Dataset:
    """The pictures of a folder with what the table of *plan* says of them. Raises TrainingTrouble."""
    table = read_table(_place(folder, plan.labels))
    targets = _targets(table, plan)
    subgroups = _columns(plan.subgroups)
    by_key = _by_key(table, targets)
    pairs: list[Pair] = []
    unknown, used = 0, set()
    for source in found.sources:
        row = next((by_key[key] for key in source.keys if key in by_key), None)
        if row is None:
            unknown += 1
            continue
        used.add(row[table.key])
        pairs.append((source, row))
    if not pairs:
        raise TrainingTrouble(
            f"No picture in {folder.name} stands in {table.name}.",
            f"Its column {table.key} must hold file names, UIDs or patients' numbers.",
        )
    # in the order of the table, which may be that of time
    order = {id(row): at for at, row in enumerate(table.rows)}
    pairs.sort(key=lambda pair: order[id(pair[1])])
    excluded = [*found.excluded]
    excluded += [f"{unknown} pictures do not stand in {table.name}."] * (unknown > 0)
    unused = len(by_key) - len(used)
    excluded += [f"{unused} rows of {table.name} have no picture."] * (unused > 0)
    task = plan.task if plan.task != "auto" else _task(table, targets)
    if task not in ("classification", "multilabel", "regression"):
        raise TrainingTrouble(f"{table.name} holds labels, and {task} learns from pictures.")
    dataset = _labelled(folder.name, task, table, targets, pairs)
    words = subgroup_words(subgroups, pairs)
    examples = tuple(
        replace(example, subgroups=tuple(column[at] for column in words))
        for at, example in enumerate(dataset.examples)
    )
    told = replace(dataset, examples=examples, excluded=tuple(excluded), unit=plan.unit, subgroups=subgroups)
    return without_missing(told, plan.missing)


def _place(folder: Path, name: str) -> Path:
    """The table as it was named, or of that name inside or beside the data."""
    places = (Path(name), folder / name, folder.parent / name)
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise TrainingTrouble(f"There is no table {name}.", "Give the path of a CSV file.")
    return found


def _columns(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _targets(table: Table, plan: DataPlan) -> tuple[str, ...]:
    asked = _columns(plan.target)
    for one in asked:
        if one not in table.columns:
            raise TrainingTrouble(
                f"{table.name} has no column {one!r:.80}.", f"It has: {', '.join(table.columns)}."
            )
    if asked:
        return asked
    known = {table.key, *_columns(plan.subgroups), table.column(PART), table.column(PATIENT)}
    rest = tuple(one for one in table.columns if one not in known)
    if len(rest) == 1:
        return rest
    raise TrainingTrouble(
        f"{table.name} has several columns that could be learnt: {', '.join(rest[:20])}.",
        "Name one or more with data.target.",
    )


def _by_key(table: Table, targets: Sequence[str]) -> dict[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for row in table.rows:
        key = row.get(table.key, "")
        other = found.setdefault(key, row)
        if key and any(other.get(one) != row.get(one) for one in targets):
            # the key may be a patient's number, so it is not told
            number = table.rows.index(row) + 2
            raise TrainingTrouble(
                f"Line {number} of {table.name} contradicts an earlier one of the same key."
            )
    found.pop("", None)
    return found


def _task(table: Table, targets: Sequence[str]) -> str:
    columns = [[row.get(one, "") for row in table.rows] for one in targets]
    if not all(are_numbers(column) for column in columns):
        if len(targets) > 1:
            raise TrainingTrouble(
                f"Not all of {', '.join(targets)} hold numbers.", "Learn one column of words at a time."
            )
        return "multilabel" if any("|" in one for one in columns[0]) else "classification"
    numbers = {value for column in columns for value in map(number_of, column) if not math.isnan(value)}
    if len(targets) > 1:
        return "multilabel" if numbers <= {0.0, 1.0} else "regression"
    whole = all(value == round(value) and value >= 0 for value in numbers)
    return "classification" if whole and len(numbers) <= MOST_CLASSES else "regression"


def _labelled(
    name: str,
    task: str,
    table: Table,
    targets: tuple[str, ...],
    pairs: Sequence[tuple[Source, Mapping[str, str]]],
) -> Dataset:
    classes, labels = targets, [-1] * len(pairs)
    values: list[tuple[float, ...]] = [()] * len(pairs)
    if task == "classification":
        if len(targets) > 1:
            raise TrainingTrouble("A classification learns one column.", "For several choose multilabel.")
        words = [row[targets[0]] for _, row in pairs]
        classes = _classes(words)
        labels = [classes.index(_word(one)) if _word(one) in classes else -1 for one in words]
    elif task == "multilabel" and len(targets) == 1:
        classes, values = _listed([row[targets[0]] for _, row in pairs])
    else:
        values = [tuple(number_of(row[one]) for one in targets) for _, row in pairs]
        given = {one for row in values for one in row if not math.isnan(one)}
        if task == "multilabel" and not given <= {0.0, 1.0}:
            raise TrainingTrouble("Labels of a multilabel task must be 0 or 1.")
    part, patient = table.column(PART), table.column(PATIENT)
    examples = tuple(
        Example(
            source.name,
            source.read,
            label,
            group=f"patient {hidden(row[patient])}" if patient and row.get(patient) else source.group,
            part=_part(row.get(part, "")),
            targets=value,
        )
        for (source, row), label, value in zip(pairs, labels, values, strict=True)
    )
    return Dataset(name, task, classes, examples, grouping=grouping_of(one.group for one in examples))


def _part(text: str) -> str:
    word = text.lower()
    word = _PARTS.get(word, word)
    return word if word in ("train", "val", "test") else ""


def _word(text: str) -> str:
    """A class as it is called: whole numbers without a point."""
    value = number_of(text)
    return str(int(value)) if math.isfinite(value) and value == round(value) else text


def _classes(words: Sequence[str]) -> tuple[str, ...]:
    found = {_word(one) for one in words if one.lower() not in NOTHING}
    if all(math.isfinite(number_of(one)) for one in found):
        return tuple(sorted(found, key=number_of))
    return tuple(sorted(found))


def _listed(texts: Sequence[str]) -> tuple[tuple[str, ...], list[tuple[float, ...]]]:
    """Names between bars ("Effusion|Mass") as columns of 0 and 1; an empty entry is missing."""
    each = [{one.strip() for one in text.split("|") if one.strip()} for text in texts]
    names = tuple(sorted({name for one in each for name in one} - {"No Finding"}))
    return names, [
        tuple(float(name in one) for name in names) if one else (math.nan,) * len(names) for one in each
    ]
