"""Overlay planes lie where the file puts them, on the frames it means, whatever their size and byte order."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from medviewer.core.volume import Frame
from medviewer.dicom import walk
from medviewer.dicom.overlays import placed
from tests import factories
from tests.dicom.pictures import frame, frames, words

DRAWING = np.random.default_rng(60).integers(0, 2, (13, 11)).astype(np.uint8)


def _put(
    data: Dataset,
    bits: NDArray[Any] | None,
    group: int = 0x6000,
    origin: tuple[int, int] | None = (1, 1),
    vr: str = "OW",
    **more: Any,
) -> Dataset:
    """An overlay of *bits*, (rows, columns) or (frames, rows, columns), in *data*."""
    shape = (data.Rows, data.Columns) if bits is None else bits.shape[-2:]
    data.add_new(group << 16 | 0x0010, "US", shape[0])
    data.add_new(group << 16 | 0x0011, "US", shape[1])
    data.add_new(group << 16 | 0x0040, "CS", more.get("kind", "G"))
    if origin is not None:
        data.add_new(group << 16 | 0x0050, "SS", list(origin))
    for element, vr_of, key in ((0x0015, "IS", "count"), (0x0051, "US", "first"), (0x1500, "LO", "label")):
        if key in more:
            data.add_new(group << 16 | element, vr_of, more[key])
    data.add_new(group << 16 | 0x0100, "US", more.get("allocated", 1))
    data.add_new(group << 16 | 0x0102, "US", more.get("bit", 0))
    if bits is not None:
        packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
        data.add_new(group << 16 | 0x3000, vr, packed + b"\0" * (len(packed) % 2))
    return data


def _picture(rows: int = 20, columns: int = 24, **values: Any) -> Dataset:
    return factories.picture(factories.gradient(rows, columns), **values)


def _mask(made: Frame) -> NDArray[np.uint8]:
    (plane,) = made.overlays
    assert not plane.bits.flags.writeable
    assert set(np.unique(plane.bits)) == {0, 255}
    return plane.bits


@pytest.mark.rule("P-33")
@pytest.mark.parametrize("syntax", ["explicit", "implicit", "deflated", "jpeg-ls"])
def test_an_overlay_has_the_bits_that_pydicom_reads(tmp_path: Path, syntax: str) -> None:
    bits = np.random.default_rng(1).integers(0, 2, (20, 24)).astype(np.uint8)
    path = factories.write(tmp_path / "a.dcm", _put(_picture(), bits), syntax)
    made = frame(path)
    np.testing.assert_array_equal(_mask(made) // 255, pydicom.dcmread(path).overlay_array(0x6000))
    assert made.remarks == ()
    assert "(6000,3000)" in words(made, "overlay")


@pytest.mark.rule("P-33")
@pytest.mark.parametrize("origin", [(1, 1), (3, 5), (-4, 2), (15, -3), (18, 23), None])
def test_an_overlay_lies_at_its_origin_and_is_cut_at_the_border(
    tmp_path: Path, origin: tuple[int, int] | None
) -> None:
    path = factories.write(tmp_path / "a.dcm", _put(_picture(), DRAWING, origin=origin))
    down, right = origin or (1, 1)
    expected = np.zeros((20, 24), np.uint8)
    for row, column in zip(*np.nonzero(DRAWING), strict=True):
        at = (row + down - 1, column + right - 1)
        if 0 <= at[0] < 20 and 0 <= at[1] < 24:
            expected[at] = 255
    assert expected.any()
    np.testing.assert_array_equal(_mask(frame(path)), expected)


@given(
    st.integers(-30, 30), st.integers(-30, 30), st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**16)
)
def test_placing_agrees_with_placing_bit_by_bit(
    top: int, left: int, rows: int, columns: int, seed: int
) -> None:
    bits = np.random.default_rng(seed).integers(0, 2, (rows, columns)).astype(np.uint8)
    expected = np.zeros((10, 9), np.uint8)
    for row in range(10):
        for column in range(9):
            inside = 0 <= row - top < rows and 0 <= column - left < columns
            expected[row, column] = 255 * (inside and bits[row - top, column - left])
    found = placed(bits, top, left, (10, 9))
    if found is None:
        assert not expected.any()
    else:
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("vr", ["OB", "OW"])
@pytest.mark.rule("P-33")
def test_a_big_endian_overlay_is_the_same_overlay(tmp_path: Path, vr: str) -> None:
    data = _put(_picture(), DRAWING, vr=vr)
    if vr == "OW":
        swapped = np.frombuffer(data[0x60003000].value, "<u2").astype(">u2").tobytes()
        data[0x60003000].value = swapped
    made = frame(factories.write(tmp_path / "a.dcm", data, "big-endian"))
    np.testing.assert_array_equal(_mask(made)[:13, :11] // 255, DRAWING)


@pytest.mark.rule("P-33")
def test_each_frame_has_its_own_frame_of_an_overlay(tmp_path: Path) -> None:
    stack = np.stack([factories.gradient(20, 24)] * 5)
    drawings = np.random.default_rng(5).integers(0, 2, (2, 13, 11)).astype(np.uint8)
    data = _put(factories.picture(stack), drawings, count=2, first=3)
    path = factories.write(tmp_path / "a.dcm", data)
    found = frames(path)
    assert [len(one.overlays) for one in found] == [0, 0, 1, 1, 0]
    theirs = pydicom.dcmread(path).overlay_array(0x6000)
    for made, wanted in zip(found[2:4], theirs, strict=True):
        np.testing.assert_array_equal(_mask(made)[:13, :11] // 255, wanted)


@pytest.mark.rule("P-33")
def test_an_overlay_that_names_no_frame_lies_on_all_and_is_kept_once(tmp_path: Path) -> None:
    stack = np.stack([factories.gradient(20, 24)] * 3)
    everywhere = frames(factories.write(tmp_path / "a.dcm", _put(factories.picture(stack), DRAWING)))
    assert [len(one.overlays) for one in everywhere] == [1, 1, 1]
    assert everywhere[0].overlays[0].bits is everywhere[2].overlays[0].bits
    first = frames(factories.write(tmp_path / "b.dcm", _put(factories.picture(stack), DRAWING, first=1)))
    assert [len(one.overlays) for one in first] == [1, 0, 0]


@pytest.mark.rule("P-33")
@pytest.mark.parametrize("syntax", ["explicit", "big-endian", "rle"])
@pytest.mark.parametrize(("bit", "high"), [(12, 11), (15, 11), (0, 15), (3, 15)])
def test_an_overlay_in_unused_bits_of_the_pixels_is_lifted_out(
    tmp_path: Path, syntax: str, bit: int, high: int
) -> None:
    pixels = factories.gradient(20, 24)
    marks = np.indices((20, 24)).sum(0) % 2
    both = (pixels << (high - 11)) | (marks << bit).astype(np.uint16)
    data = _put(factories.picture(both), None, allocated=16, bit=bit, origin=None)
    path = factories.write(tmp_path / "a.dcm", data, syntax)
    # said only now, because the encoder of the tests would refuse what stands in unused bits
    written = pydicom.dcmread(path)
    written.BitsStored, written.HighBit = 12, high
    written.save_as(path)
    made = frame(path)
    np.testing.assert_array_equal(made.pixels, pixels)
    np.testing.assert_array_equal(_mask(made) // 255, marks)


def test_a_bit_that_holds_grey_values_is_no_overlay(tmp_path: Path) -> None:
    data = _put(_picture(BitsStored=12, HighBit=11), None, allocated=16, bit=11)
    assert frame(factories.write(tmp_path / "a.dcm", data)).overlays == ()


@pytest.mark.rule("P-33")
def test_several_planes_keep_their_groups_types_and_labels(tmp_path: Path) -> None:
    data = _put(_picture(), DRAWING, 0x6000, label="Ruler")
    _put(data, np.ones((4, 4), np.uint8), 0x601E, (2, 2), kind="R")
    _put(data, np.zeros((20, 24), np.uint8), 0x6002)
    made = frame(factories.write(tmp_path / "a.dcm", data))
    found = [(plane.group, plane.is_region, plane.label) for plane in made.overlays]
    assert found == [(0x6000, False, "Ruler"), (0x601E, True, "")]
    assert np.count_nonzero(made.overlays[1].bits) == 16


def test_an_overlay_lies_on_colours_too(tmp_path: Path) -> None:
    data = _put(factories.picture(factories.colors(20, 24), color=True), DRAWING)
    made = frame(factories.write(tmp_path / "a.dcm", data))
    assert made.is_color
    assert _mask(made).any()


def test_data_that_end_early_give_what_is_there_and_say_so(tmp_path: Path) -> None:
    data = _put(_picture(), np.ones((20, 24), np.uint8))
    data[0x60003000].value = data[0x60003000].value[:30]
    made = frame(factories.write(tmp_path / "a.dcm", data))
    assert np.count_nonzero(_mask(made)) == 240
    assert _mask(made)[:10].all()
    assert made.remarks == ("Overlay in the file is incomplete: a part of it is missing",)


def test_an_overlay_too_large_to_look_at_costs_nobody_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = factories.write(tmp_path / "a.dcm", _put(_picture(), np.ones((1000, 1000), np.uint8)))
    monkeypatch.setattr(walk, "LARGEST_VALUE", 100_000)
    made = frame(path)
    assert made.remarks == ("Overlay in the file not drawn",)
    assert made.overlays == ()


@pytest.mark.parametrize(("rows", "columns"), [(0, 11), (65535, 11), (65535, 65535), (13, 65535)])
def test_an_overlay_of_no_or_absurd_size_costs_nobody_the_picture(
    tmp_path: Path, rows: int, columns: int
) -> None:
    data = _put(_picture(), DRAWING)
    data[0x60000010].value, data[0x60000011].value = rows, columns
    path = factories.write(tmp_path / "a.dcm", data)
    tracemalloc.start()
    made = frame(path)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    np.testing.assert_array_equal(made.pixels, factories.gradient(20, 24))
    assert bool(made.overlays) == (rows > 0)
    (remark,) = made.remarks
    assert ("is incomplete" if rows else "not drawn") in remark


@pytest.mark.rule("P-33")
def test_the_overlay_of_a_real_file_is_the_one_that_pydicom_reads(shared_data: Path) -> None:
    path = shared_data / "dicom/luts-overlays/MR-SIEMENS-DICOM-WithOverlays.dcm"
    theirs = pydicom.dcmread(path).overlay_array(0x6000)
    assert theirs.any()
    np.testing.assert_array_equal(_mask(frame(path)) // 255, theirs)
