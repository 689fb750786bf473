"""A folder of files that is there whole or not at all: it is filled beside its place and then put there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from medviewer.export.exporter import trouble
from medviewer.kit.errors import ExportTrouble

MARGIN = 16 << 20
"""Bytes that are left free on a disk."""


@contextmanager
def whole_folder(target: Path, replace: bool = False, spared: Iterable[str] = ()) -> Iterator[Path]:
    """A new folder to write into; what it holds stands in *target* once the block has ended.

    When the block raises, also because it was cancelled, nothing of it is left and *target* is as it was.
    What is there already is replaced only if asked for, and never where one of the files *spared* lies in it.
    Raises ExportTrouble, where the disk refuses too.
    """
    target = Path(os.path.abspath(target))
    if target.exists() and not target.is_dir():
        raise ExportTrouble(f"{target.name} is a file, not a folder.", "Choose another folder.")
    into = target if target.is_dir() else _made_parent(target)
    # without a name that anybody would open: what a crash leaves behind is not taken for pictures
    filling = into / f".writing-{os.urandom(16).hex()}"
    try:
        try:
            filling.mkdir()
            yield filling
            _put_in_place(filling, target, replace, [os.path.realpath(one) for one in spared])
        except OSError as error:
            raise trouble(_named(error, filling, target), error) from None
    finally:
        shutil.rmtree(filling, ignore_errors=True)


def _named(error: OSError, filling: Path, target: Path) -> Path:
    """What the disk has refused, by a name that the reader knows."""
    named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, (str, bytes)) else target
    return target / named.relative_to(filling) if named.is_relative_to(filling) else named


def check_room(target: Path, needed: int) -> None:
    """Raise ExportTrouble when the disk of *target* has not so many bytes left."""
    there = Path(os.path.abspath(target))
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        free = shutil.disk_usage(there).free
    except OSError:  # a disk that does not tell; it will when it is full
        return
    if free < needed + MARGIN:
        raise ExportTrouble(
            f"The disk has no room: {needed / 1e6:,.0f} MB are needed while writing, {free / 1e6:,.0f} MB "
            "are free.",
            "Choose another disk, or fewer pictures.",
        )


def in_the_way(target: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Which of *names* are there already in *target*."""
    return tuple(name for name in names if os.path.lexists(target / name))


def _made_parent(target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise trouble(target, error) from None
    return target.parent


def _put_in_place(filling: Path, target: Path, replace: bool, spared: list[str]) -> None:
    if not target.exists():
        os.replace(filling, target)
        return
    names = sorted(os.listdir(filling))
    present = in_the_way(target, names)
    if present and not replace:
        raise taken(target, present)
    for name in present:
        _check_spared(target / name, spared)
    # beside, not inside: if the machine stops here, what was to be replaced is not cleared away with the rest
    old = target / f".replaced-{os.urandom(16).hex()}"
    old.mkdir()
    try:
        for name in present:
            os.replace(target / name, old / name)
        for name in names:
            os.replace(filling / name, target / name)
    except OSError:
        for name in os.listdir(old):
            _put_back(old / name, target / name)
        old.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)


def _put_back(kept: Path, place: Path) -> None:
    """Put what was to be replaced where it stood, instead of what came there meanwhile."""
    if os.path.isdir(place) and not os.path.islink(place):
        shutil.rmtree(place, ignore_errors=True)
    os.replace(kept, place)


def taken(target: Path, present: tuple[str, ...]) -> ExportTrouble:
    """What to tell where files are in the way."""
    more = f" and {len(present) - 1} more" if len(present) > 1 else ""
    return ExportTrouble(
        f"Nothing was written: {present[0]}{more} in {target.name} is there already.",
        "Choose another folder, or say that it may be replaced.",
    )


def _check_spared(path: Path, spared: list[str]) -> None:
    """Raise ExportTrouble where replacing *path* would take a source away."""
    real = os.path.realpath(path)
    if any(one == real or one.startswith(real + os.sep) for one in spared):
        raise ExportTrouble(
            f"{path.name} was not replaced: the pictures that are being enhanced lie there.",
            "Choose another folder.",
        )
