"""Methods find what is known to be there, and what scikit-image and SimpleITK find."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from scipy.sparse import coo_array, diags_array
from scipy.sparse.linalg import spsolve
from skimage import filters, segmentation

import medviewer.imaging.segment  # noqa: F401 - the methods declare themselves on import
from medviewer.imaging.segment.method import METHODS, Seed
from medviewer.imaging.segment.random_walker import share_inside, steps
from medviewer.imaging.segment.thresholds import means_of
from medviewer.kit.task import TaskContext
from tests.imaging.segment.phantoms import ball, bright_ball, grid, middle, overlap

RNG = np.random.default_rng(12)
MIXED = np.concatenate([RNG.normal(at, 60, 4000) for at in (-800, 40, 400)]).reshape(12, 25, 40)
WHOLE = grid(np.rint(MIXED).astype(int))
BALL, INSIDE = bright_ball(8.0)
SEED = Seed(middle(INSIDE))


def itk(values: np.ndarray) -> sitk.Image:
    return sitk.GetImageFromArray(values)


def test_otsu_splits_where_scikit_image_does() -> None:
    assert np.array_equal(METHODS["otsu"](WHOLE), filters.threshold_otsu(WHOLE.values) < WHOLE.values)
    assert np.array_equal(METHODS["otsu"](WHOLE, side="dark"), ~METHODS["otsu"](WHOLE))


def test_multi_otsu_finds_the_classes_that_were_mixed() -> None:
    for keep, at in ((1, -800), (2, 40), (3, 400)):
        mask = METHODS["multi_otsu"](WHOLE, keep=keep)
        limits = filters.threshold_multiotsu(WHOLE.values, 3)
        expected = np.digitize(WHOLE.values, limits, right=True) == keep - 1
        assert overlap(mask, expected) > 0.995
        assert abs(float(WHOLE.values[mask].mean()) - at) < 15


def test_the_means_of_k_means_are_at_rest() -> None:
    values, counts = np.unique(WHOLE.values, return_counts=True)
    means = means_of(counts, values.astype(float), 3, TaskContext())
    nearest = np.abs(WHOLE.values[..., None] - means).argmin(-1)
    for number, mean in enumerate(means):
        assert mean == pytest.approx(WHOLE.values[nearest == number].mean())
    assert np.abs(means - (-800, 40, 400)).max() < 15


def test_a_threshold_holds_both_of_its_limits() -> None:
    values = np.arange(-5, 15).reshape(4, 5)
    assert np.array_equal(METHODS["threshold"](grid(values), low=0, high=7), (values >= 0) & (values <= 7))


def test_region_growing_finds_what_connected_threshold_finds() -> None:
    at = (6, 12, 20)
    middle_value = float(WHOLE.values[6, 11:14, 19:22].mean())
    mask = METHODS["region_growing"](WHOLE, [Seed(at)], below=300, above=200)
    limits = {"lower": middle_value - 300, "upper": middle_value + 200}
    oracle = sitk.ConnectedThreshold(
        itk(WHOLE.values),
        [at[::-1]],
        connectivity=sitk.ConnectedThresholdImageFilter.FullConnectivity,
        **limits,
    )
    expected = sitk.GetArrayFromImage(oracle).astype(bool)
    assert mask.sum() > 1000
    assert np.array_equal(mask, expected)


def test_statistical_growing_finds_what_confidence_connected_finds() -> None:
    # of whole numbers SimpleITK rounds the limits towards 0
    for values, at in ((MIXED, [(6, 12, 20)]), (BALL.values + 0.5, [middle(INSIDE)])):
        one = grid(values.astype(np.float32))
        for rounds in (0, 3):
            mask = METHODS["confidence_connected"](one, [Seed(index) for index in at], rounds=rounds)
            found = sitk.ConfidenceConnected(
                itk(one.values),
                [index[::-1] for index in at],
                numberOfIterations=rounds,
                multiplier=2.5,
                initialNeighborhoodRadius=2,
                replaceValue=1,
            )
            assert mask.sum() > 20
            assert np.array_equal(mask, sitk.GetArrayFromImage(found).astype(bool))


def test_seeds_in_two_places_find_both() -> None:
    values = np.zeros((20, 30), int)
    values[2:6, 2:6] = values[12:18, 20:28] = 500
    found = METHODS["region_growing"](grid(values), [Seed((3, 3)), Seed((14, 22))], below=10, above=10)
    assert np.array_equal(found, values > 0)
    assert METHODS["region_growing"](grid(values), [Seed((3, 3))], below=10, above=10).sum() == 16


def test_the_random_walker_agrees_with_that_of_scikit_image() -> None:
    values = BALL.values[8:16, 14:34, 14:34] / 200
    markers = np.zeros(values.shape, np.uint8)
    markers[4, 9:11, 9:11], markers[:, 0] = 1, 2
    beta = 130
    expected = segmentation.random_walker(
        values, markers.astype(int), beta=beta, mode="cg_j", tol=1e-6, return_full_prob=True
    )[0]
    scale = beta / (10 * values.std())
    found = share_inside(values, markers, (1.0, 1.0, 1.0), scale, TaskContext())
    assert np.abs(found - expected).max() < 0.05


@pytest.mark.parametrize(
    ("name", "least", "values"),
    [
        ("otsu", 0.999, {}),
        ("region_growing", 0.999, {}),
        ("confidence_connected", 0.97, {}),
        ("watershed", 0.93, {"sigma_mm": 1.0}),
        ("random_walker", 0.98, {}),
        ("geodesic", 0.95, {}),
        ("chan_vese", 0.97, {"start_mm": 4.0}),
        ("superpixels", 0.9, {"size_mm": 2.5, "tolerance": 40.0}),
        ("edge_and_fill", 0.93, {}),
    ],
)
def test_a_ball_in_noise_is_found(name: str, least: float, values: dict) -> None:
    method = METHODS[name]
    mask = method(BALL, [SEED] if method.needs_seeds else (), **values)
    assert overlap(mask, INSIDE) >= least


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (5.0, 0.7, 0.7)])
@pytest.mark.parametrize("noise", [0.1, 0.5])
@pytest.mark.parametrize("shuns", [0.5, 2.0])
def test_the_random_walker_solves_the_equations_of_a_stack_well_enough(
    spacing: tuple[float, ...], noise: float, shuns: float
) -> None:
    places = np.indices((16, 32, 32))
    ball_of_it = (
        sum(
            ((at - middle) / size) ** 2
            for at, middle, size in zip(places, (8, 18, 18), (5, 9, 9), strict=True)
        )
        < 1
    )
    values = ball_of_it + np.random.default_rng(3).normal(0, noise, ball_of_it.shape)
    markers = np.zeros(values.shape, np.uint8)
    markers[8, 18, 18], markers[2, 3, 3] = 1, 2
    scale = 0.5 / (shuns * noise) ** 2
    one, other, weights = steps(values, spacing, scale)
    links = coo_array((weights, (one, other)), (values.size, values.size)).tocsr()
    links = links + links.T
    laplacian = (diags_array(links.sum(axis=1)) - links).tocsr()
    known, inside = markers.ravel() > 0, (markers.ravel() == 1).astype(float)
    exact = inside.copy()
    exact[~known] = spsolve(
        laplacian[~known][:, ~known].tocsc(), -laplacian[~known][:, known] @ inside[known]
    )
    found = share_inside(values, markers, spacing, scale, TaskContext()).ravel()
    assert np.abs(found - exact).max() < 0.01
    assert ((found > 0.5) == (exact > 0.5)).mean() > 0.9995


@pytest.mark.parametrize("name", ["watershed", "random_walker"])
def test_a_seed_outside_keeps_a_neighbour_out(name: str) -> None:
    values = np.zeros((40, 80))
    values[10:30, 10:38] = values[10:30, 42:70] = 300
    values[18:22, 38:42] = 300
    one = grid(values + RNG.normal(0, 3, values.shape), (1.0, 1.0))
    alone = METHODS[name](one, [Seed((20, 20))])
    parted = METHODS[name](one, [Seed((20, 20)), Seed((20, 60), inside=False), Seed((2, 2), inside=False)])
    assert alone[20, 60] or name == "random_walker"
    assert parted[20, 20]
    assert not parted[15:25, 50:65].any()


def test_a_large_stack_is_looked_at_on_a_coarser_grid_and_found_within_half_a_voxel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inside = ball(15, (1.0, 0.5, 0.5), 6)
    one = grid(inside * 200 + RNG.normal(0, 5, inside.shape), (1.0, 0.5, 0.5))
    monkeypatch.setattr("medviewer.imaging.segment.contours.MOST_EVEN", inside.size // 6)
    mask = METHODS["chan_vese"](one, [Seed(middle(inside))])
    assert overlap(mask, inside) > 0.97
    assert mask.sum() == pytest.approx(inside.sum(), rel=0.03)


def test_only_the_neighbourhood_of_the_seeds_is_looked_at() -> None:
    mask = METHODS["superpixels"](WHOLE, [Seed((6, 12, 20))], tolerance=50, reach_mm=5)
    found = np.argwhere(mask)
    assert np.all(np.abs(found - (6, 12, 20)) * (2.0, 0.8, 0.8) <= 6)
