"""Structured reports: everything that dcmtk's dsrdump prints is told, and nothing else."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import KeyPictures
from medviewer.core.report import Report
from medviewer.kit.errors import FileTrouble
from medviewer.session.found.words import report_lines
from tests import factories
from tests.dicom.objects.files import made, opened

FILES = (
    "highdicom/sr_document.dcm",
    "highdicom/sr_document_with_multiple_groups.dcm",
    "dcmqi-sr/sr-tid1500.dcm",
)
COMPREHENSIVE = "1.2.840.10008.5.1.4.1.1.88.33"
KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"


def content(**values: object) -> Dataset:
    return factories.item(**values)


def code(value: str, scheme: str, meaning: str) -> list[Dataset]:
    return [factories.item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)]


@pytest.mark.skipif(shutil.which("dsrdump") is None, reason="dcmtk is not installed")
@pytest.mark.parametrize("name", FILES)
def test_a_report_says_what_dsrdump_prints_in_the_same_order(objects: Path, name: str) -> None:
    path = objects / name
    printed = subprocess.run(
        ["dsrdump", "+U8", "+Pl", str(path)], capture_output=True, text=True, timeout=30, check=True
    ).stdout
    expected = [
        (name, _value(kind, rest))
        for kind, name, rest in re.findall(r'(\w+):\(,,"([^"]*)"\)=?(.*)>$', printed, re.MULTILINE)
        if kind not in ("CONTAINER", "IMAGE", "SCOORD", "SCOORD3D")
    ]
    _, found = opened(path)
    assert isinstance(found.content, Report)
    lines = [(line.name, line.value) for line in report_lines(found.content)]
    at = 0
    for name_there, value in expected:
        while at < len(lines) and not (lines[at][0] == name_there and value in lines[at][1]):
            at += 1
        assert at < len(lines), (name_there, value)
        at += 1
    assert len(expected) > 10


def _value(kind: str, rest: str) -> str:
    """The value as a reader knows it: words in quotation marks, of a code its meaning."""
    quoted = [html.unescape(one) for one in re.findall(r'"([^"]*)"', rest)]
    if kind == "PNAME":
        return " ".join(quoted[0].replace("^", " ").split())
    return quoted[-1] if kind == "CODE" else quoted[0] if quoted else ""


def test_numbers_stand_with_their_units_as_written(objects: Path) -> None:
    _, found = opened(objects / "highdicom" / "sr_document_with_multiple_groups.dcm")
    assert isinstance(found.content, Report)
    values = [one.text for one in found.content.root.walk() if one.type == "NUM"]
    assert values == ["-119.07385253906 HU", "10.0 mm", "20.0 mm", "200.0 mm3"]


def test_an_algorithm_that_a_report_names_is_its_maker(tmp_path: Path) -> None:
    named = [
        content(
            ValueType="TEXT", RelationshipType="HAS OBS CONTEXT", TextValue="Finder",
            ConceptNameCodeSequence=code("111001", "DCM", "Algorithm Name"),
        ),
        content(
            ValueType="TEXT", RelationshipType="HAS OBS CONTEXT", TextValue="3.2",
            ConceptNameCodeSequence=code("111003", "DCM", "Algorithm Version"),
        ),
    ]  # fmt: skip
    path = made(tmp_path / "sr.dcm", COMPREHENSIVE, "SR", ValueType="CONTAINER", ContentSequence=named)
    _, found = opened(path)
    assert found.is_automatic
    assert found.made_by == "Finder 3.2"


def test_key_objects_name_their_pictures_with_title_and_note(tmp_path: Path) -> None:
    picture = [factories.item(ReferencedSOPClassUID="1.2", ReferencedSOPInstanceUID="1.2.3.4")]
    several = [
        factories.item(
            ReferencedSOPClassUID="1.2", ReferencedSOPInstanceUID="1.2.3.5", ReferencedFrameNumber=[2, 7]
        )
    ]
    items = [
        content(
            ValueType="TEXT", RelationshipType="CONTAINS", TextValue="Look at the left one",
            ConceptNameCodeSequence=code("113012", "DCM", "Key Object Description"),
        ),
        content(ValueType="IMAGE", RelationshipType="CONTAINS", ReferencedSOPSequence=picture),
        content(ValueType="IMAGE", RelationshipType="CONTAINS", ReferencedSOPSequence=several),
    ]  # fmt: skip
    path = made(
        tmp_path / "ko.dcm", KEY_OBJECTS, "KO", ValueType="CONTAINER",
        ConceptNameCodeSequence=code("113000", "DCM", "Of Interest"), ContentSequence=items,
    )  # fmt: skip
    _, found = opened(path)
    assert found.kind is ObjectKind.KEY_PICTURES
    assert found.content == KeyPictures("Of Interest", "Look at the left one")
    assert found.pictures == (("1.2.3.4", -1), ("1.2.3.5", 1), ("1.2.3.5", 6))


def test_a_report_nested_ten_thousand_deep_is_told_in_a_moment(tmp_path: Path) -> None:
    """Written by hand: pydicom could not write it."""
    path = made(tmp_path / "deep.dcm", COMPREHENSIVE, "SR", ValueType="CONTAINER")
    item = bytes.fromhex("40 00 40 a0") + b"CS" + (10).to_bytes(2, "little") + b"CONTAINER "
    open_sequence = bytes.fromhex("40 00 30 a7") + b"SQ\0\0" + b"\xff" * 4
    open_item = bytes.fromhex("fe ff 00 e0") + b"\xff" * 4
    shut = bytes.fromhex("fe ff 0d e0 00 00 00 00 fe ff dd e0 00 00 00 00")
    path.write_bytes(path.read_bytes() + (open_sequence + open_item + item) * 10_000 + shut * 10_000)
    started = time.monotonic()
    words = ""
    try:
        _, found = opened(path)
        words = " ".join(found.remarks)
    except FileTrouble as trouble:
        words = trouble.message
    assert "deep" in words
    assert time.monotonic() - started < 10


def test_a_report_that_refers_to_itself_ends(tmp_path: Path) -> None:
    circle = [content(RelationshipType="INFERRED FROM", ReferencedContentItemIdentifier=[1])]
    once = content(
        ValueType="TEXT", RelationshipType="CONTAINS", TextValue="Once",
        ConceptNameCodeSequence=code("121106", "DCM", "Comment"), ContentSequence=circle,
    )  # fmt: skip
    path = made(tmp_path / "circle.dcm", COMPREHENSIVE, "SR", ValueType="CONTAINER", ContentSequence=[once])
    _, found = opened(path)
    assert isinstance(found.content, Report)
    assert [one.text for one in found.content.root.walk()] == ["", "Once"]


def test_markup_and_tricks_of_direction_in_a_report_are_only_text(tmp_path: Path) -> None:
    evil = content(
        ValueType="TEXT", RelationshipType="CONTAINS", TextValue="<script>\u202eevil</script>\x1b[2J",
        ConceptNameCodeSequence=code("121106", "DCM", "Comment"),
    )  # fmt: skip
    path = made(
        tmp_path / "evil.dcm", COMPREHENSIVE, "SR", ValueType="CONTAINER", ContentSequence=[evil],
        SpecificCharacterSet="ISO_IR 192",
    )  # fmt: skip
    _, found = opened(path)
    assert isinstance(found.content, Report)
    text = found.content.root.items[0].text
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "<script>" in text
