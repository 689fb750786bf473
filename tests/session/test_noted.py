"""Exported files say how their greys came about, and never whose they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medviewer.session.session import Session
from tests import factories

WHO = {
    "PatientName": "Muster^Max",
    "PatientID": "4711",
    "WindowCenterWidthExplanation": "Muster",
    "SeriesDescription": "Muster",
    "StudyDescription": "Muster",
    "RescaleType": "Muster",
}


def _opened(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", 6, **WHO)
    session.run("study.open", paths=(tmp_path / "ct",))


def _saved(session: Session, path: Path, **values: object) -> str:
    """What the file says, pixels and all."""
    session.run("export.picture", path=path, **values)
    return path.read_bytes().decode("latin-1")


@pytest.mark.rule("P-56")
@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_file_without_words_on_it_says_its_window_inversion_and_enhancement(
    session: Session, tmp_path: Path, name: str
) -> None:
    _opened(session, tmp_path)
    session.run("window.set", center=40, width=400)
    session.run("window.invert")
    session.run("enhance.add", operation="gamma")
    told = _saved(session, tmp_path / name, text=False)
    assert "A picture to look at, in 8 bits; not data. C 40  W 400  inverted; enhanced: Gamma" in told


@pytest.mark.rule("P-56")
def test_planes_and_colors_are_said_too(session: Session, tmp_path: Path) -> None:
    _opened(session, tmp_path)
    session.run("plane.show", name="coronal")
    session.run("plane.slab", thickness=10, mode="max")
    session.run("view.colors", name="hot-iron")
    told = _saved(session, tmp_path / "a.png")
    assert "Coronal; Slab 10 mm" in told
    assert "colours hot-iron" in told


@pytest.mark.rule("P-56")
@pytest.mark.parametrize("identity", [False, True])
def test_nothing_in_the_words_of_a_file_says_whose_it_is(
    session: Session, tmp_path: Path, identity: bool
) -> None:
    _opened(session, tmp_path)
    told = _saved(session, tmp_path / "a.png", identity=identity)
    assert "not data. C " in told
    assert "Muster" not in told
    assert "4711" not in told


@pytest.mark.rule("P-22", "P-56")
def test_the_window_told_of_a_first_picture_is_that_of_its_series(session: Session, tmp_path: Path) -> None:
    pixels = np.stack([np.linspace(0, level, 64).astype(np.uint16).reshape(8, 8) for level in (3, 900, 4)])
    session.run("study.open", paths=(factories.write(tmp_path / "a.dcm", factories.picture(pixels)),))
    session.run("view.goto", index=0)
    told = _saved(session, tmp_path / "a.png")
    window = session.rendering.voi(session.view.current)
    assert f"C {window.center:.0f}  W {window.width:.0f}" in told
