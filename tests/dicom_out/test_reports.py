"""What was measured is the same in a structured report that somebody else reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pytest
from highdicom.sr.utils import find_content_items

from medviewer.core.annotation import Shape
from medviewer.core.finding import State
from medviewer.imaging.measure import measure
from medviewer.session.session import Session
from tests import factories
from tests.dicom_out.work import (
    MODEL,
    SPOTS,
    draw_everything,
    drawn_labels,
    open_first,
    put,
    read,
    saved,
    statement,
)

NEAR = 1e-4
MEASUREMENTS = hd.sr.CodedConcept("126010", "DCM", "Imaging Measurements")
DERIVATION = "121401"


def groups_of(path: Path) -> list[Any]:
    """The measurement groups, in their order."""
    report = hd.sr.srread(path)
    (container,) = find_content_items(
        report, name=hd.sr.CodedConcept("126010", "DCM", "Imaging Measurements")
    )
    return list(container.ContentSequence)


def by_shape(path: Path) -> dict[str, Any]:
    """The groups by what they are drawn as."""
    found = {}
    for group in groups_of(path):
        for one in group.ContentSequence:
            if one.name.value == "SHAPE":
                found[one.value.value.lower()] = group
    return found


def numbers_in(group: Any) -> dict[str, tuple[float, str]]:
    """(value, unit) by the name of the quantity, or by its derivation."""
    found = {}
    for one in find_content_items(group, value_type="NUM"):
        below = one.ContentSequence if "ContentSequence" in one else ()
        derived = [item for item in below if item.name.value == DERIVATION]
        found[derived[0].value.meaning if derived else one.name.meaning] = (one.value, one.unit.value)
    return found


def spots_in(item: Any, kind: str = "SCOORD") -> list[np.ndarray]:
    """The coordinates below an item, as (row, column) from the centre of the first pixel, or as they are."""
    graphics = find_content_items(item, value_type=kind, recursive=True)
    values = [np.array(one.value) for one in graphics]
    return [one[:, ::-1] - 0.5 for one in values] if kind == "SCOORD" else values


@pytest.fixture
def everything(session: Session, tmp_path: Path) -> tuple[Session, Path]:
    """A tilted stack with oblong pixels on which one of each was drawn, saved."""
    factories.ct(tmp_path / "ct", 5, spacing=(0.7, 1.1), shift=(0.0, 0.4, 2.0))
    series = open_first(session, tmp_path / "ct")
    draw_everything(session, series)
    (path,) = saved(session, tmp_path / "out", segmentation=False)["measurements"]
    return session, path


def test_every_shape_keeps_its_points_and_the_picture_it_lies_on(everything: tuple[Session, Path]) -> None:
    session, path = everything
    series = session.series(session.view.current.series)
    assert series is not None
    uid = series.instances[series.frames[session.view.current.index].instance].sop_instance
    found = by_shape(path)
    assert set(found) == {shape.word for shape in Shape}
    for shape in Shape:
        count = 4 if shape.is_outline else shape.points
        drawn = np.concatenate(spots_in(found[shape.word]))
        for spot in SPOTS[:count]:
            if shape is Shape.ELLIPSE:
                continue
            assert np.abs(drawn - spot).max(axis=1).min() < NEAR, (shape, spot)
        images = find_content_items(found[shape.word], value_type="IMAGE", recursive=True)
        assert {str(one.referenced_sop_instance_uid) for one in images} == {uid}
    (ellipse,) = spots_in(found["ellipse"])
    rows, columns = sorted(one[0] for one in SPOTS[:2]), sorted(one[1] for one in SPOTS[:2])
    assert np.allclose((ellipse[:, 0].min(), ellipse[:, 0].max()), rows, atol=NEAR)
    assert np.allclose((ellipse[:, 1].min(), ellipse[:, 1].max()), columns, atol=NEAR)


def test_numbers_are_those_beside_the_drawing_with_their_units(everything: tuple[Session, Path]) -> None:
    session, path = everything
    series = session.series(session.view.current.series)
    assert series is not None
    index = session.view.current.index
    frame = session.source(series.key)[1].frame(index)
    found = by_shape(path)
    annotations = session.state.document.reading(series.key).annotations
    told = {one.shape: measure(one, frame.plane, frame) for one in annotations}
    names = {"length": "Length", "long axis": "Long axis", "short axis": "Short axis", "area": "Area"}
    units = {"mm": "mm", "mm²": "mm2", "HU": "[hnsf'U]", "°": "deg"}
    for shape, wanted in told.items():
        numbers = numbers_in(found[shape.word])
        for one in wanted.quantities:
            name = names.get(one.name)
            if name is not None:
                assert numbers[name][0] == pytest.approx(one.value, rel=1e-9)
                assert numbers[name][1] == units[one.unit]
    area = numbers_in(found["rectangle"])
    statistics = told[Shape.RECTANGLE].statistics
    assert statistics is not None
    assert area["Mean"] == (pytest.approx(statistics.mean, rel=1e-9), "[hnsf'U]")
    assert area["Standard Deviation"][0] == pytest.approx(statistics.deviation, rel=1e-9)
    assert area["Minimum"][0] == statistics.minimum
    assert area["Maximum"][0] == statistics.maximum
    assert area["Pixels counted"] == (statistics.count, "{pixels}")
    assert numbers_in(found["cobb"])["Cobb angle"][1] == "deg"


def test_words_meanings_and_tracking_are_kept(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", 3)
    series = open_first(session, tmp_path / "ct")
    plane = series.frames[session.view.current.index].plane
    points = [plane.to_patient(*spot) for spot in SPOTS[:2]]
    session.run("annotate.add", shape="length", points=points, text="größer als zuvor")
    one, two = (
        groups_of(saved(session, tmp_path / "out", segmentation=False)["measurements"][0])[0] for _ in "ab"
    )
    words = {item.name.meaning: item.value for item in find_content_items(one, value_type="TEXT")}
    assert words["Comment"] == "größer als zuvor"
    uids = [find_content_items(group, value_type="UIDREF")[0].value for group in (one, two)]
    assert uids[0] == uids[1], "the same thing is followed under the same UID"


def test_what_lies_on_no_picture_is_told_in_the_patient(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", 9, step=3.0)
    series = open_first(session, tmp_path / "ct")
    session.run("plane.show", name="coronal")
    number = session.view.active
    frame = series.frames[0].plane.frame_of_reference
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    points = [plane.to_patient(4.3, 10.2), plane.to_patient(9.1, 40.7)]
    session.run("annotate.add", shape="length", points=points, viewport=number)
    (path,) = saved(session, tmp_path / "out", segmentation=False)["measurements"]
    (group,) = groups_of(path)
    (graphic,) = find_content_items(group, value_type="SCOORD3D", recursive=True)
    assert str(graphic.ReferencedFrameOfReferenceUID) == frame
    assert np.allclose(spots_in(group, "SCOORD3D")[0], points, atol=NEAR)
    length = float(np.linalg.norm(np.subtract(*points)))
    assert numbers_in(group)["Length"][0] == pytest.approx(length, rel=1e-6)


def test_a_scale_that_is_not_the_patients_is_said_to_be_none(session: Session, tmp_path: Path) -> None:
    factories.xray(tmp_path / "dx.dcm")
    series = open_first(session, tmp_path / "dx.dcm")
    plane = series.frames[0].plane
    session.run("annotate.add", shape="length", points=[plane.to_patient(*one) for one in SPOTS[:2]])
    (path,) = saved(session, tmp_path / "out", segmentation=False)["measurements"]
    (group,) = groups_of(path)
    words = {item.name.meaning: item.value for item in find_content_items(group, value_type="TEXT")}
    assert "at the detector" in words["Rule that the scale follows"]


def test_labels_are_measured_where_the_segmentation_beside_the_report_has_them(
    session: Session, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "ct", 5, spacing=(0.5, 0.8), step=2.5)
    series = open_first(session, tmp_path / "ct")
    labels = drawn_labels(series)
    put(session, series, labels)
    written = saved(session, tmp_path / "out")
    segmentation = read(written["segmentation"][0])
    for number, group in enumerate(groups_of(written["measurements"][0]), 1):
        reference = next(
            one.ReferencedSOPSequence[0]
            for one in find_content_items(group, value_type="IMAGE")
            if "ReferencedSegmentNumber" in one.ReferencedSOPSequence[0]
        )
        assert reference.ReferencedSOPInstanceUID == segmentation.SOPInstanceUID
        assert reference.ReferencedSegmentNumber == number
        value = labels.labels[number - 1].value
        voxels = sum(int((one == value).sum()) for one in labels.slices if one is not None)
        volume, unit = numbers_in(group)["Volume"]
        assert unit == "cm3"
        assert volume == pytest.approx(voxels * 0.5 * 0.8 * 2.5 / 1000, rel=1e-6)


def test_what_a_model_says_names_it_and_whether_somebody_has_accepted(
    session: Session, tmp_path: Path
) -> None:
    factories.ct(tmp_path / "ct", 3)
    series = open_first(session, tmp_path / "ct")
    put(session, series, findings=[statement(State.ACCEPTED, 1), statement(State.REJECTED)])
    (path,) = saved(session, tmp_path / "out")["measurements"]
    (group,) = groups_of(path)
    words = {item.name.meaning: item.value for item in find_content_items(group, value_type="TEXT")}
    assert (words["Algorithm Name"], words["Algorithm Version"]) == (MODEL.model, MODEL.version)
    coded = {item.name.meaning: item.value.value for item in find_content_items(group, value_type="CODE")}
    assert coded["Assessed by a reader"] == "ACCEPTED"
    assert coded["Pleural effusion"] == "52101004"
    assert numbers_in(group)["Certainty of Finding"] == (81.25, "%")
    image = find_content_items(group, value_type="IMAGE")[0]
    uid = series.instances[series.frames[1].instance].sop_instance
    assert image.referenced_sop_instance_uid == uid


def test_nobody_is_named_as_the_reader_who_has_not_said_so(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", 3)
    draw_everything(session, open_first(session, tmp_path / "ct"))
    nobody = read(saved(session, tmp_path / "out", segmentation=False)["measurements"][0])
    kinds = [one for one in nobody.ContentSequence if one.ValueType == "PNAME"]
    assert not kinds
    somebody = saved(session, tmp_path / "out", segmentation=False, reader="Test^Reader")
    content = read(somebody["measurements"][0]).ContentSequence
    names = [one.PersonName for one in content if one.ValueType == "PNAME"]
    assert [str(one) for one in names] == ["Test^Reader"]
    assert nobody.CompletionFlag == "PARTIAL"
    assert nobody.VerificationFlag == "UNVERIFIED"
