"""``medviewer report``: a report of a study as PDF or HTML, with what its reader has kept about it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medviewer.cli import desk, output
from medviewer.cli.arguments import add_path, add_series
from medviewer.export.report.writing import check_ending, write_report
from medviewer.session.reporting.building import build, draft
from medviewer.session.reporting.order import IDENTITIES, PAPERS, Order
from medviewer.session.session import Session

PARTS = {
    "pictures": ("shown", "key_pictures", "annotated"),
    "measurements": ("measurements",),
    "labels": ("labels",),
    "recipes": ("recipes",),
    "models": ("models",),
}
"""What can be left out, and what that means in an order."""


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    parser.add_argument(
        "-o", "--output", metavar="OUT.pdf", type=Path, required=True, help="a .pdf or .html file"
    )
    add_series(parser)
    parser.add_argument(
        "--frame",
        metavar="N",
        type=int,
        help="the picture to show first, counted from 0; the middle one of the series unless given",
    )
    parser.add_argument(
        "--window", metavar="C,W", default="", help="its centre and width, auto, or a preset's name"
    )
    parser.add_argument(
        "--identity",
        choices=IDENTITIES,
        default=IDENTITIES[0],
        help="who may be named: nobody (none), the study by description and date, the patient",
    )
    parser.add_argument(
        "--reading",
        metavar="FILE",
        type=Path,
        help="a session file with the work on it; without it what was kept on this computer",
    )
    parser.add_argument(
        "--words", metavar="TEXT", default="", help="what you say of the study, in your own words"
    )
    parser.add_argument("--without", choices=PARTS, action="append", default=[], help="what to leave out")
    parser.add_argument("--paper", choices=PAPERS, default=PAPERS[0], help="of a PDF")


def run(values: Namespace) -> int:
    """Write the report."""
    check_ending(values.output)  # a wrong ending is told before the work, not after
    found = desk.contents(values.path)
    series = desk.chosen(found, values.path, values.series)
    order = Order(values.identity, **{name: False for part in values.without for name in PARTS[part]})
    context = output.context()
    with _opened(found, values.reading) as opened:
        index = series.places // 2 if values.frame is None else desk.frame_number(series, values.frame)
        desk.show(opened, series, index, values.window)
        if values.words:
            opened.run("report.words", text=values.words)
        report = build(opened, draft(opened, order), context)
        write_report(report, values.output, values.paper, context.check)
    output.tell(f"Written: {values.output}.")
    return 0


@contextmanager
def _opened(found: desk.Contents, reading: Path | None) -> Iterator[Session]:
    """A session in which the study is open with its reader's work, of which nothing is written."""
    with desk.session(found, with_kept=reading is None) as opened:
        if reading is not None:
            opened.run("study.load", path=reading)
        yield opened
