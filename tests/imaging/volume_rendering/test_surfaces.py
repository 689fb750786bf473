"""Labels as surfaces: where their voxels are, in their colours, before and behind each other and the body."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry
from medviewer.core.view3d import WHOLE, View3D
from medviewer.core.voi import VOI
from medviewer.imaging.viewing import Viewing
from medviewer.imaging.volume_rendering.available import RenderingTrouble, why_not
from medviewer.imaging.volume_rendering.camera import body_plane, camera, kept
from medviewer.imaging.volume_rendering.label_surface import SurfaceModel, surface_factors, surface_model
from medviewer.imaging.volume_rendering.look import EMPTY, look
from medviewer.imaging.volume_rendering.presets import preset
from medviewer.imaging.volume_rendering.renderer import Model, Painted, Renderer, Shot, model
from medviewer.kit.task import TaskContext
from tests.imaging.volume_rendering.stacks import grid, stack

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "VTK is there")

SIZE = (160, 200)
BLOCK = (slice(16, 20), slice(4, 10), slice(28, 36))
RED, GREEN = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)
TILTED = grid(directions=((0.0, 0.4, 0.917), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)))
OBLIQUE = grid(directions=((0.0, -0.6, 0.8), (0.0, 0.8, 0.6), (1.0, 0.0, 0.0)))
DOWNWARDS = grid(directions=((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)))
SAGITTAL = grid(directions=((-1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)))

Make = Callable[..., SurfaceModel]


@pytest.fixture(scope="module")
def studio() -> Iterator[Renderer]:
    one = Renderer()
    yield one
    one.close()


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[SurfaceModel] = []

    def surface_of(
        marked: tuple[slice, ...] | NDArray[np.bool_],
        geometry: ImageGeometry | None = None,
        factors: tuple[int, int, int] = (1, 1, 1),
    ) -> SurfaceModel:
        geometry = geometry or grid()
        mask = np.zeros(geometry.shape, bool)
        mask[marked] = True
        made.append(surface_model(mask, geometry, factors, TaskContext()))
        return made[-1]

    yield surface_of
    for one in made:
        one.end()


@pytest.fixture(scope="module")
def bone() -> Iterator[Model]:
    one = model(stack(grid(), BLOCK))
    yield one
    one.end()


def shot(
    painted: tuple[Painted, ...],
    view: View3D,
    geometry: ImageGeometry | None = None,
    body: Model | None = None,
    **viewing: object,
) -> tuple[Shot, Viewing]:
    geometry = geometry or grid()
    plane = body_plane(geometry, view)
    seen = Viewing(plane.shape, size=SIZE, **viewing)  # type: ignore[arg-type]
    clip = None if view.clip == WHOLE else kept(geometry, view)
    found = EMPTY if body is None else look(preset(view.preset), body.body, VOI.unknown())
    return Shot(camera(plane, seen), found, clip, SIZE, surfaces=painted), seen


def lit(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(row, column): where something is to be seen."""
    return np.asarray(picture.max(axis=2) > 30)


def projected(
    mask: NDArray[np.bool_], geometry: ImageGeometry, view: View3D, seen: Viewing
) -> NDArray[np.bool_]:
    """The slow and plain way: the pixels that the voxels cover, each of them cut into 12 x 12 x 12."""
    plane = body_plane(geometry, view)

    def pixel(index: tuple[float, ...]) -> NDArray[np.float64]:
        return np.array(seen.to_view(*plane.to_image(tuple(geometry.to_patient(index)))))

    first = pixel((0, 0, 0))
    steps = np.stack([pixel(one) - first for one in ((1, 0, 0), (0, 1, 0), (0, 0, 1))])
    parts = (np.arange(12) - 5.5) / 12
    inside = np.stack(np.meshgrid(parts, parts, parts), axis=-1).reshape(-1, 3)
    found = np.zeros(SIZE, bool)
    for place in np.argwhere(mask):
        x, y = (first + (place + inside) @ steps).astype(int).T
        found[y, x] = True
    return found


def likeness(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / (one | other).sum())


def middle(picture: NDArray[np.bool_]) -> tuple[float, float]:
    rows, columns = np.nonzero(picture)
    return float(rows.mean()), float(columns.mean())


def ball(geometry: ImageGeometry, radius: float) -> NDArray[np.bool_]:
    """What lies nearer than *radius* mm to the middle of a grid."""
    places = geometry.to_patient(np.argwhere(np.ones(geometry.shape, bool)))
    away = np.linalg.norm(places - places.mean(axis=0), axis=1)
    return np.asarray(away <= radius).reshape(geometry.shape)


@pytest.mark.parametrize("geometry", [grid(), TILTED, OBLIQUE, DOWNWARDS, SAGITTAL], ids=str)
@pytest.mark.parametrize("shape", ["block", "ball"])
def test_a_surface_covers_what_its_voxels_cover_in_grids_of_every_kind(
    studio: Renderer, make: Make, geometry: ImageGeometry, shape: str
) -> None:
    mask = np.zeros(geometry.shape, bool)
    if shape == "block":
        mask[BLOCK] = True
    else:
        mask = ball(geometry, 14.0)
    painted = (Painted(make(mask, geometry), RED),)
    for view in (View3D("bone"), View3D("bone").turned(35, -20, 10), View3D("bone").from_face("feet")):
        for viewing in ({}, {"flipped": True}, {"rotation": 90, "zoom": 0.9}):
            asked, seen = shot(painted, view, geometry, **viewing)
            found = lit(studio.render(None, asked))
            wanted = projected(mask, geometry, view, seen)
            # smoothing rounds the corners of voxels off and gives as much back on their faces
            assert likeness(found, wanted) > (0.78 if shape == "block" else 0.85)
            assert middle(found) == pytest.approx(middle(wanted), abs=0.8)


def test_colours_are_those_of_the_labels_and_what_is_nearer_hides_what_is_behind(
    studio: Renderer, make: Make
) -> None:
    front, back = (slice(8, 16), slice(4, 8), slice(8, 24)), (slice(8, 16), slice(20, 28), slice(8, 24))
    painted = (Painted(make(front), RED), Painted(make(back), GREEN))
    for side, seen in (("anterior", 0), ("posterior", 1)):
        picture = studio.render(None, shot(painted, View3D("bone").from_face(side))[0])
        shares = picture[lit(picture)].astype(int).sum(axis=0)
        assert shares[seen] > 0.9 * shares.sum()
    only_back = studio.render(None, shot(painted[1:], View3D("bone"))[0])
    assert only_back[lit(only_back)].astype(int).sum(axis=0)[1] > 0
    assert not lit(studio.render(None, shot((), View3D("bone"))[0])).any()


def test_what_is_seen_through_is_mixed_with_what_is_behind_by_its_opacity(
    studio: Renderer, make: Make
) -> None:
    front, back = (slice(8, 16), slice(4, 8), slice(8, 24)), (slice(6, 18), slice(20, 28), slice(6, 26))
    veil, solid = make(front), make(back)

    def picture(*painted: Painted) -> NDArray[np.float64]:
        return studio.render(None, shot(painted, View3D("bone"))[0]).astype(float)

    mixed = picture(Painted(veil, RED, 0.25), Painted(solid, GREEN))
    whole = picture(Painted(veil, RED), Painted(solid, GREEN))
    behind = picture(Painted(solid, GREEN))
    covered = whole[..., 0] > 100
    np.testing.assert_allclose(mixed[covered], (0.25 * whole + 0.75 * behind)[covered], atol=3)
    beside = picture(Painted(veil, RED)).max(axis=2) == 0
    np.testing.assert_allclose(mixed[beside], behind[beside], atol=3)


def test_the_body_hides_what_is_behind_it_and_is_hidden_by_what_is_before_it(
    studio: Renderer, make: Make, bone: Model
) -> None:
    behind = Painted(make((slice(16, 20), slice(20, 24), slice(28, 36))), GREEN)
    for side, is_seen in (("anterior", False), ("posterior", True)):
        picture = studio.render(bone, shot((behind,), View3D("bone").from_face(side), body=bone)[0]).astype(
            int
        )
        green = (picture[..., 1] > 80) & (picture[..., 0] < 40)
        assert (green.sum() > 100) == is_seen


@pytest.mark.parametrize("name", ["ct-mip", "ct-average", "ct-minip"])
def test_surfaces_lie_over_a_projection_and_leave_its_greys_alone(
    studio: Renderer, make: Make, bone: Model, name: str
) -> None:
    painted = (Painted(make((slice(4, 8), slice(10, 14), slice(4, 12))), RED),)
    plain = studio.render(bone, shot((), View3D(name), body=bone)[0]).astype(int)
    both = studio.render(bone, shot(painted, View3D(name), body=bone)[0]).astype(int)
    covered = lit(studio.render(None, shot(painted, View3D(name))[0]))
    red = both[..., 0] > both[..., 1] + 40
    assert likeness(red, covered) > 0.8
    # finer rays beside edges are all that differs elsewhere
    assert np.abs(both - plain)[~covered & ~red].mean() < 1.0


@pytest.mark.parametrize(("low", "high", "is_seen"), [(0.0, 0.5, False), (0.5, 1.0, True)])
def test_clipping_takes_away_what_lies_beyond(
    studio: Renderer, make: Make, low: float, high: float, is_seen: bool
) -> None:
    asked, _ = shot((Painted(make(BLOCK), RED),), View3D("bone").clipped("feet-head", low, high))
    assert lit(studio.render(None, asked)).any() == is_seen


def test_a_light_surface_lies_where_the_fine_one_does(studio: Renderer, make: Make) -> None:
    geometry = grid((40, 64, 80), (2.0, 0.7, 0.7))
    mask = ball(geometry, 18.0)
    assert surface_factors(mask, geometry.spacing, 10**9) == (1, 1, 1)
    factors = surface_factors(mask, geometry.spacing, 4000)
    assert factors[0] < min(factors[1:])  # the finest axes give way first
    fine, light = make(mask, geometry), make(mask, geometry, factors)
    assert light.triangles < min(5000, fine.triangles / 3)
    seen = [
        lit(studio.render(None, shot((Painted(one, RED),), View3D("bone"), geometry)[0]))
        for one in (fine, light)
    ]
    assert likeness(*seen) > 0.93
    assert middle(seen[1]) == pytest.approx(middle(seen[0]), abs=0.6)


def test_a_quick_picture_shows_the_same_surfaces(studio: Renderer, make: Make) -> None:
    asked, _ = shot((Painted(make(BLOCK), RED),), View3D("bone"))
    sharp, quick = (lit(studio.render(None, one)) for one in (asked, replace(asked, quick=True)))
    assert likeness(sharp, quick) > 0.9


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_surfaces_come_back_after_the_renderer_has_died(make: Make) -> None:
    studio = Renderer()
    try:
        asked, _ = shot((Painted(make(BLOCK), RED),), View3D("bone"))
        before = studio.render(None, asked)
        assert studio.pid is not None
        os.kill(studio.pid, signal.SIGKILL)
        try:
            after = studio.render(None, asked)
        except RenderingTrouble:  # it had not been found dead yet
            after = studio.render(None, asked)
        np.testing.assert_array_equal(after, before)
    finally:
        studio.close()


def test_surfaces_whose_series_was_closed_are_told(studio: Renderer, make: Make) -> None:
    gone = make(BLOCK)
    asked, _ = shot((Painted(gone, RED),), View3D("bone"))
    gone.end()
    with pytest.raises(RenderingTrouble, match="closed"):
        studio.render(None, asked)
