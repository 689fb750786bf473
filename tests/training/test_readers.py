"""What can be learnt from: DICOM by series, tables, masks of other files, pairs of pictures."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset as Attributes
from pydicom.sequence import Sequence as Items

from medviewer.kit.errors import TrainingTrouble
from medviewer.training.configuration import DataPlan
from medviewer.training.data.dataset import Dataset
from medviewer.training.data.dicom import hidden
from medviewer.training.data.find import find_data
from tests import factories
from tests.training.labelled import class_folders, disc

SERIES = DataPlan(unit="series")


def table(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]], comma: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=comma)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def patients(folder: Path, count: int = 4, slices: int = 3) -> Path:
    """One CT of each patient."""
    for at in range(count):
        factories.ct(
            folder / f"case{at}",
            slices=slices,
            rows=16,
            columns=16,
            patient=f"P{at}",
            study=f"{at}",
            PatientID=f"SECRET-{at}",
            PatientSex="FM"[at % 2],
            PatientAge=f"{30 + 20 * at:03d}Y",
        )
    return folder


def test_a_series_is_one_example_with_its_frames_in_order(tmp_path: Path) -> None:
    for name in ("ill", "well"):
        patients(tmp_path / "data" / name, 2)
    found = find_data(tmp_path / "data", SERIES)
    assert (found.unit, found.classes, found.grouping) == ("series", ("ill", "well"), "patient")
    assert [one.label for one in found.examples] == [0, 0, 1, 1]
    frames = found.examples[0].read()
    assert len(frames) == 3
    places = [frame.plane.origin[2] for frame in frames]
    assert places == sorted(places)


@pytest.mark.parametrize("key", ["PatientID", "StudyInstanceUID", "SeriesInstanceUID", "file"])
def test_a_table_finds_pictures_by_any_of_their_names(tmp_path: Path, key: str) -> None:
    folder = patients(tmp_path / "data")
    called = {
        "PatientID": [f"SECRET-{at}" for at in range(4)],
        "StudyInstanceUID": [factories.uid(f"P{at}", f"{at}") for at in range(4)],
        "SeriesInstanceUID": [factories.uid(f"P{at}", f"{at}", "1") for at in range(4)],
        "file": [f"case{at}" for at in range(4)],
    }[key]
    if "UID" in key:
        import pydicom  # noqa: PLC0415

        first = [pydicom.dcmread(next(iter(sorted((folder / f"case{at}").iterdir())))) for at in range(4)]
        called = [getattr(data, key) for data in first]
    path = table(tmp_path / "labels.csv", (key, "finding"), list(zip(called, "abab", strict=True)))
    found = find_data(folder, DataPlan(unit="series", labels=str(path), subgroups="sex,age"))
    assert found.task == "classification"
    assert found.classes == ("a", "b")
    assert sorted(one.label for one in found.examples) == [0, 0, 1, 1]
    assert {one.subgroups for one in found.examples} == {
        ("F", "18 to below 40"), ("M", "40 to below 60"), ("F", "60 to below 80"), ("M", "80 and above"),
    }  # fmt: skip
    told = repr([(one.name, one.group, one.part, one.subgroups) for one in found.examples])
    assert "SECRET" not in told
    assert found.examples[0].group == f"patient {hidden('SECRET-0')}"


def labelled(folder: Path, plan: DataPlan, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Dataset:
    class_folders(folder / "data", 3)
    table(folder / "labels.csv", columns, rows)
    return find_data(folder / "data", plan)


NAMES = [f"{name}/00{at}.png" for name in ("disc", "empty") for at in range(3)]


def test_columns_of_yes_and_no_are_several_labels(tmp_path: Path) -> None:
    rows = [(name, at % 2, int(at > 3)) for at, name in enumerate(NAMES)]
    plan = DataPlan(labels="labels.csv", target="mass, effusion")
    found = labelled(tmp_path, plan, ("path", "mass", "effusion"), rows)
    assert (found.task, found.classes) == ("multilabel", ("mass", "effusion"))
    assert [one.targets for one in found.examples] == [(float(a), float(b)) for _, a, b in rows]


def test_names_between_bars_are_several_labels(tmp_path: Path) -> None:
    rows = list(
        zip(NAMES, ["Mass|Effusion", "No Finding", "Mass", "Effusion", "Mass", "Hernia"], strict=True)
    )
    data = labelled(tmp_path, DataPlan(labels="labels.csv"), ("Image Index", "Finding Labels"), rows)
    assert data.classes == ("Effusion", "Hernia", "Mass")
    assert [one.targets for one in data.examples][:2] == [(1.0, 0.0, 1.0), (0.0, 0.0, 0.0)]


def test_a_column_of_numbers_is_a_regression(tmp_path: Path) -> None:
    rows = [(name, f"{at + 0.5}", "train" if at < 4 else "Validation") for at, name in enumerate(NAMES)]
    found = labelled(tmp_path, DataPlan(labels="labels.csv"), ("file", "age", "split"), rows)
    assert found.task == "regression"
    assert [one.targets[0] for one in found.examples] == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert [one.part for one in found.examples] == ["train"] * 4 + ["val"] * 2


MISSING = [(name, value) for name, value in zip(NAMES, ["1.5", "", "4.5", "nan", "5.5", "9.5"], strict=True)]


def test_missing_values_stop_the_run_unless_something_else_was_chosen(tmp_path: Path) -> None:
    with pytest.raises(TrainingTrouble, match=r"2 of 6 pictures have no value: disc/001\.png, empty/000"):
        labelled(tmp_path, DataPlan(labels="labels.csv"), ("file", "age"), MISSING)


@pytest.mark.parametrize(
    ("policy", "values", "words"),
    [
        ("drop", [1.5, 4.5, 5.5, 9.5], "2 of 6 pictures had no value and were left out."),
        ("fill", [1.5, 5.0, 4.5, 5.0, 5.5, 9.5], "2 of age filled with 5"),
        ("interpolate", [1.5, 3.0, 4.5, 5.0, 5.5, 9.5], "2 of age interpolated in the order of the table"),
    ],
)
def test_what_became_of_missing_values_is_on_record(
    tmp_path: Path, policy: Any, values: list[float], words: str
) -> None:
    found = labelled(tmp_path, DataPlan(labels="labels.csv", missing=policy), ("file", "age"), MISSING)
    assert [one.targets[0] for one in found.examples] == values
    assert words in " ".join(found.remarks)


def test_a_missing_class_may_become_the_commonest(tmp_path: Path) -> None:
    rows = list(zip(NAMES, ["b", "a", "", "a", "b", "a"], strict=True))
    found = labelled(tmp_path, DataPlan(labels="labels.csv", missing="fill"), ("file", "kind"), rows)
    assert [one.label for one in found.examples] == [1, 0, 0, 0, 1, 0]
    assert "given the commonest, a" in found.remarks[0]


def test_pictures_beside_the_table_and_rows_without_a_picture_are_counted(tmp_path: Path) -> None:
    rows = [*zip(NAMES[:4], "abab", strict=True), ("nowhere.png", "a")]
    found = labelled(tmp_path, DataPlan(labels="labels.csv"), ("file", "kind"), rows)
    assert found.excluded == (
        "2 pictures do not stand in labels.csv.",
        "1 rows of labels.csv have no picture.",
    )


@pytest.mark.parametrize(
    ("columns", "rows", "plan", "sentence"),
    [
        (("file", "a", "b"), [("x", 1, 2)], {}, "several columns that could be learnt: a, b"),
        (("file", "a"), [("disc/000.png", "x"), ("disc/000.png", "y")], {}, "Line 3 .* contradicts"),
        (("file", "a"), [("x", "1")], {"target": "c"}, "has no column 'c'"),
        (("file", "a"), [("x", "1")], {}, "No picture in data stands in labels.csv"),
        (("file", "a"), [("disc/000.png", "1")], {"subgroups": "site"}, "Neither the table nor the pictures"),
        (("file",), [("x",)], {}, "no two columns"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(
    tmp_path: Path, columns: Sequence[str], rows: Any, plan: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(TrainingTrouble, match=sentence):
        labelled(tmp_path, DataPlan(labels="labels.csv", **plan), columns, rows)


def test_noisy_pictures_have_their_clean_ones(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    for name in ("noisy", "clean"):
        (tmp_path / name).mkdir()
    for at in range(3):
        clean = disc(rng)[0]
        cv2.imwrite(str(tmp_path / "clean" / f"{at}.png"), clean)
        cv2.imwrite(str(tmp_path / "noisy" / f"{at}.png"), clean // 2)
    (tmp_path / "clean" / "2.png").unlink()
    found = find_data(tmp_path)
    assert found.task == "enhancement"
    assert [one.name for one in found.examples] == ["noisy/0.png", "noisy/1.png"]
    assert found.excluded == ("noisy/2.png has no better picture.",)
    one = found.examples[1]
    assert one.read_wanted is not None
    np.testing.assert_array_equal(one.read_wanted() // 2, one.read())


def structures(path: Path, of: list[Path], squares: dict[str, tuple[int, int]]) -> Path:
    """A structure set with one square on each slice for each name, from and to a pixel."""
    import pydicom  # noqa: PLC0415

    pictures = [pydicom.dcmread(one) for one in of]
    data = Attributes()
    first = pictures[0]
    for keyword in ("PatientID", "PatientName", "StudyInstanceUID"):
        setattr(data, keyword, getattr(first, keyword))
    data.SOPClassUID, data.Modality = factories.CLASSES["RTSTRUCT"], "RTSTRUCT"
    data.SOPInstanceUID, data.SeriesInstanceUID = factories.uid(path.name), factories.uid(path.name, 1)
    regions, drawn = [], []
    for number, (name, (low, high)) in enumerate(squares.items(), 1):
        regions.append(
            factories.item(
                ROINumber=number,
                ROIName=name,
                ReferencedFrameOfReferenceUID=first.FrameOfReferenceUID,
            )
        )
        contours = []
        for one in pictures:
            x, y, z = map(float, one.ImagePositionPatient)
            ends = [(low, low), (low, high), (high, high), (high, low)]
            points = [value for a, b in ends for value in (x + a, y + b, z)]
            contours.append(
                factories.item(
                    ContourGeometricType="CLOSED_PLANAR",
                    NumberOfContourPoints=4,
                    ContourData=points,
                    ContourImageSequence=Items([factories.item(
                        ReferencedSOPClassUID=one.SOPClassUID, ReferencedSOPInstanceUID=one.SOPInstanceUID,
                    )]),
                )
            )  # fmt: skip
        drawn.append(factories.item(ReferencedROINumber=number, ContourSequence=Items(contours)))
    data.StructureSetROISequence, data.ROIContourSequence = Items(regions), Items(drawn)
    return factories.write(path, data)


@pytest.mark.parametrize("unit", ["picture", "series"])
def test_outlines_of_a_structure_set_are_masks_on_their_slices(tmp_path: Path, unit: Any) -> None:
    paths = factories.ct(tmp_path / "data" / "a", slices=3, rows=16, columns=16)
    factories.ct(tmp_path / "data" / "b", slices=3, rows=16, columns=16, patient="other", study="other")
    structures(tmp_path / "data" / "rt.dcm", paths, {"Spleen": (2, 5), "Liver": (8, 12)})
    found = find_data(tmp_path / "data", DataPlan(unit=unit))
    assert (found.task, found.classes) == ("segmentation", ("Liver", "Spleen"))
    assert len(found.examples) == (3 if unit == "picture" else 1)
    assert "have no segmentation and no structure set" in found.excluded[0]
    wanted = np.zeros((16, 16), np.uint8)
    wanted[2:6, 2:6], wanted[8:13, 8:13] = 2, 1
    for one in found.examples:
        assert one.read_mask is not None
        mask = one.read_mask()
        assert mask.ndim == (2 if unit == "picture" else 3)
        for plane in mask.reshape(-1, 16, 16):
            np.testing.assert_array_equal(plane, wanted)


@pytest.mark.parametrize("unit", ["picture", "series"])
def test_segments_are_masks_by_name(tmp_path: Path, unit: Any) -> None:
    hd = pytest.importorskip("highdicom")
    import pydicom  # noqa: PLC0415
    from pydicom.sr.codedict import codes  # noqa: PLC0415

    paths = factories.ct(tmp_path / "data", slices=3, rows=16, columns=16)
    pictures = sorted((pydicom.dcmread(path) for path in paths), key=lambda one: one.ImagePositionPatient[2])
    marks = np.zeros((3, 16, 16), np.uint8)
    marks[1, 3:7, 4:9], marks[2, 10:12, 10:15] = 1, 2
    described = [
        hd.seg.SegmentDescription(
            number, name, codes.SCT.Organ, codes.SCT.Liver, hd.seg.SegmentAlgorithmTypeValues.MANUAL
        )
        for number, name in ((1, "Liver"), (2, "Cyst"))
    ]
    file = hd.seg.Segmentation(
        pictures, marks, hd.seg.SegmentationTypeValues.BINARY, described, factories.uid("s"), 1,
        factories.uid("i"), 1, "M", "m", "1", "1",
    )  # fmt: skip
    file.save_as(tmp_path / "data" / "seg.dcm")
    found = find_data(tmp_path / "data", DataPlan(unit=unit))
    assert found.classes == ("Cyst", "Liver")
    by_place = {}
    for one in found.examples:
        assert one.read_mask is not None
        read = one.read()
        frames = [read] if unit == "picture" else read
        for frame, mask in zip(frames, one.read_mask().reshape(-1, 16, 16), strict=True):
            by_place[frame.plane.origin[2]] = mask
    wanted = np.select([marks == 1, marks == 2], [2, 1], 0)
    np.testing.assert_array_equal(np.stack([by_place[at] for at in sorted(by_place)]), wanted)


@pytest.mark.parametrize("unit", ["picture", "series"])
def test_label_maps_in_nifti_lie_where_simpleitk_puts_them(tmp_path: Path, unit: Any) -> None:
    rng = np.random.default_rng(2)
    (tmp_path / "images").mkdir()
    (tmp_path / "masks").mkdir()
    image = sitk.GetImageFromArray(rng.integers(0, 1000, (4, 12, 10)).astype(np.int16))
    image.SetSpacing((0.5, 0.7, 2.0))
    image.SetDirection((-1, 0, 0, 0, -1, 0, 0, 0, 1))
    marks = sitk.GetImageFromArray((rng.random((4, 12, 10)) < 0.3).astype(np.uint8) * 3)
    marks.CopyInformation(image)
    sitk.WriteImage(image, str(tmp_path / "images" / "one.nii.gz"))
    sitk.WriteImage(marks, str(tmp_path / "masks" / "one_seg.nii.gz"))
    found = find_data(tmp_path, DataPlan(unit=unit))
    assert len(found.examples) == (1 if unit == "series" else 4)
    values, truth = [], []
    for one in found.examples:
        assert one.read_mask is not None
        read = one.read()
        frames = [read] if unit == "picture" else read
        values += [frame.values() for frame in frames]
        truth += list(one.read_mask().reshape(-1, *frames[0].pixels.shape))
    # each pixel has the label of its own voxel, wherever the file puts it
    pairs = {
        (int(v), int(m))
        for a, b in zip(values, truth, strict=True)
        for v, m in zip(a.flat, b.flat, strict=True)
    }
    wanted = set(zip(sitk.GetArrayFromImage(image).flat, sitk.GetArrayFromImage(marks).flat, strict=True))
    assert pairs == {(int(v), int(m)) for v, m in wanted}


def test_an_npz_may_hold_several_labels_values_and_better_pictures(tmp_path: Path) -> None:
    pictures = np.zeros((4, 8, 8), np.uint8)
    path = tmp_path / "data.npz"
    np.savez(path, images=pictures, labels=np.array([[0, 1], [1, 1], [0, 0], [1, 0]]))
    found = find_data(path, DataPlan(task="multilabel"))
    assert [one.targets for one in found.examples] == [(0, 1), (1, 1), (0, 0), (1, 0)]
    np.savez(path, images=pictures, labels=np.array([0.5, math.nan, 2.5, 3.5]))
    found = find_data(path, DataPlan(task="regression", missing="drop"))
    assert [one.targets for one in found.examples] == [(0.5,), (2.5,), (3.5,)]
    np.savez(path, images=pictures, clean=pictures + 1)
    assert find_data(path).task == "enhancement"
    np.savez(path, images=np.zeros((4, 3, 8, 8)), labels=np.array([0, 1, 0, 1]))
    assert find_data(path, SERIES).examples[0].read().shape == (3, 8, 8)


def test_one_of_several_labels_keeps_its_number_where_it_is_alone(tmp_path: Path) -> None:
    masks = np.zeros((3, 8, 8), np.uint8)
    masks[0, :2], masks[1, :2], masks[1, 4:] = 2, 1, 2
    np.savez(tmp_path / "data.npz", images=np.zeros((3, 8, 8), np.uint8), masks=masks)
    for one, mask in zip(find_data(tmp_path / "data.npz").examples, masks, strict=True):
        assert one.read_mask is not None
        np.testing.assert_array_equal(one.read_mask(), mask)
