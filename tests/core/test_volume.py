"""Stored values become modality values without losing digits; padding is known; arrays are read-only."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.geometry import Plane
from medviewer.core.voi import Lut
from medviewer.core.volume import Frame, Rescale, read_only

PLANE = Plane((2, 2))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(-32768, 32767), min_size=1, max_size=10),
    st.floats(-100, 100).filter(lambda value: abs(value) > 1e-3),
    st.floats(-5000, 5000),
)
def test_a_line_agrees_with_exact_arithmetic(stored, slope, intercept):
    values = Rescale(slope, intercept).apply(np.array(stored, np.int16))
    exact = np.array(stored, np.float64) * slope + intercept
    assert values.dtype == np.float32
    assert values == pytest.approx(exact, rel=1e-6, abs=(abs(slope) * 32768 + abs(intercept)) * 2e-7)


def test_wide_numbers_keep_their_last_digits_when_the_intercept_brings_them_near_zero():
    stored = np.array([2**31, 2**31 + 1, 2**31 + 7], np.uint32)
    assert Rescale(1.0, -(2.0**31)).apply(stored).tolist() == [0, 1, 7]


def test_without_a_line_the_numbers_are_those_of_the_file():
    stored = np.array([[0, 65535], [1, 2]], np.uint16)
    assert Rescale().apply(stored).tolist() == stored.tolist()


def test_a_table_replaces_the_line_and_its_ends_hold_beyond_it():
    rescale = Rescale(5.0, 5.0, Lut(first=-2, bits=16, entries=(10, 20, 40)))
    stored = np.array([-32768, -3, -2, -1, 0, 1, 32767], np.int16)
    assert rescale.apply(stored).tolist() == [10, 10, 10, 20, 40, 40, 40]


def test_an_unsigned_picture_below_a_table_that_begins_later_takes_its_first_entry():
    rescale = Rescale(lut=Lut(first=100, bits=16, entries=(7, 8)))
    assert rescale.apply(np.array([0, 99, 100, 101, 65535], np.uint16)).tolist() == [7, 7, 7, 8, 8]


def test_rescaling_does_not_write_into_the_picture():
    stored = read_only(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))
    assert Rescale(2.0, 1.0).apply(stored).tolist() == [[3, 5], [7, 9]]
    assert stored.tolist() == [[1, 2], [3, 4]]


def test_padding_is_a_range_of_stored_values_both_ends_included():
    pixels = np.array([[-2001, -2000], [-1999, -1500]], np.int16)
    padded = Frame(pixels, PLANE, padding=(-2000, -1999)).padded
    assert padded.tolist() == [[False, True], [True, False]]


@pytest.mark.parametrize("padding", [None, (-5, -1), (70_000, 80_000)])
def test_a_picture_without_padding_values_says_so(padding):
    assert Frame(np.zeros((2, 2), np.uint16), PLANE, padding=padding).padded is None


def test_colour_has_no_padding():
    frame = Frame(np.zeros((2, 2, 3), np.uint8), PLANE, padding=(0, 0))
    assert frame.is_color
    assert frame.padded is None


def test_a_read_only_array_cannot_be_written_to():
    array = read_only(np.zeros(3))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
