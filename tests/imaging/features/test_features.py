"""Features against scikit-image, SciPy and formulas that are written slowly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage, stats
from skimage import feature, filters, measure

from medviewer.imaging.features import FAMILIES, Region, measured, names_of, read_plan, vector
from medviewer.kit.errors import BadValue


@pytest.fixture(scope="module")
def image() -> NDArray[np.float32]:
    rng = np.random.default_rng(3)
    smooth = ndimage.gaussian_filter(rng.random((48, 40)), 1.5)
    return ((smooth - smooth.min()) / np.ptp(smooth)).astype(np.float32)


@pytest.fixture(scope="module")
def mask() -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:48, :40]
    return ((rows - 20) / 14) ** 2 + ((columns - 19) / 9) ** 2 <= 1


def of(text: str, image: NDArray[np.float32], region: Region | None = None) -> dict[str, float]:
    return measured(image, read_plan(text), region or Region())


@pytest.mark.parametrize("whole", [True, False])
def test_intensity_is_what_scipy_says(image: NDArray, mask: NDArray, whole: bool) -> None:
    found = of("intensity", image, Region(mask=None if whole else mask))
    values = (image.ravel() if whole else image[mask]).astype(float)
    assert found["intensity_mean"] == pytest.approx(values.mean())
    assert found["intensity_deviation"] == pytest.approx(values.std())
    assert found["intensity_skewness"] == pytest.approx(stats.skew(values))
    assert found["intensity_kurtosis"] == pytest.approx(stats.kurtosis(values))
    assert found["intensity_percentile_10"] == pytest.approx(np.percentile(values, 10))
    assert found["intensity_energy"] == pytest.approx((values**2).sum())
    counts = np.histogram(values, 64, (0, 1))[0]
    assert found["intensity_entropy"] == pytest.approx(stats.entropy(counts, base=2))


def slow_pairs(image: NDArray, mask: NDArray, levels: int, step: tuple[int, int]) -> NDArray[np.float64]:
    """Each pixel with its neighbour, both ways, one after the other."""
    table = np.zeros((levels, levels))
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            there = row + step[0], column + step[1]
            if not (0 <= there[0] < image.shape[0] and 0 <= there[1] < image.shape[1]):
                continue
            if mask[row, column] and mask[there]:
                one, other = (min(levels - 1, int(image[at] * levels)) for at in ((row, column), there))
                table[one, other] += 1
                table[other, one] += 1
    return table / table.sum()


@pytest.mark.parametrize("whole", [True, False])
def test_texture_is_what_a_table_of_pairs_written_slowly_says(
    image: NDArray, mask: NDArray, whole: bool
) -> None:
    given = np.ones_like(mask) if whole else mask
    found = of("glcm(levels=8; distances=1; directions=each)", image, Region(mask=None if whole else mask))
    for angle, step in {0: (0, 1), 45: (1, 1), 90: (1, 0), 135: (1, -1)}.items():
        pairs = slow_pairs(image, given, 8, step)
        one, other = np.indices(pairs.shape)
        mean = (pairs * one).sum()
        wanted = {
            "contrast": (pairs * (one - other) ** 2).sum(),
            "dissimilarity": (pairs * abs(one - other)).sum(),
            "homogeneity": (pairs / (1 + (one - other) ** 2)).sum(),
            "energy": math.sqrt((pairs**2).sum()),
            "entropy": stats.entropy(pairs.ravel(), base=2),
            "correlation": (pairs * (one - mean) * (other - mean)).sum() / (pairs * (one - mean) ** 2).sum(),
        }
        for name, value in wanted.items():
            assert found[f"glcm_{name}_1_{angle}"] == pytest.approx(value), (name, angle)


def test_texture_is_what_scikit_image_says(image: NDArray) -> None:
    found = of("glcm(levels=32; distances=1 3)", image)
    steps = np.minimum(31, (image * 32).astype(int)).astype(np.uint8)
    table = feature.graycomatrix(steps, [1, 3], np.deg2rad([0, 45, 90, 135]), 32, symmetric=True, normed=True)
    for name in ("contrast", "dissimilarity", "homogeneity", "energy", "correlation"):
        wanted = feature.graycoprops(table, name).mean(axis=1)
        assert [found[f"glcm_{name}_1"], found[f"glcm_{name}_3"]] == pytest.approx(wanted.tolist())


def test_gabor_energies_are_those_of_scikit_images_filter(image: NDArray) -> None:
    found = of("gabor(wavelengths=4 6; directions=3)", image)
    for wavelength in (4, 6):
        for turn in range(3):
            both = filters.gabor(
                image - image.mean(), 1 / wavelength, theta=math.pi * turn / 3, bandwidth=1, mode="reflect"
            )
            wanted = (both[0].astype(float) ** 2 + both[1].astype(float) ** 2).mean()
            assert found[f"gabor_{wavelength}_{60 * turn}"] == pytest.approx(wanted, rel=1e-4)


def test_gabor_answers_most_to_its_own_stripes() -> None:
    across = np.tile(0.5 + 0.5 * np.sin(np.arange(64) * 2 * math.pi / 8), (64, 1)).astype(np.float32)
    found = of("gabor(wavelengths=4 8 16)", across)
    assert max(found, key=lambda name: found[name]) == "gabor_8_0"
    turned = of("gabor(wavelengths=4 8 16)", np.ascontiguousarray(across.T))
    assert max(turned, key=lambda name: turned[name]) == "gabor_8_90"
    said = of("gabor(wavelengths=8; show=mean)", across)
    each = [found[f"gabor_8_{angle}"] for angle in (0, 45, 90, 135)]
    assert said["gabor_8_mean"] == pytest.approx(np.mean(each))
    assert said["gabor_8_spread"] == pytest.approx(np.std(each))


def test_edges_and_patterns_are_those_of_scikit_image(image: NDArray) -> None:
    found = of("hog(cells=4; orientations=6; block=2)", image)
    wanted = feature.hog(image, 6, (12, 10), (2, 2), "L2-Hys")
    assert list(found.values()) == pytest.approx(wanted.tolist())
    patterns = of("lbp", image)
    codes = feature.local_binary_pattern(np.round(image * 255).astype(np.uint8), 8, 1, "uniform")
    assert list(patterns.values()) == pytest.approx(
        (np.bincount(codes.ravel().astype(int), minlength=10) / codes.size).tolist()
    )


def test_the_names_of_edges_say_their_place() -> None:
    picture = np.zeros((32, 32), np.float32)
    picture[20:, 4] = 1  # an upright line below on the left
    found = of("hog(cells=2; block=1; orientations=9)", picture)
    assert max(found, key=lambda name: found[name]).startswith("hog_1_0_")
    assert all(value == 0 for name, value in found.items() if name.startswith("hog_0_1"))


def test_shape_is_what_scikit_image_says(image: NDArray, mask: NDArray) -> None:
    found = of("shape", image, Region((0.5, 0.5), mask))
    wanted = measure.regionprops(mask.astype(int), spacing=(0.5, 0.5))[0]
    assert found["shape_area_mm2"] == pytest.approx(wanted.area)
    # scikit-image takes pixels for points: as squares, each has a variance of its own, a side squared by 12
    for name, axis in (("major", wanted.axis_major_length), ("minor", wanted.axis_minor_length)):
        assert found[f"shape_{name}_axis_mm"] == pytest.approx(math.sqrt(axis**2 + 16 * 0.25 / 12))
    assert found["shape_eccentricity"] == pytest.approx(wanted.eccentricity, abs=1e-3)
    # scikit-image takes middles of pixels for the hull, and its diameter half a pixel further out
    assert found["shape_solidity"] == pytest.approx(wanted.solidity, abs=0.05)
    assert found["shape_feret_mm"] == pytest.approx(wanted.feret_diameter_max, abs=0.5)
    assert found["shape_perimeter_mm"] == pytest.approx(wanted.perimeter, rel=0.05)


def test_a_rectangle_of_uneven_pixels_has_the_sizes_of_the_school() -> None:
    mask = np.zeros((20, 30), bool)
    mask[5:15, 10:25] = True  # 10 x 2 mm by 15 x 1 mm
    found = of("shape", np.zeros((20, 30), np.float32), Region((2.0, 1.0), mask))
    assert found["shape_area_mm2"] == 300
    assert found["shape_feret_mm"] == pytest.approx(math.hypot(20, 15))
    assert found["shape_solidity"] == pytest.approx(1)
    assert found["shape_extent"] == pytest.approx(1)
    assert found["shape_major_axis_mm"] == pytest.approx(4 * 20 / math.sqrt(12))
    assert found["shape_perimeter_mm"] == pytest.approx(70, rel=0.05)


def test_a_picture_without_an_outline_can_find_its_own() -> None:
    rows, columns = np.mgrid[:64, :64]
    picture = ((rows - 30) ** 2 + (columns - 34) ** 2 <= 15**2).astype(np.float32)
    picture[2:4, 2:4] = 1  # too small to be meant
    found = of("shape(of=bright)", picture)
    assert found["shape_area_mm2"] == pytest.approx(math.pi * 225, rel=0.02)
    # an outline along pixels is longer than the circle
    assert found["shape_circularity"] == pytest.approx(0.86, abs=0.05)
    assert of("shape(of=dark)", 1 - picture) == pytest.approx(found)
    with pytest.raises(BadValue, match="needs an outline"):
        of("shape", picture)


@pytest.mark.parametrize("family", FAMILIES.names)
def test_every_family_gives_the_same_names_and_only_numbers(family: str, image: NDArray) -> None:
    plan = read_plan(family)
    names = names_of(plan, (48, 40))
    everywhere = np.ones((48, 40), bool)
    for picture in (image, np.zeros_like(image), np.ones_like(image), image - 0.5, 3 * image):
        found = measured(picture, plan, Region(mask=everywhere))
        assert tuple(found) == names
        assert np.isfinite(vector(picture, plan, Region(mask=everywhere))).all()
    assert FAMILIES[family].help.endswith(".")


def test_a_plan_is_read_and_told_with_all_its_parameters() -> None:
    plan = read_plan("intensity, glcm(levels=16; distances=1 2), hog")
    assert [one.name for one in plan] == ["intensity", "glcm", "hog"]
    assert dict(plan[1].values) == {"levels": 16, "distances": "1 2", "directions": "mean"}
    assert read_plan(", ".join(map(str, plan))) == plan


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("intensty", "Did you mean intensity"),
        ("glcm(levels=1)", "from 4 to 256"),
        ("glcm(level=16)", "no parameter 'level'"),
        ("glcm(distances=one)", "numbers from 1 to 64"),
        ("hog(cells=4", "from 'hog"),
        ("hog, hog", "twice"),
        ("hog(cells=16)", "too small for 16 cells"),
    ],
)
def test_what_is_no_plan_is_a_sentence(text: str, words: str, image: NDArray) -> None:
    with pytest.raises(BadValue) as trouble:
        of(text, image[:30, :30])
    assert words in f"{trouble.value.message} {trouble.value.advice}"
