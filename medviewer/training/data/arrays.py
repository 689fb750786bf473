"""Labelled pictures in one ``.npz`` file, with the keys that MedMNIST uses, or Keras, or simpler ones."""

from __future__ import annotations

import math
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import TrainingTrouble
from medviewer.training.data.dataset import Dataset, Example

PARTS = ("train", "val", "test")
LARGEST_BYTES = 8_000_000_000


def array_data(path: Path) -> Dataset:
    """``train_images`` and ``train_labels``, the same for val and test as far as they are there.

    Images are (n, row, column) or (n, row, column, 3) numbers, labels (n,) or (n, 1) whole numbers, or
    ``_masks`` of the images' size instead of labels. ``x_train`` and ``y_train`` mean the same;
    ``images`` and ``labels`` or ``masks`` alone are data without parts. ``class_names`` may name the classes.
    Nothing is unpickled. Raises TrainingTrouble.
    """
    found = _renamed(_arrays(path))
    examples: list[Example] = []
    masked = any(_key(part, "masks") in found for part in (*PARTS, ""))
    for part in (*PARTS, ""):
        if _key(part, "images") in found:
            examples += _part(path, part, found, masked)
    if not examples:
        raise TrainingTrouble(
            f"{path.name} has no entry train_images, val_images or test_images.",
            "Name the entries train_images, train_labels, val_images, ..., or just images and labels.",
        )
    names = () if masked else _class_names(found, examples)
    task = "segmentation" if masked else "classification"
    return Dataset(path.name, task, names, tuple(examples))


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


def _part(path: Path, part: str, found: dict[str, NDArray[Any]], masked: bool) -> list[Example]:
    name, key = _key(part, "images"), _key(part, "masks" if masked else "labels")
    images = found[name]
    if key not in found:
        raise TrainingTrouble(f"{path.name} has {name} but no {key}.")
    truth = found[key]
    grey = images.ndim == 3 or (images.ndim == 4 and images.shape[-1] in (1, 3))
    if not grey or images.dtype.kind not in "uif":
        raise TrainingTrouble(f"{name} in {path.name} is no stack of pictures, but {images.shape}.")
    if len(images) != len(truth):
        raise TrainingTrouble(
            f"{path.name} has {len(images)} pictures in {name} and {len(truth)} entries in {key}."
        )
    if masked:
        if truth.shape[:3] != images.shape[:3]:
            raise TrainingTrouble(f"The {key} in {path.name} have another size than the pictures.")
        return [
            Example(at, partial(_picture, images, index), -1, partial(_mask, truth, index), at, part)
            for index in range(len(images))
            for at in [f"{name}[{index}]"]
        ]
    labels = _labels(truth, path.name, key)
    return [
        Example(at, partial(_picture, images, index), labels[index], group=at, part=part)
        for index in range(len(images))
        for at in [f"{name}[{index}]"]
    ]


def _labels(truth: NDArray[Any], name: str, key: str) -> list[int]:
    flat = truth.reshape(len(truth), -1)
    if flat.shape[1] != 1 or truth.dtype.kind not in "uif" or not (flat == np.round(flat)).all():
        raise TrainingTrouble(f"{key} in {name} must hold one whole number per picture.")
    labels: list[int] = flat[:, 0].astype(int).tolist()
    if labels and (min(labels) < 0 or max(labels) > 1000):
        raise TrainingTrouble(f"{key} in {name} must be numbers from 0 upwards.")
    return labels


def _class_names(found: dict[str, NDArray[Any]], examples: list[Example]) -> tuple[str, ...]:
    count = max(example.label for example in examples) + 1
    names = found.get("class_names")
    if names is not None and names.dtype.kind == "U" and names.size == count:
        return tuple(str(name) for name in names.reshape(-1))
    return tuple(str(index) for index in range(count))


def _picture(images: NDArray[Any], index: int) -> NDArray[Any]:
    picture: NDArray[Any] = images[index]
    return picture[..., 0] if picture.ndim == 3 and picture.shape[-1] == 1 else picture


def _mask(masks: NDArray[Any], index: int) -> NDArray[np.uint8]:
    mask: NDArray[Any] = masks[index]
    mask = mask[..., 0] if mask.ndim == 3 else mask
    found = np.unique(mask)
    return (mask > 0).astype(np.uint8) if len(found) <= 2 else mask.astype(np.uint8)
