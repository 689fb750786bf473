"""Labelled pictures in one ``.npz`` file, with the keys that MedMNIST uses, or Keras, or simpler ones."""

from __future__ import annotations

import math
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import TrainingTrouble
from medviewer.training.configuration import DataPlan
from medviewer.training.data.dataset import Dataset, Example
from medviewer.training.data.missing import without_missing

_ENTRIES = {"segmentation": "masks", "enhancement": "clean"}
PARTS = ("train", "val", "test")
LARGEST_BYTES = 8_000_000_000


def array_data(path: Path, plan: DataPlan | None = None) -> Dataset:
    """``train_images`` and ``train_labels``, the same for val and test as far as they are there.

    Images are (n, row, column) or (n, row, column, 3) numbers, or with the unit series (n, slice, row,
    column); labels (n,) or (n, 1) whole numbers. Instead of labels there may be ``_masks`` or ``_clean``
    (better) images of the images' size; with the task multilabel or regression labels are (n, target), NaN
    is missing. ``x_train`` and ``y_train`` mean the same; ``images`` and ``labels`` or ``masks`` alone are
    data without parts. ``class_names`` may name the classes. Nothing is unpickled. Raises TrainingTrouble.
    """
    plan = plan or DataPlan()
    found = _renamed(_arrays(path))
    task = _task(found, plan)
    examples: list[Example] = []
    for part in (*PARTS, ""):
        if _key(part, "images") in found:
            examples += _part(path, part, found, task, plan.unit)
    if not examples:
        raise TrainingTrouble(
            f"{path.name} has no entry train_images, val_images or test_images.",
            "Name the entries train_images, train_labels, val_images, ..., or just images and labels.",
        )
    classes = _class_names(found, examples) if task in ("classification", "multilabel", "regression") else ()
    dataset = Dataset(path.name, task, classes, tuple(examples), unit=plan.unit)
    return without_missing(dataset, plan.missing) if examples[0].targets else dataset


def _task(found: dict[str, NDArray[Any]], plan: DataPlan) -> str:
    for ending, task in (("masks", "segmentation"), ("clean", "enhancement")):
        if any(_key(part, ending) in found for part in (*PARTS, "")):
            return task
    return plan.task if plan.task in ("multilabel", "regression", "generation") else "classification"


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                _check_claim(archive, member, path.name)
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, KeyError) as trouble:
        raise TrainingTrouble(
            f"{path.name} cannot be read: it is damaged, or holds more than plain numbers.",
            "Write it with numpy.savez_compressed from arrays of numbers.",
        ) from trouble


def _renamed(found: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Other usual names of the same entries as MedMNIST would have them."""
    return {_usual(name, array): array for name, array in found.items()}


def _usual(name: str, array: NDArray[Any]) -> str:
    first, _, last = name.lower().partition("_")
    if first == "x" and last in ("", *PARTS):
        return _key(last, "images")
    if first == "y" and last in ("", *PARTS):
        return _key(last, "masks" if array.ndim > 2 else "labels")
    return name


def _key(part: str, what: str) -> str:
    """The entry of a part; data without parts have the empty one."""
    return f"{part}_{what}" if part else what


def _check_claim(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    """Refuse an array that claims more numbers than it brings, before anything is allocated."""
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read(file)
    claimed = math.prod(shape) * dtype.itemsize
    if dtype.hasobject or claimed > member.file_size or claimed > LARGEST_BYTES:
        raise TrainingTrouble(f"{member.filename} in {name} claims more than the file holds.")


def _part(path: Path, part: str, found: dict[str, NDArray[Any]], task: str, unit: str) -> list[Example]:
    name, key = _key(part, "images"), _key(part, _ENTRIES.get(task, "labels"))
    images = found[name]
    if task != "generation" and key not in found:
        raise TrainingTrouble(f"{path.name} has {name} but no {key}.")
    stacked = unit == "series"
    fits = images.ndim == 3 or (images.ndim == 4 and images.shape[-1] in (1, 3))
    if stacked:
        fits = images.ndim == 4
    if not fits or images.dtype.kind not in "uif":
        what = "series" if stacked else "pictures"
        raise TrainingTrouble(f"{name} in {path.name} is no stack of {what}, but {images.shape}.")
    read = _stack if stacked else _picture
    plain = [
        Example(at, partial(read, images, index), group=at, part=part)
        for index in range(len(images))
        for at in [f"{name}[{index}]"]
    ]
    if task == "generation":
        return plain
    truth = found[key]
    if len(images) != len(truth):
        raise TrainingTrouble(
            f"{path.name} has {len(images)} pictures in {name} and {len(truth)} entries in {key}."
        )
    if task in ("segmentation", "enhancement") and truth.shape[:3] != images.shape[:3]:
        what = "masks" if task == "segmentation" else "pictures"
        raise TrainingTrouble(f"The {what} {key} in {path.name} have another size than the pictures.")
    if task == "segmentation":
        mask = _mask_stack if stacked else _mask
        most = int(truth.max(initial=0)) if len(np.unique(truth)) <= 2 else 0
        return [replace(one, read_mask=partial(mask, truth, at, most)) for at, one in enumerate(plain)]
    if task == "enhancement":
        return [replace(one, read_wanted=partial(read, truth, at)) for at, one in enumerate(plain)]
    if task == "classification":
        labels = _labels(truth, path.name, key)
        return [replace(one, label=label) for one, label in zip(plain, labels, strict=True)]
    targets = _targets(truth, path.name, key, task)
    return [replace(one, targets=row) for one, row in zip(plain, targets, strict=True)]


def _targets(truth: NDArray[Any], name: str, key: str, task: str) -> list[tuple[float, ...]]:
    if truth.ndim not in (1, 2) or truth.dtype.kind not in "uifb":
        raise TrainingTrouble(f"{key} in {name} must hold one number for each target of a picture.")
    values = truth.reshape(len(truth), -1).astype(np.float64)
    known = values[~np.isnan(values)]
    if task == "multilabel" and not np.isin(known, (0, 1)).all():
        raise TrainingTrouble(f"{key} in {name} must hold 0 or 1 for each label.")
    if not np.isfinite(known).all():
        raise TrainingTrouble(f"{key} in {name} holds infinite numbers.")
    return [tuple(row) for row in values.tolist()]


def _labels(truth: NDArray[Any], name: str, key: str) -> list[int]:
    flat = truth.reshape(len(truth), -1)
    if flat.shape[1] != 1 or truth.dtype.kind not in "uif" or not (flat == np.round(flat)).all():
        raise TrainingTrouble(
            f"{key} in {name} must hold one whole number per picture.",
            "For several labels or other numbers say so: data.task multilabel or regression.",
        )
    labels: list[int] = flat[:, 0].astype(int).tolist()
    if labels and (min(labels) < 0 or max(labels) > 1000):
        raise TrainingTrouble(f"{key} in {name} must be numbers from 0 upwards.")
    return labels


def _class_names(found: dict[str, NDArray[Any]], examples: list[Example]) -> tuple[str, ...]:
    count = len(examples[0].targets) or max(example.label for example in examples) + 1
    names = found.get("class_names")
    if names is not None and names.dtype.kind == "U" and names.size == count:
        return tuple(str(name) for name in names.reshape(-1))
    return tuple(str(index) for index in range(count))


def _picture(images: NDArray[Any], index: int) -> NDArray[Any]:
    picture: NDArray[Any] = images[index]
    return picture[..., 0] if picture.ndim == 3 and picture.shape[-1] == 1 else picture


def _stack(stacks: NDArray[Any], index: int) -> NDArray[Any]:
    stack: NDArray[Any] = stacks[index]
    return stack


def _mask_stack(masks: NDArray[Any], index: int, only: int) -> NDArray[np.uint8]:
    return np.stack([_mask(masks[index], at, only) for at in range(masks.shape[1])])


def _mask(masks: NDArray[Any], index: int, only: int) -> NDArray[np.uint8]:
    """One mask; *only* is the one value that occurs anywhere beside 0, or 0 where there are several."""
    mask: NDArray[Any] = masks[index]
    mask = mask[..., 0] if mask.ndim == 3 else mask
    return (mask > 0).astype(np.uint8) if only else mask.astype(np.uint8)
