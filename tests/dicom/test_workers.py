"""A frame that kills its decoder costs one message."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import shared_memory, spawn
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medviewer.dicom import decoder_process, workers
from medviewer.dicom.decode import Coded
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.dicom.syntax import Coding
from medviewer.dicom.workers import WorkerPool
from medviewer.imaging.pictures import read_picture
from medviewer.kit.errors import Cancelled, DamagedFile, TooLarge
from tests import factories


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(workers=1) as started:
        yield started


def _coded(**values: object) -> Coded:
    import imagecodecs  # noqa: PLC0415

    data = bytes(imagecodecs.jpegls_encode(factories.gradient(64, 48)))
    return Coded(
        **{
            "data": data,
            "coding": Coding.JPEG_LS,
            "rows": 64,
            "columns": 48,
            "samples": 1,
            "allocated": 16,
            "photometric": "MONOCHROME2",
            "name": "a.dcm",
            **values,
        }
    )


def test_workers_give_the_pixels_that_this_process_would(tmp_path: Path, pool: WorkerPool) -> None:
    paths = factories.ct(tmp_path, 6, syntax="jpeg-2000")
    ((series,),) = (study.series for study in group(read_header(path) for path in paths))
    source = SeriesSource(series, pool)
    stored = factories.phantom(6, 64, 64)
    for at in range(6):
        np.testing.assert_array_equal(source.frame(at).pixels, stored[at])


def test_colours_cross_the_wall_too(tmp_path: Path, pool: WorkerPool) -> None:
    path = factories.color(tmp_path / "a.dcm", syntax="jpeg-ls")
    ((series,),) = (study.series for study in group([read_header(path)]))
    np.testing.assert_array_equal(SeriesSource(series, pool).frame(0).pixels, factories.colors(32, 48))


def test_a_broken_frame_costs_one_message_and_no_worker(pool: WorkerPool) -> None:
    pool.decode(_coded())
    before = set(pool.pids)
    with pytest.raises(DamagedFile, match=r"a\.dcm"):
        pool.decode(_coded(data=_coded().data[:200]))
    assert before <= set(pool.pids)
    assert pool.decode(_coded()).pixels.shape == (64, 48)


def test_a_worker_that_dies_is_replaced_and_the_next_frame_comes(pool: WorkerPool) -> None:
    pool.decode(_coded())
    for pid in pool.pids:
        os.kill(pid, signal.SIGKILL)
    results = []
    for _ in range(4):
        try:
            results.append(pool.decode(_coded()).pixels.shape)
        except DamagedFile as trouble:
            results.append(trouble.message)
    assert results[-1] == (64, 48)


def test_a_decoder_that_hangs_is_ended_at_the_deadline(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool.decode(_coded())
    monkeypatch.setattr(decoder_process, "SECONDS", 0.5)
    frozen = pool.pids
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(DamagedFile, match="within"):
        pool.decode(_coded())
    assert time.monotonic() - started < 5
    for pid in frozen:
        if pid in pool.pids:
            os.kill(pid, signal.SIGCONT)
    monkeypatch.setattr(decoder_process, "SECONDS", 20.0)
    assert pool.decode(_coded()).pixels.shape == (64, 48)


def test_threads_may_share_a_pool() -> None:
    with WorkerPool(workers=2) as shared, ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda _: shared.decode(_coded()).pixels, range(24)))
    assert all(np.array_equal(pixels, factories.gradient(64, 48)) for pixels in found)


def test_all_processors_decode_while_a_stack_is_wanted_and_give_their_memory_back_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers.os, "cpu_count", lambda: 3)
    with WorkerPool(workers=1) as shared:
        with shared.hurried() as at_once, ThreadPoolExecutor(at_once) as threads:
            assert at_once == 3
            found = list(threads.map(lambda _: shared.decode(_coded()).pixels, range(30)))
            deadline = time.monotonic() + 20
            while len(shared.pids) < 3 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert len(shared.pids) == 3
        assert all(np.array_equal(pixels, factories.gradient(64, 48)) for pixels in found)
        assert len(shared.pids) <= 2, "one that works and perhaps a spare"
        assert shared.decode(_coded()).pixels.shape == (64, 48)


def _many(count: int) -> tuple[list[Coded], list[np.ndarray]]:
    """Pictures of several sizes, the first of them not the largest."""
    import imagecodecs  # noqa: PLC0415

    stored = [factories.gradient(40 + 7 * (at % 5), 30 + 11 * (at % 4)) + at for at in range(count)]
    return [
        _coded(data=bytes(imagecodecs.jpegls_encode(one)), rows=one.shape[0], columns=one.shape[1])
        for one in stored
    ], stored


def test_many_frames_come_in_their_order_from_however_many_decoders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers.os, "cpu_count", lambda: 3)
    coded, stored = _many(60)
    with WorkerPool(workers=1) as shared:
        for _ in range(2):
            with shared.hurried():
                found = [one.pixels for one in shared.decode_many(coded)]
            assert len(found) == len(stored)
            assert all(np.array_equal(one, other) for one, other in zip(found, stored, strict=True))
        assert list(shared.decode_many([])) == []


def test_a_broken_one_of_many_is_told_and_the_worker_stays(pool: WorkerPool) -> None:
    coded, stored = _many(8)
    pool.decode(coded[0])
    before = set(pool.pids)
    coded[3] = _coded(data=coded[3].data[:100], rows=coded[3].rows, columns=coded[3].columns, name="b.dcm")
    with pytest.raises(DamagedFile, match=r"b\.dcm"):
        list(pool.decode_many(coded))
    assert before <= set(pool.pids)
    np.testing.assert_array_equal(pool.decode(coded[1]).pixels, stored[1])


def test_who_stops_in_the_middle_of_many_leaves_nothing_behind(pool: WorkerPool) -> None:
    coded, stored = _many(12)
    pool.decode(coded[0])
    before = set(pool.pids)
    coming = pool.decode_many(coded)
    np.testing.assert_array_equal(next(coming).pixels, stored[0])
    coming.close()
    assert before <= set(pool.pids)
    for one, other in zip(coded, stored, strict=True):
        np.testing.assert_array_equal(pool.decode(one).pixels, other)


def test_workers_that_die_among_many_cost_one_message_at_most(pool: WorkerPool) -> None:
    coded, stored = _many(12)
    coming = pool.decode_many(coded)
    found, told = [next(coming)], []
    _kill(pool)
    try:
        found += coming
    except DamagedFile as trouble:
        told.append(trouble.message)
    assert len(found) == 12 or ("a.dcm" in told[0] and "decoder" in told[0])
    for one, other in zip(found, stored, strict=False):
        np.testing.assert_array_equal(one.pixels, other)
    np.testing.assert_array_equal(pool.decode(coded[1]).pixels, stored[1])


def test_one_that_hangs_among_many_is_ended_at_its_deadline(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    coded, stored = _many(12)
    pool.decode(coded[0])
    monkeypatch.setattr(decoder_process, "SECONDS", 0.5)
    coming = pool.decode_many(coded)
    next(coming)
    frozen = pool.pids
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(DamagedFile, match="within"):
        list(coming)
    assert time.monotonic() - started < 5
    for pid in frozen:
        if pid in pool.pids:
            os.kill(pid, signal.SIGCONT)
    monkeypatch.setattr(decoder_process, "SECONDS", 20.0)
    np.testing.assert_array_equal(pool.decode(coded[1]).pixels, stored[1])


def test_a_single_picture_does_not_wait_for_the_end_of_many() -> None:
    coded, stored = _many(4)
    with WorkerPool(workers=1) as shared, ThreadPoolExecutor(1) as thread:
        shared.decode(coded[0])
        coming = shared.decode_many(coded[at % 4] for at in range(100_000))
        next(coming)
        single = thread.submit(shared.decode, coded[2])
        told = 1
        while not single.done() and told < 5_000:
            next(coming)
            told += 1
        np.testing.assert_array_equal(single.result(0.1).pixels, stored[2])
        coming.close()


def test_a_pool_that_nobody_uses_starts_nothing() -> None:
    unused = WorkerPool(workers=3)
    assert unused.pids == ()
    unused.close()


def test_closing_leaves_no_process_and_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    class Noted(shared_memory.SharedMemory):
        """Tells its name, as other programs make shared memory at the same time."""

        def __init__(self, *values: Any, **named: Any) -> None:
            super().__init__(*values, **named)
            made.append(self.name)

    with WorkerPool() as closing, monkeypatch.context() as noting:
        noting.setattr(shared_memory, "SharedMemory", Noted)
        closing.decode(_coded())
        pids = closing.pids
    assert made
    gc.collect()
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    for name in made:
        with pytest.raises(FileNotFoundError):
            shared_memory.SharedMemory(name)
    with pytest.raises(Cancelled):
        closing.decode(_coded())


def test_a_frame_beyond_all_reason_is_refused_before_memory_is_asked_for(pool: WorkerPool) -> None:
    with pytest.raises(TooLarge):
        pool.decode(_coded(rows=65_535, columns=65_535))


def test_a_decoder_loads_numbers_and_codecs_and_nothing_else() -> None:
    heavy = ("pydicom", "PySide6", "cv2", "onnxruntime", "pytest", "importlib.metadata")
    words = (
        "import sys, medviewer.dicom.worker\n"
        "from medviewer.dicom.decode import prepare\n"
        "prepare()\n"
        f"print([name for name in {heavy} if name in sys.modules], 'imagecodecs._jpeg8' in sys.modules)\n"
    )
    assert _output(["-c", words]) == "[] True\n"


_DECODING = (
    "import imagecodecs, numpy\n"
    "from medviewer.dicom.decode import Coded\n"
    "from medviewer.dicom.syntax import Coding\n"
    "from medviewer.dicom.workers import WorkerPool\n"
    "print('begun', flush=True)\n"
    "data = bytes(imagecodecs.jpegls_encode(numpy.zeros((6, 8), 'u1')))\n"
    "with WorkerPool() as pool:\n"
    "    print(pool.decode(Coded(data, Coding.JPEG_LS, 6, 8, 1, 8, 'MONOCHROME2')).pixels.shape)\n"
)


def test_a_script_without_a_guard_is_not_run_again_in_every_decoder(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(_DECODING)
    assert _output([str(tmp_path / "script.py")]) == "begun\n(6, 8)\n"


def test_words_on_the_command_line_can_decode() -> None:
    assert _output(["-c", _DECODING]) == "begun\n(6, 8)\n"


def test_the_terminal_decodes_compressed_files(tmp_path: Path) -> None:
    (path,) = factories.ct(tmp_path, 1, syntax="jpeg-2000")
    _output(["-m", "medviewer", "render", str(path), "-o", str(tmp_path / "a.png"), "--raw"])
    assert read_picture(tmp_path / "a.png").shape == (64, 64)


def test_processes_of_others_still_know_their_main_module(pool: WorkerPool) -> None:
    pool.decode(_coded())
    assert {"init_main_from_name", "init_main_from_path"} & set(spawn.get_preparation_data("somebody else"))


def _output(words: list[str]) -> str:
    """What a Python process with these arguments prints; whatever it complains about fails the test."""
    surroundings = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, *words], env=surroundings, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked up in /proc")
def test_workers_end_when_their_program_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "import sys, time\n"
        "from medviewer.dicom.decode import Coded\n"
        "from medviewer.dicom.syntax import Coding\n"
        "from medviewer.dicom.workers import WorkerPool\n"
        "from medviewer.kit.errors import DamagedFile\n"
        "if __name__ == '__main__':\n"
        "    pool = WorkerPool()\n"
        "    try:\n"
        "        pool.decode(Coded(b'', Coding.JPEG_LS, 1, 1, 1, 8, 'MONOCHROME2', 'x'))\n"
        "    except DamagedFile:\n"
        "        print(*pool.pids, flush=True)\n"
        "    time.sleep(60)\n"
    )
    program = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert program.stdout is not None
    pids = [int(word) for word in program.stdout.readline().split()]
    assert pids
    program.kill()
    program.wait()
    program.stdout.close()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_workers_that_had_ended_before_they_were_asked_cost_no_message(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    coded, stored = _many(12)
    pool.decode(coded[0])
    _kill(pool)
    with monkeypatch.context() as context:
        context.setattr(decoder_process.DecoderProcess, "is_alive", True)  # as it looks for a moment
        np.testing.assert_array_equal(pool.decode(coded[1]).pixels, stored[1])
    _kill(pool)
    with monkeypatch.context() as context:
        context.setattr(decoder_process.DecoderProcess, "is_alive", True)
        for one, other in zip(pool.decode_many(coded), stored, strict=True):
            np.testing.assert_array_equal(one.pixels, other)


def _kill(pool: WorkerPool) -> None:
    """Kill all workers, and wait until they are gone."""
    killed = pool.pids
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while set(killed) & set(pool.pids) and time.monotonic() < end:
        time.sleep(0.01)
