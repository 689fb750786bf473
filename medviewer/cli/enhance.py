"""``medviewer enhance``: the pictures of one series or of all, enhanced, as files."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from medviewer.cli import desk, output
from medviewer.cli.arguments import add_folder, add_look, add_path, add_series
from medviewer.cli.folder import made, write_text
from medviewer.cli.render import epilog
from medviewer.core.pipeline import Pipeline
from medviewer.core.study import Series
from medviewer.export.exporter import EXPORTERS
from medviewer.export.picture import write_picture
from medviewer.kit.errors import BadValue
from medviewer.session.session import Session

RECIPE = "recipe.json"


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    add_folder(parser)
    add_series(parser)
    add_look(parser)
    parser.add_argument(
        "--format", choices=EXPORTERS.names, default="png", help="of the files; png unless given"
    )
    parser.epilog = epilog()


def run(values: Namespace) -> int:
    """Write DIR/SERIES/FRAME.png for every picture, 1:1 in 8 bits, and the recipe beside them."""
    pipeline = desk.look(values.step, values.recipe)
    if not pipeline.active:
        raise BadValue("There is nothing to do: no enhancement is asked for.", "Give --step or --recipe.")
    found = desk.contents(values.path)
    first = desk.chosen(found, values.path, values.series) if values.series else None
    wanted = [first] if first else [series for series in found.series if series.count]
    if not wanted:
        desk.chosen(found, values.path)  # says why there is nothing
    count = 0
    with desk.session(found) as opened:
        for number, series in enumerate(wanted, 1):
            folder = made(values.output / f"{number:02d}-{series.modality or 'series'}")
            count += _write_series(opened, series, pipeline, values, folder)
    write_text(values.output / RECIPE, pipeline.to_json())
    output.tell(f"{count} pictures of {len(wanted)} series are in {values.output}.")
    return 0


def _write_series(
    opened: Session, series: Series, pipeline: Pipeline, values: Namespace, folder: Path
) -> int:
    ending = EXPORTERS[values.format].endings[0]
    context = output.context()
    desk.put(opened, series, pipeline)
    for index in range(series.count):
        context.report(index / series.count, f"Picture {index + 1} of {series.count}")
        pixels = desk.raw(opened, series, index, values.window)
        write_picture(pixels, folder / f"{index:04d}{ending}")
    return series.count
