"""A recipe on whole series: picture by picture, into files that are there whole or not at all.

Nothing here holds more than one picture: values wait on the disk until those of the whole series are known,
because what a stored value stands for is the same in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import medviewer
from medviewer.core.beside_pixels import SHUTTER
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.study import Series, SeriesKey
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame
from medviewer.export.exporter import EXPORTERS
from medviewer.imaging.enhance.apply import enhance
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Stage
from medviewer.imaging.grayscale import effective_voi
from medviewer.imaging.request import RenderRequest
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext

if TYPE_CHECKING:
    from medviewer.session.session import Session

RECIPE = "recipe.json"
BY = f"medviewer {medviewer.__version__}"


class Form(Enum):
    """What is written."""

    DICOM = "dicom"
    """objects of the same patient and study, in a series of their own"""
    SHOWN = "shown"
    """pictures in 8 bits as they are seen, without anything that is written on them"""
    VALUES = "values"
    """grey pictures in 16 bits that hold the values themselves, and how they are to be read"""


@frozen
class Part:
    """One series, or some pictures of it."""

    series: Series
    indices: tuple[int, ...]
    voi: VOI = VOI.unknown()
    """the window of the reader; unknown: the file's own, else that of the series"""
    presentation: str = ""
    """the state through which the reader sees pictures that are written as shown, by its SOP Instance UID"""
    below: str = ""
    """the folder of its own within the target, "" where there is one series only"""


@frozen
class Order:
    """What is to be written where."""

    parts: tuple[Part, ...]
    pipeline: Pipeline
    form: Form
    target: Path
    format: str = "png"
    """of pictures; a name in EXPORTERS"""
    replace: bool = False
    resume: bool = False
    """leave out series that stand whole in the target already"""

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return sum(len(part.indices) for part in self.parts)

    def check(self) -> None:
        """Raise BadValue where there is nothing to do, or no way to do it."""
        if not self.pipeline.active:
            raise BadValue("There is nothing to do: no enhancement is asked for.", "Choose a recipe.")
        if not self.count:
            raise BadValue("There are no pictures to enhance.", "Open a study first.")
        if self.form is Form.VALUES and self.format == "jpeg":
            raise BadValue("JPEG has no room for 16 bits.", "Choose PNG or TIFF.")
        if self.form is not Form.SHOWN and not self.steps:
            raise BadValue(
                "This recipe only draws over pictures and changes no value.", "Write it as pictures as shown."
            )

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that change values."""
        return _values_only(self.pipeline).active

    @property
    def operations(self) -> tuple[str, ...]:
        """The names of the steps that are on."""
        return tuple(step.operation for step in self.pipeline.active)

    @property
    def shown(self) -> bool:
        """Whether the values that come out are greys as seen."""
        return any(_stage(name) is Stage.DISPLAY for name in self.operations)


@frozen
class Pair:
    """A series that was made, as it is known once it is open."""

    source: SeriesKey
    made: SeriesKey
    count: int


@frozen
class Written:
    """What has come of an order."""

    folder: Path
    pictures: int = 0
    series: int = 0
    skipped: int = 0
    """series that stood there already"""
    pairs: tuple[Pair, ...] = ()
    words: tuple[str, ...] = ()
    """what the values are, once for all series of which it is true"""


@frozen(eq=False)
class Made:
    """One picture after the recipe."""

    values: NDArray[np.float32] | NDArray[np.uint8]
    """(row, column), NaN where there is no picture; or (row, column, 3) RGB"""
    frame: Frame
    voi: VOI
    """through which it is seen, in its own unit"""


def made(session: Session, part: Part, order: Order, index: int, context: TaskContext) -> Made:
    """Picture *index* of a series after the recipe. Slow. Raises FileTrouble, SeriesTrouble, BadValue."""
    request = request_of(part, order, index)
    frame = loaded(session, request)
    voi = effective_voi(frame, session.rendering.decided(request))
    # the reader's inversion belongs to the screen, not to the values
    voi = replace(voi, inverted=False)
    result = enhance(frame, voi, _values_only(order.pipeline), TaskContext(context.token))
    values = np.asarray(result.values, np.float32)
    if frame.is_color:
        return Made(np.rint(values * np.float32(255)).astype(np.uint8), frame, voi)
    if result.valid is not None:
        values = np.where(result.valid, values, np.float32(np.nan))
    return Made(values, frame, voi)


def loaded(session: Session, request: RenderRequest) -> Frame:
    """The frame of a request; a whole series that is read once must not push what is seen out of memory."""
    frame = session.frames.get(request.series, request.index)
    if frame is None:
        frame = session.source(request.series)[1].frame(request.index)
    if request.presentation:
        frame = session.presenting.presented(frame, request.series, request.index, request.presentation)
    if not frame.windows and not frame.is_color and not session.rendering.decided(request).is_known:
        session.rendering.load(request)  # decides the window for the whole series
    return frame


def request_of(part: Part, order: Order, index: int) -> RenderRequest:
    """What the screen would ask for, without words and without what the file lays over the picture."""
    return RenderRequest(
        series=part.series.key,
        index=index,
        voi=part.voi,
        pipeline=order.pipeline,
        hidden_overlays=(SHUTTER,),
        presentation=part.presentation,
    )


def parts_of(
    series: Sequence[Series], only: int | None = None, vois: Mapping[SeriesKey, VOI] | None = None
) -> tuple[Part, ...]:
    """Whole series, or picture *only* of one; several have folders of their own, "01-CT" and so on."""
    known = vois or {}
    found = []
    for number, one in enumerate(series, 1):
        below = f"{number:02d}-{_plain(one.modality) or 'series'}" if len(series) > 1 else ""
        indices = tuple(range(one.count)) if only is None else (only,)
        found.append(Part(one, indices, known.get(one.key, VOI.unknown()), below=below))
    return tuple(found)


def estimated_bytes(order: Order) -> int:
    """How large the files will be, about: what compression saves is not known before."""
    each = {Form.DICOM: 2, Form.VALUES: 2, Form.SHOWN: 1}[order.form]
    total = 0
    for part in order.parts:
        grey = not part.series.detail("PhotometricInterpretation").startswith(("RGB", "YBR", "PAL"))
        for index in part.indices:
            rows, columns = part.series.frames[index].plane.shape
            total += rows * columns * (each if grey else 3)
    return total


def ending(order: Order) -> str:
    """Of the files."""
    return ".dcm" if order.form is Form.DICOM else EXPORTERS[order.format].endings[0]


def _values_only(pipeline: Pipeline) -> Pipeline:
    """The steps that change values; what is only drawn need not be searched for."""
    steps = tuple(step for step in pipeline.steps if _stage(step.operation) is not Stage.MARKS)
    return replace(pipeline, steps=steps)


def _stage(operation: str) -> Stage:
    return ENHANCEMENTS[operation].stage


def _plain(word: str) -> str:
    return "".join(letter for letter in word if letter.isalnum())[:16]
