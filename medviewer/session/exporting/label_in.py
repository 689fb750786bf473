"""Labels that come out of files: label maps and closed surfaces, laid onto the pictures of an open series."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import Plane
from medviewer.core.labels import SAFE_COLORS, Label, LabelMap
from medviewer.core.study import Series
from medviewer.core.volume import read_only
from medviewer.imaging.files.label_file import LabelFile, Layer, read_labels
from medviewer.imaging.files.names import ending_of, is_surface_file
from medviewer.imaging.files.onto import Laid, onto_planes
from medviewer.imaging.files.surface_file import Axes, rasterised, read_surface
from medviewer.kit.errors import BadValue, SeriesTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import block

if TYPE_CHECKING:
    from medviewer.session.session import Session

LEAST_OUTSIDE = 0.001
"""The share beyond the pictures from which on the reader is told."""


@frozen
class Found:
    """What a file holds, on the pictures of a series."""

    groups: tuple[LabelMap, ...]
    words: tuple[str, ...] = ()
    """what the reader has to know"""


def read_onto(
    session: Session,
    series: Series,
    index: int,
    path: Path,
    table: Path | None,
    axes: str,
    context: TaskContext,
) -> Found:
    """The labels of a file on the stack that holds picture *index*. Slow.

    Raises FileTrouble, SeriesTrouble where they lie elsewhere, BadValue for another kind of file, Cancelled.
    """
    around = block(series, index)
    planes = [series.frames[at].plane for at in around]
    if is_surface_file(path):
        chosen: Axes | None = "RAS" if axes == "RAS" else "LPS" if axes == "LPS" else None
        return _surface(series, around, planes, path, chosen, context)
    if not ending_of(path):
        raise BadValue(
            f"{path.name} is no file of labels.", "Choose .nii, .nii.gz, .nrrd, .seg.nrrd, .stl or .ply."
        )
    context.report(0.0, f"Reading {path.name}")
    file = read_labels(path, table)
    groups, words = [], []
    for number, layer in enumerate(file.layers):
        context.report((number + 1) / (len(file.layers) + 1), "Laying labels onto the pictures")
        laid = _laid(layer, file, planes, path)
        name = _name(path) if len(file.layers) == 1 else f"{_name(path)} {number + 1}"
        groups.append(LabelMap(_spread(laid.slices, around, series.count), layer.labels, name=name))
        words += _told(laid)
    return Found(tuple(groups), tuple(dict.fromkeys(words)))


def _laid(layer: Layer, file: LabelFile, planes: Sequence[Plane], path: Path) -> Laid:
    if not planes[0].placed:
        return _on_unplaced(layer, planes, path)
    laid = onto_planes(layer.values, file.geometry, planes)
    if not laid.taken:
        raise SeriesTrouble(
            f"What is marked in {path.name} lies elsewhere than this series.",
            "Open the series that it was made on.",
        )
    return laid


def _on_unplaced(layer: Layer, planes: Sequence[Plane], path: Path) -> Laid:
    """Pixel by pixel, where pictures have no place in the patient and as many rows and columns."""
    if layer.values.shape != (len(planes), *planes[0].shape):
        raise SeriesTrouble(
            f"These pictures say nothing of where they lie, and {path.name} has another size.",
            "Open the series that it was made on.",
        )
    slices = tuple(read_only(one.copy()) if one.any() else None for one in layer.values)
    return Laid(slices, int(np.count_nonzero(layer.values)), True, 0.0)


def _told(laid: Laid) -> list[str]:
    words = []
    if not laid.same_grid:
        words.append("The file has another grid: each pixel took the nearest voxel.")
    if laid.share_outside > LEAST_OUTSIDE:
        words.append(
            f"{laid.share_outside:.1%} of what is marked lies beyond these pictures and was left out."
        )
    return words


def _surface(
    series: Series,
    around: range,
    planes: Sequence[Plane],
    path: Path,
    axes: Axes | None,
    context: TaskContext,
) -> Found:
    if not planes[0].placed:
        raise SeriesTrouble("These pictures say nothing of where they lie.", "Open a cross-sectional series.")
    masks = rasterised(read_surface(path, axes), planes, context)
    slices = tuple(None if one is None else read_only(one.astype(np.uint8)) for one in masks)
    if not any(one is not None for one in slices):
        raise SeriesTrouble(
            f"The surface in {path.name} lies elsewhere than this series.",
            "Choose its other axes (LPS, RAS), or open the series that it was made on.",
        )
    label = Label(1, _name(path), SAFE_COLORS[0])
    return Found((LabelMap(_spread(slices, around, series.count), (label,), name=_name(path)),))


def _spread(
    slices: Sequence[NDArray[np.uint8] | None], around: range, count: int
) -> tuple[NDArray[np.uint8] | None, ...]:
    """One slice per picture of the whole series."""
    whole: list[NDArray[np.uint8] | None] = [None] * count
    whole[around.start : around.stop] = slices
    return tuple(whole)


def _name(path: Path) -> str:
    name = path.name.lower()
    for ending in (".seg.nrrd", ending_of(path), path.suffix.lower()):
        if ending and name.endswith(ending):
            return path.name[: -len(ending)][:64]
    return path.name[:64]
