"""What an exporter is: a function that writes a finished picture, declared with one decorator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import BadValue, ExportTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Parameter, checked, parameters
from medviewer.kit.registry import Registry

Write = Callable[..., None]
"""(pixels, path, *, parameters): raises ExportTrouble."""


@frozen
class Exporter:
    """A declared file format; its parameters are the keyword-only arguments of *function*."""

    name: str
    title: str
    endings: tuple[str, ...]
    function: Write

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it takes."""
        return parameters(self.function)

    def __call__(self, pixels: NDArray[np.uint8], path: Path, **values: Any) -> None:
        """Write *pixels*. Raises BadValue for a wrong parameter, ExportTrouble for a bad place."""
        self.function(pixels, path, **checked(self.parameters, values))


EXPORTERS: Registry[Exporter] = Registry("file format", "medviewer.exporters")


def exporter(title: str, endings: tuple[str, ...]) -> Callable[[Write], Write]:
    """Declare the decorated function as the way to write files with these endings (".png", ...)."""

    def declare(function: Write) -> Write:
        EXPORTERS.add(Exporter(function.__name__, title, endings, function))
        return function

    return declare


def for_path(path: Path) -> Exporter:
    """The exporter that writes files named like *path*. Raises BadValue that lists the endings there are."""
    for one in EXPORTERS:
        if path.suffix.lower() in one.endings:
            return one
    known = ", ".join(ending for one in EXPORTERS for ending in one.endings)
    raise BadValue(f"{path.name} has no ending of a picture file.", f"Pictures are written as {known}.")


def trouble(path: Path, error: OSError) -> ExportTrouble:
    """What to tell when the disk refuses *path*."""
    where = str(path.parent)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return ExportTrouble(
            f"{path.name} was not written: there is no folder {where}.", "Choose another folder."
        )
    if isinstance(error, PermissionError):
        return ExportTrouble(
            f"{path.name} was not written: {where} may not be written to.", "Choose another folder."
        )
    if isinstance(error, IsADirectoryError):
        return ExportTrouble(f"{path.name} was not written: it is a folder.", "Choose another name.")
    reason = error.strerror or str(error)
    return ExportTrouble(
        f"{path.name} was not written: {reason}.", "Check the disk, or choose another folder."
    )
