"""``medviewer export``: a series as pictures, a movie, one sheet, values, a volume, labels or surfaces."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from dataclasses import replace
from pathlib import Path

from medviewer.cli import desk, output, plane
from medviewer.cli.arguments import add_look, add_path, add_series
from medviewer.cli.render import epilog
from medviewer.core.labels import LabelMap
from medviewer.core.study import Series
from medviewer.export.exporter import EXPORTERS
from medviewer.imaging.files.names import GRIDS, SURFACES, ending_of
from medviewer.kit.errors import BadValue
from medviewer.kit.task import TaskContext
from medviewer.session.exporting.grids import write_label_map, write_volume
from medviewer.session.exporting.label_in import read_onto
from medviewer.session.exporting.out import Leaving, write_film, write_pictures, write_sheet
from medviewer.session.exporting.roll import Choice, Sides, Through, frame_rate
from medviewer.session.exporting.surfaces import write_label_surfaces
from medviewer.session.exporting.values import As, check_values, write_values
from medviewer.session.pictures import Look
from medviewer.session.segmenting.making import with_group
from medviewer.session.session import Session

MOVIES, SHEETS = (".mp4", ".gif"), (".png", ".jpg", ".jpeg", ".tif", ".tiff")


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        type=Path,
        required=True,
        help="a folder for pictures or values; .mp4 or .gif for a movie; .png, .jpg or .tif for one sheet; "
        f"{', '.join(GRIDS)} for a volume, or for labels with --labels; .stl or .ply for their surfaces",
    )
    add_series(parser)
    parser.add_argument(
        "--frame", metavar="N", type=int, default=-1, help="the picture at which it stands, counted from 0"
    )
    _add_which(parser)
    plane.add_plane(parser)
    add_look(parser)
    _add_how(parser)
    _add_labels(parser)
    parser.epilog = epilog()


def _add_which(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--along",
        choices=[one.value for one in Through],
        default="places",
        help="the stack; times, phases or b-values at one place; or both",
    )
    parser.add_argument("--first", metavar="N", type=int, default=1, help="counted from 1; 1 unless given")
    parser.add_argument("--last", metavar="N", type=int, default=0, help="the last there is unless given")
    parser.add_argument("--every", metavar="N", type=int, default=1, help="every N-th only")
    parser.add_argument(
        "--sides",
        choices=[one.value for one in Sides],
        default="shown",
        help="as enhanced, untouched, both beside each other, or one after the other",
    )


def _add_how(parser: ArgumentParser) -> None:
    parser.add_argument("--format", choices=EXPORTERS.names, default="png", help="of pictures and values")
    parser.add_argument(
        "--rate", metavar="N", type=float, default=0.0, help="pictures a second; the file's own unless given"
    )
    parser.add_argument("--columns", metavar="N", type=int, default=5, help="of a sheet")
    parser.add_argument("--tile", metavar="PX", type=int, default=256, help="width of a picture on a sheet")
    parser.add_argument("--scale", metavar="S", type=float, default=1.0, help="size of pictures, 0.1 to 8")
    parser.add_argument(
        "--values",
        choices=[one.value for one in As],
        help="the data themselves instead of pictures: in 16 bits, exactly as stored, or as 32-bit float",
    )
    parser.add_argument(
        "--text", action=BooleanOptionalAction, default=None, help="corner text and scale; not on a sheet"
    )
    parser.add_argument("--identity", action="store_true", help="with the patient's name and ID")
    parser.add_argument("--replace", action="store_true", help="replace what is in the way")


def _add_labels(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--labels",
        metavar="FILE",
        type=Path,
        help="a label map (NIfTI, NRRD) or a closed surface (STL, PLY) that is laid onto the series",
    )
    parser.add_argument("--table", metavar="FILE", type=Path, help="names of the labels, value,name[,colour]")
    parser.add_argument(
        "--axes", choices=("LPS", "RAS"), default="LPS", help="of surfaces: as in DICOM, or as other programs"
    )
    parser.add_argument("--apart", action="store_true", help="each surface in a file of its own")


def run(values: Namespace) -> int:
    """Write what is asked for."""
    kind = kind_of(values)
    _check(values, kind)
    found = desk.contents(values.path)
    series = desk.chosen(found, values.path, values.series)
    index = desk.frame_number(series, values.frame if values.frame >= 0 else series.places // 2)
    pipeline = desk.look(values.step, values.recipe, series if values.default else None)
    context = output.context(lasts=True)
    with desk.session(found) as opened:
        desk.put(opened, series, pipeline)
        desk.show(opened, series, index, values.window, lambda: plane.show(opened, values))
        group = _labels(opened, series, index, values, context) if values.labels else None
        if kind in ("volume", "labels", "surfaces"):
            told = _grids(opened, series, index, group, values, kind, context)
        else:
            told = _pictures(opened, values, kind, context)
    output.tell(f"Written: {values.output}. {told}".rstrip())
    return 0


def kind_of(values: Namespace) -> str:
    """What is to be written, by the ending of the target and what else is said."""
    name = values.output.name.lower()
    if name.endswith(SURFACES):
        return "surfaces"
    if ending_of(name):
        return "labels" if values.labels else "volume"
    if values.output.suffix.lower() in MOVIES:
        return "movie"
    if values.output.suffix.lower() in SHEETS:
        return "sheet"
    return "values" if values.values else "pictures"


def _check(values: Namespace, kind: str) -> None:
    plane.check(values)
    if kind == "surfaces" and not values.labels:
        raise BadValue("Surfaces are those of labels.", "Give them with --labels.")
    if values.values and kind != "values":
        raise BadValue("--values are written into a folder.", "Give one with --output.")
    if not 0.1 <= values.scale <= 8:
        raise BadValue(f"--scale cannot be {values.scale:g}.", "It takes 0.1 to 8.")
    if values.columns < 1 or not 16 <= values.tile <= 4096:
        raise BadValue("A sheet has at least one column, and tiles of 16 to 4096 pixels.", "Change them.")
    if not values.replace and kind not in ("pictures", "values") and values.output.exists():
        raise BadValue(f"{values.output.name} is there already.", "Choose another name, or say --replace.")
    if kind == "values":
        check_values(As(values.values), values.format)


def _pictures(opened: Session, values: Namespace, kind: str, context: TaskContext) -> str:
    text = kind != "sheet" if values.text is None else values.text
    choice = Choice(
        Through(values.along),
        values.first,
        values.last,
        values.every,
        Sides(values.sides),
        Look(text=text, identity=values.identity),
        values.scale,
    )
    if kind == "values":
        choice = replace(choice, sides=Sides.ORIGINAL)
    leaving = Leaving.of(opened, choice)
    if kind == "values":
        how = As(values.values)
        return write_values(opened, leaving, values.output, how, values.format, values.replace, context)
    if kind == "movie":
        rate = values.rate or frame_rate(opened)
        return f"{write_film(leaving, values.output, rate, context)} pictures at {rate:g} a second."
    if kind == "sheet":
        return f"{write_sheet(leaving, values.output, values.columns, values.tile, context)} pictures."
    return f"{write_pictures(leaving, values.output, values.format, values.replace, context)} pictures."


def _grids(
    opened: Session,
    series: Series,
    index: int,
    group: LabelMap | None,
    values: Namespace,
    kind: str,
    context: TaskContext,
) -> str:
    if kind == "volume" or group is None:
        return write_volume(opened, series, index, values.output, values.along == "everything", context)
    if kind == "labels":
        return write_label_map(opened, series, index, group, values.output)
    files = write_label_surfaces(
        opened, series, index, group, group.labels, values.output, values.axes, 10, values.apart, context
    )
    return f"{len(files)} files." if len(files) > 1 else ""


def _labels(opened: Session, series: Series, index: int, values: Namespace, context: TaskContext) -> LabelMap:
    """Lay the labels of a file onto the series; nothing to undo, nothing to keep."""
    axes = values.axes if values.labels.suffix.lower() in SURFACES else "file"
    found = read_onto(opened, series, index, values.labels, values.table, axes, context)
    for sentence in found.words:
        output.remark(sentence)
    document = opened.state.document
    reading = document.reading(series.key)
    for group in found.groups:
        reading = with_group(reading, series, group)
    opened.store.set(replace(opened.state, document=document.with_reading(reading)))
    return found.groups[0]
