"""The numbers beside the pictures: which regions are told apart, and a table of it all in a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.command import command
from medviewer.session.number_words import csv_text, rows
from medviewer.session.numbers import answer, question, regions_on
from medviewer.session.session_type import Session


@command("numbers.region", title="Region of the contrast-to-noise ratio")
def region(session: Session, *, which: Literal["first", "second"] = "first", id: str = "") -> None:
    """Take a rectangle or an ellipse as one of the two regions that are told apart; "" takes the newest."""
    view = session.view
    if id and not any(one.id == id for one in regions_on(session, view.active)):
        raise BadValue("This region does not lie on the picture.", "Choose a rectangle or an ellipse on it.")
    first, second = view.regions
    # one region is not told apart from itself: the other place is free again
    if which == "first":
        first, second = id, "" if second == id else second
    else:
        first, second = "" if first == id else first, id
    session.change(lambda view: replace(view, regions=(first, second)))


@command("numbers.save", title="Save numbers")
def save(session: Session, *, path: Path) -> None:
    """Write the numbers of the active picture as a table in CSV; nothing in it says who the patient is."""
    path = Path(path)
    asked = question(session, session.view.active)
    if isinstance(asked, str):
        raise BadValue("There are no numbers to save.", asked)

    def work(context: TaskContext) -> None:
        text = csv_text(rows(answer(session, asked, context)))
        try:
            # with the mark by which spreadsheets know that it is UTF-8
            write_atomically(path, text.encode("utf-8-sig"))
        except OSError as error:
            raise FileTrouble(
                f"The numbers could not be written to {path.name}: {error.strerror}.",
                "Choose another folder.",
            ) from error

    session.submit(Task(work, failed=session.notify, lane=Lane.SOON))
