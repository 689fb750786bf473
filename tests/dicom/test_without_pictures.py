"""Objects that are no pictures say in plain words what they are, or what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from medviewer.dicom.group import group
from medviewer.kit.task import TaskContext
from medviewer.studies.scan import scan
from tests import factories

_WORDS = {
    "bad/GH179A.dcm": "an image whose pixel data are missing, CT",
    "bad/GH220.dcm": "an object of its vendor's own kind",
    "bad/GH487.dcm": "an image whose pixel data are missing, of unknown modality",
    "bad/dwv-test_no-number-rows.dcm": "cannot be shown: Rows or Columns is missing or zero",
    "bad/no_preamble_dicm_in_data": "the file does not say what it is, MG",
    "objects/dcmqi-sr/rwvm.dcm": "Real World Value Mapping",
    "objects/dcmqi-sr/sr-tid1500.dcm": "Structured Report",
    "objects/gspr/PR000000.dcm": "Presentation state in the menu Picture shows others as it says",
    "objects/highdicom/sm_annotations.dcm": "Microscopy Annotations",
    "objects/rt-breast/rtplan.dcm": "Radiotherapy Plan",
    "objects/rt-breast/rtss.dcm": "Radiotherapy Structure Set",
}


def _problems(path: Path) -> str:
    """What is said of the one series of a file without pictures."""
    ((series,),) = [study.series for study in group(scan([path], TaskContext()).headers)]
    assert series.count == 0
    return " ".join(series.problems)


@pytest.mark.rule("P-59")
@pytest.mark.parametrize("name", _WORDS)
def test_real_objects_without_pictures_say_what_they_are(shared_data: Path, name: str) -> None:
    path = shared_data / "dicom" / name
    words = _problems(path)
    assert path.name in words
    assert _WORDS[name] in words


@pytest.mark.rule("P-59")
@pytest.mark.parametrize(
    ("uid", "modality", "words"),
    [
        ("1.2.840.10008.5.1.4.1.1.104.1", "DOC", "(PDF document)"),
        ("1.2.840.10008.5.1.4.1.1.88.59", "KO", "(Key Object Selection)"),
        ("1.2.840.10008.5.1.4.38.1", "", "(unknown kind)"),
        ("1.2.3.4", "OT", "(OT)"),
        ("1.2.3.4", "", "(an object of its vendor's own kind)"),
    ],
)
def test_an_object_is_called_by_its_class_else_by_its_modality(
    tmp_path: Path, uid: str, modality: str, words: str
) -> None:
    path = tmp_path / "a.dcm"
    factories.report(path, SOPClassUID=uid, Modality=modality)
    assert words in _problems(path)
