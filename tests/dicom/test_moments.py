"""Dates and times of files, beside those of pydicom."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.valuerep import DT

from medviewer.dicom.moments import date_with_time, moment


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), st.integers(0, 6))
def test_a_moment_is_that_of_pydicom_however_exactly_it_is_written(at: datetime, digits: int) -> None:
    text = f"{at:%Y%m%d%H%M%S}.{at:%f}"[: 15 + digits].rstrip(".")
    found = moment(text)
    assert found is not None
    assert abs(found - DT(text).replace(tzinfo=None)) < timedelta(microseconds=2)
    assert date_with_time(text[:8], text[8:]) == found


def test_an_offset_counts_only_where_the_other_times_have_one() -> None:
    assert moment("20200102100000+0100") == datetime(2020, 1, 2, 10)
    assert moment("20200102100000+0100", "-0500") == datetime(2020, 1, 2, 4)


@pytest.mark.parametrize("text", ["", "2020", "20201301100000", "20200102250000", "noon", "20200102"])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moment(text) is None


def test_dates_with_points_and_times_with_colons_are_read_and_half_of_either_is_not() -> None:
    assert date_with_time("2020.01.02", "10:11:12") == datetime(2020, 1, 2, 10, 11, 12)
    assert date_with_time("20200102", "") is None
    assert date_with_time("", "20200102101112") is None


def test_a_leap_second_is_the_next_second() -> None:
    assert moment("20161231235960") == datetime(2017, 1, 1)
