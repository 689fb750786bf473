"""Whether bodies can be rendered here at all; what asks for it loads nothing."""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import find_spec

from medviewer.kit.errors import MedviewerError

LEAST_SLICES = 3
MISSING = "Volume rendering needs the package vtk."
HOW_TO_INSTALL = f'{sys.executable} -m pip install "medviewer[view3d]"'
"""With the Python that runs this: another one's pip would install it elsewhere, or may not install at all."""


class RenderingTrouble(MedviewerError):
    """A body cannot be rendered."""


@cache
def why_not() -> str:
    """Why nothing can be rendered here, "" when it can; nothing is loaded to find out."""
    return "" if find_spec("vtkmodules") else f"{MISSING[:-1]}: {HOW_TO_INSTALL}"


def check() -> None:
    """Raise RenderingTrouble when nothing can be rendered here."""
    if why_not():
        raise RenderingTrouble(MISSING, f"{HOW_TO_INSTALL}, then start medviewer anew.")
