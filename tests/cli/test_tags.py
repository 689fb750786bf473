"""What the terminal says about the elements of one file, and about the differences between two."""

from __future__ import annotations

import json
from pathlib import Path

import pydicom
import pytest

from medviewer.cli.main import main
from tests import factories


def _said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[list[str], str]:
    assert main([str(word) for word in words]) == 0
    out, err = capsys.readouterr()
    return out.splitlines(), err


def test_a_search_lists_what_was_found_with_the_sequence_it_lies_in(capsys, tmp_path: Path) -> None:
    path = factories.ultrasound(tmp_path / "a.dcm")
    lines, _ = _said(capsys, "tags", path, "--search", "0018,602C")
    assert [line.strip().partition(":")[0] for line in lines[:3]] == [
        "(0018,6011) SQ Sequence of Ultrasound Regions",
        "(FFFE,E000)    Item 1",
        "(0018,602C) FD Physical Delta X",
    ]
    lines, told = _said(capsys, "tags", path, "--search", "nowhere at all")
    assert lines == []
    assert "no element" in told


def test_comparing_lists_what_differs_and_on_which_side(capsys, tmp_path: Path) -> None:
    def edit(_: int, data: pydicom.Dataset) -> None:
        data.SeriesDescription = "another"
        data.ImageComments = "new"
        del data.SliceThickness

    (first,), (second,) = factories.ct(tmp_path / "a", 1), factories.ct(tmp_path / "b", 1, edit=edit)
    lines, _ = _said(capsys, "tags", first, "--compare", second)
    signs = {line[2:13]: line[0] for line in lines}
    assert (signs["(0020,4000)"], signs["(0018,0050)"], signs["(0008,103E)"]) == (">", "<", "!")
    assert "(0028,0010)" not in signs
    (line,), _ = _said(capsys, "tags", first, "--compare", second, "--search", "comments")
    assert line == "> (0020,4000) LT Image Comments: new"
    assert main(["tags", str(first), "--compare", str(second), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (comment,) = [one for one in told if one["second"] and one["second"]["keyword"] == "ImageComments"]
    assert (comment["change"], comment["first"]) == ("only in the second", None)


def test_a_file_and_itself_say_the_same(capsys, tmp_path: Path) -> None:
    path = factories.xray(tmp_path / "a.dcm")
    lines, told = _said(capsys, "tags", path, "--compare", path)
    assert lines == []
    assert "say the same" in told
