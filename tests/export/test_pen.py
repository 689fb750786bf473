"""The pen that draws the shapes of a viewport into a picture."""

from __future__ import annotations

import numpy as np
import pytest

from medviewer.export.pen import draw, text_size
from medviewer.imaging.shapes import Handle, Stroke, Words, width_of


def paper(grey: int = 90) -> np.ndarray:
    return np.full((80, 200, 3), grey, np.uint8)


def changed(picture: np.ndarray, grey: int = 90) -> np.ndarray:
    return np.argwhere((picture != grey).any(axis=2))


def colored(picture: np.ndarray, color: tuple[int, int, int]) -> np.ndarray:
    return np.argwhere((np.abs(picture.astype(int) - color) < 40).all(axis=2))


def test_a_line_lies_where_it_should_and_has_its_colour() -> None:
    picture = paper()
    draw(picture, [Stroke(((20.0, 40.0), (100.0, 40.0)), "#ff0000", 2)])
    red = colored(picture, (255, 0, 0))
    assert {39, 40} & set(red[:, 0].tolist())
    assert (red[:, 1].min(), red[:, 1].max()) == pytest.approx((20, 100), abs=2)


def test_a_line_is_visible_on_its_own_colour() -> None:
    picture = paper(255)
    draw(picture, [Stroke(((20.0, 40.0), (100.0, 40.0)), "#ffffff", 2)])
    assert picture.min() < 80


@pytest.mark.parametrize("end", [(100.0, 40.0), (20.0, 78.0), (60.0, 70.0)])
@pytest.mark.parametrize("width", [1, 1.5, 2, 3, 4.5, 6])
def test_a_line_is_as_wide_as_on_the_screen(width: float, end: tuple[float, float]) -> None:
    picture = paper(0)
    draw(picture, [Stroke(((20.0, 40.0), end), "#ff0000", width)])
    long = np.hypot(end[0] - 20, end[1] - 40)
    # its round ends add about half its width on either side
    assert picture[..., 0].sum() / 255 / (long + width) == pytest.approx(width, abs=0.6)


def test_dashes_have_gaps_all_along() -> None:
    picture = paper()
    draw(picture, [Stroke(((0.0, 40.5), (200.0, 40.5)), "#ffffff", 1, dashed=True)])
    line = (picture[38:42] > 200).any(axis=(0, 2))
    assert np.abs(np.diff(line.astype(int))).sum() > 20


def test_a_closed_line_comes_back() -> None:
    picture = paper()
    draw(picture, [Stroke(((20.0, 20.0), (60.0, 20.0), (60.0, 60.0)), "#ff0000", 2, closed=True)])
    assert (picture[38:42, 38:42, 0] > 200).any()


@pytest.mark.parametrize("text", ["12.3 mm²", "µ ° ±", "中文 词", "DOE^JANE", "mmmm WWWW", "C 40 W 400"])
def test_words_are_drawn_and_no_wider_than_was_planned(text: str) -> None:
    picture = paper()
    draw(picture, [Words(10, 20, text, "#ffffff", (0.0, 0.0), 16)])
    where = changed(picture)
    assert len(where) > 40
    assert where[:, 0].min() >= 18
    assert where[:, 0].max() <= 20 + 18
    assert where[:, 1].max() <= 10 + width_of(text, 16) + 1
    assert text_size(text, 16)[0] <= width_of(text, 16)


def test_unlike_letters_look_unlike() -> None:
    one, two = paper(), paper()
    draw(one, [Words(10, 20, "µ", size=24)])
    draw(two, [Words(10, 20, "中", size=24)])
    assert (one != two).any()


@pytest.mark.parametrize(("anchor", "edge"), [((1.0, 0.0), "right"), ((0.5, 0.5), "middle")])
def test_words_hang_on_their_anchor(anchor: tuple[float, float], edge: str) -> None:
    picture = paper()
    draw(picture, [Words(100, 40, "nodule", anchor=anchor, size=16)])
    columns = changed(picture)[:, 1]
    if edge == "right":
        assert columns.max() <= 101
    else:
        assert (columns.min() + columns.max()) / 2 == pytest.approx(100, abs=3)


def test_a_handle_is_a_square_around_its_point() -> None:
    picture = paper()
    draw(picture, [Handle(50, 40, "#ff0000", 8)])
    assert changed(picture).mean(axis=0) == pytest.approx((40, 50), abs=1)


def test_shapes_far_away_do_no_harm() -> None:
    picture = paper()
    draw(picture, [Stroke(((-1e7, -1e7), (1e7, 1e7)), "#ff0000"), Words(-500, -500, "gone"), Words(5, 5, "")])
    assert picture.shape == (80, 200, 3)


def test_everything_can_be_moved_together() -> None:
    one, two = paper(), paper()
    draw(one, [Stroke(((30.0, 30.0), (60.0, 50.0)), "#ff0000", 2), Words(30, 10, "a")])
    draw(two, [Stroke(((10.0, 20.0), (40.0, 40.0)), "#ff0000", 2), Words(10, 0, "a")], at=(20, 10))
    assert np.array_equal(one, two)
