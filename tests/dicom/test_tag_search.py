"""An element is found by whatever part of it somebody remembers."""

from __future__ import annotations

import pytest

from medviewer.dicom.tag_search import searched, with_ancestors
from medviewer.dicom.tags import TagRow, ancestors

ROWS = (
    TagRow(0, "(0010,0010)", "PN", "PatientName", "Patient's Name", "Doe^Jane"),
    TagRow(
        0, "(0018,6011)", "SQ", "SequenceOfUltrasoundRegions", "Sequence of Ultrasound Regions", "2 items"
    ),
    TagRow(1, "(FFFE,E000)", "", "", "Item 1", ""),
    TagRow(2, "(0018,602C)", "FD", "PhysicalDeltaX", "Physical Delta X", "0.05"),
    TagRow(1, "(FFFE,E000)", "", "", "Item 2", ""),
    TagRow(2, "(0018,602C)", "FD", "PhysicalDeltaX", "Physical Delta X", "0.07"),
    TagRow(0, "(0019,1023)", "DS", "", "[Table Speed [mm/rotation]]", "27.5", "GEMS_ACQU_01"),
    TagRow(0, "(0028,1053)", "DS", "RescaleSlope", "Rescale Slope", "1"),
)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("0028,1053", [7]),
        ("(0028,1053)", [7]),
        ("00281053", [7]),
        ("0028,10", [7]),
        ("0018", [1, 3, 5]),
        ("0018,602c", [3, 5]),
        ("RescaleSlope", [7]),
        ("rescale slope", [7]),
        ("slope RESCALE", [7]),
        ("doe", [0]),
        ("SQ", [1]),
        ("0.07", [5]),
        ("gems_acqu", [6]),
        ("physical 0.05", [3]),
        ("nothing like it", []),
        ("   ", []),
        ("(", [0, 1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_number_keyword_name_representation_creator_and_value_are_searched(
    wanted: str, found: list[int]
) -> None:
    assert list(searched(ROWS, wanted)) == found


def test_what_was_found_is_shown_with_the_sequences_it_lies_in() -> None:
    assert ancestors(ROWS) == [-1, -1, 1, 2, 1, 4, -1, -1]
    assert with_ancestors(ancestors(ROWS), searched(ROWS, "0.07")) == (1, 4, 5)
