"""What all objects that are made here have in common: who made them, where they stand, what they point at."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import highdicom as hd

from medviewer.core.codes import Code
from medviewer.core.finding import Provenance
from medviewer.core.geometry import Plane
from medviewer.core.study import Series
from medviewer.dicom.derived_words import LONGEST_CODE, LONGEST_NAME, cut, new_uid, one_line
from medviewer.dicom.fields import MAKER
from medviewer.dicom.stand_in import UTF_8
from medviewer.export.dicom.codes import PROCESSING_EQUIPMENT
from medviewer.kit.frozen import frozen

# it warns of names that are no proper ones, and tells them: names of patients belong into no log
logging.getLogger("highdicom").addHandler(logging.NullHandler())
logging.getLogger("highdicom").propagate = False

APART = 1000
"""Series that were made have numbers by so much higher than those they were made of."""


@frozen
class Entry:
    """Where an object stands in its study, and which program writes it."""

    description: str
    """Series Description"""
    series_number: int
    version: str
    """of this program"""
    series_uid: str
    instance_number: int = 1
    reader: str = ""
    """the name of the person who reads, as a DICOM person name; "" says nothing of any person"""

    @classmethod
    def fresh(cls, description: str, series_number: int, version: str, reader: str = "") -> Entry:
        """The first object of a new series."""
        return cls(cut(one_line(description), LONGEST_NAME), series_number, version, new_uid(), 1, reader)


@frozen
class Pictured:
    """One picture that an object speaks about."""

    series_uid: str
    sop_class: str
    sop_instance: str
    frame: int | None
    """counted from 1; None where the object holds one frame only"""
    plane: Plane


@frozen
class Target:
    """An object that may be pointed at."""

    sop_class: str
    series_uid: str
    frames: int = 1


Targets = Mapping[str, Target]
"""By SOP Instance UID."""


def targets_of(every: Sequence[Series]) -> dict[str, Target]:
    """The objects of all series of a study: stacks that were split off one object share it."""
    found: dict[str, Target] = {}
    for series in every:
        last = [0] * len(series.instances)
        for one in series.frames:
            last[one.instance] = max(last[one.instance], one.frame + 1)
        for at, instance in enumerate(series.instances):
            before = found.get(instance.sop_instance)
            count = max(last[at], instance.frames) if instance.tiles == (1, 1) else 1
            count = max(count, 0 if before is None else before.frames)
            found[instance.sop_instance] = Target(instance.sop_class, series.uid, count)
    return found


def pictured(series: Series, index: int, targets: Targets) -> Pictured:
    """Picture *index* of a series, as others name it."""
    address = series.frames[index]
    instance = series.instances[address.instance]
    several = targets[instance.sop_instance].frames > 1
    return Pictured(
        series.uid,
        instance.sop_class,
        instance.sop_instance,
        address.frame + 1 if several else None,
        address.plane,
    )


def free_number(taken: Sequence[int | None], after: int | None) -> int:
    """A Series Number that no series of the study has."""
    number, used = (after or 0) + APART, set(taken)
    while number in used:
        number += 1
    return number


def identity(entry: Entry) -> dict[str, Any]:
    """What highdicom's constructors want to know of the series, the object and the program."""
    return {
        "series_instance_uid": entry.series_uid,
        "series_number": entry.series_number,
        "series_description": entry.description,
        "sop_instance_uid": new_uid(),
        "instance_number": entry.instance_number,
        "manufacturer": MAKER,
        "specific_character_set": UTF_8,
    }


def equipment(entry: Entry) -> dict[str, Any]:
    """The program as Enhanced General Equipment wants it (PS3.3 C.7.5.2)."""
    return {
        "manufacturer_model_name": MAKER,
        "software_versions": entry.version,
        # there is one program for everybody: what tells one from another is its version
        "device_serial_number": entry.version,
    }


def contributors(provenances: Sequence[Provenance | None]) -> list[Any]:
    """Each model among the equipment that has contributed, once (IHE AIR, 6.5.3).

    Its Device UID follows from the bytes of its file: another training is another device.
    """
    known = {one.sha256: one for one in provenances if one is not None}
    found = []
    for one in known.values():
        item = hd.ContributingEquipment(
            MAKER,
            PROCESSING_EQUIPMENT,
            manufacturer_model_name=cut(one_line(one.model), LONGEST_NAME) or "model",
            software_versions=cut(one_line(one.version), LONGEST_NAME) or "unknown",
        )
        item.DeviceUID = device_uid(one)
        found.append(item)
    return found


def device_uid(provenance: Provenance) -> str:
    """A UID that is the same for the same file of a model, and another for every other (PS3.5 B.2)."""
    digest = hashlib.sha256(provenance.sha256.encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def concept(code: Code) -> Any:
    """A code as highdicom takes it, no longer than the standard has room for."""
    return hd.sr.CodedConcept(
        cut(code.value, LONGEST_CODE), code.scheme, cut(one_line(code.meaning), LONGEST_NAME)
    )
