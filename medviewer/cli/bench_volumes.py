"""What ``medviewer bench`` says of volumes and planes, each beside the cheapest way to the same bytes."""

from __future__ import annotations

import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from itertools import count, cycle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.cli.measuring import at_most, in_turns, milliseconds
from medviewer.cli.samples import write_stack
from medviewer.core.cut import PLANES, Cut, anatomical
from medviewer.core.geometry import Plane
from medviewer.core.study import Series
from medviewer.core.vectors import Vector, moved, squared
from medviewer.core.volume import FrameSource, Volume
from medviewer.dicom.group import group
from medviewer.dicom.source import SeriesSource
from medviewer.dicom.workers import WorkerPool
from medviewer.imaging.reslice import cut_plane, onto, reach, reslice
from medviewer.kit.task import TaskContext
from medviewer.session.frames import Frames
from medviewer.session.planes import middle
from medviewer.studies.scan import scan

SLICES, PACKED_SLICES, SIDE = 500, 48, 512
MOST = {"native": 2.0, "from_nothing": 3.0, "compressed": 1.15, "orthogonal": 2.0, "oblique": 1.0}
"""To copying the voxels; to the bare decoder on all processors; to copying the plane; to SimpleITK."""
_OBLIQUE = (
    ((1.0, 0.17, 0.1), (0.0, 1.0, 0.17)),
    ((1.0, 0.5, 0.0), (0.0, 0.0, -1.0)),
    ((1.0, 1.0, 0.2), (0.0, 0.3, 1.0)),
    ((1.0, 0.0, 0.5), (0.0, 1.0, 0.3)),
)
"""A slightly tilted slice, a plane along the body, and two that are neither; made square before use."""


class _Shelf:
    """Two keys for one series, with memory for one volume: each build takes over that of the one before."""

    def __init__(self, pool: WorkerPool, size: int) -> None:
        self._pool = pool
        self._open: dict[str, tuple[Series, FrameSource]] = {}
        self._frames = Frames(size + (1 << 20), self._open.__getitem__)
        self._numbers = count()

    def built(self, series: Series) -> Volume:
        key = str(next(self._numbers) % 2)
        series = replace(series, key=key)
        self._open[key] = (series, SeriesSource(series, self._pool))
        return self._frames.volume(key)


def volumes() -> dict[str, Any]:
    """From files to a volume, and from a volume to planes."""
    voxels = _voxels(SLICES)
    with tempfile.TemporaryDirectory() as name, WorkerPool() as pool:
        paths = write_stack(Path(name) / "plain", voxels)
        found = _native(paths, voxels, pool)
        found["volume_compressed"] = _compressed(Path(name) / "packed", voxels[:PACKED_SLICES], pool)
        volume = _Shelf(pool, voxels.nbytes).built(_series(paths[0].parent))
    return {**found, **_planes(volume)}


def _native(paths: list[Path], voxels: NDArray[np.int16], pool: WorkerPool) -> dict[str, Any]:
    series = _series(paths[0].parent)
    shelf, target = _Shelf(pool, voxels.nbytes), np.empty_like(voxels)
    starts = [one.pixel_offset for one in series.instances]

    def read() -> None:
        for slice_, one, start in zip(target, series.instances, starts, strict=True):
            with io.FileIO(one.path) as file:
                file.seek(start)
                file.readinto(slice_.data)

    seconds = in_turns(
        {
            "copy": lambda: np.copyto(target, voxels),
            "read": read,
            "native": lambda: shelf.built(series),
            "from_nothing": lambda: shelf.built(_series(paths[0].parent)),
        }
    )
    bare = seconds["read"] / seconds["copy"]
    return {
        f"volume_{name}": {
            **_row(name, seconds[name] / seconds["copy"]),
            "bare_reading": round(bare, 2),
            "ms": milliseconds(seconds[name]),
        }
        for name in ("native", "from_nothing")
    }


def _compressed(folder: Path, voxels: NDArray[np.int16], pool: WorkerPool) -> dict[str, Any]:
    """By the clock, as other processes decode; the bare decoder gets a thread for each processor."""
    # the decoders live in one place; here one of them is what that place is measured against
    codec = import_module("imagecodecs")

    def pack(pixels: NDArray[np.int16]) -> bytes:
        return bytes(codec.jpegls_encode(pixels.view(np.uint16)))

    series = _series(write_stack(folder, voxels, pack)[0].parent)
    shelf, packed = _Shelf(pool, voxels.nbytes), [pack(one) for one in voxels]
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        works: dict[str, Callable[[], object]] = {
            "bare": lambda: list(threads.map(codec.jpegls_decode, packed)),
            "ours": lambda: shelf.built(series),
        }
        spent: dict[str, list[float]] = {name: [] for name in works}
        for number in range(6):
            for name, work in works.items():
                began = time.perf_counter()
                work()
                if number:  # the first time the decoders start
                    spent[name].append(time.perf_counter() - began)
    seconds = {name: statistics.median(each) for name, each in spent.items()}
    return {
        **_row("compressed", seconds["ours"] / seconds["bare"]),
        "ms_a_frame": milliseconds(seconds["ours"] / len(voxels)),
    }


def _planes(volume: Volume) -> dict[str, Any]:
    ratios = [_orthogonal(volume, name) for name in PLANES]
    found = {"plane_orthogonal": _row("orthogonal", max(ratios))}
    try:
        simpleitk = import_module("SimpleITK")
    except ImportError:
        found["plane_oblique"] = {"missing": "SimpleITK, to measure beside, is not installed."}
        return found
    ratios = [_oblique(volume, simpleitk, *directions) for directions in _OBLIQUE]
    found["plane_oblique"] = _row("oblique", statistics.mean(ratios))
    found["plane_oblique_worst"] = _row("oblique", max(ratios))
    return found


def _orthogonal(volume: Volume, name: str) -> float:
    """Planes one after another, as in scrolling, beside copying the same voxels."""
    cut = Cut(*anatomical(name), 0.0)
    first, _, step = reach(volume.geometry, cut)
    axis = {"axial": 0, "coronal": 1, "sagittal": 2}[name]
    layers = np.moveaxis(volume.voxels, axis, 0)
    most = range(len(layers) // 5, len(layers) * 3 // 5)
    cuts = [replace(cut, distance=first + at * step) for at in most]
    ours, theirs = cycle(cuts), cycle(most)
    seconds = in_turns(
        {"copy": lambda: layers[next(theirs)].copy(), "ours": lambda: reslice(volume, next(ours))},
        repeat=100,
    )
    return seconds["ours"] / seconds["copy"]


def _oblique(volume: Volume, simpleitk: Any, along: Vector, down: Vector) -> float:
    """A plane of 512 x 512 through the middle, on one processor, beside SimpleITK's."""
    plane = _middle(volume, *squared(along, down))
    image = simpleitk.GetImageFromArray(volume.voxels)
    image.SetSpacing(volume.geometry.spacing[::-1])
    image.SetOrigin(volume.geometry.origin)
    resample = simpleitk.ResampleImageFilter()
    resample.SetNumberOfThreads(1)
    resample.SetSize((*plane.shape[::-1], 1))
    resample.SetOutputOrigin(plane.origin)
    resample.SetOutputSpacing((*plane.spacing[::-1], 1.0))
    axes = np.stack([plane.along_row, plane.along_column, plane.normal], axis=1)
    resample.SetOutputDirection(axes.ravel().tolist())
    resample.SetInterpolator(simpleitk.sitkLinear)
    seconds = in_turns({"theirs": lambda: resample.Execute(image), "ours": lambda: onto(volume, plane)})
    return seconds["ours"] / seconds["theirs"]


def _middle(volume: Volume, along: Vector, down: Vector) -> Plane:
    plane = cut_plane(volume.geometry, Cut(along, down, 0.0))
    half = plane.spacing[0] * (SIDE - 1) / 2
    corner = moved(moved(middle(volume.geometry), along, -half), down, -half)
    return replace(plane, shape=(SIDE, SIDE), origin=corner)


def _voxels(slices: int) -> NDArray[np.int16]:
    """Smooth forms with noise, so that neither cache nor decoder has it too easy."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / 30
    luck = np.random.default_rng(1)
    form = (1500 + 1000 * np.sin(rows) * np.cos(columns)).astype(np.int16)
    noise = luck.integers(-16, 16, (SIDE, SIDE), dtype=np.int16)
    return np.stack([np.roll(form, at, axis=0) + np.roll(noise, 7 * at, axis=1) for at in range(slices)])


def _series(folder: Path) -> Series:
    return group(scan([folder], TaskContext()).headers)[0].series[0]


def _row(name: str, ratio: float) -> dict[str, Any]:
    return at_most(ratio, MOST[name])
