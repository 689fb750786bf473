"""What a report says of the study itself: no more than it was asked to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from medviewer.core.object_kind import ObjectKind
from medviewer.core.study import Series, Study
from medviewer.dicom.objects.classes import kind_of
from medviewer.session.reporting.order import Identity

SAYS = {
    "none": "left out, and the date too; what is burned into the pixels stays there",
    "study": "left out; the study's description and date are given; what is burned into the pixels stays",
    "patient": "given",
}
"""What is said of the patient's identity."""
Facts = tuple[tuple[str, str], ...]


def study_facts(study: Study, identity: Identity) -> Facts:
    """Name and value of each fact that may be told."""
    patient, found = study.patient, []
    if identity == "patient":
        found += [
            ("Patient", patient.called or "(no name)"),
            ("Patient ID", patient.id or "(no ID)"),
            ("Born", _date(patient.birth_date)),
            ("Sex", patient.sex),
        ]
    if identity != "none":
        found += [("Study", study.description), ("Date", f"{_date(study.date)} {_time(study.time)}".strip())]
    if identity == "patient":
        found += [("Institution", study.institution), ("Accession number", study.accession)]
    found += [("Series", _series(study)), ("Patient's identity", SAYS[identity])]
    return tuple((name, value) for name, value in found if value)


def told(series: Series, identity: Identity) -> Series:
    """*series* with what may be said of it: free text from the scanner may hold anything, names too."""
    if identity != "none":
        return series
    details = tuple(one for one in series.details if one[0] != "ProtocolName")
    return replace(series, description="", details=details)


def name_of(series: Series) -> str:
    """What a series is called: "Series 3 CT Chest"."""
    number = "" if series.number is None else str(series.number)
    return " ".join(filter(None, ("Series", number, series.modality, series.description)))


def _series(study: Study) -> str:
    """How many of each modality, and of what: "2 CT, 1 PR; CHEST"."""
    counts = Counter(one.modality or "no modality" for one in study.series)
    parts = sorted({one.body_part for one in study.series if one.body_part})
    labels = ObjectKind.SEGMENTATION  # its frames say something of pictures, and are none
    pictures = sum(
        one.count for one in study.series if {kind_of(part.sop_class) for part in one.instances} != {labels}
    )
    words = ", ".join(f"{count} {modality}" for modality, count in counts.items())
    told = f"{words} with {pictures:,} {'picture' if pictures == 1 else 'pictures'}"
    return "; ".join((told, *parts))


def _date(value: str) -> str:
    return f"{value[:4]}-{value[4:6]}-{value[6:]}" if len(value) == 8 and value.isdigit() else value


def _time(value: str) -> str:
    return f"{value[:2]}:{value[2:4]}" if len(value) >= 4 and value[:4].isdigit() else ""
