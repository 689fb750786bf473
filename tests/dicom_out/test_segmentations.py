"""Labels saved as DICOM are the same labels when somebody else reads them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import highdicom as hd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.labels import Label, LabelMap
from medviewer.core.study import Series
from medviewer.dicom.derived_source import Originals
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from medviewer.dicom.stand_in import owner_of
from medviewer.export.dicom.checked import check_masks, checked
from medviewer.export.dicom.making import Entry, device_uid, targets_of
from medviewer.export.dicom.segmentation import Form, segmentations
from medviewer.kit.errors import BadValue, ExportTrouble
from medviewer.kit.task import TaskContext
from medviewer.session.session import Session
from tests import factories
from tests.dicom_out.work import MODEL, drawn_labels, open_first, put, read, saved

SHIFT = 2


def wanted(groups: tuple[LabelMap, ...], index: int) -> list[np.ndarray]:
    """Where each label is on one picture, group after group."""
    return [
        np.zeros(values_shape(groups), bool)
        if one.slices[index] is None
        else one.slices[index] == label.value
        for one in groups
        for label in one.labels
    ]


def values_shape(groups: tuple[LabelMap, ...]) -> tuple[int, int]:
    return next(one.shape for group in groups for one in group.slices if one is not None)


def check_with_highdicom(path: Path, series: Series, groups: tuple[LabelMap, ...]) -> None:
    """Every label on every picture that the object names, bit by bit, through highdicom's own reader."""
    segmentation = hd.seg.segread(path)
    uids = [series.instances[one.instance].sop_instance for one in series.frames]
    pixels = segmentation.get_pixels_by_source_instance(
        uids, ignore_spatial_locations=True, assert_missing_frames_are_empty=True
    )
    for index in range(series.count):
        for number, mask in enumerate(wanted(groups, index)):
            assert np.array_equal(pixels[index, ..., number] > 0, mask), (index, number)


@pytest.mark.parametrize("form", ["binary", "fractional", "labelmap"])
def test_labels_of_a_tilted_stack_with_oblong_pixels_read_back_bit_by_bit(
    session: Session, tmp_path: Path, form: str
) -> None:
    factories.ct(
        tmp_path / "ct", 7, spacing=(0.7, 1.1), rows=41, columns=37, shift=(0.0, 0.9, 2.0), PatientName="Ä^Ö"
    )
    series = open_first(session, tmp_path / "ct")
    labels = drawn_labels(series)
    put(session, series, labels)
    (path,) = saved(session, tmp_path / "out", measurements=False, form=form)["segmentation"]
    check_with_highdicom(path, series, (labels,))


def test_overlapping_groups_share_an_object_when_asked_and_have_one_each_otherwise(
    session: Session, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "ct", 5)
    series = open_first(session, tmp_path / "ct")
    groups = (drawn_labels(series), drawn_labels(series, SHIFT))
    assert any((wanted(groups, 0)[1] & wanted(groups, 0)[3]).ravel()), "they overlap"
    put(session, series, *groups)
    apart = saved(session, tmp_path / "apart", measurements=False)["segmentation"]
    for path, one in zip(apart, groups, strict=True):
        check_with_highdicom(path, series, (one,))
    (together,) = saved(session, tmp_path / "one", measurements=False, together=True)["segmentation"]
    check_with_highdicom(together, series, groups)
    assert read(together).SegmentsOverlap == "YES"


def test_overlapping_groups_are_refused_where_each_pixel_has_one_label(
    session: Session, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "ct", 3)
    series = open_first(session, tmp_path / "ct")
    put(session, series, drawn_labels(series), drawn_labels(series, SHIFT))
    assert not saved(session, tmp_path / "out", measurements=False, together=True, form="labelmap")
    assert "may overlap" in session.state.notices[-1].message
    assert not list((tmp_path / "out").iterdir()), "nothing half done is left"


def test_a_segment_says_what_it_is_in_which_colour_and_which_model_made_it(
    session: Session, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "ct", 3)
    series = open_first(session, tmp_path / "ct")
    put(session, series, drawn_labels(series, provenance=MODEL))
    (path,) = saved(session, tmp_path / "out", measurements=False)["segmentation"]
    data = hd.seg.segread(path)
    segment = data.get_segment_description(2)
    assert segment.segment_label == "Lung"
    assert segment.segmented_property_type.value == "39607008"
    assert segment.segmented_property_category.value == "123037004"
    assert segment.algorithm_type.value == "AUTOMATIC"
    assert segment.algorithm_identification.name == "lung-net"
    assert segment.algorithm_identification.version == "1.4"
    lab = hd.color.CIELabColor.from_rgb(0x56, 0xB4, 0xE9).value
    assert tuple(segment.RecommendedDisplayCIELabValue) == tuple(lab)
    ours = [one for one in data.ContributingEquipmentSequence if one.ManufacturerModelName == "lung-net"]
    assert ours[0].PurposeOfReferenceCodeSequence[0].CodeValue == "109102"
    assert (ours[0].SoftwareVersions, ours[0].DeviceUID) == ("1.4", device_uid(MODEL))


def test_what_a_person_has_found_with_a_method_is_neither_manual_nor_of_a_model(
    session: Session, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "ct", 3)
    series = open_first(session, tmp_path / "ct")
    session.run("segment.run", method="threshold", values={"low": 200, "high": 400}, name="Dense")
    (path,) = saved(session, tmp_path / "out", measurements=False)["segmentation"]
    (segment,) = hd.seg.segread(path).SegmentSequence
    assert (segment.SegmentAlgorithmType, segment.SegmentAlgorithmName) == ("SEMIAUTOMATIC", "Threshold")
    # read again it is a reader's label, and still says so when it is saved once more
    with_nothing = session.state.document.reading(series.key)
    session.edit("Forget", lambda document: document.with_reading(replace(with_nothing, groups=())))
    session.run("study.open", paths=(tmp_path / "ct", path))
    (found,) = session.state.objects
    assert not found.is_automatic
    session.run("object.show", uid=found.uid)
    (group,) = session.state.document.reading(series.key).groups
    assert (group.provenance, group.labels[0].method) == (None, "Threshold")


def test_another_training_of_a_model_is_another_device() -> None:
    assert device_uid(MODEL) == device_uid(replace(MODEL, version="2"))
    assert device_uid(MODEL) != device_uid(replace(MODEL, sha256="cd" * 32))


def test_what_is_followed_keeps_its_tracking_uid_each_time_it_is_saved(
    session: Session, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "ct", 3)
    series = open_first(session, tmp_path / "ct")
    put(session, series, drawn_labels(series))
    one = read(saved(session, tmp_path / "out", measurements=False)["segmentation"][0])
    two = read(saved(session, tmp_path / "out", measurements=False)["segmentation"][0])
    tracked = [[str(segment.TrackingUID) for segment in data.SegmentSequence] for data in (one, two)]
    assert tracked[0] == tracked[1]
    assert len(set(tracked[0])) == 2
    assert one.SOPInstanceUID != two.SOPInstanceUID
    assert one.SeriesInstanceUID != two.SeriesInstanceUID


def test_frames_of_an_enhanced_object_are_named_by_their_numbers(session: Session, tmp_path: Path) -> None:
    factories.enhanced(tmp_path / "e.dcm", 5)
    series = open_first(session, tmp_path / "e.dcm")
    labels = drawn_labels(series)
    put(session, series, labels)
    (path,) = saved(session, tmp_path / "out", measurements=False)["segmentation"]
    data = hd.seg.segread(path)
    numbers = [one.frame + 1 for one in series.frames]
    pixels = data.get_pixels_by_source_frame(
        series.instances[0].sop_instance, numbers, assert_missing_frames_are_empty=True
    )
    for index in range(series.count):
        for number, mask in enumerate(wanted((labels,), index)):
            assert np.array_equal(pixels[index, ..., number] > 0, mask)


def test_a_cine_without_a_place_in_the_patient_gets_frames_that_only_name_their_pictures(
    session: Session, tmp_path: Path
) -> None:
    factories.ultrasound(tmp_path / "us.dcm", frames=6)
    series = open_first(session, tmp_path / "us.dcm")
    put(session, series, drawn_labels(series))
    (path,) = saved(session, tmp_path / "out", measurements=False)["segmentation"]
    data = read(path)
    assert "FrameOfReferenceUID" not in data
    named = {
        int(one.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber)
        for one in data.PerFrameFunctionalGroupsSequence
    }
    assert named == {1, 3, 5}
    assert not any("PlanePositionSequence" in one for one in data.PerFrameFunctionalGroupsSequence)


def test_pictures_at_one_place_and_several_times_get_an_object_for_each_time(
    session: Session, tmp_path: Path
) -> None:
    factories.enhanced(tmp_path / "e.dcm", 3, repeats=2)
    series = open_first(session, tmp_path / "e.dcm")
    assert series.dimension is not None
    put(session, series, drawn_labels(series))
    paths = saved(session, tmp_path / "out", measurements=False)["segmentation"]
    objects = [read(path) for path in paths]
    assert len(objects) == 2
    assert len({str(one.SeriesInstanceUID) for one in objects}) == 1
    assert [int(one.InstanceNumber) for one in objects] == [1, 2]


def test_whose_it_is_stays_in_every_script(session: Session, tmp_path: Path) -> None:
    name = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    factories.ct(
        tmp_path / "ct", 2, SpecificCharacterSet="ISO_IR 192", PatientName=name, StudyDescription="Größe"
    )
    series = open_first(session, tmp_path / "ct")
    put(session, series, drawn_labels(series))
    (path,) = saved(session, tmp_path / "out", measurements=False)["segmentation"]
    data = read(path)
    assert str(data.PatientName) == name
    assert data.StudyDescription == "Größe"
    assert data.SpecificCharacterSet == "ISO_IR 192"
    assert not any("amada" in one.name for one in (tmp_path / "out").rglob("*"))


def test_nothing_labelled_is_told_and_leaves_nothing_behind(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", 2)
    open_first(session, tmp_path / "ct")
    assert not saved(session, tmp_path / "out", measurements=False)
    assert "nothing of this to save" in session.state.notices[-1].message
    assert not list((tmp_path / "out").iterdir())
    with pytest.raises(BadValue, match="Nothing is chosen"):
        session.run("dicom.save", segmentation=False, measurements=False)


def test_an_object_that_is_not_what_was_meant_is_never_saved(tmp_path: Path) -> None:
    series, owner, known = _series(factories.ct(tmp_path / "ct", 3))
    labels = drawn_labels(series)
    (made,) = segmentations(owner, series, (labels,), Form.BINARY, _entry(), known, TaskContext())
    content = checked(made.data, owner.StudyInstanceUID, known)
    check_masks(made, content)
    broken = bytearray(made.data.PixelData)
    broken[200] ^= 1
    made.data.PixelData = bytes(broken)
    with pytest.raises(ExportTrouble, match="other pixels"):
        check_masks(made, checked(made.data, owner.StudyInstanceUID, known))
    with pytest.raises(ExportTrouble, match="not open"):
        checked(made.data, owner.StudyInstanceUID, {})
    with pytest.raises(ExportTrouble, match="another study"):
        checked(made.data, "1.2.3", known)
    del made.data.SegmentSequence
    with pytest.raises(ExportTrouble, match="SegmentSequence"):
        checked(made.data, owner.StudyInstanceUID, known)


@settings(max_examples=12, deadline=None)
@given(
    rows=st.integers(5, 21),
    columns=st.integers(5, 23),
    form=st.sampled_from(list(Form)),
    seed=st.integers(0, 99),
)
def test_any_mask_of_any_size_survives(
    tmp_path_factory: pytest.TempPathFactory, rows: int, columns: int, form: Form, seed: int
) -> None:
    """Sizes that are no multiple of 8 pack their bits across frames."""
    paths = factories.ct(tmp_path_factory.mktemp("ct"), 3, rows=rows, columns=columns)
    series, owner, known = _series(paths)
    random = np.random.default_rng(seed)
    slices = tuple(random.integers(0, 4, (rows, columns)).astype(np.uint8) for _ in range(3))
    labels = LabelMap(slices, tuple(Label(value, f"L{value}", "#e69f00") for value in (1, 2, 3)))
    (made,) = segmentations(owner, series, (labels,), form, _entry(), known, TaskContext())
    content = checked(made.data, owner.StudyInstanceUID, known)
    path = paths[0].with_name("made.dcm")
    path.write_bytes(content)
    check_with_highdicom(path, series, (labels,))


def _series(paths: list[Path]) -> tuple[Series, object, dict]:
    (study,) = group([read_header(path) for path in paths])
    (series,) = study.series
    source, _ = Originals().read(series.instances[0])
    return series, owner_of(source), targets_of(study.series)


def _entry() -> Entry:
    return Entry.fresh("Labels", 1001, "1.0")


def test_a_name_that_is_no_proper_one_is_told_to_nobody(
    session: Session, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    factories.ct(tmp_path / "ct", 2, PatientName="Secret^a^b^c^d^e^f")
    series = open_first(session, tmp_path / "ct")
    put(session, series, drawn_labels(series))
    assert saved(session, tmp_path / "out", picture=True)["segmentation"]
    captured = capfd.readouterr()
    assert "Secret" not in captured.out + captured.err
