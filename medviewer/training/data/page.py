"""What is in the data as one page: self-contained HTML without scripts or names of files and patients."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from medviewer.export.picture import encoded
from medviewer.training.data.sheet import Strip, Tile

_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;color:#111;background:#fff;margin:2em auto;padding:0 1em}
body{max-width:1180px}
h1{font-size:1.5em;margin:0 0 .2em}h2{font-size:1.15em;margin:1.6em 0 .4em}h3{font-size:1em;margin:1em 0 .3em}
table{border-collapse:collapse;margin:.3em 0}
td,th{padding:.2em .8em .2em 0;text-align:left;border-bottom:1px solid #ddd}
td.n{text-align:right;font-variant-numeric:tabular-nums}ul{margin:.2em 0}.w{color:#8a3b00}.s{color:#555}
.strip{display:flex;flex-wrap:wrap;gap:8px}figure{margin:0}figcaption{font-size:11px;color:#555}
img{display:block;background:#000;image-rendering:auto}
"""


def page_of(found: Mapping[str, Any], sheet: Sequence[Strip], changed: Sequence[Strip] = ()) -> str:
    """The page of a summary, with a contact sheet and, where there is one, that of augmented examples."""
    parts = [
        f"<h1>{escape(str(found['data']))}</h1>",
        f'<p class="s">{found["usable"]} of {found["examples"]} examples can be used for {found["task"]}; '
        f"one example is a {found['unit']}; {found['groups']} {found['grouping']}s.</p>",
        _warnings(found["warnings"]),
        _classes(found),
        _values("Sizes in pixels", found["sizes"]),
        _values("Pixel spacing", found["spacing"]),
        _values("Values", found["values"]),
        *(_values(f"Subgroups: {name}", row) for name, row in found["subgroups"].items()),
        _faults(found),
        _list("Decided on the way", found["decided"]),
        _strips("Examples", sheet),
        _strips("Examples as they are augmented", changed),
        '<p class="s">Pictures are shown as they are; numbers count the examples in the order of the data. '
        "Look for names burnt into pictures before this page is passed on.</p>",
    ]
    title = escape(str(found["data"]))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _warnings(sentences: Sequence[str]) -> str:
    if not sentences:
        return "<p>Nothing is wrong that can be found without knowing the patients.</p>"
    return _list("To be looked at", sentences, "w")


def _classes(found: Mapping[str, Any]) -> str:
    rows: Mapping[str, Mapping[str, Any]] = found["classes"]
    if not rows:
        return _values("Parts", found["parts"])
    columns = list(dict.fromkeys(key for row in rows.values() for key in row))
    is_counted = found["task"] != "regression"
    head = "".join(f"<th>{escape(one.replace('_', ' '))}</th>" for one in columns)
    head += "<th>all</th>" if is_counted and len(columns) > 1 else ""
    body = []
    for name, row in rows.items():
        cells = [row.get(one, 0) for one in columns]
        if is_counted and len(columns) > 1:
            cells.append(sum(cells))
        body.append(
            f"<tr><td>{escape(name)}</td>"
            + "".join(f'<td class="n">{_told(one)}</td>' for one in cells)
            + "</tr>"
        )
    return f"<h2>What is to be learnt</h2><table><tr><th></th>{head}</tr>{''.join(body)}</table>"


def _values(title: str, values: Mapping[str, Any]) -> str:
    if not values:
        return ""
    rows = "".join(
        f'<tr><td>{escape(str(name).replace("_", " "))}</td><td class="n">{_told(value)}</td></tr>'
        for name, value in values.items()
    )
    return f"<h2>{escape(title)}</h2><table>{rows}</table>"


def _faults(found: Mapping[str, Any]) -> str:
    """How many of each fault; which files they are stands in the JSON file beside the page."""
    names = ("duplicates", "contradictions", "leaks", "constant", "unused")
    return _values("Faults, by number", {name: len(found[name]) for name in names})


def _list(title: str, sentences: Sequence[str], look: str = "") -> str:
    if not sentences:
        return ""
    items = "".join(f"<li>{escape(one)}</li>" for one in sentences)
    return f'<h2>{escape(title)}</h2><ul class="{look}">{items}</ul>'


def _strips(title: str, strips: Sequence[Strip]) -> str:
    if not strips:
        return ""
    found = [f"<h2>{escape(title)}</h2>"]
    for strip in strips:
        tiles = "".join(map(_figure, strip.tiles))
        found.append(f'<h3>{escape(strip.title)}</h3><div class="strip">{tiles}</div>')
    return "".join(found)


def _figure(tile: Tile) -> str:
    rows, columns = tile.pixels.shape[:2]
    words, content = escape(tile.words), b64encode(encoded(tile.pixels, ".png")).decode()
    return (
        f'<figure><img alt="{words}" width="{columns}" height="{rows}" src="data:image/png;base64,{content}">'
        f"<figcaption>{words}</figcaption></figure>"
    )


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return escape(", ".join(f"{name} {_told(one)}" for name, one in value.items()))
    if isinstance(value, (list, tuple)):
        return escape(", ".join(map(_told, value)))
    return escape(f"{value:g}" if isinstance(value, float) else str(value))
