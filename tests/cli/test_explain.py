"""Explaining in the terminal: the picture, the numbers and their sums."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from medviewer.cli.main import main
from tests import factories
from tests.ai.small_models import class_card, sides, write


def test_a_picture_and_a_dicom_file_are_explained(own_home: Path, tmp_path: Path, capsys) -> None:
    (own_home / "models").mkdir()
    write(own_home / "models", sides(), class_card())
    picture = np.random.default_rng(1).integers(0, 255, (40, 60)).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "Doe^Jane.png"), picture)
    factories.ct(tmp_path / "s", 1, rows=8, columns=8)
    words = ["explain", "left-right", str(tmp_path / "Doe^Jane.png"), str(tmp_path / "s")]
    assert main([*words, "-o", str(tmp_path / "out"), "--label", "RIGHT", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["pictures"]
    assert [one["label"] for one in told] == ["right", "right"]
    assert told[0]["method"] == "occlusion"
    sums = list(told[0]["checks"].values())
    assert len(sums) == 2
    values = np.load(tmp_path / "out" / "explained-0000.npy")
    assert values.shape == picture.shape
    again = cv2.imread(str(tmp_path / "out" / "explained-0000.tiff"), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(again, values)
    drawn = cv2.imread(str(tmp_path / "out" / "explained-0000.png"))
    assert drawn.shape[0] >= 384
    assert np.ptp(drawn.astype(int), axis=2).max() > 60
    assert "Doe" not in (tmp_path / "out" / "result.json").read_text()


def test_a_label_that_is_not_there_is_wrong_use(own_home: Path, tmp_path: Path, capsys) -> None:
    (own_home / "models").mkdir()
    write(own_home / "models", sides(), class_card())
    cv2.imwrite(str(tmp_path / "p.png"), np.eye(9, dtype=np.uint8))
    words = ["explain", "left-right", str(tmp_path / "p.png"), "-o", str(tmp_path / "out")]
    assert main([*words, "--label", "up"]) == 2
    assert "It has: left, right" in capsys.readouterr().err
    assert main([*words, "--method", "map"]) == 1
    assert "Choose occlusion" in capsys.readouterr().err
