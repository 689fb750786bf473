"""The surface of a part encloses what its voxels hold, where they lie in the patient."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry
from medviewer.imaging.segment import surface as surfaces
from medviewer.imaging.segment.surface import surface
from medviewer.kit.errors import BadValue, Cancelled
from medviewer.kit.task import TaskContext

Three = tuple[float, float, float]
STRAIGHT = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))


def _ball(
    shape: tuple[int, int, int], spacing: tuple[float, float, float], radius: float
) -> NDArray[np.bool_]:
    axes = [(np.arange(n) - (n - 1) / 2) * step for n, step in zip(shape, spacing, strict=True)]
    squares = sum(np.square(one) for one in np.meshgrid(*axes, indexing="ij"))
    return np.asarray(squares <= radius * radius)


def _turned(shape: tuple[int, int, int], spacing: tuple[float, float, float]) -> ImageGeometry:
    across, tilt = np.radians(30), np.radians(15)
    row = (float(np.cos(across)), float(np.sin(across)), 0.0)
    column = (-float(np.sin(across)), float(np.cos(across)), 0.0)
    slices = (0.0, float(np.sin(tilt)), float(np.cos(tilt)))
    return ImageGeometry(shape, (-120.0, 40.0, -900.0), (slices, column, row), spacing)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (5.0, 0.7, 0.9), (0.8, 2.0, 0.5)])
@pytest.mark.parametrize("smooth", [0, 10])
def test_it_encloses_as_much_as_the_voxels_hold_on_any_grid(
    spacing: tuple[float, float, float], smooth: int
) -> None:
    shape = tuple(int(44 / step) for step in spacing)
    mask = _ball(shape, spacing, 18.0)  # type: ignore[arg-type]
    geometry = _turned(shape, spacing)  # type: ignore[arg-type]
    found = surface(mask, geometry, smooth)
    steps = np.asarray(geometry.directions) * np.asarray(spacing)[:, None]
    voxels = np.count_nonzero(mask) * abs(np.linalg.det(steps)) / 1000
    assert found.volume_ml == pytest.approx(voxels, rel=0.005)
    middle = geometry.to_patient([(n - 1) / 2 for n in shape])
    np.testing.assert_allclose(found.vertices.mean(axis=0), middle, atol=0.3)


def test_smoothing_brings_a_ball_nearer_to_a_ball() -> None:
    mask = _ball((60, 60, 60), (1.0, 1.0, 1.0), 20.0)
    geometry = ImageGeometry((60, 60, 60), (0.0, 0.0, 0.0), STRAIGHT, (1.0, 1.0, 1.0))
    distances = [
        np.linalg.norm(surface(mask, geometry, rounds).vertices - 29.5, axis=1) for rounds in (0, 10)
    ]
    spread = [float(np.std(one)) for one in distances]
    assert spread[1] < 0.6 * spread[0]
    assert spread[1] < 0.12


def test_it_is_closed_and_looks_outwards_also_where_the_part_leaves_the_stack() -> None:
    mask = np.zeros((6, 12, 12), bool)
    mask[:, 3:9, 2:10] = True
    geometry = ImageGeometry(mask.shape, (0.0, 0.0, 0.0), ((0, 0, -1), (0, 1, 0), (1, 0, 0)), (3.0, 1.0, 1.0))
    found = surface(mask, geometry)
    corners = found.triangles
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    there = {tuple(edge) for edge in edges.tolist()}
    assert len(there) == len(edges)
    assert all((two, one) in there for one, two in there)
    assert found.volume_ml > 0


def test_nothing_has_no_surface() -> None:
    geometry = ImageGeometry((2, 2, 2), (0.0, 0.0, 0.0), STRAIGHT, (1.0, 1.0, 1.0))
    with pytest.raises(BadValue, match="Nothing is marked"):
        surface(np.zeros((2, 2, 2), bool), geometry)


@pytest.mark.parametrize("shares", [False, True])
def test_going_through_it_slab_by_slab_leaves_no_seam(shares: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(4).random((21, 14, 14)).astype(np.float32)
    blobs = (random + np.roll(random, 1, 0) + np.roll(random, 1, 1) + np.roll(random, 1, 2)) / 4
    mask = blobs if shares else blobs > 0.5
    geometry = ImageGeometry(mask.shape, (0.0, 0.0, 0.0), STRAIGHT, (2.0, 1.0, 1.0))
    found = surface(mask, geometry, 0)
    monkeypatch.setattr(surfaces, "SLAB", 1000)
    whole = surface(mask, geometry, 0)
    assert (len(found.vertices), len(found.triangles)) == (len(whole.vertices), len(whole.triangles))
    assert found.volume_ml == pytest.approx(whole.volume_ml, rel=1e-4)


def test_shares_of_voxels_draw_the_surface_where_half_is_reached() -> None:
    shares = np.zeros((8, 8, 8), np.float32)
    shares[2:6, 2:6, 2:6] = 1.0
    shares[6, 2:6, 2:6] = 0.25  # the part ends a quarter into the next slice
    geometry = ImageGeometry(shares.shape, (0.0, 0.0, 0.0), STRAIGHT, (4.0, 1.0, 1.0))
    found = surface(shares, geometry, 0)
    ends = (found.vertices[:, 2].min(), found.vertices[:, 2].max())
    assert ends == pytest.approx((1.5 * 4, (5 + 2 / 3) * 4), abs=0.05)


def test_it_stops_when_nobody_wants_it_any_more() -> None:
    context = TaskContext()
    context.token.cancel()
    geometry = ImageGeometry((2, 2, 2), (0.0, 0.0, 0.0), STRAIGHT, (1.0, 1.0, 1.0))
    with pytest.raises(Cancelled):
        surface(np.ones((2, 2, 2), bool), geometry, context=context)
