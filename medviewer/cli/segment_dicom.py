"""What ``medviewer segment`` has found as a Segmentation object of the study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.labels import SAFE_COLORS, Label, LabelMap
from medviewer.core.study import Series
from medviewer.kit.task import TaskContext
from medviewer.session.dicom_out.order import Order
from medviewer.session.dicom_out.taking import taken
from medviewer.session.dicom_out.writing import write
from medviewer.session.dimension import block
from medviewer.session.segmenting.grids import layers_of
from medviewer.session.segmenting.making import new_group, with_group
from medviewer.session.session import Session


def save(
    opened: Session,
    series: Series,
    frame: int | None,
    labels: NDArray[np.uint8],
    where: ImageGeometry | Plane,
    named: Sequence[tuple[str, str]],
    folder: Path,
    context: TaskContext,
) -> Path:
    """Write *labels* of the stack, or of picture *frame*, and give the new folder.

    *named* are name and method of each value from 1. Raises ExportTrouble, FileTrouble.
    """
    reading = opened.state.document.reading(series.key)
    group = new_group(reading, series, "Segmentation")
    group = LabelMap(
        group.slices,
        tuple(
            Label(value, name, SAFE_COLORS[(value - 1) % len(SAFE_COLORS)], method=method)
            for value, (name, method) in enumerate(named, 1)
        ),
        name=group.name,
    ).with_slices(_slices(series, frame, labels, where))
    changed = with_group(reading, series, group)
    opened.edit("Segment", lambda document: document.with_reading(changed))
    opened.run("view.show", series=series.key, index=frame or 0)
    return write(opened, taken(opened, Order(measurements=False, folder=folder)), context).folder


def _slices(
    series: Series, frame: int | None, labels: NDArray[np.uint8], where: ImageGeometry | Plane
) -> dict[int, NDArray[np.uint8] | None]:
    if not isinstance(where, ImageGeometry):
        return {frame or 0: labels.copy()}
    indices = tuple(block(series, 0))
    layers = layers_of(series, indices, where)
    pairs = zip(indices, layers, strict=True)
    return {
        index: labels[layer].copy() for index, layer in pairs if layer is not None and labels[layer].any()
    }
