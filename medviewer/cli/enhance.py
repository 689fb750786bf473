"""``medviewer enhance``: a series or all of them, enhanced, as pictures or as DICOM objects."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import replace

from medviewer.cli import desk, output
from medviewer.cli.arguments import add_folder, add_look, add_path, add_series
from medviewer.cli.render import epilog
from medviewer.core.pipeline import Pipeline
from medviewer.export.exporter import EXPORTERS
from medviewer.kit.errors import BadValue
from medviewer.session.applied_files import Stopped, write
from medviewer.session.applying import Form, Order, Part, parts_of
from medviewer.session.session import Session


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    add_folder(parser)
    add_series(parser)
    parser.add_argument(
        "--frame", metavar="N", type=int, help="only this picture, counted from 0; all unless given"
    )
    add_look(parser)
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument(
        "--dicom",
        action="store_true",
        help="write DICOM objects of the same patient and study, in series of their own, instead of pictures",
    )
    kinds.add_argument(
        "--values",
        action="store_true",
        help="write the values themselves in 16 bits, and how to read them, instead of 8 bits as shown",
    )
    parser.add_argument(
        "--format", choices=EXPORTERS.names, default="png", help="of the pictures; png unless given"
    )
    parser.add_argument("--replace", action="store_true", help="replace what is in the way in the folder")
    parser.add_argument(
        "--resume", action="store_true", help="leave out series that stand whole in the folder already"
    )
    parser.epilog = epilog()


def run(values: Namespace) -> int:
    """Write every picture as DIR/FRAME.png or DIR/SERIES/FRAME.png with the recipe beside, or as .dcm."""
    if not values.default and not desk.look(values.step, values.recipe).active:
        raise BadValue("There is nothing to do: no enhancement is asked for.", "Give --step or --recipe.")
    found = desk.contents(values.path)
    first = desk.chosen(found, values.path, values.series) if values.series else None
    wanted = [first] if first else [series for series in found.series if series.count]
    if not wanted:
        desk.chosen(found, values.path)  # says why there is nothing
    with desk.session(found) as opened:
        parts = [_part(opened, part, values) for part in parts_of(wanted)]
        pictures = series = skipped = 0
        for order in _orders(parts, values):
            try:
                written = write(opened, order, output.context(lasts=True))
            except Stopped as stop:
                return _stopped(len(parts), series + stop.done.series)
            except KeyboardInterrupt:
                output.remark(f"Stopped. {_whole(len(parts))}")
                return 130
            for sentence in written.words:
                output.remark(sentence)
            pictures, series = pictures + written.pictures, series + written.series
            skipped += written.skipped
    stood = f" {skipped} series stood there already." if skipped else ""
    output.tell(f"{pictures} pictures of {series} series are in {values.output}.{stood}")
    return 0


def _orders(parts: Sequence[Part], values: Namespace) -> Sequence[Order]:
    """One recipe on all series, or with --default each series with the one of its kind, if it has any."""
    form = Form.DICOM if values.dicom else Form.VALUES if values.values else Form.SHOWN
    every = Order(tuple(parts), Pipeline(), form, values.output, values.format, values.replace, values.resume)
    if not values.default:
        return [replace(every, pipeline=desk.look(values.step, values.recipe))]
    looks = [(part, desk.look(values.step, None, part.series)) for part in parts]
    orders = [
        replace(every, parts=(replace(part, below=""),), pipeline=look, target=values.output / part.below)
        for part, look in looks
        if look.active
    ]
    if not orders:
        raise BadValue(
            "None of the series has a default recipe.", "Choose one in the window, or give --recipe."
        )
    if len(orders) < len(looks):
        output.remark(f"{len(looks) - len(orders)} of {len(looks)} series have no default recipe: left out.")
    return orders


def _part(opened: Session, part: Part, values: Namespace) -> Part:
    """The pictures that are asked for, through the window that is asked for."""
    if values.frame is not None:
        part = replace(part, indices=(desk.frame_number(part.series, values.frame),))
    middle = part.indices[len(part.indices) // 2]
    return replace(part, voi=desk.window(opened, part.series, middle, values.window))


def _stopped(count: int, done: int) -> int:
    output.remark(f"Stopped: {done} of {count} series are whole. {_whole(count)}")
    return 130


def _whole(count: int) -> str:
    return "Nothing half written is left." + (
        "" if count == 1 else " The same command with --resume does the rest."
    )
