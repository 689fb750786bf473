"""Measurement groups of a report: for each annotation, label and statement of a model (PS3.16 TID 1500)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import highdicom as hd

from medviewer.core.annotation import Shape
from medviewer.core.codes import Code
from medviewer.core.finding import Finding, Provenance
from medviewer.core.tracking import tracking_of
from medviewer.dicom.derived_words import LONGEST_NAME, cut, one_line
from medviewer.dicom.fields import MAKER
from medviewer.export.dicom import codes
from medviewer.export.dicom.making import Pictured, concept
from medviewer.export.dicom.quantities import Number, measurements
from medviewer.export.dicom.spatial import Drawn, for_measurement, for_region, lines_of
from medviewer.kit.frozen import frozen

_ALONG = (Shape.LENGTH, Shape.BIDIRECTIONAL, Shape.ANGLE, Shape.COBB, Shape.PROFILE)
"""Whose numbers are measured along lines; the others are places that something is said about."""


@frozen
class Measured:
    """An annotation with what it measures."""

    drawn: Drawn
    numbers: tuple[Number, ...] = ()
    rule: str = ""
    """what the scale of its picture follows: calibrated by hand, at the detector, ..."""
    modality: str = ""


@frozen
class MeasuredLabel:
    """A label of a segmentation that is saved beside the report, with what it measures."""

    name: str
    meaning: Code | None
    tracking: str
    sop_class: str
    sop_instance: str
    segment: int
    pictures: tuple[Pictured, ...]
    """what it was drawn on"""
    numbers: tuple[Number, ...] = ()
    modality: str = ""
    made_by: Provenance | None = None


@frozen
class Stated:
    """What a model said of pictures."""

    finding: Finding
    pictures: tuple[Pictured, ...]
    """the one that it speaks about; none when it is about the whole series"""


def of_annotation(measured: Measured, number: int) -> Any:
    """The group of an annotation, the *number*-th of its report."""
    annotation, drawn = measured.drawn.annotation, measured.drawn
    lines = lines_of(drawn)
    finding = None if annotation.meaning is None else concept(annotation.meaning)
    tracking = _tracking(annotation.tracking or tracking_of(annotation.id), _called(annotation, number))
    said = [hd.sr.QualitativeEvaluation(codes.DRAWN_AS, _shape(annotation.shape))]
    if annotation.shape in _ALONG and measured.numbers:
        where = [for_measurement(drawn, one) for one in lines]
        numbers = _beside_their_lines(measured, where)
        group: Any = hd.sr.MeasurementsAndQualitativeEvaluations(
            tracking, finding_type=finding, measurements=numbers, qualitative_evaluations=said
        )
    else:
        group = hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking,
            referenced_region=for_region(drawn, _whole(lines)),
            finding_type=finding,
            measurements=measurements(measured.numbers, measured.modality),
            qualitative_evaluations=said,
        )
    if annotation.text:
        _add_text(group, codes.COMMENT, annotation.text)
    if measured.rule:
        _add_text(group, codes.SCALE_RULE, measured.rule)
    return group


def of_label(label: MeasuredLabel) -> Any:
    """The group of a label: its volume and values, and the segment that says where it is (TID 1411)."""
    sources = [
        hd.sr.SourceImageForSegmentation(
            one.sop_class, one.sop_instance, None if one.frame is None else [one.frame]
        )
        for one in label.pictures
    ]
    segment = hd.sr.ReferencedSegment(
        label.sop_class, label.sop_instance, label.segment, source_images=_each_once(sources)
    )
    return hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        _tracking(label.tracking, label.name),
        referenced_segment=segment,
        finding_type=None if label.meaning is None else concept(label.meaning),
        measurements=measurements(label.numbers, label.modality),
    )


def of_finding(stated: Stated) -> Any:
    """The group of what a model said: whether, how certain, by which model, and what a reader thinks."""
    finding = stated.finding
    what, made_by = one_line(finding.what), finding.provenance
    name = hd.sr.CodedConcept(_short(what), codes.OWN, cut(what, LONGEST_NAME))
    words = f"{what}\0{made_by.sha256}\0{finding.frame}\0{[one.sop_instance for one in stated.pictures]}"
    digest = hashlib.sha256(words.encode()).hexdigest()
    return hd.sr.MeasurementsAndQualitativeEvaluations(
        _tracking(tracking_of(digest[:32]), cut(what, LONGEST_NAME)),
        finding_type=name,
        algorithm_id=hd.sr.AlgorithmIdentification(
            cut(one_line(made_by.model), LONGEST_NAME),
            cut(one_line(made_by.version), LONGEST_NAME) or "unknown",
            parameters=[f"{one_line(key)}={one_line(value)}" for key, value in made_by.values] or None,
            family=codes.ARTIFICIAL_INTELLIGENCE,
            manufacturer=MAKER,
        ),
        measurements=_said(finding, name),
        qualitative_evaluations=[
            *(
                [hd.sr.QualitativeEvaluation(name, codes.PRESENT if finding.positive else codes.ABSENT)]
                if finding.value is None
                else []
            ),
            hd.sr.QualitativeEvaluation(codes.ASSESSMENT, codes.STATES[finding.state.value]),
        ],
        source_images=[
            hd.sr.SourceImageForMeasurementGroup(
                one.sop_class, one.sop_instance, None if one.frame is None else [one.frame]
            )
            for one in stated.pictures
        ]
        or None,
    )


def _said(finding: Finding, name: Any) -> list[Any]:
    """How certain a model is, or the number that it estimates."""
    if finding.value is not None:
        return [hd.sr.Measurement(name, float(f"{finding.value:.9g}"), _unit(finding.unit))]
    return [
        hd.sr.Measurement(codes.CERTAINTY, round(100 * finding.score, 6), codes.PERCENT),
        hd.sr.Measurement(codes.THRESHOLD, round(100 * finding.threshold, 6), codes.PERCENT),
    ]


def _unit(words: str) -> Any:
    """A unit by its words: what UCUM does not know is an annotation in braces, as UCUM has it."""
    known = (
        codes.MILLIMETRE,
        codes.SQUARE_MILLIMETRE,
        codes.CUBIC_MILLIMETRE,
        codes.PERCENT,
        codes.HOUNSFIELD,
    )
    for one in known:
        if words in (one.value, one.meaning):
            return one
    plain = "".join(sign for sign in words if sign.isascii() and sign.isalnum())[:14]
    return hd.sr.CodedConcept(f"{{{plain}}}", "UCUM", cut(words, LONGEST_NAME)) if plain else codes.NO_UNITS


def _tracking(uid: str, name: str) -> Any:
    return hd.sr.TrackingIdentifier(uid, cut(one_line(name), LONGEST_NAME))


def _called(annotation: Any, number: int) -> str:
    return one_line(annotation.text) or f"{annotation.shape.word} {number}"


def _shape(shape: Shape) -> Any:
    return hd.sr.CodedConcept(shape.word.upper(), codes.OWN, shape.word.capitalize())


def _beside_their_lines(measured: Measured, where: Sequence[Any]) -> list[Any]:
    """Each number with the lines it was measured along: the two diameters of a pair have one each."""
    found = []
    for number in measured.numbers:
        along = list(where)
        if measured.drawn.annotation.shape is Shape.BIDIRECTIONAL:
            along = [where[0 if (number.name == "long axis") == _first_is_longer(measured.drawn) else 1]]
        found += measurements((number,), measured.modality, along)
    return found


def _first_is_longer(drawn: Drawn) -> bool:
    """Whether the diameter that was drawn first is the longer one, as a ruler on the picture says."""
    one, two = lines_of(drawn)
    rows, columns = drawn.plane.spacing

    def length(spots: tuple[tuple[float, float], ...]) -> float:
        (top, left), (bottom, right) = spots
        return ((bottom - top) * rows) ** 2 + ((right - left) * columns) ** 2

    return length(one.spots) >= length(two.spots)


def _whole(lines: Sequence[Any]) -> Any:
    """One graphic of all lines: that of a pair whose lines measure nothing is drawn through both."""
    if len(lines) == 1:
        return lines[0]
    return type(lines[0])("POLYLINE", tuple(spot for one in lines for spot in one.spots))


def _add_text(group: Any, name: Any, text: str) -> None:
    contains = hd.sr.RelationshipTypeValues.CONTAINS
    group[0].ContentSequence.append(hd.sr.TextContentItem(name, text, contains))


def _short(what: str) -> str:
    """A code value for words that no dictionary has: letters and digits, at most 16."""
    plain = "".join(sign for sign in what.upper() if sign.isascii() and (sign.isalnum() or sign in "-_"))
    return plain[:16] or "FINDING"


def _each_once(images: Sequence[Any]) -> list[Any]:
    found: dict[tuple[str, str], Any] = {}
    for one in images:
        item = one.ReferencedSOPSequence[0]
        found[str(item.ReferencedSOPInstanceUID), str(item.get("ReferencedFrameNumber", ""))] = one
    return list(found.values())
