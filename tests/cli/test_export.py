"""``medviewer export``: what is written follows from the name of the target, and wrong use is told."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import SimpleITK as sitk
import trimesh

from medviewer.cli.main import main
from tests import factories


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    factories.ct(tmp_path / "s", 8, PatientName="Secret^Name")
    return tmp_path / "s"


def told(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = main(["export", *map(str, words)])
    output = capsys.readouterr()
    return code, output.out + output.err


def test_the_ending_decides_what_is_written(capsys, tmp_path, stack):
    assert told(capsys, stack, "-o", tmp_path / "all", "--no-text", "--every", "2")[0] == 0
    names = sorted(path.name for path in (tmp_path / "all").iterdir())
    assert names == ["0001.png", "0003.png", "0005.png", "0007.png"]
    assert told(capsys, stack, "-o", tmp_path / "a.gif", "--rate", "4")[0] == 0
    # pictures that are quite alike stand as one, for as long as all of them
    assert np.sum(cv2.imreadanimation(str(tmp_path / "a.gif"))[1].durations) == 2000
    assert told(capsys, stack, "-o", tmp_path / "a.mp4", "--first", "3")[0] == 0
    assert cv2.VideoCapture(str(tmp_path / "a.mp4")).get(cv2.CAP_PROP_FRAME_COUNT) == 6
    assert told(capsys, stack, "-o", tmp_path / "a.jpg", "--columns", "4", "--tile", "100")[0] == 0
    assert cv2.imread(str(tmp_path / "a.jpg")).shape == (212, 420, 3)
    assert told(capsys, stack, "-o", tmp_path / "v.nii.gz")[0] == 0
    assert sitk.ReadImage(str(tmp_path / "v.nii.gz")).GetSize() == (64, 64, 8)
    code, words = told(capsys, stack, "-o", tmp_path / "values", "--values", "16 bits", "--last", "1")
    assert code == 0
    assert "HU, exactly" in words
    for path in tmp_path.rglob("*"):
        assert path == stack or stack in path.parents or path.is_dir() or b"Secret" not in path.read_bytes()


def test_labels_are_laid_onto_the_series_drawn_and_written_again(capsys, tmp_path, stack):
    told(capsys, stack, "-o", tmp_path / "v.nrrd")
    image = sitk.ReadImage(str(tmp_path / "v.nrrd"))
    sitk.WriteImage(sitk.Cast(image > 200, sitk.sitkUInt8), str(tmp_path / "l.nii.gz"))
    (tmp_path / "l.csv").write_text("1,Ball,#0072b2\n")
    assert told(capsys, stack, "-o", tmp_path / "p", "--labels", tmp_path / "l.nii.gz", "--no-text")[0] == 0
    picture = cv2.imread(str(tmp_path / "p" / "0004.png")).astype(int)
    assert np.abs(picture[..., 0] - picture[..., 2]).max() > 20
    told(capsys, stack, "-o", tmp_path / "out.seg.nrrd", "--labels", tmp_path / "l.nii.gz")
    again = sitk.ReadImage(str(tmp_path / "out.seg.nrrd"))
    assert again.GetMetaData("Segment0_Name") == "Ball"
    assert np.array_equal(sitk.GetArrayFromImage(again), sitk.GetArrayFromImage(image) > 200)
    told(capsys, stack, "-o", tmp_path / "out.stl", "--labels", tmp_path / "l.nii.gz")
    mesh = trimesh.load(tmp_path / "out.stl", force="mesh")
    assert mesh.volume == pytest.approx((sitk.GetArrayFromImage(image) > 200).sum() * 2.0, rel=0.01)


def test_a_nifti_file_is_as_good_as_a_folder(capsys, tmp_path, stack):
    told(capsys, stack, "-o", tmp_path / "v.nii.gz")
    code, _ = told(
        capsys, tmp_path / "v.nii.gz", "-o", tmp_path / "p", "--window", "40,400", "--plane", "sagittal"
    )
    assert code == 0
    assert len(list((tmp_path / "p").iterdir())) == 64


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "x.stl"), "Give them with --labels"),
        (("-o", "out", "--values", "float"), "32 bits need TIFF"),
        (("-o", "out", "--scale", "90"), "--scale cannot be 90"),
        (("-o", "out", "--first", "20"), "1 to 8"),
        (("-o", "out", "--sides", "beside"), "no before and after"),
        (("-o", "a.mp4", "--values", "stored"), "written into a folder"),
        (("-o", "out", "--labels", "nothing.nii"), "no file called nothing.nii"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(capsys, tmp_path, stack, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    code, output = told(capsys, stack, *words)
    assert code in (1, 2)
    assert said in output
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_there_is_replaced_only_if_asked_for(capsys, tmp_path, stack):
    (tmp_path / "v.nii").write_bytes(b"mine")
    assert told(capsys, stack, "-o", tmp_path / "v.nii")[0] == 2
    assert (tmp_path / "v.nii").read_bytes() == b"mine"
    assert told(capsys, stack, "-o", tmp_path / "v.nii", "--replace")[0] == 0
    assert sitk.ReadImage(str(tmp_path / "v.nii")).GetSize() == (64, 64, 8)
