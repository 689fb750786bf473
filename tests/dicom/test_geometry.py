"""Which pictures have a size in the patient, which at the detector, and which none."""

from __future__ import annotations

from pathlib import Path

import pytest

from medviewer.core.geometry import Calibration, Plane
from medviewer.dicom.geometry import planes
from medviewer.dicom.read import read_header
from tests import factories


def _plane(path: Path) -> tuple[Plane, tuple[str, ...]]:
    placed = planes(read_header(path), 1)[0]
    return placed.plane, placed.problems


@pytest.mark.parametrize(
    "written", [b"0\\0 ", b"nan\\nan ", b"abc ", b"-1\\-1 ", b"0.5 ", b"1e999\\1 ", b"0,5\\0,5 "]
)
def test_impossible_spacing_gives_pixels_and_says_so(tmp_path: Path, written: bytes) -> None:
    plane, problems = _plane(factories.ct(tmp_path, 1, PixelSpacing=written)[0])
    assert plane.calibration is Calibration.NONE
    assert plane.calibration.unit == "px"
    assert plane.spacing == (1.0, 1.0)
    assert "not a size" in problems[0]


@pytest.mark.parametrize(
    "written",
    [
        b"0\\0\\0\\0\\0\\0 ",
        b"2\\0\\0\\0\\2\\0 ",
        b"1\\0\\0\\1\\0\\0 ",
        b"1\\0\\0\\0\\1 ",
        b"nan\\0\\0\\0\\1\\0 ",
    ],
)
def test_impossible_orientation_takes_the_picture_out_of_the_patient(tmp_path: Path, written: bytes) -> None:
    plane, problems = _plane(factories.ct(tmp_path, 1, ImageOrientationPatient=written)[0])
    assert not plane.placed
    assert plane.frame_of_reference.startswith("image:")
    assert "no place in the patient" in problems[0]


def test_a_slice_lies_in_the_patient_in_millimetres(tmp_path: Path) -> None:
    plane, problems = _plane(factories.ct(tmp_path, 1, spacing=(0.7, 0.5))[0])
    assert plane.placed
    assert plane.spacing == (0.7, 0.5)
    assert plane.calibration is Calibration.PATIENT
    assert problems == ()


@pytest.mark.parametrize(
    ("values", "calibration", "spacing"),
    [
        ({}, Calibration.DETECTOR, 0.14),
        ({"PixelSpacing": [0.14, 0.14]}, Calibration.DETECTOR, 0.14),
        ({"PixelSpacing": [0.12, 0.12]}, Calibration.GEOMETRY, 0.12),
        ({"ImagerPixelSpacing": None, "PixelSpacing": [0.2, 0.2]}, Calibration.DETECTOR, 0.2),
        ({"PixelSpacing": [0.1, 0.1], "PixelSpacingCalibrationType": "FIDUCIAL"}, Calibration.FIDUCIAL, 0.1),
        ({"PixelSpacing": [0.1, 0.1], "PixelSpacingCalibrationType": "GEOMETRY"}, Calibration.GEOMETRY, 0.1),
        ({"EstimatedRadiographicMagnificationFactor": 1.4}, Calibration.GEOMETRY, 0.1),
        ({"DistanceSourceToDetector": 1400, "DistanceSourceToPatient": 1000}, Calibration.GEOMETRY, 0.1),
        ({"DistanceSourceToDetector": 1000, "DistanceSourceToPatient": 1000}, Calibration.DETECTOR, 0.14),
        ({"DistanceSourceToDetector": 1000, "DistanceSourceToPatient": 0}, Calibration.DETECTOR, 0.14),
        ({"ImagerPixelSpacing": None}, Calibration.NONE, 1.0),
    ],
)
def test_a_radiograph_says_where_its_millimetres_are_true(
    tmp_path: Path, values: dict, calibration: Calibration, spacing: float
) -> None:
    plane, _ = _plane(factories.xray(tmp_path / "x.dcm", **values))
    assert plane.calibration is calibration
    assert plane.spacing == pytest.approx((spacing, spacing))
    assert plane.letters == ("L", "F")
    assert not plane.placed


def test_a_scanned_film_has_no_size_in_the_patient(tmp_path: Path) -> None:
    path = factories.gray(tmp_path / "a.dcm", NominalScannedPixelSpacing=[0.2, 0.1])
    plane, _ = _plane(path)
    assert plane.calibration is Calibration.NONE
    assert plane.aspect == pytest.approx(2.0)


def test_pixels_that_are_not_square_keep_their_shape(tmp_path: Path) -> None:
    plane, _ = _plane(factories.gray(tmp_path / "a.dcm", PixelAspectRatio=[6, 5]))
    assert plane.aspect == pytest.approx(1.2)
    assert plane.calibration is Calibration.NONE


def test_ultrasound_measures_only_in_regions_of_centimetres(tmp_path: Path) -> None:
    plane, _ = _plane(factories.ultrasound(tmp_path / "a.dcm", spacing_cm=0.05))
    assert plane.calibration is Calibration.REGIONS
    assert {region.spacing for region in plane.regions} == {(0.5, 0.5), None}
    picture = next(region for region in plane.regions if region.spacing)
    assert (picture.top, picture.left, picture.bottom, picture.right) == (0, 0, 29, 79)


def test_motion_and_doppler_strips_have_no_millimetres(tmp_path: Path) -> None:
    regions = [factories.region(0, 0, 79, 29, 0.05, kind=2), factories.region(0, 30, 79, 59, 0.05, kind=3)]
    plane, _ = _plane(factories.ultrasound(tmp_path / "a.dcm", SequenceOfUltrasoundRegions=regions))
    assert [region.spacing for region in plane.regions] == [None, None]


def test_regions_outside_of_the_picture_are_left_out(tmp_path: Path) -> None:
    regions = [factories.region(70, 50, 60, 40, 0.05), factories.region(10, 10, 5000, 5000, 0.05)]
    plane, _ = _plane(factories.ultrasound(tmp_path / "a.dcm", SequenceOfUltrasoundRegions=regions))
    assert [(region.bottom, region.right) for region in plane.regions] == [(59, 79)]


def test_a_slice_without_a_frame_of_reference_shares_one_with_its_series_only(tmp_path: Path) -> None:
    plane, _ = _plane(factories.ct(tmp_path, 1, FrameOfReferenceUID=None)[0])
    assert plane.placed
    assert plane.frame_of_reference.startswith("series:")


def test_real_files_are_calibrated_as_they_say(shared_data: Path) -> None:
    folder = shared_data / "dicom"
    ultrasound = {path.name: _plane(path)[0] for path in (folder / "us").iterdir()}
    assert ultrasound["us-breast-uta4-p1.dcm"].calibration is Calibration.REGIONS
    assert any(region.spacing for region in ultrasound["us-breast-uta4-p1.dcm"].regions)
    assert ultrasound["US-PAL-8-10x-echo"].calibration is Calibration.NONE
