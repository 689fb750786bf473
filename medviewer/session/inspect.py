"""One pixel on its way from stored bits to the screen: what each step made of it, and what decided it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from medviewer.core.beside_pixels import SHUTTER
from medviewer.core.labels import LabelMap
from medviewer.core.study import Series
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, is_padding
from medviewer.imaging.enhance.apply import StepValue
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Stage
from medviewer.imaging.grayscale import effective_voi, normalised
from medviewer.imaging.measure import position_words
from medviewer.imaging.request import RenderRequest
from medviewer.imaging.viewing import Region
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import value_of
from medviewer.session.facts import plane_words, slice_position
from medviewer.session.inspect_words import bits_words, grey_words, stored_words, voi_words, why_window
from medviewer.session.inspection import ENHANCED, ODD, OVER, PLACE, SCREEN, VALUE, WINDOW, Fact, Inspection
from medviewer.session.laid import value_at
from medviewer.session.probe import detector_words, value_words
from medviewer.session.rendering import Rendering
from medviewer.session.state import Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session

_AROUND = 2.5
"""Pixels around the one that is looked at; outlines depend on their neighbours."""


@frozen(eq=False)
class Question:
    """A pixel that somebody asks about, with all that is needed to answer away from the main thread."""

    row: int
    column: int
    viewport: Viewport
    series: Series
    frame: Frame
    request: RenderRequest
    groups: tuple[LabelMap, ...]
    over: str
    """the value of the series that is laid over the picture, "" without one"""

    @property
    def at(self) -> tuple[int, int]:
        """(row, column)."""
        return self.row, self.column

    @property
    def is_padding(self) -> bool:
        """Whether the file says that there is no picture here."""
        padding, stored = self.frame.padding, self.frame.pixels[self.at]
        return padding is not None and not self.frame.is_color and bool(is_padding(stored, padding))


def question(session: Session, number: int, row: int, column: int) -> Question | None:
    """What has to be known of a viewport's pixel; None while nothing is decoded, or beside the picture."""
    viewport = session.view.viewports[number]
    series, frame = session.series(viewport.series), session.rendering.frame(viewport)
    request = session.rendering.request(number, None)
    if viewport.view3d is not None or series is None or frame is None or request is None:
        return None
    if not frame.plane.holds(row, column):
        return None
    fusion, here = request.fusion, frame.plane.to_patient(row, column)
    over = "" if fusion is None else value_at(session, fusion, here)
    groups = session.rendering.groups(number)
    return Question(row, column, viewport, series, frame, request, groups, over)


def inspection(session: Session, number: int, row: int, column: int) -> Inspection | None:
    """Everything about a pixel of a viewport, here and now; None where there is none to be asked about."""
    asked = question(session, number, row, column)
    return None if asked is None else answer(session.rendering, asked)


def answer(rendering: Rendering, asked: Question, context: TaskContext | None = None) -> Inspection:
    """Everything about a pixel. Slow with enhancements that are no longer kept: workers call it."""
    steps = rendering.drawing.steps_at(asked.frame, asked.request, asked.at, context)
    shown = _on_screen(rendering, asked)
    facts = (
        *_place(asked),
        *_value(asked),
        *_window(asked, steps),
        *_steps(asked, steps),
        *_screen(asked, shown),
        *_over(asked),
        *_odd(asked),
    )
    return Inspection(asked.row, asked.column, facts, shown)


def _on_screen(rendering: Rendering, asked: Question) -> tuple[int, ...]:
    """The finished pixel, made in the one way to pixels."""
    request, (row, column) = asked.request, asked.at
    rows, columns = slice(None), slice(None)
    if not request.labels:  # the dashes of an outline depend on where it begins
        around = Region(row - _AROUND, column - _AROUND, row + _AROUND, column + _AROUND)
        request = replace(request, region=around)
        rows, columns = around.slices(asked.frame.plane.shape)
    pixels = rendering.picture(request, asked.frame).pixels
    found = pixels[row - (rows.start or 0), column - (columns.start or 0)]
    return tuple(int(part) for part in np.atleast_1d(found))


def _place(asked: Question) -> Iterator[Fact]:
    frame, series, viewport = asked.frame, asked.series, asked.viewport
    rows, columns = frame.plane.shape
    yield Fact(PLACE, "Pixel", f"row {asked.row} of {rows}, column {asked.column} of {columns}, from 0")
    placed = frame.plane.placed
    where = (
        position_words(frame.plane.to_patient(*asked.at))
        if placed
        else detector_words(frame.plane, *asked.at)
    )
    yield Fact(PLACE, "In the patient" if placed else "On the picture", where or "no size is known")
    if viewport.cut is not None:
        thick = f", {viewport.cut.thickness:g} mm thick" if viewport.cut.thickness else ""
        name = f"{plane_words(viewport.cut)}, {slice_position(frame.plane)}{thick}"
        yield Fact(PLACE, "Plane", f"{name}, through the stack")
    index = min(viewport.index, series.count - 1)
    if viewport.cut is None:
        yield Fact(PLACE, "Picture", f"{index + 1} of {series.count}")
    if series.dimension is not None:
        yield Fact(PLACE, series.dimension.name, series.dimension.words(value_of(series, index)))
    if viewport.cut is not None:
        return
    address = series.frames[index]
    file = series.instances[address.instance]
    of = f", frame {address.frame + 1} of {file.frames}" if file.frames > 1 else ""
    name = f"{file.member} in {Path(file.path).name}" if file.member else Path(file.path).name
    yield Fact(PLACE, "File", name + of)
    if file.number is not None:
        yield Fact(PLACE, "Instance", f"number {file.number}")
    yield Fact(PLACE, "SOP Instance UID", file.sop_instance, is_detail=True)
    yield from _decided(asked, PLACE, "Place from", "place")


def _value(asked: Question) -> Iterator[Fact]:
    frame, stored = asked.frame, asked.frame.pixels[asked.at]
    if frame.derived:
        yield Fact(VALUE, "Stored value", "made of several pixels of the stack: no file holds it")
    elif asked.viewport.cut is not None:
        yield Fact(VALUE, "Voxel of the stack", stored_words(stored))
    else:
        yield Fact(VALUE, "Stored value", stored_words(stored))
        yield Fact(VALUE, "Stored bits", bits_words(stored))
    yield from _decided(asked, VALUE, "Stored as", "stored")
    if frame.padding is not None and not frame.is_color:
        words = "yes: there is no picture here" if asked.is_padding else "no"
        yield Fact(VALUE, "Padding", f"{words} ({_range(frame.padding)})")
        yield from _decided(asked, VALUE, "Padding from", "padding")
    if frame.is_color:
        yield from _decided(asked, VALUE, "Colour from", "colour")
        return
    rescale = frame.rescale
    unit = rescale.unit or "no unit in the file"
    yield Fact(VALUE, "Modality value", value_words(_modality(asked), unit if rescale.unit else f"({unit})"))
    if rescale.factor != 1.0:
        words = value_words(_modality(asked) / rescale.factor, rescale.file_unit or "(no unit in the file)")
        yield Fact(VALUE, "Before SUV", words)
    if frame.derived:
        yield Fact(VALUE, "Which is", frame.derived)
    if rescale.lut is None and (rescale.slope, rescale.intercept) != (1.0, 0.0):
        sign = "+" if rescale.intercept >= 0 else "−"
        yield Fact(VALUE, "Computed as", f"stored × {rescale.slope:g} {sign} {abs(rescale.intercept):g}")
    yield from _decided(asked, VALUE, "Modality value from", "modality")
    yield from _decided(asked, VALUE, "SUV", "SUV")


def _window(asked: Question, steps: tuple[StepValue, ...]) -> Iterator[Fact]:
    frame, voi = asked.frame, _voi(asked)
    yield Fact(WINDOW, "Window", voi_words(voi, "" if frame.is_color else frame.rescale.unit))
    yield Fact(WINDOW, "Chosen", why_window(asked.viewport.voi, asked.request.voi, frame))
    yield from _decided(asked, WINDOW, "In the file", "window")
    if asked.is_padding or frame.is_color:
        return
    signal = [step.value for step in steps if step.stage is Stage.SIGNAL]
    value = signal[-1] if signal else _modality(asked)
    if np.isfinite(value):
        yield Fact(WINDOW, "Output", f"{float(normalised(np.array([value]), voi)[0]):.4f} of 1")


def _steps(asked: Question, steps: tuple[StepValue, ...]) -> Iterator[Fact]:
    for step in steps:
        operation = ENHANCEMENTS[step.step.operation]
        told = {one.name: one.words for one in operation.parameters}
        values = ", ".join(f"{name} {told.get(name, str)(value)}" for name, value in step.step.values)
        unit = asked.frame.rescale.unit if not asked.frame.is_color else "luminance"
        found = f"{step.value:.4f} of 1" if step.stage is Stage.DISPLAY else value_words(step.value, unit)
        yield Fact(ENHANCED, operation.title, f"{found}  ({values})" if values else found)


def _screen(asked: Question, shown: tuple[int, ...]) -> Iterator[Fact]:
    frame = asked.frame
    if not frame.is_color:
        words = "yes, after the window: its lowest value is white" if frame.inverted else "no"
        yield Fact(SCREEN, "Inverted by the file", words)
    yield from _decided(asked, SCREEN, "Presentation from", "presentation")
    yield Fact(SCREEN, "Inverted by the reader", "yes" if asked.request.voi.inverted else "no")
    if asked.request.colors:
        yield Fact(SCREEN, "Colours", asked.request.colors)
    if asked.request.fusion is not None:
        words = (
            f"{asked.over or 'nothing here'}, shown with {asked.request.fusion.opacity * 100:.0f} % at most"
        )
        yield Fact(SCREEN, "Series over it", words)
    supplement = frame.supplement
    if supplement is not None and frame.pixels[asked.at] >= supplement.first:
        yield Fact(SCREEN, "Supplemental palette", "this value has a colour of its own")
    if asked.is_padding:
        yield Fact(SCREEN, "Padding", "shown black, whatever is inverted")
    yield Fact(SCREEN, "On the screen", grey_words(shown))


def _over(asked: Question) -> Iterator[Fact]:
    frame, hidden = asked.frame, asked.request.hidden_overlays
    for plane in frame.overlays:
        words = "set here" if plane.bits[asked.at] else "not here"
        off = ", switched off" if plane.group in hidden else ""
        called = f" ({plane.label})" if plane.label else ""
        yield Fact(OVER, f"Overlay {plane.group:04X}", f"{words}{off}{called}")
    yield from _decided(asked, OVER, "Overlays from", "overlay")
    if frame.shutter is not None:
        words = "covers this pixel" if frame.shutter.covered[asked.at] else "does not cover this pixel"
        yield Fact(OVER, "Shutter", words + (", switched off" if SHUTTER in hidden else ""))
        yield from _decided(asked, OVER, "Shutter from", "shutter")
    for group in asked.groups:
        if asked.viewport.cut is None and asked.viewport.index < len(group.slices):
            values = group.slices[asked.viewport.index]
            label = None if values is None else group.label(int(values[asked.at]))
            of = f"Label of {group.name}" if group.name else "Label"
            yield Fact(OVER, of, label.name if label else "none here")


def _odd(asked: Question) -> Iterator[Fact]:
    told = tuple(dict.fromkeys((*asked.frame.remarks, *asked.series.problems)))
    for number, words in enumerate(told, 1):
        yield Fact(ODD, str(number), words)
    if not told:
        yield Fact(ODD, "Nothing", "nothing was left out, as far as the program can tell")


def _decided(asked: Question, section: str, title: str, step: str) -> Iterator[Fact]:
    """What in the file decided a step, as far as it is known."""
    if asked.viewport.cut is not None and step in ("stored", "place"):
        return
    for decision in asked.frame.decided:
        if decision.step == step:
            yield Fact(section, title, decision.words, is_detail=True)


def _modality(asked: Question) -> float:
    frame = asked.frame
    stored = frame.pixels[asked.at]
    if frame.rescale.lut is not None or frame.pixels.dtype.kind == "f":
        return float(frame.rescale.apply(np.asarray([stored]))[0])
    return float(stored) * frame.rescale.slope + frame.rescale.intercept


def _voi(asked: Question) -> VOI:
    return effective_voi(asked.frame, asked.request.voi)


def _range(ends: tuple[float, float]) -> str:
    return f"{ends[0]:g}" if ends[0] == ends[1] else f"{ends[0]:g} to {ends[1]:g}"
