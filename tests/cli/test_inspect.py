"""What the terminal tells of a pixel is what the inspector in the window tells."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from medviewer.cli.main import main
from tests import factories


def test_a_pixel_is_told_step_by_step_and_equals_the_rendered_one(capsys, tmp_path: Path) -> None:
    stored = (np.arange(32 * 48).reshape(32, 48) * 2).astype(np.uint16)
    path = factories.gray(tmp_path / "a.dcm", stored, WindowCenter=1500, WindowWidth=2600)
    assert main(["render", str(path), "-o", str(tmp_path / "a.png"), "--raw", "--step", "gamma"]) == 0
    grey = int(cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)[7, 13])
    assert main(["inspect", str(path), "--at", "7,13", "--step", "gamma", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["shown"] == [grey]
    words = {fact["title"]: fact["words"] for fact in told["facts"]}
    assert words["Stored value"] == str(stored[7, 13])
    assert main(["inspect", str(path), "--at", "7,13", "--window", "1000,500"]) == 0
    text = capsys.readouterr().out
    assert "Stored value: " in text
    assert "by the reader" in text


@pytest.mark.parametrize("at", ["7", "7,", "-1,3", "a,b", "32,0", "0,48", "1,2,3"])
def test_a_pixel_that_cannot_be_is_refused_with_what_can(capsys, tmp_path: Path, at: str) -> None:
    path = factories.gray(tmp_path / "a.dcm")
    assert main(["inspect", str(path), f"--at={at}"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "pixel" in told


def test_the_last_picture_can_be_asked_for(capsys, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", slices=4)
    assert main(["inspect", str(tmp_path / "ct"), "--at", "1,2", "--index", "-1"]) == 0
    assert "Picture: 4 of 4" in capsys.readouterr().out
