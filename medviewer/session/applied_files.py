"""Writes what a recipe made of series: as pictures, or as DICOM objects, each series whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from medviewer.dicom.derived_kinds import Kind
from medviewer.dicom.derived_values import Grid, Span, grid_for, grid_of_greys
from medviewer.dicom.tags import tag_table
from medviewer.export.exporter import trouble
from medviewer.export.folder import check_room, in_the_way, taken, whole_folder
from medviewer.export.picture import write_picture
from medviewer.imaging.enhance.apply import enhance
from medviewer.imaging.render import render
from medviewer.kit.errors import Cancelled, ExportTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.scratch import Scratch
from medviewer.kit.task import TaskContext
from medviewer.session.applied_objects import Run, write_series
from medviewer.session.applying import (
    BY,
    RECIPE,
    Form,
    Order,
    Part,
    Written,
    ending,
    estimated_bytes,
    loaded,
    made,
    request_of,
)
from medviewer.session.noted import PICTURE, request_note

if TYPE_CHECKING:
    from medviewer.session.session import Session

VALUES = "values.json"
_WHILE_WRITING = 3
"""Times the size of the files: values wait in 32 bits beside them."""
_VALUES_KIND = Kind("", signed=False)


class Stopped(Cancelled):
    """The work was cancelled; *done* says what stands whole by then."""

    def __init__(self, done: Written) -> None:
        super().__init__()
        self.done = done


def write(session: Session, order: Order, context: TaskContext) -> Written:
    """Do what *order* says. Slow: workers call it. Raises ExportTrouble, FileTrouble, BadValue, Stopped."""
    order.check()
    check_room(order.target, estimated_bytes(order) * (1 if order.form is Form.SHOWN else _WHILE_WRITING))
    _check_place(order)
    run = Run.of(session, order) if order.form is Form.DICOM else None
    written, before = Written(order.target), 0
    if len(order.parts) > 1 and order.form is not Form.DICOM:
        _write_text(order.target / RECIPE, _recipe(order))
    try:
        for part in order.parts:
            share = context.part(before / order.count, (before + len(part.indices)) / order.count)
            before += len(part.indices)
            if order.resume and _stands(order, part):
                written = replace(written, skipped=written.skipped + 1)
                continue
            written = _write_part(session, order, part, run, written, share)
    except Cancelled:
        raise Stopped(written) from None
    return written if run is None else replace(written, pairs=run.pairs())


def _write_part(
    session: Session, order: Order, part: Part, run: Run | None, written: Written, context: TaskContext
) -> Written:
    sources = {instance.path for instance in part.series.instances}
    words = written.words
    with whole_folder(order.target / part.below, order.replace, sources) as folder:
        if run is not None:
            words = (*words, write_series(session, order, part, run, folder, context))
        elif order.form is Form.SHOWN:
            _write_shown(session, order, part, folder, context)
        else:
            words = (*words, _write_values(session, order, part, folder, context))
        if len(order.parts) == 1 and run is None:
            _write_text(folder / RECIPE, _recipe(order))
        context.check()
    return replace(
        written,
        pictures=written.pictures + len(part.indices),
        series=written.series + 1,
        words=tuple(dict.fromkeys(words)),
    )


def _write_shown(session: Session, order: Order, part: Part, folder: Path, context: TaskContext) -> None:
    """8 bits as seen, 1:1, through the same function as the screen."""
    for index in _each(part, context):
        request = request_of(part, order, index)
        frame = loaded(session, request)
        hidden = (*request.hidden_overlays, *(one.group for one in frame.overlays))
        request = replace(request, voi=session.rendering.decided(request), hidden_overlays=hidden)
        enhanced = enhance(frame, request.voi, order.pipeline, TaskContext(context.token))
        picture = render(frame, (), request, enhanced)
        note = f"{PICTURE}. {request_note(session.rendering, request, frame=frame)}; pixels 1:1"
        write_picture(picture.pixels, folder / f"{index:04d}{ending(order)}", note)


def _write_values(session: Session, order: Order, part: Part, folder: Path, context: TaskContext) -> str:
    """16 bits that hold the values, one way of reading them for the whole series, told beside them."""
    span, unit = Span(), ""
    with Scratch(folder / ".values") as scratch:
        for index in _each(part, context.part(0, 0.8)):
            one = made(session, part, order, index, context)
            if one.frame.is_color:
                raise ExportTrouble(
                    "Pictures in colour have no values to write in 16 bits.",
                    "Write them as pictures as shown.",
                )
            scratch[index] = one.values
            span, unit = span.with_picture(one.values), one.frame.rescale.unit
        grid = grid_of_greys(_VALUES_KIND, span.padded) if order.shown else grid_for(span, _VALUES_KIND)
        note = _grid_words(grid, "of grey, 0 black to 1 white" if order.shown else unit)
        for index in _each(part, context.part(0.8, 1)):
            path = folder / f"{index:04d}{ending(order)}"
            write_picture(grid.stored(scratch[index]), path, f"Values in 16 bits: {note}")
    said = {
        "value": "stored * slope + intercept",
        "slope": grid.slope,
        "intercept": grid.intercept,
        "unit": "grey" if order.shown else unit,
        "largest_error": grid.error,
        "padding": grid.padding,
    }
    _write_text(folder / VALUES, json.dumps(said, indent=1))
    return f"Value = {note}."


def _grid_words(grid: Grid, unit: str) -> str:
    error = f", off by at most {grid.error:.2g}" if grid.error else ", exactly"
    return f"{grid.slope:.6g} * stored + {grid.intercept:.6g}{f' {unit}' if unit else ''}{error}"


def _each(part: Part, context: TaskContext) -> Iterator[int]:
    """The pictures of a part in turn, telling how far it is."""
    count = len(part.indices)
    for done, index in enumerate(part.indices):
        context.report(done / count, f"Picture {done + 1} of {count}")
        yield index


def _check_place(order: Order) -> None:
    """Raise ExportTrouble before the work, not after it, where something is in the way of the files."""
    if order.replace:
        return
    for part in order.parts:
        if order.resume and _stands(order, part):
            continue
        first = "00001" if order.form is Form.DICOM else f"{part.indices[0]:04d}"
        present = in_the_way(order.target / part.below, [first + ending(order)])
        if present:
            raise taken(order.target / part.below, present)
    if len(order.parts) == 1 or order.form is Form.DICOM:
        return
    if in_the_way(order.target, [RECIPE]) and not _has_recipe(order):
        raise taken(order.target, (RECIPE,))


def _has_recipe(order: Order) -> bool:
    try:
        return (order.target / RECIPE).read_text(encoding="utf-8") == _recipe(order)
    except (OSError, UnicodeDecodeError):
        return False


def _recipe(order: Order) -> str:
    return order.pipeline.to_json(BY)


def _stands(order: Order, part: Part) -> bool:
    """Whether a series stands in the target already, of the same recipe: folders are only ever put whole."""
    folder = order.target / part.below
    try:
        found = sorted(one for one in folder.iterdir() if one.name.endswith(ending(order)))
    except OSError:
        return False
    if order.form is not Form.DICOM:
        return len(found) == len(part.indices) and _has_recipe(order)
    return bool(found) and any(
        row.keyword == "DerivationDescription" and order.pipeline.sha256 in row.value
        for row in tag_table(found[0], private=False)
    )


def _write_text(path: Path, text: str) -> None:
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise trouble(path, error) from None
