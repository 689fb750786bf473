"""Objects in the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from medviewer.cli.main import main
from tests import factories
from tests.dicom.objects.test_maps_and_documents import a_document, in_object


def answer(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert main([str(word) for word in words]) == 0
    return capsys.readouterr().out


def test_info_names_objects_beside_series(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared_data / "dicom" / "objects" / "rt-breast"
    told = json.loads(answer(capsys, "info", folder, "--json"))
    (structures,) = [one for one in told["objects"] if one["kind"] == "Structure set"]
    assert (structures["label"], structures["pictures"], structures["pictures_missing"]) == ("CT_1", 98, 97)
    assert "Structure set" in answer(capsys, "info", folder)


def test_objects_are_listed_with_who_made_them_and_all_that_they_say(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared_data / "dicom" / "objects" / "dcmqi-liver"
    words = answer(capsys, "objects", folder, "--text")
    assert "Liver: Liver, semiautomatic, SlicerEditor" in words
    assert "GREEN" in words
    path = shared_data / "dicom" / "objects" / "highdicom" / "seg_image_ct_binary.dcm"
    (told,) = json.loads(answer(capsys, "objects", path, "--json"))["objects"]
    assert told["automatic"] is True
    assert told["made_by"] == "test v1.0"


def test_the_document_inside_an_object_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    in_object(tmp_path / "letter.dcm", a_document())
    answer(capsys, "objects", tmp_path / "letter.dcm", "--save-document", tmp_path / "letter.pdf")
    assert (tmp_path / "letter.pdf").read_bytes() == a_document()


def test_a_folder_without_objects_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    factories.ct(tmp_path / "ct", slices=2)
    assert main(["objects", str(tmp_path / "ct")]) == 1
    said = capsys.readouterr().err
    assert "holds no objects" in said
    assert "Traceback" not in said
