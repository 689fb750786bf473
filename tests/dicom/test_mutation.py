"""Damage nobody thought of: 20,000 changed frames and 5,000 changed files; none may harm the program.

With MEDVIEWER_MUTANTS=50 in the surroundings there are fifty times as many of each.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from medviewer.dicom.decode import Coded, InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.dicom.syntax import Coding
from medviewer.dicom.tags import tag_table
from medviewer.dicom.workers import WorkerPool
from medviewer.kit.errors import FileTrouble
from medviewer.kit.task import TaskContext
from medviewer.studies.scan import scan
from tests import factories

TIMES = int(os.environ.get("MEDVIEWER_MUTANTS", "1"))
ALL_FRAMES, ALL_FILES = 20_000 * TIMES, 5_000 * TIMES
CONTAINERS = 300 * TIMES
"""Of each kind."""
BANNED = (
    ("gdcm", "libjpeg", "_gdcm")
    + tuple(f"imagecodecs._{name}" for name in ("ljpeg", "jpegsof3", "dicomrle", "htj2k", "rle"))
)  # fmt: skip
"""Decoders that died or showed memory nobody wrote when they were given damaged frames."""
SLOWEST_S = 10.0

FRAMES = {
    "rle": Coding.RLE,
    "jpeg-12": Coding.JPEG,
    "jpeg-lossless": Coding.JPEG,
    "jpeg-ls": Coding.JPEG_LS,
    "jpeg-2000": Coding.JPEG_2000,
    "jpeg-2000-lossy": Coding.JPEG_2000,
    "htj2k": Coding.JPEG_2000,
    "jpeg-xl": Coding.JPEG_XL,
}
FILES = ("explicit", "implicit", "deflated", "big-endian", "jpeg-ls", "enhanced", "ultrasound")


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool() as started:
        yield started


def mutated(content: bytes, chance: np.random.Generator, head: int = 0) -> bytes:
    """*content* with a few bytes changed, cut off, or with a piece left out or repeated.

    Most changes hit the first *head* bytes when it is given.
    """
    changed = bytearray(content)
    size = min(head, len(content)) if head and chance.random() < 0.8 else len(content)
    start, end = sorted(int(at) for at in chance.integers(0, size, 2))
    match int(chance.integers(6)):
        case 0:
            return content[:start]
        case 1:
            return content[:start] + content[end:]
        case 2:
            return content[:end] + content[start:]
        case 3:
            changed[start : start + 4] = b"\xff\xff\xff\xff"
        case _:
            for at in chance.integers(0, size, int(chance.integers(1, 6))):
                changed[int(at)] = int(chance.integers(256))
    return bytes(changed)


@pytest.mark.parametrize("syntax", FRAMES)
def test_a_changed_frame_is_a_picture_or_a_reason(pool: WorkerPool, syntax: str) -> None:
    data = factories.picture(factories.gradient(48, 40), BitsStored=12, HighBit=11)
    whole = factories.ENCODERS[syntax](data, factories.gradient(48, 40))
    chance = np.random.default_rng(sum(syntax.encode()))
    ends: Counter[str] = Counter()
    for _ in range(ALL_FRAMES // len(FRAMES)):
        frame = Coded(mutated(whole, chance), FRAMES[syntax], 48, 40, 1, 16, "MONOCHROME2", "a.dcm")
        started = time.monotonic()
        try:
            assert pool.decode(frame).pixels.shape == (48, 40)
            ends["picture"] += 1
        except FileTrouble as trouble:
            ends["reason" if "a.dcm" in trouble.message else "no name"] += 1
        assert time.monotonic() - started < SLOWEST_S
    assert ends["reason"] > ALL_FRAMES // len(FRAMES) // 20
    assert not ends["no name"]
    sound = Coded(whole, FRAMES[syntax], 48, 40, 1, 16, "MONOCHROME2", "a.dcm")
    assert pool.decode(sound).pixels.shape == (48, 40)


def test_no_decoder_that_is_known_to_harm_is_ever_loaded(tmp_path: Path) -> None:
    data = factories.picture(factories.gradient(48, 40), BitsStored=12, HighBit=11)
    coded = [
        Coded(
            factories.ENCODERS[name](data, factories.gradient(48, 40)), coding, 48, 40, 1, 16, "MONOCHROME2"
        )
        for name, coding in FRAMES.items()
    ]
    (tmp_path / "frames").write_bytes(pickle.dumps(coded))
    decode = f"""
import pickle, sys
from medviewer.dicom.decode import InProcessDecoder, prepare
prepare()
for one in pickle.load(open({str(tmp_path / "frames")!r}, "rb")):
    assert InProcessDecoder().decode(one).pixels.shape == (48, 40)
import medviewer.dicom.unusual, medviewer.dicom.worker
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", decode], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "imagecodecs" in loaded
    assert loaded.isdisjoint(BANNED)


@pytest.mark.parametrize("kind", FILES)
def test_a_changed_file_is_read_or_has_a_reason(pool: WorkerPool, tmp_path: Path, kind: str) -> None:
    whole = _file(tmp_path, kind).read_bytes()
    chance = np.random.default_rng(sum(kind.encode()))
    path = tmp_path / "bad.dcm"
    ends: Counter[str] = Counter()
    for number in range(-(-ALL_FILES // len(FILES))):
        path.write_bytes(mutated(whole, chance, head=4096))
        started = time.monotonic()
        ends[_looked_at(path, pool, with_tags=number % 8 == 0)] += 1
        assert time.monotonic() - started < SLOWEST_S
    assert ends["picture"] > 0
    assert ends["reason"] > 0
    assert not ends["no name"]


@pytest.mark.parametrize("kind", ["archive", "stored archive", "directory"])
def test_a_changed_container_gives_its_pictures_or_reasons(tmp_path: Path, kind: str) -> None:
    path, whole = _container(tmp_path, kind)
    chance = np.random.default_rng(sum(kind.encode()))
    ends: Counter[str] = Counter()
    for number in range(CONTAINERS):
        tail = whole[:-250] + mutated(whole[-250:], chance)  # where the table of an archive stands
        path.write_bytes(mutated(whole, chance) if number % 2 else tail)
        started = time.monotonic()
        found = scan([path], TaskContext())
        assert all(one.reason for one in found.unreadable)
        ends["reason"] += len(found.unreadable)
        for series in (series for study in group(found.headers) for series in study.series):
            try:
                ends[_drawn(SeriesSource(series, InProcessDecoder()), "nothing to see")] += 1
            except FileTrouble:
                ends["reason"] += 1
        assert time.monotonic() - started < SLOWEST_S
    assert ends["picture"] > 0
    assert ends["reason"] > 0


def _container(folder: Path, kind: str) -> tuple[Path, bytes]:
    images = factories.ct(folder / "images", 2, rows=16, columns=16)
    if kind == "directory":
        path = factories.directory(folder, *(b"IMAGES\\" + image.name.upper().encode() for image in images))
        return path, path.read_bytes()
    path = folder / "bad.zip"
    with zipfile.ZipFile(path, "w", 0 if kind.startswith("stored") else zipfile.ZIP_DEFLATED) as archive:
        for image in images:
            archive.write(image, image.name)
    return path, path.read_bytes()


def _file(folder: Path, kind: str) -> Path:
    if kind == "enhanced":
        return factories.enhanced(folder / "good.dcm")
    if kind == "ultrasound":
        return factories.ultrasound(folder / "good.dcm", frames=2, rows=24, columns=32)
    (path,) = factories.ct(folder, 1, rows=24, columns=32, syntax=kind, WindowCenter=40, WindowWidth=400)
    return path


def _looked_at(path: Path, pool: WorkerPool, with_tags: bool) -> str:
    """Everything that a viewer does with a file; only FileTrouble may come out of any of it."""
    end = "nothing to see"
    try:
        if with_tags:
            tag_table(path)
        for study in group([read_header(path)]):
            for series in study.series:
                assert series.count or series.problems
                end = _drawn(SeriesSource(series, pool), end)
    except FileTrouble as trouble:
        return "reason" if path.name in trouble.message else "no name"
    return end


def _drawn(source: SeriesSource, end: str) -> str:
    try:
        for index in sorted({0, source.count - 1} if source.count else ()):
            frame = source.frame(index)
            assert frame.pixels.shape[:2] == source.plane(index).shape
            frame.values()
            end = "picture"
    finally:
        source.close()
    return end
