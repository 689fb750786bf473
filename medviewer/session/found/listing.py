"""The objects of a study as a list shows them, and which of its series are then nothing but those objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import StudyObject
from medviewer.core.study import Series, Study
from medviewer.kit.frozen import frozen
from medviewer.session.found.switching import can_show, is_shown

if TYPE_CHECKING:
    from medviewer.session.session import Session


@frozen
class Listed:
    """One line of the list."""

    found: StudyObject
    shown: bool | None
    """whether it is to be seen; None where nothing of it can be"""
    missing: str = ""
    """how many of its pictures are not open"""
    is_own: bool = False
    """whether all of it is part of the work that is open here"""

    @property
    def what(self) -> str:
        """What it is, and at which time of its day it was made: that tells it from others of the day."""
        return ", ".join(filter(None, (self.found.what or self.found.kind.value, self._time)))

    @property
    def about(self) -> str:
        """When and by whom it was made."""
        day = self.found.when
        date = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdigit() else day
        who = f"AI: {self.found.made_by}" if self.found.is_automatic else self.found.made_by
        return "  ".join(filter(None, (date, "part of your work here" if self.is_own else who)))

    @property
    def _time(self) -> str:
        time = self.found.time[:4]
        return f"{time[:2]}:{time[2:]}" if len(time) == 4 and time.isdigit() else ""

    @property
    def words(self) -> str:
        """All of it, for those who hear it."""
        state = {True: "shown", False: "hidden", None: ""}[self.shown]
        parts = (f"{self.found.kind.value} {self.found.label}", self.about, self._time, state, self.missing)
        return ". ".join(filter(None, (*parts, *self.found.remarks)))


def listed(session: Session, study: Study) -> tuple[Listed, ...]:
    """The objects of a study in the order of its series."""
    keys = {series.key: at for at, series in enumerate(study.series)}
    own = [one for one in session.objects.every if one.series in keys]
    return tuple(_listed(session, one) for one in sorted(own, key=lambda one: keys[one.series]))


def is_listed_apart(session: Session, series: Series) -> bool:
    """Whether a series is listed as objects only: their pictures are open, or it has none itself."""
    own = [one for one in session.objects.every if one.series == series.key]
    if not own or any(one.kind is ObjectKind.MAP for one in own):
        return False
    return not series.count or any(session.objects.places.of(one.pictures) for one in own)


def _listed(session: Session, found: StudyObject) -> Listed:
    own = session.objects.is_own(found)
    shown = is_shown(session.state, found) if can_show(found) and not own else None
    return Listed(found, shown, session.objects.missing_words(found), own)
