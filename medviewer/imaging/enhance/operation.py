"""What an enhancement is: one function and one decorator, and the promise that its wrapper keeps."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import medviewer.imaging.one_thread  # noqa: F401  before anything is computed with OpenCV
from medviewer.core.marks import Mark
from medviewer.core.volume import read_only
from medviewer.imaging.histogram import histogram_of
from medviewer.kit.declared import Declared
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Value
from medviewer.kit.registry import Registry
from medviewer.kit.task import TaskContext

Image = NDArray[Any]
"""(row, column) float32"""
Mask = NDArray[np.bool_]
Function = Callable[..., Image | tuple[Mark, ...]]


class Stage(Enum):
    """Where in the grey-scale chain an operation works."""

    SIGNAL = "signal"
    """on modality values (Hounsfield units for CT), before the window"""
    DISPLAY = "display"
    """on 0 (black) to 1 (white), after the window and the file's inversion"""
    MARKS = "marks"
    """finds in what is seen what is then drawn over it; no value is changed"""


@frozen
class Operation(Declared):
    """An enhancement as panels, command line and manual see it. Called with an image, it checks and runs."""

    group: str
    stage: Stage
    uses_valid: bool = False
    uses_context: bool = False

    def __call__(
        self, image: Image, *, valid: Mask | None = None, context: TaskContext | None = None, **values: Value
    ) -> Image:
        """*image* (finite float32) enhanced: a new read-only picture of the same shape, finite.

        Where *valid* is False there is no picture: those pixels come back as they were, and what stands there
        changes no other pixel. Slow ones can be stopped by *context*, which changes nothing of what they
        give. One that only finds marks gives the very *image* back. Raises BadValue for a value outside its
        limits, ModelTrouble where a network cannot do it, Cancelled.
        """
        chosen = self.checked(values)
        if self.stage is Stage.MARKS:
            return image
        if valid is not None and (valid.all() or not valid.any()):
            if not valid.any():
                return image
            valid = None
        shown = image if valid is None else filled(image, valid)
        result = np.asarray(self.function(shown, *self._more(valid, context), **chosen), np.float32)
        if self.stage is Stage.DISPLAY:
            # in a picture of its own no second one is needed, which takes longer than most curves
            own = result.flags.writeable and not np.may_share_memory(result, image)
            result = np.clip(result, 0, 1, out=result if own else None)
        if valid is not None:
            result = np.where(valid, result, image)
        # an operation may hand back its very input
        return result if result is image else read_only(result)

    def marks(
        self, image: Image, *, valid: Mask | None = None, context: TaskContext | None = None, **values: Value
    ) -> tuple[Mark, ...]:
        """What it finds in *image* (finite float32, 0..1); nothing unless its stage is MARKS.

        Raises BadValue for a value outside its limits, Cancelled.
        """
        chosen = self.checked(values)
        if self.stage is not Stage.MARKS or (valid is not None and not valid.any()):
            return ()
        shown = image if valid is None or valid.all() else filled(image, valid)
        found: tuple[Mark, ...] = tuple(self.function(shown, *self._more(valid, context), **chosen))
        return found

    def _more(self, valid: Mask | None, context: TaskContext | None) -> list[Mask | TaskContext | None]:
        """What the function takes beside the picture."""
        return [given for wanted, given in ((self.uses_valid, valid), (self.uses_context, context)) if wanted]


ENHANCEMENTS: Registry[Operation] = Registry("enhancement", "medviewer.enhancements")


def enhancement(
    title: str, *, group: str, stage: Stage = Stage.DISPLAY, name: str = ""
) -> Callable[[Function], Function]:
    """Make ``function(image, *, ...)`` an enhancement; ``valid`` and ``context`` may follow *image*.

    The keyword-only arguments are its parameters, the first paragraph of its docstring its help. It gets
    float32 that it must not write to, with padding already filled from the pixels beside it; *valid* is None
    when the whole picture counts. A slow one takes the task's *context* (None: nobody waits) and hands it to
    `in_parts`, or checks it in its loop. With `Stage.MARKS` it gives marks instead of a picture.
    """

    def declare(function: Function) -> Function:
        code = (
            function.__code__
        )  # types and words are looked at when somebody asks, not while all are declared
        takes = code.co_varnames[: code.co_argcount]
        made = Operation(
            name or function.__name__, title, function, group, stage, "valid" in takes, "context" in takes
        )
        ENHANCEMENTS.add(made)
        return function

    return declare


def filled(image: Image, valid: Mask) -> Image:
    """*image* with every pixel outside *valid* replaced by the valid one nearest to it."""
    away = np.where(valid, 0, 255).astype(np.uint8)
    # labels number the valid pixels; those outside carry the number of their nearest one
    _, labels = cv2.distanceTransformWithLabels(away, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    values = np.zeros(int(labels.max()) + 1, np.float32)
    values[labels[valid]] = image[valid]
    picture: Image = values[labels]
    return picture


def percentiles(image: Image, valid: Mask | None, low: float, high: float) -> tuple[float, float]:
    """The values below which *low* and *high* percent of the valid pixels lie, to 1/65536 of their range."""
    found = histogram_of(image, valid, 65_536)
    reached = np.concatenate([[0], np.cumsum(found.counts)]) / max(found.counts.sum(), 1)
    first, second = np.interp((low / 100, high / 100), reached, found.edges)
    return float(first), float(second)
