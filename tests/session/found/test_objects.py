"""Objects of the study on the pictures that they refer to, whatever order files and frames stand in."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from medviewer.core.labels import LabelMap
from medviewer.core.study import Series
from medviewer.kit.errors import BadValue
from medviewer.session.corners.words import OUTLINES_ELSEWHERE
from medviewer.session.found.switching import is_shown
from medviewer.session.keeping.packing import packed_already
from medviewer.session.scene import scene
from medviewer.session.session import Session
from tests import factories
from tests.session.found.segmentations import key_pictures, segmentation, sources, structures


def series_of(session: Session) -> Series:
    return next(one for study in session.state.studies for one in study.series if one.modality == "CT")


def groups(session: Session) -> tuple[LabelMap, ...]:
    return session.state.document.reading(series_of(session).key).groups


def masks_by_uid(session: Session, name: str) -> dict[str, NDArray[np.bool_]]:
    series = series_of(session)
    found = {}
    for group in groups(session):
        for label in group.labels:
            for at, values in enumerate(group.slices):
                if label.name == name and values is not None and (values == label.value).any():
                    instance = series.instances[series.frames[at].instance].sop_instance
                    found[instance] = values == label.value
    return found


def some_masks(count: int, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """(picture, row, column, segment): two segments that overlap, different on each picture."""
    chance = np.random.default_rng(5)
    masks: NDArray[np.uint8] = (chance.random((count, *shape, 2)) < 0.3).astype(np.uint8)
    return masks


@pytest.fixture
def ct(tmp_path: Path) -> Path:
    """Eight slices whose names are in another order than their places."""
    folder = tmp_path / "ct"
    factories.ct(folder, slices=8, rows=24, columns=30)
    names = sorted(folder.glob("*.dcm"))
    mixed = random.Random(1).sample(range(len(names)), len(names))
    for at, name in zip(mixed, names, strict=True):
        name.rename(folder / f"x{at:03}.dcm")
    return folder


def test_segments_lie_on_their_pictures_by_reference_never_by_order(session: Session, ct: Path) -> None:
    pictures = sources(ct)
    masks = some_masks(len(pictures), (24, 30))
    segmentation(ct.parent / "seg.dcm", pictures[::-1], masks[::-1].copy())
    session.run("study.open", paths=(ct, ct.parent / "seg.dcm"))
    (found,) = session.state.objects
    assert groups(session) == ()
    session.run("object.show", uid=found.uid)
    for number in (1, 2):
        ours = masks_by_uid(session, f"Segment {number}")
        for picture, mask in zip(pictures, masks[..., number - 1].astype(bool), strict=True):
            assert np.array_equal(ours[picture.SOPInstanceUID], mask)
    assert len(groups(session)) == 2  # they overlap
    slices = [one for group in groups(session) for one in group.slices if one is not None]
    assert all(map(packed_already, slices))  # by the worker, not by the window when the journal takes them
    assert {one.source for one in groups(session)} == {found.uid}


def test_without_references_the_place_in_the_patient_decides(session: Session, ct: Path) -> None:
    pictures = sources(ct)
    masks = some_masks(len(pictures), (24, 30))
    path = segmentation(ct.parent / "seg.dcm", pictures, masks)
    data = pydicom.dcmread(path)
    for item in data.PerFrameFunctionalGroupsSequence:
        del item.DerivationImageSequence
    del data.ReferencedSeriesSequence
    data.save_as(path)
    session.run("study.open", paths=(ct, path))
    session.run("object.show", uid=session.state.objects[0].uid)
    ours = masks_by_uid(session, "Segment 1")
    for picture, mask in zip(pictures, masks[..., 0].astype(bool), strict=True):
        assert np.array_equal(ours[picture.SOPInstanceUID], mask)


def test_a_coarser_grid_is_brought_to_the_pictures_and_told(session: Session, ct: Path) -> None:
    pictures = sources(ct)
    masks = np.zeros((len(pictures), 24, 30, 1), np.uint8)
    masks[3, 4:12, 6:20] = 1
    path = segmentation(ct.parent / "seg.dcm", pictures, masks)
    data = pydicom.dcmread(path)
    stored = data.pixel_array.reshape(-1, 24, 30)
    data.Rows, data.Columns = 12, 15
    data.PixelData = np.packbits(stored[:, ::2, ::2].ravel(), bitorder="little").tobytes()
    measures = data.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    measures.PixelSpacing = [2 * float(one) for one in measures.PixelSpacing]
    data.save_as(path)
    session.run("study.open", paths=(ct, path))
    session.run("object.show", uid=session.state.objects[0].uid)
    (mask,) = masks_by_uid(session, "Segment 1").values()
    # every second centre is that of a coarse pixel, whose neighbours are the nearest to it
    expected = np.zeros((24, 30), bool)
    expected[3:11, 5:19] = True
    assert np.abs(mask.astype(int) - expected.astype(int)).sum() <= 8 + 14
    assert np.array_equal(mask[::2, ::2], masks[3, ::2, ::2, 0].astype(bool))
    assert any("another grid" in one.message for one in session.state.notices)


def test_what_an_algorithm_found_is_a_proposal_and_what_a_person_drew_is_not(
    session: Session, ct: Path
) -> None:
    pictures = sources(ct)
    path = segmentation(
        ct.parent / "seg.dcm", pictures, some_masks(8, (24, 30)), kinds=["AUTOMATIC", "MANUAL"]
    )
    session.run("study.open", paths=(ct, path))
    session.run("object.show", uid=session.state.objects[0].uid)
    by_name = {group.labels[0].name: group for group in groups(session)}
    assert by_name["Segment 1"].is_proposal
    assert str(by_name["Segment 1"].provenance) == "Finder 7"
    assert not by_name["Segment 2"].is_proposal
    session.run("ai.accept")
    assert not any(one.is_proposal for one in groups(session))


def test_showing_is_one_undo_hiding_keeps_the_work_and_nothing_is_doubled(session: Session, ct: Path) -> None:
    path = segmentation(ct.parent / "seg.dcm", sources(ct), some_masks(8, (24, 30)))
    session.run("study.open", paths=(ct, path))
    (found,) = session.state.objects
    session.run("object.show", uid=found.uid)
    shown = groups(session)
    session.run("view.show", series=series_of(session).key)
    assert session.rendering.groups(session.view.active)
    session.run("object.hide", uid=found.uid)
    assert not session.rendering.groups(session.view.active)
    assert groups(session) == shown
    session.run("object.show", uid=found.uid)
    session.run("object.show", uid=found.uid)
    assert groups(session) == shown
    session.run("edit.undo")
    assert groups(session) == ()
    session.run("edit.redo")
    session.run("object.remove", uid=found.uid)
    assert groups(session) == ()
    session.run("edit.undo")
    assert groups(session) == shown


def test_opening_the_study_again_shows_the_kept_work_once(ct: Path) -> None:
    path = segmentation(ct.parent / "seg.dcm", sources(ct), some_masks(8, (24, 30)))
    for _ in range(2):
        session = Session()
        session.run("study.open", paths=(ct, path))
        (found,) = session.state.objects
        session.run("object.show", uid=found.uid)
        assert len(groups(session)) == 2
        session.close()


def test_a_click_goes_to_the_first_picture_that_is_marked(session: Session, ct: Path) -> None:
    masks = np.zeros((8, 24, 30, 1), np.uint8)
    masks[5:7, 3:9, 3:9] = 1
    path = segmentation(ct.parent / "seg.dcm", sources(ct), masks)
    session.run("study.open", paths=(ct, path))
    session.run("object.jump", uid=session.state.objects[0].uid)
    series = series_of(session)
    at = session.view.current.index
    shown = series.instances[series.frames[at].instance].sop_instance
    marked = {one.SOPInstanceUID for one in sources(ct)[5:7]}
    assert shown in marked


def test_missing_pictures_are_counted_in_words(session: Session, ct: Path) -> None:
    pictures = sources(ct)
    path = segmentation(ct.parent / "seg.dcm", pictures, some_masks(8, (24, 30)))
    for name in sorted(ct.glob("*.dcm"))[:3]:
        name.unlink()
    session.run("study.open", paths=(ct, path))
    (found,) = session.state.objects
    assert session.objects.missing_words(found) == "3 of its 8 pictures are not open."
    session.run("object.show", uid=found.uid)
    assert len(masks_by_uid(session, "Segment 1")) == 5


def test_a_segmentation_alone_is_a_stack_of_pictures_and_says_what_is_missing(
    session: Session, ct: Path
) -> None:
    path = segmentation(ct.parent / "seg.dcm", sources(ct), some_masks(8, (24, 30)))
    session.run("study.open", paths=(path,))
    assert session.view.current.series is not None
    assert session.rendering.draw(0, (60, 60)).picture is not None
    (found,) = session.state.objects
    with pytest.raises(BadValue, match="are not open"):
        session.run("object.show", uid=found.uid)


MEASURED = "Imaging Measurements"
RING = [(4.0, 5.0), (4.0, 20.0), (16.0, 20.0), (16.0, 5.0)]
HOLE = [(8.4, 9.4), (8.4, 14.6), (12.6, 14.6), (12.6, 9.4)]


@pytest.mark.parametrize("with_references", [True, False])
def test_outlines_lie_on_their_slices_and_become_labels_with_their_holes(
    session: Session, ct: Path, with_references: bool
) -> None:
    pictures = sources(ct)
    outlines = [(2, RING), (2, HOLE), (6, RING)]
    path = structures(ct.parent / "rt.dcm", pictures, outlines, with_references)
    session.run("study.open", paths=(ct, path))
    (found,) = session.state.objects
    session.run("object.show", uid=found.uid)
    (outlined,) = session.state.outlined
    series = series_of(session)
    number = {series.instances[one.instance].sop_instance: at for at, one in enumerate(series.frames)}
    drawn = {index: len(lines) for (_, index), lines in outlined.pictures.items()}
    assert drawn == {number[pictures[2].SOPInstanceUID]: 2, number[pictures[6].SOPInstanceUID]: 1}
    line = outlined.pictures[series.key, number[pictures[6].SOPInstanceUID]][0]
    assert np.allclose(line.spots, RING, atol=1e-3)
    assert (line.name, line.color, line.closed) == ("Heart", "#ff000a", True)
    session.run("object.fill", uid=found.uid)
    masks = masks_by_uid(session, "Heart")
    full = np.zeros((24, 30), bool)
    full[4:17, 5:21] = True
    assert np.array_equal(masks[pictures[6].SOPInstanceUID], full)
    full[9:13, 10:15] = False
    assert np.array_equal(masks[pictures[2].SOPInstanceUID], full)
    assert session.state.outlined == ()


def test_outlines_are_undone_kept_and_seen_again_when_the_study_is_opened_again(
    session: Session, ct: Path
) -> None:
    path = structures(ct.parent / "rt.dcm", sources(ct), [(2, RING), (6, RING)])
    session.run("study.open", paths=(ct, path))
    (found,) = session.state.objects
    session.run("object.show", uid=found.uid)
    (shown,) = session.state.outlined
    session.run("edit.undo")
    assert session.state.outlined == ()
    session.run("edit.redo")
    session.close()
    again = Session()
    again.run("study.open", paths=(path, ct))
    (kept,) = again.state.outlined
    assert kept.pictures.keys() == shown.pictures.keys()
    for place, outlines in kept.pictures.items():
        assert all(
            np.array_equal(one.spots, other.spots)
            for one, other in zip(outlines, shown.pictures[place], strict=True)
        )
    again.run("object.hide", uid=found.uid)
    assert again.state.outlined == ()
    again.close()
    last = Session()
    last.run("study.open", paths=(ct, path))
    assert last.state.outlined == ()
    last.close()


def test_a_plane_cut_through_the_stack_says_where_the_outlines_are(session: Session, ct: Path) -> None:
    path = structures(ct.parent / "rt.dcm", sources(ct), [(2, RING), (6, RING)])
    session.run("study.open", paths=(ct, path))
    (found,) = session.state.objects
    session.run("view.show", series=series_of(session).key)

    def says_where() -> bool:
        viewing = session.rendering.viewing(session.view.active, (600, 600))
        assert viewing is not None
        taken = scene(session, session.view.active, viewing)
        return taken is not None and OUTLINES_ELSEWHERE in taken.facts.made

    session.run("object.show", uid=found.uid)
    assert not says_where()
    session.run("plane.show", name="coronal")
    assert says_where()
    session.run("object.fill", uid=found.uid)
    assert not says_where()
    assert session.rendering.groups(session.view.active)


def test_a_report_of_nothing_but_lines_is_seen_again_when_the_study_is_opened_again(
    session: Session, shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "dicom" / "objects" / "highdicom"
    data = pydicom.dcmread(folder / "sr_document_with_multiple_groups.dcm")
    (measured,) = [
        one for one in data.ContentSequence if one.ConceptNameCodeSequence[0].CodeMeaning == MEASURED
    ]
    del measured.ContentSequence[1]  # the one with a circle
    data.save_as(tmp_path / "lines.dcm")
    session.run("study.open", paths=(tmp_path / "lines.dcm", folder / "ct_image.dcm"))
    (found,) = session.state.objects
    session.run("object.show", uid=found.uid)
    assert session.state.document.reading(series_of(session).key).annotations == ()
    (shown,) = session.state.outlined
    session.close()
    again = Session()
    again.run("study.open", paths=(tmp_path / "lines.dcm", folder / "ct_image.dcm"))
    (kept,) = again.state.outlined
    assert kept.pictures.keys() == shown.pictures.keys()
    again.run("object.hide", uid=found.uid)
    assert again.state.outlined == ()
    again.close()


def test_everything_is_switched_on_and_off_together(session: Session, ct: Path) -> None:
    pictures = sources(ct)
    segmentation(ct.parent / "seg.dcm", pictures, some_masks(8, (24, 30)))
    structures(ct.parent / "rt.dcm", pictures, [(2, RING)])
    session.run("study.open", paths=(ct, ct.parent / "seg.dcm", ct.parent / "rt.dcm"))
    session.run("object.show_all")
    session.run("view.show", series=series_of(session).key)
    assert session.rendering.groups(session.view.active)
    assert len(session.state.outlined) == 1
    session.run("object.hide_all")
    assert not session.rendering.groups(session.view.active)
    assert not session.state.outlined


def test_a_parametric_map_lies_over_its_source_with_its_values(session: Session, shared_data: Path) -> None:
    folder = shared_data / "dicom" / "objects"
    session.run(
        "study.open", paths=(folder / "parametric_map_float.dcm", folder / "highdicom" / "ct_image.dcm")
    )
    (found,) = session.state.objects
    session.run("object.show", uid=found.uid)
    assert session.view.current.series == series_of(session).key
    session.rendering.draw(session.view.active, (200, 200))
    stored = pydicom.dcmread(folder / "parametric_map_float.dcm").pixel_array
    told = session.rendering.probe(session.view.active, 5, 7)
    assert told is not None
    assert told.fused_text == f"OT {stored[5, 7]:.4g}"
    session.run("object.hide", uid=found.uid)
    assert session.view.current.fusion is None


def test_a_report_is_drawn_with_its_values_as_written(session: Session, shared_data: Path) -> None:
    folder = shared_data / "dicom" / "objects" / "highdicom"
    session.run(
        "study.open", paths=(folder / "sr_document_with_multiple_groups.dcm", folder / "ct_image.dcm")
    )
    (found,) = session.state.objects
    session.run("object.show", uid=found.uid)
    (nodule,) = session.state.document.reading(series_of(session).key).annotations
    assert nodule.shape.word == "ellipse"
    assert nodule.text == "Nodule, Lung: Diameter 10.0 mm (as reported)"
    assert nodule.source == found.uid
    # the circle of the file has its centre in column 45, row 55 from the corner of the first pixel
    plane = series_of(session).frames[0].plane
    spots = np.array([plane.to_image(one) for one in nodule.points])
    assert np.allclose(spots.mean(axis=0), (54.5, 44.5))
    assert np.allclose(np.ptp(spots, axis=0), 20)
    (line,) = [one for lines in session.state.outlined for ones in lines.pictures.values() for one in ones]
    assert not line.closed
    assert "Aorta" in line.name
    assert any("not open" in one.message for one in session.state.notices)
    session.close()
    again = Session()
    again.run("study.open", paths=(folder / "sr_document_with_multiple_groups.dcm", folder / "ct_image.dcm"))
    assert [one.id for one in again.state.document.reading(series_of(again).key).annotations] == [nodule.id]
    (kept,) = [one for lines in again.state.outlined for ones in lines.pictures.values() for one in ones]
    assert (kept.name, kept.closed) == (line.name, False)
    assert np.array_equal(kept.spots, line.spots)
    again.run("object.hide", uid=found.uid)
    assert again.state.outlined == ()
    again.close()


def test_an_object_that_cannot_be_read_is_told_once_and_costs_no_picture(session: Session, ct: Path) -> None:
    pictures = sources(ct)
    path = segmentation(ct.parent / "seg.dcm", pictures, some_masks(8, (24, 30)))
    data = pydicom.dcmread(path)
    data.SegmentationType = "MAGIC"
    data.save_as(path)
    session.run("study.open", paths=(ct, path))
    session.run("study.open", paths=(ct,))
    told = [one.message for one in session.state.notices if "seg.dcm" in one.message]
    assert told == ["The segmentation seg.dcm does not say how its pixels are meant."]
    assert session.rendering.draw(0, (60, 60)).picture is not None


def test_pictures_are_seen_first_whatever_number_a_segmentation_has(session: Session, ct: Path) -> None:
    path = segmentation(ct.parent / "a-seg.dcm", sources(ct), some_masks(8, (24, 30)))
    session.run("study.open", paths=(path, ct))
    assert session.view.current.series == series_of(session).key
    assert session.view.current.index == 4


def test_outlines_stay_on_their_pictures_when_more_of_them_come(session: Session, ct: Path) -> None:
    pictures = sources(ct)
    path = structures(ct.parent / "rt.dcm", pictures, [(2, RING), (6, RING)])
    later = [name for name in ct.glob("*.dcm") if pydicom.dcmread(name).SOPInstanceUID in {
        one.SOPInstanceUID for one in pictures[:2]
    }]  # fmt: skip
    (ct.parent / "later").mkdir()
    for name in later:
        name.rename(ct.parent / "later" / name.name)
    session.run("study.open", paths=(ct, path))
    session.run("object.show", uid=session.state.objects[0].uid)
    session.run("study.open", paths=(ct.parent / "later",))
    series = series_of(session)
    (outlined,) = session.state.outlined
    assert series.count == 8
    on = {series.instances[series.frames[at].instance].sop_instance for _, at in outlined.pictures}
    assert on == {pictures[2].SOPInstanceUID, pictures[6].SOPInstanceUID}


def test_two_selections_that_share_a_picture_are_switched_apart(session: Session, ct: Path) -> None:
    pictures = sources(ct)
    uids = [one.SOPInstanceUID for one in pictures]
    key_pictures(ct.parent / "few.dcm", pictures[2:3])
    key_pictures(ct.parent / "more.dcm", pictures[2:5])
    session.run("study.open", paths=(ct, ct.parent / "few.dcm", ct.parent / "more.dcm"))
    few, more = sorted(session.state.objects, key=lambda one: len(one.pictures))

    def shown() -> list[bool]:
        return [is_shown(session.state, one) for one in (few, more)]

    session.run("object.show", uid=few.uid)
    assert shown() == [True, False]
    session.run("object.show", uid=more.uid)
    assert shown() == [True, True]
    marked = session.state.document.reading(series_of(session).key).key_pictures
    assert {one[0] for one in marked} == set(uids[2:5])
    session.run("object.hide", uid=few.uid)
    assert shown() == [False, False]
