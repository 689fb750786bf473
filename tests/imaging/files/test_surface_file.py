"""Surfaces as files: where trimesh reads them, what they enclose, and what is no closed surface."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import trimesh

from medviewer.core.geometry import ImageGeometry
from medviewer.imaging.files.surface_file import Colored, rasterised, read_surface, write_surfaces
from medviewer.imaging.segment.surface import surface
from medviewer.kit.errors import DamagedFile, FileTrouble, MedviewerError

TURN = math.radians(20)
GEOMETRY = ImageGeometry(
    (36, 60, 50),
    (-10.0, 20.0, 30.0),
    ((-math.sin(TURN), 0, math.cos(TURN)), (0, 1, 0), (math.cos(TURN), 0, math.sin(TURN))),
    (1.5, 0.7, 0.9),
)
MIDDLE = GEOMETRY.to_patient((18, 30, 25))
PLANES = [GEOMETRY.plane(at) for at in range(GEOMETRY.shape[0])]
VOXEL_ML = math.prod(GEOMETRY.spacing) / 1000


def ball(radius: float) -> np.ndarray:
    places = GEOMETRY.to_patient(np.stack(np.indices(GEOMETRY.shape), -1))
    return np.linalg.norm(places - MIDDLE, axis=-1) < radius


def stack(slices: tuple) -> np.ndarray:
    return np.stack([np.zeros(GEOMETRY.shape[1:], bool) if one is None else one for one in slices])


@pytest.mark.parametrize("axes", ["LPS", "RAS"])
@pytest.mark.parametrize("ending", [".stl", ".ply"])
def test_what_is_written_encloses_the_voxels_and_comes_back_as_them(tmp_path: Path, ending, axes) -> None:
    mask = ball(14)
    path = tmp_path / f"a{ending}"
    write_surfaces(path, [Colored(surface(mask, GEOMETRY), "Ball", "#e69f00")], axes)
    mesh = trimesh.load(path, force="mesh")
    assert mesh.is_watertight
    assert mesh.volume / 1000 == pytest.approx(mask.sum() * VOXEL_ML, rel=0.01)
    sign = (-1, -1, 1) if axes == "RAS" else (1, 1, 1)
    assert mesh.center_mass * sign == pytest.approx(MIDDLE, abs=0.3)
    assert f"SPACE={axes}".encode() in path.read_bytes()[:200]
    found = stack(rasterised(read_surface(path), PLANES))
    assert (found != mask).sum() <= 0.005 * mask.sum()


def test_the_colours_of_several_parts_stand_in_one_ply(tmp_path: Path) -> None:
    one, two = ball(8), ball(14) & ~ball(11)
    parts = [Colored(surface(one, GEOMETRY), "a", "#ff0000"), Colored(surface(two, GEOMETRY), "b", "#0000ff")]
    write_surfaces(tmp_path / "a.ply", parts)
    mesh = trimesh.load(tmp_path / "a.ply", force="mesh", process=False)
    colors = {tuple(color[:3]) for color in np.asarray(mesh.visual.vertex_colors)}
    assert colors == {(255, 0, 0), (0, 0, 255)}


def test_foreign_surfaces_fill_as_much_as_they_enclose_and_cavities_stay_empty(tmp_path: Path) -> None:
    outer = trimesh.creation.icosphere(4, 15.0)
    inner = trimesh.creation.icosphere(4, 7.0)
    inner.invert()
    whole = trimesh.util.concatenate([outer, inner])
    whole.apply_translation(MIDDLE)
    whole.export(tmp_path / "shell.stl")
    found = stack(rasterised(read_surface(tmp_path / "shell.stl"), PLANES))
    assert found.sum() * VOXEL_ML == pytest.approx((outer.volume + inner.volume) / 1000, rel=0.01)
    assert not found[18, 30, 25]
    # a box whose sides lie exactly on the middles of pixels and slices is no trouble
    box = trimesh.creation.box((9.0, 9.0, 9.0))
    straight = ImageGeometry((20, 20, 20), (0, 0, 0), ((0, 0, 1), (0, 1, 0), (1, 0, 0)), (1, 1, 1))
    box.apply_translation((9.0, 9.0, 9.0) - np.array((0.5, 0.5, 0.5)))
    box.export(tmp_path / "box.stl")
    planes = [straight.plane(at) for at in range(20)]
    filled = rasterised(read_surface(tmp_path / "box.stl"), planes)
    assert sum(int(one.sum()) for one in filled if one is not None) == 9**3


def test_a_surface_with_a_hole_is_refused(tmp_path: Path) -> None:
    mesh = trimesh.creation.icosphere(2, 10.0)
    mesh.update_faces(np.arange(len(mesh.faces)) > 3)
    mesh.export(tmp_path / "hole.stl")
    with pytest.raises(FileTrouble, match="not closed"):
        read_surface(tmp_path / "hole.stl")


def test_damaged_surfaces_say_so_in_a_sentence(tmp_path: Path) -> None:
    mesh = trimesh.creation.icosphere(2, 10.0)
    mesh.export(tmp_path / "a.stl")
    mesh.export(tmp_path / "a.ply")
    stl, ply = (tmp_path / "a.stl").read_bytes(), (tmp_path / "a.ply").read_bytes()
    cases = {
        "cut.stl": stl[: len(stl) // 2],
        "huge.stl": stl[:80] + (4_000_000_000).to_bytes(4, "little") + stl[84:],
        "empty.stl": b"",
        "text.stl": b"solid x\nfacet normal nothing\n",
        "cut.ply": ply[: len(ply) // 2],
        "huge.ply": ply.replace(b"element face 320", b"element face 1000000000000"),
        "noise.ply": b"ply\nformat what 1.0\n",
    }
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(MedviewerError) as told:
            read_surface(tmp_path / name)
        assert isinstance(told.value, DamagedFile | FileTrouble), name
        assert name in told.value.message, name
