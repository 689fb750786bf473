"""The terminal tells the numbers that the panel tells."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import metrics

from medviewer.cli.main import main
from tests import factories

LOOK = ["--step", "clahe:clip_limit=3", "--window", "1500,2600"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    grain = np.random.default_rng(5).normal(1500, 400, (64, 80)).clip(0, 4095)
    return Path(factories.gray(tmp_path / "a.dcm", grain.astype(np.uint16)))


def rendered(path: Path, name: str, *look: str) -> np.ndarray:
    target = path.with_name(name)
    assert main(["render", str(path), "-o", str(target), "--raw", *look]) == 0
    return cv2.imread(str(target), cv2.IMREAD_UNCHANGED)


def test_json_agrees_with_scikit_image_on_the_rendered_pictures(capsys, path: Path) -> None:
    plain, made = rendered(path, "a.png", *LOOK[2:]), rendered(path, "b.png", *LOOK)
    capsys.readouterr()
    assert main(["numbers", str(path), "--json", *LOOK]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["psnr_db"] == pytest.approx(
        metrics.peak_signal_noise_ratio(plain, made, data_range=255), abs=0.05
    )
    assert found["ssim"] == pytest.approx(
        metrics.structural_similarity(
            plain, made, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        ),
        abs=2e-3,
    )
    assert found["enhanced_has_unit"] is False
    assert found["enhanced"] == "Local contrast (CLAHE)"


def test_two_regions_have_a_contrast_before_and_after(capsys, path: Path) -> None:
    regions = ["--region", "2,3,20,30", "--region", "40,40,60,70"]
    assert main(["numbers", str(path), "--json", "--step", "gaussian", *regions]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["before"]["count"] for one in found["regions"]] == [19 * 28, 21 * 31]
    assert found["cnr"]["before"] > 0
    assert found["cnr"]["after"] > 0


def test_lines_and_csv_have_the_same_rows(capsys, path: Path) -> None:
    assert main(["numbers", str(path), *LOOK]) == 0
    text = capsys.readouterr().out
    assert main(["numbers", str(path), "--csv", *LOOK]) == 0
    table = list(csv.reader(capsys.readouterr().out.splitlines()))
    assert all(row[0] in text for row in table[1:])
    assert "no unit" in text


@pytest.mark.parametrize(
    "wrong",
    [
        ["--region", "1,2,3"],
        ["--region", "1,2,9,9"],
        ["--region", "1,2,9,9", "--region", "900,900,950,950"],
        ["--index", "3"],
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(capsys, path: Path, wrong: list[str]) -> None:
    assert main(["numbers", str(path), *wrong]) == 2
    assert capsys.readouterr().err.count("\n") == 1
