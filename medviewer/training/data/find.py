"""The way from a path to labelled pictures."""

from __future__ import annotations

from pathlib import Path

from medviewer.kit.errors import TrainingTrouble
from medviewer.training.data.arrays import array_data
from medviewer.training.data.dataset import Dataset
from medviewer.training.data.folders import class_data, mask_data


def find_data(path: Path) -> Dataset:
    """The labelled pictures at *path*: a ``.npz`` file, a folder with ``images`` and ``masks``, or a folder
    of class folders. Raises TrainingTrouble.
    """
    path = Path(path)
    if not path.exists():
        raise TrainingTrouble(f"There is nothing at {path}.", "Give a folder of pictures or a .npz file.")
    if path.is_file():
        if path.suffix.lower() != ".npz":
            raise TrainingTrouble(
                f"{path.name} is no set of labelled pictures.", "Give a folder of pictures or a .npz file."
            )
        return array_data(path)
    if (path / "images").is_dir() and (path / "masks").is_dir():
        return mask_data(path)
    for one, other in (("images", "masks"), ("masks", "images")):
        if (path / one).is_dir() and len([below for below in path.iterdir() if below.is_dir()]) == 1:
            raise TrainingTrouble(
                f"{path.name} has a folder {one} and no folder {other}.",
                "A segmentation is learnt from pictures in images and masks of the same names in masks.",
            )
    return class_data(path)
