"""Labelled pictures in folders: one folder per class, or ``images`` beside ``masks``."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.files.names import ending_of
from medviewer.imaging.pictures import SUFFIXES, read_picture
from medviewer.kit.errors import DamagedFile, FileTrouble, TrainingTrouble
from medviewer.training.data.dataset import Dataset, Example
from medviewer.training.data.dicom import dicom_examples, grouping_of
from medviewer.training.data.gather import file_keys, files_in, gathered
from medviewer.training.data.marks import file_mask


def class_data(folder: Path, unit: str = "picture") -> Dataset:
    """Pictures in one folder per class; the classes are the folders' names in alphabetical order.

    Raises TrainingTrouble when there are no classes with pictures.
    """
    examples: list[Example] = []
    excluded: list[str] = []
    classes: list[str] = []
    for subfolder in sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."):
        if unit == "series":
            found, faults = _series(subfolder, folder, len(classes))
        else:
            found, faults = _pictures(subfolder, folder, len(classes))
        excluded += faults
        if not found:
            excluded.append(f"The folder {subfolder.name} holds no {_what(unit)}.")
            continue
        classes.append(subfolder.name)
        examples += found
    if not classes:
        raise TrainingTrouble(
            f"There are no {_what(unit)} in folders below {folder.name}.",
            f"Put the {_what(unit)} of each class into a folder with its name, or use images and masks.",
        )
    return Dataset(
        folder.name,
        "classification",
        tuple(classes),
        tuple(examples),
        tuple(excluded),
        _grouping(examples),
        unit,
    )


def mask_data(folder: Path, unit: str = "picture") -> Dataset:
    """Pictures in ``images`` with masks of the same file name (any suffix) in ``masks``.

    Masks are pictures, or label maps in NIfTI or NRRD of pictures or series whose place is known. A series of
    DICOM files is called as its folder is. Raises TrainingTrouble when no picture has a mask.
    """
    masks = {_stem(path): path for path in files_in(folder / "masks")}
    placed = unit == "series" or any(ending_of(path) for path in masks.values())
    finder = _placed_pairs if placed else _plain_pairs
    examples, excluded = finder(folder, masks, unit)
    if not examples:
        raise TrainingTrouble(
            f"No picture in {folder.name}/images has a mask.",
            "A mask lies in the folder masks and has the same file name as its picture.",
        )
    return Dataset(
        folder.name, "segmentation", (), tuple(examples), tuple(excluded), _grouping(examples), unit
    )


def pair_data(folder: Path, worse: str, better: str, unit: str = "picture") -> Dataset:
    """Pictures in *worse* and the same pictures, of the same file names, better in *better*.

    Raises TrainingTrouble when no picture has its better one.
    """
    wanted = {key: one for one in gathered(folder / better, unit).sources for key in one.keys[:3]}
    found = gathered(folder / worse, unit)
    examples: list[Example] = []
    excluded = list(found.excluded)
    for source in found.sources:
        other = next((wanted[key] for key in source.keys[:3] if key in wanted), None)
        if other is None:
            excluded.append(f"{worse}/{source.name} has no better picture.")
            continue
        name = f"{worse}/{source.name}"
        group = name if source.group == source.name else source.group
        examples.append(Example(name, source.read, group=group, read_wanted=other.read))
    if not examples:
        raise TrainingTrouble(
            f"No picture in {folder.name}/{worse} has a better one in {better}.",
            "Both have the same file name.",
        )
    return Dataset(
        folder.name, "enhancement", (), tuple(examples), tuple(excluded), _grouping(examples), unit
    )


def read_mask(path: Path) -> NDArray[np.uint8]:
    """A mask as (row, column) uint8 of label values. A mask of 0 and one bright value is 0 and 1.

    Raises FileTrouble.
    """
    array = read_picture(path)
    if array.ndim != 2 or array.dtype != np.uint8:
        raise DamagedFile(f"{path.name} is no mask: a mask has one 8-bit value per pixel.")
    found = np.unique(array)
    if len(found) <= 2 and found[-1] >= 128:
        return (array > 0).astype(np.uint8)
    if len(found) > 2 and path.suffix.lower() != ".png":
        # JPEG smears the edge of a mask over many values
        return (array >= 128).astype(np.uint8)
    return array


def _plain_pairs(folder: Path, masks: dict[str, Path], unit: str) -> tuple[list[Example], list[str]]:
    pictures, excluded = _pictures(folder / "images", folder, -1)
    examples = []
    for example in pictures:
        mask = masks.get(_stem(Path(example.name.partition("#")[0])))
        if mask is None:
            excluded.append(f"{example.name} has no mask.")
            continue
        examples.append(replace(example, read_mask=partial(read_mask, mask)))
    return examples, excluded


def _placed_pairs(folder: Path, masks: dict[str, Path], unit: str) -> tuple[list[Example], list[str]]:
    found = gathered(folder / "images", unit, folder)
    excluded = list(found.excluded)
    examples = []
    for source in found.sources:
        mask = next((masks[key] for key in map(_plain, source.keys) if key in masks), None)
        if mask is None:
            excluded.append(f"{source.name} has no mask.")
        elif source.series is not None and ending_of(mask):
            read = partial(file_mask, mask, source)
            examples.append(Example(source.name, source.read, -1, read, source.group))
        elif unit == "picture":
            examples.append(Example(source.name, source.read, -1, partial(read_mask, mask), source.group))
        else:
            excluded.append(f"{source.name} is a series, and {mask.name} one picture.")
    return examples, excluded


def _series(folder: Path, root: Path, label: int) -> tuple[list[Example], list[str]]:
    found = gathered(folder, "series", root)
    examples = [Example(one.name, one.read, label, group=one.group) for one in found.sources]
    return examples, list(found.excluded)


def _what(unit: str) -> str:
    return "series" if unit == "series" else "pictures"


def _pictures(folder: Path, root: Path, label: int) -> tuple[list[Example], list[str]]:
    examples: list[Example] = []
    excluded: list[str] = []
    for path in files_in(folder):
        name = path.relative_to(root).as_posix()
        if path.suffix.lower() in SUFFIXES:
            examples.append(Example(name, partial(read_picture, path), label, group=name))
            continue
        try:
            examples += dicom_examples(path, name, label)
        except FileTrouble as trouble:
            excluded.append(f"{name}: {trouble.message}")
    return examples, excluded


def _stem(path: Path) -> str:
    return _plain(file_keys(path.name)[-1])


def _plain(stem: str) -> str:
    """A name without its case and without what says that it is a mask."""
    stem = stem.lower()
    for ending in ("_mask", "-mask", "_label", "_seg"):
        stem = stem.removesuffix(ending)
    return stem


def _grouping(examples: list[Example]) -> str:
    return grouping_of(example.group for example in examples)
