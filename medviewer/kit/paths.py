"""Where resources and the user's data lie; the only file that knows."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

import platformdirs

from medviewer.kit.errors import MedviewerError

APP = "medviewer"


@cache
def resources() -> Path:
    """The folder of resources: in a source tree, in an installed package, or in a frozen program."""
    package = Path(__file__).resolve().parent.parent
    frozen = Path(getattr(sys, "_MEIPASS", package)) / "resources"
    for folder in (package.parent / "resources", package / "_resources", frozen):
        if (folder / "windows.json").is_file():
            return folder
    return package / "_resources"


def resource(name: str) -> Path:
    """The path of one resource, for instance ``windows.json``."""
    return resources() / name


def user_data() -> Path:
    """The user's own folder (index, models, recipes, readings), private to the user.

    ``MEDVIEWER_HOME`` moves it, which tests and portable installations use.
    """
    home = os.environ.get("MEDVIEWER_HOME")
    folder = Path(home) if home else Path(platformdirs.user_data_dir(APP, appauthor=False))
    return _made(folder)


def user_folder(name: str) -> Path:
    """A folder inside the user's data, made when it is not there."""
    return _made(user_data() / name)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as trouble:
        raise MedviewerError(
            f"The folder for your own data cannot be made: {trouble.strerror}.",
            "Set MEDVIEWER_HOME to a folder that can be written to.",
        ) from None
    return folder
