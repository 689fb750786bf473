"""Two renderings of the same pixels: what is where, what it is called, and what every way out shows."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from medviewer.core.against import Against, Other, Way
from medviewer.core.labels import Label, LabelMap
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.voi import VOI
from medviewer.imaging.colormaps import DIVERGING, color_map
from medviewer.imaging.enhance.apply import enhance
from medviewer.imaging.shapes import ACCENT, DRAWN, ColorBar, Stroke, Words
from medviewer.kit.errors import BadValue
from medviewer.kit.task import TaskContext
from medviewer.session.against import load_second
from medviewer.session.compared import offers
from medviewer.session.noted import layout_note
from medviewer.session.pictures import Look, compose_layout, snapshots
from medviewer.session.probe import value_words
from medviewer.session.session import Session
from tests import factories
from tests.session.pairs import write_pair

SIZE = (300, 420)
GAUSSIAN = Step.of("gaussian", {"radius_px": 1.5})
WAYS = [way.value for way in Way]


def key(session: Session, modality: str) -> str:
    return next(
        one.key for study in session.state.studies for one in study.series if one.modality == modality
    )


def enhanced(session: Session, *steps: Step) -> None:
    for step in steps:
        session.run("enhance.add", operation=step.operation, values=dict(step.values))


def shown(session: Session, number: int = 0, size: tuple[int, int] = SIZE) -> np.ndarray:
    picture = session.rendering.draw(number, size).picture
    assert picture is not None
    return picture.rgb()


def one_side(session: Session, *, original: bool = False) -> np.ndarray:
    """What viewport 0 shows without any comparison."""
    before = session.view.viewports[0]
    session.change(lambda view: view.with_viewport(0, replace(before, against=None, enhanced=not original)))
    found = shown(session)
    session.change(lambda view: view.with_viewport(0, before))
    return found


def words(session: Session, number: int = 0, size: tuple[int, int] = (700, 900)) -> list[str]:
    session.rendering.draw(number, size)
    viewing = session.rendering.viewing(number, size)
    assert viewing is not None
    return [one.text for one in session.rendering.shapes(number, viewing) if isinstance(one, Words)]


@pytest.fixture
def ct(tmp_path: Path, session: Session) -> Session:
    """Eight slices of 64 x 64 with some structure, smoothed."""
    grain = np.random.default_rng(1).integers(0, 2000, (8, 64, 64)).astype(np.float32)
    slices = [cv2.GaussianBlur(one, (0, 0), 0.8) for one in grain]
    factories.ct(tmp_path, 8, volume=np.stack(slices).astype(np.int16))
    session.run("study.open", paths=(tmp_path,))
    session.run("window.set", center=0, width=1200)
    enhanced(session, GAUSSIAN)
    return session


@pytest.fixture
def pair(tmp_path: Path, session: Session) -> Session:
    """A CT and a PET of one frame of reference on different grids; the CT is shown."""
    write_pair(tmp_path)
    session.run("study.open", paths=(tmp_path,))
    session.run("view.show", series=key(session, "CT"))
    session.run("window.set", center=40, width=400)
    return session


class TestWaysOfSeeingTwo:
    @pytest.mark.parametrize("looks", ["as it is", "zoomed and panned", "turned and flipped"])
    def test_a_wipe_shows_the_original_on_the_left_and_the_enhanced_on_the_right_pixel_for_pixel(
        self, ct: Session, looks: str
    ) -> None:
        if looks == "zoomed and panned":
            ct.run("view.look", viewport=0, zoom=2.3, row=0.3, column=0.6)
        if looks == "turned and flipped":
            ct.run("view.rotate", degrees="90")
            ct.run("view.flip", direction="horizontal")
        ct.run("against.wipe")
        ct.run("against.divide", at=0.4)
        target = ct.rendering.viewing(0, SIZE).target()  # type: ignore[union-attr]
        edge = round(0.4 * SIZE[1]) - target.x
        assert 0 < edge < target.width
        found, original, own = shown(ct), one_side(ct, original=True), one_side(ct)
        assert not np.array_equal(original, own)
        assert np.array_equal(found[:, :edge], original[:, :edge])
        assert np.array_equal(found[:, edge:], own[:, edge:])

    def test_a_level_divider_shows_the_original_above(self, ct: Session) -> None:
        ct.run("against.wipe")
        ct.run("against.turn")
        ct.run("against.divide", at=0.25)
        edge = round(0.25 * SIZE[0])
        found = shown(ct)
        assert np.array_equal(found[:edge], one_side(ct, original=True)[:edge])
        assert np.array_equal(found[edge:], one_side(ct)[edge:])

    @pytest.mark.parametrize(("at", "original"), [(0.0, False), (1.0, True)])
    def test_a_divider_at_the_edge_shows_one_picture_only(
        self, ct: Session, at: float, original: bool
    ) -> None:
        ct.run("against.wipe")
        ct.run("against.divide", at=at)
        assert np.array_equal(shown(ct), one_side(ct, original=original))

    @pytest.mark.parametrize("spot", [(0.5, 0.5), (0.3, 0.6), (0.0, 0.0), (1.0, 0.4)])
    def test_a_lens_shows_the_original_inside_and_the_enhanced_around(
        self, ct: Session, spot: tuple[float, float]
    ) -> None:
        ct.run("against.lens")
        ct.run("against.spot", x=spot[0], y=spot[1])
        ct.run("against.radius", radius=0.2)
        target = ct.rendering.viewing(0, SIZE).target()  # type: ignore[union-attr]
        rows, columns = np.mgrid[: target.height, : target.width]
        row, column = round(spot[1] * SIZE[0]) - target.y, round(spot[0] * SIZE[1]) - target.x
        inside = (rows - row) ** 2 + (columns - column) ** 2 <= round(0.2 * SIZE[0]) ** 2
        expected = np.where(inside[..., None], one_side(ct, original=True), one_side(ct))
        assert np.array_equal(shown(ct), expected)

    def test_a_flicker_shows_each_of_the_two_by_turns(self, ct: Session) -> None:
        ct.run("against.flicker")
        assert np.array_equal(shown(ct), one_side(ct))
        assert "Now: Smooth (Gaussian)" in words(ct)
        ct.run("against.swap")
        assert np.array_equal(shown(ct), one_side(ct, original=True))
        assert "Now: Original" in words(ct)

    @pytest.mark.parametrize("opacity", [0.0, 0.3, 1.0])
    def test_a_blend_is_a_weighted_mean_of_both(self, ct: Session, opacity: float) -> None:
        ct.run("against.blend")
        ct.run("against.opacity", opacity=opacity)
        original, own = (one_side(ct, original=one).astype(float) for one in (True, False))
        assert np.abs(shown(ct) - (opacity * original + (1 - opacity) * own)).max() <= 0.51

    def test_the_same_key_once_more_shows_the_picture_alone_again(self, ct: Session) -> None:
        ct.run("against.wipe")
        ct.run("against.lens")
        assert ct.view.current.against is not None
        assert ct.view.current.against.way is Way.LENS
        ct.run("against.lens")
        assert ct.view.current.against is None

    def test_scrolling_windowing_and_planes_keep_both_sides_right(self, ct: Session) -> None:
        ct.run("against.wipe")
        for change in (
            lambda: ct.run("view.scroll", by=2),
            lambda: ct.run("window.set", center=100, width=300),
            lambda: ct.run("window.invert"),
            lambda: ct.run("plane.show", name="coronal"),
        ):
            change()
            found = shown(ct)
            target = ct.rendering.viewing(0, SIZE).target()  # type: ignore[union-attr]
            middle = SIZE[1] // 2 - target.x
            assert np.array_equal(found[:, :middle], one_side(ct, original=True)[:, :middle])
            assert np.array_equal(found[:, middle:], one_side(ct)[:, middle:])

    def test_a_recipe_of_the_viewport_is_what_is_compared(self, ct: Session) -> None:
        recipe = Pipeline((Step.of("gamma", {"exponent": 0.5}),), name="Bright")
        ct.change(lambda view: view.with_viewport(0, replace(view.current, recipe=recipe)))
        ct.run("against.flicker")
        assert np.array_equal(shown(ct), one_side(ct))
        assert "Now: Bright" in words(ct)

    def test_the_original_is_the_picture_with_nothing_laid_over_it_too(self, ct: Session) -> None:
        marked = np.zeros((64, 64), np.uint8)
        marked[20:40, 20:40] = 1
        labels = LabelMap.empty(8, (Label(1, "Nodule", "#e69f00"),)).with_slices({4: marked})
        reading = replace(ct.state.document.reading(key(ct, "CT")), groups=(labels,), pipeline=Pipeline())
        ct.edit("labels", lambda document: document.with_reading(reading))
        ct.run("against.flicker")
        assert ct.view.current.against.other is Other.PLAIN  # type: ignore[union-attr]
        with_labels = shown(ct)
        ct.run("against.swap")
        without = shown(ct)
        assert (np.ptp(with_labels.astype(int), axis=-1) > 20).sum() > 500
        assert np.ptp(without.astype(int), axis=-1).max() == 0
        with pytest.raises(BadValue, match="no values"):
            ct.run("against.difference")

    @pytest.mark.parametrize("way", ["wipe", "lens"])
    def test_annotations_are_cut_where_the_side_without_overlays_begins(self, ct: Session, way: str) -> None:
        plane = ct.rendering.plane(ct.view.current)
        assert plane is not None
        ends = (plane.to_patient(32, 4), plane.to_patient(32, 60))
        ct.run("annotate.add", shape="length", points=ends, viewport=0)
        ct.run(f"against.{way}")
        size = (700, 700)
        viewing = ct.rendering.viewing(0, size)
        assert viewing is not None

        def lengths() -> float:
            strokes = (one for one in ct.rendering.shapes(0, viewing) if isinstance(one, Stroke))
            drawn = [one for one in strokes if one.color == DRAWN or one.color == ACCENT]
            return sum(math.dist(a, b) for one in drawn for a, b in pairwise(one.points))

        ct.rendering.draw(0, size)
        whole = lengths()
        ct.run("against.other", kind="plain")
        ct.rendering.draw(0, size)
        scale = viewing.scale
        assert whole > 55 * scale
        # the divider in the middle leaves half of the line, the lens all that lies farther than its radius
        hidden = 28 * scale if way == "wipe" else 2 * 0.2 * 700
        assert lengths() == pytest.approx(whole - hidden, abs=0.15 * whole)
        assert lengths() < whole

    def test_a_cell_of_the_enhancement_grid_is_compared_alone(self, ct: Session) -> None:
        ct.run("against.wipe")
        ct.run("grid.toggle")
        assert all(one.against is None for one in ct.view.viewports)
        ct.run("against.other", kind="viewport", viewport=(ct.view.active + 1) % 2)
        ct.run("against.lens")
        ct.run("view.scroll", by=1)
        compared = [number for number, one in enumerate(ct.view.viewports) if one.against is not None]
        assert compared == [ct.view.active]
        ct.run("grid.toggle")
        assert ct.view.current.against == Against(Way.WIPE)

    def test_side_by_side_each_picture_stands_alone(self, ct: Session) -> None:
        ct.run("against.wipe")
        ct.run("compare.toggle")
        assert [one.against for one in ct.view.viewports[:2]] == [None, None]


class TestDifferences:
    def test_a_picture_minus_itself_is_zero_everywhere(self, ct: Session) -> None:
        ct.run("view.layout", rows=1, columns=2)
        ct.run("view.show", series=key(ct, "CT"), viewport=1)
        ct.run("view.activate", viewport=0)
        ct.run("against.difference")
        ct.run("against.other", kind="viewport", viewport=1)
        neutral = color_map(DIVERGING).colors[128]
        assert (shown(ct) == neutral).all()

    def test_a_signal_enhancement_is_subtracted_in_hounsfield_units_at_full_resolution(
        self, ct: Session
    ) -> None:
        ct.run("against.difference")
        ct.run("against.span", span=50.0)
        frame = ct.frames.load(key(ct, "CT"), 4)
        smooth = enhance(frame, VOI.unknown(), Pipeline((GAUSSIAN,))).values
        size = (32, 32)  # half of its size
        expected = (smooth - frame.values()).reshape(32, 2, 32, 2).mean(axis=(1, 3))
        level = np.clip(np.rint((expected / 50 + 1) / 2 * 255), 0, 255).astype(int)
        found = shown(ct, size=size).astype(int)
        assert np.abs(found - color_map(DIVERGING).colors[level]).max() <= 2
        scale = ct.rendering.comparing.scale(0)
        assert scale is not None
        assert (scale.span, scale.unit) == (50.0, "HU")

    def test_more_is_orange_and_less_is_blue(self, ct: Session) -> None:
        for gamma, is_more in ((0.5, True), (2.0, False)):
            ct.run("enhance.clear")
            enhanced(ct, Step.of("gamma", {"exponent": gamma}))
            if ct.view.current.against is None:
                ct.run("against.difference")
            red, _, blue = np.moveaxis(shown(ct).astype(int), -1, 0)
            assert ((red >= blue) if is_more else (red <= blue)).all()
            assert (red != blue).mean() > 0.5

    def test_what_no_longer_has_a_unit_is_subtracted_as_shares_of_the_display_range(
        self, ct: Session
    ) -> None:
        enhanced(ct, Step.of("clahe"))
        ct.run("against.difference")
        ct.rendering.draw(0, SIZE)
        scale = ct.rendering.comparing.scale(0)
        assert scale is not None
        assert scale.unit == "share of display range"
        assert 0 < scale.usual <= 1
        assert any("Difference  share of display range" in one for one in words(ct))

    def test_padding_of_either_picture_is_no_difference(self, tmp_path: Path, session: Session) -> None:
        pixels = np.full((1, 64, 64), 1000, np.int16)
        pixels[0, :, :20] = -2000
        factories.ct(tmp_path, 1, volume=pixels, PixelPaddingValue=-2000)
        session.run("study.open", paths=(tmp_path,))
        enhanced(session, GAUSSIAN)
        session.run("against.difference")
        found = shown(session, size=(64, 64))
        assert (found[:, :20] == 0).all()
        assert (found[:, 20:] == color_map(DIVERGING).colors[128]).all()

    def test_an_inverted_picture_has_the_same_difference(self, ct: Session) -> None:
        ct.run("against.difference")
        before = shown(ct)
        ct.run("window.invert")
        assert np.array_equal(shown(ct), before)

    @pytest.mark.rule("P-21")
    def test_the_legend_says_the_range_on_both_sides_and_the_unit(self, ct: Session) -> None:
        ct.run("against.difference")
        ct.run("against.span", span=80.0)
        found = words(ct)
        assert "Difference  HU" in found
        assert {"\N{MINUS SIGN}80", "0", "80"} <= set(found)
        assert "Smooth (Gaussian) \N{MINUS SIGN} Original" in found
        viewing = ct.rendering.viewing(0, (700, 900))
        assert viewing is not None
        bars = [one for one in ct.rendering.shapes(0, viewing) if isinstance(one, ColorBar)]
        assert len(bars) == 1
        assert bars[0].colors == color_map(DIVERGING).hex()[::-1]

    def test_a_difference_of_values_names_no_window_and_one_of_greys_does(self, ct: Session) -> None:
        def note() -> str:
            return layout_note(ct.rendering, snapshots(ct, 1.0, False, Look(text=False)))

        ct.canvas[0] = SIZE
        ct.run("against.difference")
        assert not any(one.startswith("C 0  W 1200") for one in words(ct))
        assert "W 1200" not in note()
        enhanced(ct, Step.of("clahe"))
        assert any(one.startswith("C 0  W 1200") for one in words(ct))
        assert "W 1200" in note()

    @pytest.mark.rule("P-21")
    def test_a_narrow_difference_names_both_sides_and_its_range_in_words(self, ct: Session) -> None:
        ct.run("against.difference")
        ct.run("against.span", span=80.0)
        for size in ((600, 200), (275, 330)):
            found = words(ct, size=size)
            assert "Difference  HU" not in found
            assert "Smooth (Gaussian)" in " ".join(found)
            assert "\N{MINUS SIGN} Original" in " ".join(found)
            assert "\N{MINUS SIGN}80 to 80 HU" in found

    def test_a_legend_without_room_for_its_unit_has_it_in_a_line_of_its_own(self, ct: Session) -> None:
        enhanced(ct, Step.of("clahe"))
        ct.run("against.difference")
        assert {"Difference", "share of display range"} <= set(words(ct, size=(430, 500)))

    def test_under_the_mouse_stands_the_difference_with_its_sign(self, ct: Session) -> None:
        ct.run("against.difference")
        ct.rendering.draw(0, SIZE)
        frame = ct.frames.load(key(ct, "CT"), 4)
        more = enhance(frame, VOI.unknown(), Pipeline((GAUSSIAN,))).values - frame.values()
        found = ct.rendering.probe(0, 20, 30)
        assert found is not None
        said = found.difference_text.replace("\N{MINUS SIGN}", "-")
        assert said == f"difference {more[20, 30]:+.4g} HU"
        assert found.difference_text in found.words()
        enhanced(ct, Step.of("clahe"))
        ct.rendering.draw(0, SIZE)
        found = ct.rendering.probe(0, 20, 30)
        assert found is not None
        assert found.difference_text.endswith(" of 1")


class TestOtherSeries:
    def test_under_the_mouse_stand_the_values_of_both(self, pair: Session) -> None:
        pair.run("against.wipe")
        pair.run("against.other", kind="series", series=key(pair, "PT"))
        pair.rendering.draw(0, SIZE)
        request = pair.rendering.request(0, None)
        frame = pair.frames.load(key(pair, "CT"), pair.view.current.index)
        second = load_second(pair, request, frame)
        assert second is not None
        found = pair.rendering.probe(0, 30, 30)
        assert found is not None
        assert found.other_text.startswith("PT")
        assert (
            value_words(float(second.frame.values()[30, 30]), second.frame.rescale.unit) in found.other_text
        )
        assert "interpolated" in found.other_text
        assert found.other_text in found.words()

    def test_a_pet_on_the_grid_of_a_ct_is_what_fusion_shows_of_it(self, pair: Session) -> None:
        pair.run("fusion.set", series=key(pair, "PT"), colors="black-red", opacity=1.0)
        fused = shown(pair)[..., 0]
        pair.run("fusion.off")
        pair.run("against.other", kind="series", series=key(pair, "PT"))
        pair.run("against.divide", at=1.0)
        found = shown(pair)
        assert found.max() > 100
        assert np.abs(found[..., 0].astype(int) - fused).max() <= 1
        assert "Wipe: left PT | right CT" in " ".join(words(pair))

    @pytest.mark.parametrize("plane", ["coronal", "acquired"])
    def test_two_series_are_compared_on_planes_too(self, pair: Session, plane: str) -> None:
        pair.run("plane.show", name=plane)
        alone = shown(pair)
        pair.run("against.other", kind="series", series=key(pair, "PT"))
        found = shown(pair)
        target = pair.rendering.viewing(0, SIZE).target()  # type: ignore[union-attr]
        middle = SIZE[1] // 2 - target.x
        assert np.array_equal(found[:, middle:], alone[:, middle:])
        assert not np.array_equal(found[:, :middle], alone[:, :middle])

    def test_hounsfield_units_minus_becquerels_are_greys_minus_greys(self, pair: Session) -> None:
        pair.run("against.other", kind="series", series=key(pair, "PT"))
        pair.run("against.difference")
        pair.rendering.draw(0, SIZE)
        scale = pair.rendering.comparing.scale(0)
        assert scale is not None
        assert scale.unit == "share of display range"

    def test_two_series_without_a_place_in_common_are_refused_in_a_sentence(
        self, tmp_path: Path, session: Session
    ) -> None:
        factories.ct(tmp_path / "a", 4, series="a", study="1")
        factories.ct(tmp_path / "b", 4, series="b", study="2", FrameOfReferenceUID="1.2.3")
        session.run("study.open", paths=(tmp_path,))
        keys = [one.key for study in session.state.studies for one in study.series]
        session.run("view.show", series=keys[0])
        with pytest.raises(BadValue, match="frames of reference"):
            session.run("against.other", kind="series", series=keys[1])
        reasons = [one.why_not for one in offers(session, 0) if one.series == keys[1]]
        assert "frames of reference" in reasons[0]

    def test_nothing_to_compare_with_is_said(self, tmp_path: Path, session: Session) -> None:
        factories.ct(tmp_path, 4)
        session.run("study.open", paths=(tmp_path,))
        with pytest.raises(BadValue, match="nothing to compare"):
            session.run("against.wipe")

    def test_a_series_that_is_closed_meanwhile_is_told_on_the_picture(self, pair: Session) -> None:
        pair.change(
            lambda view: view.with_viewport(
                0, replace(view.current, against=Against(Way.WIPE, Other.SERIES, series="gone"))
            )
        )
        assert np.array_equal(shown(pair), one_side(pair))
        assert "Not compared: The other series is not open" in " ".join(words(pair))

    def test_pictures_of_one_size_without_a_place_are_compared_with_a_warning(
        self, tmp_path: Path, session: Session
    ) -> None:
        for name, shift in (("a", 0), ("b", 40)):
            factories.gray(
                tmp_path / f"{name}.dcm", factories.gradient(32, 48) + shift, series=name, study="1"
            )
        session.run("study.open", paths=(tmp_path,))
        keys = [one.key for study in session.state.studies for one in study.series]
        session.run("view.show", series=keys[0])
        session.run("against.other", kind="series", series=keys[1])
        assert "nothing says that both show the same place" in " ".join(words(session))

    def test_another_viewport_is_compared_at_this_place_wherever_it_has_scrolled(self, ct: Session) -> None:
        ct.run("view.layout", rows=1, columns=2)
        ct.run("view.show", series=key(ct, "CT"), viewport=1, index=0)
        ct.run("window.set", center=200, width=300)
        ct.run("view.activate", viewport=0)
        ct.run("against.flicker")
        ct.run("against.other", kind="viewport", viewport=1)
        ct.run("against.swap")
        found = shown(ct)
        ct.run("against.off")
        ct.run("window.set", center=200, width=300)
        assert ct.view.current.index != 0
        assert np.array_equal(found, shown(ct))

    def test_series_of_one_grid_are_compared_without_resampling(
        self, tmp_path: Path, session: Session
    ) -> None:
        for name, modality in (("a", "CT"), ("b", "MR")):
            factories.ct(tmp_path / name, 4, series=name, modality=modality)
        session.run("study.open", paths=(tmp_path,))
        session.run("view.show", series=key(session, "CT"), index=1)
        session.run("against.other", kind="series", series=key(session, "MR"))
        request = session.rendering.request(0, None)
        assert request is not None
        assert request.against is not None
        assert not request.against.resampled
        assert request.against.request.index == 1


class TestWaysOut:
    @pytest.mark.parametrize("way", WAYS)
    def test_exports_show_the_pixels_of_the_screen(self, ct: Session, way: str) -> None:
        ct.run(f"against.{way}")
        viewing = ct.rendering.viewing(0, SIZE)
        request = ct.rendering.request(0, viewing)
        assert request is not None
        exported = ct.rendering.picture(request, ct.rendering.load(request))
        assert np.array_equal(exported.rgb(), shown(ct))
        assert exported.scale == ct.rendering.comparing.scale(0)

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.rule("P-56")
    def test_a_saved_picture_says_what_both_sides_are(self, ct: Session, way: str) -> None:
        ct.run(f"against.{way}")
        ct.canvas[0] = SIZE
        taken = snapshots(ct, 1.0, False, Look(text=False))
        assert compose_layout(ct.rendering, taken, TaskContext()).shape == (*SIZE, 3)
        note = layout_note(ct.rendering, taken)
        assert "enhanced: Smooth (Gaussian)" in note
        assert "the other: " in note
        assert ct.state.studies[0].patient.id not in note

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("presses", [0, 1, 2])
    def test_both_sides_are_named_in_every_mode_of_the_corner_text(
        self, ct: Session, way: str, presses: int
    ) -> None:
        ct.run(f"against.{way}")
        for _ in range(presses):
            ct.run("view.text")
        said = " ".join(words(ct))
        assert f"{way.capitalize()}: " in said
        assert "Original" in said
        assert "Smooth (Gaussian)" in said
        assert "display only" in said

    def test_a_divider_has_a_line_a_grip_and_the_name_of_each_side(self, ct: Session) -> None:
        ct.run("against.wipe")
        ct.run("against.divide", at=0.3)
        size = (700, 900)
        ct.rendering.draw(0, size)
        viewing = ct.rendering.viewing(0, size)
        assert viewing is not None
        shapes = ct.rendering.shapes(0, viewing)
        x = 0.3 * 900
        lines = [
            one for one in shapes if isinstance(one, Stroke) and all(abs(a - x) < 0.1 for a, _ in one.points)
        ]
        assert len(lines) == 2
        names = {one.text: one for one in shapes if isinstance(one, Words) and one.anchor[1] == 0.0}
        assert names["Original"].x < x < names["Smooth (Gaussian)"].x
