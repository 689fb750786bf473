"""``medviewer tags``: the header of one file, or what differs between two."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from medviewer.cli import output
from medviewer.cli.arguments import add_json, add_path
from medviewer.dicom.tag_compare import Change, Pair, compare
from medviewer.dicom.tag_search import searched, with_ancestors
from medviewer.dicom.tags import TagRow, ancestors, tag_table

SIGNS = {Change.VALUE: "!", Change.INSIDE: " ", Change.FIRST: "<", Change.SECOND: ">"}


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser, "a DICOM file")
    parser.add_argument(
        "--compare",
        metavar="OTHER",
        type=Path,
        help="another DICOM file: lists only what differs, with ! where both have it, < where the first "
        "has it alone, > where the other has",
    )
    parser.add_argument(
        "--search",
        metavar="TEXT",
        default="",
        help="only elements in which this stands: a number (0028,1053), keyword, name, representation, value",
    )
    add_json(parser)


def run(values: Namespace) -> int:
    """List every element with its tag, value representation, name and value."""
    rows = tag_table(values.path)
    if values.compare is not None:
        return _compare(rows, values)
    found = _found(rows, rows, values.search)
    if values.json:
        output.tell_json([asdict(row) for row in found])
        return 0
    for row in found:
        output.tell(_line(row, row.value))
    return _said(found, values.search)


def _compare(rows: Sequence[TagRow], values: Namespace) -> int:
    pairs = [pair for pair in compare(rows, tag_table(values.compare)) if pair.differs]
    pairs = _found([pair.row for pair in pairs], pairs, values.search)
    if values.json:
        output.tell_json([_plain(pair) for pair in pairs])
        return 0
    for pair in pairs:
        output.tell(f"{SIGNS[pair.change]} {_line(pair.row, _both(pair))}")
    if not pairs and not values.search:
        output.remark("The two headers say the same; pixels are not compared.")
    return _said(pairs, values.search)


def _found(rows: Sequence[TagRow], shown: Sequence[Any], wanted: str) -> list[Any]:
    """Those of *shown* whose rows answer to a search, and the sequences they lie in."""
    if not wanted.strip():
        return list(shown)
    return [shown[at] for at in with_ancestors(ancestors(rows), searched(rows, wanted))]


def _said(found: Sequence[Any], wanted: str) -> int:
    if not found and wanted.strip():
        output.remark(f"There is no element with {wanted!r:.80} in it.")
    return 0


def _both(pair: Pair) -> str:
    if pair.first is None or pair.second is None or pair.change is Change.INSIDE:
        return pair.row.value
    if pair.first.value == pair.second.value:
        return f"{pair.first.value} (differs further on, or in its representation)"
    return f"{pair.first.value} -> {pair.second.value}"


def _line(row: TagRow, value: str) -> str:
    creator = f" [{row.creator}]" if row.creator else ""
    return f"{'  ' * row.depth}{row.tag} {row.vr or '  '} {row.name}{creator}: {value}".rstrip()


def _plain(pair: Pair) -> dict[str, Any]:
    sides = {"first": pair.first, "second": pair.second}
    return {"change": pair.change.value} | {
        name: None if row is None else asdict(row) for name, row in sides.items()
    }
