"""``medviewer bench``: ratios to the cheapest possible way, measured side by side in one run.

A machine shared with others makes every absolute figure doubtful; ratios of CPU time taken in turns stay.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from medviewer.cli import output
from medviewer.cli.arguments import add_json
from medviewer.cli.bench_volumes import volumes
from medviewer.cli.samples import write_headers
from medviewer.cli.screen import has_screen
from medviewer.core.geometry import Plane
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.dicom.read import read_header
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.imaging.grayscale import lut8
from medviewer.imaging.render import RenderRequest, enhance, render
from medviewer.kit.task import TaskContext
from medviewer.studies.index import Index
from medviewer.studies.scan import scan

FILES = 500
ROUNDS = 5
LEAST_HEADER_RATIO = 5.0
MOST_WINDOW_RATIOS = {"first_image": 4.0, "wheel_1x1": 8.0, "drag_512": 8.0, "drag_3000x2500": 8.0}
"""To a bare window's first paint, and to drawing a finished picture (see medviewer.gui.bench)."""
WINDOW_SECONDS = 300

Work = Callable[[], object]


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_json(parser)


def run(values: Namespace) -> int:
    """Measure, and say the figures with the limit each must keep."""
    context = output.context()
    context.report(0.0, "Headers")
    told: dict[str, Any] = {"machine": _machine(), "headers": headers(FILES)}
    context.report(0.2, "Pictures")
    told["pictures"] = pictures()
    context.report(0.4, "Enhancements")
    told["enhancements"] = enhancements()
    context.report(0.5, "Volumes")
    told["volumes"] = volumes(_in_turns)
    context.report(0.8, "Window")
    told["window"] = window()
    if values.json:
        output.tell_json(told)
    else:
        _tell(told)
    return 0


def headers(files: int) -> dict[str, Any]:
    """How many files a CPU second reads the headers of, beside pydicom on the same files."""
    # pydicom is what this is measured against; nothing here reads images with it
    dcmread = import_module("pydicom").dcmread
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "files"
        paths = write_headers(folder, files)
        seconds = _in_turns(
            {
                "ours": lambda: [read_header(path) for path in paths],
                "pydicom": lambda: [dcmread(path, stop_before_pixels=True) for path in paths],
                "scan": lambda: scan([folder], TaskContext()),
            },
            rounds=3,
        )
        with Index(Path(name) / "studies.sqlite") as index:
            scan([folder], TaskContext(), index)
            again = _in_turns({"again": lambda: scan([folder], TaskContext(), index)}, rounds=3)["again"]
    ratio = seconds["pydicom"] / seconds["ours"]
    return {
        "files": files,
        "files_per_cpu_second": round(files / seconds["ours"]),
        "pydicom_files_per_cpu_second": round(files / seconds["pydicom"]),
        "scan_files_per_cpu_second": round(files / seconds["scan"]),
        "second_opening_files_per_cpu_second": round(files / again),
        "ratio": round(ratio, 2),
        "limit": LEAST_HEADER_RATIO,
        "kept": ratio >= LEAST_HEADER_RATIO,
    }


def pictures() -> dict[str, Any]:
    """The pixels of one 512 x 512 picture, beside copying as many bytes as it shows."""
    frame = _frame(512)
    request = RenderRequest(series="bench", index=0, voi=VOI(40, 400))
    windows = iter(range(10_000_000))

    def dragged() -> object:
        voi = VOI(40, 400 + next(windows) / 64)
        lut8(frame, voi)
        return render(frame, None, replace(request, voi=voi))

    shown, copy = np.zeros((512, 512), np.uint8), np.empty((512, 512), np.uint8)
    seconds = _in_turns(
        {
            "copy": lambda: np.copyto(copy, shown),
            "render": lambda: render(frame, None, request),
            "drag": dragged,
        },
        repeat=50,
    )
    return {
        "copy_ms": _ms(seconds["copy"]),
        "render_ms": _ms(seconds["render"]),
        "window_drag_ms": _ms(seconds["drag"]),
    }


def enhancements() -> dict[str, Any]:
    """Each enhancement with its defaults on 1024 x 1024, beside copying the picture as float32."""
    frame = _frame(1024)
    values = frame.values()
    copy = np.empty_like(values)
    voi = VOI(40, 400)
    works: dict[str, Work] = {"copy": lambda: np.copyto(copy, values)}
    for operation in ENHANCEMENTS:
        pipeline = Pipeline((Step.of(operation.name, operation.checked({})),))
        works[operation.name] = lambda pipeline=pipeline: enhance(frame, voi, pipeline)  # type: ignore[misc]
    seconds = _in_turns(works, rounds=3)
    base = seconds.pop("copy")
    return {name: {"ms": _ms(spent), "times_copy": round(spent / base, 1)} for name, spent in seconds.items()}


def window() -> dict[str, Any]:
    """The figures of a window, from a process of its own; in words why there are none.

    Without a screen Qt draws into memory, which costs the same CPU time but for the way to the screen.
    """
    try:
        child = subprocess.run(
            [sys.executable, "-m", "medviewer.gui.bench", "--json"],
            capture_output=True,
            text=True,
            timeout=WINDOW_SECONDS,
            check=False,
            env=os.environ if has_screen() else {**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
        found = json.loads(child.stdout) if child.returncode == 0 else None
    except (OSError, subprocess.TimeoutExpired, ValueError):
        found = None
    if not isinstance(found, dict):
        return {"missing": "The window could not be measured here: it did not open."}
    for name, most in MOST_WINDOW_RATIOS.items():
        if name in found:
            found[name].update(limit=most, kept=found[name]["ratio"] <= most)
    return found


def _in_turns(works: Mapping[str, Work], rounds: int = ROUNDS, repeat: int = 1) -> dict[str, float]:
    """The median CPU seconds of one call of each, taken in turns in changing order, after one to warm up."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    names = list(works)
    for work in works.values():
        work()
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            began = time.process_time()
            for _ in range(repeat):
                works[name]()
            spent[name].append((time.process_time() - began) / repeat)
    return {name: max(statistics.median(seconds), 1e-7) for name, seconds in spent.items()}


def _frame(side: int) -> Frame:
    rows, columns = np.mgrid[0:side, 0:side]
    noise = np.random.default_rng(1).normal(0, 20, (side, side))
    stored = 1024 + 300 * np.sin(rows / 40) * np.cos(columns / 30) + noise
    return Frame(
        pixels=read_only(stored.astype(np.int16)),
        plane=Plane((side, side)),
        rescale=Rescale(1.0, -1024.0, unit="HU"),
    )


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 4)


def _machine() -> dict[str, Any]:
    return {"system": platform.platform(), "python": platform.python_version(), "cores": os.cpu_count()}


def _tell(told: Mapping[str, Any]) -> None:
    found = told["headers"]
    output.tell(
        f"headers: {found['files_per_cpu_second']:,} files per CPU second, {found['ratio']} times pydicom's "
        f"(at least {found['limit']:g} wanted: {'kept' if found['kept'] else 'MISSED'})"
    )
    output.tell(f"second opening: {found['second_opening_files_per_cpu_second']:,} files per CPU second")
    shown = told["pictures"]
    output.tell(
        f"512 x 512: {shown['render_ms']} ms, after a window drag {shown['window_drag_ms']} ms, "
        f"a plain copy {shown['copy_ms']} ms"
    )
    rows = [
        (name, f"{one['ms']:.1f} ms", f"{one['times_copy']} x copy")
        for name, one in told["enhancements"].items()
    ]
    output.table([("enhancement", "1024 x 1024", ""), *rows])
    for name, value in told["volumes"].items():
        output.tell(f"{name.replace('_', ' ')}: {_held(value)}")
    for name, value in told["window"].items():
        if not isinstance(value, Mapping) or "ratio" not in value:
            output.tell(f"window, {name}: {output.short(value)}")
            continue
        wanted = ""
        if "limit" in value:
            wanted = f" (at most {value['limit']:g} wanted: {'kept' if value['kept'] else 'MISSED'})"
        output.tell(f"window, {name}: {value['ratio']:.1f} times the least Qt can do{wanted}")


def _held(value: Mapping[str, Any]) -> str:
    """A ratio beside its limit, or why there is none."""
    if "missing" in value:
        return str(value["missing"])
    kept = "kept" if value["kept"] else "MISSED"
    return f"{value['ratio']} times the cheapest way (at most {value['limit']:g} wanted: {kept})"
