"""What stored values mean: golden numbers, and every way in which a file can be wrong about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.pixels.processing import apply_modality_lut, apply_windowing

from medviewer.core.voi import VOI, Curve
from medviewer.core.volume import Frame
from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.imaging.render import RenderRequest, render
from tests import factories

VALUES = np.array([[0, 100, 1000, 4095]], np.uint16)
XA = "1.2.840.10008.5.1.4.1.1.12.1"


def _frames(path: Path) -> list[Frame]:
    ((series,),) = (study.series for study in group([read_header(path)]))
    source = SeriesSource(series, InProcessDecoder())
    return [source.frame(at) for at in range(series.count)]


def _gray(folder: Path, pixels: np.ndarray = VALUES, **values: object) -> Frame:
    return _frames(factories.gray(folder / "a.dcm", pixels, **values))[0]


@pytest.mark.rule("P-07")
def test_ct_numbers_are_hounsfield(tmp_path: Path) -> None:
    frame = _frames(factories.ct(tmp_path, 3)[1])[0]
    assert frame.rescale.unit == "HU"
    assert set(np.unique(frame.values())) == {-1000.0, 40.0, 300.0}


@pytest.mark.rule("P-02", "P-07")
def test_a_fractional_slope_is_not_rounded(tmp_path: Path) -> None:
    frame = _gray(tmp_path, RescaleSlope="0.0125", RescaleIntercept="-3.5")
    np.testing.assert_allclose(frame.values(), [[-3.5, -2.25, 9.0, 47.6875]], rtol=1e-6)


@pytest.mark.rule("P-07")
@pytest.mark.parametrize("written", [b"0 ", b"nan ", b"1e400 ", b"1e38", b"abc ", b"1_0 "])
def test_an_impossible_slope_shows_stored_values_and_says_so(tmp_path: Path, written: bytes) -> None:
    frame = _gray(tmp_path, RescaleSlope=written, RescaleIntercept="-1024")
    np.testing.assert_array_equal(frame.values(), VALUES)
    assert frame.rescale.unit == ""
    assert any("stored values are shown" in remark for remark in frame.remarks)


@pytest.mark.rule("P-07")
def test_a_negative_slope_is_a_slope(tmp_path: Path) -> None:
    assert _gray(tmp_path, RescaleSlope="-1", RescaleIntercept="0").values().tolist() == [
        [0, -100, -1000, -4095]
    ]


def _lut(
    first: int, entries: list[int], bits: int = 16, count: int | None = None, **values: object
) -> pydicom.Dataset:
    number = (len(entries) if count is None else count) % 65536
    descriptor = np.array([number, first & 0xFFFF, bits], "<u2")
    return factories.item(
        LUTDescriptor=descriptor.tolist(), LUTData=np.array(entries, "<u2").tobytes(), **values
    )


@pytest.mark.rule("P-08")
def test_a_modality_table_replaces_slope_and_intercept(tmp_path: Path) -> None:
    table = _lut(100, [5, 6, 7], ModalityLUTType="OD")
    frame = _gray(tmp_path, ModalityLUTSequence=[table], RescaleSlope="2", RescaleIntercept="1")
    assert frame.values().tolist() == [[5.0, 5.0, 7.0, 7.0]]
    assert frame.rescale.unit == "OD"


@pytest.mark.rule("P-06", "P-08")
def test_a_modality_table_of_signed_values_begins_below_zero(tmp_path: Path) -> None:
    frame = _gray(
        tmp_path, np.array([[-3, -2, -1, 5]], np.int16), ModalityLUTSequence=[_lut(-2, [10, 20, 30])]
    )
    assert frame.values().tolist() == [[10.0, 10.0, 20.0, 30.0]]


@pytest.mark.rule("P-12")
def test_a_short_table_is_ignored_with_a_remark(tmp_path: Path) -> None:
    frame = _gray(tmp_path, VOILUTSequence=[_lut(0, [1, 2], count=0)])
    assert frame.windows == ()
    assert any("table" in remark for remark in frame.remarks)


@pytest.mark.rule("P-12", "P-13", "P-18")
def test_voi_tables_come_first_then_all_windows_with_their_names(tmp_path: Path) -> None:
    frame = _gray(
        tmp_path,
        VOILUTSequence=[_lut(0, [0, 255], bits=8, LUTExplanation="HARDER")],
        WindowCenter=["40", "-600"],
        WindowWidth=["400", "1500"],
        WindowCenterWidthExplanation=["SOFT", "LUNG"],
    )
    assert [voi.name for voi in frame.windows] == ["HARDER", "SOFT", "LUNG"]
    assert frame.windows[0].lut.bits == 8
    assert (frame.windows[2].center, frame.windows[2].width) == (-600, 1500)


@pytest.mark.rule("P-16")
@pytest.mark.parametrize("curve", list(Curve))
def test_the_curve_of_the_file_is_kept(tmp_path: Path, curve: Curve) -> None:
    frame = _gray(tmp_path, WindowCenter="40", WindowWidth="400", VOILUTFunction=curve.value)
    assert frame.windows[0].curve is curve


@pytest.mark.rule("P-19")
@pytest.mark.parametrize(
    ("center", "width"),
    [(b"40", b"0 "), (b"40", b"-4"), (b"40", b"nan "), (b"40", None), (b"40", b"400\\80"), (b"\\ ", b"\\ ")],
)
def test_impossible_windows_are_ignored_with_a_remark(
    tmp_path: Path, center: bytes, width: bytes | None
) -> None:
    frame = _gray(tmp_path, WindowCenter=center, WindowWidth=width)
    assert frame.windows == ()
    assert any("window" in remark for remark in frame.remarks)


@pytest.mark.rule("P-18", "P-19")
def test_one_bad_window_does_not_cost_the_good_one(tmp_path: Path) -> None:
    frame = _gray(tmp_path, WindowCenter=b"40\\50", WindowWidth=b"0\\80 ")
    assert [(voi.center, voi.width) for voi in frame.windows] == [(50, 80)]


@pytest.mark.rule("P-22", "P-24")
@pytest.mark.parametrize(
    ("values", "inverted"),
    [
        ({}, False),
        ({"PhotometricInterpretation": "MONOCHROME1"}, True),
        ({"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"}, True),
        ({"PresentationLUTShape": "INVERSE"}, True),
        ({"PresentationLUTShape": "IDENTITY"}, False),
    ],
)
def test_white_is_the_lowest_value_once(tmp_path: Path, values: dict, inverted: bool) -> None:
    assert _gray(tmp_path, **values).inverted is inverted


@pytest.mark.rule("P-31")
@pytest.mark.parametrize(
    ("values", "padding"),
    [
        ({}, None),
        ({"PixelPaddingValue": 4095}, (4095, 4095)),
        ({"PixelPaddingValue": 4095, "PixelPaddingRangeLimit": 4000}, (4000, 4095)),
        ({"PixelPaddingValue": 0, "PixelPaddingRangeLimit": 50}, (0, 50)),
    ],
)
def test_padding_is_a_range_of_stored_values(tmp_path: Path, values: dict, padding: tuple | None) -> None:
    assert _gray(tmp_path, **values).padding == padding


@pytest.mark.rule("P-06", "P-31")
def test_padding_of_signed_pixels_is_signed_whatever_its_representation(tmp_path: Path) -> None:
    pixels = np.array([[-2000, 5]], np.int16)

    path = factories.gray(
        tmp_path / "a.dcm", pixels, PixelPaddingValue=-2000, RescaleSlope="1", RescaleIntercept="0"
    )
    assert _frames(path)[0].padding == (-2000, -2000)
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"\x28\0\x20\1SS", b"\x28\0\x20\1US"))
    assert _frames(path)[0].padding == (-2000, -2000)
    assert _frames(path)[0].padded.tolist() == [[True, False]]


@pytest.mark.rule("P-10")
@pytest.mark.parametrize("relationship", ["LOG", "DISP"])
def test_angiography_is_shown_without_its_way_back_to_the_beam(tmp_path: Path, relationship: str) -> None:
    frame = _gray(
        tmp_path,
        modality="XA",
        SOPClassUID=XA,
        PixelIntensityRelationship=relationship,
        ModalityLUTSequence=[_lut(0, [1, 2, 3])],
    )
    np.testing.assert_array_equal(frame.values(), VALUES)


@pytest.mark.rule("P-10")
def test_a_window_of_mr_that_is_meant_for_stored_values_is_converted_and_said(tmp_path: Path) -> None:
    pixels = np.linspace(0, 1000, 1024).astype(np.uint16).reshape(32, 32)
    values = {"RescaleSlope": "0.01", "RescaleIntercept": "-2", "WindowCenter": "500", "WindowWidth": "1000"}
    frame = _gray(tmp_path, pixels, modality="MR", **values)
    # the same line over the values: from 0.5 below the centre, over a width less by 1 (C.11.2.1.2.1)
    assert frame.windows[0] == VOI(pytest.approx(2.995), pytest.approx(9.99), Curve.LINEAR_EXACT)
    assert any("stored values" in remark for remark in frame.remarks)


@pytest.mark.rule("P-10", "P-31")
def test_padding_has_no_say_in_what_a_window_of_mr_is_meant_for(tmp_path: Path) -> None:
    pixels = np.linspace(0, 1000, 1024).astype(np.uint16).reshape(32, 32)
    pixels[:8] = 65535
    values = {"RescaleSlope": "0.01", "RescaleIntercept": "-2", "WindowCenter": "500", "WindowWidth": "1000"}
    frame = _gray(tmp_path, pixels, modality="MR", PixelPaddingValue=65535, **values)
    assert frame.windows[0].center == pytest.approx(2.995)
    pixels[:] = 65535
    frame = _gray(tmp_path, pixels, modality="MR", PixelPaddingValue=65535, **values)
    assert frame.windows[0].center == 500


@pytest.mark.rule("P-10", "P-21")
def test_a_window_of_mr_in_modality_units_stays(tmp_path: Path) -> None:
    pixels = np.linspace(0, 1000, 1024).astype(np.uint16).reshape(32, 32)
    values = {"RescaleSlope": "4", "RescaleIntercept": "0", "WindowCenter": "2000", "WindowWidth": "4000"}
    frame = _gray(tmp_path, pixels, modality="MR", **values)
    assert frame.windows[0].center == 2000
    assert frame.remarks == ()


@pytest.mark.rule("P-21")
def test_pet_counts_carry_their_unit(tmp_path: Path) -> None:
    assert (
        _gray(tmp_path, modality="PT", Units="BQML", RescaleSlope="2", RescaleIntercept="0").rescale.unit
        == "Bq/mL"
    )


@pytest.mark.rule("P-09")
def test_every_slice_has_its_own_slope(tmp_path: Path) -> None:
    paths = factories.ct(tmp_path, 4, edit=lambda at, data: setattr(data, "RescaleSlope", 1 + at))
    ((series,),) = (study.series for study in group(read_header(path) for path in paths))
    source = SeriesSource(series, InProcessDecoder())
    assert [source.frame(at).rescale.slope for at in range(4)] == [1, 2, 3, 4]


@pytest.mark.rule("P-09", "P-20")
def test_frames_of_an_enhanced_object_have_their_own_slope_and_window(tmp_path: Path) -> None:
    path = factories.enhanced(tmp_path / "e.dcm", 4, slopes=(1, 2, 3, 4), modality="CT")
    frames = _frames(path)
    # the file runs from head to foot, the stack from foot to head
    assert [frame.rescale.slope for frame in frames] == [4, 3, 2, 1]
    assert [frame.windows[0].center for frame in frames] == [103, 102, 101, 100]


@pytest.mark.rule("P-57")
@pytest.mark.parametrize(
    ("ratio", "told"), [("12.5", "12.5"), ("338.687338501292", "339"), ("13.893", "13.9")]
)
def test_lossy_pictures_say_so_with_ratio_and_method(tmp_path: Path, ratio: str, told: str) -> None:
    frame = _gray(
        tmp_path,
        LossyImageCompression="01",
        LossyImageCompressionRatio=ratio,
        LossyImageCompressionMethod="ISO_10918_1",
    )
    assert f"Lossy compression JPEG {told}:1" in frame.remarks


@pytest.mark.rule("P-57")
@pytest.mark.parametrize(("syntax", "said"), [("jpeg", ("Lossy compression JPEG",)), ("jpeg-ls", ())])
def test_a_picture_that_forgets_to_say_that_it_is_lossy_is_told_so(
    tmp_path: Path, syntax: str, said: tuple[str, ...]
) -> None:
    pixels = factories.gradient(32, 48).astype(np.uint8)
    assert _frames(factories.gray(tmp_path / "a.dcm", pixels, syntax=syntax))[0].remarks == said


@pytest.mark.rule("P-07", "P-08")
def test_real_tables_give_what_pydicom_gives(shared_data: Path) -> None:
    compared = 0
    for path in sorted((shared_data / "dicom").rglob("*")):
        if not path.is_file() or path.suffix == ".csv" or "-chest-" in str(path):
            continue
        header = read_header(path)
        if (
            header.count != 1
            or header.frames
            or header.get("Modality") in ("XA", "XRF", "SEG")
            or not header.get("Rows")
        ):
            continue
        if not header.get("PhotometricInterpretation").startswith("MONO") or header.pixel_length < 0:
            continue
        data = pydicom.dcmread(path, force=True)
        if "TransferSyntaxUID" not in data.file_meta or "PixelData" not in data:
            continue
        frame = _frames(path)[0]
        if frame.rescale.unit == "SUVbw":
            continue  # on from there to uptake values: see test_suv.py
        expected = apply_modality_lut(data.pixel_array, data)
        np.testing.assert_allclose(frame.values(), expected, rtol=1e-5, atol=1e-3, err_msg=path.name)
        compared += 1
    assert compared > 30


@pytest.mark.rule("P-12")
def test_the_voi_table_of_a_real_file_is_offered(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "luts-overlays"
    tables = {
        path.name: [voi for voi in _frames(path)[0].windows if voi.lut is not None]
        for path in folder.iterdir()
        if "PAL" not in path.name
    }
    assert any(tables.values())


@pytest.mark.rule("P-22", "P-23")
def test_what_pydicom_leaves_to_its_user_is_done_here(tmp_path: Path) -> None:
    path = factories.gray(
        tmp_path / "a.dcm",
        factories.gradient(32, 48),
        PhotometricInterpretation="MONOCHROME1",
        WindowCenter="2000",
        WindowWidth="1500",
        RescaleSlope="2",
        RescaleIntercept="-1000",
    )
    data = pydicom.dcmread(path)
    # it windows to the range of modality values, in floats, and leaves MONOCHROME1 as it is
    theirs = apply_windowing(apply_modality_lut(data.pixel_array, data), data)
    assert theirs.dtype.kind == "f"
    low, high = theirs.min(), theirs.max()
    assert high - low > 255
    frame = _frames(path)[0]
    ours = render(frame, (), RenderRequest("series", 0, frame.windows[0])).pixels
    np.testing.assert_allclose(ours, 255 - (theirs - low) / (high - low) * 255, atol=1)
    colors = pydicom.dcmread(factories.color(tmp_path / "c.dcm", WindowCenter="1", WindowWidth="2"))
    with pytest.raises(ValueError, match="MONOCHROME"):
        apply_windowing(colors.pixel_array, colors)
