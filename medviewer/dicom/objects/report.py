"""Structured reports and key object selections as trees (PS3.3 C.17, C.18; PS3.16 TID 1500, TID 2010)."""

from __future__ import annotations

import math
from typing import Any

from medviewer.core.codes import Code
from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import KeyPictures, StudyObject
from medviewer.core.report import Coordinates, Item, Report
from medviewer.dicom.fields import MAKER
from medviewer.dicom.objects.dataset import (
    DEEPEST,
    code,
    first,
    items,
    lines,
    numbers,
    person,
    pictures,
    text,
)

MOST_ITEMS = 50_000
MOST_POINTS = 20_000
_TITLE = "121144"
_NOTE = "113012"
"""Key Object Description (DCM)"""
_PERSON, _ALGORITHM, _VERSION, _DEVICE = "121008", "111001", "111003", "121013"
_OBSERVER_TYPE, _IS_DEVICE = "121005", "121007"


def read_report(data: Any) -> StudyObject:
    """What a report says. Raises what pydicom raises on damage."""
    reading = _Reading()
    root = reading.item(data, 0)
    is_keys = text(data, "Modality") == "KO" or text(data, "SOPClassUID").endswith(".88.59")
    title = root.name.meaning if root.name is not None else "Report"
    verifier = first(data, "VerifyingObserverSequence")
    who, automatic = _maker(data, root)
    named = tuple(dict.fromkeys(one for item in root.walk() for one in item.pictures))
    note = next((one.text for one in root.items if one.name is not None and one.name.value == _NOTE), "")
    report = Report(
        title,
        root,
        is_complete=text(data, "CompletionFlag") == "COMPLETE",
        is_verified=text(data, "VerificationFlag") == "VERIFIED",
        has_places=any(one.shape is not None for one in root.walk()),
        verified_by="" if verifier is None else person(verifier, "VerifyingObserverName"),
    )
    described = text(data, "SeriesDescription", 64)
    return StudyObject(
        uid=text(data, "SOPInstanceUID"),
        kind=ObjectKind.KEY_PICTURES if is_keys else ObjectKind.REPORT,
        label=title if is_keys or not described else described,
        when=text(data, "ContentDate"),
        time=text(data, "ContentTime"),
        made_by=who,
        is_automatic=automatic,
        pictures=named,
        content=KeyPictures(title, note) if is_keys else report,
        remarks=tuple(reading.remarks),
    )


class _Reading:
    """Reads content items, as many and as deep as a real report has."""

    def __init__(self) -> None:
        self._count = 0
        self.remarks: dict[str, None] = {}

    def item(self, data: Any, depth: int) -> Item:
        self._count += 1
        type_ = text(data, "ValueType", 16)
        name = code(data, "ConceptNameCodeSequence")
        words, value, number = _value(data, type_)
        reference = first(data, "ReferencedSOPSequence")
        segments = () if reference is None else numbers(reference, "ReferencedSegmentNumber", 65_535)
        return Item(
            type=type_,
            name=name,
            relation=text(data, "RelationshipType", 32),
            text=words,
            code=value,
            number=number,
            shape=_shape(data, type_),
            pictures=tuple(pictures(data, "ReferencedSOPSequence")),
            segments=tuple(int(one) for one in segments),
            items=self._below(data, depth),
        )

    def _below(self, data: Any, depth: int) -> tuple[Item, ...]:
        if "ContentSequence" not in data:
            return ()
        if depth >= DEEPEST:
            self.remarks["The report is nested deeper than any real one; the rest is left out."] = None
            return ()
        found = []
        for one in items(data, "ContentSequence"):
            if self._count >= MOST_ITEMS:
                self.remarks[f"The report has more than {MOST_ITEMS:,} entries; the others are left out."] = (
                    None
                )
                break
            if "ReferencedContentItemIdentifier" in one:
                # by reference (C.17.3.2.5): it stands elsewhere in the tree already, or leads back to itself
                continue
            found.append(self.item(one, depth + 1))
        return tuple(found)


_WORDS = {
    "TEXT": "TextValue",
    "PNAME": "PersonName",
    "DATE": "Date",
    "TIME": "Time",
    "DATETIME": "DateTime",
    "UIDREF": "UID",
}


def _value(data: Any, type_: str) -> tuple[str, Code | None, float | None]:
    if type_ == "NUM":
        return _number(data)
    if type_ == "CODE":
        found = code(data, "ConceptCodeSequence")
        return ("" if found is None else found.meaning), found, None
    if type_ == "PNAME":
        return person(data, "PersonName"), None, None
    return (lines(data, _WORDS[type_]) if type_ in _WORDS else ""), None, None


def _number(data: Any) -> tuple[str, Code | None, float | None]:
    measured = first(data, "MeasuredValueSequence")
    if measured is None:
        why = code(data, "NumericValueQualifierCodeSequence")
        return ("no value" if why is None else why.meaning), why, None
    written = text(measured, "NumericValue", 64)
    unit = code(measured, "MeasurementUnitsCodeSequence")
    try:
        number: float | None = float(written)
    except ValueError:
        number = None
    if number is not None and not math.isfinite(number):
        number = None
    return f"{written} {unit_words(unit)}".strip(), unit, number


def unit_words(unit: Code | None) -> str:
    """A unit as it stands behind a number: that of UCUM, without the braces of what only counts."""
    if unit is None or unit.value in ("1", "{no_units}"):
        return ""
    if unit.scheme != "UCUM":
        return unit.meaning
    return {"[hnsf'U]": "HU", "um": "µm", "Cel": "°C"}.get(unit.value, unit.value.strip("{}"))


def _shape(data: Any, type_: str) -> Coordinates | None:
    if type_ not in ("SCOORD", "SCOORD3D"):
        return None
    deep = 3 if type_ == "SCOORD3D" else 2
    values = numbers(data, "GraphicData", deep * MOST_POINTS)
    rows = values[: len(values) // deep * deep].reshape(-1, deep)
    frame = text(data, "ReferencedFrameOfReferenceUID", 64) if deep == 3 else ""
    if deep == 2:
        # column and row from the corner of the first pixel (C.18.6.1.2), whose centre is our 0, 0
        rows = rows[:, ::-1] - 0.5
    points = tuple(tuple(point) for point in rows.tolist())
    return Coordinates(text(data, "GraphicType", 16).upper(), points, frame)


def _maker(data: Any, root: Item) -> tuple[str, bool]:
    """Who made a report: the algorithm that it names, else the person, else the machine."""
    every = [one for one in root.walk() if one.name is not None]
    algorithm = next((one.text for one in every if one.name and one.name.value == _ALGORITHM), "")
    version = next((one.text for one in every if one.name and one.name.value == _VERSION), "")
    if algorithm:
        return f"{algorithm} {version}".strip(), True
    observers = [one for one in root.items if one.name is not None]
    people = next((one.text for one in observers if one.name and one.name.value == _PERSON), "")
    device = next((one.text for one in observers if one.name and one.name.value == _DEVICE), "")
    kinds = [
        one.code.value
        for one in observers
        if one.name is not None and one.name.value == _OBSERVER_TYPE and one.code is not None
    ]
    machine = text(data, "ManufacturerModelName", 64) or text(data, "Manufacturer", 64)
    # who reads here need not say so: that nobody is named does not mean that nobody has looked
    is_ours = MAKER in (device, machine)
    return people or device or machine, not people and kinds == [_IS_DEVICE] and not is_ours
