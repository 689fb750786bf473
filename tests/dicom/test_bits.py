"""Stored bits become stored values as PS3.5 8.1 and PS3.3 C.7.6.3 want it, in whatever bits they stand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.dicom.attributes import Attributes, Values
from medviewer.dicom.native import stored_values
from tests import factories
from tests.dicom.pictures import frame, frames, words

_PLACE = (1, 1, 1, 16, 12, 11, False, False, "MONOCHROME2", 1, "PixelData", 0, 0)
_LAYOUT = Attributes("a", "1.2.840.10008.1.2.1", *_PLACE, Values({}))


def _plainly(cell: int, stored: int, high_bit: int, signed: bool) -> int:
    """One pixel cell, bit by bit."""
    value = 0
    for place in range(stored):
        if cell >> (high_bit - stored + 1 + place) & 1:
            value += 1 << place
    if signed and value >= 1 << (stored - 1):
        value -= 1 << stored
    return value


@pytest.mark.rule("P-04", "P-05")
@pytest.mark.parametrize("allocated", [8, 16, 32])
@pytest.mark.parametrize("signed", [False, True])
def test_every_way_to_lay_out_bits_agrees_with_a_slow_reading(allocated: int, signed: bool) -> None:
    cells = np.random.default_rng(allocated).integers(0, 1 << allocated, 24).astype(f"u{allocated // 8}")
    cells[:2] = 0, (1 << allocated) - 1
    for order in "<>":
        written = cells.astype(cells.dtype.newbyteorder(order))
        for stored in range(1, allocated + 1):
            for high_bit in range(stored - 1, allocated):
                layout = replace(
                    _LAYOUT, allocated=allocated, stored=stored, high_bit=high_bit, signed=signed
                )
                found = stored_values(written, layout)
                wanted = [_plainly(int(cell), stored, high_bit, signed) for cell in cells]
                assert found.tolist() == wanted, (order, stored, high_bit)
                assert found.dtype.isnative
                assert found.dtype.kind == ("i" if signed else "u")


@pytest.mark.rule("P-04", "P-05")
@given(st.data())
def test_files_of_any_layout_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    allocated = data.draw(st.sampled_from([8, 16, 32]))
    stored = data.draw(st.integers(1, allocated))
    high_bit = data.draw(st.integers(stored - 1, allocated - 1))
    signed = data.draw(st.booleans())
    syntax = data.draw(st.sampled_from(["explicit", "implicit", "deflated", "big-endian"]))
    cells = np.array(
        [data.draw(st.integers(0, (1 << allocated) - 1)) for _ in range(6)], f"u{allocated // 8}"
    ).reshape(2, 3)
    path = factories.gray(
        tmp_path_factory.mktemp("bits") / "a.dcm",
        cells,
        syntax=syntax,
        BitsStored=stored,
        HighBit=high_bit,
        PixelRepresentation=int(signed),
    )
    wanted = [[_plainly(int(cell), stored, high_bit, signed) for cell in row] for row in cells]
    assert frame(path).pixels.tolist() == wanted


@pytest.mark.rule("P-04")
@pytest.mark.parametrize("shape", [(3, 5, 7), (2, 8, 8), (5, 1, 3), (4, 3, 11)])
def test_single_bits_run_on_from_frame_to_frame(tmp_path: Path, shape: tuple[int, int, int]) -> None:
    bits = np.random.default_rng(shape[2]).integers(0, 2, shape).astype(np.uint8)
    packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    data = factories.picture(bits, BitsAllocated=1, BitsStored=1, HighBit=0)
    data.PixelData = packed + b"\0" * (len(packed) % 2)
    data["PixelData"].VR = "OB"
    path = factories.write(tmp_path / "a.dcm", data)
    np.testing.assert_array_equal(np.stack([made.pixels for made in frames(path)]), bits)


@pytest.mark.rule("P-04")
@pytest.mark.parametrize("bits", [8, 1])
def test_big_endian_words_do_not_end_where_pictures_of_odd_size_do(tmp_path: Path, bits: int) -> None:
    # PS3.5 8.1.1 and annex A.3: bytes change places in pairs, which run on from frame to frame
    values = np.random.default_rng(bits).integers(0, 1 << bits, (3, 5, 7)).astype(np.uint8)
    flat = np.packbits(values.reshape(-1), bitorder="little") if bits == 1 else values.reshape(-1)
    data = factories.picture(values, BitsAllocated=bits, BitsStored=bits, HighBit=bits - 1)
    even = np.append(flat, np.zeros(len(flat) % 2, np.uint8))
    data.PixelData = even.view("<u2").byteswap().tobytes()
    data["PixelData"].VR = "OW"
    path = factories.write(tmp_path / "a.dcm", data, "big-endian")
    np.testing.assert_array_equal(np.stack([made.pixels for made in frames(path)]), values)


@pytest.mark.rule("P-04")
def test_floats_of_64_bits_are_the_nearest_of_32(tmp_path: Path) -> None:
    values = np.array([[0.1, -1e-40, 3.0e38, 16777217.0, -np.inf, np.nan]])
    path = factories.gray(
        tmp_path / "a.dcm",
        np.zeros((1, 6), np.uint32),
        PixelData=None,
        BitsAllocated=64,
        DoubleFloatPixelData=values.tobytes(),
    )
    made = frame(path)
    np.testing.assert_array_equal(made.pixels, values.astype(np.float32))
    assert "64 bits" in words(made, "stored")


_FLOATS = [-1.7976931348623157e308, 0.1, 0.2, 5.0]


@pytest.mark.rule("P-31")
@pytest.mark.parametrize("kind", ["Float", "DoubleFloat"])
@pytest.mark.parametrize(
    ("value", "limit", "outside"),
    [
        (0.1, None, [1]),
        (0.1, 0.2, [1, 2]),
        (0.2, 0.1, [1, 2]),
        ("lowest", None, [0]),
        ("lowest", 0.1, [0, 1]),
    ],
)
def test_padding_of_floats_is_found_in_the_floats_that_are_kept(
    tmp_path: Path, kind: str, value: float | str, limit: float | None, outside: list[int]
) -> None:
    type_ = np.float32 if kind == "Float" else np.float64
    lowest = float(np.finfo(type_).min)
    pixels = np.array([[lowest, *_FLOATS[1:]]], type_)
    first = lowest if value == "lowest" else float(type_(value))
    path = factories.gray(
        tmp_path / "a.dcm",
        np.zeros((1, 4), np.uint32),
        PixelData=None,
        **{
            f"{kind}PixelData": pixels.tobytes(),
            f"{kind}PixelPaddingValue": first,
            f"{kind}PixelPaddingRangeLimit": None if limit is None else float(type_(limit)),
        },
    )
    padded = frame(path).padded
    assert padded is not None
    assert np.flatnonzero(padded).tolist() == outside


@pytest.mark.rule("P-06", "P-31")
@pytest.mark.parametrize(
    ("stored", "written", "value"), [(12, 0x0830, -2000), (16, -2000, -2000), (12, -2000, -2000)]
)
def test_the_sign_of_padding_follows_the_pixels(
    tmp_path: Path, stored: int, written: int, value: int
) -> None:
    pixels = np.array([[-2000, 5]], np.int16)
    made = frame(
        factories.gray(
            tmp_path / "a.dcm",
            pixels if stored == 16 else pixels & 0x0FFF,
            BitsStored=stored,
            HighBit=stored - 1,
            PixelRepresentation=1,
            PixelPaddingValue=written,
        )
    )
    assert made.padding == (value, value)
    assert made.padded is not None
    assert made.padded.tolist() == [[True, False]]
