"""``medviewer tags``: the header of one file."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from medviewer.cli import output
from medviewer.cli.arguments import add_json, add_path
from medviewer.dicom.tags import tag_table


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser, "a DICOM file")
    add_json(parser)


def run(values: Namespace) -> int:
    """List every element with its tag, value representation, name and value."""
    rows = tag_table(values.path)
    if values.json:
        output.tell_json([asdict(row) for row in rows])
        return 0
    for row in rows:
        indent = "  " * row.depth
        output.tell(f"{indent}{row.tag} {row.vr or '  '} {row.name}: {row.value}".rstrip())
    return 0
