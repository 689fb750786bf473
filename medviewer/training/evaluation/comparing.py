"""The comparison of runs as text, as a table for other programs, and as a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from medviewer.export.exporter import trouble
from medviewer.kit.errors import ExportTrouble
from medviewer.kit.files import write_atomically
from medviewer.training.evaluation.page import page, safe, section, table
from medviewer.training.evaluation.plots import bars_plot
from medviewer.training.evaluation.report import METHOD, NOTICE, drawings, interval_words, name_of
from medviewer.training.evaluation.runs import compared

ENDINGS = (".txt", ".csv", ".html")
PAIRED = (
    "What each run has over the first, on the same pictures: figures of both on the same 1000 resamples of "
    "the groups. An interval that does not hold 0 is a difference that these pictures can tell."
)


def compare_runs(paths: Sequence[Path], output: Path | None = None, seed: int = 0) -> dict[str, Any]:
    """Compare the runs and, on request, write the table. Raises TrainingTrouble, ExportTrouble."""
    if output is not None and output.suffix.lower() not in ENDINGS:
        raise ExportTrouble(f"{output.name} is no name for a table.", f"End it in {', '.join(ENDINGS)}.")
    found = compared(paths, seed)
    if output is not None:
        content = {".txt": text, ".csv": rows_csv, ".html": html}[output.suffix.lower()](found)
        try:
            write_atomically(output, content.encode())
        except OSError as error:
            raise trouble(output, error) from None
    return found


def text(found: Mapping[str, Any]) -> str:
    """The table in letters of one width."""
    heads, rows = _rows(found["runs"])
    parts = [f"Runs ({found['task']})", *_lines((heads, *rows))]
    if found["differences"]:
        heads, rows = _rows(found["differences"])
        first = next(iter(found["runs"]))
        parts += ["", f"Less {first}, on the same pictures", *_lines((heads, *rows))]
    return "\n".join([*parts, *(["", *found["sentences"]] if found["sentences"] else [])]) + "\n"


def rows_csv(found: Mapping[str, Any]) -> str:
    """A row for each run and figure."""
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(("run", "kind", "figure", "value", "low", "high", "n"))
    for kind in ("runs", "differences"):
        for name, figures in found[kind].items():
            for figure, one in figures.items():
                if figure != "n":
                    count = found["runs"][name]["n"]
                    word = "figure" if kind == "runs" else "difference"
                    writer.writerow((name, word, figure, one["value"], one["low"], one["high"], count))
    return content.getvalue()


def html(found: Mapping[str, Any]) -> str:
    """The comparison as one page."""
    heads, rows = _rows(found["runs"])
    main = next(name for name in next(iter(found["runs"].values())) if name != "n")
    drawn = bars_plot(
        name_of(main), "95 % interval", [(name, *_ends(one[main])) for name, one in found["runs"].items()]
    )
    more, lines = _rows(found["differences"])
    sentences = "".join(f"<p>{safe(one)}</p>" for one in found["sentences"])
    blocks = [
        f'<h1>Comparison of {len(found["runs"])} runs</h1><p class="notice">{safe(NOTICE)}</p>',
        section(f"Runs: {found['task']}", table(heads, rows) + drawings((drawn,)), METHOD),
        section("Differences", table(more, lines) if lines else "", PAIRED),
        section("Not compared picture by picture", sentences),
    ]
    return page("Comparison of runs", blocks)


def _rows(runs: Mapping[str, Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    names = list(dict.fromkeys(figure for one in runs.values() for figure in one if figure != "n"))
    has_counts = any("n" in one for one in runs.values())
    heads = ["Run", *(["n"] if has_counts else []), *(name_of(name) for name in names)]
    rows = []
    for name, one in runs.items():
        cells = [interval_words(*_measured(one.get(figure))) for figure in names]
        rows.append([name, *([str(one["n"])] if has_counts else []), *cells])
    return heads, rows


def _measured(one: Mapping[str, float] | None) -> tuple[float | None, tuple[float, float] | None]:
    return (None, None) if one is None else (one["value"], (one["low"], one["high"]))


def _ends(one: Mapping[str, float]) -> tuple[float, float, float]:
    return one["value"], one["low"], one["high"]


def _lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Runs as columns would be too wide for a terminal: figures stand below each other."""
    turned = list(zip(*rows, strict=True))
    widths = [max(len(cell) for cell in column) for column in zip(*turned, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in turned
    ]
