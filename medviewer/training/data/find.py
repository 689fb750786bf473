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
    return class_data(path)
