"""DICOM files as examples, one for each frame, grouped by patient."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from medviewer.core.study import Series, Study
from medviewer.core.volume import Frame
from medviewer.training.data.dataset import Example


def dicom_examples(path: Path, name: str, label: int) -> list[Example]:
    """The frames of one DICOM file. Raises FileTrouble when it is none or cannot be used."""
    from medviewer.dicom.group import group  # noqa: PLC0415  pydicom is slow to import and often not needed
    from medviewer.dicom.objects.classes import kind_of  # noqa: PLC0415
    from medviewer.dicom.read import read_header  # noqa: PLC0415

    examples = []
    for study in group([read_header(path)]):
        patient = group_of(study, name)
        for series in study.series:
            if series.instances and kind_of(series.instances[0].sop_class) is not None:
                continue  # a segmentation has pixels too, and is no picture
            for frame in range(series.count):
                at = name if series.count == 1 else f"{name}#{frame + 1}"
                examples.append(Example(at, partial(_frame, series, frame), label, group=patient))
    return examples


def group_of(study: Study, name: str) -> str:
    """What never comes apart: the patient, or where the file has no number of one the study, else *name*."""
    if study.patient.id.strip():
        return f"patient {hidden(study.patient.id)}"
    return name if study.uid.startswith("file:") or not study.uid else f"study {hidden(study.uid)}"


def grouping_of(groups: Iterable[str]) -> str:
    """What one group is, in a word: patient, study or picture."""
    kinds = {group.partition(" ")[0] for group in groups if " " in group}
    return next((kind for kind in ("patient", "study") if kind in kinds), "picture")


def hidden(patient_id: str) -> str:
    """The same short word for the same patient, from which nobody can read the ID in passing."""
    return hashlib.sha256(f"medviewer {patient_id.strip()}".encode()).hexdigest()[:12]


def _frame(series: Series, index: int) -> Frame:
    from medviewer.dicom.decode import InProcessDecoder  # noqa: PLC0415  as above
    from medviewer.dicom.source import SeriesSource  # noqa: PLC0415

    source = SeriesSource(series, InProcessDecoder())
    try:
        return source.frame(index)
    finally:
        source.close()
