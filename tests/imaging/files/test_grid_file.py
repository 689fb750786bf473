"""NIfTI and NRRD files: voxels lie where SimpleITK puts them, and damaged files say so in a sentence."""

from __future__ import annotations

import gzip
import math
import struct
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from medviewer.core.geometry import ImageGeometry
from medviewer.imaging.files.grid_file import read_grid, read_grid_header, write_grid
from medviewer.imaging.files.standing import standing
from medviewer.kit.errors import DamagedFile, ExportTrouble, FileTrouble, MedviewerError

TURN = math.radians(25)
OBLIQUE = ImageGeometry(
    (7, 11, 13),
    (-12.5, 33.25, 101.0),
    (
        (-math.sin(TURN), 0.0, math.cos(TURN)),
        (0.0, 1.0, 0.0),
        (math.cos(TURN), 0.0, math.sin(TURN)),
    ),
    (2.7, 0.61, 0.83),
)
ENDINGS = (".nii.gz", ".nii", ".nrrd")


def values(shape: tuple[int, ...] = OBLIQUE.shape, kind: str = "int16") -> np.ndarray:
    return np.random.default_rng(3).integers(-1000, 2000, shape).astype(kind)


@pytest.mark.parametrize("kind", ["int16", "uint8", "float32"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_an_oblique_stack_with_odd_spacings_lies_where_simpleitk_reads_it(tmp_path: Path, ending, kind):
    path, stack = tmp_path / f"a{ending}", values(kind=kind)
    write_grid(path, stack, OBLIQUE)
    again = sitk.ReadImage(str(path))
    assert np.array_equal(sitk.GetArrayFromImage(again), stack)
    for index in ((0, 0, 0), (6, 0, 12), (3, 10, 5)):
        there = again.TransformIndexToPhysicalPoint(index[::-1])
        assert there == pytest.approx(tuple(OBLIQUE.to_patient(index)), abs=1e-3)
    header, found = read_grid(path)
    assert np.array_equal(found[0], stack)
    for index in ((0, 0, 0), (6, 10, 12)):
        assert header.geometry.to_patient(index) == pytest.approx(OBLIQUE.to_patient(index), abs=1e-3)


def test_nifti_itself_says_right_anterior_superior(tmp_path: Path) -> None:
    # read with nothing but the format's description: srow_x, srow_y and srow_z stand at byte 280 (nifti1.h)
    write_grid(tmp_path / "a.nii", values(), OBLIQUE)
    head = (tmp_path / "a.nii").read_bytes()[:348]
    rows = np.array(struct.unpack_from("<12f", head, 280)).reshape(3, 4)
    ras = rows @ (12, 10, 6, 1)
    assert ras * (-1, -1, 1) == pytest.approx(OBLIQUE.to_patient((6, 10, 12)), abs=1e-3)


def test_times_are_a_fourth_axis_with_their_step(tmp_path: Path) -> None:
    stack = values((4, *OBLIQUE.shape))
    write_grid(tmp_path / "a.nii.gz", stack, OBLIQUE, step_s=2.5)
    again = sitk.ReadImage(str(tmp_path / "a.nii.gz"))
    assert again.GetDimension() == 4
    assert again.GetSpacing()[3] == pytest.approx(2.5)
    header, found = read_grid(tmp_path / "a.nii.gz")
    assert header.times == 4
    assert np.array_equal(found, stack)
    assert header.geometry.to_patient((6, 10, 12)) == pytest.approx(OBLIQUE.to_patient((6, 10, 12)), abs=1e-3)


def test_slope_and_intercept_of_a_file_are_applied(tmp_path: Path) -> None:
    write_grid(tmp_path / "a.nii", values(), OBLIQUE)
    content = bytearray((tmp_path / "a.nii").read_bytes())
    struct.pack_into("<2f", content, 112, 0.5, -7.0)
    (tmp_path / "a.nii").write_bytes(content)
    assert read_grid(tmp_path / "a.nii")[1][0] == pytest.approx(values() * 0.5 - 7, abs=1e-3)


def test_sheared_slices_are_refused_in_words(tmp_path: Path) -> None:
    tilted = ImageGeometry((3, 4, 5), (0, 0, 0), ((0, 0.3, 0.954), (0, 1, 0), (1, 0, 0)), (1, 1, 1))
    with pytest.raises(ExportTrouble, match="gantry tilt"):
        write_grid(tmp_path / "a.nii", np.zeros((3, 4, 5), np.uint8), tilted)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="folder"):
        write_grid(tmp_path / "no" / "a.nii", values(), OBLIQUE)
    with pytest.raises(ExportTrouble, match="ending"):
        write_grid(tmp_path / "a.mha", values(), OBLIQUE)


def damaged(tmp_path: Path) -> list[tuple[str, bytes]]:
    write_grid(tmp_path / "a.nii", values(), OBLIQUE)
    write_grid(tmp_path / "a.nrrd", values(), OBLIQUE)
    nifti, nrrd = (tmp_path / "a.nii").read_bytes(), (tmp_path / "a.nrrd").read_bytes()
    huge = bytearray(nifti)
    struct.pack_into("<8h", huge, 40, 3, 32767, 32767, 1000, 1, 1, 1, 1)
    negative = bytearray(nifti)
    struct.pack_into("<8h", negative, 40, 3, -5, 11, 7, 1, 1, 1, 1)
    nowhere = bytearray(nifti)
    struct.pack_into("<h", nowhere, 252, 0)  # what is read is then the three rows of the sform
    struct.pack_into("<4f", nowhere, 280, *(math.nan,) * 4)
    return [
        ("cut.nii", nifti[: len(nifti) // 2]),
        ("head.nii", nifti[:200]),
        ("empty.nii", b""),
        ("noise.nii.gz", gzip.compress(b"nothing" * 100)),
        ("cut.nii.gz", gzip.compress(nifti)[:600]),
        ("huge.nii", bytes(huge)),
        ("huge.nii.gz", gzip.compress(bytes(huge))),
        ("negative.nii", bytes(negative)),
        ("nowhere.nii", bytes(nowhere)),
        ("cut.nrrd", nrrd[: len(nrrd) * 2 // 3]),
        ("huge.nrrd", nrrd.replace(b"sizes: 13 11 7", b"sizes: 10000 10000 10000")),
        ("noise.nrrd", b"NRRD0004\nwhat: ever\n\n"),
    ]


def test_damaged_files_say_so_in_a_sentence_that_names_them(tmp_path: Path) -> None:
    for name, content in damaged(tmp_path):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(MedviewerError) as told:
            read_grid(path)
        assert name in told.value.message, name
        assert told.value.advice, name


def test_claims_of_a_million_million_voxels_cost_no_memory(tmp_path: Path) -> None:
    damaged(tmp_path)
    content = (tmp_path / "a.nrrd").read_bytes().replace(b"sizes: 13 11 7", b"sizes: 10000 10000 10000")
    (tmp_path / "b.nrrd").write_bytes(content)
    with pytest.raises(DamagedFile, match="claims 1,000,000,000,000 numbers"):
        read_grid_header(tmp_path / "b.nrrd")


def test_an_nrrd_header_cannot_make_another_file_be_read(tmp_path: Path) -> None:
    (tmp_path / "secret.raw").write_bytes(bytes(1000))
    (tmp_path / "a.nrrd").write_bytes(
        b"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 10 10 10\nencoding: raw\ndata file: secret.raw\n\n"
    )
    with pytest.raises(FileTrouble, match="another file"):
        read_grid(tmp_path / "a.nrrd")


@pytest.mark.parametrize("code", ["RAS", "LPS", "LAI", "PIR", "ASL", "RSA", "SPR"])
def test_slices_stand_upright_whatever_corner_the_file_begins_in(code: str) -> None:
    """An oblique variant of each, against SimpleITK's own way of turning images."""
    image = sitk.GetImageFromArray(values((5, 6, 7)))
    image.SetSpacing((0.7, 1.1, 2.3))
    image = sitk.DICOMOrient(image, code)
    across = np.asarray(image.GetDirection()).reshape(3, 3)
    geometry = ImageGeometry(
        image.GetSize()[::-1],
        image.GetOrigin(),
        tuple(tuple(across[:, axis]) for axis in (2, 1, 0)),
        image.GetSpacing()[::-1],
    )
    turned = standing(geometry)
    upright = turned.geometry(geometry)
    stack = sitk.GetArrayFromImage(image)
    right, down = np.asarray(upright.directions[2]), np.asarray(upright.directions[1])
    axis = int(np.argmax(np.abs(upright.directions[0])))
    assert right.tolist() == ([0, 1, 0] if axis == 0 else [1, 0, 0])
    assert down.tolist() == ([0, 1, 0] if axis == 2 else [0, 0, -1])
    for at in (0, 3):
        picture = turned.picture(stack[at])
        assert picture.shape == upright.shape[1:]
        for row, column in ((0, 0), (2, 3), (4, 1)):
            place = upright.to_patient((at, row, column))
            index = image.TransformPhysicalPointToIndex(place.tolist())
            assert picture[row, column] == image[index]
