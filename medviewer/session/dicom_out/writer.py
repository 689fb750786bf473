"""What all objects of one order share while they are written: whose they are, what may be pointed at."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import medviewer
from medviewer.core.labels import LabelMap
from medviewer.core.study import Instance, Series
from medviewer.dicom.derived_source import Originals
from medviewer.dicom.stand_in import owner_of, stand_in
from medviewer.export.dicom.checked import checked, save
from medviewer.export.dicom.making import Entry, Pictured, Target, free_number, pictured, targets_of
from medviewer.export.dicom.segmentation import Segmented
from medviewer.kit.frozen import frozen
from medviewer.session.dicom_out.taking import Part, Taken
from medviewer.session.session_type import Session


@frozen(eq=False)
class Made:
    """A segmentation that was saved."""

    part: Part
    groups: tuple[LabelMap, ...]
    """whose labels are its segments, one after the other"""
    segmented: Segmented


@dataclass(slots=True)
class Writer:
    """Holds what all objects of one order share while they are written."""

    session: Session
    taken: Taken
    folder: Path
    owners: dict[str, Any] = field(default_factory=dict)
    """of each series, by its key, the patient and study of its first file"""
    targets: dict[str, Target] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    """stand-ins for what reports point at, by SOP Instance UID"""
    numbers: list[int | None] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    uids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with the pictures of the study."""
        self.targets = targets_of(self.taken.study.series)
        self.numbers = list(self.taken.numbers)

    def owner(self, series: Series) -> Any:
        """Whose a series is. Raises FileTrouble."""
        if series.key not in self.owners:
            originals = Originals()
            try:
                source, _ = originals.read(series.instances[0])
            finally:
                originals.close()
            self.owners[series.key] = owner_of(source)
        return self.owners[series.key]

    def entry(self, series: Series, words: str) -> Entry:
        """A new series for an object about *series*."""
        number = free_number(self.numbers, series.number)
        self.numbers.append(number)
        order = self.taken.order
        return Entry.fresh(
            order.description or words, number, medviewer.__version__, order.reader.replace("=", " ")
        )

    def stand_in(self, series: Series, instance: Instance) -> Any:
        """A picture of the study as evidence."""
        uid = instance.sop_instance
        if uid not in self.evidence:
            frames = self.targets[uid].frames
            self.evidence[uid] = stand_in(self.owner(series), series.uid, instance, frames)
        return self.evidence[uid]

    def pictured(self, series: Series, index: int) -> Pictured:
        """Picture *index* of a series as objects name it; it is evidence from now on."""
        self.stand_in(series, series.instances[series.frames[index].instance])
        return pictured(series, index, self.targets)

    def put(self, data: Any, word: str) -> bytes:
        """Check an object and put it into the folder."""
        content = checked(data, self.taken.study.uid, self.targets)
        save(content, self.folder / f"{len(self.objects) + 1:02d}-{word.replace(' ', '-')}.dcm")
        self.objects.append(word)
        self.uids.append(str(data.SOPInstanceUID))
        return content
