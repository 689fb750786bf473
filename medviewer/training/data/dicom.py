"""DICOM files as examples, one for each frame, grouped by patient."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

from medviewer.core.study import Series
from medviewer.core.volume import Frame
from medviewer.training.data.dataset import Example


def dicom_examples(path: Path, name: str, label: int) -> list[Example]:
    """The frames of one DICOM file. Raises FileTrouble when it is none or cannot be used."""
    from medviewer.dicom.group import group  # noqa: PLC0415  pydicom is slow to import and often not needed
    from medviewer.dicom.read import read_header  # noqa: PLC0415

    examples = []
    for study in group([read_header(path)]):
        patient = f"patient {hidden(study.patient.id)}" if study.patient.id.strip() else name
        for series in study.series:
            for frame in range(series.count):
                at = name if series.count == 1 else f"{name}#{frame + 1}"
                examples.append(Example(at, partial(_frame, series, frame), label, group=patient))
    return examples


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
