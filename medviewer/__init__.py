"""medviewer: look at imaging studies, compare enhancements, let a neural network read along."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

try:
    __version__ = version("medviewer")
except PackageNotFoundError:  # running from an unpacked tree
    __version__ = "0+unknown"

_PUBLIC = ("open_series", "render", "enhance", "infer")

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    """Load the public names when they are first asked for, so that importing stays fast."""
    if name in _PUBLIC:
        return getattr(import_module("medviewer.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
