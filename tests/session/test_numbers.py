"""The numbers of a viewport are those of what it shows, whoever asks, and say what is compared."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import metrics

from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.view3d import View3D
from medviewer.imaging.shapes import Words
from medviewer.kit.errors import BadValue
from medviewer.session.number_words import csv_text, described, heads, likeness, rows, tab_text
from medviewer.session.numbers import Answer, Question, answer, is_at_hand, question, regions_on
from medviewer.session.pictures import Look, compose, snapshots
from medviewer.session.session import Session
from tests import factories

MEDIAN = Pipeline((Step.of("median", {"radius_px": 2, "passes": 1}),))


@pytest.fixture
def ct(tmp_path: Path, session: Session) -> Session:
    """Eight slices of 64 x 64 with some structure, through a window of 1200."""
    grain = np.random.default_rng(1).integers(0, 2000, (8, 64, 64)).astype(np.float32)
    slices = [cv2.GaussianBlur(one, (0, 0), 0.8) for one in grain]
    factories.ct(tmp_path, 8, volume=np.stack(slices).astype(np.int16))
    session.run("study.open", paths=(tmp_path,))
    session.run("window.set", center=0, width=1200)
    session.rendering.draw(0, None)
    return session


def asked(session: Session, number: int = 0) -> Question:
    found = question(session, number)
    assert isinstance(found, Question)
    return found


def told(session: Session, number: int = 0) -> Answer:
    return answer(session, asked(session, number))


def region(session: Session, shape: str, *corners: float, text: str = "") -> str:
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    points = [plane.to_patient(*corners[:2]), plane.to_patient(*corners[2:])]
    return str(session.run("annotate.add", shape=shape, points=points, text=text))


def grey(session: Session, number: int = 0) -> np.ndarray:
    """What the screen shows, without anything over it."""
    viewport = replace(session.view.viewports[number], against=None)
    request = session.rendering.request_of(viewport, None, overlay=False)
    assert request is not None
    return session.rendering.picture(request, session.rendering.load(request)).pixels


class TestWhatIsCompared:
    def test_the_original_with_the_enhanced_picture_as_the_screen_shows_them(self, ct: Session) -> None:
        plain = grey(ct)
        ct.run("enhance.add", operation="clahe")
        found = told(ct)
        expected = metrics.peak_signal_noise_ratio(plain, grey(ct), data_range=255)
        assert found.numbers.psnr == pytest.approx(expected, abs=0.05)
        assert found.asked.names == ("Original", "Local contrast (CLAHE)")
        assert heads(found) == ("Original", "Enhanced", "Change")
        assert found.has_grey_steps
        assert found.numbers.unit is None

    def test_without_a_step_on_greys_the_unit_stays(self, ct: Session) -> None:
        ct.run("enhance.add", operation="gaussian")
        found = told(ct)
        assert (found.numbers.unit, found.has_grey_steps) == ("HU", False)
        assert next(row.change for row in rows(found) if row.title == "RMSE").endswith(" HU")

    def test_without_enhancement_only_the_picture_itself_is_told(self, ct: Session) -> None:
        found = told(ct)
        assert found.numbers.after is None
        assert not any(row.after or row.change for row in rows(found))
        assert "Nothing is enhanced" in described(found)

    def test_a_recipe_of_the_viewport_counts_instead_of_the_stack(self, ct: Session) -> None:
        ct.run("enhance.add", operation="clahe")
        ct.change(lambda view: view.with_viewport(0, replace(view.viewports[0], recipe=MEDIAN)))
        assert told(ct).asked.names == ("Original", "Median")

    def test_the_original_held_for_a_moment_changes_no_number(self, ct: Session) -> None:
        ct.run("enhance.add", operation="clahe")
        before = told(ct).numbers.ssim
        ct.run("enhance.peek", on=True)
        assert told(ct).numbers.ssim == before

    def test_two_viewports_that_are_compared_are_the_two_pictures(self, ct: Session) -> None:
        ct.run("enhance.add", operation="clahe")
        ct.run("view.layout", rows=1, columns=2)
        ct.run("view.show", series=ct.view.viewports[0].series, viewport=1, index=ct.view.viewports[0].index)
        other = replace(ct.view.viewports[0], recipe=MEDIAN)
        ct.change(lambda view: view.with_viewport(1, other))
        ct.run("view.activate", viewport=0)
        ct.run("against.wipe")
        ct.run("against.other", kind="viewport", viewport=1)
        found = told(ct)
        assert found.asked.is_compared
        assert heads(found)[:2] == ("The other", "This")
        assert "This: Local contrast (CLAHE)" in described(found)
        assert "The other: Median" in described(found)
        expected = metrics.peak_signal_noise_ratio(grey(ct, 1), grey(ct, 0), data_range=255)
        assert found.numbers.psnr == pytest.approx(expected, abs=0.05)

    def test_the_original_in_a_wipe_is_the_original_as_without_it(self, ct: Session) -> None:
        ct.run("enhance.add", operation="clahe")
        before = told(ct)
        ct.run("against.wipe")
        found = told(ct)
        assert found.numbers is before.numbers
        assert heads(found) == ("Original", "Enhanced", "Change")

    def test_a_comparison_with_what_lies_over_the_picture_leaves_the_numbers_as_they_are(
        self, ct: Session
    ) -> None:
        ct.run("enhance.add", operation="clahe")
        before = told(ct).numbers.ssim
        ct.run("against.wipe")
        ct.run("against.other", kind="plain")
        found = told(ct)
        assert (found.asked.is_compared, found.numbers.ssim) == (False, before)

    def test_a_body_and_an_empty_viewport_have_no_numbers_and_say_so(self, ct: Session) -> None:
        assert isinstance(question(ct, 1), str)
        ct.change(lambda view: view.with_viewport(0, replace(view.current, view3d=View3D(preset="soft"))))
        assert "3-D" in str(question(ct, 0))

    def test_the_numbers_of_a_picture_are_computed_once(self, ct: Session) -> None:
        ct.run("enhance.add", operation="clahe")
        first = told(ct)
        region(ct, "rectangle", 5, 5, 20, 20)
        region(ct, "ellipse", 30, 30, 50, 60)
        again = told(ct)
        assert again.numbers is first.numbers
        assert again.regions is not None
        ct.run("window.set", center=0, width=1300)
        assert told(ct).numbers is not first.numbers

    def test_it_is_known_when_the_viewport_has_made_its_picture(self, ct: Session) -> None:
        ct.run("enhance.add", operation="clahe")
        assert not is_at_hand(ct, 0, asked(ct))
        ct.rendering.draw(0, None)
        assert is_at_hand(ct, 0, asked(ct))


class TestRegions:
    def test_the_two_newest_areas_are_told_apart_unless_others_are_chosen(self, ct: Session) -> None:
        ids = [region(ct, "rectangle", 5 + 9 * at, 5, 12 + 9 * at, 20) for at in range(3)]
        region_names = [one.name for one in regions_on(ct, 0)]
        assert region_names == ["Rectangle 1", "Rectangle 2", "Rectangle 3"]
        assert {one.id for one in asked(ct).regions} == set(ids[1:])
        ct.run("numbers.region", which="first", id=ids[0])
        assert asked(ct).regions[0].id == ids[0]
        ct.run("numbers.region", which="second", id=ids[0])
        taken = [one.id for one in asked(ct).regions]
        assert taken[1] == ids[0]
        assert taken[0] != ids[0]

    def test_one_area_a_line_and_an_area_on_another_picture_are_not_two_regions(self, ct: Session) -> None:
        region(ct, "rectangle", 5, 5, 20, 20)
        region(ct, "length", 5, 5, 20, 20)
        ct.run("view.scroll", by=2)
        elsewhere = region(ct, "rectangle", 5, 5, 20, 20)
        ct.run("view.scroll", by=-2)
        assert asked(ct).regions == ()
        with pytest.raises(BadValue):
            ct.run("numbers.region", which="first", id=elsewhere)

    def test_the_original_keeps_hounsfield_units_and_the_enhanced_says_that_it_has_none(
        self, ct: Session
    ) -> None:
        region(ct, "rectangle", 5, 5, 20, 20)
        region(ct, "ellipse", 30, 30, 50, 60)
        ct.run("enhance.add", operation="clahe")
        table = {row.title: row for row in rows(told(ct))}
        assert table["Rectangle 1"].before.endswith(" HU")
        assert table["Rectangle 1"].after.endswith(" of 1")
        assert table["CNR"].before
        assert table["CNR"].after


class TestBesideMeasuredValues:
    @pytest.mark.rule("P-03")
    @pytest.mark.parametrize(
        ("operation", "ending"), [("gaussian", " HU after Smooth (Gaussian)"), ("clahe", " of 1")]
    )
    def test_screen_and_export_say_both_values_of_a_region(
        self, ct: Session, operation: str, ending: str
    ) -> None:
        region(ct, "rectangle", 5, 5, 20, 20)
        size = (700, 900)

        def words() -> list[str]:
            ct.rendering.draw(0, size)
            viewing = ct.rendering.viewing(0, size)
            assert viewing is not None
            return [one.text for one in ct.rendering.shapes(0, viewing) if isinstance(one, Words)]

        plain = [one for one in words() if one.startswith(("mean", "SD", "min"))]
        ct.run("enhance.add", operation=operation)
        found = words()
        assert [one for one in found if one.startswith(("mean", "SD", "min"))] == plain
        assert [one for one in found if one.startswith("enhanced ")][0].endswith(ending)
        taken = snapshots(ct, 10.0, False, Look()).cells[0]
        drawn = compose(ct.rendering, taken)
        assert taken.scene is not None
        without = compose(ct.rendering, replace(taken, scene=replace(taken.scene, annotations=())))
        assert not np.array_equal(drawn, without)

    def test_the_value_under_the_mouse_says_after_which_step(self, ct: Session) -> None:
        ct.run("enhance.add", operation="nl_means")
        ct.rendering.draw(0, None)
        found = ct.rendering.probe(0, 20, 30)
        assert found is not None
        assert found.value_text.endswith(" HU")
        assert found.enhanced_text.startswith("enhanced ")
        assert found.enhanced_text.endswith(" HU after Non-local means")

    def test_colours_under_the_mouse_are_told_enhanced_as_well(
        self, session: Session, tmp_path: Path
    ) -> None:
        session.run("study.open", paths=(factories.color(tmp_path / "color.dcm"),))
        session.run("enhance.add", operation="gamma")
        session.rendering.draw(0, None)
        found = session.rendering.probe(0, 20, 30)
        frame = session.rendering.frame(session.view.current)
        assert found is not None
        assert frame is not None
        made = session.rendering.made(session.view.current)
        assert made is not None
        red, green, blue = (f"{value:.3f}" for value in made.enhanced.values[20, 30])
        assert found.enhanced_text == f"enhanced R {red}  G {green}  B {blue} of 1"
        assert found.value_text == "R {}  G {}  B {}".format(*frame.pixels[20, 30])

    def test_while_the_original_is_shown_nothing_enhanced_is_said(self, ct: Session) -> None:
        ct.run("enhance.add", operation="gaussian")
        ct.rendering.draw(0, None)
        ct.run("enhance.peek", on=True)
        assert ct.rendering.made(ct.view.current) is None


class TestWaysOut:
    def test_a_saved_table_has_the_same_rows_and_no_word_of_the_reader(
        self, ct: Session, tmp_path: Path
    ) -> None:
        ct.run("enhance.add", operation="clahe")
        region(ct, "rectangle", 5, 5, 20, 20, text="somebody by name")
        region(ct, "ellipse", 30, 30, 50, 60)
        path = tmp_path / "out" / "numbers.csv"
        ct.run("numbers.save", path=path)
        text = path.read_bytes().decode("utf-8-sig")
        assert text != path.read_bytes().decode()  # spreadsheets are told that it is UTF-8
        assert "\N{MINUS SIGN}" not in text
        assert text == csv_text(rows(told(ct)))
        assert "somebody" not in text
        lines = list(csv.reader(text.splitlines()))
        assert lines[0] == ["number", "before", "after", "change"]
        assert [line[0] for line in lines[1:]] == [row.title for row in rows(told(ct))]

    def test_copied_text_is_a_table(self, ct: Session) -> None:
        ct.run("enhance.add", operation="clahe")
        found = told(ct)
        lines = [line.split("\t") for line in tab_text(rows(found), heads(found)).splitlines()]
        assert {len(line) for line in lines} == {4}
        assert lines[0] == ["", "Original", "Enhanced", "Change"]

    def test_a_table_that_cannot_be_written_is_told(self, ct: Session, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        ct.run("numbers.save", path=tmp_path / "file" / "numbers.csv")
        assert "numbers.csv" in ct.state.notices[-1].message

    def test_likeness_is_said_in_plain_words(self) -> None:
        assert likeness(0.68) == "structure changed considerably"
        assert likeness(1.0) == "structure is nearly as it was"
        assert likeness(-1.0) == "structure is hardly what it was"
