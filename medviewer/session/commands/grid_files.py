"""Files that other programs for research read: volumes, label maps and surfaces, out and in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from medviewer.core.study import Series
from medviewer.imaging.files.names import GRIDS, SURFACES
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider, Words
from medviewer.kit.task import TaskContext
from medviewer.session.command import command
from medviewer.session.commands.labels import group_of
from medviewer.session.keeping.packing import pack_ahead
from medviewer.session.session_type import Session

if TYPE_CHECKING:
    from medviewer.session.exporting.label_in import Found

Axes = Annotated[
    Literal["LPS", "RAS"], Words("Axes", "left-posterior-head as in DICOM, or right-anterior-head")
]


@command("volume.export", title="Export volume")
def export_volume(session: Session, *, path: Path, every_value: bool = False) -> str:
    """Write the values of the active series as NIfTI or NRRD, placed in the patient; gives the job's key.

    *every_value* writes all times, phases or b-values as a fourth axis. No patient is named in the file.
    """
    target, series = _target(path, GRIDS), _active(session)
    index = session.view.current.index

    def work(context: TaskContext) -> str:
        # here and below: nobody who only looks at pictures pays for what reads and writes such files
        from medviewer.session.exporting.grids import write_volume  # noqa: PLC0415

        return write_volume(session, series, index, target, every_value, context)

    return _start(session, f"Exporting {target.suffix[1:]} volume", work, target)


@command("labels.export", title="Export labels")
def export_labels(session: Session, *, path: Path, group: str = "") -> str:
    """Write a group of labels as NIfTI or NRRD; gives the job's key.

    NRRD names its segments as 3D Slicer reads them; beside NIfTI stands a table of names.
    """
    target, series = _target(path, GRIDS), _active(session)
    index, found = session.view.current.index, group_of(session, group)[1]

    def work(context: TaskContext) -> str:
        from medviewer.session.exporting.grids import write_label_map  # noqa: PLC0415

        context.report(None, f"Writing {target.name}")
        return write_label_map(session, series, index, found, target)

    return _start(session, "Exporting labels", work, target)


@command("labels.surface_file", title="Export labels as surfaces")
def export_surfaces(
    session: Session,
    *,
    path: Path,
    value: int = 0,
    group: str = "",
    axes: Axes = "LPS",
    smooth: Annotated[int, Slider(0, 50, step=1)] = 10,
    apart: bool = False,
) -> str:
    """Write labels as closed surfaces in patient millimetres, STL or PLY; gives the job's key.

    Without a *value* all visible labels of the group, *apart* each in a file of its own. Programs that want
    right and anterior as positive take the *axes* RAS.
    """
    target, series = _target(path, SURFACES), _active(session)
    index, found = session.view.current.index, group_of(session, group)[1]
    wanted = tuple(one for one in found.labels if one.value == value or (not value and one.visible))
    if not wanted:
        raise BadValue("There is no such label to be seen.", "Show one first.")

    def work(context: TaskContext) -> str:
        from medviewer.session.exporting.surfaces import write_label_surfaces  # noqa: PLC0415

        files = write_label_surfaces(
            session, series, index, found, wanted, target, axes, smooth, apart, context
        )
        return f"{len(files)} files." if len(files) > 1 else ""

    return _start(session, "Exporting surfaces", work, target)


@command("labels.import", title="Import labels")
def import_labels(
    session: Session,
    *,
    path: Path,
    table: Path | None = None,
    axes: Literal["file", "LPS", "RAS"] = "file",
) -> str:
    """Lay a label map (NIfTI, NRRD) or closed surface (STL, PLY) onto the series; gives the job's key.

    They are put where the file says they lie. Names come from the file, from *table*, or from one beside it.
    *axes* are those of a surface, unless its file says them.
    """
    source, series = Path(path), _active(session)
    index = session.view.current.index

    def work(context: TaskContext) -> Found:
        from medviewer.session.exporting.label_in import read_onto  # noqa: PLC0415

        found = read_onto(session, series, index, source, table, axes, context)
        for one in found.groups:
            pack_ahead(one.slices)  # the window would wait for it when the journal takes this
        return found

    def done(found: Found) -> None:
        _take(session, series, found, source)

    return str(session.jobs.start(f"Importing {source.name}", work, done, kind="import"))


def _take(session: Session, series: Series, found: Found, source: Path) -> None:
    """Put groups that were read onto their series, above the others."""
    from medviewer.session.segmenting.making import with_group  # noqa: PLC0415

    now = session.series(series.key)
    if now is None or now.frames != series.frames:
        session.notify(f"{source.name} was not imported: the series has changed.", "Import it again.")
        return
    reading = session.state.document.reading(series.key)
    for group in found.groups:
        reading = with_group(reading, now, group)
    session.edit("Import labels", lambda document: document.with_reading(reading))
    first = found.groups[0]
    if session.view.current.series == series.key:
        session.change(lambda view: replace(view, group=first.id, label=first.labels[0].value))
    count = sum(len(one.labels) for one in found.groups)
    told = f"{count} {'label' if count == 1 else 'labels'} out of {source.name}."
    session.notify(told, " ".join(found.words), is_error=False)


def _active(session: Session) -> Series:
    series = session.series(session.view.current.series)
    if series is None or not series.count:
        raise BadValue("There is no series to work on.", "Open a study first.")
    return series


def _target(path: Path, endings: tuple[str, ...]) -> Path:
    if not str(path).lower().endswith(endings):
        raise BadValue(f"{Path(path).name} has another ending.", f"Choose {', '.join(endings)}.")
    return Path(path)


def _start(session: Session, title: str, work: Callable[[TaskContext], str], target: Path) -> str:
    def done(told: str) -> None:
        session.notify(f"Saved {target.name}.", told or str(target.parent), is_error=False)

    return str(session.jobs.start(title, work, done, kind="export"))
