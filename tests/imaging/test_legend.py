"""The bar of colours: what it says, where it stands, and that both pens draw the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from medviewer.core.geometry import Calibration, Plane
from medviewer.core.voi import VOI, Curve, Lut
from medviewer.export.pen import draw
from medviewer.imaging.colormaps import color_map
from medviewer.imaging.corners import CornerFacts, corner_words
from medviewer.imaging.grayscale import normalised
from medviewer.imaging.legend import Scale, edges, legend
from medviewer.imaging.overlay import orientation_words, scale_bar
from medviewer.imaging.shapes import ColorBar, Drawn, Stroke, Words, width_of
from medviewer.imaging.viewing import Viewing

CT = Scale(color_map("viridis").hex(), VOI(40, 400), "HU", title="CT")
PT = Scale(color_map("hot-iron").hex(), VOI.from_range(0, 8), "g/ml", title="PT")
SIZES = [(900, 1200), (400, 500), (1600, 700), (300, 300), (90, 2000), (64, 64)]


def words(shapes: tuple[Drawn, ...]) -> dict[str, Words]:
    return {one.text: one for one in shapes if isinstance(one, Words)}


def box(shape: Drawn) -> tuple[float, float, float, float]:
    """(left, top, right, bottom)"""
    if isinstance(shape, Words):
        width = width_of(shape.text, shape.size)
        left, top = shape.x - shape.anchor[0] * width, shape.y - shape.anchor[1] * shape.size
        return left, top, left + width, top + shape.size
    if isinstance(shape, ColorBar):
        return shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
    assert isinstance(shape, Stroke)
    xs, ys = zip(*shape.points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.rule("P-21")
@pytest.mark.parametrize(
    ("voi", "low", "high"),
    [
        (VOI(40, 400), "\N{MINUS SIGN}160", "239"),
        (VOI(40, 400, Curve.LINEAR_EXACT), "\N{MINUS SIGN}160", "240"),
        (VOI.from_range(0, 1.5), "0.000", "1.500"),
        (VOI(lut=Lut(100, 8, tuple(range(256)))), "100", "355"),
    ],
)
def test_it_says_where_the_window_begins_and_ends(voi: VOI, low: str, high: str) -> None:
    said = words(legend([replace(CT, voi=voi)], (900, 1200)))
    bar = next(one for one in legend([CT], (900, 1200)) if isinstance(one, ColorBar))
    assert said[low].y == pytest.approx(bar.y + bar.height)
    assert said[high].y == pytest.approx(bar.y)
    assert "CT  HU" in said


@pytest.mark.parametrize("voi", [VOI(40, 400), VOI(10, 3, Curve.SIGMOID), VOI.from_range(-5, 5)])
def test_a_tick_stands_beside_the_colour_of_its_value(voi: VOI) -> None:
    shapes = legend([replace(CT, voi=voi, unit="")], (900, 1200))
    bar = next(one for one in shapes if isinstance(one, ColorBar))
    low, high = edges(voi)
    for value in (low, (low + high) / 2, high):
        grey = float(normalised(np.array([value]), voi)[0])
        y = bar.y + bar.height * (1 - grey)
        assert any(isinstance(one, Stroke) and one.points[0][1] == pytest.approx(y) for one in shapes)


def test_nothing_is_minus_zero() -> None:
    assert "0" in words(legend([replace(CT, voi=VOI(0.2, 1000))], (900, 1200)))


@pytest.mark.rule("P-22", "P-25")
def test_inverted_colours_stand_upside_down_and_the_values_do_not() -> None:
    plain, inverted = (legend([replace(CT, inverted=one)], (900, 1200)) for one in (False, True))
    bars = [one for shapes in (plain, inverted) for one in shapes if isinstance(one, ColorBar)]
    assert bars[0].colors == bars[1].colors[::-1]
    assert bars[0].colors[-1] == color_map("viridis").hex()[0]
    assert words(plain) == words(inverted)


@pytest.mark.parametrize("density", [1.0, 2.0])
@pytest.mark.parametrize("size", SIZES)
def test_it_covers_neither_the_middle_nor_anything_that_is_written(
    size: tuple[int, int], density: float
) -> None:
    plane = Plane((512, 512), spacing=(0.7, 0.7), calibration=Calibration.PATIENT, placed=True)
    viewing = Viewing((512, 512), 1.0, size)
    facts = CornerFacts(
        ("A" * 30,) * 4, ("B" * 40,) * 4, ("C" * 30,) * 4, ("D" * 40,) * 4, "clahe", laid=("PT",)
    )
    around = (*orientation_words(plane, viewing, density), *scale_bar(plane, viewing, density))
    others = (*corner_words(facts, "full", size, density, around=around), *around)
    middle = (size[1] / 3, 0.0, size[1] * 2 / 3, float(size[0]))
    for shape in legend([PT, CT], size, density):
        assert not overlap(box(shape), middle), shape
        assert not any(overlap(box(shape), box(other)) for other in others), shape


def test_a_viewport_without_room_has_none() -> None:
    assert legend([CT], (64, 64)) == ()
    assert legend([CT], (90, 2000)) == ()
    assert len([one for one in legend([PT, CT], (900, 1200)) if isinstance(one, ColorBar)]) == 2


def test_the_pen_of_the_export_draws_the_colours_from_top_to_bottom() -> None:
    picture = np.zeros((60, 40, 3), np.uint8)
    bar = ColorBar(10, 5, 8, 40, ("#ff0000", "#00ff00", "#0000ff", "#ffffff"))
    draw(picture, (bar,))
    assert [picture[row, 14].tolist() for row in (6, 16, 26, 44)] == [
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [255, 255, 255],
    ]
    assert not picture[46:].any()
    assert not picture[:, 19:].any()


@pytest.mark.parametrize("at", [(-20.0, -30.0), (30.0, 50.0), (500.0, 500.0)])
def test_a_bar_may_reach_beyond_the_picture(at: tuple[float, float]) -> None:
    picture = np.zeros((60, 40, 3), np.uint8)
    draw(picture, (ColorBar(10, 5, 8, 40, ("#ff0000",)),), at)
    expected = np.zeros((60, 40), bool)
    rows, columns = np.mgrid[:60, :40]
    x, y = at[0] + 10, at[1] + 5
    expected[(columns >= x) & (columns < x + 8) & (rows >= y) & (rows < y + 40)] = True
    assert np.array_equal(picture[..., 0] == 255, expected)
