"""Work of a reader that can be saved: labels, everything that can be drawn, statements, key pictures."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from medviewer.core.annotation import Shape
from medviewer.core.codes import Code
from medviewer.core.finding import Finding, Provenance, State
from medviewer.core.labels import Label, LabelMap
from medviewer.core.study import Series
from medviewer.session.session import Session

LUNG = Code("39607008", "SCT", "Lung")
ANATOMY = Code("123037004", "SCT", "Anatomical Structure")
MASS = Code("4147007", "SCT", "Mass")
MODEL = Provenance("lung-net", "1.4", "ab" * 32, "2026-03-01T10:00:00Z", (("threshold", "0.5"),))
SPOTS = ((10.25, 12.75), (22.5, 25.125), (8.0, 30.5), (27.0, 9.0))

HARMLESS = (
    # written after dicom3tools: the kind of object, its background segment, and who points at it
    "Information Object Not found",
    "have SegmentSequence item number 1 (from one) with SegmentNumber of 0",
    "not segmentation - attribute <ReferencedSegmentNumber>",
)
"""What dciodvfy says of Label Map Segmentations (PS3.3 A.93), which it does not know."""
OF_THE_SOURCE = (
    "Illegal root for UID",
    "Leading zeroes in embedded numeric component",
    "contains invalid data values",
)
"""What is wrong with the UIDs of some old files, which an object about them has to repeat."""


def open_first(session: Session, path: Path) -> Series:
    """Open *path*; the series that is shown."""
    session.run("study.open", paths=(path,))
    series = session.series(session.view.current.series)
    assert series is not None
    return series


def drawn_labels(series: Series, shift: int = 0, provenance: Provenance | None = None) -> LabelMap:
    """Two labels on every other picture; *shift* moves them so that groups overlap."""
    slices = []
    for at, frame in enumerate(series.frames):
        rows, columns = frame.plane.shape
        values = np.zeros((rows, columns), np.uint8)
        if at % 2 == 0 or series.count < 3:
            values[rows // 4 + shift : rows // 2 + shift, columns // 4 : columns // 2 + at % 3] = 3
            values[rows // 2 + shift, 1 : columns - 2] = 1
        slices.append(values if values.any() else None)
    labels = (Label(1, "Line Ä", "#e69f00"), Label(3, "Lung", "#56b4e9", category=ANATOMY, meaning=LUNG))
    return LabelMap(tuple(slices), labels, provenance=provenance, name=f"Group {shift}")


def put(session: Session, series: Series, *groups: LabelMap, findings: Sequence[Finding] = ()) -> None:
    """Give a series label maps and statements."""
    reading = replace(session.state.document.reading(series.key), groups=groups, findings=tuple(findings))
    session.edit("Work", lambda document: document.with_reading(reading))


def draw_everything(session: Session, series: Series) -> None:
    """One annotation of each kind on the shown picture."""
    plane = series.frames[session.view.current.index].plane
    for shape in Shape:
        count = 4 if shape.is_outline else shape.points
        points = [plane.to_patient(*spot) for spot in SPOTS[:count]]
        words = {Shape.TEXT: "Größe unklar", Shape.ARROW: "hier"}.get(shape, "")
        session.run("annotate.add", shape=shape.word, points=points, text=words)


def statement(state: State = State.PROPOSED, frame: int | None = None) -> Finding:
    """What a model says of a series."""
    return Finding("Pleural effusion", 0.8125, 0.5, MODEL, frame, state)


def saved(session: Session, folder: Path, **values: object) -> dict[str, list[Path]]:
    """Save into *folder*; the files by what they hold."""
    folder.mkdir(exist_ok=True)
    before = set(folder.rglob("*.dcm"))
    session.run("dicom.save", folder=folder, then_open=False, **values)
    found: dict[str, list[Path]] = {}
    for path in sorted(set(folder.rglob("*.dcm")) - before):
        found.setdefault(path.stem[3:], []).append(path)
    return found


def read(path: Path) -> Dataset:
    """An object as pydicom reads it."""
    return pydicom.dcmread(path)


def complaints(path: Path) -> list[str]:
    """The errors that dciodvfy finds, but for those that are known to be none. Skips where it is missing."""
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy of dicom3tools is not installed")
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, check=False, timeout=60)
    lines = (done.stdout + done.stderr).decode(errors="replace").splitlines()
    known = (*HARMLESS, *OF_THE_SOURCE)
    return [one for one in lines if one.startswith("Error") and not any(words in one for words in known)]
