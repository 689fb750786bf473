"""The labels of a series in numbers, as a table in a file."""

from __future__ import annotations

from pathlib import Path

from medviewer.kit.errors import BadValue
from medviewer.kit.task import TaskContext
from medviewer.session.command import command
from medviewer.session.session_type import Session


@command("labels.save_numbers", title="Save the numbers of labels")
def save_numbers(session: Session, *, path: Path) -> str:
    """Write volume, values and size of all labels of the series as .csv or .xlsx, without the patient's name.

    The answer is the key of the job.
    """
    series = session.series(session.view.current.series)
    reading = None if series is None else session.state.document.reading(series.key)
    if series is None or reading is None or not any(one.labels for one in reading.groups):
        raise BadValue("There are no labels on this series.", "Paint or segment something first.")
    wanted = tuple((group, label) for group in reading.groups for label in group.labels)
    index, scales = session.view.current.index, reading.scales

    def work(context: TaskContext) -> None:
        # writing tables, and what counts, are needed by few: they are loaded when they are
        from medviewer.export.tables import write_table  # noqa: PLC0415  (see above)
        from medviewer.session.segmenting.numbers import numbers, rows  # noqa: PLC0415  (see above)

        columns, *lines = rows(numbers(session, series, index, wanted, context, scales))
        write_table(path, [str(one) for one in columns], lines)

    return str(session.jobs.start(f"Numbers of labels to {path.name}", work, kind="label numbers"))
