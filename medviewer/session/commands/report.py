"""Leaving with a report of the active study, and the reader's own words in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from medviewer.kit.errors import BadValue
from medviewer.kit.task import TaskContext
from medviewer.session.command import command
from medviewer.session.session_type import Session

LONGEST_WORDS = 20_000


@command("report.save", title="Save report")
def save(
    session: Session,
    *,
    path: Path,
    identity: Literal["none", "study", "patient"] = "none",
    shown: bool = True,
    key_pictures: bool = True,
    annotated: bool = True,
    measurements: bool = True,
    labels: bool = True,
    recipes: bool = True,
    models: bool = True,
    paper: Literal["A4", "Letter"] = "A4",
) -> str:
    """Write a report of the active study as PDF or HTML in the background; the answer is the job's key.

    Unless *identity* allows it nothing in it says who the patient is or when the examination was.
    """
    # few readers write reports: the others need not pay for it at start
    from medviewer.export.report.writing import check_ending, write_report  # noqa: PLC0415
    from medviewer.session.reporting.building import build, draft  # noqa: PLC0415
    from medviewer.session.reporting.order import Order  # noqa: PLC0415

    target = Path(path)
    check_ending(target)
    order = Order(identity, shown, key_pictures, annotated, measurements, labels, recipes, models)
    taken = draft(session, order)

    def work(context: TaskContext) -> Path:
        return write_report(build(session, taken, context), target, paper, context.check)

    def done(saved: Path) -> None:
        session.notify(f"Saved {saved.name}.", str(saved.parent), is_error=False)

    return str(session.jobs.start(f"Writing {target.name}", work, done, kind="report"))


@command("report.words", title="Words for the report")
def words(session: Session, *, text: str, series: str = "") -> None:
    """Say something of a series, the active one unless told otherwise; it is kept, and stands in reports."""
    key = series or session.view.current.series
    if key is None or session.series(key) is None:
        raise BadValue("There is no series to say something of.", "Open a study first.")
    if len(text) > LONGEST_WORDS:
        raise BadValue("These words are too long to be kept.", f"{LONGEST_WORDS:,} letters are the most.")
    lines = tuple(text.splitlines())
    session.edit(
        "Words for the report",
        lambda document: (
            document
            if document.reading(key).words == lines
            else document.with_reading(replace(document.reading(key), words=lines))
        ),
        merge=("words", key),
    )
