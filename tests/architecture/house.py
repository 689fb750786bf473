"""What the checks of the house share: its files and its modules."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
PACKAGE = HOME / "medviewer"
HEADLESS = ("kit", "core", "dicom", "imaging", "ai", "studies", "network", "export", "session", "cli")
"""The floors that run on a computer without a screen."""


@cache
def tracked() -> tuple[Path, ...]:
    """The files under version control; in an unpacked archive everything but dot folders and caches."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=HOME, capture_output=True, check=False)
    if listing.returncode == 0 and listing.stdout:
        found = (HOME / name for name in listing.stdout.decode().split("\0") if name)
        return tuple(path for path in found if path.is_file())
    return tuple(path for path in HOME.rglob("*") if path.is_file() and ".venv" not in path.parts)


def modules(*folders: Path) -> list[Path]:
    """The Python files in folders, the whole package unless told otherwise."""
    return sorted(path for folder in (folders or (PACKAGE,)) for path in folder.rglob("*.py"))


def named(path: Path) -> str:
    """A path as seen from the top of the repository."""
    return path.relative_to(HOME).as_posix()


def dotted(path: Path) -> str:
    """The name by which a file of the package is imported."""
    parts = path.relative_to(HOME).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    """A module as its grammar."""
    return ast.parse(path.read_text(encoding="utf-8"))


def found_in(path: Path, kind: type[ast.AST]) -> Iterator[ast.AST]:
    """Every node of one kind in a module."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, kind))
