"""Windows: what is usable, and what a drag makes of them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.voi import VOI, Curve, Lut, is_usable

DRAGS = st.floats(-5, 5)


@pytest.mark.parametrize(
    ("center", "width", "curve", "usable"),
    [
        (40, 400, Curve.LINEAR, True),
        (40, 1, Curve.LINEAR, True),
        (40, 0.999, Curve.LINEAR, False),
        (40, 0.001, Curve.LINEAR_EXACT, True),
        (40, 0.001, Curve.SIGMOID, True),
        (40, 0, Curve.LINEAR, False),
        (40, 0, Curve.LINEAR_EXACT, False),
        (40, -400, Curve.LINEAR, False),
        (40, -1, Curve.SIGMOID, False),
        (math.nan, 400, Curve.LINEAR, False),
        (40, math.nan, Curve.LINEAR_EXACT, False),
        (math.inf, 400, Curve.LINEAR, False),
        (40, math.inf, Curve.LINEAR, False),
        (-1024, 4096, Curve.LINEAR, True),
    ],
)
def test_only_windows_that_the_standard_allows_are_usable(center, width, curve, usable):
    assert is_usable(center, width, curve) is usable
    assert VOI(center, width, curve).is_known is usable


def test_nobody_has_chosen_a_window_at_first():
    assert not VOI.unknown().is_known
    assert VOI.unknown().with_inversion(True).inverted


def test_a_table_is_a_window_even_without_centre_and_width():
    assert VOI(lut=Lut(0, 8, (0, 128, 255))).is_known


@pytest.mark.parametrize(
    ("lowest", "highest"), [(0, 255), (-1024, 3071), (0.0, 3e-9), (-1e-10, 1e-10), (5, 6)]
)
def test_a_range_is_black_at_its_lowest_and_white_at_its_highest(lowest, highest):
    voi = VOI.from_range(lowest, highest)
    assert voi.curve is Curve.LINEAR_EXACT  # PS3.3 C.11.2.1.3.2
    assert voi.center - voi.width / 2 == pytest.approx(lowest, abs=1e-12)
    assert voi.center + voi.width / 2 == pytest.approx(highest, abs=1e-12)


@pytest.mark.parametrize("value", [0, 1000, -3.5, 1e30])
def test_a_range_of_one_value_is_still_a_window_around_it(value):
    voi = VOI.from_range(value, value)
    assert voi.is_known
    assert voi.center == value


def test_the_range_of_the_largest_numbers_does_not_overflow():
    assert math.isfinite(VOI.from_range(1e308, 1.7e308).center)


@pytest.mark.rule("P-14", "P-15", "P-21")
def test_a_window_for_values_in_another_unit_keeps_its_ends():
    # LINEAR, C 40 W 401, is black up to -160.5 and white above 239.5
    scaled = VOI(40, 401, name="Soft").scaled(0.1, 5)
    assert (scaled.curve, scaled.name) == (Curve.LINEAR_EXACT, "Soft")
    assert (scaled.center - scaled.width / 2, scaled.center + scaled.width / 2) == pytest.approx(
        (-160.5 * 0.1 + 5, 239.5 * 0.1 + 5)
    )
    assert VOI(40, 1).scaled(0.1).is_known, "a step stays a step"


def test_right_widens_and_up_brightens():
    start = VOI(40, 400, name="Abdomen")
    assert start.dragged(0.5, 0).width == 600
    assert start.dragged(-0.5, 0).width == 200
    assert start.dragged(0, 0.1).center == 0, "the centre falls, so more is white (IHE BIR)"
    assert start.dragged(0.5, 0.1) == VOI(0, 600), "it is no longer the window of that name"


def test_a_drag_keeps_curve_and_inversion():
    start = VOI(0.5, 0.2, Curve.SIGMOID, inverted=True)
    dragged = start.dragged(0.1, 0.1)
    assert (dragged.curve, dragged.inverted) == (Curve.SIGMOID, True)


def test_a_window_that_nobody_has_chosen_cannot_be_dragged():
    assert VOI.unknown().dragged(0.5, 0.5) == VOI.unknown()


def test_a_window_on_tiny_quantities_can_be_dragged_as_any_other():
    assert VOI.from_range(0, 3e-9).dragged(-0.5, 0).width == pytest.approx(1.5e-9)


def test_a_dragged_table_becomes_the_window_that_spans_it():
    table = VOI(lut=Lut(-100, 12, tuple(range(401))), inverted=True)
    assert table.as_window() == VOI(100, 400, Curve.LINEAR_EXACT, inverted=True)
    dragged = table.dragged(0.5, 0)
    assert (dragged.center, dragged.width, dragged.lut, dragged.inverted) == (100, 600, None, True)


WINDOWS = st.one_of(
    st.builds(VOI, st.floats(-5000, 5000), st.floats(1, 10_000)),
    st.builds(
        VOI, st.floats(-5, 5), st.floats(1e-9, 100), st.sampled_from([Curve.LINEAR_EXACT, Curve.SIGMOID])
    ),
    st.builds(
        lambda first, count: VOI(lut=Lut(first, 8, (0,) * count)), st.integers(-50, 50), st.integers(1, 9)
    ),
)


@settings(max_examples=80, deadline=None)
@given(WINDOWS, st.lists(st.tuples(DRAGS, DRAGS), max_size=20))
def test_no_drag_makes_a_window_unusable(voi, drags):
    for wider, brighter in drags:
        voi = voi.dragged(wider, brighter)
        assert voi.is_known
