"""Runs a pipeline: SIGNAL steps on modality values, the window, DISPLAY steps on 0..1, then MARKS."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.marks import Mark
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, read_only
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Image, Mask, Stage
from medviewer.imaging.grayscale import COLOR_WINDOW, effective_voi, normalised, outside
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext


class StepCache(Protocol):
    """Keeps the picture after each step, so that moving one slider repeats only what comes after it."""

    def get(self, key: Hashable) -> NDArray[np.float32] | None:
        """What was kept under *key*, or None."""

    def put(self, key: Hashable, item: NDArray[np.float32], size: int) -> None:
        """Keep *item* of *size* bytes."""


@frozen(eq=False)
class Enhanced:
    """A frame at full resolution after its pipeline."""

    values: NDArray[np.float32]
    """(row, column), or (row, column, 3) RGB from 0 to 1; read-only"""
    valid: Mask | None
    """where there is a picture; None: everywhere"""
    displayed: bool
    """whether *values* are 0..1 as seen (only the reader's inversion is left), or still modality values"""
    marks: tuple[Mark, ...] = ()
    """what was found in the picture and is drawn over it"""

    @property
    def bytes(self) -> int:
        """The memory it takes when kept."""
        return self.values.nbytes + (0 if self.valid is None else self.valid.nbytes)


@frozen
class StepValue:
    """One pixel after one step."""

    step: Step
    stage: Stage
    value: float
    """a modality value after a SIGNAL step (of a colour picture its luminance), 0..1 after a DISPLAY step"""


def is_identity(voi: VOI) -> bool:
    """Whether *voi* leaves a colour picture as it is, inverted or not."""
    if not voi.is_known:
        return True
    same = (voi.center, voi.width, voi.curve, voi.lut)
    return same == (COLOR_WINDOW.center, COLOR_WINDOW.width, COLOR_WINDOW.curve, None)


def enhanced_key(frame: Frame, voi: VOI, pipeline: Pipeline) -> Hashable:
    """What `enhance` of one frame depends on: a key that leaves the window out where it does not matter."""
    if frame.is_color or _steps(pipeline, Stage.DISPLAY, Stage.MARKS):
        return (pipeline.digest, replace(effective_voi(frame, voi), inverted=False, name=""))
    return (pipeline.digest,)


def enhance(
    frame: Frame,
    voi: VOI,
    pipeline: Pipeline,
    context: TaskContext | None = None,
    cache: StepCache | None = None,
    key: Hashable = None,
) -> Enhanced:
    """*frame* after the active steps of *pipeline*, at full resolution and the picture's own bit depth.

    SIGNAL steps come first wherever they stand, MARKS last: they search what the others have made of the
    picture, and leave its values as they are. Without DISPLAY steps the window is left to `render`, so that
    dragging it repeats nothing. Colour pictures are worked on by luminance (0..255 before, 0..1 after the
    window) and keep their colour. *cache* keeps each step under *key*, which names the frame. Raises BadValue
    for an operation or a value that does not exist, Cancelled between steps.
    """
    return _enhanced(_Run(context or TaskContext(), cache, key, pipeline), frame, voi)


def inspect_steps(
    frame: Frame,
    voi: VOI,
    pipeline: Pipeline,
    at: tuple[int, int],
    context: TaskContext | None = None,
    cache: StepCache | None = None,
    key: Hashable = None,
) -> tuple[StepValue, ...]:
    """What each active step of *pipeline* gives at the pixel *at* (row, column), in the order they are run.

    With the *cache* and *key* that `enhance` was given nothing is computed twice.
    """
    run = _Run(context or TaskContext(), cache, key, pipeline, at=at)
    if pipeline.active:
        _enhanced(run, frame, voi)
    return tuple(run.seen)


def _enhanced(run: _Run, frame: Frame, voi: VOI) -> Enhanced:
    pipeline = run.pipeline
    voi = replace(effective_voi(frame, voi), inverted=False, name="")
    nowhere = None if frame.is_color else outside(frame)
    valid = None if nowhere is None else read_only(~nowhere)
    before = _luminance(frame) if frame.is_color else _finite(frame.values(), valid)
    values = run.through(_steps(pipeline, Stage.SIGNAL), before, valid)
    steps, marking = _steps(pipeline, Stage.DISPLAY), _steps(pipeline, Stage.MARKS)
    if not steps and not marking and not frame.is_color:
        return Enhanced(read_only(values), valid, displayed=False)
    greys = normalised(values, voi)
    greys = run.through(steps, 1 - greys if frame.inverted else greys, valid, voi)
    marks = run.marks(marking, greys, valid)
    if not steps and not frame.is_color:
        return Enhanced(read_only(values), valid, displayed=False, marks=marks)
    if frame.is_color:
        change = greys - before / np.float32(255)
        colors = np.clip(frame.pixels / np.float32(255) + change[..., None], 0, 1)
        return Enhanced(read_only(colors), None, displayed=True, marks=marks)
    return Enhanced(read_only(greys), valid, displayed=True, marks=marks)


@dataclass(slots=True)
class _Run:
    context: TaskContext
    cache: StepCache | None
    key: Hashable
    pipeline: Pipeline
    done: tuple[Step, ...] = ()
    at: tuple[int, int] | None = None
    seen: list[StepValue] = field(default_factory=list)

    def through(
        self, steps: Sequence[Step], image: Image, valid: Mask | None, voi: VOI | None = None
    ) -> Image:
        for step in steps:
            self.context.report(self._share, ENHANCEMENTS[step.operation].title)
            self.done = (*self.done, step)
            image = self._one(step, image, valid, (self.key, self.done, voi))
            if self.at is not None:
                self.seen.append(StepValue(step, ENHANCEMENTS[step.operation].stage, float(image[self.at])))
        self.context.check()
        return image

    def marks(self, steps: Sequence[Step], greys: Image, valid: Mask | None) -> tuple[Mark, ...]:
        found: list[Mark] = []
        for step in steps:
            operation = ENHANCEMENTS[step.operation]
            self.context.report(self._share, operation.title)
            self.done = (*self.done, step)
            found += operation.marks(greys, valid=valid, context=self._part, **dict(step.values))
        self.context.check()
        return tuple(found)

    @property
    def _part(self) -> TaskContext:
        """Of the step that is being done."""
        return self.context.part(self._share - 1 / len(self.pipeline.active), self._share)

    @property
    def _share(self) -> float:
        return len(self.done) / max(len(self.pipeline.active), 1)

    def _one(self, step: Step, image: Image, valid: Mask | None, key: Hashable) -> Image:
        kept = self.cache.get(key) if self.cache is not None else None
        if kept is not None:
            return kept
        result = ENHANCEMENTS[step.operation](image, valid=valid, context=self._part, **dict(step.values))
        if self.cache is not None:
            self.cache.put(key, result, result.nbytes)
        return result


def as_run(pipeline: Pipeline) -> tuple[Step, ...]:
    """The active steps in the order in which they run: by stages, those of one as the stack has them."""
    return tuple(step for stage in Stage for step in _steps(pipeline, stage))


def titles(pipeline: Pipeline) -> str:
    """What the active steps are called, in the order in which they run; "" without any."""
    return " + ".join(ENHANCEMENTS[step.operation].title for step in as_run(pipeline))


def _steps(pipeline: Pipeline, *stages: Stage) -> tuple[Step, ...]:
    return tuple(step for step in pipeline.active if ENHANCEMENTS[step.operation].stage in stages)


def _luminance(frame: Frame) -> Image:
    return cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _finite(values: Image, valid: Mask | None) -> Image:
    return values if valid is None else np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
