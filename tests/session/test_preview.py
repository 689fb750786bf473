"""What is seen while the slider of a slow enhancement moves."""

from __future__ import annotations

import numpy as np
import pytest

from medviewer.core.geometry import Plane
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.preview import preview, scaled, source_request
from medviewer.imaging.reduce import reduce
from medviewer.imaging.render import RenderRequest, render
from medviewer.imaging.viewing import Region
from medviewer.session.costs import LEAST_PX, MOST_HALVINGS, Costs

WINDOW = VOI(0, 400)


def frame(side: int = 1024, padded: bool = False) -> Frame:
    """Soft blobs in Hounsfield units, with a little noise."""
    rng = np.random.default_rng(2)
    rows, columns = np.mgrid[:side, :side] * (12 / side)
    values = 150 * np.sin(rows) * np.cos(columns) + rng.normal(0, 5, (side, side))
    stored = (values + 1024).astype(np.int16)
    if padded:
        stored[:, : side // 4] = -2000
    padding = (-2000.0, -2000.0) if padded else None
    return Frame(read_only(stored), Plane(stored.shape), Rescale(1, -1024, unit="HU"), padding)


def request(*steps: Step, region: Region | None = None, size: tuple[int, int] = (256, 256)) -> RenderRequest:
    return RenderRequest("series", 0, WINDOW, Pipeline(steps), region=region, size=size)


def both(picture: Frame, asked: RenderRequest, halvings: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The exact picture and the preview, as float."""
    shape = (picture.pixels.shape[0], picture.pixels.shape[1])
    made = preview(picture, asked, reduce(picture, source_request(asked, shape)), halvings)
    quick = render(picture, (), asked, made.enhanced, made.reduced)
    return render(picture, (), asked).pixels.astype(float), quick.pixels.astype(float)


STEPS = {
    "gamma": Step.of("gamma", {"exponent": 0.6}),
    "gaussian": Step.of("gaussian", {"radius_px": 8.0}),
    "equalise": Step.of("equalise"),
    "clahe": Step.of("clahe", {"clip_limit": 3.0}),
    "unsharp": Step.of("unsharp", {"radius_px": 12.0, "amount": 2.0}),
}
ZOOMED = Region(299.5, 399.5, 600.5, 700.5)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("region", [None, ZOOMED], ids=["fitted", "zoomed"])
@pytest.mark.parametrize("halvings", [0, 1])
def test_a_preview_is_close_to_the_exact_picture(name: str, region: Region | None, halvings: int) -> None:
    exact, quick = both(frame(), request(STEPS[name], region=region), halvings)
    assert exact.shape == quick.shape
    assert np.abs(exact - quick).mean() < 6
    assert np.corrcoef(exact.ravel(), quick.ravel())[0, 1] > 0.98


def test_a_preview_stands_where_the_exact_picture_stands() -> None:
    step = np.zeros((900, 1100), np.int16)
    step[:, 500:] = 1000
    picture = Frame(read_only(step), Plane(step.shape))
    region = Region(99.5, 301.5, 500.5, 803.5)
    for name in ("gamma", "equalise"):
        asked = RenderRequest(
            "s", 0, VOI(500, 1000), Pipeline((STEPS[name],)), region=region, size=(200, 251)
        )
        exact, quick = both(picture, asked)
        edges = [int(np.argmax(one[100] > 127)) for one in (exact, quick)]
        assert abs(edges[0] - edges[1]) <= 1


def test_padding_stays_black_in_a_preview() -> None:
    exact, quick = both(frame(padded=True), request(STEPS["clahe"]))
    assert (exact[:, :60] == 0).all()
    assert (quick[:, :60] == 0).all()
    assert np.abs(exact - quick)[:, 70:].mean() < 6


def test_colour_pictures_have_previews_too() -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 255, (64, 64, 3), np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    picture = Frame(read_only(pixels), Plane(pixels.shape[:2]))
    asked = RenderRequest("s", 0, VOI.unknown(), Pipeline((STEPS["gamma"],)), size=(128, 128))
    exact, quick = both(picture, asked)
    assert np.abs(exact - quick).mean() < 4


def test_lengths_in_pixels_shrink_with_the_picture_and_vanish_when_too_small() -> None:
    one, two, three = scaled(Pipeline((STEPS["gaussian"], STEPS["gamma"], Step.of("median"))), 0.25).steps
    assert dict(one.values)["radius_px"] == 2.0
    assert two == STEPS["gamma"]
    assert not three.on


@pytest.mark.parametrize("name", ["morphological_gradient", "entropy", "gabor", "laplacian_of_gaussian"])
def test_a_preview_of_edges_or_texture_is_no_picture_of_something_else(name: str) -> None:
    """However much the picture is reduced: what is bright there is what is bright in the exact one."""
    exact, quick = both(frame(2048), request(Step.of(name)))
    assert np.abs(quick - exact).mean() < 30


def test_what_was_slow_in_a_large_viewport_does_not_make_a_small_one_coarser_than_a_picture() -> None:
    costs, steps = Costs(), Pipeline((Step.of("clahe"),))
    costs.tried(steps, 1, 1.0)
    for _ in range(MOST_HALVINGS):
        costs.previewed(steps, costs.halvings(steps, 1 << 20), 1.0)
    assert costs.halvings(steps, 1 << 20) == MOST_HALVINGS
    for side in (64, 100, 200, 400):
        assert side**2 >> 2 * costs.halvings(steps, side**2) >= min(side**2, LEAST_PX)
