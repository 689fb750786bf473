"""``medviewer render`` with colours and a second series: what the window shows, and what is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medviewer.cli.main import main
from medviewer.imaging.colormaps import color_map
from medviewer.session.session import Session
from tests.cli.rendered import CT, PT, rendered


def test_the_terminal_lays_a_series_over_another_as_the_window_does(folder: Path) -> None:
    flags = ("--fuse", PT, "--fuse-colors", "pet", "--fuse-opacity", "0.7", "--fuse-window", "4000,8000")
    written = rendered(folder, "--raw", *flags)
    session = Session()
    session.run("study.open", paths=(folder,))
    keys = {one.uid: one.key for study in session.state.studies for one in study.series}
    session.run("view.show", series=keys[CT], index=6)
    session.run("window.set", center=40, width=400)
    session.run("fusion.set", series=keys[PT], colors="pet", opacity=0.7)
    session.run("fusion.window", center=4000, width=8000)
    shown = session.rendering.draw(0, None).picture
    session.close()
    assert shown is not None
    assert np.array_equal(written, shown.pixels)


def test_the_terminal_knows_colour_maps(folder: Path) -> None:
    grey = rendered(folder, "--raw")
    colored = rendered(folder, "--raw", "--colors", "cividis")
    assert np.array_equal(colored, color_map("cividis").colors[grey[..., 0]])
    assert rendered(folder, "--colors", "cividis", "--scale", "8").shape == (512, 512, 3)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--colors", "jet"), "no colour map called 'jet'"),
        (("--fuse", "1.2.3"), "no series '1.2.3' here"),
        (("--fuse", PT, "--fuse-value", "3"), "one value at each place"),
        (("--fuse", CT), "over itself"),
        (("--fuse", PT, "--fuse-opacity", "3"), "opacity"),
        (("--fuse", PT, "--fuse-window", "wide"), "'wide' is no window"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    folder: Path, flags: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = folder.parent / "out.png"
    assert main(["render", str(folder), "--series", CT, "-o", str(target), *flags]) != 0
    said = capsys.readouterr().err
    assert words.lower() in said.lower()
    assert "Traceback" not in said
    assert not target.exists()
