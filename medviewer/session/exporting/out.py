"""Pictures of a series on the disk: one by one, as a movie, on one sheet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace as replaced
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medviewer.export.centred import centred
from medviewer.export.exporter import EXPORTERS
from medviewer.export.folder import check_room, whole_folder
from medviewer.export.movie import write_movie
from medviewer.export.pen import draw
from medviewer.export.picture import write_picture
from medviewer.imaging.shapes import Words
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.exporting.elsewhere import Elsewhere
from medviewer.session.exporting.roll import Choice, Taking, composed, roll, size_of
from medviewer.session.noted import PICTURE

if TYPE_CHECKING:
    from medviewer.session.session import Session

LARGEST_SHEET_PX = 20_000
"""A side of a contact sheet."""
SHEET_GAP_PX, SHEET_GREY = 4, 24
SMALLEST_NUMBER_PX = 11.0
NUMBER_SHARE = 0.09
"""How high the number on a tile is, of its side."""
SHARES = {"png": 0.5, "tiff": 0.7, "jpeg": 0.15, "mp4": 0.02, "gif": 0.15}
"""Bytes of a file per byte of its RGB pixels, roughly, of pictures as radiology has them."""


@frozen
class Leaving:
    """Pictures that were chosen, and all that decides how they look, as it was then."""

    elsewhere: Elsewhere
    takings: tuple[Taking, ...]
    choice: Choice
    sources: tuple[str, ...] = ()
    """the files that they come from"""

    @classmethod
    def of(cls, session: Session, choice: Choice) -> Leaving:
        """What *choice* names, on the main thread. Raises BadValue."""
        series = session.series(session.view.current.series)
        sources = () if series is None else tuple({one.path for one in series.instances})
        return cls(_elsewhere(session, choice), roll(session, choice), choice, sources)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the first picture."""
        return size_of(self.elsewhere, self.takings[0], self.choice)

    def bytes(self, kind: str) -> int:
        """How large files of a *kind* in SHARES will be, about."""
        height, width = self.size
        return round(len(self.takings) * height * width * 3 * SHARES[kind])

    def pictures(self, context: TaskContext) -> Iterator[tuple[Taking, NDArray[np.uint8], str]]:
        """Each composed in turn, with what its file says of it, telling how far it is."""
        count = len(self.takings)
        for done, taking in enumerate(self.takings):
            context.report(done / count, f"Picture {done + 1} of {count}")
            yield taking, *composed(self.elsewhere, taking, self.choice, context)


def write_pictures(
    leaving: Leaving, folder: Path, format: str, replace: bool, context: TaskContext, quality: int = 95
) -> int:
    """Each in a file of its own; how many there are. Slow. Raises ExportTrouble, FileTrouble, Cancelled."""
    check_room(folder, leaving.bytes(format))
    ending = EXPORTERS[format].endings[0]
    options = {"quality": quality} if format == "jpeg" else {}
    with whole_folder(folder, replace, leaving.sources) as filling:
        for taking, picture, note in leaving.pictures(context):
            write_picture(picture, filling / f"{taking.name}{ending}", note, **options)
        context.check()
    return len(leaving.takings)


def write_film(leaving: Leaving, path: Path, rate: float, context: TaskContext) -> int:
    """All in one .mp4 or .gif; how many there are. Slow. Raises ExportTrouble, FileTrouble, Cancelled."""
    check_room(path.parent, leaving.bytes(path.suffix[1:].lower() if path.suffix else "mp4"))
    sizes = [size_of(leaving.elsewhere, taking, leaving.choice) for taking in leaving.takings]
    size = (max(height for height, _ in sizes), max(width for _, width in sizes))
    # a GIF is written when its last picture is there
    share = context.part(0, 0.5) if path.suffix.lower() == ".gif" else context
    pictures = (picture for _, picture, _ in leaving.pictures(share))
    return write_movie(pictures, path, size, rate, context.check)


def write_sheet(leaving: Leaving, path: Path, columns: int, tile: int, context: TaskContext) -> int:
    """All on one picture, *columns* beside each other, each with its number and *tile* pixels wide.

    Slow. Raises BadValue, ExportTrouble, FileTrouble, Cancelled.
    """
    whole = sheet(leaving, columns, tile, context)
    write_picture(whole, path, f"{PICTURE}; {len(leaving.takings)} pictures on one sheet")
    return len(leaving.takings)


def sheet(leaving: Leaving, columns: int, tile: int, context: TaskContext) -> NDArray[np.uint8]:
    """The pixels of a contact sheet, (row, column, 3) RGB. Raises BadValue where it would be too large."""
    height, width = leaving.size
    high = max(round(tile * height / width), 1)
    columns = min(columns, len(leaving.takings))
    rows = math.ceil(len(leaving.takings) / columns)
    step = (high + SHEET_GAP_PX, tile + SHEET_GAP_PX)
    shape = (rows * step[0] + SHEET_GAP_PX, columns * step[1] + SHEET_GAP_PX, 3)
    if max(shape) > LARGEST_SHEET_PX:
        raise BadValue(
            f"This sheet would have {shape[1]:,} x {shape[0]:,} pixels.", "Choose fewer or smaller pictures."
        )
    whole = np.full(shape, SHEET_GREY, np.uint8)
    # composed in the size of a tile, so that lines and words stay as sharp as on the screen
    small = replaced(leaving, choice=replaced(leaving.choice, scale=leaving.choice.scale * tile / width))
    size = max(NUMBER_SHARE * min(high, tile), SMALLEST_NUMBER_PX)
    for at, (taking, picture, _) in enumerate(small.pictures(context)):
        shown = centred(picture, (high, tile)).copy()
        draw(shown, [Words(size / 3, high - size / 3, _number(taking), anchor=(0.0, 1.0), size=size)])
        top, left = (SHEET_GAP_PX + place * one for place, one in zip(divmod(at, columns), step, strict=True))
        whole[top : top + high, left : left + tile] = shown
    return whole


def _number(taking: Taking) -> str:
    """What stands on a tile: its number, and what else its name says."""
    head, _, tail = taking.name.partition(f"{taking.number:04d}")
    return f"{head}{taking.number}{tail.replace('-1-', ' ').replace('-2-', ' ')}"


def _elsewhere(session: Session, choice: Choice) -> Elsewhere:
    canvas: Mapping[int, tuple[int, int]] = session.canvas if choice.as_on_screen else {}
    return Elsewhere(session, canvas)
