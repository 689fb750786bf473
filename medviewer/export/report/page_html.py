"""A report as one HTML file: pictures are in it, nothing is loaded and nothing runs."""

from __future__ import annotations

import base64
from html import escape

from medviewer.export.picture import encoded
from medviewer.export.report.content import Report, Shot, Table, plain

STYLE = """
@page { margin: 14mm 15mm 16mm; @bottom-right { content: counter(page) " / " counter(pages);
 font: 8pt system-ui, sans-serif; color: #444; } }
body { margin: 0 auto; max-width: 190mm; padding: 6mm; color: #111; background: #fff;
 font: 10pt/1.4 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 17pt; margin: 0 0 2mm; }
h2 { font-size: 11.5pt; margin: 5mm 0 1.5mm; break-after: avoid; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.6mm 5mm; margin: 0; }
dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; }
p { margin: 0 0 2mm; overflow-wrap: anywhere; } .words { white-space: pre-wrap; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(75mm, 1fr)); gap: 4mm; }
.pictures.one { grid-template-columns: minmax(0, 120mm); }
figure { margin: 0; break-inside: avoid; }
img { display: block; max-width: 100%; max-height: 120mm; background: #000; }
figcaption { font-size: 8.5pt; color: #333; overflow-wrap: anywhere; margin-top: 1mm; }
table.rows { width: 100%; border-collapse: collapse; font-size: 9pt; table-layout: fixed; }
.rows th { text-align: left; border-bottom: 0.4mm solid #333; padding: 0.8mm 1.5mm; vertical-align: bottom; }
.rows td { border-bottom: 0.2mm solid #ccc; padding: 0.8mm 1.5mm; vertical-align: top;
 overflow-wrap: anywhere; white-space: pre-line; }
.rows tr { break-inside: avoid; } .rows thead { display: table-header-group; }
.note { font-size: 8.5pt; color: #444; margin-top: 1mm; }
.sheet { width: 100%; border-collapse: collapse; } .sheet > * > tr > td { padding: 0; }
.sheet > tfoot { display: table-footer-group; }
.foot { border-top: 0.2mm solid #999; margin-top: 4mm; padding-top: 1mm; font-size: 8.5pt; color: #333;
 display: flex; justify-content: space-between; gap: 4mm; }
.foot strong { color: #111; }
@media print { body { padding: 0; max-width: none; } }
"""
SAFETY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def html(report: Report) -> str:
    """The report as a page that prints on A4 and Letter with the notice on every sheet."""
    blocks = [
        f"<h1>{_safe(report.title)}</h1>",
        _facts(report),
        _section("Impression", f'<p class="words">{_safe(report.words)}</p>' if report.words else ""),
        _pictures(report.pictures),
        *map(_table, report.tables),
    ]
    foot = (
        f'<div class="foot"><strong>{_safe(report.notice)}</strong>'
        f"<span>{_safe(f'{report.program}, {report.made}')}</span></div>"
    )
    # the foot of a table is what all browsers repeat on every sheet they print
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{SAFETY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_safe(report.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<table class="sheet" role="presentation"><tfoot><tr><td>{foot}</td></tr></tfoot>\n'
        "<tbody><tr><td>\n"
        + "\n".join(filter(None, blocks))
        + "\n</td></tr></tbody></table>\n</body>\n</html>\n"
    )


def _facts(report: Report) -> str:
    rows = "".join(f"<dt>{_safe(name)}</dt><dd>{_safe(value)}</dd>" for name, value in report.facts)
    return f"<dl>{rows}</dl>" if rows else ""


def _pictures(shots: tuple[Shot, ...]) -> str:
    one = " one" if len(shots) == 1 else ""
    figures = "\n".join(map(_figure, shots))
    return _section("Pictures", f'<div class="pictures{one}">\n{figures}\n</div>' if shots else "")


def _figure(shot: Shot) -> str:
    content = base64.b64encode(encoded(shot.pixels, ".png")).decode("ascii")
    words = "<br>".join(
        map(_safe, (f"{shot.letter}  {shot.lines[0]}" if shot.lines else shot.letter, *shot.lines[1:]))
    )
    height, width = shot.pixels.shape[:2]
    return (
        f'<figure><img alt="Picture {_safe(shot.letter)}" width="{width}" height="{height}" '
        f'style="height:auto" src="data:image/png;base64,{content}">'
        f"<figcaption>{words}</figcaption></figure>"
    )


def _table(table: Table) -> str:
    whole = sum(table.shares)
    widths = "".join(f'<col style="width:{share / whole * 100:.1f}%">' for share in table.shares)
    heads = "".join(f'<th scope="col">{_safe(head)}</th>' for head in table.heads)
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{_safe(text)}</td>" for text in row) + "</tr>" for row in table.rows
    )
    note = f'<p class="note">{_safe(table.note)}</p>' if table.note else ""
    content = (
        f'<table class="rows"><colgroup>{widths}</colgroup><thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table>{note}"
    )
    return _section(table.title, content)


def _section(title: str, content: str) -> str:
    return f"<section><h2>{_safe(title)}</h2>\n{content}</section>" if content else ""


def _safe(text: str) -> str:
    return escape(plain(text), quote=True)
