"""``medviewer enhance`` on whole series: DICOM objects, values, stopping and going on."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest

from medviewer.cli.main import main
from medviewer.session import applied_objects
from tests import factories


def told(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = main([str(word) for word in words])
    output = capsys.readouterr()
    return code, output.out + output.err


@pytest.fixture
def two(tmp_path: Path) -> Path:
    factories.ct(tmp_path / "s" / "1", 2, series="1", SeriesNumber=1)
    factories.ct(tmp_path / "s" / "2", 2, series="2", SeriesNumber=2)
    return tmp_path / "s"


def test_dicom_objects_come_into_a_folder_for_each_series(capsys, tmp_path, two):
    code, words = told(capsys, "enhance", two, "-o", tmp_path / "out", "--step", "gaussian", "--dicom")
    assert code == 0
    assert "HU" in words
    found = sorted(
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.dcm")
    )
    assert found == ["01-CT/00001.dcm", "01-CT/00002.dcm", "02-CT/00001.dcm", "02-CT/00002.dcm"]
    data = [pydicom.dcmread(tmp_path / "out" / name) for name in found]
    assert len({one.SeriesInstanceUID for one in data}) == 2
    assert {one.SeriesNumber for one in data} == {1001, 1002}
    assert len({one.StudyInstanceUID for one in data}) == 1


def test_a_second_run_replaces_only_when_told_to(capsys, tmp_path, two):
    words = ("enhance", two / "1", "-o", tmp_path / "out", "--step", "gaussian", "--dicom")
    assert told(capsys, *words)[0] == 0
    before = pydicom.dcmread(tmp_path / "out" / "00001.dcm").SOPInstanceUID
    code, said = told(capsys, *words)
    assert code == 1
    assert "is there already" in said
    assert pydicom.dcmread(tmp_path / "out" / "00001.dcm").SOPInstanceUID == before
    assert told(capsys, *words, "--replace")[0] == 0
    assert pydicom.dcmread(tmp_path / "out" / "00001.dcm").SOPInstanceUID != before


def test_ctrl_c_is_told_leaves_whole_series_and_can_be_gone_on_with(capsys, tmp_path, two, monkeypatch):
    words = ("enhance", two, "-o", tmp_path / "out", "--step", "gaussian", "--dicom")
    made, count = applied_objects.made, []

    def pressed(*values):
        count.append(1)
        if len(count) == 4:
            raise KeyboardInterrupt
        return made(*values)

    monkeypatch.setattr(applied_objects, "made", pressed)
    code, said = told(capsys, *words)
    assert code == 130
    assert "--resume" in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["01-CT"]
    code, said = told(capsys, *words, "--resume")
    assert code == 0
    assert "1 series stood there already" in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["01-CT", "02-CT"]


def test_one_frame_can_be_written_as_an_object(capsys, tmp_path, two):
    words = ("enhance", two / "1", "-o", tmp_path / "out", "--step", "clahe", "--dicom", "--frame", "-1")
    assert told(capsys, *words)[0] == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["00001.dcm"]
