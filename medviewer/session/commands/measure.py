"""What lengths are told by where the file does not say it, and a table of all that was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from medviewer.core.study import Series
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext
from medviewer.session.command import command
from medviewer.session.drawn import lying_on
from medviewer.session.measuring import calibrating
from medviewer.session.measuring.changing import found
from medviewer.session.session_type import Session


@command("measure.calibrate", title="Calibrate by hand")
def calibrate(
    session: Session,
    *,
    millimetres: Annotated[float, Slider(0.001, 10_000, 0.1, "Real length", "mm")],
    id: str = "",
    where: Literal["picture", "series"] = "picture",
) -> None:
    """Say how long a drawn length really is; lengths on its picture or series are told by that from then on.

    Refused where the file says how large a pixel is in the patient. Nothing of it is written into any file
    as if that had said it.
    """
    key, line = found(session, id)
    series = session.series(key)
    there = None if series is None else lying_on(session, series, line)
    if series is None or there is None:
        raise BadValue("This length lies on no picture that is open.", "Open its study first.")
    plane = session.rendering.plane(there)
    reason = calibrating.why_not(plane)
    if reason or plane is None or there.cut is not None:
        raise BadValue(f"This picture cannot be calibrated by hand. {reason}".strip(), "")
    width = calibrating.width_by(line, plane, millimetres)
    calibrating.calibrated(session, series, there.index, width, where)


@command("measure.uncalibrate", title="Remove calibration by hand", menu="Annotate")
def uncalibrate(session: Session, *, where: Literal["picture", "series"] = "series") -> None:
    """Forget what was said of the active picture, or of all pictures of its series."""
    series = _active(session)
    if not session.state.document.reading(series.key).scales:
        raise BadValue("Nothing was calibrated by hand here.", "")
    calibrating.removed(session, series, min(session.view.current.index, series.count - 1), where)


@command("measure.export", title="Export measurements")
def export(
    session: Session, *, path: Path, scope: Literal["series", "all"] = "all", identity: bool = False
) -> str:
    """Write what was measured as a table, .csv or .xlsx; nothing in it says who the patient is unless asked.

    The answer is the key of the job.
    """
    # nobody who writes no table needs what writes one
    from medviewer.export.tables import write_table  # noqa: PLC0415  (XlsxWriter)
    from medviewer.session.measuring import table  # noqa: PLC0415  (with what it writes)

    target = Path(path)
    taken = table.rows(session, table.keys_of(session, scope))
    if not taken:
        raise BadValue("There are no measurements to export.", "Draw some first.")
    columns = (*(table.IDENTITY if identity else ()), *table.COLUMNS)

    def work(context: TaskContext) -> Path:
        write_table(target, columns, table.table(session, taken, identity, context))
        return target

    def done(written: Path) -> None:
        session.notify(f"Measurements are in {written.name}.", is_error=False)

    return str(session.jobs.start(f"Writing {target.name}", work, done, kind="export"))


def _active(session: Session) -> Series:
    series = session.series(session.view.current.series)
    if series is None or not series.count:
        raise BadValue("There is no picture.", "Open a study first.")
    return series
