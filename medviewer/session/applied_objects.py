"""What a recipe made of a series as DICOM objects: which pictures share an object, and what it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import medviewer
from medviewer.core.geometry import Plane
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.study import Instance, Series, SeriesKey
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame
from medviewer.dicom.derived import Place, derived
from medviewer.dicom.derived_content import Content, words_of_values
from medviewer.dicom.derived_file import check_object, write_object
from medviewer.dicom.derived_kinds import Kind, kind_of
from medviewer.dicom.derived_source import Originals
from medviewer.dicom.derived_values import Grid, Span, grid_for, grid_of_greys
from medviewer.dicom.derived_words import OWN_CODES, STANDARD_CODES, Code, Derivation, new_uid
from medviewer.dicom.group import group
from medviewer.dicom.header import Header
from medviewer.imaging.enhance.apply import as_run
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.frozen import frozen
from medviewer.kit.scratch import Scratch
from medviewer.kit.task import TaskContext
from medviewer.session.applying import Order, Pair, Part, made

if TYPE_CHECKING:
    from medviewer.session.session import Session

APART = 1000
"""Series that were made have numbers by so much higher than those they were made of."""
MARKS_LEFT_OUT = " What the recipe only draws over pictures is left out."
COMPUTED = 0.75
"""The share of the work that is done when all values are known."""
_CODES = {"gaussian": "gaussian", "unsharp": "unsharp"}
_CODES_OF_GROUPS = {"Noise": "smoothing", "Edges": "edges", "Sharpness": "unsharp"}


@dataclass(slots=True)
class Run:
    """What all series of one run have in common, and the numbers that are given away."""

    derivation: Derivation
    uids: dict[str, str] = field(default_factory=dict)
    """of each source series that of the new one: stacks of one series stay together"""
    numbers: dict[str, int] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    instances: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    written: list[tuple[SeriesKey, Header]] = field(default_factory=list)
    """each object with the series it was made of"""

    @classmethod
    def of(cls, session: Session, order: Order) -> Run:
        """The beginning of a run."""
        steps = as_run(Pipeline(order.steps))
        derivation = Derivation(
            recipe=order.pipeline.name,
            title=order.pipeline.name or " + ".join(ENHANCEMENTS[step.operation].title for step in steps),
            steps=tuple(_words(step) for step in steps),
            digest=order.pipeline.sha256,
            codes=tuple(dict.fromkeys(_code(step) for step in steps)),
            version=medviewer.__version__,
            at=datetime.now(),
        )
        used = {one.number for study in session.state.studies for one in study.series}
        return cls(derivation, used={number for number in used if number is not None})

    def pairs(self) -> tuple[Pair, ...]:
        """The series that were made, as they are known once all are open."""
        sources = {header.path: key for key, header in self.written}
        new = (one for study in group([header for _, header in self.written]) for one in study.series)
        return tuple(Pair(sources[one.instances[0].path], one.key, one.count) for one in new)

    def place(self, series: Series, instance: Instance, position: int) -> Place:
        """Where an object made from *instance* stands; it keeps its number where that is still free."""
        uid = self.uids.setdefault(series.uid, new_uid())
        if uid not in self.numbers:
            number = (series.number or 0) + APART
            while number in self.used:
                number += APART
            self.numbers[uid] = number
            self.used.add(number)
        taken = self.instances[uid]
        wanted = instance.number if instance.tiles == (1, 1) else None
        if wanted is None or wanted in taken:
            wanted = max(taken, default=0) + 1 if wanted is not None or taken else position
        taken.add(wanted)
        return Place(uid, self.numbers[uid], wanted)


@frozen
class _Object:
    """Pictures that share an object."""

    instance: Instance
    indices: tuple[int, ...]
    frames: tuple[int, ...] | None
    """their numbers in the source; None: one picture, in an object of one picture"""


@frozen
class _Look:
    """What is remembered of a picture whose values wait on the disk."""

    voi: VOI
    factor: float
    """by which values of the file were multiplied to be seen: uptake from activity"""
    unit: str
    frame: Frame


def write_series(
    session: Session, order: Order, part: Part, run: Run, folder: Path, context: TaskContext
) -> str:
    """Write the objects of one part into *folder*, each read again before it counts.

    The answer is what the values are, in a sentence. Raises ExportTrouble, FileTrouble.
    """
    looks: dict[int, _Look] = {}
    span, is_color, count = Span(), False, len(part.indices)
    with Scratch(folder / ".values") as scratch:
        for done, index in enumerate(part.indices):
            context.report(COMPUTED * done / count, f"Picture {done + 1} of {count}")
            one = made(session, part, order, index, context)
            is_color = one.frame.is_color
            look = _look(one.frame, one.voi, order.shown)
            looks[index] = look
            values = one.values if look.factor == 1 else one.values / np.float32(look.factor)
            scratch[index] = values
            if not is_color:
                span = span.with_picture(values)
        kind = kind_of(part.series.instances[0].sop_class, is_color, order.shown)
        grid: Grid | None = None
        if not is_color:
            grid = grid_of_greys(kind, span.padded) if order.shown else grid_for(span, kind)
        writer = _Writer(session, order, part, run, folder, kind, grid, scratch, looks)
        originals = Originals()
        try:
            objects = _objects(part, kind)
            for done, one_object in enumerate(objects):
                share = done / len(objects)
                context.report(COMPUTED + (1 - COMPUTED) * share, f"Object {done + 1} of {len(objects)}")
                writer.write(one_object, done + 1, originals, context)
        finally:
            originals.close()
    run.written += [(part.series.key, header) for header in writer.headers]
    return writer.words + (MARKS_LEFT_OUT if order.steps != order.pipeline.active else "")


def _look(frame: Frame, voi: VOI, as_greys: bool) -> _Look:
    """Values go back into the unit of the file: what was computed from it is computed from it again."""
    factor = 1.0 if as_greys or frame.is_color else frame.rescale.factor or 1.0
    unit = frame.rescale.file_unit if factor != 1 else frame.rescale.unit
    back = voi if factor == 1 or voi.lut is not None else voi.scaled(1 / factor)
    small = Frame(np.zeros((1, 1), np.uint8), frame.plane, overlays=frame.overlays)
    return _Look(back, factor, unit, small)


def _objects(part: Part, kind: Kind) -> list[_Object]:
    """Several pictures stay in one object where they were: only there their times and dimensions are told."""
    by_instance: dict[int, list[int]] = defaultdict(list)
    for index in part.indices:
        by_instance[part.series.frames[index].instance].append(index)
    found = []
    for number, indices in by_instance.items():
        instance = part.series.instances[number]
        frame_of = {index: part.series.frames[index].frame for index in indices}
        in_order = sorted(indices, key=frame_of.__getitem__)
        if kind.follows and instance.tiles == (1, 1) and (instance.frames > 1 or kind.grouped):
            found.append(_Object(instance, tuple(in_order), tuple(frame_of[index] for index in in_order)))
        else:
            found += [_Object(instance, (index,), None) for index in in_order]
    return found


@dataclass(slots=True)
class _Writer:
    session: Session
    order: Order
    part: Part
    run: Run
    folder: Path
    kind: Kind
    grid: Grid | None
    scratch: Scratch
    looks: dict[int, _Look]
    headers: list[Header] = field(default_factory=list)
    words: str = ""
    _known: tuple[str, Any] | None = None

    def write(self, one: _Object, number: int, originals: Originals, context: TaskContext) -> None:

        place = f"{one.instance.path}\0{one.instance.member}"
        if self._known is None or self._known[0] != place:
            self._known = (place, originals.read(one.instance))
        source, header = self._known[1]
        content = self._content(one, header)
        made_of = self.run.place(self.part.series, one.instance, number)
        data = derived(source, content, self.run.derivation, made_of)
        path = self.folder / f"{number:05d}.dcm"
        pixels = self._pixels(one, context)
        write_object(path, data, len(one.indices), pixels)
        planes = self._planes(one)
        self.headers.append(check_object(path, len(one.indices), pixels, planes, self.session.decoder))
        self.words = words_of_values(content, self.looks[one.indices[0]].unit)

    def _content(self, one: _Object, header: Header) -> Content:

        index = one.indices[0]
        look, address = self.looks[index], self.part.series.frames[index]
        is_part = one.frames is None and (one.instance.tiles != (1, 1) or not self.kind.follows)
        in_source = header.frames[address.frame] if address.frame < len(header.frames) else {}
        private = ("DiffusionBValue", "DiffusionGradientOrientation")
        return Content(
            kind=self.kind,
            shape=address.plane.shape,
            frames=one.frames,
            grid=self.grid,
            as_greys=self.order.shown,
            voi=None if self.grid is None else look.voi,
            source_frame=address.frame if one.instance.tiles == (1, 1) and one.instance.frames > 1 else None,
            plane=address.plane if is_part else None,
            overlays=look.frame.overlays if one.frames is None else None,
            more=()
            if one.frames is not None
            else tuple((name, in_source[name]) for name in private if in_source.get(name)),
        )

    def _pixels(self, one: _Object, context: TaskContext) -> Callable[[int], NDArray[Any]]:
        def stored(number: int) -> NDArray[Any]:
            context.check()
            values = self.scratch[one.indices[number]]
            return values if self.grid is None else self.grid.stored(values)

        return stored

    def _planes(self, one: _Object) -> Callable[[int], Plane]:
        return lambda number: self.part.series.frames[one.indices[number]].plane


def _words(step: Step) -> str:
    """A step with its values: "Smooth (Gaussian) (sigma_px 2)"."""
    operation = ENHANCEMENTS[step.operation]
    told = {one.name: one.words for one in operation.parameters}
    values = ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {told[name](value)}"
        for name, value in step.values
    )
    return f"{operation.title} ({values})" if values else operation.title


def _code(step: Step) -> Code:
    """What the standard calls a step, else what we do."""
    found = ENHANCEMENTS[step.operation]
    kind = _CODES.get(step.operation) or _CODES_OF_GROUPS.get(found.group, "")
    return STANDARD_CODES.get(kind) or (step.operation, OWN_CODES, found.title)
