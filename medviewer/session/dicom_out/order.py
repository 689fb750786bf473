"""What is to be saved as DICOM, and how much of it there is."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from medviewer.core.finding import State
from medviewer.core.labels import LabelMap
from medviewer.core.study import Series, Study
from medviewer.imaging.files.names import GRID
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.session.found.tracked import in_force
from medviewer.session.session_type import Session
from medviewer.session.state import Picture, Reading

Scope = Literal["series", "study"]
NO_DICOM = "A NIfTI or NRRD file names no patient and no study that DICOM objects could belong to."
FORMS = ("binary", "fractional", "labelmap")
TITLES = (
    "interest",
    "teaching",
    "referring",
    "surgery",
    "conference",
    "research",
    "report",
    "quality",
    "rejected",
)


@frozen
class Order:
    """What is to be saved where."""

    segmentation: bool = True
    measurements: bool = True
    presentation: bool = False
    key_pictures: bool = False
    picture: bool = False
    scope: Scope = "series"
    form: str = "binary"
    together: bool = False
    """all groups of a series in one object, not one object for each"""
    description: str = ""
    """of the new series; "" names them by what they hold"""
    title: str = "interest"
    """what key pictures are marked for"""
    note: str = ""
    """words beside the key pictures"""
    reader: str = ""
    """who reads, as a name; "" says nothing of it"""
    folder: Path | None = None
    """None: a new folder beside the files of the study"""

    def check(self) -> None:
        """Raise BadValue where nothing is chosen."""
        chosen = (self.segmentation, self.measurements, self.presentation, self.key_pictures, self.picture)
        if not any(chosen):
            raise BadValue("Nothing is chosen to be saved.", "Choose what is to become DICOM.")


@frozen
class Counts:
    """How much there is to save."""

    groups: int = 0
    labels: int = 0
    annotations: int = 0
    findings: int = 0
    key_pictures: int = 0
    series: int = 0


def study_and_series(session: Session, scope: Scope) -> tuple[Study, tuple[Series, ...]]:
    """The active study, and those of its series that an order is about. Raises BadValue without any."""
    active, study = session.view.current.series, session.study_of(session.view.current.series)
    if study is None or active is None:
        raise BadValue("There is no study to save anything of.", "Open one first.")
    chosen = study.series if scope == "study" else tuple(one for one in study.series if one.key == active)
    if any(one.transfer_syntax == GRID for series in chosen for one in series.instances):
        raise BadValue(NO_DICOM, "File > Export labels writes files that belong to such a volume.")
    return study, tuple(one for one in chosen if one.count)


def counts(session: Session, scope: Scope) -> Counts:
    """How much there is to save of the active series or its study; all 0 where nothing is open."""
    try:
        _, chosen = study_and_series(session, scope)
    except BadValue:
        return Counts()
    hidden = session.view.hidden_objects
    readings = [in_force(session.state.document.reading(one.key), hidden) for one in chosen]
    groups = [group for one in readings for group in kept_groups(one)]
    return Counts(
        groups=len(groups),
        labels=sum(len(labels_with_pixels(one)) for one in groups),
        annotations=sum(len(one.annotations) for one in readings),
        findings=sum(len(one.findings) for one in readings),
        key_pictures=sum(len(marked(one, series)) for one, series in zip(readings, chosen, strict=True)),
        series=len(chosen),
    )


def kept_groups(reading: Reading) -> tuple[LabelMap, ...]:
    """The label maps that are worth saving: nothing that somebody has rejected, and nothing empty."""
    return tuple(one for one in reading.groups if one.state is not State.REJECTED and labels_with_pixels(one))


def labels_with_pixels(group: LabelMap) -> tuple[int, ...]:
    """The values of a map's labels, if anything is drawn on any picture."""
    drawn = any(values is not None and values.any() for values in group.slices)
    return tuple(one.value for one in group.labels) if drawn else ()


def marked(reading: Reading, series: Series) -> tuple[int, ...]:
    """The numbers of the key pictures of a series, in its order."""
    wanted: set[Picture] = set(reading.key_pictures)
    return tuple(
        index
        for index, one in enumerate(series.frames)
        if (series.instances[one.instance].sop_instance, one.frame) in wanted
    )
