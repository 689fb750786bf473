"""Volumes, label maps and surfaces: out of a session and in again, placed where SimpleITK finds them."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import trimesh

from medviewer.core.labels import Label, LabelMap
from medviewer.gui.availability import _REASONS, Facts
from medviewer.kit.errors import BadValue
from medviewer.session.segmenting.making import with_group
from medviewer.session.session import Session
from tests import factories

TURN = math.radians(15)
OBLIQUE = (math.cos(TURN), math.sin(TURN), 0.0, 0.0, 0.0, -1.0)


@pytest.fixture
def session():
    one = Session()
    yield one
    one.close()


def opened(session: Session, *paths: Path):
    session.run("study.open", paths=paths)
    return session.series(session.view.current.series)


def noise(slices: int = 6, rows: int = 20, columns: int = 24) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 3000, (slices, rows, columns)).astype(np.int16)


def labelled(session: Session, series, names=("Ball", "Rest")) -> LabelMap:
    """Two labels of known shape on the series."""
    slices = []
    for at in range(series.count):
        values = np.zeros(series.frames[at].plane.shape, np.uint8)
        if 1 <= at < series.count - 1:
            values[4:12, 5:15] = 1
            values[14:18, 2:8] = 2
        slices.append(values if values.any() else None)
    labels = tuple(Label(at + 1, name, color) for at, (name, color) in enumerate(
        zip(names, ("#d55e00", "#009e73"), strict=True)))  # fmt: skip
    group = replace(LabelMap.empty(series.count, labels).with_slices(dict(enumerate(slices))), name="mine")
    reading = with_group(session.state.document.reading(series.key), series, group)
    session.edit("Label", lambda document: document.with_reading(reading))
    return group


def at_place(image: sitk.Image, position) -> float:
    return float(image[image.TransformPhysicalPointToIndex([float(one) for one in position])])


@pytest.mark.parametrize("ending", [".nii.gz", ".nii", ".nrrd"])
def test_an_oblique_series_has_each_value_where_the_patient_has_it(session, tmp_path, ending):
    volume = noise()
    factories.ct(
        tmp_path / "s",
        6,
        volume=volume,
        rows=20,
        columns=24,
        spacing=(0.7, 1.3),
        step=2.2,
        orientation=OBLIQUE,
    )
    series = opened(session, tmp_path / "s")
    session.run("volume.export", path=tmp_path / f"v{ending}")
    image = sitk.ReadImage(str(tmp_path / f"v{ending}"))
    for index, row, column in ((0, 0, 0), (5, 19, 23), (2, 7, 13)):
        frame = session.frames.load(series.key, index)
        assert at_place(image, frame.plane.to_patient(row, column)) == frame.values()[row, column]
    assert image.GetPixelIDTypeAsString() == "16-bit signed integer"
    assert "Secret" not in (tmp_path / f"v{ending}").name


def test_a_tilted_gantry_is_straightened_with_words(session, tmp_path):
    ramp = np.add.outer(np.arange(8) * 40, np.add.outer(np.arange(32) * 7, np.arange(24) * 3))
    factories.ct(tmp_path / "s", 8, volume=ramp.astype(np.int16), rows=32, columns=24, shift=(0.0, 0.8, 2.0))
    series = opened(session, tmp_path / "s")
    session.run("volume.export", path=tmp_path / "v.nrrd")
    assert "gantry was tilted" in session.state.notices[-1].advice
    image = sitk.ReadImage(str(tmp_path / "v.nrrd"))
    assert np.allclose(np.reshape(image.GetDirection(), (3, 3)), np.eye(3))
    plane = series.frames[4].plane
    frame = session.frames.load(series.key, 4)
    for row, column in ((16, 5), (10, 20)):
        found = sitk.Resample(
            image, (1, 1, 1), sitk.Transform(), sitk.sitkLinear, plane.to_patient(row, column)
        )
        assert found[0, 0, 0] == pytest.approx(frame.values()[row, column], abs=8)
    group = labelled(session, series)
    session.run("labels.export", path=tmp_path / "l.nrrd")
    labels = sitk.ReadImage(str(tmp_path / "l.nrrd"))
    counts = [(sitk.GetArrayFromImage(labels) == value).sum() for value in (1, 2)]
    own = [sum((one == value).sum() for one in group.slices if one is not None) for value in (1, 2)]
    assert counts == own
    session.run("labels.import", path=tmp_path / "l.nrrd")
    again = session.state.document.reading(series.key).groups[-1]
    for one, other in zip(again.slices, group.slices, strict=True):
        assert (one is None) == (other is None)
        assert one is None or np.array_equal(one, other)


def test_uneven_slices_are_evened_with_words_and_labels_stay_at_their_places(session, tmp_path):
    factories.ct(tmp_path / "s", 9, volume=noise(9), rows=20, columns=24, step=2.0, missing=(4,))
    series = opened(session, tmp_path / "s")
    assert series.geometry is None
    session.run("volume.export", path=tmp_path / "v.nrrd")
    assert "evenly spaced" in session.state.notices[-1].advice
    assert sitk.ReadImage(str(tmp_path / "v.nrrd")).GetSize() == (24, 20, 9)
    group = labelled(session, series)
    session.run("labels.export", path=tmp_path / "l.nrrd")
    labels = sitk.ReadImage(str(tmp_path / "l.nrrd"))
    for at in (1, 5):
        for row, column in ((5, 6), (15, 3), (0, 0)):
            place = series.frames[at].plane.to_patient(row, column)
            assert at_place(labels, place) == group.slices[at][row, column]


@pytest.mark.parametrize("name", ["l.nii.gz", "l.nii", "l.seg.nrrd"])
def test_labels_come_back_pixel_by_pixel_with_names_and_colours(session, tmp_path, name):
    factories.ct(tmp_path / "s", 6, volume=noise(), rows=20, columns=24, orientation=OBLIQUE, step=3.3)
    series = opened(session, tmp_path / "s")
    group = labelled(session, series)
    session.run("labels.export", path=tmp_path / name)
    session.run("labels.import", path=tmp_path / name)
    before, again = session.state.document.reading(series.key).groups
    assert [(one.name, one.color) for one in again.labels] == [(one.name, one.color) for one in group.labels]
    for one, other in zip(before.slices, again.slices, strict=True):
        assert (one is None) == (other is None)
        assert one is None or np.array_equal(one, other)
    assert again.name == "l"
    assert session.state.undo_label == "Import labels"
    session.run("edit.undo")
    assert len(session.state.document.reading(series.key).groups) == 1


def test_labels_of_simpleitk_in_another_order_and_grid_are_laid_where_they_belong(session, tmp_path):
    factories.ct(tmp_path / "s", 6, volume=noise(), rows=20, columns=24, origin=(-10, 5, 40))
    series = opened(session, tmp_path / "s")
    group = labelled(session, series)
    session.run("labels.export", path=tmp_path / "l.nii.gz")
    image = sitk.DICOMOrient(sitk.ReadImage(str(tmp_path / "l.nii.gz")), "RAI")
    image = sitk.DICOMOrient(image, "SPR")
    sitk.WriteImage(image, str(tmp_path / "turned.nii.gz"))
    session.run("labels.import", path=tmp_path / "turned.nii.gz")
    again = session.state.document.reading(series.key).groups[-1]
    assert np.array_equal(again.slices[2], group.slices[2])
    assert "nearest" not in session.state.notices[-1].advice
    fine = sitk.Expand(image, (2, 2, 2), sitk.sitkNearestNeighbor)
    sitk.WriteImage(fine, str(tmp_path / "fine.nii.gz"))
    session.run("labels.import", path=tmp_path / "fine.nii.gz")
    again = session.state.document.reading(series.key).groups[-1]
    assert np.array_equal(again.slices[2], group.slices[2])
    assert "nearest voxel" in session.state.notices[-1].advice
    image.SetOrigin([one + 500 for one in image.GetOrigin()])
    sitk.WriteImage(image, str(tmp_path / "far.nii.gz"))
    session.run("labels.import", path=tmp_path / "far.nii.gz")
    assert "lies elsewhere" in session.state.notices[-1].message
    assert len(session.state.document.reading(series.key).groups) == 3


def test_surfaces_go_out_and_come_back_within_one_percent(session, tmp_path):
    factories.ct(
        tmp_path / "s", 20, volume=noise(20, 40, 44), rows=40, columns=44, step=1.5, orientation=OBLIQUE
    )
    series = opened(session, tmp_path / "s")
    group = labelled(session, series)
    session.run("labels.surface_file", path=tmp_path / "all.ply")
    session.run("labels.surface_file", path=tmp_path / "one.stl", value=1, axes="RAS")
    session.run("labels.surface_file", path=tmp_path / "each.stl", apart=True)
    assert sorted(path.name for path in tmp_path.glob("each*")) == ["each-Ball.stl", "each-Rest.stl"]
    mesh = trimesh.load(tmp_path / "one.stl", force="mesh")
    voxels = sum((one == 1).sum() for one in group.slices if one is not None)
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(voxels * 1.5, rel=0.01)
    session.run("labels.import", path=tmp_path / "one.stl")
    again = session.state.document.reading(series.key).groups[-1]
    found = sum(int(one.sum()) for one in again.slices if one is not None)
    assert found == pytest.approx(voxels, rel=0.01)
    assert again.labels[0].name == "one"


def test_a_radiograph_without_a_place_keeps_its_labels_pixel_by_pixel(session, tmp_path):
    factories.xray(tmp_path / "x.dcm")
    series = opened(session, tmp_path / "x.dcm")
    values = np.zeros(series.frames[0].plane.shape, np.uint8)
    values[3:9, 2:5] = 1
    group = LabelMap.empty(1, (Label(1, "Spot", "#e69f00"),)).with_slices({0: values})
    reading = with_group(session.state.document.reading(series.key), series, group)
    session.edit("Label", lambda document: document.with_reading(reading))
    session.run("labels.export", path=tmp_path / "l.nii.gz")
    session.run("labels.import", path=tmp_path / "l.nii.gz")
    again = session.state.document.reading(series.key).groups[-1]
    assert np.array_equal(again.slices[0], values)


def test_times_go_out_as_a_fourth_axis_and_open_as_a_series_with_times(session, tmp_path):
    each = [{"TemporalPositionIdentifier": at} for at in (1, 2, 3)]
    factories.repeated(tmp_path / "s", each)
    series = opened(session, tmp_path / "s")
    assert series.dimension is not None
    session.run("volume.export", path=tmp_path / "v.nii.gz", every_value=True)
    assert sitk.ReadImage(str(tmp_path / "v.nii.gz")).GetSize() == (20, 16, 5, 3)
    session.run("study.open", paths=(tmp_path / "v.nii.gz",))
    made = next(one for study in session.state.studies for one in study.series if one.modality == "OT")
    assert len(made.dimension.values) == 3
    assert made.count == 15
    for index in (0, 7, 14):
        assert np.array_equal(
            session.frames.load(made.key, index).values(), session.frames.load(series.key, index).values()
        )


def test_a_nifti_file_opens_upright_and_says_nothing_that_nobody_knows(session, tmp_path):
    factories.ct(tmp_path / "s", 6, volume=noise(), rows=20, columns=24, spacing=(0.7, 1.3), step=2.2)
    source = opened(session, tmp_path / "s")
    session.run("volume.export", path=tmp_path / "v.nii.gz")
    turned = sitk.DICOMOrient(sitk.ReadImage(str(tmp_path / "v.nii.gz")), "RAS")
    sitk.WriteImage(turned, str(tmp_path / "ras.nii.gz"))
    session.run("study.open", paths=(tmp_path / "ras.nii.gz",))
    made = next(one for study in session.state.studies for one in study.series if one.modality == "OT")
    study = session.study_of(made.key)
    assert (study.patient.name, study.patient.id, study.date) == ("", "", "")
    assert made.geometry.directions == source.geometry.directions
    assert made.geometry.origin == pytest.approx(source.geometry.origin, abs=1e-4)
    assert made.geometry.spacing == pytest.approx(source.geometry.spacing, abs=1e-5)
    assert made.geometry.frame_of_reference != source.geometry.frame_of_reference
    for index in (0, 5):
        frame = session.frames.load(made.key, index)
        assert np.array_equal(frame.values(), session.frames.load(source.key, index).values())
        assert frame.rescale.unit == ""
    volume = session.frames.volume(made.key)
    assert volume.voxels.shape == (6, 20, 24)
    session.run("view.show", series=made.key)
    session.run("plane.show", name="coronal")
    assert session.rendering.draw(0, (64, 64)).trouble is None


def test_labels_of_a_nifti_file_are_not_promised_as_dicom(session, tmp_path):
    sitk.WriteImage(sitk.GetImageFromArray(noise()), str(tmp_path / "v.nii.gz"))
    series = opened(session, tmp_path / "v.nii.gz")
    labelled(session, series)
    assert "belongs to no DICOM study" in _REASONS["gui.save_dicom"](Facts.of(session.state))
    with pytest.raises(BadValue, match="no patient and no study"):
        session.run("dicom.save", folder=tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["v.nii.gz"]


def test_a_damaged_file_among_others_is_named_and_the_others_open(session, tmp_path):
    factories.ct(tmp_path / "s", 3)
    opened(session, tmp_path / "s")
    (tmp_path / "d").mkdir()
    session.run("volume.export", path=tmp_path / "d" / "v.nii")
    (tmp_path / "d" / "cut.nii").write_bytes((tmp_path / "d" / "v.nii").read_bytes()[:500])
    (tmp_path / "d" / "ball.stl").write_bytes(b"solid")
    session.run("study.open", paths=(tmp_path / "d",))
    reasons = {Path(one.path).name: one.reason for one in session.state.unreadable}
    assert "cut off" in reasons["cut.nii"]
    assert "surface" in reasons["ball.stl"]
    assert any(one.modality == "OT" for study in session.state.studies for one in study.series)


def test_a_grid_of_this_data_set_survives_the_way_out(session, shared_data, tmp_path):
    folder = shared_data / "training" / "organs-nifti"
    if not folder.is_dir():
        pytest.skip("the NIfTI files are not there")
    for ct, labels in (("example_ct_sm", "example_seg"), ("example_mr_sm", "example_seg_mr")):
        session.run("study.open", paths=(folder / f"{ct}.nii.gz",))
        made = next(one for study in session.state.studies for one in study.series if one.description == ct)
        session.run("view.show", series=made.key)
        session.run("labels.import", path=folder / f"{labels}.nii.gz")
        session.run("volume.export", path=tmp_path / f"{ct}.nrrd")
        session.run("labels.export", path=tmp_path / f"{labels}.nii.gz")
        for name, ours in ((ct, f"{ct}.nrrd"), (labels, f"{labels}.nii.gz")):
            wanted = sitk.ReadImage(str(folder / f"{name}.nii.gz"))
            found = sitk.Resample(
                sitk.ReadImage(str(tmp_path / ours)), wanted, sitk.Transform(), sitk.sitkNearestNeighbor, -9
            )
            assert np.array_equal(sitk.GetArrayFromImage(found), sitk.GetArrayFromImage(wanted))
