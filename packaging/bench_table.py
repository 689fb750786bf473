"""Writes a run of the bench as a dated table: `medviewer bench --json | python packaging/bench_table.py`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from medviewer.cli.measuring import told  # noqa: E402

PAGE = HOME / "packaging" / "bench.md"
GROUPS = ("files", "operations", "volumes", "window", "painting", "keeping", "stalls", "training")
PAGE_START = """# How quick it is

One run of `medviewer bench --json` on {date}, version {version}: {cores} virtual cores, no graphics card,
{system}, Python {python}.

"Times" is the ratio to the least that could be done, measured in turns in the same run: pydicom reading the
same tags (where more is better), copying as many bytes, the plain calls of a library, SimpleITK's resampling,
the first paint of a bare window, drawing a finished picture. Stalls are the longest turns of the event loop.

To repeat it: `.venv/bin/medviewer bench`; for this page
`.venv/bin/medviewer bench --json | .venv/bin/python packaging/bench_table.py`.

| row | measured |
|---|---|
"""


def rows(found: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the table: each row of the bench that has a limit."""
    for group in GROUPS:
        for name, row in found[group].items():
            if isinstance(row, Mapping) and "limit" in row:
                beside = f", beside {row['plain']}" if "plain" in row else ""
                yield f"| {name.replace('_', ' ')} | {told(row)}{beside} |\n"


def page(found: Mapping[str, Any]) -> str:
    """The whole page."""
    start = PAGE_START.format(date=found["date"][:10], version=found["version"], **found["machine"])
    return start + "".join(rows(found))


if __name__ == "__main__":
    PAGE.write_text(page(json.load(sys.stdin)), encoding="utf-8")
