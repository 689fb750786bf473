"""A number that a model gives is kept, told on the picture, in the report and in DICOM with its unit."""

from __future__ import annotations

from dataclasses import replace

import highdicom as hd
import pytest

from medviewer.core.finding import Finding, Provenance, State
from medviewer.export.dicom.groups import Stated, of_finding
from medviewer.session.keeping.plain import plain_reading, reading_of
from medviewer.session.state import Reading

WHO = Provenance("bone-age", "1.0", "0" * 64, "2026-01-01T00:00:00+00:00")
AGE = Finding("Bone age", 1.0, 0.0, WHO, 0, State.ACCEPTED, 11.46, "years")


def test_a_number_says_itself_with_its_unit() -> None:
    assert AGE.number == "11.46 years"
    assert replace(AGE, unit="").number == "11.46"
    assert replace(AGE, value=None, score=0.873).number == "0.87"


def test_a_number_is_kept_with_the_work() -> None:
    reading = Reading("1.2.3", findings=(AGE, Finding("Pneumonia", 0.8, 0.5, WHO, 0)))
    assert reading_of(plain_reading(reading)).findings == reading.findings


@pytest.mark.parametrize(
    ("unit", "code"),
    [("years", "{years}"), ("mm", "mm"), ("", "1"), ("%", "%"), ("\N{GREEK SMALL LETTER MU}", "1")],
)
def test_a_report_in_dicom_measures_it_and_says_neither_certain_nor_present(unit: str, code: str) -> None:
    group = of_finding(Stated(replace(AGE, unit=unit), ()))
    items = hd.sr.utils.find_content_items(group[0], recursive=True)
    numbers = [item for item in items if item.ValueType == "NUM"]
    assert [float(one.value) for one in numbers] == [11.46]
    assert numbers[0].name.meaning == "Bone age"
    assert numbers[0].unit.value == code
    names = [item.name.meaning for item in items]
    assert "Certainty of Finding" not in names
    assert "Assessed by a reader" in names
