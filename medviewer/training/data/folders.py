"""Labelled pictures in folders: one folder per class, or ``images`` beside ``masks``."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.pictures import SUFFIXES, read_picture
from medviewer.kit.errors import DamagedFile, FileTrouble, TrainingTrouble
from medviewer.training.data.dataset import Dataset, Example
from medviewer.training.data.dicom import dicom_examples

_OTHER_FILES = (".txt", ".csv", ".json", ".md", ".tsv", ".xml", ".pdf", ".yaml", ".yml", ".db", ".ini")


def class_data(folder: Path) -> Dataset:
    """Pictures in one folder per class; the classes are the folders' names in alphabetical order.

    Raises TrainingTrouble when there are fewer than two classes with pictures.
    """
    examples: list[Example] = []
    excluded: list[str] = []
    classes: list[str] = []
    for subfolder in sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."):
        found, faults = _pictures(subfolder, folder, len(classes))
        excluded += faults
        if not found:
            excluded.append(f"The folder {subfolder.name} holds no pictures.")
            continue
        classes.append(subfolder.name)
        examples += found
    if not classes:
        raise TrainingTrouble(
            f"There are no pictures in folders below {folder.name}.",
            "Put the pictures of each class into a folder with its name, or use folders images and masks.",
        )
    return Dataset(
        folder.name, "classification", tuple(classes), tuple(examples), tuple(excluded), _grouping(examples)
    )


def mask_data(folder: Path) -> Dataset:
    """Pictures in ``images`` with masks of the same file name (any suffix) in ``masks``.

    Raises TrainingTrouble when no picture has a mask.
    """
    masks = {_stem(path): path for path in _files(folder / "masks")}
    pictures, excluded = _pictures(folder / "images", folder, -1)
    examples = []
    for example in pictures:
        mask = masks.get(_stem(Path(example.name.partition("#")[0])))
        if mask is None:
            excluded.append(f"{example.name} has no mask.")
            continue
        examples.append(
            Example(example.name, example.read, -1, partial(read_mask, mask), example.group, example.part)
        )
    if not examples:
        raise TrainingTrouble(
            f"No picture in {folder.name}/images has a mask.",
            "A mask lies in the folder masks and has the same file name as its picture.",
        )
    return Dataset(folder.name, "segmentation", (), tuple(examples), tuple(excluded), _grouping(examples))


def read_mask(path: Path) -> NDArray[np.uint8]:
    """A mask as (row, column) uint8 of label values. A mask of 0 and one other value is 0 and 1.

    Raises FileTrouble.
    """
    array = read_picture(path)
    if array.ndim != 2 or array.dtype != np.uint8:
        raise DamagedFile(f"{path.name} is no mask: a mask has one 8-bit value per pixel.")
    found = np.unique(array)
    if len(found) <= 2 and found[-1] > 0:
        return (array > 0).astype(np.uint8)
    if len(found) > 2 and path.suffix.lower() != ".png":
        # JPEG smears the edge of a mask over many values
        return (array >= 128).astype(np.uint8)
    return array


def _pictures(folder: Path, root: Path, label: int) -> tuple[list[Example], list[str]]:
    examples: list[Example] = []
    excluded: list[str] = []
    for path in _files(folder):
        name = path.relative_to(root).as_posix()
        if path.suffix.lower() in SUFFIXES:
            examples.append(Example(name, partial(read_picture, path), label, group=name))
            continue
        try:
            examples += dicom_examples(path, name, label)
        except FileTrouble as trouble:
            excluded.append(f"{name}: {trouble.message}")
    return examples, excluded


def _files(folder: Path) -> list[Path]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return [path for path in found if path.suffix.lower() not in _OTHER_FILES]


def _stem(path: Path) -> str:
    stem = path.stem.lower()
    for ending in ("_mask", "-mask", "_label", "_seg"):
        stem = stem.removesuffix(ending)
    return stem


def _grouping(examples: list[Example]) -> str:
    return "patient" if any(example.group.startswith("patient ") for example in examples) else "picture"
