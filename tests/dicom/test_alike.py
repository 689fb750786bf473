"""What is read by the layout of an earlier file is what the walk reads, whatever the file does."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from medviewer.cli.samples import write_headers
from medviewer.dicom import alike
from medviewer.dicom.alike import read_alike
from medviewer.dicom.fields import INDEX
from medviewer.dicom.header import Header
from medviewer.dicom.layout import Layouts
from medviewer.dicom.read import read_header
from medviewer.kit.errors import FileTrouble
from tests import factories


@pytest.fixture(autouse=True)
def nothing_met_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "_LAYOUTS", Layouts(INDEX))


def _walked(path: Path) -> Header | str:
    """The header as the walk reads it; bytes in memory are never compared with earlier ones."""
    try:
        return replace(read_header(path, path.read_bytes()), path=str(path))
    except FileTrouble as trouble:
        return trouble.message


def _read(path: Path) -> Header | str:
    try:
        return read_header(path)
    except FileTrouble as trouble:
        return trouble.message


@pytest.mark.parametrize("syntax", ["explicit", "implicit"])
def test_files_of_a_series_are_read_by_the_layout_of_the_first(tmp_path: Path, syntax: str) -> None:
    paths = factories.ct(tmp_path, 30, syntax=syntax)
    headers = [read_alike(str(path)) for path in paths]
    assert sum(header is not None for header in headers) >= 25
    for path, header in zip(paths, headers, strict=True):
        assert header is None or header == _walked(path)


def test_series_that_lie_mixed_in_a_folder_are_read_by_their_layouts(tmp_path: Path) -> None:
    paths = write_headers(tmp_path / "files", 600)
    for path in paths[:100]:
        read_header(path)
    headers = [read_alike(str(path)) for path in paths]
    assert None not in headers
    assert headers == [_walked(path) for path in paths]


@pytest.mark.parametrize("syntax", ["explicit", "implicit"])
def test_a_changed_file_is_never_read_wrongly(tmp_path: Path, syntax: str) -> None:
    luck = random.Random(4)
    paths = factories.ct(tmp_path / "whole", 20, syntax=syntax)
    whole = paths[-1].read_bytes()
    end = whole.find(b"\xe0\x7f\x10\x00") + 12
    by_layout = 0
    for number in range(800):
        content = bytearray(whole)
        for _ in range(luck.choice((1, 1, 2, 6))):
            at = luck.randrange(min(end, len(content)))
            kind = luck.randrange(4)
            if kind == 0:
                content[at] = luck.choice((0, 1, 2, 8, 255, content[at] ^ 1, luck.randrange(256)))
            elif kind == 1:
                del content[at : at + luck.choice((1, 2, 8))]
            elif kind == 2:
                content[at:at] = whole[luck.randrange(end) :][: luck.choice((2, 8, 20))]
            else:
                del content[max(140, at) :]
        path = tmp_path / "changed"
        path.write_bytes(content)
        for other in paths[number % 10 : number % 10 + 2]:
            read_header(other)
        by_layout += read_alike(str(path)) is not None
        assert _read(path) == _walked(path)
    assert by_layout > 25


def test_values_of_another_length_are_followed(tmp_path: Path) -> None:
    names = ["A^B", "Averylongname^Withmoreletters", "", "  ", "Ü^Ö", "C"] * 4
    paths = [
        factories.ct(tmp_path / str(number), 1, PatientName=name)[0] for number, name in enumerate(names)
    ]
    headers = [read_header(path) for path in paths]
    assert [header.get("PatientName") for header in headers] == [name.strip() for name in names]
    assert headers == [_walked(path) for path in paths]


def test_another_character_set_is_another_layout(tmp_path: Path) -> None:
    def edit(charset: str, raw: bytes) -> object:
        def put(_: int, data: pydicom.Dataset) -> None:
            factories.put_bytes(data, "SpecificCharacterSet", charset.encode())
            factories.put_bytes(data, "PatientName", raw)

        return put

    kinds = [("ISO_IR 100", "Müller ".encode("latin-1")), ("ISO_IR 101", "Müller ".encode("latin-1"))]
    kinds += [("ISO_IR 144", "Жук".encode("iso8859-5") + b" "), ("ISO_IR 192", "Žižka".encode() + b" ")]
    for number in range(24):
        charset, raw = kinds[number * 7 % len(kinds)]
        path = factories.ct(tmp_path / str(number), 1, edit=edit(charset, raw))[0]
        assert _read(path) == _walked(path)


def test_a_sequence_of_undefined_length_is_passed_over_in_the_next_file_too(tmp_path: Path) -> None:
    def undefined(number: int, data: pydicom.Dataset) -> None:
        items = [factories.item(CodeMeaning="deep" * (number % 5)) for _ in range(number % 4)]
        data.ReferencedStudySequence = items
        data["ReferencedStudySequence"].is_undefined_length = number % 3 > 0

    paths = factories.ct(tmp_path, 40, edit=undefined)
    for path in paths:
        assert _read(path) == _walked(path)
    assert sum(read_alike(str(path)) is not None for path in paths) >= 35


def test_a_preamble_that_is_a_program_is_told_of_every_time(tmp_path: Path) -> None:
    paths = factories.ct(tmp_path, 10)
    for path in paths:
        path.write_bytes(b"MZ" + path.read_bytes()[2:])
    assert all(read_header(path).warnings for path in paths)


def test_real_files_read_the_same_in_any_order(shared_data: Path) -> None:
    paths = [path for path in (shared_data / "dicom").rglob("*") if path.is_file() and path.suffix != ".csv"]
    random.Random(1).shuffle(paths)
    wrong = [path.name for path in paths + paths[:200] if _read(path) != _walked(path)]
    assert wrong == []
