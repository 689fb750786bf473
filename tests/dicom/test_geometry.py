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


@pytest.mark.rule("P-51")
@pytest.mark.rule("P-45", "P-46", "P-47", "P-43")
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


@pytest.mark.rule("P-44")
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
    plane, problems = _plane(factories.xray(tmp_path / "x.dcm", **values))
    assert plane.calibration is calibration
    corrected = calibration is Calibration.GEOMETRY and "PixelSpacingCalibrationType" not in values
    assert any("magnification" in problem for problem in problems) == corrected
    assert plane.spacing == pytest.approx((spacing, spacing))
    assert plane.letters == ("L", "F")
    assert not plane.placed


@pytest.mark.rule("P-50", "P-36")
def test_a_scanned_film_has_no_size_in_the_patient(tmp_path: Path) -> None:
    path = factories.gray(tmp_path / "a.dcm", NominalScannedPixelSpacing=[0.2, 0.1])
    plane, _ = _plane(path)
    assert plane.calibration is Calibration.NONE
    assert plane.aspect == pytest.approx(2.0)


@pytest.mark.rule("P-36", "P-51")
def test_pixels_that_are_not_square_keep_their_shape(tmp_path: Path) -> None:
    plane, _ = _plane(factories.gray(tmp_path / "a.dcm", PixelAspectRatio=[6, 5]))
    assert plane.aspect == pytest.approx(1.2)
    assert plane.calibration is Calibration.NONE


@pytest.mark.rule("P-49")
def test_ultrasound_measures_only_in_regions_of_centimetres(tmp_path: Path) -> None:
    plane, _ = _plane(factories.ultrasound(tmp_path / "a.dcm", spacing_cm=0.05))
    assert plane.calibration is Calibration.REGIONS
    assert {region.spacing for region in plane.regions} == {(0.5, 0.5), None}
    picture = next(region for region in plane.regions if region.spacing)
    assert (picture.top, picture.left, picture.bottom, picture.right) == (0, 0, 29, 79)


@pytest.mark.rule("P-49")
def test_motion_and_doppler_strips_have_no_millimetres(tmp_path: Path) -> None:
    regions = [factories.region(0, 0, 79, 29, 0.05, kind=2), factories.region(0, 30, 79, 59, 0.05, kind=3)]
    plane, _ = _plane(factories.ultrasound(tmp_path / "a.dcm", SequenceOfUltrasoundRegions=regions))
    assert [region.spacing for region in plane.regions] == [None, None]


@pytest.mark.rule("P-49")
def test_regions_outside_of_the_picture_are_left_out(tmp_path: Path) -> None:
    regions = [factories.region(70, 50, 60, 40, 0.05), factories.region(10, 10, 5000, 5000, 0.05)]
    plane, _ = _plane(factories.ultrasound(tmp_path / "a.dcm", SequenceOfUltrasoundRegions=regions))
    assert [(region.bottom, region.right) for region in plane.regions] == [(59, 79)]


def test_a_slice_without_a_frame_of_reference_shares_one_with_its_series_only(tmp_path: Path) -> None:
    plane, _ = _plane(factories.ct(tmp_path, 1, FrameOfReferenceUID=None)[0])
    assert plane.placed
    assert plane.frame_of_reference.startswith("series:")


@pytest.mark.rule("P-49")
def test_real_files_are_calibrated_as_they_say(shared_data: Path) -> None:
    folder = shared_data / "dicom"
    ultrasound = {path.name: _plane(path)[0] for path in (folder / "us").iterdir()}
    assert ultrasound["us-breast-uta4-p1.dcm"].calibration is Calibration.REGIONS
    assert any(region.spacing for region in ultrasound["us-breast-uta4-p1.dcm"].regions)
    assert ultrasound["US-PAL-8-10x-echo"].calibration is Calibration.NONE


@pytest.mark.rule("P-48", "P-46")
def test_a_magnification_view_of_the_breast_is_corrected_by_its_factor(tmp_path: Path) -> None:
    values = {"ImagerPixelSpacing": [0.09, 0.09], "EstimatedRadiographicMagnificationFactor": 1.8}
    plane, problems = _plane(factories.xray(tmp_path / "m.dcm", modality="MG", **values))
    assert plane.calibration is Calibration.GEOMETRY
    assert plane.spacing == pytest.approx((0.05, 0.05))
    assert "magnification of 1.8" in problems[0]


@pytest.mark.rule("P-50", "P-44")
@pytest.mark.parametrize("modality", ["OT", "SC"])
def test_a_screenshot_with_a_place_in_the_patient_is_measured_there(tmp_path: Path, modality: str) -> None:
    place = {
        "ImagePositionPatient": [0, 0, 0],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelSpacing": [0.6, 0.5],
        "NominalScannedPixelSpacing": [0.2, 0.2],
    }
    plane, _ = _plane(factories.gray(tmp_path / "a.dcm", modality=modality, kind="OT", **place))
    assert plane.placed
    assert (plane.calibration, plane.spacing) == (Calibration.PATIENT, (0.6, 0.5))


@pytest.mark.rule("P-36")
@pytest.mark.parametrize(
    ("values", "aspect"),
    [
        ({"PixelSpacing": [0.8, 0.4], "PixelAspectRatio": [1, 3]}, 2.0),
        ({"PixelAspectRatio": [1, 3], "NominalScannedPixelSpacing": [0.8, 0.4]}, 1 / 3),
        ({"PixelAspectRatio": b"0\\0 "}, 1.0),
        ({}, 1.0),
    ],
)
def test_the_shape_of_a_pixel_comes_from_its_spacing_then_from_its_ratio(
    tmp_path: Path, values: dict, aspect: float
) -> None:
    plane, _ = _plane(factories.gray(tmp_path / "a.dcm", **values))
    assert plane.aspect == pytest.approx(aspect)


@pytest.mark.rule("P-49")
@pytest.mark.parametrize(
    ("kind", "across", "down"),
    [(2, 4, 3), (3, 4, 7), (1, 4, 3), (5, 3, 3)],
    ids=["M-mode", "spectral Doppler", "time across", "graph"],
)
def test_an_axis_of_time_or_velocity_is_no_length_in_either_direction(
    tmp_path: Path, kind: int, across: int, down: int
) -> None:
    strip = factories.region(0, 0, 79, 59, 0.05, kind=kind)
    strip.PhysicalUnitsXDirection, strip.PhysicalUnitsYDirection = across, down
    plane, _ = _plane(factories.ultrasound(tmp_path / "a.dcm", SequenceOfUltrasoundRegions=[strip]))
    assert [region.spacing for region in plane.regions] == [None]
    assert plane.calibration.unit == "px"


@pytest.mark.rule("P-49", "P-36")
def test_an_ultrasound_pixel_is_drawn_in_the_shape_of_its_largest_region(tmp_path: Path) -> None:
    region = factories.region(0, 0, 79, 59, 0.05)
    region.PhysicalDeltaY = 0.1
    plane, _ = _plane(factories.ultrasound(tmp_path / "a.dcm", SequenceOfUltrasoundRegions=[region]))
    assert plane.aspect == pytest.approx(2.0)
    assert plane.regions[0].spacing == pytest.approx((1.0, 0.5))


@pytest.mark.rule("P-43")
@pytest.mark.parametrize(
    ("written", "letters"), [(["A", "F"], ("A", "F")), (["AL", "FP"], ("AL", "FP")), (["X", "F"], ("", ""))]
)
def test_patient_orientation_is_used_where_nothing_is_placed(
    tmp_path: Path, written: list[str], letters: tuple[str, str]
) -> None:
    plane, _ = _plane(factories.xray(tmp_path / "x.dcm", PatientOrientation=written))
    assert plane.letters == letters
