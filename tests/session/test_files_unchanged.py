"""Looking changes no file: whatever is done with a study, its files are the same, byte for byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pydicom
import pytest

from medviewer.core.geometry import Plane
from medviewer.core.study import Instance
from medviewer.dicom.tag_value import header_of
from medviewer.session.inspect import inspection
from medviewer.session.session import Session
from tests import factories


def _state(folder: Path) -> dict[str, tuple[str, int]]:
    """Content and time of change of every file."""
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.rule("P-63", "P-25")
def test_files_are_the_same_after_everything_a_reader_does(session: Session, tmp_path: Path) -> None:
    def edit(_: int, data: pydicom.Dataset) -> None:
        data.private_block(0x0099, "SOMEBODY", create=True).add_new(1, "UN", b"\x01\x02odd\xff")
        factories.put_bytes(data, "SliceThickness", b"2.5 ", vr="UN")
        factories.put_bytes(data, "SpecificCharacterSet", b"ISO_IR 192")
        factories.put_bytes(data, "PatientName", "Žižka^Jan=王^小东".encode())

    folder = tmp_path / "ct"
    factories.ct(folder, slices=6, edit=edit)
    before = _state(folder)
    session.run("study.open", paths=(folder,))
    for name, values in (
        ("window.invert", {}),
        ("window.set", {"center": 5.0, "width": 50.0}),
        ("view.rotate", {"degrees": "90"}),
        ("enhance.add", {"operation": "clahe"}),
        ("inspect.pick", {"row": 3, "column": 4}),
        ("export.picture", {"path": tmp_path / "a.png"}),
        ("study.save", {"path": tmp_path / "reading.json"}),
    ):
        session.run(name, **values)
    session.rendering.draw(0, (200, 200))
    assert inspection(session, 0, 3, 4) is not None
    for study in session.state.studies:
        for series in study.series:
            assert all(header_of(one) for one in series.instances)
    session.run("study.close")
    assert _state(folder) == before


@pytest.mark.rule("P-63")
def test_private_and_unknown_elements_are_listed_as_they_are(tmp_path: Path) -> None:
    def edit(_: int, data: pydicom.Dataset) -> None:
        block = data.private_block(0x0099, "SOMEBODY", create=True)
        block.add_new(1, "LO", "of theirs")
        block.add_new(2, "UN", b"\x01\x02\xff\x00")
        factories.put_bytes(data, "ImageComments", b"text", vr="UN")
        data.add_new(0x0018_9FF0, "UN", b"abcd")  # in no dictionary

    (path,) = factories.ct(tmp_path, 1, edit=edit)
    rows = {row.tag: row for row in header_of(_instance(path))}
    assert (rows["(0099,1001)"].creator, rows["(0099,1001)"].value) == ("SOMEBODY", "of theirs")
    assert (rows["(0099,1002)"].vr, rows["(0099,1002)"].value) == ("UN", "4 bytes: 01 02 FF 00")
    assert rows["(0018,9FF0)"].value == "4 bytes: 61 62 63 64"
    assert rows["(0020,4000)"].value in ("text", "4 bytes: 74 65 78 74")


def _instance(path: Path) -> Instance:
    return Instance(str(path), "", "", None, 1, 64, 64, "", Plane((64, 64)))
