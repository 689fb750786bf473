"""medviewer: look at imaging studies, compare enhancements, let a neural network read along."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__: str
_PUBLIC = ("open_series", "plane", "render", "enhance", "infer")

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    """Load the public names when they are first asked for, so that importing stays fast."""
    if name == "__version__":
        return _version()
    if name in _PUBLIC:
        return getattr(import_module("medviewer.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _version() -> str:
    """The version of the installed package, or of the tree that it runs from.

    It stands in the name of the folder that every installer makes (PEP 376); importlib.metadata would read it
    there too, and bring forty modules along.
    """
    import os  # noqa: PLC0415  (importing the package itself loads nothing)
    import sys  # noqa: PLC0415

    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.startswith("medviewer-") and name.endswith(".dist-info"):
                return name.removeprefix("medviewer-").removesuffix(".dist-info")
    return _version_of_tree()


def _version_of_tree() -> str:
    import re  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    try:
        text = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    except OSError:
        return "0+unknown"
    found = re.search(r'^name = "medviewer"\nversion = "([^"]+)"', text, re.MULTILINE)
    return found[1] if found else "0+unknown"
