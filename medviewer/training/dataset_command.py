"""``medviewer dataset``: what is in the data, before anything is learnt from them. Starts no TensorFlow.

Readers of data are imported when the command is called: listing commands costs nothing.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from medviewer.kit.errors import ExportTrouble
from medviewer.kit.params import Slider, Words
from medviewer.kit.task import TaskContext
from medviewer.training.configuration import Configuration, DataPlan
from medviewer.training.configuration_file import read, with_setting

JSON, PAGE = "dataset.json", "dataset.html"


def dataset(
    context: TaskContext,
    *,
    data: Annotated[Path, Words(help="a folder of pictures or series, or a .npz file")],
    output: Annotated[Path | None, Words(help="folder for dataset.json and dataset.html")] = None,
    config: Annotated[Path | None, Words(help="run.toml whose [data] and [augment] are taken")] = None,
    task: Literal[
        "auto", "classification", "multilabel", "regression", "segmentation", "enhancement", "generation"
    ]
    | None = None,
    unit: Literal["picture", "series"] | None = None,
    labels: Annotated[str | None, Words(help="CSV with a column of names and columns of labels")] = None,
    target: Annotated[str | None, Words(help="column to learn; several with commas between")] = None,
    subgroups: Annotated[str | None, Words(help="columns of subgroups, with commas between")] = None,
    missing: Literal["report", "drop", "fill", "interpolate"] | None = None,
    split: Annotated[Path | None, Words(help="split.csv of a run, to look for leaks in it")] = None,
    augmented: Annotated[bool, Words(help="also show examples as they are augmented")] = False,
    set: Annotated[tuple[str, ...], Words(help="augment.name=value; may be repeated")] = (),  # noqa: A002  the word of the terminal
    seed: Annotated[int, Slider(0, 2**31 - 1, label="Seed of which examples are shown")] = 1,
) -> dict[str, Any]:
    """Check and summarise labelled pictures: counts, sizes, values, missing labels, duplicates, leaks."""
    from medviewer.training.augment import Augmentation
    from medviewer.training.data.find import find_data
    from medviewer.training.data.split import read_split
    from medviewer.training.data.survey import survey

    asked = read(Path(config)) if config else Configuration()
    for words in set:
        setting, _, text = words.partition("=")
        asked = with_setting(asked, setting.strip(), text.strip())
    limits = Augmentation.of(asked.augment)
    given: dict[str, Any] = {
        "task": task,
        "unit": unit,
        "labels": labels,
        "target": target,
        "subgroups": subgroups,
    }
    given["missing"] = missing
    plan: DataPlan = replace(asked.data, **{name: one for name, one in given.items() if one is not None})
    found = survey(find_data(Path(data), plan), context)
    summary = found.summary(read_split(split) if split else None)
    summary["warnings"] += list(limits.warnings)
    # for reading, each sentence on its line; the file holds a list
    told = {**summary, "warnings": dict(enumerate(summary["warnings"], 1))}
    if output is None:
        return told
    from medviewer.training.data.page import page_of
    from medviewer.training.data.sheet import augmented_sheet, contact_sheet

    sheet = contact_sheet(found, seed)
    changed = augmented_sheet(found, limits, seed) if augmented else ()
    return {**told, **write_summary(Path(output), summary, page_of(summary, sheet, changed))}


def write_summary(folder: Path, summary: dict[str, Any], page: str) -> dict[str, str]:
    """Write the summary as JSON and as a page; where they are. Raises ExportTrouble."""
    from medviewer.kit.files import write_atomically

    try:
        folder.mkdir(parents=True, exist_ok=True)
        content = json.dumps(summary, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        write_atomically(folder / JSON, content.encode())
        write_atomically(folder / PAGE, page.encode())
    except OSError as trouble:
        raise ExportTrouble(
            f"{folder} cannot be written to: {trouble.strerror or trouble}.", "Choose another folder."
        ) from None
    return {"page": str(folder / PAGE), "json": str(folder / JSON)}
