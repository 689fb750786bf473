"""What objects with many frames say, read by the quick walker: no pydicom object for each item."""

from __future__ import annotations

from typing import Any

from medviewer.core.codes import Code
from medviewer.dicom.charset import shown, text
from medviewer.dicom.fields import ANY_VR, GROUPS, Field, Fields
from medviewer.dicom.header import numbers, whole_number
from medviewer.dicom.walk import Elements
from medviewer.dicom.walk import numbers as binary_numbers

_SQ, _US = frozenset((b"SQ",)), frozenset((b"US",))


def _listed(form: str, vrs: frozenset[bytes], listing: str) -> dict[int, Field]:
    words = listing.split()
    return {
        int(tag, 16): Field(keyword, vrs, form) for tag, keyword in zip(words[::2], words[1::2], strict=True)
    }


OBJECT: Fields = {
    **_listed(
        "text",
        ANY_VR,
        """00080005 SpecificCharacterSet 00080016 SOPClassUID 00080018 SOPInstanceUID 00080023 ContentDate
        00080033 ContentTime
        00080021 SeriesDate 00080020 StudyDate 00080070 Manufacturer 00081090 ManufacturerModelName
        00181020 SoftwareVersions 0008103E SeriesDescription 00200052 FrameOfReferenceUID
        00280008 NumberOfFrames 00620001 SegmentationType 00700080 ContentLabel
        00700081 ContentDescription 00700084 ContentCreatorName""",
    ),
    **_listed("H", _US, "00280010 Rows 00280011 Columns 0062000E MaximumFractionalValue"),
    **_listed(
        "sequence",
        _SQ,
        """00081115 ReferencedSeriesSequence 00082112 SourceImageSequence
        0018A001 ContributingEquipmentSequence
        00620002 SegmentSequence 52009229 SharedFunctionalGroupsSequence
        52009230 PerFrameFunctionalGroupsSequence""",
    ),
}
"""What is wanted of a data set with frames that were made from others."""

ITEMS: Fields = {
    **GROUPS,
    **_listed(
        "text",
        ANY_VR,
        """00080070 Manufacturer 00080100 CodeValue 00080102 CodingSchemeDesignator 00080104 CodeMeaning
        00080119 LongCodeValue 00080120 URNCodeValue 00081090 ManufacturerModelName
        00081155 ReferencedSOPInstanceUID 00081160 ReferencedFrameNumber 00181020 SoftwareVersions
        00283003 LUTExplanation 00620005 SegmentLabel 00620006 SegmentDescription
        00620008 SegmentAlgorithmType 00620009 SegmentAlgorithmName 00620020 TrackingID 00620021 TrackingUID
        00660031 AlgorithmVersion 00660036 AlgorithmName""",
    ),
    **_listed(
        "H",
        _US,
        "00620004 SegmentNumber 0062000B ReferencedSegmentNumber 0062000D RecommendedDisplayCIELabValue",
    ),
    **_listed(
        "sequence",
        _SQ,
        """0008114A ReferencedInstanceSequence 00082112 SourceImageSequence 00089124 DerivationImageSequence
        0040A170 PurposeOfReferenceCodeSequence 004008EA MeasurementUnitsCodeSequence
        00409096 RealWorldValueMappingSequence 00409220 QuantityDefinitionSequence
        0040A168 ConceptCodeSequence 00620003 SegmentedPropertyCategoryCodeSequence
        00620007 SegmentationAlgorithmIdentificationSequence 0062000A SegmentIdentificationSequence
        0062000F SegmentedPropertyTypeCodeSequence""",
    ),
}
"""What is wanted of the items of its sequences."""
_TAGS = {field.keyword: (tag, field.form) for fields in (OBJECT, ITEMS) for tag, field in fields.items()}


class Raw:
    """A data set or an item by keyword; what is not there is empty."""

    def __init__(self, elements: Elements, charset: str = "") -> None:
        self._elements = elements
        self._charset = charset or text(elements.get(0x00080005, b""), "")

    def text(self, keyword: str, longest: int = 1024) -> str:
        """One line that may be shown."""
        found = self._elements.get(_TAGS[keyword][0], b"")
        return shown(text(found, self._charset), longest) if isinstance(found, bytes) else ""

    def numbers(self, keyword: str) -> tuple[float, ...]:
        """All values as finite numbers; empty when any is none."""
        tag, form = _TAGS[keyword]
        found = self._elements.get(tag, b"")
        if not found or not isinstance(found, bytes):
            return ()
        return numbers(text(found, "")) if form == "text" else binary_numbers(found, form)

    def whole(self, keyword: str) -> int:
        """The first value as a whole number, 0 without one."""
        tag, form = _TAGS[keyword]
        if form == "text":
            return whole_number(self.text(keyword)) or 0
        found = self.numbers(keyword)
        return int(found[0]) if found else 0

    def items(self, keyword: str) -> list[Raw]:
        """The items of a sequence."""
        found: Any = self._elements.get(_TAGS[keyword][0], [])
        return [Raw(one, self._charset) for one in found] if isinstance(found, list) else []

    def first(self, keyword: str) -> Raw:
        """Its first item, an empty one without any."""
        return next(iter(self.items(keyword)), Raw({}, self._charset))

    def code(self, keyword: str) -> Code | None:
        """The code in the first item of a sequence."""
        one = self.first(keyword)
        value = one.text("CodeValue") or one.text("LongCodeValue") or one.text("URNCodeValue")
        meaning = one.text("CodeMeaning")
        if not value and not meaning:
            return None
        return Code(value, one.text("CodingSchemeDesignator"), meaning or value)

    def pictures(self, keyword: str) -> tuple[tuple[str, int], ...]:
        """The pictures that the items of a sequence refer to; frame -1 where none is named."""
        found: list[tuple[str, int]] = []
        for item in self.items(keyword):
            uid = item.text("ReferencedSOPInstanceUID")
            frames = item.numbers("ReferencedFrameNumber")
            if uid:
                found += [(uid, int(frame) - 1) for frame in frames if frame >= 1] or [(uid, -1)]
        return tuple(found)
