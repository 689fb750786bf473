"""Planes through a stack: they cross at one place, keep millimetres, and say what was done to the values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medviewer.core.cut import Cut, Slab
from medviewer.core.finding import Provenance
from medviewer.core.labels import Label, LabelMap
from medviewer.imaging.beside import box_of
from medviewer.imaging.crossing import crossed_by
from medviewer.imaging.shapes import ColorBar, Words
from medviewer.kit.errors import BadValue
from medviewer.kit.runner import InlineRunner
from medviewer.kit.task import Task
from medviewer.session import planes
from medviewer.session.crossings import crossings
from medviewer.session.scene import scene, shapes
from medviewer.session.session import Session
from tests import factories

SIZE = (900, 900)
AXIAL, CORONAL, SAGITTAL, ACQUIRED = range(4)


@pytest.fixture
def ct(session: Session, tmp_path: Path) -> Session:
    """Planes of a CT with odd spacing: 16 slices 2.5 mm apart, pixels 0.7 mm high and 0.5 mm wide."""
    factories.ct(tmp_path / "ct", slices=16, spacing=(0.7, 0.5), step=2.5, rows=40, columns=60)
    session.run("study.open", paths=(tmp_path / "ct",))
    session.run("plane.layout")
    return session


def cut(session: Session, number: int) -> Cut:
    found = session.view.viewports[number].cut
    assert found is not None
    return found


def stored(session: Session) -> np.ndarray:
    """The stack as it was written: (slice, row, column)."""
    key = session.view.current.series
    series = session.series(key)
    assert key is not None
    assert series is not None
    return np.stack([session.frames.load(key, at).pixels for at in range(series.count)])


def words(session: Session, number: int) -> str:
    """Everything that is written over a viewport."""
    session.rendering.draw(number, SIZE)
    viewing = session.rendering.viewing(number, SIZE)
    assert viewing is not None
    taken = scene(session, number, viewing)
    assert taken is not None
    drawn = shapes(taken, session.rendering.frame(session.view.viewports[number]))
    return "\n".join(one.text for one in drawn if hasattr(one, "text"))


def test_planes_stand_side_by_side_and_a_second_time_goes_back(ct: Session) -> None:
    assert [one.cut.name if one.cut else "" for one in ct.view.viewports[:4]] == [
        "Axial",
        "Coronal",
        "Sagittal",
        "",
    ]
    assert (ct.view.layout.rows, ct.view.layout.columns) == (2, 2)
    ct.run("window.set", center=100.0, width=500.0)
    ct.run("plane.layout")
    assert (ct.view.layout.rows, ct.view.layout.columns) == (1, 1)
    assert ct.view.current.cut is None
    assert ct.view.current.voi.center == 100


def test_going_back_shows_the_slice_to_which_the_planes_have_led(ct: Session) -> None:
    ct.run("view.goto", index=3)
    ct.run("plane.layout")
    assert ct.view.current.index == 3


@pytest.mark.rule("P-38")
def test_a_plane_along_the_voxels_is_made_of_them_with_the_spacing_of_positions(ct: Session) -> None:
    ct.run("view.activate", viewport=CORONAL)
    ct.run("view.goto", index=10)
    frame = ct.rendering.load(ct.rendering.request(CORONAL, None))
    assert np.array_equal(frame.pixels, stored(ct)[::-1, 10, :])
    assert frame.plane.spacing == (2.5, 0.5)
    ct.run("view.activate", viewport=SAGITTAL)
    ct.run("plane.crosshair", position=(-32 + 7 * 0.5, -20.0, 10.0))
    frame = ct.rendering.load(ct.rendering.request(SAGITTAL, None))
    assert np.array_equal(frame.pixels, stored(ct)[::-1, :, 7])
    assert frame.plane.spacing == (2.5, 0.7)


def test_all_planes_and_slices_go_to_the_crosshair(ct: Session) -> None:
    position = (-32 + 20 * 0.5, -32 + 30 * 0.7, 5 * 2.5)
    ct.run("plane.crosshair", position=position)
    for number in (AXIAL, CORONAL, SAGITTAL):
        assert cut(ct, number).distance_of(position) == pytest.approx(cut(ct, number).distance)
    assert ct.view.viewports[ACQUIRED].index == 5


def test_the_crosshair_stays_inside_the_stack(ct: Session) -> None:
    ct.run("plane.crosshair", position=(1000.0, -1000.0, 1000.0))
    assert ct.view.crosshair == pytest.approx((-32 + 59 * 0.5, -32, 37.5))
    assert ct.view.viewports[ACQUIRED].index == 15


def test_the_wheel_steps_through_the_voxels_and_takes_the_crosshair_along(ct: Session) -> None:
    ct.run("view.activate", viewport=CORONAL)
    before, place = cut(ct, CORONAL).distance, ct.view.crosshair
    assert place is not None
    ct.run("view.scroll", by=3)
    assert cut(ct, CORONAL).distance == pytest.approx(before + 3 * 0.7)
    assert ct.view.crosshair == pytest.approx((place[0], cut(ct, CORONAL).distance, place[2]))
    ct.run("view.goto", index=-1)
    assert cut(ct, CORONAL).distance == pytest.approx(-32 + 39 * 0.7)
    ct.run("view.scroll", by=1)
    assert cut(ct, CORONAL).distance == pytest.approx(-32 + 39 * 0.7)
    ct.run("view.step", viewport=CORONAL)
    assert cut(ct, CORONAL).distance == pytest.approx(-32)


def test_scrolling_acquired_slices_takes_the_planes_along(ct: Session) -> None:
    ct.run("view.activate", viewport=ACQUIRED)
    ct.run("view.goto", index=2)
    assert cut(ct, AXIAL).distance == pytest.approx(5.0)
    assert ct.view.crosshair is not None
    assert ct.view.crosshair[2] == pytest.approx(5.0)


@pytest.mark.rule("P-42")
def test_a_turned_plane_says_so_and_has_letters_of_where_it_looks(ct: Session) -> None:
    ct.run("plane.turn", degrees=30.0, viewport=AXIAL)
    assert cut(ct, AXIAL).normal == (0.0, 0.0, 1.0)
    for number in (CORONAL, SAGITTAL):
        normal = cut(ct, number).normal
        assert math.hypot(*normal) == pytest.approx(1)
        assert cut(ct, number).distance_of(ct.view.crosshair) == pytest.approx(cut(ct, number).distance)
    across = sum(a * b for a, b in zip(cut(ct, CORONAL).normal, cut(ct, SAGITTAL).normal, strict=True))
    assert across == pytest.approx(0)
    # clockwise as seen from the feet: the patient's left end of the coronal plane goes to the back
    assert cut(ct, CORONAL).along_row == pytest.approx((math.cos(math.pi / 6), 0.5, 0.0))
    said = words(ct, CORONAL)
    assert "Oblique 30° R" in said
    assert "LP" in said.split("\n")
    assert "RA" in said.split("\n")
    assert "interpolated" in said


def test_turned_in_two_viewports_a_plane_is_double_oblique_and_comes_back(ct: Session) -> None:
    before = [cut(ct, number) for number in (AXIAL, CORONAL, SAGITTAL)]
    ct.run("plane.turn", degrees=20.0, viewport=AXIAL)
    ct.run("plane.turn", degrees=-35.0, viewport=CORONAL)
    assert all(abs(part) > 0.1 for part in cut(ct, SAGITTAL).normal)
    ct.run("plane.straight")
    assert [cut(ct, number) for number in (AXIAL, CORONAL, SAGITTAL)] == before


def test_many_small_turns_forth_and_back_are_none(ct: Session) -> None:
    before = cut(ct, CORONAL)
    for degrees in (0.7,) * 50 + (-0.7,) * 50:
        ct.run("plane.turn", degrees=degrees, viewport=AXIAL)
    after = cut(ct, CORONAL)
    assert after.along_row == before.along_row
    assert after.along_column == before.along_column


def test_an_oblique_plane_through_a_ramp_is_the_ramp(session: Session, tmp_path: Path) -> None:
    slices, rows, columns = np.mgrid[:16, :40, :60]
    ramp = (slices * 25 + rows * 7 + columns * 5).astype(np.uint16)
    factories.ct(tmp_path / "ramp", slices=16, spacing=(0.7, 0.5), step=2.5, rows=40, columns=60, volume=ramp)
    session.run("study.open", paths=(tmp_path / "ramp",))
    session.run("plane.layout")
    session.run("plane.turn", degrees=23.0, viewport=AXIAL)
    session.run("plane.turn", degrees=11.0, viewport=CORONAL)
    frame = session.rendering.load(session.rendering.request(SAGITTAL, None))
    middle = [round(at) for at in frame.plane.to_image(session.view.crosshair)]
    for row in range(middle[0] - 5, middle[0] + 6):
        x, y, z = frame.plane.to_patient(row, middle[1])
        # 10 a millimetre along each axis from the first voxel
        expected = 10 * ((x + 32) + (y + 32) + z)
        assert frame.pixels[row, middle[1]] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("mode", "choose"), [("max", np.max), ("min", np.min), ("mean", np.mean)])
def test_a_slab_holds_the_values_behind_one_another(ct: Session, mode: str, choose) -> None:
    ct.run("view.activate", viewport=AXIAL)
    ct.run("view.goto", index=7)
    ct.run("plane.slab", thickness=10.0, mode=mode)
    frame = ct.rendering.load(ct.rendering.request(AXIAL, None))
    assert np.allclose(frame.pixels, choose(stored(ct)[5:10].astype(float), axis=0), atol=1e-3)
    assert f"Slab 10 mm {mode}" in words(ct, AXIAL)


def test_a_slab_is_for_one_plane_or_for_all(ct: Session) -> None:
    ct.run("view.activate", viewport=CORONAL)
    ct.run("plane.slab", thickness=6.0)
    assert [cut(ct, number).thickness for number in range(3)] == [0, 6, 0]
    ct.run("plane.slab_all", mode="max")
    assert [cut(ct, number).thickness for number in range(3)] == [0, 6, 0]
    assert {cut(ct, number).slab for number in range(3)} == {Slab.MAXIMUM}
    ct.run("plane.slab_all", thickness=4.0)
    assert [cut(ct, number).thickness for number in range(3)] == [4, 4, 4]
    ct.run("view.activate", viewport=ACQUIRED)
    with pytest.raises(BadValue, match="Acquired slices"):
        ct.run("plane.slab", thickness=6.0)


@pytest.mark.rule("P-22")
def test_where_the_lowest_value_is_white_it_is_white_in_planes_too(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", PhotometricInterpretation="MONOCHROME1")
    session.run("study.open", paths=(tmp_path / "ct",))
    slice_ = session.rendering.draw(0, None).picture.pixels
    session.run("plane.show", name="axial")
    assert np.array_equal(session.rendering.draw(0, None).picture.pixels, slice_)
    session.run("plane.show", name="coronal")
    frame = session.rendering.load(session.rendering.request(0, None))
    picture = session.rendering.draw(0, None).picture.pixels
    assert (
        picture[frame.pixels == frame.pixels.min()].min() > picture[frame.pixels == frame.pixels.max()].max()
    )


@pytest.mark.rule("P-39")
def test_a_series_that_makes_no_volume_is_refused_with_its_reason(session: Session, tmp_path: Path) -> None:
    factories.xray(tmp_path / "one.dcm")
    session.run("study.open", paths=(tmp_path / "one.dcm",))
    for command, values in (("plane.layout", {}), ("plane.show", {"name": "coronal"})):
        with pytest.raises(BadValue, match="No planes can be cut through this series") as told:
            session.run(command, **values)
        assert told.value.advice
    assert session.view.current.cut is None


def test_a_length_drawn_in_the_coronal_plane_has_its_millimetres(ct: Session) -> None:
    plane = ct.rendering.plane(ct.view.viewports[CORONAL])
    assert plane is not None
    one, two = plane.to_patient(2, 10), plane.to_patient(8, 40)
    drawn = ct.run("annotate.add", shape="length", points=(one, two), viewport=CORONAL)
    length = math.hypot(6 * 2.5, 30 * 0.5)
    assert math.dist(one, two) == pytest.approx(length)
    assert f"{length:.1f} mm" in words(ct, CORONAL)
    assert f"{length:.1f} mm" not in words(ct, AXIAL)
    ct.run("view.activate", viewport=CORONAL)
    ct.run("view.scroll", by=1)
    assert f"{length:.1f} mm" not in words(ct, CORONAL)
    ct.run("view.activate", viewport=AXIAL)
    ct.run("annotate.jump", id=drawn)
    assert ct.view.active == CORONAL
    assert f"{length:.1f} mm" in words(ct, CORONAL)


def test_a_region_on_a_plane_holds_voxels_and_on_a_turned_one_says_interpolated(ct: Session) -> None:
    def region(number: int) -> str:
        plane = ct.rendering.plane(ct.view.viewports[number])
        assert plane is not None
        row, column = (round(at) for at in plane.to_image(ct.view.crosshair))
        corners = tuple(plane.to_patient(row + by, column + by) for by in (-3, 3))
        ct.run("annotate.add", shape="rectangle", points=corners, viewport=number)
        return words(ct, number)

    said = region(CORONAL)
    # 7 x 7 pixels of 2.5 x 0.5 mm
    assert "49 pixels" in said
    assert "61.2 mm²" in said
    assert "interpolated" not in said
    ct.run("plane.turn", degrees=30.0, viewport=AXIAL)
    assert "interpolated" in region(SAGITTAL).rpartition("pixels")[2].split("\n")[1]


def test_a_slab_shows_what_was_drawn_within_it(ct: Session) -> None:
    plane = ct.rendering.plane(ct.view.viewports[AXIAL])
    assert plane is not None
    ct.run(
        "annotate.add",
        shape="text",
        points=(plane.to_patient(5, 5),),
        text="here",
        viewport=AXIAL,
    )
    ct.run("view.scroll", by=2)
    assert "here" not in words(ct, AXIAL).split("\n")
    ct.run("plane.slab", thickness=12.0)
    assert "here" in words(ct, AXIAL).split("\n")


def test_what_lies_under_the_mouse_is_the_voxel_and_between_voxels_it_says_so(ct: Session) -> None:
    ct.rendering.draw(CORONAL, SIZE)
    found = ct.rendering.probe(CORONAL, 3, 12)
    assert found is not None
    y = round((cut(ct, CORONAL).distance + 32) / 0.7)
    value = int(stored(ct)[::-1, y, :][3, 12]) - 1024
    assert found.value_text.replace("\N{MINUS SIGN}", "-") == f"{value} HU"
    ct.run("plane.turn", degrees=30.0, viewport=AXIAL)
    ct.rendering.draw(CORONAL, SIZE)
    plane = ct.rendering.plane(ct.view.viewports[CORONAL])
    assert plane is not None
    found = ct.rendering.probe(CORONAL, plane.shape[0] // 2, plane.shape[1] // 2)
    assert found is not None
    assert "interpolated" in found.value_text
    corner = ct.rendering.probe(CORONAL, plane.shape[0] // 2, 0)
    assert corner is not None
    assert corner.value_text == "no picture here"
    ct.run("enhance.add", operation="clahe")
    ct.rendering.draw(CORONAL, SIZE)
    beside, inside = (ct.rendering.probe(CORONAL, plane.shape[0] // 2, at) for at in (0, plane.shape[1] // 2))
    assert beside is not None
    assert inside is not None
    assert (beside.enhanced_text, inside.enhanced_text != "") == ("", True)


def test_label_maps_of_planes_are_counted_among_the_pictures_and_made_again_when_they_had_to_go(
    ct: Session,
) -> None:
    key = ct.view.current.series
    assert key is not None
    mark = np.ones((40, 60), np.uint8)
    labels = LabelMap.empty(16, (Label(1, "All", "#ff0000"),)).with_slices(dict.fromkeys(range(16), mark))
    ct.rendering.draw(CORONAL, None)
    before = ct.frames.held
    ct.edit("Mark", lambda document: document.with_reading(replace(document.reading(key), groups=(labels,))))
    marked = ct.rendering.draw(CORONAL, None).picture
    assert ct.frames.held >= before + 16 * 60
    ct.frames.clear()
    again = ct.rendering.draw(CORONAL, None).picture
    assert marked is not None
    assert again is not None
    assert np.array_equal(again.pixels, marked.pixels)


def test_labels_are_cut_like_the_voxels_they_mark(ct: Session) -> None:
    key = ct.view.current.series
    assert key is not None
    marked = (stored(ct) > 1200).astype(np.uint8)
    slices = {at: one.copy() for at, one in enumerate(marked) if one.any()}
    labels = LabelMap.empty(16, (Label(1, "Ball", "#ff0000"),)).with_slices(slices)
    labels = replace(labels, provenance=Provenance("finder", "2.0", "0", "2026-01-01"), opacity=1.0)
    ct.edit("Mark", lambda document: document.with_reading(replace(document.reading(key), groups=(labels,))))
    z, y, x = (float(at.mean()) for at in np.nonzero(marked))
    ct.run("plane.crosshair", position=(-32 + x * 0.5, -32 + y * 0.7, z * 2.5))
    for number in (AXIAL, CORONAL, SAGITTAL):
        request = ct.rendering.request(number, None)
        assert request is not None
        (look,) = request.labels
        assert look.proposed
        frame = ct.rendering.load(request)
        pixels = ct.rendering.draw(number, None).picture.pixels
        red = (pixels[..., 0] > pixels[..., 1]) & (pixels[..., 0] > pixels[..., 2])
        # the outline of a proposal is dashed, so not all of it is red
        assert np.array_equal(red & (frame.pixels > 1200), red)
        assert red.sum() > 0.5 * (frame.pixels > 1200).sum()
    assert "finder 2.0" in words(ct, CORONAL)


def test_enhancement_works_on_planes_as_on_slices(ct: Session) -> None:
    ct.run("view.activate", viewport=ACQUIRED)
    before = {number: ct.rendering.draw(number, None).picture.pixels for number in (AXIAL, CORONAL, ACQUIRED)}
    ct.run("enhance.add", operation="clahe")
    after = {number: ct.rendering.draw(number, None).picture.pixels for number in (AXIAL, CORONAL, ACQUIRED)}
    assert not np.array_equal(before[CORONAL], after[CORONAL])
    # the same pixels, whichever way they are reached
    assert np.array_equal(after[AXIAL], after[ACQUIRED])


def test_linked_planes_that_look_the_same_way_go_together(session: Session, tmp_path: Path) -> None:
    for name, step in (("thick", 4.0), ("thin", 2.0)):
        factories.ct(tmp_path / name, slices=12, step=step, series=name)
    session.run("study.open", paths=(tmp_path,))
    thick, thin = (one.key for one in session.state.studies[0].series)
    session.run("view.layout", rows=1, columns=3)
    for number, key in enumerate((thick, thin, thin)):
        session.run("view.show", series=key, viewport=number)
        session.run("plane.show", name="coronal" if number < 2 else "sagittal", viewport=number)
    session.run("view.link")
    session.run("view.activate", viewport=0)
    across = session.view.viewports[2].cut
    session.run("view.scroll", by=5)
    assert session.view.viewports[1].cut.distance == pytest.approx(session.view.viewports[0].cut.distance)
    assert session.view.viewports[2].cut == across


def pixels_per_mm(session: Session, number: int, size: tuple[int, int] = SIZE) -> float:
    """Device pixels per millimetre along the rows of a viewport's picture."""
    viewing = session.rendering.viewing(number, size)
    plane = session.rendering.plane(session.view.viewports[number])
    assert viewing is not None
    assert plane is not None
    return viewing.scale / plane.spacing[1]


ALL = (AXIAL, CORONAL, SAGITTAL, ACQUIRED)


@pytest.mark.parametrize("size", [(300, 300), (200, 640), (640, 200), (64, 64)])
def test_planes_side_by_side_have_one_scale_at_which_each_of_them_fits(
    ct: Session, size: tuple[int, int]
) -> None:
    scales = [pixels_per_mm(ct, number, size) for number in ALL]
    assert scales == pytest.approx([scales[0]] * 4)
    shares = []
    for number in ALL:
        viewing = ct.rendering.viewing(number, size)
        assert viewing is not None
        height = viewing.shape[0] * viewing.scale * viewing.aspect
        width = viewing.shape[1] * viewing.scale
        shares.append(max(height / size[0], width / size[1]))
    assert max(shares) == pytest.approx(1)  # the largest of them just fits


def test_viewports_that_differ_by_a_pixel_have_one_scale_all_the_same(ct: Session) -> None:
    sizes = {AXIAL: (301, 400), CORONAL: (301, 399), SAGITTAL: (300, 400), ACQUIRED: (300, 399)}
    ct.canvas.update(sizes)
    scales = [pixels_per_mm(ct, number, size) for number, size in sizes.items()]
    assert scales == pytest.approx([scales[0]] * 4, rel=1e-12)


def test_the_enlarged_plane_fills_the_window_and_comes_back_to_the_scale_of_all(ct: Session) -> None:
    before = pixels_per_mm(ct, CORONAL)
    ct.run("view.activate", viewport=CORONAL)
    ct.run("view.maximise")
    viewing = ct.rendering.viewing(CORONAL, SIZE)
    assert viewing is not None
    assert viewing.fit_scale == pytest.approx(
        min(SIZE[0] / viewing.shape[0] / viewing.aspect, SIZE[1] / viewing.shape[1])
    )
    ct.run("view.maximise")
    assert pixels_per_mm(ct, CORONAL) == before


def test_while_a_plane_is_turned_the_others_keep_their_size_and_it_fits(ct: Session) -> None:
    before = {number: pixels_per_mm(ct, number) for number in ALL}
    ct.run("view.activate", viewport=AXIAL)
    for _ in range(6):
        ct.run("plane.turn", degrees=7.0, viewport=AXIAL)
        assert {number: pixels_per_mm(ct, number) for number in (AXIAL, ACQUIRED)} == {
            number: before[number] for number in (AXIAL, ACQUIRED)
        }
        for number in (CORONAL, SAGITTAL):
            viewing = ct.rendering.viewing(number, SIZE)
            assert viewing is not None
            assert viewing.shape[1] * viewing.scale <= SIZE[1] + 1e-6
            assert pixels_per_mm(ct, number) <= before[number] + 1e-9


def test_a_plane_is_zoomed_alone_until_they_are_linked_and_fit_and_reset_bring_all_back(ct: Session) -> None:
    ct.run("view.activate", viewport=CORONAL)
    ct.run("view.zoom", factor=2.0)
    assert [one.zoom for one in ct.view.viewports[:4]] == [1.0, 2.0, 1.0, 1.0]
    ct.run("view.activate", viewport=AXIAL)
    for way in ("view.fit", "view.reset"):
        ct.run("view.look", viewport=CORONAL, zoom=3.0, row=0.2, column=0.2)
        ct.run(way)
        assert [(one.zoom, one.center) for one in ct.view.viewports[:4]] == [(1.0, (0.5, 0.5))] * 4
    ct.run("view.link")
    ct.run("view.zoom", factor=2.0)
    assert [one.zoom for one in ct.view.viewports[:4]] == [2.0] * 4
    scales = [pixels_per_mm(ct, number) for number in ALL]
    assert scales == pytest.approx([scales[0]] * 4)


def test_a_single_plane_fills_its_viewport_as_slices_do(ct: Session) -> None:
    ct.run("plane.layout")
    ct.run("plane.show", name="coronal")
    viewing = ct.rendering.viewing(0, SIZE)
    assert viewing is not None
    assert viewing.shared_scale == math.inf


def test_a_linked_zoom_takes_the_place_along_on_equal_grids_only(ct: Session) -> None:
    ct.run("view.link")
    ct.run("view.activate", viewport=ACQUIRED)
    ct.run("view.look", viewport=ACQUIRED, zoom=3.0, row=0.4, column=0.4)
    assert [ct.view.viewports[number].center for number in range(4)] == [
        (0.4, 0.4),
        (0.5, 0.5),
        (0.5, 0.5),
        (0.4, 0.4),
    ]


def test_reset_keeps_the_plane(ct: Session) -> None:
    ct.run("plane.turn", degrees=30.0, viewport=AXIAL)
    ct.run("view.activate", viewport=CORONAL)
    before = cut(ct, CORONAL)
    ct.run("view.zoom", factor=2.0)
    ct.run("view.reset")
    assert cut(ct, CORONAL) == before
    assert ct.view.current.zoom == 1


def test_a_model_reads_slices_and_not_planes(ct: Session) -> None:
    with pytest.raises(BadValue, match="slices as they were acquired"):
        ct.run("ai.run", model="lung-seg")


def test_planes_of_others_are_lines_with_a_word_at_their_end(ct: Session) -> None:
    found = {one.word: one for one in crossings(ct, AXIAL)}
    assert set(found) == {"Cor", "Sag"}
    assert len({one.color for one in found.values()}) == 2
    said = words(ct, AXIAL).split("\n")
    assert {"Cor", "Sag"} <= set(said)
    ct.run("view.reference_lines")
    assert crossings(ct, AXIAL) == ()


def test_the_word_of_a_line_stands_clear_of_the_bar_of_colours(ct: Session) -> None:
    ct.run("view.colors", name="viridis")
    for number in (AXIAL, CORONAL, SAGITTAL):
        ct.rendering.draw(number, SIZE)
        viewing = ct.rendering.viewing(number, SIZE)
        assert viewing is not None
        taken = scene(ct, number, viewing)
        assert taken is not None
        drawn = shapes(taken, ct.rendering.frame(ct.view.viewports[number]))
        (bar,) = [one for one in drawn if isinstance(one, ColorBar)]
        said = [one for one in drawn if isinstance(one, Words) and one.text in {"Ax", "Cor", "Sag"}]
        assert len(said) == 2
        # a word of three letters is narrower than two of its heights
        assert all(abs(one.x - bar.x) > one.size + bar.width for one in said)


@pytest.mark.parametrize("degrees", range(-75, 90, 15))
def test_words_over_a_plane_stand_inside_it_and_not_on_one_another(ct: Session, degrees: int) -> None:
    ct.run("plane.turn", degrees=degrees, viewport=AXIAL)
    ct.run("view.goto", index=0)
    plane = ct.rendering.plane(ct.view.viewports[AXIAL])
    ct.run("annotate.add", shape="length", points=(plane.to_patient(39, 5), plane.to_patient(30, 5)))
    size = (450, 420)
    for number in (AXIAL, CORONAL, SAGITTAL):
        ct.rendering.draw(number, size)
        taken = scene(ct, number, ct.rendering.viewing(number, size))
        drawn = shapes(taken, ct.rendering.frame(ct.view.viewports[number]))
        boxes = [box_of(one) for one in drawn if isinstance(one, Words)]
        assert sum(one.overlap(one.moved_into(size, 0.0)) for one in boxes) == pytest.approx(
            sum(one.overlap(one) for one in boxes)
        )
        for at, one in enumerate(boxes):
            # they may touch
            assert sum(one.overlap(other) for other in boxes[at + 1 :]) < 40


def test_the_line_lies_where_the_planes_cross(ct: Session) -> None:
    viewing = ct.rendering.viewing(AXIAL, SIZE)
    plane = ct.rendering.plane(ct.view.viewports[AXIAL])
    for crossing in crossings(ct, AXIAL):
        (line,) = crossed_by((crossing,), plane, viewing, ct.view.crosshair, 1.0)
        for end in line.ends:
            position = plane.to_patient(*viewing.to_image(*end))
            # a line along the screen's pixels lies in the middle of one
            assert abs(crossing.plane.distance(position)) <= 0.5 / viewing.scale


def test_the_slice_in_use_is_a_line_on_slices_that_stand_across(session: Session, tmp_path: Path) -> None:
    factories.mr(tmp_path / "axial", slices=10, series="axial", origin=(-32, -32, -10))
    factories.mr(
        tmp_path / "sagittal",
        slices=10,
        series="sagittal",
        orientation=(0, 1, 0, 0, 0, -1),
        origin=(10, -32, 32),
    )
    factories.mr(tmp_path / "elsewhere", slices=10, series="other", FrameOfReferenceUID="1.2.3")
    session.run("study.open", paths=(tmp_path,))
    keys = {one.description or one.uid: one.key for one in session.state.studies[0].series}
    session.run("view.layout", rows=1, columns=3)
    for number, key in enumerate(keys.values()):
        session.run("view.show", series=key, viewport=number)
    lines = []
    for active in range(3):
        session.run("view.activate", viewport=active)
        lines.append([len(crossings(session, number)) for number in range(3)])
    # each of the two that share a frame of reference is drawn on the other, and on nothing else
    assert sorted(map(sum, lines)) == [0, 1, 1]
    assert all(row[at] == 0 for at, row in enumerate(lines))


def test_a_place_along_the_axis_is_refused_beyond_the_stack_with_its_ends(ct: Session) -> None:
    geometry = planes.stack_of(ct, ct.view.current)
    assert planes.along_axis(geometry, "sagittal", -20.0)[0] == -20.0
    with pytest.raises(BadValue) as told:
        planes.along_axis(geometry, "coronal", 100.0)
    assert "from -32.0 to -4.7 mm" in told.value.advice


def test_a_study_that_is_closed_leaves_no_planes(ct: Session) -> None:
    ct.run("study.close")
    assert all(one.series is None and one.cut is None for one in ct.view.viewports)
    assert ct.view.before_planes is None
    assert ct.view.layout.count == 1  # the next study does not open into one of four


def test_what_was_chosen_while_planes_were_shown_stays(ct: Session) -> None:
    ct.run("view.tool", name="length")
    ct.run("view.text")
    chosen = ct.view.corner_text
    ct.run("plane.layout")
    assert ct.view.layout.count == 1
    assert ct.view.tool == "length"
    assert ct.view.corner_text is chosen


def test_a_series_brought_beside_planes_gets_planes_of_its_own(session: Session, tmp_path: Path) -> None:
    factories.ct(tmp_path / "one", slices=8, series="one")
    factories.ct(tmp_path / "two", slices=9, series="two")
    session.run("study.open", paths=(tmp_path,))
    session.run("plane.layout")
    first = session.view.current.series
    session.run("view.series")
    second = session.view.current.series
    assert second != first
    session.run("plane.layout")
    assert [one.series for one in session.view.viewports[:4]] == [second] * 4
    session.run("plane.layout")
    assert session.view.layout.count == 1


def test_reset_brings_the_window_back_in_all_planes(ct: Session) -> None:
    ct.run("window.set", center=50, width=100)
    ct.run("view.activate", viewport=CORONAL)
    ct.run("view.reset")
    assert not any(one.voi.is_known for one in ct.view.viewports[:4])


def test_a_plane_does_not_pass_for_as_thick_as_a_slice(ct: Session) -> None:
    assert "Slice" not in words(ct, CORONAL)
    assert "Slice" in words(ct, ACQUIRED)


class _Held(InlineRunner):
    """Runs what is submitted when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Task] = []
        self.is_held = False

    def submit(self, task: Task) -> None:
        self.waiting.append(task) if self.is_held else super().submit(task)

    def go_on(self) -> None:
        """Run what waits, and what that submits."""
        self.is_held = False
        while self.waiting:
            task = self.waiting.pop(0)
            if not task.token.cancelled:
                super().submit(task)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Session, _Held]]:
    """Planes of a CT whose volume is not built yet, and the runner that will build it."""
    runner = _Held()
    session = Session(runner)
    factories.ct(tmp_path / "ct", slices=8)
    session.run("study.open", paths=(tmp_path / "ct",))
    session.run("plane.layout")
    runner.is_held = True
    yield session, runner
    runner.is_held = False
    session.close()


def test_a_volume_is_built_once_for_all_planes_that_wait(held: tuple[Session, _Held]) -> None:
    session, runner = held
    came: dict[int, list] = {number: [] for number in (AXIAL, CORONAL, SAGITTAL)}
    for number, found in came.items():
        session.rendering.show(number, (100, 100), found.append)
    assert [job.title for job in session.state.jobs] == ["Building the volume"]
    runner.go_on()
    assert [found[-1].picture is not None for found in came.values()] == [True] * 3
    assert session.state.jobs == ()


def test_a_volume_that_is_stopped_is_told_on_every_plane_and_built_when_asked_again(
    held: tuple[Session, _Held],
) -> None:
    session, runner = held
    came: list = []
    for number in (AXIAL, CORONAL):
        session.rendering.show(number, (100, 100), came.append)
    session.run("job.cancel", key=session.state.jobs[0].key)
    assert ["stopped" in one.trouble.message for one in came] == [True, True]
    session.rendering.show(CORONAL, (100, 100), came.append)
    runner.go_on()
    assert came[-1].picture is not None


def test_a_volume_that_nobody_waits_for_is_not_built(held: tuple[Session, _Held]) -> None:
    session, runner = held
    session.run("view.activate", viewport=CORONAL)
    session.rendering.show(CORONAL, (100, 100), lambda _: None)
    session.run("plane.show", name="acquired")
    session.rendering.show(CORONAL, (100, 100), lambda _: None)
    assert session.state.jobs == ()
    runner.go_on()
    assert session.frames.volume_at_hand(session.view.current.series, 0) is None
