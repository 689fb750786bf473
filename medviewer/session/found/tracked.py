"""What is followed under which UID, in objects and in the reader's work: nothing is shown twice."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from medviewer.core.annotation import Annotation
from medviewer.core.labels import LabelMap
from medviewer.core.objects import StudyObject
from medviewer.core.report import Report
from medviewer.core.segments import Segmentation
from medviewer.core.tracking import tracking_of, tracking_of_label
from medviewer.session.found.measured import GROUP
from medviewer.session.state import Document, Reading

_TRACKING_UID = "112040"


def tracked_in(found: StudyObject) -> frozenset[str]:
    """The Tracking UIDs in an object of all that it draws; empty where something has none."""
    if isinstance(found.content, Segmentation):
        every = frozenset(one.tracking for one in found.content.segments)
        return frozenset() if "" in every else every
    if isinstance(found.content, Report) and found.content.has_places:
        return _in_report(found.content)
    return frozenset()


def tracked_by(document: Document) -> dict[str, str]:
    """What the reader's work follows, each with the SOP UID of the object that it was read from."""
    known: dict[str, str] = {}
    for reading in document.readings.values():
        for group in reading.groups:
            for label in group.labels:
                known[tracking_of_label(group.id, label.value, label.tracking)] = group.source
        for one in reading.annotations:
            known[_of_annotation(one)] = one.source
    return known


def in_force(reading: Reading, hidden: Set[str]) -> Reading:
    """A reading without those labels and annotations of *hidden* objects that stand in it in another state.

    What leaves (reports, tables, objects) counts nothing twice; what is only hidden is still work.
    """
    groups, annotations = reading.groups, reading.annotations
    if hidden.isdisjoint({one.source for one in groups} | {one.source for one in annotations}):
        return reading
    seen = {uid for one in groups if one.source not in hidden for uid in _of_group(one)}
    seen |= {_of_annotation(one) for one in annotations if one.source not in hidden}
    return replace(
        reading,
        groups=tuple(one for one in groups if one.source not in hidden or not _of_group(one) <= seen),
        annotations=tuple(
            one for one in annotations if one.source not in hidden or _of_annotation(one) not in seen
        ),
    )


def _of_group(group: LabelMap) -> frozenset[str]:
    return frozenset(tracking_of_label(group.id, one.value, one.tracking) for one in group.labels)


def _of_annotation(one: Annotation) -> str:
    return one.tracking or tracking_of(one.id)


def _in_report(report: Report) -> frozenset[str]:
    groups = (one for one in report.root.walk() if one.name is not None and one.name.value == GROUP)
    drawn = (one for one in groups if any(below.shape is not None for below in one.walk()))
    uids = [one.find(_TRACKING_UID) for one in drawn]
    found = frozenset("" if one is None else one.text for one in uids)
    return frozenset() if "" in found else found
