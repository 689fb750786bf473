"""Which SOP classes hold what (PS3.4 B.5)."""

from __future__ import annotations

from medviewer.core.object_kind import ObjectKind

_BASE = "1.2.840.10008.5.1.4.1.1."
SEGMENTATIONS = (f"{_BASE}66.4", f"{_BASE}66.7")
"""Segmentation Storage and Label Map Segmentation Storage"""
KEY_OBJECTS = f"{_BASE}88.59"
PRESENTATIONS = (f"{_BASE}11.1", f"{_BASE}11.2")
PARAMETRIC_MAP = f"{_BASE}30"
ENCAPSULATED_PDF = f"{_BASE}104.1"
STRUCTURES = f"{_BASE}481.3"
SURFACES = f"{_BASE}66.5"
TRACTS = f"{_BASE}66.6"

_EXPLAINED = {
    f"{_BASE}91.1": "annotations of a microscopy slide",
    f"{_BASE}481.5": "a radiotherapy plan",
    f"{_BASE}481.8": "a radiotherapy ion plan",
    f"{_BASE}67": "a real world value mapping",
    f"{_BASE}66.1": "a spatial registration",
    f"{_BASE}66.3": "a deformable registration",
    SURFACES: "a segmentation made of surfaces",
    TRACTS: "tracts of nerve fibres",
    f"{_BASE}104.2": "a CDA document",
    f"{_BASE}104.3": "an STL model",
    f"{_BASE}104.4": "an OBJ model",
}
"""What is listed, and said in words not to be drawn."""


def kind_of(sop_class: str) -> ObjectKind | None:
    """What an instance is, None for pictures and for what is no object of a study."""
    if sop_class in SEGMENTATIONS:
        return ObjectKind.SEGMENTATION
    if sop_class == KEY_OBJECTS:
        return ObjectKind.KEY_PICTURES
    if sop_class.startswith(f"{_BASE}88."):
        return ObjectKind.REPORT
    if sop_class in PRESENTATIONS:
        return ObjectKind.PRESENTATION
    return _OTHERS.get(sop_class)


_OTHERS = {
    PARAMETRIC_MAP: ObjectKind.MAP,
    ENCAPSULATED_PDF: ObjectKind.DOCUMENT,
    STRUCTURES: ObjectKind.STRUCTURES,
    **dict.fromkeys(_EXPLAINED, ObjectKind.OTHER),
}


def explained(sop_class: str) -> str:
    """What an object is that is not drawn, in words."""
    return _EXPLAINED.get(sop_class, "an object that medviewer does not know")
