"""How studies and series are named in lists."""

from __future__ import annotations

from medviewer.core.study import Series, Study
from medviewer.gui.messages import counted


def study_lines(study: Study) -> tuple[str, str]:
    """Whose study it is, and what was done when."""
    day = study.date
    date = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdigit() else day
    name = study.patient.called or "(no name)"
    return name, "  ".join(part for part in (date, study.description) if part)


def pictures_in(series: Series) -> str:
    """How many pictures a series has: "35 pictures", "12 × 20 pictures" of places and phases."""
    if series.dimension is None:
        return counted(series.count, "picture")
    return f"{series.places} × {len(series.dimension.values)} pictures"


def plain_tip(text: str) -> str:
    """Words from a file for a tool tip: Qt would read what looks like markup as such."""
    return text.replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}")
