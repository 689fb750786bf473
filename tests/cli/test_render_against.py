"""``medviewer render`` with two renderings in one picture: what the window shows, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medviewer.cli.main import main
from medviewer.imaging.colormaps import DIVERGING, color_map
from tests.cli.rendered import CT, PT, rendered


def test_a_wipe_has_the_original_left_and_the_enhanced_right(folder: Path) -> None:
    original, enhanced = rendered(folder, "--raw"), rendered(folder, "--raw", "--step", "clahe")
    found = rendered(folder, "--raw", "--step", "clahe", "--against", "wipe", "--against-at", "0.25")
    assert np.array_equal(found[:, :16], original[:, :16])
    assert np.array_equal(found[:, 16:], enhanced[:, 16:])
    assert not np.array_equal(original, enhanced)


def test_another_series_is_compared_on_the_grid_of_the_picture(folder: Path) -> None:
    flags = ("--against", "blend", "--against-what", PT, "--against-at", "1")
    found = rendered(folder, "--raw", *flags)
    fused = rendered(folder, "--raw", "--fuse", PT, "--fuse-colors", "black-red", "--fuse-opacity", "1")
    assert np.abs(found[..., 0].astype(int) - fused[..., 0]).max() <= 1


def test_a_difference_of_nothing_is_grey_all_over(folder: Path) -> None:
    found = rendered(folder, "--raw", "--against", "difference")
    assert (found == color_map(DIVERGING).colors[128]).all()


def test_the_file_says_what_was_compared(folder: Path) -> None:
    rendered(folder, "--step", "gaussian", "--against", "difference", "--against-at", "30")
    told = (folder.parent / "out.png").read_bytes().decode("latin-1")
    assert "this minus the other, from -30 to 30 HU; the other: original" in told
    assert "W 400" not in told  # a difference of values is seen through no window


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (("--against", "lens", "--against-at", "7"), "Radius"),
        (("--against-at", "0.5"), "--against too"),
        (("--against", "wipe", "--against-what", "1.2.3"), "no series"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], word: str
) -> None:
    target = folder.parent / "out.png"
    assert main(["render", str(folder), "--series", CT, "-o", str(target), *flags]) != 0
    assert word in capsys.readouterr().err
    assert not target.exists()
