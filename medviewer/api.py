"""The names a Python user needs: open a series, render, enhance, infer.

::

    import medviewer

    series = medviewer.open_series("study/")
    picture = medviewer.render(series, 40, window=(40, 400), steps=[("clahe", {"clip_limit": 3})])
    coronal = medviewer.plane(series, "coronal", at=43.0, slab=10, mode="max").values()
    reading = medviewer.infer(series, "lung-seg", frames=[40])

Compressed pictures are decoded in processes of their own, so a script keeps what it does under
``if __name__ == "__main__":``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.catalog import find
from medviewer.ai.infer import Inference
from medviewer.ai.infer import infer as read_with
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.study import Series
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, FrameSource, LazyFrames
from medviewer.dicom.group import group
from medviewer.dicom.source import SeriesSource
from medviewer.dicom.workers import WorkerPool
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.imaging.grayscale import automatic_voi, reader_voi
from medviewer.imaging.render import RenderRequest
from medviewer.imaging.render import render as draw
from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.commands.planes import SLABS, THICKEST_MM
from medviewer.session.frames import Frames, default_capacity
from medviewer.session.planes import along_axis, anatomical_cut
from medviewer.session.planes import middle as middle_of_stack
from medviewer.studies.scan import scan

__all__ = ["OpenSeries", "enhance", "infer", "open_series", "plane", "render"]

Steps = Iterable[Step | str | tuple[str, Mapping[str, Any]]]
"""Enhancements: a name, or a name with values, or a step of a saved recipe."""


@frozen(eq=False)
class OpenSeries:
    """A series of pictures in the order in the patient. Use it in a ``with`` block, or `close` it."""

    facts: Series
    source: FrameSource
    _decoder: WorkerPool
    _frames: Frames
    """decoded frames and volumes, kept for planes"""

    def __len__(self) -> int:
        return self.source.count

    def __getitem__(self, index: int) -> Frame:
        """One decoded picture: pixels in the numbers of the file, with what is needed to read them."""
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self.source.frame(index % len(self))

    def close(self) -> None:
        """End the decoders."""
        self._decoder.close()

    def __enter__(self) -> OpenSeries:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_series(path: Path | str, uid: str = "") -> OpenSeries:
    """The series at *path* (file, folder, DICOMDIR, ZIP) with this UID, else the first with pictures.

    Raises FileTrouble when there is none.
    """
    result = scan([path], TaskContext())
    every = [series for study in group(result.headers) for series in study.series if series.count]
    wanted = [series for series in every if not uid or uid in (series.uid, series.key)]
    if not wanted:
        reason = result.unreadable[0].reason if len(result.unreadable) == 1 else ""
        raise FileTrouble(reason or f"{Path(path).name} holds no such pictures.", "Look with medviewer info.")
    decoder = WorkerPool()
    source = SeriesSource(wanted[0], decoder)
    frames = Frames(default_capacity(), lambda _: (wanted[0], source))
    return OpenSeries(wanted[0], source, decoder, frames)


def render(
    series: OpenSeries,
    index: int = 0,
    *,
    window: tuple[float, float] | str | None = None,
    steps: Steps = (),
) -> NDArray[np.uint8]:
    """One picture at its own size: (row, column) grey or (row, column, 3) RGB, uint8, read-only.

    *window* is (centre, width) in the picture's unit, "auto", or None for the file's own. Raises FileTrouble,
    BadValue.
    """
    frame = series[index]
    request = RenderRequest(
        series=series.facts.key, index=index, voi=_window(frame, window), pipeline=_pipeline(steps)
    )
    return draw(frame, (), request).pixels


def plane(
    series: OpenSeries,
    name: str,
    at: float | None = None,
    *,
    slab: float = 0.0,
    mode: str = "mean",
    value: int = 0,
) -> Frame:
    """An axial, coronal or sagittal plane through a series that makes a volume.

    *at* is in mm of the patient: z of axial, y of coronal, x of sagittal planes; None is the middle. A *slab*
    of so many mm shows the "mean", "max" or "min" within it. Of a series with several values at each place
    (phases, b-values) *value* is the number of one, from 0. Raises BadValue, FileTrouble, SeriesTrouble.
    """
    count = 1 if series.facts.dimension is None else len(series.facts.dimension.values)
    if not 0 <= value < count:
        raise BadValue(f"This series has no value {value}.", f"Its values are 0 to {count - 1}.")
    if mode not in SLABS:
        raise BadValue(f"A slab has no {mode!r:.40}.", f"There are: {', '.join(SLABS)}.")
    if not 0 <= slab <= THICKEST_MM:
        raise BadValue(f"A slab cannot be {slab:g} mm thick.", f"It takes 0 to {THICKEST_MM:g} mm.")
    first = value * series.facts.places
    geometry = series._frames.volume(series.facts.key, first).geometry
    middle = anatomical_cut(geometry, name, middle_of_stack(geometry))
    cut = middle if at is None else anatomical_cut(geometry, name, along_axis(geometry, name, at))
    return series._frames.load(series.facts.key, first, replace(cut, thickness=slab, slab=SLABS[mode]))


def enhance(image: NDArray[Any], name: str, **values: Any) -> NDArray[np.float32]:
    """A (row, column) picture after one enhancement, as float32 of the same shape.

    Most enhancements expect 0 (black) to 1 (white); those that work before the window take modality values.
    ``medviewer enhance --help`` lists them. Raises BadValue.
    """
    picture = np.asarray(image, np.float32)
    if picture.ndim != 2:
        raise BadValue(f"A picture has rows and columns, not {picture.ndim} dimensions.", "")
    return ENHANCEMENTS[name](picture, **values)


def infer(series: OpenSeries, model: str | Path, frames: Sequence[int] | None = None) -> Inference:
    """What a model, by name or file, says about pictures of a series; all of them unless told otherwise.

    Raises ModelTrouble, ModelDoesNotFit, FileTrouble.
    """
    indices = range(len(series)) if frames is None else frames
    return read_with(
        find(model),
        LazyFrames(series.source.frame, indices),
        series.facts.modality,
        TaskContext(),
        body_part=series.facts.body_part,
        view=series.facts.detail("ViewPosition"),
        indices=indices,
    )


def _window(frame: Frame, window: tuple[float, float] | str | None) -> VOI:
    if window is None:
        return VOI.unknown()
    if window == "auto":
        return automatic_voi(frame)
    if isinstance(window, str):
        raise BadValue(f"{window!r:.40} is no window.", 'Give (centre, width), "auto" or None.')
    voi = reader_voi(*window, frame)
    if not voi.is_known:
        raise BadValue(f"{window} is no window.", "A width is above 0.")
    return voi


def _pipeline(steps: Steps) -> Pipeline:
    return Pipeline(tuple(_step(one) for one in steps))


def _step(one: Step | str | tuple[str, Mapping[str, Any]]) -> Step:
    if isinstance(one, Step):
        return one
    name, values = (one, {}) if isinstance(one, str) else one
    return Step.of(name, ENHANCEMENTS[name].checked(values))
