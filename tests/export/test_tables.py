"""Whether other programs find in a table what was put into it."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from medviewer.export.tables import write_table
from medviewer.kit.errors import BadValue, ExportTrouble

COLUMNS = ("Name", "Value", "Unit")
ROWS = (
    ("Länge 1", 12.5, "mm"),
    ('=HYPERLINK("http://x")', -3, "HU"),
    ("nothing", None, ""),
    ("nor this", float("nan"), ""),
)
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheet_of(path: Path) -> list[dict[str, tuple[str, str]]]:
    """The cells of each row by their column: what kind each is, and what stands in it."""
    with zipfile.ZipFile(path) as book:
        shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        texts = ["".join(one.itertext()) for one in shared.iter(f"{SHEET}si")]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in sheet.iter(f"{SHEET}row"):
        cells = {}
        for cell in row.iter(f"{SHEET}c"):
            assert cell.find(f"{SHEET}f") is None, "no text has become a formula"
            value, kind = cell.findtext(f"{SHEET}v") or "", cell.get("t", "n")
            cells[cell.get("r", "")[0]] = (kind, texts[int(value)] if kind == "s" else value)
        rows.append(cells)
    return rows


def test_csv_has_numbers_as_numbers_and_no_formulas(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_table(path, COLUMNS, ROWS)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    assert rows[0] == list(COLUMNS)
    assert rows[1] == ["Länge 1", "12.5", "mm"]
    assert rows[2][0].startswith("'=")
    assert rows[2][1] == "-3"
    assert [row[1] for row in rows[3:]] == ["", ""]


def test_a_sheet_has_numbers_as_numbers_and_no_formulas(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    write_table(path, COLUMNS, ROWS)
    rows = sheet_of(path)
    assert [value for _, value in rows[0].values()] == list(COLUMNS)
    assert rows[1] == {"A": ("s", "Länge 1"), "B": ("n", "12.5"), "C": ("s", "mm")}
    assert rows[2]["A"] == ("s", '=HYPERLINK("http://x")')
    assert rows[2]["B"] == ("n", "-3")
    assert "B" not in rows[3]
    assert "B" not in rows[4]


def test_no_other_ending_is_written(tmp_path: Path) -> None:
    with pytest.raises(BadValue):
        write_table(tmp_path / "table.ods", COLUMNS, ROWS)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportTrouble):
        write_table(tmp_path / "file" / "table.csv", COLUMNS, ROWS)
