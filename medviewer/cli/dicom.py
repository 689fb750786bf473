"""``medviewer dicom``: what a reader has kept of a study as DICOM objects of that study."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from medviewer.cli import desk, output
from medviewer.cli.arguments import add_path, add_series
from medviewer.session.dicom_out.order import FORMS, TITLES, Order
from medviewer.session.dicom_out.taking import taken
from medviewer.session.dicom_out.writing import write

PARTS = {
    "segmentation": "segmentation",
    "measurements": "measurements",
    "presentation": "presentation",
    "key-images": "key_pictures",
    "picture": "picture",
}
"""What can be asked for, and what that is in an order."""


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FOLDER",
        type=Path,
        required=True,
        help="where a new folder is made for them",
    )
    add_series(parser)
    parser.add_argument("--study", action="store_true", help="of all series of its study, not of one only")
    parser.add_argument(
        "--what",
        choices=PARTS,
        action="append",
        help="what to write, more than once if need be; segmentation, measurements, key-images unless given",
    )
    parser.add_argument("--form", choices=FORMS, default=FORMS[0], help="how labels are encoded")
    parser.add_argument(
        "--together", action="store_true", help="all groups of labels of a series in one object"
    )
    parser.add_argument("--title", choices=TITLES, default=TITLES[0], help="what key images are kept for")
    parser.add_argument("--description", metavar="TEXT", default="", help="of the new series")
    parser.add_argument(
        "--reader", metavar="NAME", default="", help="who has read, family name first: Lovelace^Ada"
    )
    parser.add_argument(
        "--reading",
        metavar="FILE",
        type=Path,
        help="a session file with the work on it; without it what was kept on this computer",
    )


def run(values: Namespace) -> int:
    """Write the objects."""
    chosen = values.what or ["segmentation", "measurements", "key-images"]
    wanted = {name: part in chosen for part, name in PARTS.items()}
    order = Order(
        segmentation=wanted["segmentation"],
        measurements=wanted["measurements"],
        presentation=wanted["presentation"],
        key_pictures=wanted["key_pictures"],
        picture=wanted["picture"],
        scope="study" if values.study else "series",
        form=values.form,
        together=values.together,
        description=values.description,
        title=values.title,
        reader=values.reader,
        folder=values.output,
    )
    found = desk.contents(values.path)
    series = desk.chosen(found, values.path, values.series)
    with desk.session(found, with_kept=values.reading is None) as opened:
        if values.reading is not None:
            opened.run("study.load", path=values.reading)
        desk.show(opened, series, series.places // 2, "")
        saved = write(opened, taken(opened, order), output.context())
    many = len(saved.objects)
    output.tell(f"Written: {many} object{'s' * (many != 1)} in {saved.folder} ({', '.join(saved.objects)}).")
    return 0
