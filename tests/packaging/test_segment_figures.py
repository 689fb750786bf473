"""On radiographs whose lungs are known, no method is worse than its library called straight."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging"))

import segment_figures

QUICK = ("otsu", "multi_otsu", "k_means", "region_growing", "confidence_connected", "watershed")
EVERY = 60
"""Ten of the 566 pictures; `packaging/segment_figures.py` takes more, and the slow methods."""


def test_lungs_are_found_no_worse_than_by_the_libraries_themselves(shared_data: Path) -> None:
    folder = shared_data / "training" / "cxr-lung-shenzhen"
    if not folder.is_dir():
        pytest.skip("the radiographs with lungs are not among the real images")
    found = segment_figures.figures(folder, EVERY, QUICK)
    assert set(found) == set(QUICK)
    for name, (ours, plain) in found.items():
        print(f"{name}: Dice {ours:.3f}, the library called directly {plain:.3f}")
        assert ours >= plain - segment_figures.NO_WORSE, name
    assert found["watershed"][0] > 0.65
    assert found["region_growing"][0] > 0.6
