"""``medviewer dicom``: work that was kept becomes objects of the study."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest

from medviewer.cli.main import main
from medviewer.session.session import Session
from tests import factories
from tests.dicom_out.work import draw_everything, drawn_labels, open_first, put


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    factories.ct(tmp_path / "in", 4)
    session = Session()
    series = open_first(session, tmp_path / "in")
    put(session, series, drawn_labels(series))
    draw_everything(session, series)
    session.run("key.toggle")
    session.run("study.save", path=tmp_path / "work.json")
    session.close()
    return tmp_path / "in"


def test_what_was_kept_is_written(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dicom", str(folder), "-o", str(tmp_path / "out")]) == 0
    modalities = sorted(pydicom.dcmread(path).Modality for path in (tmp_path / "out").rglob("*.dcm"))
    assert modalities == ["KO", "SEG", "SR"]
    assert "Written: 3 objects" in capsys.readouterr().out


def test_a_session_file_and_one_part_are_enough(folder: Path, tmp_path: Path) -> None:
    reading = str(tmp_path / "work.json")
    words = [
        "dicom",
        str(folder),
        "-o",
        str(tmp_path / "out"),
        "--reading",
        reading,
        "--what",
        "presentation",
    ]
    assert main(words) == 0
    (path,) = (tmp_path / "out").rglob("*.dcm")
    assert pydicom.dcmread(path).GraphicAnnotationSequence


def test_nothing_to_write_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    factories.ct(tmp_path / "bare", 2, study="bare")
    assert main(["dicom", str(tmp_path / "bare"), "-o", str(tmp_path / "out")]) == 1
    assert "nothing of this to save" in capsys.readouterr().err
