"""Models in the terminal: listing, checking, reading a series."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from medviewer.cli.main import main
from tests import factories
from tests.ai.small_models import card, class_card, identity, sides, write


def image(path: Path) -> Any:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


@pytest.fixture
def series(tmp_path: Path) -> Path:
    factories.ct(tmp_path / "s", 3, rows=8, columns=8)
    return tmp_path / "s"


@pytest.fixture
def models(own_home: Path) -> Path:
    (own_home / "models").mkdir()
    return own_home / "models"


def test_models_are_listed_with_task_and_version(models, capsys):
    write(models, identity(), card(), "one")
    write(models, sides(), None, "bare")
    assert main(["models", "--json"]) == 0
    told = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert (told["bright"]["task"], told["bright"]["version"]) == ("segmentation", "1.0")
    assert told["bright"]["usable"]
    assert told["bare"]["task"] is None
    assert not told["bare"]["usable"]
    assert main(["models"]) == 0
    assert "bright" in capsys.readouterr().out


def test_checking_a_model_that_cannot_run_is_exit_1(models, capsys):
    write(models, identity(), card(), "one")
    assert main(["models", "--check", "--json"]) == 0
    told = next(one for one in json.loads(capsys.readouterr().out) if one["name"] == "bright")
    assert told["check"]["passed"]
    (models / "broken.onnx").write_bytes(b"no model")
    assert main(["models", "--check"]) == 1
    assert "failed: broken" in capsys.readouterr().err


def test_a_segmentation_writes_masks_overlays_and_a_result_with_its_name(series, models, tmp_path, capsys):
    write(models, identity(), card())
    assert main(["infer", str(series), "--model", "bright", "-o", str(tmp_path / "out"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((tmp_path / "out" / "result.json").read_text())
    assert told["model"]["name"] == "bright"
    assert told["state"] == "proposed"
    assert told["labels"] == [{"value": 1, "name": "Bright", "color": told["labels"][0]["color"]}]
    assert [one["frame"] for one in told["masks"]] == [0, 1, 2]
    for one in told["masks"]:
        mask = image(tmp_path / "out" / one["mask"])
        assert mask.shape == (8, 8)
        assert set(np.unique(mask)) <= {0, 1}
        assert int((mask == 1).sum()) == one["pixels"]["Bright"]
        assert image(tmp_path / "out" / one["overlay"]).shape == (8, 8, 3)


def test_a_classification_writes_a_probability_for_each_picture(series, models, tmp_path, capsys):
    path = write(tmp_path, sides(), class_card())
    words = ["infer", str(series), "--model", str(path), "-o", str(tmp_path / "out"), "--frame", "2"]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["frame"], one["what"]) for one in told["findings"]] == [(2, "left"), (2, "right")]
    assert sum(one["score"] for one in told["findings"]) == pytest.approx(1)
    assert told["masks"] == []
    assert main(words) == 0
    assert "not a diagnosis" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("brigth", "Did you mean bright?"), ("bare", "has no card"), ("garbage", "garbage")],
)
def test_a_model_that_cannot_be_used_is_one_sentence(series, models, tmp_path, capsys, name, sentence):
    write(models, identity(), card(), "one")
    write(models, sides(), None, "bare")
    (models / "garbage.onnx").write_bytes(b"\x80\x04garbage")
    assert main(["infer", str(series), "--model", name, "-o", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_model_for_another_modality_says_so(models, tmp_path, capsys):
    write(models, identity(), card())
    path = factories.mr(tmp_path / "s", 1)[0]
    assert main(["infer", str(path), "--model", "bright", "-o", str(tmp_path / "out")]) == 1
    assert "MR" in capsys.readouterr().err
