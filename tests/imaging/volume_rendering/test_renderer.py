"""Pictures that another process makes: what is where, from which side, and what happens when it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from threading import Timer

import numpy as np
import pytest

from medviewer.core.geometry import ImageGeometry
from medviewer.core.view3d import FACES, WHOLE, View3D
from medviewer.core.voi import VOI
from medviewer.imaging.viewing import Viewing
from medviewer.imaging.volume_rendering import renderer as renderers
from medviewer.imaging.volume_rendering.available import RenderingTrouble, why_not
from medviewer.imaging.volume_rendering.camera import body_plane, camera, kept
from medviewer.imaging.volume_rendering.look import look
from medviewer.imaging.volume_rendering.presets import preset
from medviewer.imaging.volume_rendering.renderer import (
    Model,
    Renderer,
    Shot,
    model,
)
from medviewer.kit.errors import Cancelled
from medviewer.kit.task import TaskContext
from tests.imaging.volume_rendering.stacks import AIR, grid, stack

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "VTK is there")
posix = pytest.mark.skipif(os.name == "nt", reason="Windows cannot stop a process and let it go on")

SIZE = (120, 160)
LEFT_FRONT_HIGH = (slice(16, 20), slice(4, 10), slice(28, 36))
"""A block of bone at the patient's left, front and head end of `grid`."""


@pytest.fixture(scope="module")
def studio() -> Iterator[Renderer]:
    one = Renderer()
    yield one
    one.close()


@pytest.fixture(scope="module")
def block() -> Iterator[Model]:
    one = model(stack(grid(), LEFT_FRONT_HIGH))
    yield one
    one.end()


def shot(
    shown: Model, geometry: ImageGeometry, view: View3D, quick: bool = False, **viewing: object
) -> tuple[Shot, Viewing]:
    plane = body_plane(geometry, view)
    seen = Viewing(plane.shape, size=SIZE, **viewing)  # type: ignore[arg-type]
    clip = None if view.clip == WHOLE else kept(geometry, view)
    found = look(preset(view.preset), shown.body, VOI.unknown())
    return Shot(camera(plane, seen), found, clip, SIZE, quick=quick), seen


def lit(picture: np.ndarray) -> np.ndarray:
    """(row, column): where something is to be seen."""
    return picture.max(axis=2) > 90


def expected(geometry: ImageGeometry, bright: tuple[slice, ...], view: View3D, seen: Viewing) -> np.ndarray:
    """The slow and plain way: (x, y) of each bright voxel's centre."""
    plane = body_plane(geometry, view)
    places = [
        (a, b, c)
        for a in range(bright[0].start, bright[0].stop)
        for b in range(bright[1].start, bright[1].stop)
        for c in range(bright[2].start, bright[2].stop)
    ]
    return np.array([seen.to_view(*plane.to_image(point)) for point in geometry.to_patient(places)])


TILTED = grid(directions=((0.0, 0.4, 0.917), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)))
OBLIQUE = grid(directions=((0.0, -0.6, 0.8), (0.0, 0.8, 0.6), (1.0, 0.0, 0.0)))
DOWNWARDS = grid(directions=((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)))
SAGITTAL = grid(directions=((-1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)))


@pytest.mark.parametrize("geometry", [grid(), TILTED, OBLIQUE, DOWNWARDS, SAGITTAL], ids=str)
@pytest.mark.parametrize("name", ["bone", "ct-mip"])
def test_the_body_lies_where_its_voxels_lie_in_grids_of_every_kind(
    studio: Renderer, geometry: ImageGeometry, name: str
) -> None:
    shown = model(stack(geometry, LEFT_FRONT_HIGH))
    try:
        for view in (View3D(name), View3D(name).turned(35, -20, 10), View3D(name).from_face("feet")):
            asked, seen = shot(shown, geometry, view)
            rows, columns = np.nonzero(lit(studio.render(shown, asked)))
            wanted = expected(geometry, LEFT_FRONT_HIGH, view, seen)
            # values fade over a voxel on each side of the block, so the picture is wider by about that
            near = 3.0 * seen.scale + 1
            assert columns.min() == pytest.approx(wanted[:, 0].min(), abs=near)
            assert columns.max() == pytest.approx(wanted[:, 0].max(), abs=near)
            assert rows.min() == pytest.approx(wanted[:, 1].min(), abs=near)
            assert rows.max() == pytest.approx(wanted[:, 1].max(), abs=near)
            assert columns.mean() == pytest.approx(wanted[:, 0].mean(), abs=2.5)
            assert rows.mean() == pytest.approx(wanted[:, 1].mean(), abs=2.5)
    finally:
        shown.end()


@pytest.mark.rule("P-42")
def test_what_is_at_the_patients_left_is_on_the_right_seen_from_the_front(
    studio: Renderer, block: Model
) -> None:
    seen = {}
    for side in FACES:
        asked, _ = shot(block, grid(), View3D("bone").from_face(side))
        rows, columns = np.nonzero(lit(studio.render(block, asked)))
        seen[side] = (columns.mean() > SIZE[1] / 2, rows.mean() < SIZE[0] / 2)
    assert seen == {
        "anterior": (True, True),  # left is right, head is up
        "posterior": (False, True),
        "left": (False, True),  # the front is at the left of the picture
        "right": (True, True),
        "head": (False, True),  # the front is up
        "feet": (True, True),
    }


@pytest.mark.parametrize(
    ("axis", "low", "high", "is_seen"),
    [
        ("right-left", 0.0, 0.5, False),
        ("right-left", 0.5, 1.0, True),
        ("front-back", 0.5, 1.0, False),
        ("front-back", 0.0, 0.5, True),
        ("feet-head", 0.0, 0.5, False),
        ("feet-head", 0.5, 1.0, True),
    ],
)
def test_clipping_takes_away_what_lies_beyond(
    studio: Renderer, block: Model, axis: str, low: float, high: float, is_seen: bool
) -> None:
    asked, _ = shot(block, grid(), View3D("bone").clipped(axis, low, high))
    assert lit(studio.render(block, asked)).any() == is_seen


def test_zoom_mirror_and_rotation_do_to_a_body_what_they_do_to_a_slice(
    studio: Renderer, block: Model
) -> None:
    view = View3D("ct-mip")
    plain = studio.render(block, shot(block, grid(), view)[0])
    mirrored = studio.render(block, shot(block, grid(), view, flipped=True)[0])
    turned = studio.render(block, shot(block, grid(), view, rotation=180)[0])
    large = studio.render(block, shot(block, grid(), view, zoom=1.2)[0])
    np.testing.assert_allclose(mirrored[:, ::-1].astype(int), plain, atol=12)
    np.testing.assert_allclose(turned[::-1, ::-1].astype(int), plain, atol=12)
    assert lit(large).sum() == pytest.approx(1.44 * lit(plain).sum(), rel=0.1)


def test_a_quick_picture_shows_the_same_body(studio: Renderer, block: Model) -> None:
    sharp = lit(studio.render(block, shot(block, grid(), View3D("bone"))[0]))
    quick = lit(studio.render(block, shot(block, grid(), View3D("bone"), quick=True)[0]))
    assert (sharp & quick).sum() / (sharp | quick).sum() > 0.85


@pytest.mark.parametrize(("name", "wanted"), [("ct-mip", "max"), ("ct-average", "mean"), ("ct-minip", "min")])
def test_projections_show_the_highest_the_mean_and_the_lowest(
    studio: Renderer, name: str, wanted: str
) -> None:
    geometry = grid((20, 20, 20), (2.0, 2.0, 2.0))
    values = np.full(geometry.shape, -400, np.int16)
    values[:, 5:15, :10] = 200  # half of the way, at the right of the patient
    values[0, 0, 0] = AIR
    volume = replace(stack(geometry, LEFT_FRONT_HIGH), voxels=values)
    shown = model(volume)
    try:
        asked, seen = shot(shown, geometry, View3D(name))
        voi = VOI.from_range(-600, 400)
        asked = replace(asked, look=look(preset(name), shown.body, voi))
        picture = studio.render(shown, asked)
    finally:
        shown.end()
    for column, line in ((5, values[10, :, 5]), (15, values[10, :, 15])):
        place = geometry.to_patient((10, 0, column))
        x, y = seen.to_view(*body_plane(geometry, View3D(name)).to_image(tuple(place)))
        grey = (getattr(line, wanted)() + 600) / 1000 * 255
        assert picture[round(y), round(x), 0] == pytest.approx(grey, abs=20)


@posix
def test_a_renderer_that_dies_costs_one_message_and_the_next_picture_comes(block: Model) -> None:
    studio = Renderer()
    try:
        asked, _ = shot(block, grid(), View3D("bone"))
        before = studio.render(block, asked)
        assert studio.pid is not None
        os.kill(studio.pid, signal.SIGSTOP)
        Timer(0.2, os.kill, (studio.pid, signal.SIGKILL)).start()
        with pytest.raises(RenderingTrouble, match="ended unexpectedly"):
            studio.render(block, asked)
        np.testing.assert_array_equal(studio.render(block, asked), before)
    finally:
        studio.close()


@posix
def test_a_renderer_that_hangs_is_ended_and_told(block: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = Renderer()
    try:
        asked, _ = shot(block, grid(), View3D("bone"))
        studio.render(block, asked)
        monkeypatch.setattr(renderers, "SECONDS", 0.3)
        assert studio.pid is not None
        os.kill(studio.pid, signal.SIGSTOP)
        with pytest.raises(RenderingTrouble, match="did not answer"):
            studio.render(block, asked)
        assert studio.pid is None
    finally:
        studio.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="EGL is how Linux renders without a screen")
@pytest.mark.parametrize("kinds", [("EGL",), ("EGL", "EGL")])
def test_a_machine_without_opengl_is_told_so_and_asked_for_a_driver(
    block: Model, monkeypatch: pytest.MonkeyPatch, kinds: tuple[str, ...]
) -> None:
    monkeypatch.setattr(renderers, "KINDS", kinds)
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_FILENAMES", os.devnull)
    studio = Renderer()
    try:
        with pytest.raises(RenderingTrouble, match=r"no OpenGL that works.*libegl1"):
            studio.render(block, shot(block, grid(), View3D("bone"))[0])
        monkeypatch.delenv("__EGL_VENDOR_LIBRARY_FILENAMES")
        assert lit(studio.render(block, shot(block, grid(), View3D("bone"))[0])).any()
    finally:
        studio.close()


@posix
def test_a_picture_that_nobody_wants_any_more_is_left_and_the_next_one_is_right(
    studio: Renderer, block: Model
) -> None:
    asked, _ = shot(block, grid(), View3D("bone"))
    wanted = studio.render(block, asked)
    other, _ = shot(block, grid(), View3D("bone").from_face("posterior"))
    assert studio.pid is not None
    os.kill(studio.pid, signal.SIGSTOP)
    context = TaskContext()
    Timer(0.1, context.token.cancel).start()
    with pytest.raises(Cancelled):
        studio.render(block, other, context=context)
    os.kill(studio.pid, signal.SIGCONT)
    np.testing.assert_array_equal(studio.render(block, asked), wanted)


def test_a_body_whose_series_was_closed_is_told(studio: Renderer, block: Model) -> None:
    gone = model(stack(grid(), LEFT_FRONT_HIGH))
    asked, _ = shot(gone, grid(), View3D("bone"))
    gone.end()
    with pytest.raises(RenderingTrouble, match="closed"):
        studio.render(gone, asked)


def test_a_stack_that_needs_more_shared_memory_than_there_is_is_reduced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(renderers, "shared_bytes", lambda: 3 << 20)
    large = model(stack(grid((64, 160, 160)), LEFT_FRONT_HIGH))
    try:
        assert large.body.bytes <= 3 << 20
        assert large.body.reduced != (1, 1, 1)
    finally:
        large.end()


def test_vtk_is_never_loaded_by_the_process_that_asks() -> None:
    program = (
        "import sys\n"
        "from tests.imaging.volume_rendering import test_renderer as t\n"
        "studio, block = t.Renderer(), t.model(t.stack(t.grid(), t.LEFT_FRONT_HIGH))\n"
        "asked, _ = t.shot(block, t.grid(), t.View3D('bone'))\n"
        "assert t.lit(studio.render(block, asked)).any()\n"
        "studio.close(), block.end()\n"
        "print([name for name in sys.modules if name.startswith('vtk')])\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120
    )
    assert (answer.stdout.strip(), answer.stderr) == ("[]", "")
