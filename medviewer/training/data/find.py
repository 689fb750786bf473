"""The way from a path to labelled pictures."""

from __future__ import annotations

from pathlib import Path

from medviewer.kit.errors import TrainingTrouble
from medviewer.training.configuration import DataPlan
from medviewer.training.data.arrays import array_data
from medviewer.training.data.dataset import TASKS, Dataset, Example
from medviewer.training.data.dicom import grouping_of
from medviewer.training.data.folders import class_data, mask_data, pair_data
from medviewer.training.data.gather import Gathered, gathered
from medviewer.training.data.marks import marked_examples
from medviewer.training.data.table import table_data

PAIRS = (("noisy", "clean"), ("input", "wanted"), ("low", "high"))
"""Folders of pictures and of the same pictures better."""


def find_data(path: Path, plan: DataPlan | None = None) -> Dataset:
    """The labelled pictures at *path*. Raises TrainingTrouble.

    It is one of: a ``.npz`` file; any folder with the table of *plan*; ``images`` beside ``masks``; ``noisy``
    beside ``clean``; one folder per class; DICOM series with segmentations or structure sets. With *plan*
    one example may be a series, and any pictures are data for a generator.
    """
    path = Path(path)
    plan = plan or DataPlan()
    if not path.exists():
        raise TrainingTrouble(f"There is nothing at {path}.", "Give a folder of pictures or a .npz file.")
    dataset = _found(path, plan)
    if plan.task != "auto" and plan.task != dataset.task:
        raise TrainingTrouble(f"{dataset.name} holds labels for {dataset.task}, not for {plan.task}.")
    assert dataset.task in TASKS
    return dataset


def _found(path: Path, plan: DataPlan) -> Dataset:
    if path.is_file():
        if path.suffix.lower() != ".npz":
            raise TrainingTrouble(
                f"{path.name} is no set of labelled pictures.", "Give a folder of pictures or a .npz file."
            )
        return array_data(path, plan)
    if plan.labels:
        return table_data(path, gathered(path, plan.unit), plan)
    if plan.task == "generation":
        return _unlabelled(path, gathered(path, plan.unit), plan)
    if (path / "images").is_dir() and (path / "masks").is_dir():
        return mask_data(path, plan.unit)
    for worse, better in PAIRS:
        if (path / worse).is_dir() and (path / better).is_dir():
            return pair_data(path, worse, better, plan.unit)
    if plan.task == "enhancement":
        # without better pictures these are the better ones, and noise makes the worse
        return _unlabelled(path, gathered(path, plan.unit), plan)
    for one, other in (("images", "masks"), ("masks", "images")):
        if (path / one).is_dir() and len([below for below in path.iterdir() if below.is_dir()]) == 1:
            raise TrainingTrouble(
                f"{path.name} has a folder {one} and no folder {other}.",
                "A segmentation is learnt from pictures in images and masks of the same names in masks.",
            )
    if plan.task in ("auto", "segmentation"):
        found = gathered(path, plan.unit)
        if found.objects and (plan.task == "segmentation" or _is_marked(found)):
            return _marked(path, found, plan)
    return class_data(path, plan.unit)


def _is_marked(found: Gathered) -> bool:
    return any(marked_examples(found)[0])


def _marked(path: Path, found: Gathered, plan: DataPlan) -> Dataset:
    examples, names, excluded = marked_examples(found)
    if not examples:
        raise TrainingTrouble(
            f"No picture in {path.name} has a mask. {' '.join(excluded[:2])}",
            "Put segmentations or structure sets beside the pictures they are about.",
        )
    grouping = grouping_of(one.group for one in examples)
    told = (*found.excluded, *excluded)
    return Dataset(path.name, "segmentation", names, examples, told, grouping, plan.unit)


def _unlabelled(path: Path, found: Gathered, plan: DataPlan) -> Dataset:
    examples = tuple(Example(one.name, one.read, group=one.group) for one in found.sources)
    if not examples:
        raise TrainingTrouble(f"There are no pictures in {path.name}.", "Give a folder of pictures.")
    grouping = grouping_of(one.group for one in examples)
    return Dataset(path.name, plan.task, (), examples, found.excluded, grouping, plan.unit)
