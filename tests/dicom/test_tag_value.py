"""A value that a list can only begin is read in full when somebody asks for it."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pydicom

from medviewer.core.geometry import Plane
from medviewer.core.study import Instance
from medviewer.dicom.tag_value import LONGEST_DUMP, header_of, whole_value
from tests import factories

SEVERAL_LINES = "first line\r\nsecond\tline " + "x" * 5000 + "\x1b[2J\u202eend"


def _file(path: Path) -> Instance:
    return Instance(str(path), "1", "", 1, 1, 64, 64, "", Plane((64, 64)))


def _made(folder: Path) -> Instance:
    def edit(_: int, data: pydicom.Dataset) -> None:
        data.ImageComments = SEVERAL_LINES
        inner = factories.item(CodeValue="7", CodeMeaning="y" * 4900 + "!")
        data.ProcedureCodeSequence = [factories.item(CodeValue="6"), inner]
        block = data.private_block(0x0099, "SOMEBODY", create=True)
        block.add_new(1, "OB", bytes(range(256)) * 200)

    return _file(factories.ct(folder, 1, edit=edit)[0])


def _at(rows, name: str, last: bool = False) -> int:
    found = [at for at, row in enumerate(rows) if name in (row.keyword, row.creator and row.tag)]
    return found[-1 if last else 0]


def test_a_long_text_is_read_with_its_lines_and_without_what_could_do_harm(tmp_path: Path) -> None:
    file = _made(tmp_path)
    rows = header_of(file)
    text = whole_value(file, rows, _at(rows, "ImageComments"))
    assert text.splitlines()[0] == "first line"
    assert text.endswith("end")
    assert len(text) > 5000
    assert not {"\x1b", "\u202e", "\t", "\r"} & set(text)


def test_a_value_inside_a_sequence_is_the_one_of_its_item(tmp_path: Path) -> None:
    file = _made(tmp_path)
    rows = header_of(file)
    assert whole_value(file, rows, _at(rows, "CodeMeaning", last=True)).endswith("yy!")
    assert whole_value(file, rows, _at(rows, "CodeValue")) == "6"
    assert whole_value(file, rows, 0).isdigit()  # the length of the group of the file itself


def test_bytes_are_written_as_numbers_and_letters_to_a_limit(tmp_path: Path) -> None:
    file = _made(tmp_path)
    rows = header_of(file)
    lines = whole_value(file, rows, _at(rows, "(0099,1001)")).splitlines()
    assert lines[0] == "51,200 bytes"
    assert lines[5].startswith("000040  40 41 42")
    assert lines[5].endswith("@ABCDEFGHIJKLMNO")
    assert len(lines) == LONGEST_DUMP // 16 + 2


def test_headers_inside_archives_are_listed_and_read_too(tmp_path: Path) -> None:
    file = _made(tmp_path / "made")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(file.path, "folder/a.dcm")
    packed = replace(file, path=str(tmp_path / "a.zip"), member="folder/a.dcm")
    rows = header_of(packed)
    assert rows == header_of(file)
    at = _at(rows, "ImageComments")
    assert whole_value(packed, rows, at) == whole_value(file, rows, at)
