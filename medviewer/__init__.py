"""medviewer: look at imaging studies, compare enhancements, let a neural network read along."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__: str
_PUBLIC = ("open_series", "render", "enhance", "infer")

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    """Load the public names when they are first asked for, so that importing stays fast."""
    if name == "__version__":
        return _version()
    if name in _PUBLIC:
        return getattr(import_module("medviewer.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _version() -> str:
    # a decoding process imports this package too, and has no use for the forty modules behind this one
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("medviewer")
    except PackageNotFoundError:  # running from an unpacked tree
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
