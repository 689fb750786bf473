"""Each enhancement has plain calls that it is measured against, which do the same."""

from __future__ import annotations

import numpy as np
import pytest

from medviewer.cli import bench_enhance
from medviewer.cli.plain_calls import PLAIN
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Stage

ALIKE = {
    "flatten": 1e-3,
    "equalise": 1e-3,
    "stretch": 1e-3,
    "brightness": 1e-6,
    "gamma": 1e-6,
    "log": 1e-6,
    "inverse_log": 1e-6,
    "total_variation": 1.0,
    "gaussian": 1e-3,
    "median": 0.0,
    "unsharp": 1e-2,
    "sharpen": 1e-2,
    "opening": 0.0,
    "closing": 0.0,
    "tophat": 1e-2,
    "blackhat": 1e-2,
    "morphological_gradient": 1e-5,
    "sobel": 1e-5,
    "scharr": 1e-5,
    "prewitt": 1e-5,
    "laplacian": 1e-5,
    "gabor": 1e-4,
    "match": 1e-4,
    "nl_means": 1.0,
    "wavelet": 40.0,
}
"""How far, at most, both are apart; the others scale or count in another way and cost as much."""
OTHERS = {
    "clahe": "scikit-image rounds to 14 bits",
    "sigmoid": "scikit-image does not stretch it to black and white",
    "multiscale": "the plain one does not put the range back in place",
    "bilateral": "percentiles of the histogram and of NumPy differ a little",
    "diffusion": "SimpleITK measures edges by the mean slope",
    "detail": "percentiles of the histogram and of NumPy differ a little",
    "laplacian_of_gaussian": "gain and strength come afterwards",
    "canny": "the plain one cuts fractions off, and begins and ends a line elsewhere",
    "entropy": "scikit-image does not divide by the most bits",
    "frangi": "scikit-image counts straight lines that bend the other way",
    "sato": "it is scaled to the strongest lines",
    "hough_lines": "marks",
    "hough_circles": "marks",
}


def picture(name: str) -> np.ndarray:
    image = bench_enhance.phantom(160, 192)
    return image * np.float32(3000) - np.float32(1000) if ENHANCEMENTS[name].stage is Stage.SIGNAL else image


def test_every_operation_has_plain_calls() -> None:
    assert set(PLAIN) == {one.name for one in ENHANCEMENTS}
    assert set(ALIKE) | set(OTHERS) == set(PLAIN)


@pytest.mark.parametrize("name", ALIKE)
def test_the_plain_calls_do_the_same_work(name: str) -> None:
    operation = ENHANCEMENTS[name]
    found = operation(picture(name))
    plain = np.asarray(PLAIN[name].call(picture(name), operation.checked({})))
    inner = (slice(4, -4), slice(4, -4))
    assert np.abs(found - plain)[inner].max() <= ALIKE[name]


def test_a_row_says_both_clocks_and_what_it_is_compared_with() -> None:
    found = bench_enhance.operations(((128, 120),))
    assert set(found) == {f"{name} 128x120" for name in PLAIN}
    row = found["gaussian 128x120"]
    assert row["plain"] == "cv2.GaussianBlur"
    assert row["limit"] == bench_enhance.MOST
    assert row["kept"] == (row["ratio"] <= bench_enhance.MOST)
    assert row["wall_ratio"] > 0
