"""What a brush, an outline and scissors cover, in millimetres on pictures of any shape and place."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.draw import polygon2mask

from medviewer.core.cut import Cut
from medviewer.core.geometry import Calibration, ImageGeometry, Plane
from medviewer.core.labels import Label, LabelMap
from medviewer.core.vectors import cross, moved, rotated
from medviewer.imaging.label_cut import label_cut, on_plane
from medviewer.imaging.outline import enclosed
from medviewer.imaging.reslice import cut_plane, reslice_labels
from medviewer.imaging.segment.alike import connected, like_middle, limited
from medviewer.imaging.segment.between_slices import between_slices
from medviewer.imaging.segment.grid import Grid
from medviewer.imaging.segment.painting import Patch, Pile, ball, disc, may_change, painted, voxels_under
from medviewer.imaging.segment.scissors import Outline

SPACINGS = st.tuples(st.floats(0.3, 2.0), st.floats(0.3, 2.0))
RIGHT, DOWN = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)


def plane(shape=(200, 240), spacing=(0.7, 0.9), turn=0.0, origin=(5.0, -3.0, 12.0)) -> Plane:
    along = rotated(RIGHT, DOWN, turn)
    return Plane(shape, origin, along, DOWN, spacing, Calibration.PATIENT, "f", placed=True)


def stack(count=60, step=1.5, tilt=0.0, spacing=(0.8, 0.6), shape=(120, 130)) -> ImageGeometry:
    """Axial slices; those of a tilted gantry slide down the more the further they are."""
    up = (0.0, math.sin(math.radians(tilt)), math.cos(math.radians(tilt)))
    return ImageGeometry(
        (count, *shape), (3.0, -8.0, 20.0), (up, DOWN, RIGHT), (step, *spacing), frame_of_reference="f"
    )


def piled(geometry: ImageGeometry) -> Pile:
    return Pile.of({at: geometry.plane(at) for at in range(geometry.shape[0])})


@settings(max_examples=40, deadline=None)
@given(SPACINGS, st.floats(0, 89), st.floats(0.5, 30), st.floats(60, 140), st.floats(60, 140))
def test_a_disc_covers_exactly_the_pixels_whose_centre_lies_in_it(spacing, turn, radius, row, column):
    where = plane(spacing=spacing, turn=turn)
    middle = where.to_patient(row, column)
    found = np.zeros(where.shape, bool)
    patch = disc(where, middle, middle, radius)
    found[patch.part] = patch.mask
    rows, columns = np.indices(where.shape)
    away = np.hypot((rows - row) * spacing[0], (columns - column) * spacing[1])
    inside = away <= radius
    inside[round(row), round(column)] = True  # a brush smaller than a pixel
    unclear = np.abs(away - radius) < 1e-6
    assert (found == inside)[~unclear].all()


@pytest.mark.parametrize("spacing", [(0.5, 0.5), (0.35, 0.8), (0.9, 0.25)])
def test_the_area_of_a_disc_is_that_of_its_diameter(spacing):
    where = plane((600, 600), spacing)
    middle = where.to_patient(300.3, 299.6)
    area = disc(where, middle, middle, 40.0).mask.sum() * math.prod(spacing)
    assert area == pytest.approx(math.pi * 40.0**2, rel=0.005)


@pytest.mark.parametrize(("tilt", "step"), [(0.0, 0.7), (18.0, 1.1), (-25.0, 0.6)])
def test_the_volume_of_a_ball_is_that_of_its_diameter_also_where_the_gantry_was_tilted(tilt, step):
    geometry = stack(110, step, tilt, (0.5, 0.7), (150, 130))
    middle = tuple(geometry.to_patient((55.0, 75.0, 65.0)))
    found = ball(piled(geometry), 55, middle, middle, 25.0)
    across = step * math.cos(math.radians(tilt))  # slices of a tilted gantry are nearer than their origins
    volume = sum(patch.mask.sum() for patch in found.values()) * 0.5 * 0.7 * across
    assert volume == pytest.approx(4 / 3 * math.pi * 25.0**3, rel=0.005)


def test_every_voxel_of_a_swept_ball_lies_in_it_and_no_other():
    geometry = stack(30, 2.0, 12.0, (1.1, 0.9), (60, 60))
    start, end = geometry.to_patient([(8.2, 20.0, 22.0), (19.6, 41.0, 30.0)])
    found = np.zeros(geometry.shape, bool)
    for number, patch in ball(piled(geometry), None, tuple(start), tuple(end), 9.0).items():
        found[number][patch.part] = patch.mask
    places = geometry.to_patient(np.moveaxis(np.indices(geometry.shape), 0, -1))
    share = np.clip(((places - start) @ (end - start)) / ((end - start) @ (end - start)), 0, 1)
    away = np.linalg.norm(places - start - share[..., None] * (end - start), axis=-1)
    clear = np.abs(away - 9.0) > 1e-6
    assert (found == (away <= 9.0))[clear].all()


def test_a_fast_stroke_has_no_gaps():
    where = plane()
    ends = where.to_patient(20.0, 15.0), where.to_patient(170.0, 220.0)
    for radius in (0.1, 3.0):
        mask = disc(where, *ends, radius).mask
        assert connected_everywhere(mask)


def connected_everywhere(mask: np.ndarray) -> bool:
    return ndimage.label(mask, np.ones((3, 3)))[1] == 1


@settings(max_examples=25, deadline=None)
@given(st.floats(-60, 60), st.floats(-60, 60), st.floats(2, 12), st.sampled_from([0.0, 15.0]))
def test_what_is_painted_on_an_oblique_plane_is_seen_there_and_nothing_beside_its_edge(
    one, two, radius, tilt
):
    geometry = stack(40, 2.0, tilt, (0.8, 1.1), (60, 50))
    along, down = rotated(RIGHT, DOWN, one), DOWN
    down = rotated(down, along, two)
    normal = cross(along, down)
    middle = tuple(geometry.to_patient((19.4, 29.0, 25.3)))
    cut = Cut(along, down, sum(a * b for a, b in zip(normal, middle, strict=True)))
    where = cut_plane(geometry, cut)
    patch = disc(where, middle, middle, radius)
    labels = np.zeros(geometry.shape, np.uint8)
    for layer, some in voxels_under(geometry, where, patch).items():
        labels[layer][some.part][some.mask] = 1
    seen = reslice_labels(labels, geometry, where) > 0
    assert seen[patch.part][patch.mask].all()
    seen[patch.part] &= ~patch.mask
    rows, columns = np.nonzero(seen)
    row, column = where.to_image(middle)
    beyond = np.hypot(rows - row, columns - column) * where.spacing[0] - radius
    # a voxel at the edge is seen on more pixels than those in the disc, as far as it reaches
    assert beyond.max(initial=0) <= math.hypot(2.0, 0.8, 1.1)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["axial", "turned", "coronal"]), st.integers(0, 2**32 - 1))
def test_labels_cut_anew_where_slices_changed_are_those_cut_from_the_whole_stack(kind, seed):
    noise = np.random.default_rng(seed)
    geometry = stack(9, 2.0, 10.0 if kind == "turned" else 0.0, (1.0, 1.2), (14, 12))
    down = {"axial": DOWN, "coronal": (0.0, 0.0, -1.0), "turned": rotated(DOWN, RIGHT, 35.0)}[kind]
    middle = tuple(geometry.to_patient((4.0, 7.0, 6.0)))
    cut = Cut(RIGHT, down, sum(a * b for a, b in zip(cross(RIGHT, down), middle, strict=True)))
    way = label_cut(geometry, cut)
    before = [noise.integers(0, 4, (14, 12), np.uint8) if noise.random() < 0.6 else None for _ in range(9)]
    after = [noise.integers(0, 4, (14, 12), np.uint8) if noise.random() < 0.3 else one for one in before]
    found = on_plane(way, after, (on_plane(way, before), before))
    whole = np.stack([np.zeros((14, 12), np.uint8) if one is None else one for one in after])
    assert np.array_equal(found, reslice_labels(whole, geometry, cut_plane(geometry, cut)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 45), st.floats(-5, 45)), min_size=3, max_size=12))
def test_an_outline_encloses_what_another_library_finds_inside(corners):
    mask, (top, left) = enclosed(corners, (40, 40))
    found = np.zeros((40, 40), bool)
    found[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
    wanted = polygon2mask((40, 40), np.array(corners))
    rows, columns = np.nonzero(found != wanted)
    lines = list(zip(corners, corners[1:] + corners[:1], strict=True))
    for spot in zip(rows, columns, strict=True):  # only centres on a line may differ: they belong to it
        assert min(distance(spot, *line) for line in lines) < 1e-5


def distance(spot, one, two) -> float:
    one, two, spot = np.array(one), np.array(two), np.array(spot, float)
    length = (two - one) @ (two - one)
    share = np.clip((spot - one) @ (two - one) / length, 0, 1) if length else 0
    return float(np.linalg.norm(one + share * (two - one) - spot))


def test_centres_on_the_line_are_inside():
    mask, start = enclosed([(2, 3), (2, 8), (6, 8), (6, 3)], (20, 20))
    assert (start, mask.shape, bool(mask.all())) == ((2, 3), (5, 6), True)


MASKS = st.integers(0, 2**32 - 1)


@settings(max_examples=60, deadline=None)
@given(MASKS, st.integers(1, 4), st.booleans(), st.booleans())
def test_painting_changes_what_is_free_under_the_brush_and_nothing_else(seed, value, over_others, erase):
    noise = np.random.default_rng(seed)
    labels = tuple(Label(one, str(one), "#ffffff", locked=one == 4 and value != 4) for one in (1, 2, 3, 4))
    before = noise.integers(0, 5, (12, 14), np.uint8)
    patch = Patch((2, 3), noise.random((6, 7)) < 0.5)
    free = may_change(LabelMap.empty(1, labels), value, over_others, erase)
    after = painted(before, before.shape, patch, 0 if erase else value, free)
    assert after is not None
    under = np.zeros(before.shape, bool)
    under[patch.part] = patch.mask
    locked = (before == 4) & (value != 4)
    allowed = under & ~locked & ((before == value) if erase else (before == 0) | over_others)
    assert np.array_equal(after, np.where(allowed, 0 if erase else value, before))
    assert (after is before) == bool((after == before).all())


@settings(max_examples=40, deadline=None)
@given(MASKS)
def test_strokes_of_one_label_may_come_in_any_order(seed):
    noise = np.random.default_rng(seed)
    free = may_change(LabelMap.empty(1), 1)
    patches = [Patch(tuple(noise.integers(0, 6, 2)), noise.random((6, 6)) < 0.5) for _ in range(3)]
    first = second = None
    for one in patches:
        first = painted(first, (12, 12), one, 1, free)
    for one in patches[::-1]:
        second = painted(second, (12, 12), one, 1, free)
    assert np.array_equal(first, second)


def test_an_erased_slice_is_none_again():
    patch = Patch((0, 0), np.ones((4, 4), bool))
    one = painted(None, (4, 4), patch, 3, may_change(LabelMap.empty(1), 3))
    assert painted(one, (4, 4), patch, 0, may_change(LabelMap.empty(1), 3, erase=True)) is None


def test_limits_leave_out_other_values_and_padding():
    values = np.arange(16, dtype=np.float32).reshape(4, 4)
    valid = values != 5
    found = limited(Patch((0, 0), np.ones((4, 4), bool)), Grid(values, (1.0, 1.0), valid), (3, 8))
    assert values[found.mask].tolist() == [3, 4, 6, 7, 8]


def test_the_adaptive_brush_stays_on_what_is_like_its_middle_and_connected_with_it():
    noise = np.random.default_rng(3)
    values = noise.normal(40, 5, (60, 60)).astype(np.float32)
    values[:, 35:] += 200  # another tissue
    values[:, 10:12] += 200  # a septum, and beyond it more of the same
    valid = np.ones(values.shape, bool)
    valid[30, 25] = False
    patch = Patch((0, 0), np.ones((60, 60), bool))
    found = like_middle({0: patch}, {0: Grid(values, (1.0, 1.0), valid)}, 0, (30, 22), 25.0)[0].mask
    tissue = np.zeros(values.shape, bool)
    tissue[:, 12:35] = True
    assert not (found & ~tissue).any()
    assert not found[30, 25]
    assert found.sum() > 0.97 * tissue.sum()


def test_in_three_dimensions_the_adaptive_brush_does_not_jump_over_a_layer():
    patches = {one: Patch((0, 0), np.ones((9, 9), bool)) for one in range(5)}
    grids = {one: Grid(np.full((9, 9), 100.0 if one == 3 else 10.0), (1.0, 1.0)) for one in range(5)}
    found = like_middle(patches, grids, 1, (4, 4), 6.0)
    assert [int(found[one].mask.sum()) for one in range(5)] == [81, 81, 81, 0, 0]


def test_what_is_connected_is_side_by_side():
    allowed = np.array([[1, 1, 0], [0, 0, 1], [1, 0, 1]], bool)
    assert connected(allowed, (0, 0)).tolist() == [[True, True, False], [False] * 3, [False] * 3]
    assert connected(allowed, (1, 0)) is None


def shapes(radius_at, count: int, every: int, step: float, lean: float = 0.0) -> tuple[dict, np.ndarray]:
    rows, columns = np.mgrid[:120, :120] * 0.8
    full = np.stack(
        [
            np.hypot(rows - 48 - lean * (at - count // 2), columns - 48) <= radius_at(at * step)
            for at in range(count)
        ]
    )
    return {at: full[at] for at in range(0, count, every) if full[at].any()}, full


@pytest.mark.parametrize(
    ("radius", "lean"),
    [
        (lambda z: 40 - z, 0.0),
        (lambda z: math.sqrt(max(0, 30**2 - (z - 30) ** 2)), 0.0),
        (lambda z: 8.0, 1.0),
    ],
    ids=["cone", "sphere", "leaning cylinder"],
)
def test_slices_between_painted_ones_have_the_volume_of_the_body(radius, lean):
    known, full = shapes(radius, 41, 8 if lean else 4, 1.0, lean)
    found = between_slices(known, [1.0 * at for at in range(41)], (0.8, 0.8))
    between = [at for at in range(41) if at in found]
    assert len(between) == sum(b - a - 1 for a, b in zip(sorted(known), sorted(known)[1:], strict=False))
    got, wanted = (sum(int(one[at].sum()) for at in between) for one in (found, full))
    assert got == pytest.approx(wanted, rel=0.03)
    overlap = sum(int((found[at] & full[at]).sum()) for at in between)
    assert 2 * overlap / (got + wanted) > 0.97


def test_uneven_slices_count_by_where_they_lie():
    known, _ = shapes(lambda z: 40 - z, 41, 40, 1.0)
    found = between_slices(known, [0.0, 30.0, *range(31, 70)], (0.8, 0.8))
    radius = math.sqrt(found[1].sum() * 0.64 / math.pi)
    assert radius == pytest.approx(40 - 40 * 30 / 69, abs=0.8)


def test_several_pieces_stay_where_they_are():
    one = np.zeros((60, 60), bool)
    one[5:15, 5:15] = one[40:50, 40:50] = True
    found = between_slices({0: one, 3: one}, [0, 1, 2, 3], (1.0, 1.0))
    assert all(np.array_equal(mask, one) for mask in found.values())


def test_scissors_cut_along_the_view_through_tilted_slices():
    geometry = stack(20, 2.0, 20.0, (1.0, 1.0), (60, 60))
    view = geometry.plane(10)
    corners = [view.to_patient(*spot) for spot in ((20, 20), (20, 40), (40, 40), (40, 20))]
    outline, labelled = Outline(view, corners), np.ones((60, 60), bool)
    assert outline.covers(view, labelled).sum() == 21 * 21
    other = geometry.plane(15)
    found = outline.covers(other, labelled)
    for row, column in ((30, 30), (15, 30), (41, 30), (37, 30), (17, 20)):
        across = view.to_image(moved(other.to_patient(row, column), view.normal, 0.0))
        assert found[row, column] == all(20 <= at <= 40 for at in across)


def test_scissors_on_a_coronal_view_cut_slices_that_it_looks_along():
    geometry = stack(30, 1.0, 0.0, (1.0, 1.0), (40, 50))
    cut = Cut(RIGHT, (0.0, 0.0, -1.0), 12.0)
    view = cut_plane(geometry, cut)
    corners = [view.to_patient(*spot) for spot in ((4.5, 9.5), (4.5, 20.5), (14.5, 20.5), (14.5, 9.5))]
    outline = Outline(view, corners)
    for at in range(30):
        found = outline.covers(geometry.plane(at), np.ones((40, 50), bool))
        wanted = np.zeros((40, 50), bool)
        wanted[:, 10:21] = 5 <= 29 - at <= 14
        assert np.array_equal(found, wanted)
