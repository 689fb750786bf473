"""Every element of a file can be looked up, whatever is in it."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pydicom
import pytest
from pydicom.dataelem import DataElement

from medviewer.dicom import tags
from medviewer.dicom.tags import tag_table
from medviewer.kit.errors import FileTrouble
from tests import factories


def _value(path: Path, keyword: str) -> str:
    return next(row.value for row in tag_table(path) if row.keyword == keyword)


def test_elements_are_listed_with_number_name_and_value(tmp_path: Path) -> None:
    rows = tag_table(factories.ct(tmp_path, 1)[0])
    (row,) = (row for row in rows if row.tag == "(0028,0010)")
    assert (row.vr, row.keyword, row.name, row.value, row.depth) == ("US", "Rows", "Rows", "64", 0)
    assert rows[0].tag.startswith("(0002,")
    assert rows[-1].keyword == "PixelData"


def test_sequences_are_listed_with_their_items_one_further_in(tmp_path: Path) -> None:
    rows = tag_table(factories.ultrasound(tmp_path / "a.dcm"))
    at = next(number for number, row in enumerate(rows) if row.keyword == "SequenceOfUltrasoundRegions")
    assert rows[at].value == "2 items"
    assert (rows[at + 1].name, rows[at + 1].depth) == ("Item 1", 1)
    assert rows[at + 2].depth == 2


def test_private_elements_can_be_left_out(tmp_path: Path) -> None:
    def edit(_: int, data: pydicom.Dataset) -> None:
        data.private_block(0x0099, "SOMEBODY", create=True).add_new(1, "LO", "secret")

    path = factories.ct(tmp_path, 1, edit=edit)[0]
    assert any(row.value == "secret" for row in tag_table(path))
    assert not any(row.value == "secret" for row in tag_table(path, private=False))


def test_long_values_are_elided_and_odd_letters_removed(tmp_path: Path) -> None:
    path = factories.ct(tmp_path, 1, ImageComments=b"A" * 200_000, StudyDescription=b"a\x07b\x1b[31mc")[0]
    assert len(_value(path, "ImageComments")) <= 4097
    assert "\x07" not in _value(path, "StudyDescription")


def test_a_list_that_nobody_could_read_ends_and_says_so(tmp_path: Path) -> None:
    def edit(_: int, data: pydicom.Dataset) -> None:
        for number in range(0x1000, 0x8000):
            data[0x00090000 | number] = DataElement(0x00090000 | number, "US", 1)

    (path,) = factories.ct(tmp_path, 1, edit=edit)
    started = time.monotonic()
    rows = tag_table(path)
    assert time.monotonic() - started < 10
    assert len(rows) == tags.MOST_ROWS + 2
    assert rows[-2].value == "only the first 20,000 elements are listed"
    assert tag_table(path, private=False)[-2] == rows[-2]
    assert rows[-1].keyword == "PixelData"


@pytest.mark.parametrize("is_open_ended", [False, True])
def test_a_sequence_of_a_million_items_gets_one_row(tmp_path: Path, is_open_ended: bool) -> None:
    (path,) = factories.ct(tmp_path, 1, PixelData=None)
    items = struct.pack("<HHI", 0xFFFE, 0xE000, 0) * 150_000
    length = 0xFFFFFFFF if is_open_ended else len(items)
    end = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0) if is_open_ended else b""
    content = path.read_bytes() + struct.pack("<HH2sHI", 0x0040, 0xA730, b"SQ", 0, length) + items + end
    path.write_bytes(content + struct.pack("<HH2sH", 0x0050, 0x0010, b"CS", 2) + b"A ")
    started = time.monotonic()
    rows = tag_table(path)
    assert time.monotonic() - started < 10
    (row,) = (row for row in rows if row.tag == "(0040,A730)")
    assert "not listed" in row.value
    assert any(row.keyword == "Rows" for row in rows)


def test_sequences_deeper_than_any_real_one_are_listed_to_a_limit(tmp_path: Path) -> None:
    def edit(_: int, data: pydicom.Dataset) -> None:
        inner = factories.item(CodeValue="1")
        for _ in range(60):
            inner = factories.item(ConceptNameCodeSequence=[inner])
        data.ContentSequence = [inner]

    (path,) = factories.ct(tmp_path, 1, edit=edit)
    rows = tag_table(path)
    assert max(row.depth for row in rows) <= tags.DEEPEST + 2
    assert any(row.value == "nested deeper: not listed" for row in rows)
    assert rows[-1].keyword == "PixelData"


def test_every_real_file_can_be_listed(shared_data: Path) -> None:
    refused = {}
    for path in (shared_data / "dicom").rglob("*"):
        if path.is_file() and path.suffix != ".csv" and "-chest-" not in str(path):
            try:
                assert tag_table(path)
            except FileTrouble as trouble:
                refused[path.name] = trouble.message
    assert refused == {}


def test_what_is_not_dicom_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_bytes(b"\xff\xd8\xff" + bytes(400))
    with pytest.raises(FileTrouble, match="JPEG"):
        tag_table(tmp_path / "a.dcm")
