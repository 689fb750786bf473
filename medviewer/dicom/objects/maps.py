"""Parametric maps: what was computed, in which unit (PS3.3 A.75, C.8.23)."""

from __future__ import annotations

from collections.abc import Iterator

from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import ParametricMap, StudyObject
from medviewer.dicom.objects.about import made_by, referenced
from medviewer.dicom.objects.raw import Raw


def read_map(raw: Raw) -> StudyObject:
    """What a parametric map is about, without its pixels."""
    shared = raw.first("SharedFunctionalGroupsSequence")
    frames = raw.items("PerFrameFunctionalGroupsSequence")
    mapping = _mapping(shared, *frames[:1])
    unit = mapping.code("MeasurementUnitsCodeSequence")
    quantity = mapping.first("QuantityDefinitionSequence").code("ConceptCodeSequence")
    words = quantity.meaning if quantity is not None else mapping.text("LUTExplanation", 64)
    who, automatic = made_by(raw)
    return StudyObject(
        uid=raw.text("SOPInstanceUID"),
        kind=ObjectKind.MAP,
        label=raw.text("SeriesDescription", 64) or words or "Parametric map",
        when=raw.text("ContentDate"),
        time=raw.text("ContentTime"),
        made_by=who,
        is_automatic=automatic,
        pictures=tuple(dict.fromkeys(_pictures(raw, frames))),
        frame_of_reference=raw.text("FrameOfReferenceUID"),
        content=ParametricMap(words, "" if unit is None or unit.value == "1" else unit.value),
    )


def _mapping(*groups: Raw) -> Raw:
    found = (one for group in groups for one in group.items("RealWorldValueMappingSequence"))
    return next(found, Raw({}))


def _pictures(raw: Raw, frames: list[Raw]) -> Iterator[tuple[str, int]]:
    for frame in frames:
        for derivation in frame.items("DerivationImageSequence"):
            yield from derivation.pictures("SourceImageSequence")
    yield from referenced(raw)
