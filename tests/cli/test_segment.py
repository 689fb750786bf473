"""``medviewer segment``: parts in ml, a mask with its place in the patient, and why there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
import trimesh

from medviewer.cli.main import main
from tests import factories


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    factories.ct(tmp_path / "in", slices=6, rows=40, columns=48, step=3.0)
    return tmp_path / "in"


def told(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    assert main(["segment", *map(str, words), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_parts_are_told_in_ml_with_mean_and_sd(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, folder, "--method", "threshold:low=-5000,high=65535")
    (part,) = found["parts"]
    assert (part["name"], part["unit"], part["value_unit"]) == ("threshold", "ml", "HU")
    assert part["voxels"] == 6 * 40 * 48
    assert part["size"] == pytest.approx(part["voxels"] * float(np.prod(found["spacing"])) / 1000)
    assert part["sd"] > 0


def test_several_methods_make_several_labels_and_the_last_one_wins(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.npz"
    words = ["--method", "threshold:low=-5000", "--method", "otsu", "-o", out]
    found = told(capsys, folder, *words)
    with np.load(out) as written:
        labels = written["labels"]
        assert labels.shape == (6, 40, 48)
        assert labels.dtype == np.uint8
        assert list(written["names"]) == ["threshold", "otsu"]
        assert written["directions"].shape == (3, 3)
        assert written["spacing"].tolist() == found["spacing"]
        assert set(written.files) == {"labels", "names", "origin", "directions", "spacing"}
    assert [part["voxels"] for part in found["parts"]] == [(labels == one).sum() for one in (1, 2)]
    assert (labels > 0).all()


def test_one_picture_is_told_in_square_millimetres(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, folder, "--method", "otsu", "--frame", -1, "--clean", "largest")
    assert found["shape"] == [40, 48]
    assert found["parts"][0]["unit"] == "mm²"


def test_a_seed_says_what_is_meant(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    method = ["--method", "region_growing:below=4000,above=4000", "--seed", "2,20,24"]
    assert told(capsys, folder, *method)["parts"][0]["voxels"] == 6 * 40 * 48
    numbers = tmp_path / "out.json"
    assert main(["segment", str(folder), *method, "-o", str(numbers)]) == 0
    out = capsys.readouterr().out
    assert "ml  mean" in out
    assert "nobody has checked" in out
    written = json.loads(numbers.read_text())
    assert written["parts"][0]["voxels"] == 6 * 40 * 48
    assert not {"P1", "patient", "series", "uid"} & set(map(str.lower, written))


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--method", "otzu"], 2, "Did you mean otsu?"),
        (["--method", "otsu:sight=dark"], 2, "Its parameters are: side."),
        (["--method", "otsu:side=left"], 2, "one of bright, dark"),
        (["--method", "otsu", "--clean", "wash"], 2, "There is no cleaning step"),
        (["--method", "otsu", "--seed", "1,2,3"], 2, "None of the methods takes seeds."),
        (["--method", "region_growing"], 2, "needs a seed"),
        (["--method", "region_growing", "--seed", "here"], 2, "is no seed"),
        (["--method", "region_growing", "--seed", "99,1,1"], 2, "not on the picture"),
        (["--method", "otsu", "-o", "out.png"], 2, "another ending"),
        ([], 2, "--method"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, sentence: str
) -> None:
    assert main(["segment", str(folder), *words]) == code
    err = capsys.readouterr().err
    assert sentence in err
    assert err.count("\n") == 1


def test_a_preset_for_ct_refuses_other_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    factories.mr(tmp_path / "mr")
    assert main(["segment", str(tmp_path / "mr"), "--method", "lungs"]) == 1
    assert "needs values in HU" in capsys.readouterr().err


def test_pictures_that_form_no_stack_are_segmented_one_by_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    factories.ultrasound(tmp_path / "us.dcm", frames=3)
    assert main(["segment", str(tmp_path / "us.dcm"), "--method", "otsu"]) == 1
    assert "--frame" in capsys.readouterr().err
    assert told(capsys, tmp_path / "us.dcm", "--method", "otsu", "--frame", 1)["parts"][0]["voxels"] > 0


def test_help_lists_methods_and_cleaning_with_their_limits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["segment", "--help"]) == 0
    out = capsys.readouterr().out
    for word in ("random_walker", "(needs --seed)", "by_mm: from 0 to 50 mm; 2.0 unless given", "lungs"):
        assert word in out


def test_a_stack_is_written_as_programs_of_research_read_it(folder: Path, tmp_path: Path) -> None:
    arguments = ["segment", str(folder), "--method", "threshold:low=200,high=400", "-o"]
    for name in ("l.nii.gz", "l.seg.nrrd", "l.stl"):
        assert main([*arguments, str(tmp_path / name)]) == 0
    counts = [
        int((sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / name))) == 1).sum())
        for name in ("l.nii.gz", "l.seg.nrrd")
    ]
    assert counts[0] == counts[1] > 50
    assert trimesh.load(tmp_path / "l.stl", force="mesh").volume == pytest.approx(counts[0] * 3.0, rel=0.01)
    assert main([*arguments, str(tmp_path / "l.doc")]) == 2


def test_a_segmentation_object_says_with_which_method_each_part_was_found(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    methods = ("--method", "threshold:low=200,high=400", "--method", "threshold:low=401,high=2000")
    found = told(capsys, folder, *methods, "--dicom", tmp_path / "out")
    (path,) = Path(found["dicom"]).glob("*.dcm")
    assert path.is_relative_to(tmp_path / "out")
    data = highdicom.seg.segread(path)
    kinds = {(one.SegmentAlgorithmType, one.SegmentAlgorithmName) for one in data.SegmentSequence}
    assert kinds == {("SEMIAUTOMATIC", "Threshold")}
    assert int((data.pixel_array > 0).sum()) == sum(part["voxels"] for part in found["parts"])
    alone = told(capsys, folder, *methods, "--frame", 2, "--dicom", tmp_path / "one")
    (path,) = Path(alone["dicom"]).glob("*.dcm")
    series = sorted(folder.rglob("*.dcm"), key=lambda one: pydicom.dcmread(one).ImagePositionPatient[2])
    named = {
        item.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        for item in pydicom.dcmread(path).PerFrameFunctionalGroupsSequence
    }
    assert named == {pydicom.dcmread(series[2]).SOPInstanceUID}
