"""Segmentations as highdicom and pydicom read them, an independent implementation each."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from skimage import color as skimage_color

from medviewer.core.object_kind import ObjectKind
from medviewer.core.segments import Segmentation, SegmentType
from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.objects.colors import rgb_of_lab
from medviewer.dicom.objects.segmentation import read_masks
from medviewer.kit.errors import FileTrouble
from tests.dicom.objects.files import opened

FILES = (
    "dcmqi-liver/liver-seg.dcm",
    "dcmqi-liver/partial-overlaps-seg.dcm",
    "dcmqi-sr/sr-seg.dcm",
    "highdicom/seg_image_cr_binary.dcm",
    "highdicom/seg_image_ct_binary.dcm",
    "highdicom/seg_image_ct_binary_fractional.dcm",
    "highdicom/seg_image_ct_binary_overlap.dcm",
    "highdicom/seg_image_ct_binary_single_frame.dcm",
    "highdicom/seg_image_ct_true_fractional.dcm",
    "liver.dcm",
    "liver_nonbyte_aligned.dcm",
)


def masks_of(path: Path) -> dict[tuple[str, int], NDArray[np.bool_]]:
    """Where each segment is, by the first picture that a frame was made from."""
    instance, found = opened(path)
    assert isinstance(found.content, Segmentation)
    return {
        (frame.sources[0][0], segment): mask
        for frame, segment, mask in read_masks(instance, found.content, InProcessDecoder())
    }


@pytest.mark.parametrize("name", FILES)
def test_the_masks_are_bit_for_bit_those_that_highdicom_reads(objects: Path, name: str) -> None:
    ours = masks_of(objects / name)
    seg = highdicom.seg.segread(objects / name)
    sources = sorted({uid for uid, _ in ours})
    numbers = [int(one) for one in seg.segment_numbers]
    theirs = seg.get_pixels_by_source_instance(
        sources, numbers, combine_segments=False, assert_missing_frames_are_empty=True,
        rescale_fractional=False, ignore_spatial_locations=True,
    )  # fmt: skip
    most = int(seg.get("MaximumFractionalValue", 1))
    for at, uid in enumerate(sources):
        for number in numbers:
            expected = 2 * theirs[at, :, :, number - 1].astype(int) >= most
            found = ours.get((uid, number), np.zeros_like(expected))
            assert np.array_equal(found, expected), (uid, number)
    assert any(mask.any() for mask in ours.values())


@pytest.mark.parametrize(
    ("packed", "plain"),
    [
        ("liver_deflate.dcm", "liver.dcm"),
        ("liver_nonbyte_aligned_rle.dcm", "liver_nonbyte_aligned.dcm"),
    ],
)
def test_a_packed_segmentation_holds_the_same_as_the_plain_one(
    objects: Path, packed: str, plain: str
) -> None:
    """Packed ones are read by neither pydicom nor highdicom."""
    ours, expected = masks_of(objects / packed), masks_of(objects / plain)
    assert ours.keys() == expected.keys()
    assert all(np.array_equal(ours[key], mask) for key, mask in expected.items())
    assert all(mask.any() for mask in expected.values())


def test_a_label_map_says_in_each_pixel_which_segment_it_is(objects: Path) -> None:
    path = objects / "highdicom" / "seg_image_sm_control_labelmap_palette_color.dcm"
    instance, found = opened(path)
    assert isinstance(found.content, Segmentation)
    assert found.content.type is SegmentType.LABELMAP
    stored = pydicom.dcmread(path).pixel_array
    ours: dict[int, NDArray[np.int64]] = defaultdict(lambda: np.zeros(stored.shape[1:], np.int64))
    for frame, segment, mask in read_masks(instance, found.content, InProcessDecoder()):
        ours[frame.at][mask] = segment
    assert len(ours) == len(stored)
    for at, values in ours.items():
        assert np.array_equal(values, stored[at])


def test_what_a_segment_is_comes_with_its_codes_its_colour_and_its_maker(objects: Path) -> None:
    _, found = opened(objects / "dcmqi-liver" / "liver-seg.dcm")
    assert isinstance(found.content, Segmentation)
    (liver,) = found.content.segments
    assert (liver.name, liver.how) == ("Liver", "SEMIAUTOMATIC")
    assert liver.meaning is not None
    assert (liver.meaning.value, liver.meaning.scheme, liver.meaning.meaning) == ("T-62000", "SRT", "Liver")
    assert found.kind is ObjectKind.SEGMENTATION
    assert not found.is_automatic
    data = pydicom.dcmread(objects / "dcmqi-liver" / "liver-seg.dcm", stop_before_pixels=True)
    lab = np.array(data.SegmentSequence[0].RecommendedDisplayCIELabValue, float)
    plain = [[lab[0] / 65535 * 100, lab[1] / 65535 * 255 - 128, lab[2] / 65535 * 255 - 128]]
    expected = np.round(skimage_color.lab2rgb(plain, illuminant="D65")[0] * 255)
    ours = [int(liver.color[at : at + 2], 16) for at in (1, 3, 5)]
    assert np.abs(np.array(ours) - expected).max() <= 1


@pytest.mark.parametrize("color", ["#ffffff", "#000000", "#ff0000", "#e69f00", "#0072b2", "#cc79a7"])
def test_a_colour_that_highdicom_has_written_is_the_one_that_was_chosen(color: str) -> None:
    lab = highdicom.color.CIELabColor.from_rgb(*(int(color[at : at + 2], 16) for at in (1, 3, 5)))
    ours = rgb_of_lab(lab.value)
    assert max(abs(int(ours[at : at + 2], 16) - int(color[at : at + 2], 16)) for at in (1, 3, 5)) <= 1


def test_an_algorithm_is_told_from_a_person(objects: Path) -> None:
    _, by_program = opened(objects / "highdicom" / "seg_image_ct_binary.dcm")
    assert by_program.is_automatic
    assert by_program.made_by == "test v1.0"
    _, by_hand = opened(objects / "dcmqi-sr" / "sr-seg.dcm")
    assert not by_hand.is_automatic
    assert by_hand.made_by == "User2"


def test_the_library_that_wrote_a_file_is_no_algorithm_that_found_something(
    tmp_path: Path, objects: Path
) -> None:
    """The library highdicom enters itself as processing equipment in all that people save with it."""
    data = pydicom.dcmread(objects / "dcmqi-sr" / "sr-seg.dcm")
    library, model = pydicom.Dataset(), pydicom.Dataset()
    purpose = pydicom.Dataset()
    purpose.CodeValue, purpose.CodingSchemeDesignator = "109102", "DCM"
    purpose.CodeMeaning = "Processing Equipment"
    for one, name in ((library, "highdicom"), (model, "Finder")):
        one.ManufacturerModelName, one.SoftwareVersions = name, "0.28.2"
        one.PurposeOfReferenceCodeSequence = [purpose]
    for number, (equipment, is_automatic) in enumerate((([library], False), ([library, model], True))):
        data.ContributingEquipmentSequence = equipment
        data.save_as(tmp_path / f"{number}.dcm")
        _, found = opened(tmp_path / f"{number}.dcm")
        assert found.is_automatic is is_automatic
        assert found.made_by == ("Finder 0.28.2" if is_automatic else "User2")


def test_frames_name_the_pictures_that_they_were_made_from(objects: Path) -> None:
    path = objects / "highdicom" / "seg_image_ct_binary_overlap.dcm"
    _, found = opened(path)
    assert isinstance(found.content, Segmentation)
    data = pydicom.dcmread(path, stop_before_pixels=True)
    for frame, item in zip(found.content.frames, data.PerFrameFunctionalGroupsSequence, strict=True):
        named = item.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        assert frame.sources[0][0] == named
        assert frame.segment == item.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        expected = [float(one) for one in item.PlanePositionSequence[0].ImagePositionPatient]
        assert np.allclose(frame.plane.origin, expected)


@pytest.mark.parametrize("name", ["liver_nonbyte_aligned_rle.dcm", "highdicom/seg_image_ct_binary.dcm"])
def test_a_cut_file_is_a_sentence_or_has_frames_left(objects: Path, tmp_path: Path, name: str) -> None:
    whole = (objects / name).read_bytes()
    for share in range(1, 20):
        cut = tmp_path / f"cut-{share}.dcm"
        cut.write_bytes(whole[: len(whole) * share // 20])
        said = ""
        try:
            instance, found = opened(cut)
            if isinstance(found.content, Segmentation):
                list(read_masks(instance, found.content, InProcessDecoder()))
        except FileTrouble as trouble:
            said = trouble.message
        assert not said or cut.name in said


def test_claims_of_a_billion_frames_cost_nothing(objects: Path, tmp_path: Path) -> None:
    data = pydicom.dcmread(objects / "highdicom" / "seg_image_ct_binary.dcm")
    data.NumberOfFrames = 1_000_000_000
    path = tmp_path / "many.dcm"
    data.save_as(path)
    _, found = opened(path)
    assert isinstance(found.content, Segmentation)
    assert len(found.content.frames) == 3
    assert "1,000,000,000 frames are claimed" in found.remarks[0]


def test_a_segment_that_no_list_knows_is_told_and_left_out(objects: Path, tmp_path: Path) -> None:
    data = pydicom.dcmread(objects / "highdicom" / "seg_image_ct_binary_overlap.dcm")
    data.PerFrameFunctionalGroupsSequence[0].SegmentIdentificationSequence[0].ReferencedSegmentNumber = 77
    path = tmp_path / "stranger.dcm"
    data.save_as(path)
    _, found = opened(path)
    assert isinstance(found.content, Segmentation)
    assert len(found.content.frames) == int(data.NumberOfFrames) - 1
    assert "belong to no segment" in found.remarks[0]
