"""``medviewer render``: one picture, as the window shows it or exactly its pixels."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medviewer.cli import against, desk, output, plane
from medviewer.cli.arguments import add_look, add_path, add_series
from medviewer.core.fusion import Fusion
from medviewer.export.exporter import for_path
from medviewer.export.picture import write_picture
from medviewer.imaging.colormaps import color_maps
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.errors import BadValue
from medviewer.session.networks import PREFIX
from medviewer.session.session import Session

SMALLEST, LARGEST = 0.1, 8.0


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    parser.add_argument(
        "-o", "--output", metavar="OUT.png", type=Path, required=True, help="a .png, .jpg or .tif file"
    )
    add_series(parser)
    parser.add_argument(
        "--frame",
        metavar="N",
        type=int,
        default=0,
        help="the picture's number in the series, counted from 0 in the order in the patient; -1 is the last",
    )
    plane.add_plane(parser)
    add_look(parser)
    _add_colors(parser)
    against.add_against(parser)
    parser.add_argument(
        "--raw",
        action="store_true",
        help="exactly the picture's pixels in 8 bits, with nothing written on it",
    )
    parser.add_argument(
        "--scale",
        metavar="S",
        type=float,
        default=1.0,
        help=f"size of the picture, {SMALLEST} to {LARGEST:g}",
    )
    parser.epilog = epilog()


def _add_colors(parser: ArgumentParser) -> None:
    known = ", ".join(one.name for one in color_maps())
    default = Fusion("")
    parser.add_argument("--colors", metavar="MAP", default="", help=f"a colour map: {known}")
    parser.add_argument(
        "--fuse",
        metavar="UID",
        default="",
        help="lay another series of the same frame of reference over the picture, by its UID or its key",
    )
    parser.add_argument(
        "--fuse-colors",
        metavar="MAP",
        default=default.colors,
        help=f"its colour map; {default.colors} unless given",
    )
    parser.add_argument(
        "--fuse-opacity",
        metavar="SHARE",
        type=float,
        default=default.opacity,
        help=f"how much it hides of the picture below, 0 to 1; {default.opacity:g} unless given",
    )
    parser.add_argument(
        "--fuse-value",
        metavar="N",
        type=int,
        default=1,
        help="which of its times, phases or b-values is seen; the first unless given",
    )
    parser.add_argument(
        "--fuse-window",
        metavar="C,W",
        default="",
        help="its centre and width in its own unit; without it the file's own, or one from all its values",
    )


def epilog() -> str:
    """The enhancements with their parameters and limits."""
    lines = ["enhancements for --step:"]
    for operation in ENHANCEMENTS:
        words = ", ".join(f"{one.name}={one.default} ({one.limits()})" for one in operation.parameters)
        lines.append(f"  {operation.name:12} {operation.title}" + (f": {words}" if words else ""))
    # which there are, only `medviewer models` reads: large files take a moment
    words = "a network of medviewer models whose task is enhancement: strength=1.0 (from 0 to 1)"
    lines.append(f"  {PREFIX}NAME {words}")
    return "\n".join(lines)


def run(values: Namespace) -> int:
    """Write the picture."""
    if values.raw and values.scale != 1:
        raise BadValue("--raw is always 1:1, so it takes no --scale.", "Leave one of them out.")
    if not SMALLEST <= values.scale <= LARGEST:
        raise BadValue(f"--scale cannot be {values.scale:g}.", f"It takes {SMALLEST} to {LARGEST:g}.")
    plane.check(values)
    for_path(values.output)  # a wrong ending is told before the work, not after
    pixels, note = picture(values)
    write_picture(pixels, values.output, note)
    return 0


def picture(values: Namespace) -> tuple[NDArray[np.uint8], str]:
    """The finished pixels, and what their file says of them. Raises FileTrouble, BadValue."""
    found = desk.contents(values.path)
    series = desk.chosen(found, values.path, values.series)
    index = desk.frame_number(series, values.frame)
    pipeline = desk.look(values.step, values.recipe, series if values.default else None)
    with desk.session(found) as opened:
        desk.put(opened, series, pipeline)
        for sentence in opened.frames.load(series.key, index).remarks:
            output.remark(sentence)

        def lay() -> None:
            _lay(opened, found, values)
            against.show(opened, found, values)

        if values.raw:
            return desk.raw(opened, series, index, values.window, lay), f"{desk.note(opened)}; pixels 1:1"
        pixels = desk.composed(opened, series, index, values.window, values.scale, lay)
        return pixels, desk.note(opened)


def _lay(opened: Session, found: desk.Contents, values: Namespace) -> None:
    """Cut a plane, put the picture into colours and another series over it, as asked for. Raises BadValue."""
    plane.show(opened, values)
    if values.colors:
        opened.run("view.colors", name=values.colors)
    if not values.fuse:
        return
    above = desk.chosen(found, values.path, values.fuse)
    opened.run("fusion.set", series=above.key, colors=values.fuse_colors, opacity=values.fuse_opacity)
    if values.fuse_value != 1:
        opened.run("fusion.value", number=values.fuse_value)
    voi = desk.window(opened, above, above.count // 2, values.fuse_window)
    if voi.is_known:
        opened.run("fusion.window", center=voi.center, width=voi.width)
