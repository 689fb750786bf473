"""Labels as surfaces on the disk: STL and PLY, all in one file or each in its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from medviewer.core.geometry import ImageGeometry
from medviewer.core.labels import Label, LabelMap
from medviewer.core.study import Series
from medviewer.export.exporter import trouble
from medviewer.imaging.files.surface_file import Axes, Colored, write_surfaces
from medviewer.imaging.segment.surface import surface
from medviewer.kit.errors import ExportTrouble
from medviewer.kit.task import TaskContext
from medviewer.session.exporting.grids import label_grid

if TYPE_CHECKING:
    from medviewer.session.session import Session


def write_label_surfaces(
    session: Session,
    series: Series,
    index: int,
    group: LabelMap,
    wanted: tuple[Label, ...],
    path: Path,
    axes: Axes,
    smooth: int,
    apart: bool,
    context: TaskContext,
) -> tuple[Path, ...]:
    """The surfaces of *wanted* labels; *apart* each in a file called after it. The answer is the files.

    Slow. Raises ExportTrouble, SeriesTrouble, Cancelled.
    """
    geometry, stack, _ = label_grid(session, series, index, group)
    if geometry.shape[0] < 2:
        raise ExportTrouble("A surface needs a stack of pictures, and this is only one.", "Choose a series.")
    present = [one for one in wanted if (stack == one.value).any()]
    if not present:
        raise ExportTrouble("Nothing is labelled here.", "Paint or segment something first.")
    found = []
    for number, label in enumerate(present):
        share = context.part(0.95 * number / len(present), 0.95 * (number + 1) / len(present))
        found.append(_part(stack == label.value, geometry, label, smooth, share))
    written = []
    for target, parts in _files(path, found, apart):
        context.check()
        try:
            write_surfaces(target, parts, axes)
        except OSError as error:
            raise trouble(target, error) from None
        written.append(target)
    return tuple(written)


def _part(
    mask: np.ndarray, geometry: ImageGeometry, label: Label, smooth: int, context: TaskContext
) -> Colored:
    return Colored(surface(mask, geometry, smooth, context), label.name, label.color)


def _files(path: Path, found: list[Colored], apart: bool) -> list[tuple[Path, list[Colored]]]:
    if not apart or len(found) == 1:
        return [(path, found)]
    names: dict[str, Colored] = {}
    taken: set[str] = set()
    for one in found:
        plain = "".join(sign if sign.isalnum() else "-" for sign in one.name).strip("-") or "label"
        name, number = plain[:40], 1
        while name.lower() in taken:  # some disks do not tell capitals from small letters
            number += 1
            name = f"{plain[:40]}-{number}"
        names[name] = one
        taken.add(name.lower())
    return [(path.with_name(f"{path.stem}-{name}{path.suffix}"), [one]) for name, one in names.items()]
