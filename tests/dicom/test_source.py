"""Every stored value comes out as it went in, whatever the transfer syntax."""

from __future__ import annotations

import csv
import hashlib
import struct
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK
from numpy.typing import NDArray

from medviewer.core.study import Series
from medviewer.core.volume import Frame
from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.native import stored_values
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.kit.errors import DamagedFile, DecoderMissing, FileTrouble
from tests import factories

LOSSLESS = [
    "implicit",
    "explicit",
    "deflated",
    "big-endian",
    "rle",
    "jpeg-lossless",
    "jpeg-ls",
    "jpeg-2000",
    "htj2k",
    "jpeg-xl",
]


def _series(*paths: Path) -> list[Series]:
    return [series for study in group(read_header(path) for path in paths) for series in study.series]


def _frames(*paths: Path) -> list[Frame]:
    """All frames in the order of the file."""
    found = {}
    for series in _series(*paths):
        source = SeriesSource(series, InProcessDecoder())
        for at, address in enumerate(series.frames):
            found[series.instances[address.instance].path, address.frame] = source.frame(at)
    return [found[key] for key in sorted(found)]


def _frame(path: Path) -> Frame:
    return _frames(path)[0]


@pytest.mark.rule("P-05")
@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize("signed", [False, True])
def test_lossless_syntaxes_give_every_stored_value(tmp_path: Path, syntax: str, signed: bool) -> None:
    pixels = factories.gradient(37, 50)
    if signed:
        pixels = pixels.astype(np.int16) - 2048
    if syntax == "htj2k" and signed:
        pytest.skip("the encoder of the tests does not write signed values in HTJ2K")
    frame = _frame(factories.gray(tmp_path / "a.dcm", pixels, syntax=syntax))
    assert frame.pixels.dtype == pixels.dtype
    np.testing.assert_array_equal(frame.pixels, pixels)
    assert not frame.pixels.flags.writeable


@pytest.mark.rule("P-26")
@pytest.mark.parametrize("syntax", ["explicit", "rle", "jpeg-ls", "jpeg-2000", "htj2k", "big-endian"])
def test_colours_come_out_as_they_went_in(tmp_path: Path, syntax: str) -> None:
    pixels = factories.colors(20, 30)
    np.testing.assert_array_equal(
        _frame(factories.color(tmp_path / "a.dcm", pixels=pixels, syntax=syntax)).pixels, pixels
    )


@pytest.mark.rule("P-26")
@pytest.mark.parametrize(("syntax", "tolerance"), [("jpeg", 12), ("jpeg-2000-lossy", 12)])
def test_lossy_colours_are_near_and_not_swapped(tmp_path: Path, syntax: str, tolerance: int) -> None:
    pixels = factories.colors(64, 64)
    got = _frame(factories.color(tmp_path / "a.dcm", pixels=pixels, syntax=syntax)).pixels
    assert np.abs(got.astype(int) - pixels).mean() < 2
    assert np.abs(got.astype(int) - pixels).max() <= 4 * tolerance


def test_twelve_bits_survive_lossy_jpeg(tmp_path: Path) -> None:
    pixels = factories.gradient(64, 64)
    got = _frame(
        factories.gray(tmp_path / "a.dcm", pixels, syntax="jpeg-12", BitsStored=12, HighBit=11)
    ).pixels
    assert np.abs(got.astype(int) - pixels).max() < 40
    assert got.max() > 4000


@pytest.mark.rule("P-26")
def test_rgb_inside_jpeg_is_not_converted_twice(tmp_path: Path) -> None:
    import imagecodecs  # noqa: PLC0415

    pixels = factories.colors(64, 64)
    coded = imagecodecs.jpeg8_encode(pixels, level=98, colorspace="RGB", outcolorspace="RGB")
    path = factories.color(tmp_path / "a.dcm", pixels=pixels, syntax="jpeg")
    data = pydicom.dcmread(path)
    for claimed in ("RGB", "YBR_FULL_422"):
        data.PhotometricInterpretation = claimed
        data.PixelData = pydicom.encaps.encapsulate([coded])
        data.save_as(path)
        assert np.abs(_frame(path).pixels.astype(int) - pixels).mean() < 3


@pytest.mark.rule("P-04")
def test_garbage_in_unused_bits_is_masked_away(tmp_path: Path) -> None:
    pixels = factories.gradient(8, 8)
    path = factories.gray(tmp_path / "a.dcm", pixels | 0xA000, BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(_frame(path).pixels, pixels)


@pytest.mark.rule("P-04")
def test_a_high_bit_above_the_stored_bits_shifts_them_down(tmp_path: Path) -> None:
    pixels = factories.gradient(8, 8)
    path = factories.gray(tmp_path / "a.dcm", pixels << 4, BitsStored=12, HighBit=15)
    np.testing.assert_array_equal(_frame(path).pixels, pixels)


@pytest.mark.rule("P-05")
def test_twelve_bit_signed_values_keep_their_sign(tmp_path: Path) -> None:
    values = np.array([[-2048, -1, 0, 2047]], np.int16)
    path = factories.gray(
        tmp_path / "a.dcm", values & 0x0FFF, BitsStored=12, HighBit=11, PixelRepresentation=1
    )
    np.testing.assert_array_equal(_frame(path).pixels, values)
    assert _frame(path).pixels.dtype == np.int16


@pytest.mark.rule("P-26")
def test_planes_of_colour_are_woven_together(tmp_path: Path) -> None:
    pixels = factories.colors(6, 10)
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1)).tobytes()
    path = factories.color(tmp_path / "a.dcm", pixels=pixels, PlanarConfiguration=1, PixelData=planes)
    np.testing.assert_array_equal(_frame(path).pixels, pixels)


@pytest.mark.rule("P-26")
def test_sixteen_bit_colours_become_eight(tmp_path: Path) -> None:
    pixels = factories.colors(6, 10)
    path = factories.color(tmp_path / "a.dcm", pixels=pixels.astype(np.uint16) * 257)
    np.testing.assert_array_equal(_frame(path).pixels, pixels)


@pytest.mark.rule("P-26")
def test_full_ybr_is_converted_by_the_formula_of_the_standard(tmp_path: Path) -> None:
    ybr = np.array([[[76, 85, 255], [150, 44, 21], [29, 255, 107], [128, 128, 128]]], np.uint8)
    path = factories.color(tmp_path / "a.dcm", pixels=ybr, PhotometricInterpretation="YBR_FULL")
    expected = [[[254, 0, 0], [0, 255, 1], [0, 0, 254], [128, 128, 128]]]
    np.testing.assert_allclose(_frame(path).pixels.astype(int), expected, atol=1)


@pytest.mark.rule("P-26")
def test_shared_colour_of_two_pixels_is_spread(tmp_path: Path) -> None:
    path = factories.color(
        tmp_path / "a.dcm",
        pixels=np.zeros((1, 4, 3), np.uint8),
        PhotometricInterpretation="YBR_FULL_422",
        PixelData=bytes([10, 20, 128, 128, 30, 40, 128, 128]),
    )
    assert _frame(path).pixels[0, :, 0].tolist() == [10, 20, 30, 40]


def _palette(bits: int, count: int, first: int = 0, scale: int = 1) -> dict:
    entries = (np.arange(count) * scale).astype(np.uint16).tobytes()
    found: dict = {}
    for name, data in (
        ("Red", entries),
        ("Green", entries[::-1][: len(entries)]),
        ("Blue", bytes(len(entries))),
    ):
        found[f"{name}PaletteColorLookupTableDescriptor"] = [count % 65536, first, bits]
        found[f"{name}PaletteColorLookupTableData"] = data
    return {"PhotometricInterpretation": "PALETTE COLOR", **found}


@pytest.mark.rule("P-27")
@pytest.mark.parametrize(("bits", "scale"), [(8, 1), (16, 256)])
def test_a_palette_colours_its_indices(tmp_path: Path, bits: int, scale: int) -> None:
    indices = np.arange(200, dtype=np.uint8).reshape(10, 20)
    frame = _frame(factories.gray(tmp_path / "a.dcm", indices, **_palette(bits, 200, scale=scale)))
    np.testing.assert_array_equal(frame.pixels[..., 0], indices)
    assert frame.is_color
    assert frame.windows == ()


@pytest.mark.rule("P-27")
def test_the_first_mapped_index_of_a_palette_is_honoured(tmp_path: Path) -> None:
    indices = np.array([[0, 10, 11, 100]], np.uint8)
    frame = _frame(factories.gray(tmp_path / "a.dcm", indices, **_palette(8, 50, first=10)))
    assert frame.pixels[0, :, 0].tolist() == [0, 0, 1, 49]


@pytest.mark.rule("P-27")
def test_a_segmented_palette_is_written_out(tmp_path: Path) -> None:
    values = _palette(16, 8)
    segments = np.array([0, 2, 0, 256, 1, 4, 1280, 2, 1, 0, 0], np.uint16)
    for name in ("Red", "Green", "Blue"):
        del values[f"{name}PaletteColorLookupTableData"]
        values[f"Segmented{name}PaletteColorLookupTableData"] = segments.tobytes()
    indices = np.arange(8, dtype=np.uint8).reshape(1, 8)
    frame = _frame(factories.gray(tmp_path / "a.dcm", indices, **values))
    assert frame.pixels[0, :, 0].tolist() == [0, 1, 2, 3, 4, 5, 0, 1]


@pytest.mark.rule("P-27")
@pytest.mark.parametrize("drop", ["RedPaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableData"])
def test_a_picture_without_its_palette_is_refused(tmp_path: Path, drop: str) -> None:
    path = factories.gray(tmp_path / "a.dcm", np.zeros((4, 4), np.uint8), **{**_palette(8, 16), drop: None})
    with pytest.raises(DamagedFile, match="palette"):
        _frame(path)


@pytest.mark.rule("P-04")
def test_single_bits_are_unpacked_frame_by_frame(tmp_path: Path) -> None:
    bits = np.random.default_rng(3).integers(0, 2, (3, 5, 7)).astype(np.uint8)
    path = factories.gray(
        tmp_path / "a.dcm",
        bits,
        PixelData=np.packbits(bits.reshape(-1), bitorder="little").tobytes() + b"\0",
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
    )
    np.testing.assert_array_equal(np.stack([frame.pixels for frame in _frames(path)]), bits)


@pytest.mark.rule("P-04")
def test_whole_numbers_of_32_bits_and_floats_are_kept(tmp_path: Path) -> None:
    whole = np.array([[1, 70_000, 4_000_000_000]], np.uint32)
    np.testing.assert_array_equal(_frame(factories.gray(tmp_path / "a.dcm", whole)).pixels, whole)
    floats = np.array([[0.25, -1e6, 3.5e-7]], np.float32)
    path = factories.gray(
        tmp_path / "b.dcm", np.zeros((1, 3), np.uint32), PixelData=None, FloatPixelData=floats.tobytes()
    )
    np.testing.assert_array_equal(_frame(path).pixels, floats)


def test_frames_of_a_cine_keep_their_order(tmp_path: Path) -> None:
    for syntax in ("explicit", "rle", "jpeg-ls"):
        frames = _frames(factories.ultrasound(tmp_path / f"{syntax}.dcm", frames=4, syntax=syntax))
        for at, frame in enumerate(frames):
            np.testing.assert_array_equal(frame.pixels, factories.colors(60, 80, at))


def _with_items(path: Path, items: bytes, **values: object) -> Path:
    data = pydicom.dcmread(path)
    for keyword, value in values.items():
        setattr(data, keyword, value)
    data.PixelData = items
    data["PixelData"].is_undefined_length = True
    data.save_as(path)
    return path


def _item(body: bytes) -> bytes:
    return b"\xfe\xff\x00\xe0" + len(body).to_bytes(4, "little") + body


@pytest.mark.rule("P-60")
@pytest.mark.parametrize(
    "table", [b"", bytes(8), b"\xff" * 8, (0).to_bytes(4, "little") + (99).to_bytes(4, "little")]
)
def test_offset_tables_that_are_missing_or_lie_do_not_mix_frames(tmp_path: Path, table: bytes) -> None:
    path = factories.gray(tmp_path / "a.dcm", np.stack([factories.gradient(16, 16)] * 2), syntax="jpeg-ls")
    frames = list(pydicom.encaps.generate_frames(pydicom.dcmread(path).PixelData, number_of_frames=2))
    halves = [half for body in frames for half in (body[:40], body[40:])]
    one_each = _with_items(path, _item(table) + b"".join(map(_item, frames)))
    assert all(np.array_equal(frame.pixels, factories.gradient(16, 16)) for frame in _frames(one_each))
    in_pieces = _with_items(path, _item(table) + b"".join(map(_item, halves)))
    assert all(np.array_equal(frame.pixels, factories.gradient(16, 16)) for frame in _frames(in_pieces))


@pytest.mark.rule("P-59")
def test_native_pixels_that_end_early_are_marked_incomplete(tmp_path: Path) -> None:
    path = factories.gray(tmp_path / "a.dcm", factories.gradient(32, 48))
    path.write_bytes(path.read_bytes()[:-1024])
    frame = _frame(path)
    np.testing.assert_array_equal(frame.pixels[:20], factories.gradient(32, 48)[:20])
    assert any(remark.startswith("INCOMPLETE: only 66 %") for remark in frame.remarks)


@pytest.mark.rule("P-59")
def test_frames_behind_the_end_of_a_file_are_missing_and_the_others_are_not(tmp_path: Path) -> None:
    path = factories.gray(tmp_path / "a.dcm", np.stack([factories.gradient(16, 16)] * 3))
    path.write_bytes(path.read_bytes()[: -2 * 512])
    (series,) = _series(path)
    source = SeriesSource(series, InProcessDecoder())
    assert source.frame(0).remarks == ()
    with pytest.raises(DamagedFile, match="Picture 3"):
        source.frame(2)


@pytest.mark.rule("P-59")
@pytest.mark.parametrize("syntax", ["rle", "jpeg-lossless", "jpeg-ls", "jpeg-2000", "jpeg-12", "htj2k"])
@pytest.mark.parametrize("part", [0.99, 0.5, 0.1])
def test_a_compressed_picture_that_is_cut_off_is_never_shown_as_whole(
    tmp_path: Path, syntax: str, part: float
) -> None:
    noise = np.random.default_rng(7).integers(0, 4096, (64, 64)).astype(np.uint16)
    path = factories.gray(tmp_path / "a.dcm", noise, syntax=syntax, BitsStored=12, HighBit=11)
    (body,) = pydicom.encaps.generate_frames(pydicom.dcmread(path).PixelData, number_of_frames=1)
    cut = body[: int(len(body) * part) // 2 * 2]
    with pytest.raises(DamagedFile, match=r"a\.dcm"):
        _frame(_with_items(path, _item(b"") + _item(cut)))


@pytest.mark.rule("P-59")
@pytest.mark.parametrize("syntax", ["jpeg-lossless", "jpeg-ls", "jpeg-2000"])
def test_a_file_cut_inside_a_compressed_picture_is_reported(tmp_path: Path, syntax: str) -> None:
    path = factories.gray(tmp_path / "a.dcm", factories.gradient(64, 64), syntax=syntax)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DamagedFile):
        _frame(path)


def _lying_jpeg() -> bytes:
    size = (65500).to_bytes(2, "big")
    return (
        b"\xff\xd8\xff\xc0\x00\x0b\x08"
        + size
        + size
        + b"\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\xff\xd9"
    )


def _lying_jpeg_2000(tile: int) -> bytes:
    import struct  # noqa: PLC0415

    siz = struct.pack(">HIIIIIIIIH", 0, 65535, 65535, 0, 0, tile, tile, 0, 0, 1) + b"\x0f\x01\x01"
    return b"\xff\x4f\xff\x51" + struct.pack(">H", len(siz) + 2) + siz + b"\xff\xd9"


@pytest.mark.parametrize(
    ("syntax", "body", "words"),
    [
        ("jpeg", _lying_jpeg(), "65500 x 65500"),
        ("jpeg-2000", _lying_jpeg_2000(65535), "65535 x 65535"),
        ("jpeg-2000", _lying_jpeg_2000(1), "tiles"),
        ("rle", (99).to_bytes(4, "little") + bytes(80), "99 segments"),
        (
            "rle",
            (2).to_bytes(4, "little")
            + (64).to_bytes(4, "little")
            + (4_000_000).to_bytes(4, "little")
            + bytes(80),
            "outside",
        ),
        ("jpeg-ls", b"not a stream at all ", "does not begin"),
        ("jpeg-2000", b"", "does not begin"),
    ],
)
def test_streams_that_lie_are_refused_before_anything_is_allocated(
    tmp_path: Path, syntax: str, body: bytes, words: str
) -> None:
    path = factories.gray(
        tmp_path / "a.dcm", np.zeros((64, 64), np.uint8 if syntax == "jpeg" else np.uint16), syntax=syntax
    )
    body += bytes(len(body) % 2)
    with pytest.raises(DamagedFile, match=words):
        _frame(_with_items(path, _item(b"") + _item(body)))


def test_an_rle_bomb_stays_in_bounds(tmp_path: Path) -> None:
    body = (
        (2).to_bytes(4, "little") + (64).to_bytes(4, "little") + (1_000_064).to_bytes(4, "little") + bytes(52)
    )
    path = factories.gray(tmp_path / "a.dcm", np.zeros((64, 64), np.uint16), syntax="rle")
    frame = _frame(_with_items(path, _item(b"") + _item(body + b"\x81\x07" * 1_000_000)))
    assert frame.pixels.shape == (64, 64)


@pytest.mark.rule("P-59")
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"BitsAllocated": 17}, "17 bits"),
        ({"BitsStored": 32}, "32 bits stored"),
        ({"PhotometricInterpretation": "MAGIC"}, "MAGIC"),
        ({"SamplesPerPixel": 3}, "samples"),
    ],
)
def test_impossible_layouts_are_refused_with_the_value(tmp_path: Path, values: dict, words: str) -> None:
    with pytest.raises(DamagedFile, match=words):
        _frame(factories.gray(tmp_path / "a.dcm", **values))


def test_an_impossible_planar_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="Planar"):
        _frame(factories.color(tmp_path / "a.dcm", PlanarConfiguration=7))


@pytest.mark.rule("P-59", "P-60")
def test_no_fragments_is_an_error_not_a_picture(tmp_path: Path) -> None:
    path = factories.gray(tmp_path / "a.dcm", syntax="jpeg-ls")
    with pytest.raises(DamagedFile, match="no pixel data"):
        _frame(_with_items(path, _item(b"")))


@pytest.mark.rule("P-61")
def test_a_missing_decoder_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = factories.gray(tmp_path / "a.dcm", syntax="jpeg-ls")
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"1.2.840.10008.1.2.4.80", b"1.2.840.10008.1.2.4.10"))
    with pytest.raises(DecoderMissing, match="unknown transfer syntax") as caught:
        _frame(path)
    assert caught.value.advice


def test_a_huge_claim_with_few_bytes_costs_nothing(tmp_path: Path) -> None:
    path = factories.gray(tmp_path / "a.dcm", np.zeros((2, 2), np.uint16), Rows=65535, Columns=65535)
    with pytest.raises(FileTrouble):
        _frame(path)


def test_frames_come_out_of_archives(tmp_path: Path) -> None:
    paths = factories.ct(tmp_path / "ct", 4, syntax="deflated")
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in paths:
            file.write(path, f"disc/{path.name}")
    headers = [read_header(archive, path.read_bytes(), f"disc/{path.name}") for path in paths]
    ((series,),) = (study.series for study in group(headers))
    source = SeriesSource(series, InProcessDecoder())
    stored = factories.phantom(4, 64, 64)
    for at in range(4):
        np.testing.assert_array_equal(source.frame(at).pixels, stored[at])
    source.close()


def test_a_file_that_vanished_is_an_error_of_that_frame(tmp_path: Path) -> None:
    paths = factories.ct(tmp_path, 3)
    (series,) = _series(*paths)
    source = SeriesSource(series, InProcessDecoder())
    Path(series.instances[1].path).unlink()
    with pytest.raises(FileTrouble, match="No such file"):
        source.frame(1)
    assert source.frame(2).pixels.shape == (64, 64)


def test_a_presentation_state_says_how_it_is_applied(tmp_path: Path) -> None:
    (series,) = _series(factories.report(tmp_path / "pr.dcm", kind="PR"))
    assert "pr.dcm holds no pictures (Presentation State)" in series.problems[0]
    assert "Presentation state in the menu Picture" in series.problems[0]


# --- real files against pixels that other programs decoded

_NOT_IDENTICAL = {
    "CT0012.fragmented_no_bot_jpeg_baseline.51.dcm": "lossy: decoders round differently",
    "IM00001.fragmented_no_bot_jpeg_baseline.50.dcm": "lossy: decoders round differently",
    "emri_small_big_endian.dcm": "the same values in this machine's byte order",
    "parametric_map_double_float.dcm": "kept as float32",
}


def _stored(path: Path) -> NDArray[np.generic]:
    """What the file stores, before palettes; colours as they are shown."""
    found = {}
    for series in _series(path):
        source = SeriesSource(series, InProcessDecoder())
        for address in series.frames:
            instance = series.instances[address.instance]
            with source._opened(instance) as content:
                file = source._file(address.instance, instance, content)
                if instance.transfer_syntax.endswith("1.99"):
                    content = type(content).of(source._inflated(instance, content))
                is_mosaic = instance.tiles != (1, 1)
                bits, photometric, _ = source._bits(file, content, 0 if is_mosaic else address.frame)
                pixels = stored_values(bits, file.meaning.attributes)
            is_ybr = pixels.ndim == 3 and photometric.startswith("YBR")
            found[0 if is_mosaic else address.frame] = (
                source.frame(list(series.frames).index(address)).pixels if is_ybr else pixels
            )
    frames = [found[at] for at in sorted(found)]
    return frames[0] if len(frames) == 1 else np.stack(frames)


@pytest.mark.rule("P-04", "P-26", "P-60")
def test_real_pixels_equal_what_other_decoders_give(shared_data: Path) -> None:
    differing, compared = [], 0
    with (shared_data / "dicom" / "expected-pixels.csv").open() as sheet:
        for row in csv.DictReader(sheet):
            path = shared_data / row["path"]
            if path.name in _NOT_IDENTICAL:
                continue
            compared += 1
            digest = hashlib.sha1(np.ascontiguousarray(_stored(path)).tobytes()).hexdigest()
            if digest != row["sha1_of_array_bytes"]:
                differing.append(row["path"])
    assert differing == []
    assert compared >= 390


def test_big_endian_and_double_values_are_the_same_numbers(shared_data: Path) -> None:
    folder = shared_data / "dicom"
    big = folder / "codecs/pydicom-data/emri_small_big_endian.dcm"
    np.testing.assert_array_equal(_stored(big), pydicom.dcmread(big).pixel_array)
    double = folder / "objects/parametric_map_double_float.dcm"
    np.testing.assert_allclose(_stored(double), pydicom.dcmread(double).pixel_array, rtol=1e-6)


def test_lossy_real_pictures_are_near_their_originals(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "us"
    lossy = _stored(folder / "IM00001.fragmented_no_bot_jpeg_baseline.50.dcm").astype(int)
    assert np.abs(lossy - _stored(folder / "IM00001.implicit_little_endian.dcm")).mean() < 3


def test_twelve_bit_jpeg_has_the_values_that_another_program_reads(shared_data: Path) -> None:
    # its writer raised the stored values by 1,024 and left the intercept alone: that is in the file
    folder = shared_data / "dicom/codecs/fragmented-ct0012"
    path = folder / "CT0012.fragmented_no_bot_jpeg_baseline.51.dcm"
    theirs = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path)))
    for ours, wanted in zip(_frames(path), theirs, strict=True):
        assert np.abs(ours.values() - wanted).max() <= 2
    native = _frames(folder / "CT0012.explicit_little_endian.dcm")[0].values()
    assert np.median(_frames(path)[0].values() - native) == pytest.approx(1024, abs=2)


@pytest.mark.rule("P-26")
def test_every_compression_gives_the_reference_pixels(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "codecs" / "wg04"
    compared = 0
    for reference in sorted(folder.glob("*_REF.dcm")):
        original = _stored(reference).astype(int)
        for path in sorted(folder.glob(f"{reference.name.split('_')[0]}_*")):
            error = np.abs(_stored(path) - original)
            mean, most = _LOSSY.get(path.name[-4:], (0.0, 0.0))
            assert error.mean() <= mean * np.ptp(original), path.name
            assert error.max() <= most * np.ptp(original), path.name
            if path.name.endswith("JLSN"):
                assert error.max() <= _nearness(path), path.name
            compared += 1
    assert compared >= 25


_LOSSY = {"J2KI": (0.015, 0.21), "JLSN": (0.002, 0.003), "JPLY": (0.005, 0.24)}
"""By how much of the range of values lossy files may differ, in the mean and at most; others not at all."""


def _nearness(path: Path) -> int:
    """The largest error that a JPEG-LS stream says it makes (ISO 14495-1 C.2.3), of all its frames."""
    frames = pydicom.encaps.generate_frames(pydicom.dcmread(path).PixelData, number_of_frames=1)
    found = []
    for body in frames:
        at = body.index(b"\xff\xda") + 4
        found.append(body[at + 1 + 2 * body[at]])
    assert max(found) > 0
    return max(found)


@pytest.mark.rule("P-59", "P-60")
def test_a_file_that_lacks_only_its_end_gives_all_its_pictures_with_a_remark(shared_data: Path) -> None:
    cut = _frames(shared_data / "dicom/bad/emri_small_jpeg_2k_lossless_too_short.dcm")
    whole = shared_data / "dicom/codecs/pydicom-data/emri_small_big_endian.dcm"
    for ours, theirs in zip(cut, pydicom.dcmread(whole).pixel_array, strict=True):
        np.testing.assert_array_equal(ours.pixels, theirs)
        assert any("may be cut off" in remark for remark in ours.remarks)


@pytest.mark.rule("P-59")
def test_what_cannot_be_decoded_says_why(shared_data: Path) -> None:
    refused = {}
    for path in sorted((shared_data / "dicom").rglob("*")):
        if not path.is_file() or path.suffix == ".csv" or "-chest-" in str(path):
            continue
        for series in _series(path):
            source = SeriesSource(series, InProcessDecoder())
            for at in sorted({0, max(0, series.count - 1)} if series.count else ()):
                try:
                    source.frame(at)
                except FileTrouble as trouble:
                    refused[path.name] = type(trouble).__name__
    assert refused == {}


def test_jpeg_xl_gives_the_colours_of_the_jpeg_inside(shared_data: Path) -> None:
    frames = _frames(shared_data / "dicom/codecs/jpegxl/will-jxl.dcm")
    assert len(frames) == 27
    assert all(frame.pixels.shape == (708, 1016, 3) for frame in frames)
    # a grey ultrasound picture stays grey when its colours are led back rightly
    spread = np.ptp(frames[0].pixels.astype(int), axis=2)
    assert np.median(spread) <= 8


@pytest.mark.rule("P-26")
@pytest.mark.parametrize("claimed", ["RGB", "YBR_FULL", "YBR_FULL_422", "XYB"])
def test_jpeg_xl_gives_red_green_and_blue_whatever_it_holds(tmp_path: Path, claimed: str) -> None:
    path = factories.color(tmp_path / "a.dcm", syntax="jpeg-xl", PhotometricInterpretation=claimed)
    np.testing.assert_array_equal(_frame(path).pixels, factories.colors(32, 48))


def test_the_colours_inside_jpeg_xl_are_not_believed_of_other_files(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="'XYB' is not known"):
        _frame(factories.color(tmp_path / "a.dcm", PhotometricInterpretation="XYB"))


def test_jpeg_xl_of_another_size_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = factories.gray(tmp_path / "a.dcm", syntax="jpeg-xl")
    rows = struct.pack("<HH2sHH", 0x0028, 0x0010, b"US", 2, 32)
    path.write_bytes(path.read_bytes().replace(rows, rows[:-2] + struct.pack("<H", 31)))
    with pytest.raises(DamagedFile, match="says 32 x 48 pixels inside and 31 x 48"):
        _frame(path)
