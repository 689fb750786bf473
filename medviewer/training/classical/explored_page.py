"""What was explored as one page: self-contained HTML without scripts or names of files."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster import hierarchy

from medviewer.export.picture import encoded
from medviewer.training.classical.exploring import Clusters, Explored
from medviewer.training.evaluation.drawing import COLORS, INK, Axes, Line, limits, picture, words_of

Picture = Callable[[int], NDArray[np.float32]]
"""the prepared picture of a row, (row, column) in 0..1"""
WIDE, TILE = 520, 56
UNKNOWN = "#888888"
_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;color:#111;background:#fff;margin:2em auto;padding:0 1em}
body{max-width:1180px}h1{font-size:1.5em;margin:0 0 .2em}h2{font-size:1.15em;margin:1.6em 0 .2em}
.row{display:flex;flex-wrap:wrap;gap:16px}.s{color:#555;max-width:52em;margin:.2em 0 .6em}
svg{max-width:100%;height:auto}
"""


def page_of(
    name: str, found: Explored, classes: NDArray[np.int64], names: Sequence[str], read: Picture, how: str
) -> str:
    """The page; *classes* (n,) are places in *names*, or -1; *how* says which features were taken."""
    parts = [
        f"<h1>{escape(name)}, explored</h1>",
        f'<p class="s">{len(classes)} pictures by {escape(how)}. What lies near to each other has similar '
        "features. Classes only give colours: nothing was learnt from them.</p>",
        _section(
            "Principal components",
            "The directions along which pictures differ most. "
            + " ".join(
                f"Component {at}: {escape(', '.join(one))}." for at, one in enumerate(found.loadings, 1)
            ),
            [
                _scatter("By class", found.principal, classes, names, "component"),
                _scatter(
                    "By cluster of k-means", found.principal, found.means.numbers, _numbered(found.means),
                    "component",
                ),
                _variance(found.explained),
            ],
        ),
        _section(
            "Independent components",
            "The two directions whose values are least like noise.",
            [_scatter("By class", found.independent, classes, names, "independent component")],
        ),
        _section("k-means", _agreement(found.means), []),
        _section("Tree of similar pictures (Ward)", _agreement(found.tree), [_tree(found, classes, names)]),
        _section(
            "Self-organising map",
            "Each node shows the picture next to it, how many pictures it has, and a frame in the colour of "
            f"the commonest class. {found.sheet.torn:.0%} have their two nearest nodes apart.",
            [_map(found, classes, read)],
        ),
    ]  # fmt: skip
    if found.embedded is not None:
        rows = found.embedded_rows
        drawing = _scatter("By class", found.embedded, classes[rows], names, "t-SNE")
        words = "Neighbours are meant; distances between groups and their sizes say nothing."
        parts.append(_section("t-SNE", words, [drawing]))
    title = escape(name)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}, explored</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _section(title: str, words: str, drawings: Sequence[str]) -> str:
    return f'<h2>{escape(title)}</h2><p class="s">{words}</p><div class="row">{"".join(drawings)}</div>'


def _agreement(found: Clusters) -> str:
    rand = (
        "" if found.rand is None
        else f" Adjusted Rand index with the classes {found.rand:.3f} (1 as the classes, 0 as by chance)."
    )  # fmt: skip
    return f"{int(found.numbers.max()) + 1} clusters; silhouette {found.silhouette:.3f} (-1 to 1).{rand}"


def _numbered(found: Clusters) -> list[str]:
    return [f"cluster {at + 1}" for at in range(int(found.numbers.max()) + 1)]


def _color(number: int) -> str:
    return UNKNOWN if number < 0 else COLORS[number % len(COLORS)]


def _scatter(
    title: str, points: NDArray[Any], numbers: NDArray[np.int64], names: Sequence[str], axis: str
) -> str:
    second = points[:, 1] if points.shape[1] > 1 else np.zeros(len(points))
    axes = Axes(
        title,
        (f"{axis} 1", *limits(points[:, 0])),
        (f"{axis} 2", *limits(second)),
        (WIDE, 400),
    )
    for number in np.unique(numbers).tolist():
        of = numbers == number
        axes.line(Line("", points[of, 0], second[of], _color(number), marked=True))
    axes.legend([(name, _color(at)) for at, name in enumerate(names)], at_top=True)
    return axes.svg()


def _variance(shares: NDArray[np.float64]) -> str:
    axes = Axes("Explained variance", ("component", 0.5, len(shares) + 0.5), ("share", 0.0, 1.0))
    for at, share in enumerate(shares.tolist(), 1):
        axes.bar(at - 0.4, at + 0.4, share, COLORS[0])
    steps = np.arange(1.0, len(shares) + 1)
    axes.line(Line("sum", steps, np.cumsum(shares), COLORS[1]))
    axes.legend([("each", COLORS[0]), ("sum", COLORS[1])], at_top=True)
    return axes.svg()


def _tree(found: Explored, classes: NDArray[np.int64], names: Sequence[str]) -> str:
    """Branches above, below each leaf its class as a stripe of colour."""
    drawn: Any = hierarchy.dendrogram(found.linkage, no_plot=True)
    wide, high, left, foot = 1100, 360, 20, 56
    leaves = drawn["leaves"]
    most = max(max(line) for line in drawn["dcoord"]) or 1.0
    step = (wide - 2 * left) / (10.0 * len(leaves))

    def place(x: float, y: float) -> str:
        return f"{left + x * step:.1f},{high - foot - y / most * (high - foot - 20):.1f}"

    parts = [
        f'<polyline points="{" ".join(place(*one) for one in zip(x, y, strict=True))}" fill="none" '
        f'stroke="{INK}" stroke-width="0.8"/>'
        for x, y in zip(drawn["icoord"], drawn["dcoord"], strict=True)
    ]
    for at, leaf in enumerate(leaves):
        color = _color(int(classes[found.tree_rows[leaf]]))
        parts.append(
            f'<rect x="{left + at * 10 * step:.1f}" y="{high - foot + 4}" width="{10 * step:.2f}" '
            f'height="16" fill="{color}"/>'
        )
    x = float(left)
    for at, name in enumerate(names[:8]):
        parts.append(f'<rect x="{x:.0f}" y="{high - 20}" width="10" height="10" fill="{_color(at)}"/>')
        parts.append(f'<text x="{x + 14:.0f}" y="{high - 11}">{words_of(name, 24)}</text>')
        x += 34 + 6.5 * min(24, len(name))
    return picture(parts, (wide, high))


def _map(found: Explored, classes: NDArray[np.int64], read: Picture) -> str:
    rows, columns = found.sheet.nodes.shape[:2]
    parts = []
    for row in range(rows):
        for column in range(columns):
            of = np.flatnonzero((found.places == (row, column)).all(axis=1))
            x, y = 8 + column * (TILE + 8), 8 + row * (TILE + 8)
            if not len(of):
                parts.append(
                    f'<rect x="{x}" y="{y}" width="{TILE}" height="{TILE}" fill="#f2f2f2" stroke="#ddd"/>'
                )
                continue
            known = classes[of][classes[of] >= 0]
            color = _color(int(np.bincount(known).argmax())) if len(known) else UNKNOWN
            grey = np.round(np.clip(read(found.shown[row, column]), 0, 1) * 255).astype(np.uint8)
            small = grey[:: max(1, grey.shape[0] // TILE), :: max(1, grey.shape[1] // TILE)]
            content = b64encode(encoded(small, ".png")).decode()
            parts.append(
                f'<image x="{x}" y="{y}" width="{TILE}" height="{TILE}" '
                f'href="data:image/png;base64,{content}"/>'
                f'<rect x="{x}" y="{y}" width="{TILE}" height="{TILE}" fill="none" stroke="{color}" '
                f'stroke-width="4"/><rect x="{x + 2}" y="{y + 2}" width="{8 + 7 * len(str(len(of)))}" '
                f'height="15" fill="#000" fill-opacity="0.7"/>'
                f'<text x="{x + 6}" y="{y + 14}" fill="#fff">{len(of)}</text>'
            )
    return picture(parts, (columns * (TILE + 8) + 8, rows * (TILE + 8) + 8))
