"""How studies and series are named in lists."""

from __future__ import annotations

from medviewer.core.study import Study


def study_lines(study: Study) -> tuple[str, str]:
    """Whose study it is, and what was done when."""
    day = study.date
    date = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdigit() else day
    name = study.patient.called or "(no name)"
    return name, "  ".join(part for part in (date, study.description) if part)


def plain_tip(text: str) -> str:
    """Words from a file for a tool tip: Qt would read what looks like markup as such."""
    return text.replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}")
