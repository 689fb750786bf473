"""Series and labels as files of grids, NIfTI and NRRD: straight slices in the patient's own millimetres."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.labels import LabelMap
from medviewer.core.study import Series
from medviewer.core.vectors import cross, dot, point
from medviewer.export.exporter import trouble
from medviewer.export.folder import check_room
from medviewer.imaging.files.grid_file import is_straight, write_grid
from medviewer.imaging.files.label_file import Layer, write_labels
from medviewer.imaging.files.onto import onto_grid
from medviewer.imaging.reslice import onto
from medviewer.imaging.segment.grid import grid_of
from medviewer.kit.errors import ExportTrouble, SeriesTrouble
from medviewer.kit.memory import free_bytes
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import block, value_of

if TYPE_CHECKING:
    from medviewer.core.volume import Volume
    from medviewer.session.session import Session

STRAIGHTENED = "Resampled to straight slices: the gantry was tilted."
EVENED = "Resampled to evenly spaced slices."


def write_volume(
    session: Session, series: Series, index: int, path: Path, every_value: bool, context: TaskContext
) -> str:
    """The modality values of a series' stack that holds picture *index*; what was done to them, in words.

    *every_value* writes all times, phases or b-values as a fourth axis. Slow. Raises ExportTrouble,
    SeriesTrouble, FileTrouble, Cancelled.
    """
    count = len(series.dimension.values) if every_value and series.dimension is not None else 1
    here = value_of(series, index)
    stacks: list[NDArray[Any]] = []
    geometry, words = None, ""
    for number in range(count):
        share = context.part(0.8 * number / count, 0.8 * (number + 1) / count)
        at = number * series.places if count > 1 else here * series.places
        values, geometry, words = _straight_values(session, series, at, share)
        _check_memory(values.nbytes * (count + 1))
        stacks.append(values)
    assert geometry is not None
    whole = stacks[0] if count == 1 else np.stack(stacks)
    stacks.clear()
    context.report(0.8, f"Writing {path.name}")
    _written(path, lambda: write_grid(path, whole, geometry, step_s=_step_s(series)), whole.nbytes)
    context.check()
    return words


def write_label_map(session: Session, series: Series, index: int, group: LabelMap, path: Path) -> str:
    """A group of labels on the grid of the stack that holds picture *index*; what was done, in words.

    Slow. Raises ExportTrouble, SeriesTrouble.
    """
    geometry, stack, words = label_grid(session, series, index, group)
    if not stack.any():
        raise ExportTrouble("Nothing is labelled here.", "Paint or segment something first.")
    labels = tuple(one for one in group.labels)
    _written(path, lambda: write_labels(path, Layer(stack, labels), geometry), stack.nbytes)
    return words


def label_grid(
    session: Session, series: Series, index: int, group: LabelMap
) -> tuple[ImageGeometry, NDArray[np.uint8], str]:
    """A group as (slice, row, column) on a straight grid, and what was done for that in words.

    Raises SeriesTrouble where the pictures make no stack.
    """
    around = block(series, index)
    slices = [group.slices[at] if at < len(group.slices) else None for at in around]
    planes = [series.frames[at].plane for at in around]
    geometry = session.frames.geometry(series)
    if geometry is None:
        if len(planes) > 1:
            raise SeriesTrouble(
                "The pictures of this series form no stack, so its labels fit into no such file.",
                "Export them as a DICOM segmentation.",
            )
        only = slices[0] if slices[0] is not None else np.zeros(planes[0].shape, np.uint8)
        return lone_grid(planes[0], series), only[None], ""
    straight = geometry if is_straight(geometry) else straightened(geometry)
    own = np.stack([np.zeros(planes[0].shape, np.uint8) if one is None else one for one in slices])
    if straight is geometry and series.geometry is not None:
        return geometry, own, ""
    return straight, onto_grid(own, planes, straight), EVENED if straight is geometry else STRAIGHTENED


def lone_grid(plane: Plane, series: Series) -> ImageGeometry:
    """A grid of one slice; what has no place in the patient begins at the origin."""
    try:
        thickness = float(series.detail("SliceThickness")) or 1.0
    except ValueError:
        thickness = 1.0
    return ImageGeometry(
        (1, *plane.shape),
        plane.origin if plane.placed else (0.0, 0.0, 0.0),
        (plane.normal, plane.along_column, plane.along_row),
        (thickness, *plane.spacing),
        plane.calibration,
        plane.frame_of_reference,
    )


def straightened(geometry: ImageGeometry) -> ImageGeometry:
    """The smallest grid of straight slices, as far apart and with such pixels, that holds a sheared one."""
    along_row, along_column = geometry.directions[2], geometry.directions[1]
    normal = cross(along_row, along_column)
    corners = geometry.to_patient(
        [(s, r, c) for s in (0, geometry.shape[0] - 1) for r in (0, geometry.shape[1] - 1)
         for c in (0, geometry.shape[2] - 1)]
    )  # fmt: skip
    step = geometry.spacing[0] * abs(dot(geometry.directions[0], normal))
    axes = np.asarray((normal, along_column, along_row))
    spacing = (step, geometry.spacing[1], geometry.spacing[2])
    places = (corners - corners[0]) @ axes.T
    low, high = places.min(axis=0), places.max(axis=0)
    counts = np.floor((high - low) / spacing + 1.001).astype(int)
    return replace(
        geometry,
        shape=(int(counts[0]), int(counts[1]), int(counts[2])),
        origin=point(corners[0] + low @ axes),
        directions=(normal, along_column, along_row),
        spacing=spacing,
    )


def _straight_values(
    session: Session, series: Series, index: int, context: TaskContext
) -> tuple[NDArray[Any], ImageGeometry, str]:
    if session.frames.geometry(series) is None:
        return _lone_values(session, series, index)
    volume = session.frames.volume(series.key, index, context)
    if is_straight(volume.geometry):
        words = EVENED if series.geometry is None else ""
        return grid_of(volume).values, volume.geometry, words
    straight = straightened(volume.geometry)
    return _resampled(volume, straight, context), straight, STRAIGHTENED


def _lone_values(session: Session, series: Series, index: int) -> tuple[NDArray[Any], ImageGeometry, str]:
    if series.places > 1:
        raise SeriesTrouble(
            "The pictures of this series form no stack, so they fit into no such file.",
            "Export them one by one.",
        )
    frame = session.frames.load(series.key, index)
    if frame.is_color:
        raise ExportTrouble(
            "Pictures in colour have no values to write.", "Export them as pictures as shown."
        )
    return frame.values()[None], lone_grid(frame.plane, series), ""


def _resampled(volume: Volume, geometry: ImageGeometry, context: TaskContext) -> NDArray[Any]:
    """The values on another grid, as float32; beyond the stack its lowest value."""
    values = np.empty(geometry.shape, np.float32)
    for layer in range(geometry.shape[0]):
        context.report(layer / geometry.shape[0], "Resampling")
        values[layer] = onto(volume, geometry.plane(layer), context).values()
    nowhere = ~np.isfinite(values)
    values[nowhere] = values[~nowhere].min() if not nowhere.all() else 0
    return values


def _step_s(series: Series) -> float:
    """How far times lie apart, 1 where they are none."""
    dimension = series.dimension
    if dimension is None or dimension.unit != "s":
        return 1.0
    try:
        times = [float(value) for value in dimension.values]
    except ValueError:
        return 1.0
    return (times[-1] - times[0]) / (len(times) - 1) or 1.0


def _check_memory(needed: int) -> None:
    if needed > 0.8 * free_bytes():
        raise ExportTrouble(
            f"{needed / 1e9:,.1f} GB are needed, and so much memory is not free.",
            "Write one time after the other.",
        )


def _written(path: Path, write: Any, size: int) -> None:
    check_room(path.parent, size)
    try:
        write()
    except OSError as error:
        raise trouble(path, error) from None
