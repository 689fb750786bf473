"""Flags for two renderings in one picture."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from medviewer.cli import desk
from medviewer.core.against import Other, Way
from medviewer.kit.errors import BadValue
from medviewer.session.session import Session

WAYS = tuple(way.value for way in Way if way is not Way.FLICKER)
"""A file shows both at once or not at all."""
ITS_OWN = (Other.ORIGINAL.value, Other.PLAIN.value)


def add_against(parser: ArgumentParser) -> None:
    """In which way, with what, and the one number of that way."""
    parser.add_argument(
        "--against",
        metavar="|".join(WAYS),
        choices=WAYS,
        help="show the picture together with another rendering of the same place: that on the left of a "
        "divider, inside of a lens, blended over it, or what the picture has more than it",
    )
    parser.add_argument(
        "--against-what",
        metavar="original|plain|UID",
        default=Other.ORIGINAL.value,
        help="the picture without enhancement (unless given), the picture with nothing laid over it, or "
        "another series by its UID or its key",
    )
    parser.add_argument(
        "--against-at",
        metavar="NUMBER",
        type=float,
        help="where the divider stands, the radius of the lens, the opacity of the other (shares), or the "
        "difference with the strongest colour in its own unit",
    )


def show(opened: Session, found: desk.Contents, values: Namespace) -> None:
    """Compare the picture that is shown, where that was asked for. Raises BadValue, FileTrouble."""
    if values.against is None:
        if values.against_at is not None or values.against_what != Other.ORIGINAL.value:
            raise BadValue("--against-what and --against-at say more of --against.", "Give --against too.")
        return
    if values.against_what in ITS_OWN:
        opened.run("against.other", kind=values.against_what)
    else:
        series = desk.chosen(found, values.path, values.against_what)
        opened.run("against.other", kind=Other.SERIES.value, series=series.key)
    if values.against != Way.WIPE.value:  # that is what the other was chosen for at first
        opened.run(f"against.{values.against}")
    if values.against_at is not None:
        _tell(opened, Way(values.against), values.against_at)


def _tell(opened: Session, way: Way, number: float) -> None:
    match way:
        case Way.WIPE:
            opened.run("against.divide", at=number)
        case Way.LENS:
            opened.run("against.radius", radius=number)
        case Way.BLEND:
            opened.run("against.opacity", opacity=number)
        case _:
            opened.run("against.span", span=number)
