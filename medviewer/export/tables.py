"""Tables for other programs: CSV, and sheets that spreadsheets open; numbers are numbers in both."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

from medviewer.export.exporter import trouble
from medviewer.kit.errors import BadValue
from medviewer.kit.files import write_atomically

Cell = str | int | float | bool | None
ENDINGS = (".csv", ".xlsx")
WIDEST = 48
"""Characters that a column of a sheet shows at the most."""
MOST_ROWS = 1_048_576 - 1
"""Rows below the headings that a sheet can hold."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With what a text begins that a spreadsheet would take for a formula."""


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table whose ending decides what it is: .csv (RFC 4180, UTF-8 with its mark) or .xlsx.

    Each row has one cell for each of the *columns*; their names say the unit, or another column does. None
    and what is no number make an empty cell. A text is never a formula: in CSV one that would be read as that
    has an apostrophe before it. Written whole or not at all. Raises BadValue for another ending and for more
    rows than a sheet has, ExportTrouble where the disk refuses.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise BadValue(
            f"{path.name} ends in neither .csv nor .xlsx.", "Choose one of them: both hold the same table."
        )
    filled = [tuple(row) for row in rows]
    if any(len(row) != len(columns) for row in filled):
        raise ValueError("a row of a table has a cell for each column")
    if ending == ".xlsx" and len(filled) > MOST_ROWS:
        raise BadValue(f"A sheet holds {MOST_ROWS:,} rows, not {len(filled):,}.", "Choose .csv instead.")
    made = _csv if ending == ".csv" else _sheet
    try:
        write_atomically(path, made(columns, filled))
    except OSError as error:
        raise trouble(path, error) from None


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_quoted(name) for name in columns)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    # with the mark by which spreadsheets know that it is UTF-8
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str):
        return _quoted(cell)
    return repr(cell) if _is_finite(cell) else ""


def _quoted(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _sheet(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        head = book.add_format({"bold": True, "bottom": 1})
        for column, name in enumerate(columns):
            sheet.write_string(0, column, name, head)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                _put(sheet, number, column, cell)
        for column, width in enumerate(_widths(columns, rows)):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    return out.getvalue()


def _put(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, str):
        # never what begins with = as a formula, nor an address as a link
        sheet.write_string(row, column, cell)
    elif cell is not None and _is_finite(cell):
        sheet.write_number(row, column, cell)


def _widths(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    longest = [len(name) + 3 for name in columns]
    for row in rows:
        shown = (f"{cell:.6g}" if isinstance(cell, float) else _plain(cell) for cell in row)
        longest = [max(width, len(text)) for width, text in zip(longest, shown, strict=True)]
    return [min(width + 1, WIDEST) for width in longest]


def _is_finite(value: int | float) -> bool:
    return math.isfinite(value)
