"""How a training went, as a table and as a drawing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from medviewer.kit.files import write_atomically

WIDTH, HEIGHT, EDGE = 360, 240, 44
_COLORS = ("#0072b2", "#d55e00")


def write_history(folder: Path, epochs: Sequence[Any], figures: dict[str, Any], score: str) -> None:
    """Write ``metrics.csv`` (one row per epoch), ``metrics.json`` and ``curves.svg``. Raises OSError."""
    names = ("number", "loss", "val_loss", "score", "seconds")
    rows = [{name: getattr(epoch, name) for name in names} for epoch in epochs]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("epoch", "loss", "val_loss", f"val_{score.lower()}", "seconds"))
    table.writerows([row["number"], *(f"{row[name]:.6g}" for name in names[1:])] for row in rows)
    write_atomically(folder / "metrics.csv", text.getvalue().encode())
    whole = json.dumps({"epochs": rows, "figures": figures}, indent=1, ensure_ascii=False)
    write_atomically(folder / "metrics.json", whole.encode())
    write_atomically(folder / "curves.svg", drawn(rows, score).encode())


def drawn(rows: Sequence[dict[str, float]], score: str) -> str:
    """Loss on the left, the score on the right, over the epochs; an SVG picture."""
    losses = {"training": [row["loss"] for row in rows], "validation": [row["val_loss"] for row in rows]}
    left = _panel("Loss", losses, 0)
    right = _panel(f"Validation {score}", {"validation": [row["score"] for row in rows]}, WIDTH)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * WIDTH}" height="{HEIGHT}" '
        f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>'
        f"{left}{right}</svg>\n"
    )


def _panel(title: str, lines: dict[str, list[float]], at: int) -> str:
    values = [value for line in lines.values() for value in line]
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    inner = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    parts = [
        f'<g transform="translate({at},0)"><text x="{EDGE}" y="20" font-size="13">{escape(title)}</text>',
        f'<rect x="{EDGE}" y="{EDGE}" width="{inner[0]}" height="{inner[1]}" fill="none" stroke="#999"/>',
    ]
    for share in (0.0, 0.5, 1.0):
        y = EDGE + inner[1] * (1 - share)
        parts.append(
            f'<text x="{EDGE - 4}" y="{y + 4:.0f}" text-anchor="end">{low + share * span:.3g}</text>'
        )
    for number, (name, line) in enumerate(lines.items()):
        color = _COLORS[number % len(_COLORS)]
        places = [
            f"{EDGE + inner[0] * step / max(1, len(line) - 1):.1f},"
            f"{EDGE + inner[1] * (1 - (value - low) / span):.1f}"
            for step, value in enumerate(line)
        ]
        parts.append(
            f'<polyline points="{" ".join(places)}" fill="none" stroke="{color}" stroke-width="1.5"/>'
        )
        parts.append(
            f'<text x="{EDGE + 6 + 80 * number}" y="{EDGE + 14}" fill="{color}">{escape(name)}</text>'
        )
    epochs = len(next(iter(lines.values())))
    parts.append(
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">epochs 1 to {epochs}</text></g>'
    )
    return "".join(parts)
