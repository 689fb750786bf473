"""A page that stands alone: pictures and drawings are in it, nothing is loaded or run, texts are escaped."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from medviewer.export.picture import small
from medviewer.export.report.content import plain

SAFETY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
QUALITY = 90
"""Of pictures: nobody measures on them."""
STYLE = """
@page { margin: 14mm; }
body { margin: 0 auto; max-width: 1080px; padding: 20px; color: #111; background: #fff;
 font: 14px/1.45 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 26px 0 8px; break-after: avoid; }
p { margin: 0 0 8px; overflow-wrap: anywhere; } .note { color: #555; font-size: 12.5px; }
.notice { border-left: 4px solid #d55e00; padding: 4px 10px; margin: 10px 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 0; }
dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th { text-align: left; border-bottom: 2px solid #333; padding: 3px 14px 3px 4px; vertical-align: bottom; }
td { border-bottom: 1px solid #ddd; padding: 3px 14px 3px 4px; overflow-wrap: anywhere; }
tr { break-inside: avoid; } tr.small td { color: #777; }
.drawings { display: flex; flex-wrap: wrap; gap: 14px; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 14px; }
figure { margin: 0; break-inside: avoid; } figcaption { font-size: 12px; color: #444; }
svg { display: block; max-width: 100%; height: auto; } img { display: block; max-width: 100%; }
@media print { body { padding: 0; max-width: none; } }
"""


def page(title: str, blocks: Sequence[str]) -> str:
    """*blocks* of HTML as one page."""
    body = "\n".join(filter(None, blocks))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{SAFETY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def section(title: str, content: str, note: str = "") -> str:
    """*content* under a heading; nothing where there is none."""
    told = f'<p class="note">{safe(note)}</p>' if note else ""
    return f"<section><h2>{safe(title)}</h2>\n{content}{told}</section>" if content else ""


def facts(rows: Sequence[tuple[str, str]]) -> str:
    """Names and what they are; empty ones are left out."""
    lines = "".join(f"<dt>{safe(name)}</dt><dd>{safe(text)}</dd>" for name, text in rows if text)
    return f"<dl>{lines}</dl>" if lines else ""


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], small: Sequence[bool] = ()) -> str:
    """A table; rows that are *small* are pale."""
    if not rows:
        return ""
    top = "".join(f'<th scope="col">{safe(head)}</th>' for head in heads)
    lines = []
    for at, row in enumerate(rows):
        look = ' class="small"' if at < len(small) and small[at] else ""
        lines.append(f"<tr{look}>" + "".join(f"<td>{safe(cell)}</td>" for cell in row) + "</tr>")
    return f"<table><thead><tr>{top}</tr></thead>\n<tbody>\n" + "\n".join(lines) + "\n</tbody></table>"


def drawing(svg: str, note: str = "") -> str:
    """An SVG that this program drew, with what is to be said of it."""
    told = f"<figcaption>{safe(note)}</figcaption>" if note else ""
    return f"<figure>{svg}{told}</figure>"


def picture(pixels: NDArray[np.uint8], lines: Sequence[str]) -> str:
    """A picture with its words."""
    content = base64.b64encode(small(pixels, QUALITY)).decode("ascii")
    height, width = pixels.shape[:2]
    words = "<br>".join(safe(line) for line in lines)
    return (
        f'<figure><img alt="{safe(lines[0] if lines else "")}" width="{width}" height="{height}" '
        f'style="height:auto" src="data:image/jpeg;base64,{content}">'
        f"<figcaption>{words}</figcaption></figure>"
    )


def safe(text: str) -> str:
    """*text* from whomever, as harmless HTML."""
    return escape(plain(text), quote=True)
