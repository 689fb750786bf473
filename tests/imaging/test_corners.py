"""What stands in the corners of a picture, however small the viewport."""

from __future__ import annotations

from dataclasses import replace

import pytest

from medviewer.core.geometry import Calibration, Plane
from medviewer.imaging.corners import CornerFacts, corner_words
from medviewer.imaging.overlay import orientation_words, scale_bar
from medviewer.imaging.shapes import ACCENT, AI, TEXT, WARNING, Drawn, Stroke, Words, shortened, width_of
from medviewer.imaging.standing import Statement, standing
from medviewer.imaging.viewing import Viewing

FACTS = CornerFacts(
    patient=("DOE^J", "1234", "1970-01-01", "M 55", "too much"),
    study=("Hospital", "CT chest", "2026-01-02", "12:00"),
    picture=("41/104", "z -212.5 mm"),
    series=("C 40 W 400", "Lung", "2 mm", "120 kV"),
    recipe="CLAHE · display only",
    model="lung model 1.0",
    warnings=("INCOMPLETE: 80 of 512 rows",),
)
PLANES = CornerFacts(
    patient=("王小東", "LIDC-IDRI-0314", "F"),
    study=("某某大學附設醫院放射診斷科", "CT Thorax", "2000-01-01"),
    picture=("Sagittal  x -101.8 mm", "C -600  W 1500  Lung"),
    series=("CT  Thorax 1.0 mm lung kernel", "120 kV  360 mA", "Slice 1 mm"),
)
SIZES = [(1000, 1900), (300, 400), (2160, 3840), (200, 240), (300, 210), (200, 140), (450, 498)]

Rectangle = tuple[float, float, float, float]


def around(size: tuple[int, int], density: float, calibration: Calibration) -> tuple[Drawn, ...]:
    """Letters and scale bar; the plane is turned so that letters come in pairs."""
    plane = Plane(
        (512, 512),
        spacing=(0.7, 0.7),
        along_row=(0.8, 0.6, 0.0),
        along_column=(-0.6, 0.8, 0.0),
        calibration=calibration,
        placed=True,
    )
    viewing = Viewing((512, 512), 1.0, size)
    return (*orientation_words(plane, viewing, density), *scale_bar(plane, viewing, density))


def box(shape: Drawn) -> Rectangle:
    if isinstance(shape, Words):
        width = width_of(shape.text, shape.size)
        left, top = shape.x - shape.anchor[0] * width, shape.y - shape.anchor[1] * shape.size
        return left, top, left + width, top + shape.size
    assert isinstance(shape, Stroke)
    xs, ys = zip(*shape.points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def overlap(one: Rectangle, two: Rectangle, slack: float) -> bool:
    wide = min(one[2], two[2]) - max(one[0], two[0])
    high = min(one[3], two[3]) - max(one[1], two[1])
    return wide > 1e-6 and high > slack


def lower_left(words: tuple[Words, ...], size: tuple[int, int]) -> str:
    return " ".join(one.text for one in words if one.anchor[0] == 0 and one.y > size[0] / 2)


class TestRoom:
    @pytest.mark.rule("P-58")
    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("density", [1.0, 2.0])
    @pytest.mark.parametrize("calibration", [Calibration.PATIENT, Calibration.DETECTOR])
    def test_nothing_covers_the_middle_the_letters_or_the_scale_bar(
        self, size: tuple[int, int], density: float, calibration: Calibration
    ) -> None:
        long = CornerFacts(*(("a very long line of text " * 9,) * 9,) * 4)
        others = around(size, density, calibration)
        for facts in (long, PLANES, replace(PLANES, recipe="Local contrast (CLAHE) · display only")):
            found = corner_words(facts, "full", size, density, around=others)
            for number, words in enumerate(found):
                assert words.y + words.size <= size[0] / 3 or words.y >= size[0] * 2 / 3 - 1e-6
                assert 0 <= words.y <= size[0] - words.size
                left, _, right, _ = box(words)
                assert 0 <= left <= right <= size[1]
                slack = 0.2 * words.size  # letters do not fill the whole height of their line
                assert not any(overlap(box(words), box(one), slack) for one in (*others, *found[:number]))

    def test_in_a_wide_viewport_the_corners_leave_the_middle_free(self) -> None:
        long = CornerFacts(*(("a very long line of text " * 9,) * 9,) * 4)
        for words in corner_words(long, "full", (1000, 1900)):
            left, _, right, _ = box(words)
            low = words.y > 500
            assert right <= 1900 * (0.37 if low else 0.46) or left >= 1900 * (0.63 if low else 0.54)

    @pytest.mark.parametrize("size", [(450, 498), (330, 420), (300, 300), (300, 210)])
    def test_what_identifies_the_picture_is_complete_in_a_small_viewport(self, size: tuple[int, int]) -> None:
        others = around(size, 1.0, Calibration.PATIENT)
        words = corner_words(PLANES, "full", size, around=others)
        assert lower_left(words, size).split() == " ".join(PLANES.picture).split()

    def test_it_is_broken_where_it_can_be_read(self) -> None:
        whole = {part for text in PLANES.picture for part in text.split("  ")}
        broken = 0
        for width in range(200, 700, 5):
            size = (330, width)
            words = corner_words(PLANES, "full", size, around=around(size, 1.0, Calibration.PATIENT))
            texts = [one.text for one in words if one.anchor[0] == 0 and one.y > 150]
            assert {part for text in texts for part in text.split("  ")} == whole
            broken += len(texts) > len(PLANES.picture)
        assert broken

    def test_technique_gives_way_and_is_never_cut(self) -> None:
        for width in range(140, 900, 7):
            size = (300, width)
            words = corner_words(PLANES, "full", size, around=around(size, 1.0, Calibration.PATIENT))
            right = [one.text for one in words if one.anchor[0] == 1 and one.y > 150]
            assert set(right[1:]) <= set(PLANES.series[1:])
            if width > 500:
                assert "120 kV  360 mA" in right

    def test_hardly_any_room_still_has_the_number_of_the_picture(self) -> None:
        facts = replace(PLANES, picture=("53 / 104", "z -539.8 mm", "C -450  W 2000"))
        size = (198, 140)
        words = corner_words(facts, "full", size, around=around(size, 1.0, Calibration.PATIENT))
        assert lower_left(words, size).startswith("53 / 104 z -539.8 mm")

    def test_a_narrow_viewport_keeps_models_and_standing_of_two_answers(self) -> None:
        answers = "Lungs · lung-cxr 1.0 · proposal; Normal 94 % · pneumonia-cxr 1.0 · proposal"
        words = corner_words(CornerFacts(model=answers), "full", (796, 418))
        assert " ".join(one.text for one in words) == answers


LONG = CornerFacts(
    picture=PLANES.picture,
    recipe="CLAHE + Unsharp mask + Anisotropic diffusion · display only",
    model="Lung nodule · lung-segmentation 1.2 · proposal",
)


class TestMuchToSay:
    @pytest.mark.rule("P-56")
    @pytest.mark.parametrize("mode", ["full", "minimal"])
    @pytest.mark.parametrize("size", [(width, width) for width in range(200, 500, 10)])
    def test_however_much_is_said_the_plane_has_its_name_and_the_end_is_kept(
        self, size: tuple[int, int], mode: str
    ) -> None:
        others = around(size, 1.0, Calibration.PATIENT)
        for facts in (LONG, replace(LONG, model=""), replace(LONG, made="Mean of 5 mm, interpolated")):
            words = corner_words(facts, mode, size, around=others)
            said = lower_left(words, size)
            assert said.startswith("Sagittal")
            assert "display only" in said
            assert said.endswith("proposal" if facts.model else "display only")

    def test_where_there_is_room_nothing_is_left_out(self) -> None:
        words = corner_words(LONG, "full", (450, 498), around=around((450, 498), 1.0, Calibration.PATIENT))
        said = lower_left(words, (450, 498))
        assert said == " ".join((*LONG.picture, LONG.recipe, LONG.model))

    def test_what_is_left_out_is_marked(self) -> None:
        words = corner_words(LONG, "full", (300, 300), around=around((300, 300), 1.0, Calibration.PATIENT))
        said = lower_left(words, (300, 300))
        assert "… · display only" in said
        assert "… · proposal" in said

    def test_how_a_plane_was_computed_gives_way_to_what_was_done_to_it(self) -> None:
        statements = [Statement("Mean of 5 mm", TEXT), Statement("CLAHE · display only", ACCENT, weight=3)]
        assert standing(statements, [400.0], 16.0) == [("CLAHE · display only", ACCENT)]
        assert standing(statements, [400.0, 400.0], 16.0) == [(one.text, one.color) for one in statements]


class TestModes:
    def test_full_shows_four_facts_a_corner_at_most_and_what_must_be_there_besides(self) -> None:
        words = corner_words(FACTS, "full", (1000, 1900))
        plain = 4 + 4 + 2 + 4
        assert len(words) == plain + len((FACTS.recipe, FACTS.model)) + len(FACTS.warnings)
        assert [one.text for one in words[:4]] == ["DOE^J", "1234", "1970-01-01", "M 55"]

    def test_minimal_has_one_line_a_corner(self) -> None:
        plain = replace(FACTS, recipe="", model="", warnings=())
        texts = [words.text for words in corner_words(plain, "minimal", (1000, 1900))]
        assert texts == ["DOE^J", "Hospital", "41/104", "C 40 W 400"]

    @pytest.mark.rule("P-56")
    def test_off_still_says_what_was_done_to_the_picture(self) -> None:
        found = {words.text: words.color for words in corner_words(FACTS, "off", (1000, 1900))}
        assert found == {
            "CLAHE · display only": ACCENT,
            "lung model 1.0": AI,
            "INCOMPLETE: 80 of 512 rows": WARNING,
        }

    def test_chinese_counts_as_wide(self) -> None:
        assert width_of("中文", 16) > width_of("ab", 16)
        assert shortened("中文中文中文", 16, 40).endswith("…")
        assert shortened("short", 16, 400) == "short"
        assert shortened("short", 16, 1) == ""
