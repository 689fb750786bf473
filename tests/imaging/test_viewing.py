"""Where a picture lies in a viewport, and the way back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medviewer.imaging.viewing import LARGEST_SCALE, Region, Viewing

sides = st.integers(1, 5000)
shares = st.floats(0, 1)
viewings = st.builds(
    Viewing,
    shape=st.tuples(sides, sides),
    aspect=st.floats(0.2, 5),
    size=st.tuples(sides, sides),
    zoom=st.floats(0.1, 20),
    actual=st.booleans(),
    center=st.tuples(shares, shares),
    rotation=st.sampled_from((0, 90, 180, 270)),
    flipped=st.booleans(),
)


@given(viewings, st.floats(-100, 6000), st.floats(-100, 6000))
def test_a_position_comes_back_from_the_viewport(viewing: Viewing, row: float, column: float) -> None:
    assert viewing.to_image(*viewing.to_view(row, column)) == pytest.approx((row, column), abs=1e-6)


@given(viewings, st.floats(0, 1), st.floats(0, 1), st.floats(0.5, 2))
def test_zooming_about_a_point_keeps_that_point(viewing: Viewing, x: float, y: float, factor: float) -> None:
    at = (x * viewing.size[1], y * viewing.size[0])
    held = viewing.to_image(*at)
    zoom, center = viewing.zoomed(factor, at)
    if 0 < center[0] < 1 and 0 < center[1] < 1:
        after = replace(viewing, zoom=zoom, center=center)
        assert after.to_view(*held) == pytest.approx(at, abs=1e-4)


@given(viewings, st.floats(-50, 50), st.floats(-50, 50))
def test_the_picture_follows_the_hand(viewing: Viewing, dx: float, dy: float) -> None:
    held = viewing.to_image(10, 20)
    center = viewing.panned(dx, dy)
    if 0 < center[0] < 1 and 0 < center[1] < 1:
        assert replace(viewing, center=center).to_view(*held) == pytest.approx((10 + dx, 20 + dy), abs=1e-4)


@given(viewings)
def test_the_target_is_where_the_region_lies_within_half_a_pixel(viewing: Viewing) -> None:
    region, target = viewing.region(), viewing.target()
    corners = [viewing.to_view(region.top, region.left), viewing.to_view(region.bottom, region.right)]
    left, right = sorted(x for x, _ in corners)
    top, bottom = sorted(y for _, y in corners)
    assert (target.x, target.y) == pytest.approx((left, top), abs=0.501)
    # a picture narrower than a device pixel still gets one
    if right - left > 1:
        assert target.x + target.width == pytest.approx(right, abs=0.501)
    if bottom - top > 1:
        assert target.y + target.height == pytest.approx(bottom, abs=0.501)


@given(viewings, st.floats(0, 1), st.floats(0, 1))
def test_what_is_seen_lies_in_the_region(viewing: Viewing, x: float, y: float) -> None:
    row, column = viewing.to_image(x * viewing.size[1], y * viewing.size[0])
    region = viewing.region()
    if 0 <= row <= viewing.shape[0] - 1 and 0 <= column <= viewing.shape[1] - 1:
        assert region.top <= row <= region.bottom
        assert region.left <= column <= region.right


def test_a_fitted_picture_touches_two_edges_and_is_centred() -> None:
    viewing = Viewing((512, 512), 1.0, (1000, 1900))
    assert viewing.region() == Region.whole((512, 512))
    target = viewing.target()
    assert (target.x, target.y, target.width, target.height) == (450, 0, 1000, 1000)


@pytest.mark.rule("P-36")
def test_a_fitted_picture_with_tall_pixels_is_stretched() -> None:
    viewing = Viewing((100, 200), 2.0, (400, 400))
    assert viewing.target().size == (400, 400)


@pytest.mark.parametrize(
    ("rotation", "flipped", "corner"),
    [
        (0, False, (0, 0)),
        (90, False, (100, 0)),
        (180, False, (100, 100)),
        (270, False, (0, 100)),
        (0, True, (100, 0)),
        (90, True, (100, 100)),
    ],
)
def test_the_first_pixel_goes_where_rotation_and_flip_say(
    rotation: int, flipped: bool, corner: tuple[int, int]
) -> None:
    viewing = Viewing((50, 50), 1.0, (100, 100), rotation=rotation, flipped=flipped)
    assert viewing.to_view(-0.5, -0.5) == pytest.approx(corner)


def test_at_actual_size_a_pixel_is_a_pixel() -> None:
    viewing = Viewing((4096, 3328), 1.0, (1000, 1900), actual=True)
    assert viewing.scale == 1
    assert viewing.target().size == (1002, 1902)


def test_at_actual_size_no_row_is_lost_to_flat_pixels() -> None:
    viewing = Viewing((100, 100), 0.5, (400, 400), actual=True)
    assert viewing.scale * viewing.aspect == 1


def test_zooming_has_an_end() -> None:
    viewing = Viewing((512, 512), 1.0, (1000, 1000))
    zoom, _ = viewing.zoomed(1e9)
    assert replace(viewing, zoom=zoom).scale == pytest.approx(LARGEST_SCALE)
    zoom, _ = viewing.zoomed(1e-9)
    assert replace(viewing, zoom=zoom).scale > 0.01


def test_the_picture_cannot_be_dragged_away() -> None:
    viewing = Viewing((512, 512), 1.0, (1000, 1000))
    assert viewing.panned(1e6, -1e6) == (1.0, 0.0)
