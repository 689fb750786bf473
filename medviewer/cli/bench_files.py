"""What ``medviewer bench`` says of opening folders: headers, index, memory, and how soon Cancel ends it."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from threading import Timer
from typing import Any

from medviewer.cli.measuring import at_least, at_most, in_turns
from medviewer.cli.samples import write_headers
from medviewer.dicom.fields import INDEX
from medviewer.dicom.read import read_header
from medviewer.kit.errors import Cancelled
from medviewer.kit.task import CancelToken, TaskContext
from medviewer.session.opening import Opened, Opening
from medviewer.studies.index import Index
from medviewer.studies.scan import scan

FEW, MANY = 2_000, 20_000
BESIDE = 500
"""How many of the files pydicom reads in each of its turns."""
LEAST_HEADER_RATIO = 15.0
LEAST_SECOND_RATIO = 2.0
MOST_KB_A_FILE, MOST_MB, MOST_CANCEL_S = 4.0, 1500.0, 0.2
CANCELS = 8
"""How many moments of opening a folder Cancel is tried at."""
CHILD_S = 300


def files() -> dict[str, Any]:
    """Rows about folders of FEW and of MANY files."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        few = write_headers(home / "few", FEW)
        many = write_headers(home / "many", MANY)
        return {
            "headers_2000": headers(few),
            "headers_20000": headers(many),
            "second_opening": second_opening(home / "many"),
            "memory_per_file": memory_per_file(home / "few"),
            "memory_20000": memory_of_many(home / "many"),
            "cancel": cancel(home / "many"),
        }


def headers(paths: Sequence[Path]) -> dict[str, Any]:
    """How many files a CPU second reads the headers of, beside pydicom with the same tags."""
    # pydicom is what this is measured against; nothing here reads images with it
    dcmread = import_module("pydicom").dcmread
    tags, some = list(INDEX), paths[:BESIDE]
    seconds = in_turns(
        {
            "ours": lambda: [read_header(path) for path in paths],
            "pydicom": lambda: [dcmread(path, stop_before_pixels=True, specific_tags=tags) for path in some],
            "scan": lambda: scan([paths[0].parent], TaskContext()),
        },
        rounds=3,
    )
    ours, theirs, whole = (
        len(paths) / seconds["ours"],
        len(some) / seconds["pydicom"],
        len(paths) / seconds["scan"],
    )
    return {
        **at_least(ours / theirs, LEAST_HEADER_RATIO),
        "files": len(paths),
        "files_per_cpu_second": round(ours),
        "scan_files_per_cpu_second": round(whole),
        "pydicom_files_per_cpu_second": round(theirs),
    }


def second_opening(folder: Path) -> dict[str, Any]:
    """A scan of files that the index knows, beside a scan that reads them."""
    with tempfile.TemporaryDirectory() as name, Index(Path(name) / "studies.sqlite") as index:
        found = scan([folder], TaskContext(), index)
        seconds = in_turns(
            {
                "first": lambda: scan([folder], TaskContext()),
                "again": lambda: scan([folder], TaskContext(), index),
            },
            rounds=3,
        )
    return {
        **at_least(seconds["first"] / seconds["again"], LEAST_SECOND_RATIO),
        "files_per_cpu_second": round(found.seen / seconds["again"]),
    }


def memory_per_file(folder: Path) -> dict[str, Any]:
    """What is kept of an open file: its header, and its place in a series."""
    with tempfile.TemporaryDirectory() as name, Index(Path(name) / "studies.sqlite") as index:
        opened = _open(folder, index)  # what is loaded and remembered once is not the files'
        count = len(opened.headers)
        del opened
        gc.collect()
        tracemalloc.start()
        try:
            opened = _open(folder, index)
            gc.collect()
            kept = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        assert len(opened.headers) == count
    return at_most(kept / count / 1024, MOST_KB_A_FILE, "kb_a_file")


def memory_of_many(folder: Path) -> dict[str, Any]:
    """The most memory that a process has taken when it has opened *folder*, without pixels."""
    command = [sys.executable, "-m", "medviewer.cli.bench_files", str(folder)]
    child = subprocess.run(command, capture_output=True, text=True, timeout=CHILD_S, check=False)
    try:
        answer = json.loads(child.stdout)
    except ValueError:
        return {"missing": "This system does not tell how much memory a process takes."}
    return {**at_most(answer["mb"], MOST_MB, "mb"), "files": answer["files"]}


def cancel(folder: Path) -> dict[str, Any]:
    """The longest time from Cancel to the end of an opening that reads, groups and writes the index."""
    with tempfile.TemporaryDirectory() as name:
        began = time.monotonic()
        with Index(Path(name) / "whole.sqlite") as index:
            _open(folder, index)
        whole = time.monotonic() - began
        waits = []
        for number in range(CANCELS):
            with Index(Path(name) / f"{number}.sqlite") as index:
                waits.append(_cancelled(folder, index, whole * (number + 0.5) / CANCELS))
    return at_most(max(waits), MOST_CANCEL_S, "seconds")


def _cancelled(folder: Path, index: Index, after: float) -> float:
    token = CancelToken()
    moments: list[float] = []

    def stop() -> None:
        moments.append(time.monotonic())
        token.cancel()

    timer = Timer(after, stop)
    timer.start()
    try:
        Opening([folder], Opened(), lambda: index).work(TaskContext(token))
    except Cancelled:
        return time.monotonic() - moments[0]
    finally:
        timer.cancel()
    return 0.0  # it was done before


def _open(folder: Path, index: Index) -> Opened:
    return Opening([folder], Opened(), lambda: index).work(TaskContext())


def main(folder: str) -> None:
    """Open *folder* and print how much memory that took, in a process that has done nothing else."""
    import resource  # noqa: PLC0415  (Windows has none)

    with Index(None) as index:
        opened = _open(Path(folder), index)
    # kilobytes, but bytes on macOS
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    print(json.dumps({"mb": round(most, 1), "files": len(opened.headers)}))


if __name__ == "__main__":
    main(sys.argv[1])
