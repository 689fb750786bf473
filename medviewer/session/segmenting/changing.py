"""Labels changed through all their slices: worked out in the background, one undo when it is done."""

from __future__ import annotations

from collections.abc import Callable

from medviewer.core.labels import LabelMap
from medviewer.core.study import SeriesKey
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.task import Lane, TaskContext
from medviewer.session.keeping.packing import pack_ahead
from medviewer.session.session_type import Session
from medviewer.session.state import Reading

JOB = "labels"


@frozen(eq=False)
class Plan:
    """What becomes of a reading as it is now."""

    words: str
    """what undo calls it"""
    make: Callable[[TaskContext], Reading]
    """the changed reading; a worker calls it"""
    done: Callable[[], object] | None = None
    """called when it is in place"""


def carry_out(session: Session, key: SeriesKey, plan: Callable[[Reading], Plan]) -> None:
    """Do what *plan* makes of the reading of a series. Raises BadValue where it says that this cannot be.

    A reading that has changed meanwhile is planned for again: nothing that was done to it is lost.
    """
    before = session.state.document.reading(key)
    planned = plan(before)

    def work(context: TaskContext) -> Reading:
        after = planned.make(context)
        known = {one.id: one for one in before.groups}
        for group in after.groups:
            _pack(known.get(group.id), group)  # the window would wait for it when the journal takes this
        return after

    def done(after: Reading) -> None:
        if session.state.document.readings.get(key) is not before:
            try:
                carry_out(session, key, plan)
            except BadValue as trouble:
                session.notify(trouble)
            return
        session.edit(planned.words, lambda document: document.with_reading(after))
        if planned.done is not None:
            planned.done()

    # whoever empties a label does not wait for a model that runs for minutes in the long lane
    session.jobs.start(planned.words, work, done, kind=JOB, lane=Lane.SOON)


def _pack(before: LabelMap | None, after: LabelMap) -> None:
    known = () if before is None else before.slices
    old = {id(values) for values in known}
    pack_ahead(values for values in after.slices if id(values) not in old)
