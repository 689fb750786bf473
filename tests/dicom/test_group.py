"""What belongs together, in which order, and why something is not a volume."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pydicom
import pytest

from medviewer.core.study import Series, Study
from medviewer.dicom.group import group
from medviewer.dicom.header import Header
from medviewer.dicom.read import read_header
from tests import factories


def _studies(*paths: Path) -> tuple[Study, ...]:
    return group(read_header(path) for path in paths)


def _series(*paths: Path) -> list[Series]:
    return [series for study in _studies(*paths) for series in study.series]


def _heights(series: Series) -> list[float]:
    return [address.plane.origin[2] for address in series.frames]


@pytest.mark.rule("P-37")
def test_slices_are_ordered_along_the_patient_whatever_their_names_and_numbers_say(tmp_path: Path) -> None:
    paths = factories.ct(tmp_path, 12)
    random.Random(1).shuffle(paths)
    (series,) = _series(*paths)
    assert _heights(series) == sorted(_heights(series))
    assert series.count == 12
    assert series.geometry is not None
    assert series.problems == ()


def test_the_grid_says_where_each_voxel_lies(tmp_path: Path) -> None:
    (series,) = _series(*factories.ct(tmp_path, 5, spacing=(0.5, 0.75), step=2.5, rows=16, columns=20))
    geometry = series.geometry
    assert geometry.shape == (5, 16, 20)
    assert geometry.spacing == pytest.approx((2.5, 0.5, 0.75))
    assert geometry.to_patient((4, 2, 10)) == pytest.approx((-32 + 7.5, -32 + 1.0, 10.0))
    for at, address in enumerate(series.frames):
        assert geometry.plane(at).origin == pytest.approx(address.plane.origin)


@pytest.mark.rule("P-37")
@pytest.mark.rule("P-38")
@pytest.mark.parametrize(
    "orientation",
    [(1, 0, 0, 0, 0, -1), (0, 1, 0, 0, 0, -1), (0.8, 0.6, 0, -0.6, 0.8, 0), (-1, 0, 0, 0, 1, 0)],
)
def test_every_orientation_is_ordered_along_its_own_normal(tmp_path: Path, orientation: tuple) -> None:
    (series,) = _series(*factories.ct(tmp_path, 6, orientation=orientation))
    normal = np.cross(orientation[:3], orientation[3:])
    along = [float(np.dot(address.plane.origin, normal)) for address in series.frames]
    assert along == sorted(along)
    across, down, right = series.geometry.directions
    assert np.cross(right, down) == pytest.approx(across)


@pytest.mark.rule("P-39")
def test_a_gap_in_the_stack_is_reported_not_bridged(tmp_path: Path) -> None:
    (series,) = _series(*factories.ct(tmp_path, 12, missing=(5, 6)))
    assert series.count == 10
    assert series.geometry is None
    (words,) = series.problems
    assert "missing, about 2 (after picture 5)" in words
    assert "planes stay empty there" in words


@pytest.mark.rule("P-39")
def test_uneven_spacing_is_reported(tmp_path: Path) -> None:
    def edit(at: int, data: pydicom.Dataset) -> None:
        data.ImagePositionPatient = [0, 0, [0, 2, 4, 6.7, 8, 10][at]]

    (series,) = _series(*factories.ct(tmp_path, 6, edit=edit))
    assert series.geometry is None
    (words,) = series.problems
    assert "unevenly spaced" in words
    assert "planes are resampled" in words


@pytest.mark.rule("P-39")
def test_slices_that_slide_against_each_other_are_no_volume_and_it_is_said(tmp_path: Path) -> None:
    def edit(at: int, data: pydicom.Dataset) -> None:
        data.ImagePositionPatient = [5.0 * (at == 3), 0, 2.0 * at]

    (series,) = _series(*factories.ct(tmp_path, 6, edit=edit))
    assert series.geometry is None
    assert any("shifted against each other" in problem for problem in series.problems)
    assert any("no planes can be cut" in problem for problem in series.problems)


@pytest.mark.rule("P-38")
def test_the_spacing_comes_from_positions_whatever_thickness_and_spacing_say(tmp_path: Path) -> None:
    paths = factories.ct(tmp_path, 6, step=2.5, SliceThickness=5.0, SpacingBetweenSlices=1.0)
    (series,) = _series(*paths)
    assert series.geometry.spacing[0] == pytest.approx(2.5)


def test_rounded_positions_still_make_a_volume(tmp_path: Path) -> None:
    def edit(at: int, data: pydicom.Dataset) -> None:
        data.ImagePositionPatient = [0, 0, round(at * 1.25, 1)]

    (series,) = _series(*factories.ct(tmp_path, 30, step=1.25, edit=edit))
    assert series.geometry is not None
    assert series.geometry.spacing[0] == pytest.approx(1.25, abs=0.005)


@pytest.mark.rule("P-39")
def test_a_tilted_gantry_is_said_and_the_grid_is_sheared(tmp_path: Path) -> None:
    (series,) = _series(*factories.ct(tmp_path, 6, shift=(0, 1.0, 2.0)))
    (words,) = series.problems
    assert "26.6° (gantry tilt)" in words
    assert "planes are resampled" in words
    assert series.geometry.spacing[0] == pytest.approx(5**0.5)
    assert series.geometry.plane(3).origin == pytest.approx(series.frames[3].plane.origin)


def test_two_patients_in_one_series_never_merge(tmp_path: Path) -> None:
    def edit(at: int, data: pydicom.Dataset) -> None:
        if at >= 2:
            data.PatientID, data.PatientName = "OTHER", "Other^Patient"

    studies = _studies(*factories.ct(tmp_path, 4, edit=edit))
    assert sorted(study.patient.id for study in studies) == ["OTHER", "P1"]
    assert [study.series[0].count for study in studies] == [2, 2]
    assert all("Another patient" in study.series[0].problems[0] for study in studies)


def test_patients_without_a_number_are_told_apart_by_name_but_never_merged_with_another(
    tmp_path: Path,
) -> None:
    one = factories.ct(tmp_path / "a", 1, PatientID="", PatientName="A^A")
    other = factories.ct(
        tmp_path / "b", 1, PatientID="", PatientName="B^B", SOPInstanceUID=factories.uid("b")
    )
    assert len(_studies(*one, *other)) == 2


def test_empty_uids_never_merge(tmp_path: Path) -> None:
    paths = factories.ct(tmp_path, 3, StudyInstanceUID="", SeriesInstanceUID="", SOPInstanceUID=None)
    assert [len(study.series) for study in _studies(*paths)] == [1, 1, 1]


@pytest.mark.rule("P-40")
@pytest.mark.parametrize("what", ["orientation", "size", "frame of reference"])
def test_mixed_series_are_split(tmp_path: Path, what: str) -> None:
    def edit(at: int, data: pydicom.Dataset) -> None:
        if at < 4:
            return
        if what == "orientation":
            data.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
            data.ImagePositionPatient = [0, at, 0]
        elif what == "size":
            data.Rows = 32
            data.PixelData = data.PixelData[: len(data.PixelData) // 2]
        else:
            data.FrameOfReferenceUID = "1.2.3"

    found = _series(*factories.ct(tmp_path, 10, edit=edit))
    assert sorted(series.count for series in found) == [4, 6]
    assert len({series.key for series in found}) == 2
    assert all(series.geometry is not None for series in found)
    words = {"orientation": "slices of 2 directions", "size": "of several sizes"}.get(
        what, "frames of reference"
    )
    assert all(any(words in problem for problem in series.problems) for series in found)


@pytest.mark.rule("P-40")
def test_a_localiser_in_three_directions_is_three_stacks(tmp_path: Path) -> None:
    paths = []
    for name, directions in {
        "a": (1, 0, 0, 0, 1, 0),
        "c": (1, 0, 0, 0, 0, -1),
        "s": (0, 1, 0, 0, 0, -1),
    }.items():

        def edit(at: int, data: pydicom.Dataset, name: str = name) -> None:
            data.SOPInstanceUID = factories.uid("localiser", f"{name}{at}")

        paths += factories.mr(tmp_path / name, 3, orientation=directions, edit=edit)
    found = _series(*paths)
    assert [series.count for series in found] == [3, 3, 3]
    assert all("3 directions" in series.problems[0] for series in found)


def test_directions_that_differ_by_rounding_stay_together(tmp_path: Path) -> None:
    def edit(at: int, data: pydicom.Dataset) -> None:
        data.ImageOrientationPatient = [1, 0, 0, 0, 1, 0 if at % 2 else 0.00005]

    assert len(_series(*factories.ct(tmp_path, 6, edit=edit))) == 1


def test_a_frame_of_reference_for_every_slice_does_not_tear_a_scan_apart(tmp_path: Path) -> None:
    def edit(at: int, data: pydicom.Dataset) -> None:
        data.FrameOfReferenceUID = factories.uid("frame", at)

    (series,) = _series(*factories.ct(tmp_path, 6, edit=edit))
    assert series.geometry is not None
    assert len({address.plane.frame_of_reference for address in series.frames}) == 1
    assert any("another frame of reference" in problem for problem in series.problems)


@pytest.mark.rule("P-40")
@pytest.mark.parametrize(
    ("keyword", "values", "words"),
    [
        ("ImageType", (["ORIGINAL", "PRIMARY", "M"], ["ORIGINAL", "PRIMARY", "P"]), "type P"),
        ("AcquisitionNumber", (1, 2), "acquisition 2"),
        ("FlipAngle", (5, 20), "flip angle 20"),
        ("KVP", (80, 140), "kVp 140"),
    ],
)
def test_other_kinds_of_pictures_at_one_place_are_kept_apart_and_it_is_said_why(
    tmp_path: Path, keyword: str, values: tuple, words: str
) -> None:
    paths = []
    for value in values:

        def edit(at: int, data: pydicom.Dataset, value: object = value) -> None:
            setattr(data, keyword, value)
            data.SOPInstanceUID = factories.uid(keyword, value, at)

        paths += factories.mr(tmp_path / str(len(paths)), 5, edit=edit)
    found = _series(*paths)
    assert [series.count for series in found] == [5, 5]
    assert all(series.geometry is not None and series.dimension is None for series in found)
    assert any(words in series.description for series in found)
    assert all("shown as several stacks" in series.problems[0] for series in found)


def test_a_value_that_is_new_on_every_slice_splits_nothing(tmp_path: Path) -> None:
    def edit(at: int, data: pydicom.Dataset) -> None:
        data.AcquisitionNumber, data.TriggerTime = at, at * 7.0

    (series,) = _series(*factories.mr(tmp_path, 8, edit=edit))
    assert series.count == 8
    assert series.geometry is not None


@pytest.mark.rule("P-39")
def test_pictures_at_one_place_that_nothing_tells_apart_are_shown_by_number(tmp_path: Path) -> None:
    def edit(at: int, data: pydicom.Dataset) -> None:
        data.ImagePositionPatient, data.InstanceNumber = [0, 0, 0], at

    (series,) = _series(*factories.mr(tmp_path, 6, edit=edit))
    assert [series.instances[address.instance].number for address in series.frames] == list(range(6))
    assert series.geometry is None
    assert any("at the same place, one after the other" in problem for problem in series.problems)


@pytest.mark.rule("P-39")
def test_a_slice_that_is_there_twice_is_told(tmp_path: Path) -> None:
    paths = factories.ct(tmp_path / "a", 6)
    twice = factories.ct(tmp_path / "b", 6, WindowCenter=3, SOPInstanceUID="1.2.3", missing=(0, 1, 2, 4, 5))
    (series,) = _series(*paths, *twice)
    assert series.count == 7
    assert series.geometry is None
    assert "at one place (from picture 4)" in series.problems[0]
    assert "no planes can be cut" in series.problems[0]


def test_copies_are_shown_once_and_conflicts_are_all_shown(tmp_path: Path) -> None:
    paths = factories.ct(tmp_path / "a", 3)
    copies = factories.ct(tmp_path / "b", 3)
    (series,) = _series(*paths, *copies)
    assert series.count == 3
    assert any("Further copies" in problem for problem in series.problems)
    other = factories.ct(tmp_path / "c", 3, WindowCenter=1, AcquisitionNumber=2)
    found = _series(*paths, *other)
    assert sum(series.count for series in found) == 6
    assert any("same number" in problem for series in found for problem in series.problems)


@pytest.mark.rule("P-39")
def test_pixel_sizes_that_differ_keep_a_stack_from_being_a_volume(tmp_path: Path) -> None:
    def edit(at: int, data: pydicom.Dataset) -> None:
        data.PixelSpacing = [0.5 + at / 10, 0.5]

    (series,) = _series(*factories.ct(tmp_path, 4, edit=edit))
    assert series.geometry is None
    assert any("size of a pixel differs" in problem for problem in series.problems)
    assert any("no planes can be cut" in problem for problem in series.problems)
    assert [address.plane.spacing[0] for address in series.frames] == pytest.approx([0.5, 0.6, 0.7, 0.8])


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("SR", "Structured Report"),
        ("PR", "Presentation State"),
        ("RTSTRUCT", "Structure Set"),
        ("DOC", "PDF"),
    ],
)
def test_objects_without_pictures_are_listed_as_what_they_are(tmp_path: Path, kind: str, words: str) -> None:
    (series,) = _series(factories.report(tmp_path / "a.dcm", kind=kind))
    assert series.count == 0
    assert words in series.problems[0]


def test_an_image_without_pixels_says_so(tmp_path: Path) -> None:
    paths = factories.ct(tmp_path, 1, PixelData=None)
    assert "pixel data are missing" in _series(*paths)[0].problems[0]


@pytest.mark.parametrize("values", [{"Rows": 0}, {"Rows": None}, {"Columns": None}])
def test_pictures_without_a_size_are_listed_and_not_shown(tmp_path: Path, values: dict) -> None:
    (series,) = _series(*factories.ct(tmp_path, 1, **values))
    assert series.count == 0
    assert "Rows or Columns" in series.problems[-1]


@pytest.mark.parametrize(
    ("claimed", "words"), [(b"0 ", "is 0"), (b"-1", "is -1"), (b"2147483647", "are claimed")]
)
def test_impossible_numbers_of_frames_are_corrected_and_said(
    tmp_path: Path, claimed: bytes, words: str
) -> None:
    (series,) = _series(*factories.ct(tmp_path, 1, NumberOfFrames=claimed))
    assert series.count == 1
    assert any(words in problem for problem in series.problems)


@pytest.mark.rule("P-41", "P-37")
def test_an_enhanced_object_is_ordered_by_its_frames_places(tmp_path: Path) -> None:
    (series,) = _series(factories.enhanced(tmp_path / "e.dcm", 5, step=3.0))
    assert [address.frame for address in series.frames] == [4, 3, 2, 1, 0]
    assert series.geometry.spacing == pytest.approx((3.0, 0.8, 0.5))


@pytest.mark.rule("P-41")
def test_times_of_an_enhanced_object_are_its_second_dimension(tmp_path: Path) -> None:
    (series,) = _series(factories.enhanced(tmp_path / "e.dcm", 5, repeats=3))
    assert (series.dimension.name, series.dimension.values) == ("Time", ("1", "2", "3"))
    assert [address.frame for address in series.frames] == [4, 3, 2, 1, 0, 9, 8, 7, 6, 5, 14, 13, 12, 11, 10]
    assert series.geometry.shape[0] == series.places == 5


def test_a_cine_stands_by_itself_and_keeps_its_order(tmp_path: Path) -> None:
    cine = factories.ultrasound(tmp_path / "a.dcm", frames=4)
    still = factories.ultrasound(tmp_path / "b.dcm", SOPInstanceUID=factories.uid("still"))
    found = _series(cine, still)
    assert sorted(series.count for series in found) == [1, 4]
    (cine_series,) = (series for series in found if series.count == 4)
    assert [address.frame for address in cine_series.frames] == [0, 1, 2, 3]
    assert len({address.plane.frame_of_reference for address in cine_series.frames}) == 4


def test_radiographs_follow_their_instance_numbers(tmp_path: Path) -> None:
    paths = [
        factories.xray(
            tmp_path / f"{number}.dcm", InstanceNumber=number, SOPInstanceUID=factories.uid("x", number)
        )
        for number in (3, 1, 20)
    ]
    (series,) = _series(*paths)
    assert [instance.number for instance in series.instances] == [1, 3, 20]


def test_keys_stay_when_more_files_arrive(tmp_path: Path) -> None:
    paths = factories.ct(tmp_path, 9)
    keys = {_series(*paths[:count])[0].key for count in (1, 2, 5, 9)}
    assert len(keys) == 1


def test_texts_from_files_are_shown_on_one_line_without_tricks(tmp_path: Path) -> None:
    def edit(_: int, data: pydicom.Dataset) -> None:
        factories.put_bytes(data, "SpecificCharacterSet", b"ISO_IR 192")
        factories.put_bytes(data, "PatientName", "Evil\u202egnp.exe\x07^<b>X</b>".encode())

    (study,) = _studies(*factories.ct(tmp_path, 1, edit=edit))
    assert study.patient.name == "Evil gnp.exe ^<b>X</b>"


def test_details_for_the_corners_are_there(tmp_path: Path) -> None:
    (series,) = _series(*factories.ct(tmp_path, 2, KVP="120", ProtocolName="Chest"))
    assert series.detail("PatientAge") == "056Y"
    assert series.detail("KVP") == "120"
    assert series.detail("Laterality") == ""


def test_a_dicomdir_is_no_series() -> None:
    folder = Path(pydicom.__file__).parent / "data" / "test_files" / "dicomdirtests"
    assert _studies(folder / "DICOMDIR") == ()


def test_two_thousand_headers_are_grouped_in_a_blink(tmp_path: Path) -> None:
    pattern = read_header(factories.ct(tmp_path, 1)[0])

    def headers() -> Iterable[Header]:
        for number in range(2000):
            values = {
                **pattern.values,
                "SOPInstanceUID": f"1.2.{number}",
                "ImagePositionPatient": f"0\\0\\{number}",
            }
            yield replace(pattern, path=f"{number}.dcm", values=MappingProxyType(values))

    known = list(headers())
    best = 1e9
    for _ in range(3):
        started = time.process_time()
        ((series,),) = (study.series for study in group(known))
        best = min(best, time.process_time() - started)
    assert series.geometry is not None
    # measured 55 ms; the wheel must not stutter while a folder is being read
    assert best < 0.3


@pytest.mark.rule("P-39")
def test_the_tilted_phantom_is_recognised(shared_data: Path) -> None:
    found = _series(
        *(path for path in (shared_data / "dicom/ct-phantom-gantry-tilt").rglob("*") if path.is_file())
    )
    tilted = [series for series in found if any("18.5°" in problem for problem in series.problems)]
    assert [series.count for series in tilted] == [20]


@pytest.mark.parametrize(
    ("folder", "count", "spacing"),
    [("ct-chest-lidc-0314", 104, 2.0), ("ct-chest-lungdx-a0002", 30, 8.0), ("mr-mouse-pdmr", 25, 0.5)],
)
def test_real_scans_become_volumes(shared_data: Path, folder: str, count: int, spacing: float) -> None:
    (series,) = _series(*(path for path in (shared_data / "dicom" / folder).iterdir() if path.is_file()))
    assert series.geometry.shape[0] == count
    assert series.geometry.spacing[0] == pytest.approx(spacing, abs=1e-3)
