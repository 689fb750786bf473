"""A report of one study: taken on the main thread as values, made into words and pictures by a worker."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import medviewer
from medviewer.core.study import Study
from medviewer.export.report.content import Report, Table
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.reporting.facts import name_of, study_facts, told
from medviewer.session.reporting.label_rows import LabelWork, label_table, label_work
from medviewer.session.reporting.measurement_rows import MeasureWork, measure_work, measurement_table
from medviewer.session.reporting.order import Identity, Order
from medviewer.session.reporting.pictures import Taken, drawn_on, shot, taken
from medviewer.session.reporting.recipe_rows import model_table, recipe_table

if TYPE_CHECKING:
    from medviewer.session.session import Session

TITLE = "Report"


@frozen
class Draft:
    """Everything that decides a report, before anything is decoded."""

    facts: tuple[tuple[str, str], ...]
    words: str
    pictures: tuple[Taken, ...]
    measurements: tuple[MeasureWork, ...]
    labels: tuple[LabelWork, ...]
    tables: tuple[Table, ...]
    """those that need no pixels: recipes, what models said"""
    made: str


def draft(session: Session, order: Order) -> Draft:
    """What a report of the active study will say. Main thread, quick. Raises BadValue without a study."""
    study = session.study_of(session.view.current.series)
    if study is None:
        raise BadValue("There is no study to report on.", "Open a study first.")
    drawn = drawn_on(session, study)
    pictures = taken(session, study, order, drawn)
    tables = [
        recipe_table(session, study, pictures) if order.recipes else None,
        model_table(session, study, pictures) if order.models else None,
    ]
    return Draft(
        facts=study_facts(study, order.identity),
        words=_words(session, study, order.identity),
        pictures=pictures,
        measurements=measure_work(session, drawn, pictures, order.identity) if order.measurements else (),
        labels=label_work(session, study, order.identity) if order.labels else (),
        tables=tuple(one for one in tables if one is not None),
        made=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z").strip(),
    )


def build(session: Session, taken: Draft, context: TaskContext) -> Report:
    """The report; slow, workers call it. Raises FileTrouble, SeriesTrouble."""
    rendering, steps = session.rendering, len(taken.pictures) + len(taken.labels) + 1
    pictures = []
    for number, one in enumerate(taken.pictures):
        context.report(number / steps, f"Picture {number + 1} of {len(taken.pictures)}")
        pictures.append(shot(rendering, one, context))
    context.report(len(pictures) / steps, "Measuring")
    measurements = measurement_table(session, taken.measurements, context)
    labels = label_table(session, taken.labels, context)
    tables = (measurements, labels, *taken.tables)
    return Report(
        title=TITLE,
        facts=taken.facts,
        words=taken.words,
        pictures=tuple(pictures),
        tables=tuple(one for one in tables if one is not None),
        program=f"medviewer {medviewer.__version__}",
        made=taken.made,
    )


def _words(session: Session, study: Study, identity: Identity) -> str:
    """The reader's own words on all series of the study, each series named where there are several."""
    document = session.state.document
    said = [(one, "\n".join(document.reading(one.key).words).strip()) for one in study.series]
    said = [(one, words) for one, words in said if words]
    if len(said) == 1:
        return said[0][1]
    return "\n\n".join(f"{name_of(told(one, identity))}: {words}" for one, words in said)
