"""Objects that are opened, and objects made for one test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset

from medviewer.core.objects import StudyObject
from medviewer.core.study import Instance
from medviewer.dicom.group import group
from medviewer.dicom.objects.read import read_object
from medviewer.dicom.read import read_header
from tests import factories


def opened(path: Path) -> tuple[Instance, StudyObject]:
    """The one object in a file."""
    (study,) = group([read_header(path)])
    instance = study.series[0].instances[0]
    return instance, read_object(instance)


def made(path: Path, sop_class: str, modality: str, syntax: str = "explicit", **values: Any) -> Path:
    """An object without pixels."""
    data = Dataset()
    data.SOPClassUID, data.Modality = sop_class, modality
    data.SOPInstanceUID = factories.uid(path.name)
    data.StudyInstanceUID, data.SeriesInstanceUID = factories.uid("study"), factories.uid(path.name, 1)
    data.PatientID, data.PatientName = "P1", "Test^Phantom"
    for keyword, value in values.items():
        setattr(data, keyword, value)
    return factories.write(path, data, syntax)
