"""What is written and drawn over a picture."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Calibration, Plane, ScaledRegion
from medviewer.core.volume import Frame, read_only
from medviewer.imaging.beside import Box, box_of
from medviewer.imaging.overlay import (
    annotation_shapes,
    orientation_words,
    scale_bar,
)
from medviewer.imaging.shapes import ACCENT, Handle, Stroke, Words, width_of
from medviewer.imaging.viewing import Viewing

AXIAL = Plane(
    (100, 100), spacing=(1.0, 1.0), calibration=Calibration.PATIENT, frame_of_reference="f", placed=True
)
VIEWING = Viewing((100, 100), 1.0, (1000, 1000))


def drawn(shape: Shape, *positions: tuple[float, float], plane: Plane = AXIAL) -> Annotation:
    return Annotation(shape, tuple(plane.to_patient(*at) for at in positions), "f", "nodule", id=shape.word)


def letters(plane: Plane, **looking: object) -> dict[str, str]:
    viewing = replace(VIEWING, **looking)  # type: ignore[arg-type]
    names = {(1.0, 0.5): "right", (0.0, 0.5): "left", (0.5, 1.0): "bottom", (0.5, 0.0): "top"}
    return {names[words.anchor]: words.text for words in orientation_words(plane, viewing)}


class TestOrientation:
    @pytest.mark.rule("P-42")
    def test_an_axial_slice_is_seen_from_the_feet(self) -> None:
        assert letters(AXIAL) == {"right": "L", "left": "R", "bottom": "P", "top": "A"}

    @pytest.mark.rule("P-42")
    @pytest.mark.parametrize(
        ("looking", "edges"),
        [
            ({"rotation": 90}, {"right": "A", "left": "P", "bottom": "L", "top": "R"}),
            ({"rotation": 180}, {"right": "R", "left": "L", "bottom": "A", "top": "P"}),
            ({"flipped": True}, {"right": "R", "left": "L", "bottom": "P", "top": "A"}),
            ({"flipped": True, "rotation": 90}, {"right": "A", "left": "P", "bottom": "R", "top": "L"}),
        ],
    )
    def test_letters_stay_true_after_rotation_and_flip(
        self, looking: dict[str, object], edges: dict[str, str]
    ) -> None:
        assert letters(AXIAL, **looking) == edges

    @pytest.mark.rule("P-42")
    def test_an_oblique_plane_has_two_letters(self) -> None:
        plane = replace(AXIAL, along_row=(0.8, 0.6, 0.0), along_column=(0.0, 0.0, -1.0))
        assert letters(plane) == {"right": "LP", "left": "RA", "bottom": "F", "top": "H"}

    @pytest.mark.rule("P-43")
    def test_a_projection_uses_what_its_file_says(self) -> None:
        plane = Plane((100, 100), letters=("L", "F"))
        assert letters(plane) == {"right": "L", "left": "R", "bottom": "F", "top": "H"}
        assert letters(plane, rotation=90) == {"right": "H", "left": "F", "bottom": "L", "top": "R"}

    def test_nothing_is_guessed(self) -> None:
        assert letters(Plane((100, 100))) == {}

    def test_pixels_that_are_not_square_tilt_no_letter(self) -> None:
        plane = replace(AXIAL, spacing=(5.0, 1.0))
        assert letters(plane, aspect=5.0) == {"right": "L", "left": "R", "bottom": "P", "top": "A"}


class TestScaleBar:
    def test_it_has_a_round_length(self) -> None:
        stroke, words = scale_bar(AXIAL, VIEWING)
        assert isinstance(stroke, Stroke)
        assert isinstance(words, Words)
        assert words.text == "20 mm"
        xs = [x for x, _ in stroke.points]
        assert max(xs) - min(xs) == pytest.approx(200)

    def test_it_follows_the_zoom(self) -> None:
        words = scale_bar(AXIAL, replace(VIEWING, zoom=10))[1]
        assert isinstance(words, Words)
        assert words.text == "2 mm"

    @pytest.mark.rule("P-52")
    def test_rotated_flat_pixels_have_the_same_bar(self) -> None:
        plane = replace(AXIAL, spacing=(2.0, 1.0))
        viewing = replace(VIEWING, aspect=2.0)
        texts = [
            shape.text
            for rotation in (0, 90)
            for shape in scale_bar(plane, replace(viewing, rotation=rotation))
            if isinstance(shape, Words)
        ]
        assert texts == ["50 mm", "50 mm"]

    @pytest.mark.parametrize("density", [1.0, 2.0])
    def test_in_a_narrow_viewport_it_stands_in_the_corner_and_not_on_the_letter(self, density: float) -> None:
        for width in (180, 300, 459):
            for calibration in (Calibration.PATIENT, Calibration.DETECTOR):
                plane = replace(AXIAL, calibration=calibration)
                viewing = replace(VIEWING, size=(round(240 * density), round(width * density)))
                stroke, words = scale_bar(plane, viewing, density)
                assert isinstance(stroke, Stroke)
                assert isinstance(words, Words)
                assert max(x for x, _ in stroke.points) == pytest.approx(viewing.size[1] - 8 * density)
                (letter,) = [one for one in orientation_words(plane, viewing, density) if one.text == "P"]
                aside = words.x - width_of(words.text, words.size) >= letter.x + letter.size / 2
                assert aside or words.y <= letter.y - letter.size

    def test_where_its_length_has_no_room_there_is_none(self) -> None:
        assert scale_bar(AXIAL, replace(VIEWING, size=(200, 130))) == ()

    @pytest.mark.rule("P-46")
    def test_at_the_detector_it_says_so(self) -> None:
        words = scale_bar(replace(AXIAL, calibration=Calibration.DETECTOR), VIEWING)[1]
        assert isinstance(words, Words)
        assert words.text == "20 mm at the detector"

    def test_without_millimetres_there_is_none(self) -> None:
        assert scale_bar(replace(AXIAL, calibration=Calibration.NONE), VIEWING) == ()
        two = (ScaledRegion(0, 0, 49, 99, (0.1, 0.1)), ScaledRegion(50, 0, 99, 99, None))
        assert scale_bar(replace(AXIAL, calibration=Calibration.REGIONS, regions=two), VIEWING) == ()

    def test_a_single_ultrasound_region_has_one(self) -> None:
        one = (ScaledRegion(10, 10, 89, 89, (0.1, 0.1)),)
        assert scale_bar(replace(AXIAL, calibration=Calibration.REGIONS, regions=one), VIEWING)


class TestAnnotations:
    def test_a_length_is_drawn_where_it_lies(self) -> None:
        stroke, words = annotation_shapes([drawn(Shape.LENGTH, (10, 10), (10, 60))], AXIAL, VIEWING)
        assert isinstance(stroke, Stroke)
        assert isinstance(words, Words)
        assert stroke.points == ((105, 105), (605, 105))
        assert words.text == "50.0 mm"

    def test_the_selected_one_has_handles_and_the_accent(self) -> None:
        shapes = annotation_shapes(
            [drawn(Shape.ANGLE, (10, 10), (30, 30), (10, 60))], AXIAL, VIEWING, selected="angle"
        )
        handles = [shape for shape in shapes if isinstance(shape, Handle)]
        assert len(handles) == 3
        assert {shape.color for shape in shapes} == {ACCENT}

    def test_one_on_another_slice_is_not_drawn(self) -> None:
        elsewhere = replace(AXIAL, origin=(0.0, 0.0, 5.0))
        assert annotation_shapes([drawn(Shape.LENGTH, (1, 1), (2, 2))], elsewhere, VIEWING) == ()

    @pytest.mark.parametrize("shape", [one for one in Shape if one.points <= 3])
    def test_every_kind_is_drawn_after_rotation(self, shape: Shape) -> None:
        viewing = replace(VIEWING, rotation=90, flipped=True, zoom=2.0)
        positions = [(20.0, 30.0), (60.0, 70.0), (20.0, 70.0)][: shape.points]
        assert annotation_shapes([drawn(shape, *positions)], AXIAL, viewing)

    def test_words_stay_in_the_viewport(self) -> None:
        shapes = annotation_shapes([drawn(Shape.LENGTH, (99, 50), (99, 99))], AXIAL, VIEWING)
        words = shapes[-1]
        assert isinstance(words, Words)
        assert words.x + width_of(words.text, words.size) <= 1000
        assert words.y + words.size <= 1000


class TestWordsBesideAnnotations:
    """What several annotations measure stays readable."""

    FRAME_WORDS = 5  # a rectangle of one value: area, mean, SD, least and most, pixels

    def boxes(self, *annotations: Annotation, size: tuple[int, int] = (600, 600)) -> dict[str, list[Words]]:
        frame = Frame(read_only(np.zeros((100, 100), np.int16)), AXIAL)
        shapes = annotation_shapes(annotations, AXIAL, replace(VIEWING, size=size), frame)
        words = [shape for shape in shapes if isinstance(shape, Words)]
        return {one.id: [shape for shape in words if shape.of == one.id] for one in annotations}

    def test_at_the_right_edge_they_stand_left_of_what_they_measure(self) -> None:
        words = self.boxes(drawn(Shape.ELLIPSE, (40, 80), (60, 95)), size=(700, 700))["ellipse"]
        assert len(words) == self.FRAME_WORDS
        left_edge = replace(VIEWING, size=(700, 700)).to_view(40, 80)[0]
        assert all(box_of(one).right <= left_edge for one in words)
        assert {one.anchor for one in words} == {(1.0, 0.0)}, "they end beside it, whatever their font"

    def test_where_there_is_little_room_only_the_selected_one_says_everything(self) -> None:
        one = drawn(Shape.ELLIPSE, (40, 30), (60, 45))
        frame = Frame(read_only(np.zeros((100, 100), np.int16)), AXIAL)
        told = {}
        for selected in ("", one.id):
            shapes = annotation_shapes(
                [one], AXIAL, replace(VIEWING, size=(500, 500)), frame, selected, names={one.id: "Ellipse 1"}
            )
            told[selected] = [shape.text for shape in shapes if isinstance(shape, Words)]
        assert told[""] == ["Ellipse 1", told[one.id][1], "mean 0", "SD 0"]
        assert len(told[one.id]) == self.FRAME_WORDS + 1

    @pytest.mark.parametrize("size", [(600, 600), (400, 400), (598, 360)])
    def test_they_do_not_lie_on_those_of_another(self, size: tuple[int, int]) -> None:
        found = self.boxes(
            drawn(Shape.RECTANGLE, (40, 40), (50, 60)), drawn(Shape.ELLIPSE, (35, 65), (45, 80)), size=size
        )
        one, two = (functools.reduce(Box.united, map(box_of, words)) for words in found.values())
        assert one.overlap(two) == 0

    def test_they_make_room_for_what_a_reader_has_written(self) -> None:
        found = self.boxes(drawn(Shape.RECTANGLE, (40, 40), (50, 60)), drawn(Shape.TEXT, (42, 64)))
        (text,) = found["text"]
        for one in found["rectangle"]:
            assert box_of(one).overlap(box_of(text)) == 0

    def test_they_stay_near_when_there_is_hardly_room(self) -> None:
        words = self.boxes(drawn(Shape.RECTANGLE, (40, 30), (60, 58)), size=(438, 438))["rectangle"]
        own = replace(VIEWING, size=(438, 438)).to_view(60, 58)
        assert words[0].y <= own[1] + 2 * words[0].size

    def test_drawing_another_does_not_move_the_words_of_the_first(self) -> None:
        first, second = drawn(Shape.RECTANGLE, (40, 40), (50, 60)), drawn(Shape.ELLIPSE, (35, 65), (45, 80))
        assert self.boxes(first)["rectangle"] == self.boxes(first, second)["rectangle"]
