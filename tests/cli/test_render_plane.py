"""``medviewer render --plane``: the plane that the window shows, exactly its pixels, or why there is none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from medviewer.cli.main import main
from medviewer.session.session import Session
from tests import factories


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    factories.ct(tmp_path / "in", slices=12, step=3.0)
    return tmp_path / "in"


def rendered(folder: Path, *flags: str) -> np.ndarray:
    target = folder.parent / "out.png"
    assert main(["render", str(folder), "--window", "40,400", "-o", str(target), *flags]) == 0
    return np.asarray(cv2.imread(str(target), cv2.IMREAD_UNCHANGED))


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_the_terminal_cuts_as_the_window_does(folder: Path, plane: str) -> None:
    at = {"axial": "12", "coronal": "-2", "sagittal": "-4"}[plane]
    written = rendered(folder, "--raw", "--plane", plane, "--at", at, "--slab", "7", "--slab-mode", "max")
    session = Session()
    session.run("study.open", paths=(folder,))
    session.run("window.set", center=40, width=400)
    session.run("plane.show", name=plane)
    session.run("plane.crosshair", position=(-4.0, -2.0, 12.0))
    session.run("plane.slab", thickness=7.0, mode="max")
    assert np.array_equal(written, session.rendering.draw(0, None).picture.pixels)
    session.close()


def test_a_plane_has_square_millimetres_unless_it_is_raw(folder: Path) -> None:
    assert rendered(folder, "--plane", "coronal", "--raw").shape == (12, 64)
    assert rendered(folder, "--plane", "coronal").shape[:2] == (36, 64)


def test_a_place_beyond_the_stack_is_refused_with_its_ends(folder: Path, capsys) -> None:
    given = ["render", str(folder), "-o", str(folder.parent / "out.png"), "--plane", "axial", "--at", "-40"]
    assert main(given) == 2
    assert "from 0.0 to 33.0 mm" in capsys.readouterr().err
    assert not (folder.parent / "out.png").exists()


def test_where_there_is_no_stack_the_reason_is_told(tmp_path: Path, capsys) -> None:
    factories.xray(tmp_path / "one.dcm")
    assert main(["render", str(tmp_path / "one.dcm"), "-o", str(tmp_path / "o.png"), "--plane", "axial"]) == 2
    assert "No planes can be cut" in capsys.readouterr().err


def test_a_slab_without_a_plane_is_wrong_use(folder: Path, capsys) -> None:
    assert main(["render", str(folder), "-o", str(folder.parent / "out.png"), "--slab", "5"]) == 2
    assert "--plane" in capsys.readouterr().err
