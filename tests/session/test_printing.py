"""Prints: pages of the right size with the picture at the right size on them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from medviewer.export.report.content import NOTICE
from medviewer.imaging.pdf_pages import pages
from medviewer.kit.errors import BadValue, Cancelled
from medviewer.kit.task import TaskContext
from medviewer.session.printing.pages import PAPERS_MM, PrintOrder, job, pages_pdf, why_not_true
from medviewer.session.printing.saving import save_pages
from medviewer.session.session import Session
from tests import factories

DOTS = 150
MM = DOTS / 25.4


def _made(session: Session, **order: object) -> bytes:
    return pages_pdf(session, job(session, PrintOrder(**order)), TaskContext())  # type: ignore[arg-type]


def _drawn(content: bytes) -> np.ndarray:
    (page,) = pages(content, DOTS)
    return page.min(axis=2)


def _text(content: bytes) -> str:
    return pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()


@pytest.fixture
def bars(session: Session, tmp_path: Path) -> Session:
    """White bars on black, 40 mm high and 60 mm wide around the middle, on pixels that are not square."""
    volume = np.zeros((1, 100, 300), np.uint16)
    volume[:, 30:70, 90:210] = 2000
    factories.ct(
        tmp_path / "ct", 1, volume=volume, spacing=(1.0, 0.5), RescaleIntercept=0, PatientName="Muster^Max"
    )
    session.run("study.open", paths=(tmp_path / "ct",))
    session.run("window.set", center=1000, width=1000)
    session.run("view.text")
    session.run("view.text")
    return session


@pytest.mark.rule("P-44", "P-52")
@pytest.mark.parametrize("turned", [False, True])
def test_a_millimetre_of_the_picture_is_one_on_paper(bars: Session, turned: bool) -> None:
    if turned:
        bars.run("view.rotate", degrees="90")
    page = _drawn(_made(bars, true_size=True, ruler=False))
    inside = page[: int(230 * MM)]
    rows, columns = np.nonzero(inside < 50)
    picture = inside[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    wanted = (150, 100) if turned else (100, 150)
    assert picture.shape == pytest.approx([side * MM for side in wanted], abs=2)
    rows, columns = np.nonzero(picture > 200)
    # half a pixel of the file on either side is interpolated
    size = (rows.max() - rows.min() + 1, columns.max() - columns.min() + 1)
    assert size == pytest.approx([side * MM for side in ((60, 40) if turned else (40, 60))], abs=0.6 * MM)


def test_the_line_is_fifty_millimetres_long(bars: Session) -> None:
    with_line, without = (_drawn(_made(bars, ruler=ruler)) for ruler in (True, False))
    drawn = (with_line < 128) & (without > 200)
    longest = max(len(run) for row in drawn[-int(30 * MM) :] for run in bytes(row).split(b"\0"))
    assert longest == pytest.approx(50 * MM, abs=2)
    assert "50 mm long" in _text(_made(bars))


@pytest.mark.parametrize(("paper", "landscape"), [("A4", True), ("Letter", False)])
def test_the_sheet_and_its_margins_are_as_asked(bars: Session, paper: str, landscape: bool) -> None:
    content = _made(bars, paper=paper, landscape=landscape, margin=20.0, what="layout")
    width, height = PAPERS_MM[paper]  # type: ignore[index]
    wanted = (height, width) if landscape else (width, height)
    assert pypdfium2.PdfDocument(content)[0].get_size() == pytest.approx(
        [side / 25.4 * 72 for side in wanted], abs=0.1
    )
    rows, columns = np.nonzero(_drawn(content) < 250)
    assert min(rows.min(), columns.min()) >= 20 * MM - 3
    assert columns.max() <= (wanted[0] - 20) * MM + 3


def test_a_picture_larger_than_the_sheet_says_that_it_is_a_part(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", 1, rows=400, columns=400)
    session.run("study.open", paths=(tmp_path / "ct",))
    text = _text(_made(session, true_size=True))
    assert "true size; a part of a picture of 400 x 400 mm" in text


def test_the_sheet_says_what_the_program_is_not_and_nobody_is_named(bars: Session) -> None:
    content = _made(bars)
    text = re.sub(r"\s+", " ", _text(content))
    assert NOTICE in text
    assert "without the patient's identity" in text
    assert b"Muster" not in content
    assert not np.array_equal(_drawn(content), _drawn(_made(bars, identity="patient")))


def test_greys_reach_the_sheet_as_they_are(bars: Session) -> None:
    bars.run("window.set", center=2000, width=4000)
    page = _drawn(_made(bars, true_size=True))
    middle = page[int(50 * MM) : int(70 * MM), int(95 * MM) : int(115 * MM)]
    assert np.unique(middle).size == 1
    assert int(middle[0, 0]) == pytest.approx(127, abs=1)


def test_what_has_no_size_is_refused(session: Session, tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="no picture"):
        job(session, PrintOrder())
    factories.xray(tmp_path / "x.dcm", PixelSpacing=None, ImagerPixelSpacing=None)
    session.run("study.open", paths=(tmp_path / "x.dcm",))
    assert "how large a pixel is" in why_not_true(session)
    with pytest.raises(BadValue, match="true size"):
        job(session, PrintOrder(true_size=True))
    assert _drawn(_made(session)).min() < 10


@pytest.mark.rule("P-51")
def test_a_scale_set_by_hand_decides_the_size(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "x.dcm"
    factories.xray(path, PixelSpacing=None, ImagerPixelSpacing=None)
    session.run("study.open", paths=(path,))
    series = session.series(session.view.current.series)
    assert series is not None
    scale = ((series.instances[0].sop_instance, 0.4),)
    session.edit(
        "Test",
        lambda document: document.with_reading(replace(document.reading(series.key), scales=scale)),
    )
    assert why_not_true(session) == ""
    found = job(session, PrintOrder(true_size=True))
    rows, columns = series.frames[0].plane.shape
    assert found.size == pytest.approx((columns * 0.4, rows * 0.4), abs=0.1)
    assert "true size, calibrated by hand" in found.words


def test_a_report_is_printed_as_it_is_saved(bars: Session) -> None:
    assert "Report" in _text(_made(bars, what="report"))
    assert "Muster Max" in _text(_made(bars, what="report", identity="patient"))


def test_pages_are_saved_as_they_are_and_stopped_when_asked(bars: Session, tmp_path: Path) -> None:
    content = _made(bars)
    save_pages(bars, content, tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == content
    save_pages(bars, content, tmp_path / "nowhere" / "there.txt" / "a.pdf")
    context = TaskContext()
    context.token.cancel()
    with pytest.raises(Cancelled):
        pages(content, 30, context.check)
