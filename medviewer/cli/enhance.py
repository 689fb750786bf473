"""``medviewer enhance``: the pictures of one series or of all, enhanced, as files."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from medviewer.cli import desk, output
from medviewer.cli.arguments import add_folder, add_look, add_path, add_series
from medviewer.cli.folder import made
from medviewer.cli.render import epilog
from medviewer.core.pipeline import Pipeline
from medviewer.core.study import Series
from medviewer.export.exporter import EXPORTERS
from medviewer.export.picture import write_picture
from medviewer.kit.errors import BadValue
from medviewer.session.recipe_files import write_recipe
from medviewer.session.session import Session

RECIPE = "recipe.json"


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    add_folder(parser)
    add_series(parser)
    parser.add_argument(
        "--frame", metavar="N", type=int, help="only this picture, counted from 0; all unless given"
    )
    add_look(parser)
    parser.add_argument(
        "--format", choices=EXPORTERS.names, default="png", help="of the files; png unless given"
    )
    parser.epilog = epilog()


def run(values: Namespace) -> int:
    """Write every picture, 1:1 in 8 bits, as DIR/FRAME.png or DIR/SERIES/FRAME.png, and the recipe beside."""
    if not values.default and not desk.look(values.step, values.recipe).active:
        raise BadValue("There is nothing to do: no enhancement is asked for.", "Give --step or --recipe.")
    found = desk.contents(values.path)
    first = desk.chosen(found, values.path, values.series) if values.series else None
    wanted = [first] if first else [series for series in found.series if series.count]
    if not wanted:
        desk.chosen(found, values.path)  # says why there is nothing
    looks = {
        series.key: desk.look(values.step, values.recipe, series if values.default else None)
        for series in wanted
    }
    wanted = [series for series in wanted if looks[series.key].active]
    if not wanted:
        raise BadValue(
            "None of the series has a default recipe.", "Choose one in the window, or give --recipe."
        )
    if len(looks) > len(wanted):
        output.remark(f"{len(looks) - len(wanted)} of {len(looks)} series have no default recipe: left out.")
    count = 0
    made(values.output)
    with desk.session(found) as opened:
        for number, series in enumerate(wanted, 1):
            below = f"{number:02d}-{series.modality or 'series'}" if len(wanted) > 1 else ""
            folder = made(values.output / below)
            count += _write_series(opened, series, looks[series.key], values, folder)
            if values.default:  # each series may have its own
                write_recipe(folder / RECIPE, looks[series.key])
    if not values.default:
        write_recipe(values.output / RECIPE, looks[wanted[0].key])
    output.tell(f"{count} pictures of {len(wanted)} series are in {values.output}.")
    return 0


def _write_series(
    opened: Session, series: Series, pipeline: Pipeline, values: Namespace, folder: Path
) -> int:
    ending = EXPORTERS[values.format].endings[0]
    context = output.context()
    desk.put(opened, series, pipeline)
    indices = _indices(series, values.frame)
    for done, index in enumerate(indices):
        context.report(done / len(indices), f"Picture {done + 1} of {len(indices)}")
        pixels = desk.raw(opened, series, index, values.window)
        write_picture(pixels, folder / f"{index:04d}{ending}", f"{desk.note(opened)}; pixels 1:1")
    return len(indices)


def _indices(series: Series, frame: int | None) -> Sequence[int]:
    return range(series.count) if frame is None else (desk.frame_number(series, frame),)
