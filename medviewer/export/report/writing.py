"""Reports as files: complete and readable, or not there at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from medviewer.export.exporter import trouble
from medviewer.export.report.content import Report
from medviewer.kit.errors import BadValue
from medviewer.kit.files import write_atomically

ENDINGS = (".pdf", ".html", ".htm")


def check_ending(path: Path) -> None:
    """Raise BadValue unless *path* is named like a report."""
    if path.suffix.lower() not in ENDINGS:
        raise BadValue(f"{path.name} has no ending of a report.", "Reports are written as .pdf and as .html.")


def write_report(
    report: Report, path: Path, paper: str = "A4", check: Callable[[], object] = lambda: None
) -> Path:
    """Write *report* as PDF or HTML, as the ending of *path* says; *paper* is A4 or Letter.

    *check* is called now and then and may raise to stop it. Raises BadValue, ExportTrouble.
    """
    check_ending(path)
    content = _content(report, path.suffix.lower() == ".pdf", paper, check)
    check()
    try:
        if not path.parent.is_dir():
            raise FileNotFoundError
        write_atomically(path, content)
    except OSError as error:
        raise trouble(path, error) from None
    return path


def _content(report: Report, is_pdf: bool, paper: str, check: Callable[[], object]) -> bytes:
    if is_pdf:
        # whoever asks for a report need not wait for what writes it: a worker calls this
        from medviewer.export.report.page_pdf import pdf  # noqa: PLC0415

        return pdf(report, paper, check)
    from medviewer.export.report.page_html import html  # noqa: PLC0415  (see above)

    return html(report).encode("utf-8", "replace")
