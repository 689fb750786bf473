"""Lines and circles that are found in a picture, and how they are drawn over it."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from medviewer.core.geometry import Plane
from medviewer.core.marks import Circle, Segment, moved
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.compose import MARK, lay_marks, rgb_of
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.imaging.preview import preview, source_request
from medviewer.imaging.reduce import reduce
from medviewer.imaging.render import RenderRequest, enhance, enhanced_key, render
from medviewer.imaging.viewing import Region

LINES = Pipeline((Step.of("hough_lines"),))
CIRCLES = Pipeline((Step.of("hough_circles"),))
WINDOW = VOI.from_range(0, 1000)


def drawn(rows: int = 300, columns: int = 400) -> np.ndarray:
    """A bright disc (row 90, column 120, radius 40) and a bright bar from (200, 50) to (260, 350), 0..1."""
    image = np.full((rows, columns), 0.2, np.float32)
    cv2.circle(image, (120, 90), 40, 0.8, -1)
    cv2.line(image, (50, 200), (350, 260), 0.7, 3)
    noise = np.random.default_rng(4).normal(0, 0.01, image.shape)
    return (cv2.GaussianBlur(image, (0, 0), 0.8) + noise).clip(0, 1).astype(np.float32)


def frame_of(image: np.ndarray) -> Frame:
    stored = np.rint(image * 2000).astype(np.uint16)
    return Frame(read_only(stored), Plane(stored.shape), Rescale(0.5, 0))  # type: ignore[arg-type]


class TestFinding:
    def test_a_bar_is_found_where_it_lies(self) -> None:
        longest = ENHANCEMENTS["hough_lines"].marks(drawn())[0]
        assert isinstance(longest, Segment)
        assert longest.length_px > 250
        slope = (260 - 200) / (350 - 50)
        for row, column in (longest.start, longest.end):
            assert row == pytest.approx(200 + slope * (column - 50), abs=4)

    @pytest.mark.parametrize("factor", [1, 8])
    def test_a_disc_is_found_where_it_lies_however_large_the_picture(self, factor: int) -> None:
        image = cv2.resize(drawn(), None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
        found = ENHANCEMENTS["hough_circles"].marks(image)
        assert len(found) == 1
        circle = found[0]
        assert isinstance(circle, Circle)
        place = ((90 + 0.5) * factor - 0.5, (120 + 0.5) * factor - 0.5)
        assert math.dist(circle.center, place) < factor
        assert circle.radius_px == pytest.approx(40 * factor, abs=factor)

    def test_there_are_no_more_than_asked_for_and_the_longest_stay(self) -> None:
        rng = np.random.default_rng(0)
        image = np.full((400, 400), 0.1, np.float32)
        for row, length in zip(range(20, 380, 24), rng.permutation(np.arange(60, 360, 20)), strict=False):
            image[row : row + 6, 10 : 10 + length] = 0.9
        every = ENHANCEMENTS["hough_lines"].marks(image, most=100)
        few = ENHANCEMENTS["hough_lines"].marks(image, most=5)
        assert len(few) == 5 < len(every)
        assert few == every[:5]
        lengths = [mark.length_px for mark in every if isinstance(mark, Segment)]
        assert lengths == sorted(lengths, reverse=True)

    def test_the_edge_of_padding_is_no_line(self) -> None:
        image, valid = np.full((200, 200), 0.5, np.float32), np.ones((200, 200), bool)
        valid[:, :60] = valid[:30] = False
        image[~valid] = 0
        assert ENHANCEMENTS["hough_lines"].marks(image)
        assert ENHANCEMENTS["hough_lines"].marks(image, valid=valid) == ()

    def test_an_operation_on_pictures_finds_no_marks(self) -> None:
        assert ENHANCEMENTS["sobel"].marks(drawn()) == ()


class TestValues:
    def test_they_stay_as_they_are(self) -> None:
        frame = frame_of(drawn())
        found = enhance(frame, WINDOW, LINES)
        assert found.marks
        assert not found.displayed
        assert np.array_equal(found.values, frame.values())
        smoothed = Pipeline((*LINES.steps, Step.of("gaussian"), Step.of("gamma")))
        without = Pipeline(smoothed.steps[1:])
        assert np.array_equal(enhance(frame, WINDOW, smoothed).values, enhance(frame, WINDOW, without).values)

    def test_what_is_seen_is_searched(self) -> None:
        frame = frame_of(drawn())
        assert not enhance(frame, VOI.from_range(5000, 6000), LINES).marks
        assert enhanced_key(frame, WINDOW, LINES) != enhanced_key(frame, VOI.from_range(0, 900), LINES)
        inverted = Pipeline((*CIRCLES.steps, Step.of("gamma", {"exponent": 3.0})))
        assert enhance(frame, WINDOW, inverted).marks != ()

    def test_a_colour_picture_keeps_its_colours(self) -> None:
        grey = np.rint(drawn() * 255).astype(np.uint8)
        colors = np.stack([grey, grey // 2, grey // 3], axis=-1)
        frame = Frame(read_only(colors), Plane(grey.shape))  # type: ignore[arg-type]
        found = enhance(frame, VOI.unknown(), CIRCLES)
        assert found.marks
        assert np.abs(found.values * 255 - colors).max() < 0.01


class TestDrawing:
    """A circle's outline is looked for where the picture's own geometry says that it must be."""

    def request(self, **more: object) -> RenderRequest:
        return RenderRequest("s", 0, WINDOW, CIRCLES, **more)  # type: ignore[arg-type]

    def colored(self, request: RenderRequest, frame: Frame | None = None) -> np.ndarray:
        """The places (row, column) that have the colour of marks."""
        pixels = render(frame or frame_of(drawn()), (), request).pixels.astype(int)
        return np.argwhere(np.abs(pixels - rgb_of(MARK)).max(axis=-1) < 60)

    def test_they_are_on_the_picture_where_they_were_found(self) -> None:
        places = self.colored(self.request())
        away = np.hypot(places[:, 0] - 90, places[:, 1] - 120)
        assert len(places) > 150
        assert (np.abs(away - 40) < 3).all()

    @pytest.mark.parametrize("size", [(600, 800), (150, 200), (1200, 800)])
    def test_they_follow_the_size_and_pixels_that_are_not_square(self, size: tuple[int, int]) -> None:
        places = self.colored(self.request(size=size))
        down, across = size[0] / 300, size[1] / 400
        away = np.hypot((places[:, 0] + 0.5) / down - 90.5, (places[:, 1] + 0.5) / across - 120.5)
        assert len(places) > 60
        assert (np.abs(away - 40) < 3).all()

    def test_they_follow_the_part_that_is_shown(self) -> None:
        part = Region(59.5, 79.5, 159.5, 199.5)
        places = self.colored(self.request(region=part, size=(500, 600)))
        away = np.hypot((places[:, 0] + 0.5) / 5 + 59.5 - 90, (places[:, 1] + 0.5) / 5 + 79.5 - 120)
        assert len(places) > 300
        assert (np.abs(away - 40) < 3).all()

    def test_they_turn_and_flip_with_the_picture(self) -> None:
        frame = frame_of(drawn())
        plain = render(frame, (), self.request()).pixels
        turned = render(frame, (), self.request(rotation=90, flipped=True)).pixels
        assert np.array_equal(turned, np.rot90(plain[:, ::-1], -1))

    def test_they_stay_on_a_preview(self) -> None:
        frame = frame_of(cv2.resize(drawn(), (1600, 1200)))
        request = self.request(size=(300, 400))
        source = source_request(request, (1200, 1600))
        quick = preview(frame, request, reduce(frame, source), 0)
        exact = enhance(frame, WINDOW, CIRCLES)
        one, two = quick.enhanced.marks[0], exact.marks[0]
        assert isinstance(one, Circle)
        assert isinstance(two, Circle)
        assert math.dist(one.center, two.center) < 8
        assert one.radius_px == pytest.approx(two.radius_px, abs=8)
        pixels = render(frame, (), request, quick.enhanced, quick.reduced).pixels
        assert (np.abs(pixels.astype(int) - rgb_of(MARK)).max(axis=-1) < 60).sum() > 60

    def test_they_are_seen_on_black_grey_and_white(self) -> None:
        marks = (Segment((10, 5), (40, 90)),)
        whole = (slice(0, 50), slice(0, 100))
        for grey in (0, 128, 255):
            picture = np.full((50, 100), grey, np.uint8)
            laid = lay_marks(picture, marks, whole)
            assert (np.abs(laid.astype(int) - grey).max(axis=-1) > 100).sum() > 60
            assert (picture == grey).all()

    def test_far_away_they_leave_the_picture_alone(self) -> None:
        picture = np.full((50, 100), 70, np.uint8)
        marks = (Circle((1e7, -1e7), 5.0), Segment((-900.0, 3.0), (-800.0, 1e9)))
        assert (lay_marks(picture, marks, (slice(0, 50), slice(0, 100))) == 70).all()


def test_marks_of_a_part_have_their_place_on_the_whole() -> None:
    one, two = moved((Segment((0, 0), (9, 4)), Circle((2, 3), 2)), (2, 2), (100, 50))
    assert one == Segment((100.5, 50.5), (118.5, 58.5))
    assert two == Circle((104.5, 56.5), 4)
