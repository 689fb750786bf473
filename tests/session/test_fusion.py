"""Colours, overlays and a second series over the picture: what commands do, and what every way out shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medviewer.core.beside_pixels import SHUTTER, OverlayPlane, Shutter
from medviewer.core.cut import Cut, anatomical
from medviewer.core.fusion import Fusion
from medviewer.core.volume import Frame, read_only
from medviewer.imaging.colormaps import color_map
from medviewer.imaging.shapes import ColorBar, Words
from medviewer.kit.errors import BadValue, ExportTrouble
from medviewer.session.session import Session
from tests import factories
from tests.session.pairs import HOT, SLOPES, activity, write_pair


@pytest.fixture
def pair(tmp_path: Path, session: Session) -> Session:
    write_pair(tmp_path)
    session.run("study.open", paths=(tmp_path,))
    session.run("view.show", series=key(session, "CT"))
    session.run("window.set", center=40, width=400)
    return session


def key(session: Session, modality: str) -> str:
    return next(
        one.key for study in session.state.studies for one in study.series if one.modality == modality
    )


def shown(session: Session, size: tuple[int, int] | None = None) -> np.ndarray:
    picture = session.rendering.draw(session.view.active, size).picture
    assert picture is not None
    return picture.rgb()


def words(session: Session, size: tuple[int, int] = (700, 900)) -> list[str]:
    session.rendering.draw(0, size)
    viewing = session.rendering.viewing(0, size)
    assert viewing is not None
    return [one.text for one in session.rendering.shapes(0, viewing) if isinstance(one, Words)]


def bars(session: Session, size: tuple[int, int] = (700, 900)) -> list[ColorBar]:
    session.rendering.draw(0, size)
    viewing = session.rendering.viewing(0, size)
    assert viewing is not None
    return [one for one in session.rendering.shapes(0, viewing) if isinstance(one, ColorBar)]


class TestFusing:
    @pytest.mark.parametrize("cut", [None, "coronal", "sagittal"])
    def test_a_pet_lies_where_it_belongs_on_slices_and_on_planes(
        self, pair: Session, cut: str | None
    ) -> None:
        if cut is not None:
            plane = Cut(*anatomical(cut), distance=0.0, name=cut.capitalize())
            plane = replace(plane, distance=plane.distance_of(HOT))
            pair.change(lambda view: view.with_viewport(0, replace(view.current, cut=plane)))
        pair.run("fusion.set", series=key(pair, "PT"), colors="black-red", opacity=1.0)
        pair.run("fusion.window", center=4000, width=8000)
        red = shown(pair)[..., 0].astype(float)
        grid = pair.rendering.plane(pair.view.current)
        assert grid is not None
        rows, columns = np.mgrid[: grid.shape[0], : grid.shape[1]]
        position = np.stack(
            [
                np.asarray(grid.origin)[at]
                + rows * grid.spacing[0] * grid.along_column[at]
                + columns * grid.spacing[1] * grid.along_row[at]
                for at in range(3)
            ],
            axis=-1,
        )
        expected = activity(position)
        # where the ball fades voxels of 8 mm are too coarse for more than its place
        assert np.average(rows, weights=red**2) == pytest.approx(np.average(rows, weights=expected**2), abs=1)
        assert np.average(columns, weights=red**2) == pytest.approx(
            np.average(columns, weights=expected**2), abs=1
        )

    def test_a_window_of_its_own_leaves_the_picture_below_alone(self, pair: Session) -> None:
        pair.run("fusion.set", series=key(pair, "PT"), opacity=0.0)
        before = shown(pair)
        pair.run("fusion.window", center=3000, width=500)
        assert np.array_equal(shown(pair), before)
        pair.run("fusion.opacity", opacity=0.6)
        assert not np.array_equal(shown(pair), before)
        pair.run("fusion.off")
        assert np.array_equal(shown(pair), before)

    def test_without_a_window_in_the_file_all_slices_have_the_same(self, pair: Session) -> None:
        pair.run("fusion.set", series=key(pair, "PT"))
        windows = set()
        for index in (0, 5, 12):
            pair.run("view.goto", index=index)
            shown(pair)
            fused = pair.rendering.fused(0)
            assert fused is not None
            windows.add(fused.windows)
        assert len(windows) == 1

    @pytest.mark.rule("P-54")
    def test_the_probe_tells_both_values_each_its_own(self, pair: Session) -> None:
        pair.run("fusion.set", series=key(pair, "PT"))
        shown(pair)
        plane = pair.rendering.plane(pair.view.current)
        assert plane is not None
        # the centre of a voxel of the PET, which its slope makes exact
        row, column = plane.to_image((28.0, -12.0, 12.0))
        found = pair.rendering.probe(0, row, column)
        assert found is not None
        expected = np.rint(activity(np.array([28.0, -12.0, 12.0])) / SLOPES[2]) * SLOPES[2]
        assert found.fused_text.startswith(f"PT {expected:.0f}")
        assert "HU" in found.value_text
        assert found.fused_text in found.words()

    def test_what_lies_over_what_stands_in_the_corner_in_every_mode(self, pair: Session) -> None:
        pair.run("fusion.set", series=key(pair, "PT"), opacity=0.35)
        for _ in range(3):
            pair.run("view.text")
            assert "PT over CT 35 %" in words(pair)

    def test_a_series_elsewhere_is_refused_in_words(self, tmp_path: Path, session: Session) -> None:
        write_pair(tmp_path, FrameOfReferenceUID=factories.uid("elsewhere"))
        session.run("study.open", paths=(tmp_path,))
        session.run("view.show", series=key(session, "CT"))
        with pytest.raises(BadValue, match="different frames of reference"):
            session.run("fusion.set", series=key(session, "PT"))
        assert session.view.current.fusion is None
        with pytest.raises(BadValue, match="over itself"):
            session.run("fusion.set", series=key(session, "CT"))
        with pytest.raises(BadValue, match="No series is laid"):
            session.run("fusion.opacity", opacity=0.5)

    def test_one_that_was_chosen_elsewhere_is_told_instead_of_drawn(
        self, tmp_path: Path, session: Session
    ) -> None:
        write_pair(tmp_path, FrameOfReferenceUID=factories.uid("elsewhere"))
        session.run("study.open", paths=(tmp_path,))
        session.run("view.show", series=key(session, "CT"))
        fusion = Fusion(key(session, "PT"))
        session.change(lambda view: view.with_viewport(0, replace(view.current, fusion=fusion)))
        told = []
        session.rendering.show(0, (300, 300), told.append)
        assert "no place in common" in str(told[0].trouble)

    def test_linked_viewports_of_the_series_are_fused_together(self, pair: Session) -> None:
        pair.run("view.layout", rows=1, columns=2)
        pair.run("view.show", series=key(pair, "CT"), viewport=1)
        pair.run("view.link")
        pair.run("fusion.set", series=key(pair, "PT"))
        assert [one.fusion is not None for one in pair.view.viewports[:3]] == [True, True, False]

    def test_a_fused_picture_is_drawn_at_once_when_it_was_drawn_before(self, pair: Session) -> None:
        pair.run("fusion.set", series=key(pair, "PT"))
        shown(pair)
        held = pair.frames.held
        frame = pair.rendering.frame(pair.view.current)
        request = pair.rendering.request(0, None)
        assert frame is not None
        assert request is not None
        assert pair.rendering._delivery._is_ready(frame, request)
        shown(pair)
        assert pair.frames.held == held

    def test_closing_the_study_above_leaves_the_picture_below(self, pair: Session) -> None:
        fusion = Fusion("gone")
        pair.change(lambda view: view.with_viewport(0, replace(view.current, fusion=fusion)))
        assert shown(pair).shape == (64, 64, 3)
        assert words(pair)


class TestExport:
    @pytest.mark.rule("P-56", "P-58")
    def test_a_saved_picture_has_what_the_screen_has(self, pair: Session) -> None:
        pair.run("fusion.set", series=key(pair, "PT"), opacity=0.7)
        pair.run("view.colors", name="magma")
        pair.canvas[0] = (500, 600)
        screen = pair.rendering.draw(0, (500, 600))
        assert screen.picture is not None
        assert screen.viewing is not None
        target = screen.viewing.target()
        saved = pair.run("export.copy")
        left = target.x + 45  # beside the bar of colours, above the scale bar
        part = (slice(target.y + 170, target.y + 320), slice(left + 100, left + 300))
        whole = np.zeros_like(saved)
        whole[max(target.y, 0) : target.y + target.height, target.x : target.x + target.width] = (
            screen.picture.rgb()
        )
        assert np.array_equal(saved[part], whole[part])

    def test_the_clipboard_waits_for_nothing(self, pair: Session) -> None:
        shown(pair)
        pair.canvas[0] = (100, 100)
        pair.run("export.copy")
        pair.run("fusion.set", series=key(pair, "PT"))
        with pytest.raises(ExportTrouble, match="not there yet"):
            pair.run("export.copy")
        shown(pair)
        assert pair.run("export.copy").shape == (100, 100, 3)

    def test_the_bars_of_colours_are_saved_too(self, pair: Session) -> None:
        pair.run("view.colors", name="viridis")
        pair.canvas[0] = (600, 700)
        bar = bars(pair, (600, 700))[0]
        saved = pair.run("export.copy")
        column = saved[round(bar.y) : round(bar.y + bar.height), round(bar.x + bar.width / 2)]
        expected = color_map("viridis").colors[::-1].astype(int)
        expected = expected[np.linspace(0, 255, len(column)).round().astype(int)]
        assert np.abs(column - expected).max() <= 8


class TestColours:
    def test_switching_colours_on_takes_the_first_choice(self, pair: Session) -> None:
        pair.run("view.colors")
        assert pair.view.current.colors == "cividis"
        pair.run("view.colors", name="grey")
        assert pair.view.current.colors == ""

    def test_a_wrong_name_changes_nothing(self, pair: Session) -> None:
        with pytest.raises(BadValue, match="no colour map"):
            pair.run("view.colors", name="jet")
        assert pair.view.current.colors == ""

    @pytest.mark.rule("P-29")
    def test_a_colour_picture_takes_no_map_and_says_so(self, tmp_path: Path, session: Session) -> None:
        factories.color(tmp_path / "photo.dcm")
        session.run("study.open", paths=(tmp_path,))
        shown(session)
        with pytest.raises(BadValue, match="colours of its own"):
            session.run("view.colors")

    def test_a_bar_stands_there_only_where_there_are_colours(self, pair: Session) -> None:
        assert not bars(pair)
        pair.run("view.colors")
        assert len(bars(pair)) == 1
        pair.run("fusion.set", series=key(pair, "PT"))
        assert len(bars(pair)) == 2

    @pytest.mark.rule("P-21")
    def test_the_bar_tells_the_edges_of_the_window_in_its_unit(self, pair: Session) -> None:
        pair.run("view.colors")
        assert {"\N{MINUS SIGN}160", "40", "239", "HU"} <= set(words(pair))

    def test_an_enhanced_picture_has_no_unit(self, pair: Session) -> None:
        pair.run("view.colors")
        pair.run("enhance.add", operation="clahe")
        assert {"0.000", "1.000", "enhanced"} <= set(words(pair))
        assert not {"239", "HU"} & set(words(pair))


class Beside:
    """Puts overlays and a shutter on the frames of a session."""

    covered = np.zeros((64, 64), np.uint8)
    covered[:8] = 255
    spot = np.zeros((64, 64), np.uint8)
    spot[30, 30] = 255

    def __init__(self, session: Session) -> None:
        frame = session.frames.load(key(session, "CT"), session.view.current.index)
        self.frame: Frame = replace(
            frame,
            overlays=(
                OverlayPlane(0x6000, read_only(self.spot.copy()), label="ROI"),
                OverlayPlane(0x6002, read_only(self.spot.T.copy())),
            ),
            shutter=Shutter(read_only(self.covered.copy()), 0.5),
        )
        series = session.series(key(session, "CT"))
        assert series is not None
        session.frames._cache.put(
            session.frames._key(series, session.view.current.index, None), self.frame, 1
        )


class TestSwitches:
    @pytest.fixture
    def beside(self, pair: Session) -> Session:
        Beside(pair)
        return pair

    @pytest.mark.rule("P-33")
    def test_one_overlay_or_all_are_switched(self, beside: Session) -> None:
        beside.run("view.overlay", group=0x6000, on=False)
        assert beside.view.current.hidden_overlays == (0x6000,)
        beside.run("view.overlays")
        assert beside.view.current.hidden_overlays == (0x6000, 0x6002)
        assert "2 overlays off" in words(beside)
        beside.run("view.overlays")
        assert beside.view.current.hidden_overlays == ()
        with pytest.raises(BadValue, match="no overlay 24580 here.*24576"):
            beside.run("view.overlay", group=0x6004)

    @pytest.mark.rule("P-34")
    def test_a_shutter_that_is_off_is_told_on_the_picture(self, beside: Session) -> None:
        assert shown(beside)[0, 0].tolist() == [128, 128, 128]
        assert "shutter off" not in words(beside)
        beside.run("view.shutter")
        assert beside.view.current.hidden_overlays == (SHUTTER,)
        assert shown(beside)[0, 0].tolist() != [128, 128, 128]
        assert "shutter off" in words(beside)

    def test_what_a_file_does_not_bring_cannot_be_switched(self, pair: Session) -> None:
        shown(pair)
        for name, reason in (("view.overlays", "no overlays"), ("view.shutter", "no shutter")):
            with pytest.raises(BadValue, match=reason):
                pair.run(name)

    def test_the_colour_of_overlays_is_the_readers(self, beside: Session) -> None:
        beside.run("settings.set", overlay_color="#00ff00")
        assert shown(beside)[30, 30].tolist() == [0, 255, 0]


@pytest.fixture
def phases(session: Session, tmp_path: Path) -> Session:
    """A CT below five slices in four phases, whose values are 100 times the number of the phase."""
    factories.ct(tmp_path / "ct", 5, rows=16, columns=20, series="ct")
    factories.repeated(tmp_path / "mr", [{"TriggerTime": time} for time in (0, 40, 80, 120)], series="mr")
    session.run("study.open", paths=(tmp_path,))
    session.run("view.show", series=key(session, "CT"))
    session.run("fusion.set", series=key(session, "MR"))
    return session


def phase_above(session: Session) -> int:
    """The number of the phase that is really laid over the picture, from 0."""
    session.rendering.draw(0, (64, 64))
    fused = session.rendering.fused(0)
    assert fused is not None
    return int(np.nanmax(fused.values()) // 100)


class TestAPhaseAbove:
    def test_it_is_the_one_that_another_viewport_shows(self, phases: Session) -> None:
        assert phase_above(phases) == 0
        phases.run("view.layout", rows=1, columns=2)
        phases.run("view.show", series=key(phases, "MR"), viewport=1)
        phases.run("view.activate", viewport=1)
        phases.run("view.dimension", by=2)
        before = phases.rendering.request(0, None)
        assert phase_above(phases) == 2
        phases.run("view.scroll", by=1)
        assert phases.rendering.request(0, None) == before, "another place of it changes nothing here"

    def test_it_is_chosen_by_number_where_no_viewport_shows_it(self, phases: Session) -> None:
        phases.run("fusion.value", number=4)
        assert phase_above(phases) == 3
        assert "Phase 4 / 4" in " ".join(words(phases, (700, 1400)))
        with pytest.raises(BadValue, match="no value 5"):
            phases.run("fusion.value", number=5)

    def test_a_viewport_that_shows_it_is_not_overruled(self, phases: Session) -> None:
        phases.run("view.layout", rows=1, columns=2)
        phases.run("view.show", series=key(phases, "MR"), viewport=1)
        phases.run("view.activate", viewport=0)
        with pytest.raises(BadValue, match="A viewport shows the series above"):
            phases.run("fusion.value", number=2)

    def test_a_series_of_one_value_has_no_other(self, pair: Session) -> None:
        pair.run("fusion.set", series=key(pair, "PT"))
        with pytest.raises(BadValue, match="one value at each place"):
            pair.run("fusion.value", number=1)
