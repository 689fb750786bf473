"""``medviewer report``: with what its reader has kept, of which nothing is changed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from medviewer.cli.main import main
from medviewer.core.annotation import Annotation, Shape
from medviewer.session.session import Session
from tests import factories


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    factories.ct(tmp_path / "in", 5, PatientName="Muster^Max")
    return tmp_path / "in"


def _text(path: Path) -> str:
    document = pypdfium2.PdfDocument(path.read_bytes())
    return "".join(document[at].get_textpage().get_text_range() for at in range(len(document)))


def _worked(folder: Path, reading: Path | None = None) -> None:
    """Draw something on the study, and keep it."""
    session = Session()
    session.run("study.open", paths=(folder,))
    series = session.series(session.view.current.series)
    assert series is not None
    plane = series.frames[1].plane
    drawn = Annotation(
        Shape.LENGTH, (plane.to_patient(5, 5), plane.to_patient(5, 25)), plane.frame_of_reference
    )
    session.edit(
        "Test",
        lambda document: document.with_reading(replace(document.reading(series.key), annotations=(drawn,))),
    )
    if reading is not None:
        session.run("study.save", path=reading)
        session.run("edit.undo")
    session.close()


def test_what_was_kept_is_in_the_report_and_stays_as_it_was(
    folder: Path, own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _worked(folder)
    kept = {path: path.read_bytes() for path in own_home.rglob("readings/*") if path.is_file()}
    out = tmp_path / "a.pdf"
    assert main(["report", str(folder), "-o", str(out), "--words", "Mine."]) == 0
    assert capsys.readouterr().out == f"Written: {out}.\n"
    text = _text(out)
    assert "20.0 mm" in text
    assert "Mine." in text
    assert "Muster" not in text
    assert kept
    assert {path: path.read_bytes() for path in kept} == kept


def test_a_reading_can_be_given_as_a_file(folder: Path, tmp_path: Path) -> None:
    _worked(folder, tmp_path / "reading.json")
    call = ["report", str(folder), "-o"]
    assert main([*call, str(tmp_path / "a.html")]) == 0
    assert "20.0 mm" not in (tmp_path / "a.html").read_text(encoding="utf-8")
    given = ["--reading", str(tmp_path / "reading.json"), "--identity", "patient"]
    assert main([*call, str(tmp_path / "b.html"), *given]) == 0
    page = (tmp_path / "b.html").read_text(encoding="utf-8")
    assert "20.0 mm" in page
    assert "Muster Max" in page


def test_parts_and_paper_are_as_asked(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.pdf"
    without = [word for part in ("pictures", "measurements") for word in ("--without", part)]
    assert main(["report", str(folder), "-o", str(out), "--paper", "Letter", *without]) == 0
    document = pypdfium2.PdfDocument(out.read_bytes())
    assert document[0].get_size() == pytest.approx((612, 792), abs=0.1)
    assert not re.search("Pictures|Measurements", _text(out))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "a.docx"], ".pdf and as .html"),
        (["-o", "a.pdf", "--identity", "everybody"], "none"),
        (["-o", "nowhere/a.pdf"], "there is no folder"),
        (["-o", "a.pdf", "--frame", "99"], "There is no frame 99"),
        (["-o", "a.pdf", "--reading", "none.json"], "none.json cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", str(folder), *words]) in (1, 2)
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
