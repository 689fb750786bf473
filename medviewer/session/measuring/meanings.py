"""What is usually measured, in codes that other programs know."""

from __future__ import annotations

from medviewer.core.codes import Code

MEANINGS = tuple(
    Code(value, scheme, meaning)
    for value, scheme, meaning in (
        ("44132006", "SCT", "Abscess"),
        ("85659009", "SCT", "Aneurysm"),
        ("367643001", "SCT", "Cyst"),
        ("41699000", "SCT", "Effusion"),
        ("50960005", "SCT", "Hemorrhage"),
        ("52988006", "SCT", "Lesion"),
        ("59441001", "SCT", "Lymph node"),
        ("4147007", "SCT", "Mass"),
        ("128462008", "SCT", "Metastasis"),
        ("108369006", "SCT", "Neoplasm"),
        ("27925004", "SCT", "Nodule"),
        ("112001", "DCM", "Opacity"),
        ("415582006", "SCT", "Stenosis"),
    )
)
"""Kinds of findings (PS3.16: SNOMED CT codes free to use in DICOM, and DICOM's own)."""


def meaning(value: str, scheme: str) -> Code | None:
    """The one with this value, or None."""
    return next((one for one in MEANINGS if (one.value, one.scheme) == (value, scheme)), None)
