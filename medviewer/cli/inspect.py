"""``medviewer inspect``: what happened to one pixel on its way to the screen."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from medviewer.cli import desk, output
from medviewer.cli.arguments import add_index, add_json, add_look, add_path, add_series
from medviewer.kit.errors import BadValue
from medviewer.session.inspect import inspection
from medviewer.session.inspection import Inspection


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    parser.add_argument(
        "--at", metavar="ROW,COLUMN", required=True, help="the pixel, counted from 0, the row first"
    )
    add_index(parser)
    add_series(parser)
    add_look(parser)
    add_json(parser)


def run(values: Namespace) -> int:
    """Tell every step from the stored value to the grey, and what decided it."""
    found = _found(values)
    if values.json:
        facts = [asdict(fact) for fact in found.facts]
        output.tell_json({"row": found.row, "column": found.column, "shown": found.shown, "facts": facts})
        return 0
    for line in found.text().splitlines():
        output.tell(line)
    return 0


def _found(values: Namespace) -> Inspection:
    row, column = _place(values.at)
    known = desk.contents(values.path)
    series = desk.chosen(known, values.path, values.series)
    index = desk.frame_number(series, values.index)
    with desk.session(known) as opened:
        look = desk.look(values.step, values.recipe, series if values.default else None)
        desk.put(opened, series, look)
        desk.show(opened, series, index, values.window)
        opened.rendering.draw(opened.view.active, None)
        found = inspection(opened, opened.view.active, row, column)
    if found is None:
        rows, columns = series.frames[index].plane.shape
        raise BadValue(
            f"There is no pixel {row},{column}.", f"Rows are 0 to {rows - 1}, columns 0 to {columns - 1}."
        )
    return found


def _place(text: str) -> tuple[int, int]:
    """(row, column). Raises BadValue."""
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise BadValue(f"{text!r:.40} is no pixel.", "Give row,column counted from 0, such as 300,222.")
    return int(parts[0]), int(parts[1])
