"""Who made an object, and which pictures it names in general (PS3.3 C.7.5.1, C.12.1, C.12.4)."""

from __future__ import annotations

from collections.abc import Iterator

from medviewer.dicom.objects.raw import Raw

_PROCESSING = "109102"
"""Processing Equipment (DCM), which says that an algorithm was at work (IHE AIR)"""
_LIBRARIES = ("highdicom",)
"""Libraries that enter themselves as processing equipment: they write what people made, too."""


def made_by(raw: Raw) -> tuple[str, bool]:
    """Who made it, as people read it, and whether processing equipment did."""
    for item in raw.items("ContributingEquipmentSequence"):
        purpose = item.code("PurposeOfReferenceCodeSequence")
        is_library = item.text("ManufacturerModelName", 64).lower() in _LIBRARIES
        if purpose is not None and purpose.value == _PROCESSING and not is_library:
            return _equipment(item) or "processing equipment", True
    person = " ".join(raw.text("ContentCreatorName").replace("^", " ").split())
    return person or _equipment(raw), False


def _equipment(item: Raw) -> str:
    model = item.text("ManufacturerModelName", 64) or item.text("Manufacturer", 64)
    version = item.text("SoftwareVersions", 32).split("\\")[0]
    return f"{short(model)} {version}".strip() if model else ""


def short(name: str) -> str:
    """What a program calls itself; of the address of its source the last word only."""
    return name.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git") if "://" in name else name


def referenced(raw: Raw) -> Iterator[tuple[str, int]]:
    """The pictures that a data set names in general."""
    yield from raw.pictures("SourceImageSequence")
    for series in raw.items("ReferencedSeriesSequence"):
        yield from series.pictures("ReferencedInstanceSequence")
