"""Palettes, colours over grey and colour profiles: every colour is the one that the file means, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_color_lut

from medviewer.dicom import profiles
from medviewer.dicom.workers import WorkerPool
from medviewer.kit.errors import DamagedFile
from tests import factories
from tests.dicom.pictures import frame, frames, words

NAMES = ("Red", "Green", "Blue")


def _palette(
    tables: NDArray[np.uint16], first: int = 0, bits: int = 16, count: int | None = None, **values: Any
) -> dict[str, Any]:
    """Tags of a palette, *tables* (3, entries)."""
    found: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR", **values}
    for name, table in zip(NAMES, tables, strict=True):
        found[f"{name}PaletteColorLookupTableDescriptor"] = [
            len(table) if count is None else count,
            first,
            bits,
        ]
        found[f"{name}PaletteColorLookupTableData"] = table.astype("<u2").tobytes()
    return found


def _segmented(words_of: list[int], count: int, bits: int = 16, first: int = 0) -> dict[str, Any]:
    """Tags of a palette of which all three tables are the same segments."""
    body = np.array(words_of, np.uint8 if bits == 8 else "<u2").tobytes()
    found: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name in NAMES:
        found[f"{name}PaletteColorLookupTableDescriptor"] = [count, first, bits]
        found[f"Segmented{name}PaletteColorLookupTableData"] = body + b"\0" * (len(body) % 2)
    return found


TABLES = np.random.default_rng(28).integers(0, 65536, (3, 100)).astype(np.uint16)


@pytest.mark.rule("P-27")
@pytest.mark.parametrize(
    ("kind", "first"),
    [
        *((kind, first) for kind in (np.uint8, np.uint16, np.int8, np.int16) for first in (0, 20)),
        (np.int8, -30),
        (np.int16, -30),
    ],
)
def test_a_palette_gives_the_colours_that_pydicom_gives(tmp_path: Path, kind: Any, first: int) -> None:
    signed = np.dtype(kind).kind == "i"
    pixels = np.arange(-100 if signed else 0, 127).astype(kind).reshape(1, -1)
    path = factories.gray(tmp_path / "a.dcm", pixels, **_palette(TABLES, first))
    data = pydicom.dcmread(path)
    theirs = apply_color_lut(data.pixel_array, data) >> 8
    made = frame(path)
    np.testing.assert_array_equal(made.pixels, theirs)
    assert "(0028,1101)" in words(made, "colour")


@pytest.mark.rule("P-27")
def test_a_dark_table_beside_a_bright_one_stays_dark(tmp_path: Path) -> None:
    tables = np.stack([np.arange(200), np.arange(200) * 300, np.zeros(200)]).astype(np.uint16)
    made = frame(factories.gray(tmp_path / "a.dcm", np.arange(200, dtype=np.uint8)[None], **_palette(tables)))
    assert made.pixels[..., 0].max() == 0
    np.testing.assert_array_equal(made.pixels[0, :, 1], (np.arange(200) * 300) >> 8)


@pytest.mark.rule("P-27")
@pytest.mark.parametrize("bits", [8, 16])
def test_segments_are_written_out_as_pydicom_writes_them(tmp_path: Path, bits: int) -> None:
    top = 255 if bits == 8 else 65535
    segments = [0, 3, 0, 5, 9, 1, 200, top, 1, 53, 7]
    path = factories.gray(
        tmp_path / "a.dcm", np.arange(256, dtype=np.uint8)[None], **_segmented(segments, 256, bits)
    )
    data = pydicom.dcmread(path)
    if bits == 8:
        for name in NAMES:  # pydicom would take the padding for a segment
            data[f"Segmented{name}PaletteColorLookupTableData"].value = bytes(segments)
    theirs = apply_color_lut(data.pixel_array, data)
    np.testing.assert_array_equal(frame(path).pixels, theirs >> (bits - 8))


@pytest.mark.rule("P-27")
@pytest.mark.parametrize("offset", [10, 5])
def test_segments_may_be_repeated_from_an_offset_in_bytes_or_entries(tmp_path: Path, offset: int) -> None:
    # 0..2 discrete, a ramp to 2560, then both segments from word 5 on once more: the ramp and two values
    segments = [0, 3, 0, 256, 512, 1, 8, 2560, 0, 2, 1024, 2048, 2, 2, offset, 0]
    path = factories.gray(tmp_path / "a.dcm", np.arange(23, dtype=np.uint8)[None], **_segmented(segments, 23))
    ramp = [3, 4, 5, 6, 7, 8, 9, 10]
    again = [round(8 + (10 - 8) * step / 8, 9) for step in range(1, 9)]
    expected = [0, 1, 2, *ramp, 4, 8, *(int(value) for value in again), 4, 8]
    assert frame(path).pixels[0, :, 0].tolist() == expected


@pytest.mark.parametrize(
    "segments",
    [
        [1, 8, 2560],
        [2, 1, 0, 0],
        [0, 3, 0, 256, 512, 2, 1, 14, 0],
        [0, 3, 0, 256, 512, 2, 1, 4, 0],
        [0, 3, 0, 256, 512, 3, 1, 1],
        [0, 3, 0, 256, 512, 1, 0, 9],
        [0, 300, 1, 2, 3],
    ],
)
def test_broken_segments_are_refused_and_never_run_on(tmp_path: Path, segments: list[int]) -> None:
    path = factories.gray(tmp_path / "a.dcm", np.zeros((2, 2), np.uint8), **_segmented(segments, 64))
    with pytest.raises(DamagedFile, match="palette is missing or broken"):
        frame(path)


@pytest.mark.rule("P-26")
def test_video_colours_in_uncompressed_pixels_are_refused(tmp_path: Path) -> None:
    path = factories.color(tmp_path / "a.dcm", PhotometricInterpretation="YBR_PARTIAL_420")
    with pytest.raises(DamagedFile, match="in compressed pictures only"):
        frame(path)


@pytest.mark.rule("P-26")
def test_video_colours_in_a_lossless_picture_are_converted(tmp_path: Path) -> None:
    ybr = np.array([[[16, 128, 128], [235, 128, 128], [81, 90, 240], [126, 128, 128]]], np.uint8)
    path = factories.color(tmp_path / "a.dcm", pixels=ybr, syntax="rle")
    data = pydicom.dcmread(path)
    data.PhotometricInterpretation = "YBR_PARTIAL_420"
    data.save_as(path)
    expected = [[[0, 0, 0], [255, 255, 255], [254, 0, 0], [128, 128, 128]]]
    np.testing.assert_allclose(frame(path).pixels.astype(int), expected, atol=1)


# --- colours over grey


@pytest.mark.rule("P-28")
def test_high_values_of_a_grey_picture_have_colours_of_their_own(tmp_path: Path) -> None:
    values = _palette(TABLES, 1000, PhotometricInterpretation="MONOCHROME2", PixelPresentation="COLOR")
    pixels = np.array([[0, 999, 1000, 1099, 4000]], np.uint16)
    made = frame(factories.gray(tmp_path / "a.dcm", pixels, **values))
    np.testing.assert_array_equal(made.pixels, pixels)
    assert not made.is_color
    assert made.remarks == ()
    assert made.supplement is not None
    assert made.supplement.first == 1000
    assert "from stored value 1000 on" in words(made, "colour")
    np.testing.assert_array_equal(made.supplement.colors, (TABLES >> 8).T)
    assert not made.supplement.colors.flags.writeable


@pytest.mark.rule("P-28")
def test_colours_of_signed_values_may_begin_below_zero(tmp_path: Path) -> None:
    values = _palette(TABLES, -50, PhotometricInterpretation="MONOCHROME2", PixelPresentation="MIXED")
    made = frame(factories.gray(tmp_path / "a.dcm", np.array([[-60, 3]], np.int16), **values))
    assert made.supplement is not None
    assert made.supplement.first == -50


@pytest.mark.parametrize("presentation", ["MONOCHROME", None])
def test_a_palette_that_the_file_does_not_call_for_colours_nothing(
    tmp_path: Path, presentation: str | None
) -> None:
    values = _palette(TABLES, 9, PhotometricInterpretation="MONOCHROME2", PixelPresentation=presentation)
    assert frame(factories.gray(tmp_path / "a.dcm", np.zeros((2, 2), np.uint16), **values)).supplement is None


def test_colours_over_grey_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    values = _palette(TABLES, 9, PhotometricInterpretation="MONOCHROME2", PixelPresentation="COLOR")
    values["GreenPaletteColorLookupTableData"] = b"\0\0"
    made = frame(factories.gray(tmp_path / "a.dcm", np.zeros((2, 2), np.uint16), **values))
    assert made.supplement is None
    assert made.remarks == ("Colours in the file shown as grey",)


@pytest.mark.rule("P-28")
def test_the_colours_of_a_real_perfusion_map_are_its_own(shared_data: Path) -> None:
    path = shared_data / "dicom/objects/eCT_Supplemental.dcm"
    data = pydicom.dcmread(path)
    for made in frames(path):
        assert "Colours in the file shown as grey" not in made.remarks
        assert made.supplement is not None
        assert made.supplement.first == data.RedPaletteColorLookupTableDescriptor[1]
        blue = np.frombuffer(data.BluePaletteColorLookupTableData, "<u2") >> 8
        np.testing.assert_array_equal(made.supplement.colors[:, 2], blue)
        assert (made.pixels >= made.supplement.first).any()


# --- colour profiles

WIDE = imagecodecs.cms_profile(
    "rgb",
    whitepoint=[0.3127, 0.329, 1.0],
    primaries=[0.64, 0.33, 1.0, 0.21, 0.71, 1.0, 0.15, 0.06, 1.0],
    gamma=2.2,
)
SCREEN = imagecodecs.cms_profile("srgb")


def _plain_screen_profile() -> bytes:
    """A profile of the colours of screens that does not say so in words."""
    return SCREEN.replace("sRGB".encode("utf-16-be"), "xxxx".encode("utf-16-be")).replace(b"sRGB", b"xxxx")


def _photograph(folder: Path, profile: bytes, **values: Any) -> Path:
    return factories.color(folder / "a.dcm", ICCProfile=profile + b"\0" * (len(profile) % 2), **values)


def _wide_by_hand(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """From Adobe's primaries and gamma 2.2 to sRGB, with the matrices that Adobe and the IEC publish."""
    linear = (rgb / 255.0) ** 2.2
    to_xyz = np.array([[0.57667, 0.18556, 0.18823], [0.29734, 0.62736, 0.07529], [0.02703, 0.07069, 0.99134]])
    to_srgb = np.array(
        [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560]]
        + [[0.0556434, -0.2040259, 1.0572252]]
    )
    found = np.clip(linear @ to_xyz.T @ to_srgb.T, 0, 1)
    return np.where(found <= 0.0031308, 12.92 * found, 1.055 * found ** (1 / 2.4) - 0.055) * 255


@pytest.mark.rule("P-30")
def test_colours_of_another_profile_become_those_of_screens(tmp_path: Path) -> None:
    made = frame(_photograph(tmp_path, WIDE))
    stored = factories.colors(32, 48)
    assert made.remarks == ()
    assert "ICC Profile (0028,2000) applied" in words(made, "colour")
    assert np.abs(made.pixels.astype(int) - stored).max() > 10
    assert np.abs(made.pixels - _wide_by_hand(stored)).max() <= 3


@pytest.mark.rule("P-30")
@pytest.mark.parametrize("profile", [SCREEN, _plain_screen_profile()])
def test_colours_of_screens_are_left_alone(tmp_path: Path, profile: bytes) -> None:
    made = frame(_photograph(tmp_path, profile))
    np.testing.assert_array_equal(made.pixels, factories.colors(32, 48))
    assert made.remarks == ()


def _for_grey() -> bytes:
    return WIDE[:16] + b"GRAY" + WIDE[20:]


@pytest.mark.rule("P-30")
@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        (b"Adobe RGB (1998)", "damaged"),
        (WIDE[:300], "damaged"),
        (WIDE[:132] + bytes(len(WIDE) - 132), "damaged"),
        (WIDE[:128] + b"\xff" * (len(WIDE) - 128), "damaged"),
        (_for_grey(), "'GRAY'"),
    ],
)
def test_a_profile_of_no_use_is_told_and_costs_nobody_the_picture(
    tmp_path: Path, profile: bytes, reason: str
) -> None:
    made = frame(_photograph(tmp_path, profile))
    np.testing.assert_array_equal(made.pixels, factories.colors(32, 48))
    (remark,) = made.remarks
    assert remark.startswith("Colour profile not applied: ")
    assert reason in remark


def test_an_enormous_profile_is_not_even_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "LARGEST_PROFILE", 100)
    (remark,) = frame(_photograph(tmp_path, WIDE)).remarks
    assert remark == "Colour profile not applied: it has 0 MB"


@pytest.mark.rule("P-30")
def test_profiles_are_applied_behind_the_wall(tmp_path: Path) -> None:
    with WorkerPool() as pool:
        there = frame(_photograph(tmp_path, WIDE), pool)
        broken = frame(_photograph(tmp_path, WIDE[:128] + b"\xff" * 400), pool)
    np.testing.assert_array_equal(there.pixels, frame(_photograph(tmp_path, WIDE)).pixels)
    assert broken.remarks == ("Colour profile not applied: it is damaged",)


def test_palettes_and_cines_have_their_profiles_applied_too(tmp_path: Path) -> None:
    ramp = np.stack([np.arange(256), np.arange(256)[::-1], np.full(256, 90)]).astype(np.uint16)
    values = {**_palette(ramp, bits=8), "ICCProfile": WIDE}
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    made = frame(factories.gray(tmp_path / "p.dcm", pixels, **values))
    plain = ramp.T.reshape(16, 16, 3)
    assert np.abs(made.pixels - _wide_by_hand(plain.astype(np.uint8))).max() <= 3
    cine = frames(factories.ultrasound(tmp_path / "us.dcm", frames=2, ICCProfile=WIDE))
    assert all(np.ptp(one.pixels - factories.colors(60, 80, at)) for at, one in enumerate(cine))


def test_a_grey_picture_ignores_a_profile(tmp_path: Path) -> None:
    made = frame(factories.gray(tmp_path / "a.dcm", ICCProfile=WIDE))
    assert not made.is_color
    assert made.remarks == ()
