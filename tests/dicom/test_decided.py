"""Every frame says what in its file decided how it looks, with tag numbers, in words a reader can check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from medviewer.core.volume import Frame
from tests import factories
from tests.dicom.pictures import frame, frames, words

ENHANCED_XA = "1.2.840.10008.5.1.4.1.1.12.1.1"
PIXELS = np.array([[0, 100, 1000, 4095]], np.uint16)


def _gray(folder: Path, **values: Any) -> Frame:
    return frame(factories.gray(folder / "a.dcm", PIXELS, **values))


def _table(**values: Any) -> pydicom.Dataset:
    return factories.item(LUTDescriptor=[3, 100, 16], LUTData=np.array([1, 2, 3], "<u2").tobytes(), **values)


def test_ct_tells_its_bits_its_line_and_its_window(tmp_path: Path) -> None:
    line = {"RescaleSlope": "1", "RescaleIntercept": "-1024"}
    path = factories.ct(tmp_path, 1, WindowCenter="40", WindowWidth="400", **line)[0]
    made = frame(path)
    stored = words(made, "stored")
    assert "Bits Allocated (0028,0100) 16" in stored
    assert "Pixel Representation (0028,0103) 1: signed" in stored
    assert "Explicit VR Little Endian" in stored
    assert words(made, "modality") == "Rescale Slope (0028,1053) 1, Rescale Intercept (0028,1052) -1024: HU"
    assert (
        words(made, "window")
        == "Window Center (0028,1050) 40, Window Width (0028,1051) 400, VOI LUT Function (0028,1056) LINEAR"
    )
    assert words(made, "presentation") == "Photometric Interpretation (0028,0004) MONOCHROME2"


def test_steps_come_in_the_order_in_which_they_are_taken(tmp_path: Path) -> None:
    made = _gray(tmp_path, PixelPaddingValue=0, WindowCenter=1, WindowWidth=2)
    assert [decision.step for decision in made.decided] == [
        "stored",
        "presentation",
        "padding",
        "modality",
        "window",
    ]


@pytest.mark.rule("P-31")
def test_padding_is_told_as_one_value_or_a_range(tmp_path: Path) -> None:
    assert "(0028,0120) 0, compared" in words(_gray(tmp_path, PixelPaddingValue=0), "padding")
    ranged = _gray(tmp_path, PixelPaddingValue=0, PixelPaddingRangeLimit=50)
    assert "(0028,0121): 0 to 50" in words(ranged, "padding")
    assert words(_gray(tmp_path), "padding") == ""


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "no Rescale Slope (0028,1053): stored values are shown"),
        ({"RescaleSlope": "0", "RescaleIntercept": "5"}, "unusable: stored values are shown"),
        ({"RescaleSlope": "2.5", "RescaleIntercept": "0"}, "Rescale Slope (0028,1053) 2.5"),
    ],
)
def test_the_way_to_modality_values_is_told(tmp_path: Path, values: dict, said: str) -> None:
    assert said in words(_gray(tmp_path, **values), "modality")


@pytest.mark.rule("P-08")
def test_a_modality_table_is_told(tmp_path: Path) -> None:
    made = _gray(tmp_path, ModalityLUTSequence=[_table(ModalityLUTType="OD")])
    assert words(made, "modality") == "Modality LUT Sequence (0028,3000), 3 entries from 100: OD"


@pytest.mark.rule("P-10")
@pytest.mark.parametrize("number", ["12.1", "12.2", "12.3", "12.1.1", "12.2.1"])
@pytest.mark.parametrize("relationship", ["LOG", "DISP", "LIN"])
@pytest.mark.parametrize("table", [False, True])
def test_x_rays_say_why_their_way_to_the_beam_is_not_taken(
    tmp_path: Path, number: str, relationship: str, table: bool
) -> None:
    values: dict[str, Any] = {"RescaleSlope": "3", "RescaleIntercept": "-7"}
    if table:
        values = {"ModalityLUTSequence": [_table()]}
    made = _gray(
        tmp_path,
        modality="XA",
        SOPClassUID=f"1.2.840.10008.5.1.4.1.1.{number}",
        PixelIntensityRelationship=relationship,
        WindowCenter=2048,
        WindowWidth=4096,
        **values,
    )
    np.testing.assert_array_equal(made.values(), PIXELS)
    assert made.windows[0].center == 2048
    said = words(made, "modality")
    assert "not applied: X-ray values are shown as stored" in said
    assert f"Pixel Intensity Relationship (0028,1040) {relationship}" in said


@pytest.mark.rule("P-09", "P-10")
@pytest.mark.parametrize("shared", [True, False])
def test_enhanced_x_rays_have_their_relationship_in_a_group(tmp_path: Path, shared: bool) -> None:
    path = factories.enhanced(tmp_path / "e.dcm", 2, slopes=(5, 5))
    data = pydicom.dcmread(path)
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = ENHANCED_XA
    groups = data.SharedFunctionalGroupsSequence if shared else data.PerFrameFunctionalGroupsSequence
    for group in groups:
        group.FramePixelDataPropertiesSequence = [factories.item(PixelIntensityRelationship="LOG")]
    data.save_as(path)
    for made in frames(path):
        assert made.rescale.slope == 1
        assert "Pixel Intensity Relationship (0028,1040) LOG" in words(made, "modality")


@pytest.mark.rule("P-09", "P-20")
def test_groups_are_told_apart_by_whose_they_are(tmp_path: Path) -> None:
    path = factories.enhanced(tmp_path / "e.dcm", 2, slopes=(2, 3), modality="CT")
    for made in frames(path):
        assert "Pixel Value Transformation Sequence (0028,9145) of this frame" in words(made, "modality")
        assert "Frame VOI LUT Sequence (0028,9132) of this frame" in words(made, "window")
    data = pydicom.dcmread(path)
    for keyword in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
        setattr(
            data.SharedFunctionalGroupsSequence[0],
            keyword,
            getattr(data.PerFrameFunctionalGroupsSequence[0], keyword),
        )
        for item in data.PerFrameFunctionalGroupsSequence:
            delattr(item, keyword)
    data.save_as(path)
    for made in frames(path):
        assert made.rescale.slope == 2
        assert "(0028,9145) of all frames" in words(made, "modality")
        assert "(0028,9132) of all frames" in words(made, "window")


@pytest.mark.rule("P-10")
def test_a_window_that_was_converted_is_told(tmp_path: Path) -> None:
    pixels = np.linspace(0, 1000, 1024).astype(np.uint16).reshape(32, 32)
    values = {"RescaleSlope": "0.01", "RescaleIntercept": "-2", "WindowCenter": "500", "WindowWidth": "1000"}
    made = frame(factories.gray(tmp_path / "a.dcm", pixels, modality="MR", **values))
    assert "meant for stored values, converted" in words(made, "window")
    # LINEAR from 0 to 999: black and white keep their values in the new unit
    assert (made.windows[0].center, made.windows[0].width) == pytest.approx((2.995, 9.99))


@pytest.mark.rule("P-12", "P-18", "P-19")
def test_tables_windows_and_their_absence_are_told(tmp_path: Path) -> None:
    both = _gray(tmp_path, VOILUTSequence=[_table()], WindowCenter="1", WindowWidth="2")
    said = words(both, "window")
    assert said.startswith("VOI LUT Sequence (0028,3010); Window Center (0028,1050) 1")
    several = _gray(tmp_path, VOILUTSequence=[_table(), _table()])
    assert words(several, "window") == "VOI LUT Sequence (0028,3010), 2 tables"
    none = _gray(tmp_path, WindowCenter="1", WindowWidth="0")
    assert "no usable window" in words(none, "window")


@pytest.mark.rule("P-24")
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"PresentationLUTShape": "INVERSE"}, "Presentation LUT Shape (2050,0020) INVERSE"),
        ({"PresentationLUTShape": "LIN OD"}, "LIN OD (not for screens)"),
        ({"PhotometricInterpretation": "MONOCHROME1"}, "MONOCHROME1"),
        ({"PresentationIntentType": "FOR PROCESSING"}, "Presentation Intent Type (0008,0068) FOR PROCESSING"),
    ],
)
def test_presentation_is_told(tmp_path: Path, values: dict, said: str) -> None:
    assert said in words(_gray(tmp_path, **values), "presentation")


@pytest.mark.rule("P-24")
def test_a_shape_for_print_inverts_nothing(tmp_path: Path) -> None:
    assert not _gray(tmp_path, PresentationLUTShape="LIN OD").inverted


def test_a_presentation_table_in_an_image_is_told_not_to_be_applied(tmp_path: Path) -> None:
    made = _gray(tmp_path, PresentationLUTSequence=[_table()])
    assert made.remarks == ("Presentation table in the file not applied",)


@pytest.mark.rule("P-26")
@pytest.mark.parametrize(
    ("syntax", "photometric", "said"),
    [
        ("explicit", "RGB", "RGB as stored, Planar Configuration (0028,0006) 0"),
        ("explicit", "YBR_FULL", "YBR_FULL converted to RGB (PS3.3 C.7.6.3.1.2)"),
        ("jpeg", "YBR_FULL_422", "YBR_FULL_422, converted to RGB by the decoder"),
    ],
)
def test_colours_tell_who_converted_them(tmp_path: Path, syntax: str, photometric: str, said: str) -> None:
    made = frame(factories.color(tmp_path / "a.dcm", syntax=syntax, PhotometricInterpretation=photometric))
    assert words(made, "colour").startswith(said)


def test_nothing_of_the_patient_is_in_what_is_told(shared_data: Path) -> None:
    folder = shared_data / "dicom"
    for name in ("nm-pt/Issue94.dcm", "luts-overlays/MR-SIEMENS-DICOM-WithOverlays.dcm", "us/DIRW0007"):
        data = pydicom.dcmread(folder / name)
        said = " ".join(decision.words for decision in frame(folder / name).decided)
        for keyword in ("PatientName", "PatientID", "PatientBirthDate"):
            value = str(data.get(keyword) or "")
            assert len(value) < 4 or value not in said


def test_every_real_frame_tells_its_steps(shared_data: Path) -> None:
    told = 0
    for folder in ("luts-overlays", "nm-pt", "cr-dx-mg", "us", "mr-enhanced", "codecs/pydicom-data"):
        for path in sorted((shared_data / "dicom" / folder).iterdir()):
            made = frame(path)
            steps = [decision.step for decision in made.decided]
            assert steps[:2] == ["stored", "presentation"], path.name
            assert ("colour" in steps) == made.is_color, path.name
            assert ("modality" in steps and "window" in steps) == (not made.is_color), path.name
            told += 1
    assert told > 30
