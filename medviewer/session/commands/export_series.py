"""Leaving with many pictures: one by one, as a movie, on one sheet, or as the values themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider, Words
from medviewer.kit.task import TaskContext
from medviewer.session.command import command
from medviewer.session.session_type import Session

if TYPE_CHECKING:
    from medviewer.session.exporting.out import Leaving

Along = Annotated[
    Literal["places", "values", "everything"],
    Words("Along", "the stack, the times, phases or b-values at one place, or both"),
]
"""Which pictures follow one another."""
First = Annotated[int, Slider(1, 100_000, step=1)]
Last = Annotated[int, Slider(0, 100_000, step=1)]
Step = Annotated[int, Slider(1, 50, step=1)]
Rendering = Annotated[
    Literal["shown", "original", "beside", "in turn"],
    Words("Pictures", "as shown, untouched, both beside each other, or one after the other"),
]
Size = Annotated[float, Slider(0.1, 8)]


@command("export.slices", title="Export series as pictures")
def slices(
    session: Session,
    *,
    folder: Path,
    format: Literal["png", "jpeg", "tiff"] = "png",
    through: Along = "places",
    first: First = 1,
    last: Last = 0,
    step: Step = 1,
    sides: Rendering = "shown",
    annotations: bool = True,
    overlay: bool = True,
    text: bool = True,
    identity: bool = False,
    scale: Size = 1.0,
    as_on_screen: bool = False,
    instead: bool = False,
) -> str:
    """Write pictures of the active series into a folder, whole or not at all; the answer is the job's key.

    Pictures are counted from 1; a *last* of 0 is the last there is. Nothing says who the patient is unless
    *identity* is asked for. *instead* of files of the same names, if any.
    """
    leaving = _leaving(
        session,
        (through, first, last, step),
        (annotations, overlay, text, identity),
        sides,
        scale,
        as_on_screen,
    )

    def work(context: TaskContext) -> str:
        from medviewer.session.exporting.out import write_pictures  # noqa: PLC0415

        return _counted(write_pictures(leaving, Path(folder), format, instead, context))

    return _start(session, f"Exporting {_counted(len(leaving.takings))}", work, Path(folder))


@command("export.movie", title="Export series as a movie")
def movie(
    session: Session,
    *,
    path: Path,
    rate: Annotated[float, Slider(0, 60, unit="/s")] = 0.0,
    through: Along = "places",
    first: First = 1,
    last: Last = 0,
    step: Step = 1,
    sides: Rendering = "shown",
    annotations: bool = True,
    overlay: bool = True,
    text: bool = True,
    identity: bool = False,
    scale: Size = 1.0,
    as_on_screen: bool = False,
) -> str:
    """Write pictures of the active series as an MP4 movie or an animated GIF; the answer is the job's key.

    A *rate* of 0 is that of the file, else that of cine. Nothing says who the patient is unless *identity* is
    asked for.
    """
    from medviewer.session.exporting.roll import frame_rate  # noqa: PLC0415

    target = _ending(path, (".mp4", ".gif"), "A movie is an .mp4 or a .gif file.")
    leaving = _leaving(
        session,
        (through, first, last, step),
        (annotations, overlay, text, identity),
        sides,
        scale,
        as_on_screen,
    )
    speed = rate or frame_rate(session)

    def work(context: TaskContext) -> str:
        from medviewer.session.exporting.out import write_film  # noqa: PLC0415

        return f"{_counted(write_film(leaving, target, speed, context))} at {speed:g} a second"

    return _start(session, f"Exporting {target.suffix[1:].upper()} movie", work, target)


@command("export.contact_sheet", title="Export series on one sheet")
def contact_sheet(
    session: Session,
    *,
    path: Path,
    columns: Annotated[int, Slider(1, 20, step=1)] = 5,
    tile: Annotated[int, Slider(64, 1024, step=16, unit="px")] = 256,
    through: Along = "places",
    first: First = 1,
    last: Last = 0,
    step: Step = 1,
    sides: Rendering = "shown",
    annotations: bool = True,
    overlay: bool = True,
    text: bool = False,
    identity: bool = False,
    as_on_screen: bool = False,
) -> str:
    """Write pictures of the active series on one sheet, numbered, as PNG, JPEG or TIFF; gives the job's key.

    Each of them is *tile* pixels wide. Nothing says who the patient is unless *identity* is asked for.
    """
    target = _ending(path, (".png", ".jpg", ".jpeg", ".tif", ".tiff"), "A sheet is PNG, JPEG or TIFF.")
    leaving = _leaving(
        session,
        (through, first, last, step),
        (annotations, overlay, text, identity),
        sides,
        1.0,
        as_on_screen,
    )

    def work(context: TaskContext) -> str:
        from medviewer.session.exporting.out import write_sheet  # noqa: PLC0415

        return f"{_counted(write_sheet(leaving, target, columns, tile, context))} on one sheet"

    return _start(session, "Exporting contact sheet", work, target)


@command("export.values", title="Export the values of a series")
def values(
    session: Session,
    *,
    folder: Path,
    numbers: Literal["16 bits", "stored", "float"] = "16 bits",
    format: Literal["png", "tiff"] = "tiff",
    through: Along = "places",
    first: First = 1,
    last: Last = 0,
    step: Step = 1,
    instead: bool = False,
) -> str:
    """Write the data themselves, picture by picture, and values.json that says how to read them.

    In 16 bits with one slope and intercept for the series, exactly as stored in the file, or as 32-bit float.
    The answer is the job's key.
    """
    from medviewer.session.exporting.values import As, check_values  # noqa: PLC0415

    leaving = _leaving(session, (through, first, last, step), (False,) * 4, "original")
    how = As(numbers)
    check_values(how, format)

    def work(context: TaskContext) -> str:
        from medviewer.session.exporting.values import write_values  # noqa: PLC0415

        said = write_values(session, leaving, Path(folder), how, format, instead, context)
        return f"{_counted(len(leaving.takings))}. {said}"

    return _start(session, f"Exporting values of {_counted(len(leaving.takings))}", work, Path(folder))


def _leaving(
    session: Session,
    along: tuple[str, int, int, int],
    look: tuple[bool, ...],
    sides: str,
    scale: float = 1.0,
    as_on_screen: bool = False,
) -> Leaving:
    """The pictures that are asked for: (through, first, last, step) with the parts of a `Look`."""
    # with what composes pictures away from the screen: nobody waits for it at start
    from medviewer.session.exporting.out import Leaving  # noqa: PLC0415
    from medviewer.session.exporting.roll import Choice, Sides, Through  # noqa: PLC0415
    from medviewer.session.pictures import Look  # noqa: PLC0415

    through, first, last, step = along
    choice = Choice(Through(through), first, last, step, Sides(sides), Look(*look), scale, as_on_screen)
    return Leaving.of(session, choice)


def _start(session: Session, title: str, work: Callable[[TaskContext], str], target: Path) -> str:
    def done(told: str) -> None:
        session.notify(f"Saved {target.name}: {told.rstrip('.')}.", str(target.parent), is_error=False)

    def stopped() -> None:
        session.notify("Stopped: nothing was written.", is_error=False)

    return str(session.jobs.start(title, work, done, kind="export", stopped=stopped))


def _ending(path: Path, endings: tuple[str, ...], words: str) -> Path:
    if Path(path).suffix.lower() not in endings:
        raise BadValue(f"{Path(path).name} has another ending. {words}", f"Choose {', '.join(endings)}.")
    return Path(path)


def _counted(number: int) -> str:
    return f"{number:,} {'picture' if number == 1 else 'pictures'}"
