"""A reader draws and paints, and the program is killed: nothing that was finished may be lost, ever.

    python -m tests.session.kill 200

A child process runs a session with worker threads, as the window does. Before each command it tells what the
work will be when the command is over (a second session that keeps nothing has done it already), after the
command that it is over. Somewhere there it is killed. The next start must find the work as it was after the
last command that was told to be over, or after the one that was under way; no file may be damaged; and it
must offer to go on.
"""

from __future__ import annotations

import os
import queue
import random
import signal
import sys
import tempfile
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from medviewer.kit.paths import user_folder
from medviewer.kit.runner import InlineRunner, ThreadRunner
from medviewer.session.keeping import keeper, workplace
from medviewer.session.keeping.keeper import Keeper
from medviewer.session.session import Session
from medviewer.session.state import Document, LastTime
from tests import factories

SLICES, SIDE = 12, 64
LONGEST_S = 0.4
"""between the first finished command and the kill"""
PATIENCE_S = 30.0

Act = Callable[[Session], object]


class NothingKept(Keeper):
    """Of the second session, which only says what the work is to be."""

    def touched(self) -> None:
        """Write nothing."""

    def save_now(self) -> None:
        """Write nothing."""

    def restore(self, studies) -> None:
        """Bring nothing back."""


def digest(document: Document) -> int:
    """A number for the work; ids, which differ from session to session, do not count."""
    said: list[object] = []
    for key, reading in sorted(document.readings.items()):
        said += [key, reading.pipeline.sha256, reading.stack_chosen, reading.key_pictures, reading.scales]
        said += [(one.shape.word, one.points, one.text) for one in reading.annotations]
        for group in reading.groups:
            said += [group.name, group.labels, group.opacity, group.state]
            said += [None if one is None else (one.shape, zlib.crc32(one)) for one in group.slices]
    return zlib.crc32(repr(said).encode())


def acts(chance: random.Random) -> Iterator[Act]:
    """What a reader does, without end; each one is a command, as a mouse move is."""
    for number in range(1 << 30):
        kind = chance.choice(["stroke"] * 5 + ["note", "drag", "undo", "redo", "look", "label", "enhance"])
        match kind:
            case "stroke":
                yield from strokes(chance, number)
            case "note":
                points = [place(chance), place(chance)]
                yield lambda one, at=points: one.run("annotate.add", shape="length", points=at, text="x")
            case "drag":
                for _ in range(chance.randint(1, 6)):
                    points = [place(chance), place(chance)]
                    yield lambda one, at=points, drag=str(number): dragged(one, at, drag)
            case "undo" | "redo":
                yield lambda one, name=f"edit.{kind}": one.run(name)
            case "look":
                at, rows = chance.randrange(SLICES), chance.randint(1, 3)
                yield lambda one, at=at, rows=rows: looked(one, at, rows)
            case "label":
                yield labelled
            case _:
                yield enhanced


def strokes(chance: random.Random, number: int) -> Iterator[Act]:
    erase = chance.random() < 0.2
    for _ in range(chance.randint(2, 8)):
        points = [place(chance), place(chance)]
        yield lambda one, at=points, erase=erase, drag=str(number): one.run(
            "paint.stroke", points=on_picture(one, at), erase=erase, drag=drag
        )


def place(chance: random.Random) -> tuple[float, float, float]:
    return (chance.uniform(-30, 30), chance.uniform(-30, 30), 0.0)


def on_picture(session: Session, points):
    """Points at the height of the picture that is shown."""
    plane = session.rendering.plane(session.view.current)
    return [(x, y, plane.origin[2]) for x, y, _ in points]


def dragged(session: Session, points, drag: str) -> None:
    reading = session.state.document.reading(session.view.current.series)
    if reading.annotations:
        session.run("annotate.move", id=reading.annotations[-1].id, points=points, drag=drag)


def labelled(session: Session) -> None:
    """One more label, up to a dozen; then the work on them begins anew."""
    groups = session.state.document.reading(session.view.current.series).groups
    is_full = sum(len(one.labels) for one in groups) > 12
    session.run("labels.remove" if is_full else "labels.add")


def enhanced(session: Session) -> None:
    steps = session.state.document.reading(session.view.current.series).pipeline.steps
    if len(steps) > 5:
        session.run("enhance.clear")
    else:
        session.run("enhance.add", operation="gaussian")


def looked(session: Session, at: int, rows: int) -> None:
    session.run("view.goto", index=at)
    session.run("view.layout", rows=rows, columns=1)


# the child


def reads(folder: Path, seed: int, told: int) -> None:
    """Draw and paint until somebody ends it."""
    chance = random.Random(seed)
    keeper.CHECKPOINT_AFTER_S = chance.choice([0.0, 0.01, 0.1, 3.0])
    keeper.ARM_EVERY_S = min(0.5, keeper.CHECKPOINT_AFTER_S)
    workplace.AFTER_S = 0.02
    calls: queue.Queue[Callable[[], object]] = queue.Queue()
    session = Session(ThreadRunner(calls.put))
    session.workplace.begin()
    session.run("study.open", paths=(folder,))
    while session.state.jobs or not session.state.studies:
        calls.get(timeout=PATIENCE_S)()
    while not session.workplace._is_written:
        time.sleep(0.001)
    second = Session(InlineRunner(), settings=session.settings)
    second.keeper = NothingKept(second)
    second.run("study.open", paths=(folder,))
    second.store.set(replace(second.state, document=session.state.document, view=session.view))
    tell(told, "will", digest(session.state.document), "done")
    for act in acts(chance):
        act(second)
        tell(told, "will", digest(second.state.document))
        act(session)
        tell(told, "done")
        while not calls.empty():
            calls.get()()


def tell(told: int, *words: object) -> None:
    os.write(told, b"".join(f"{word}\n".encode() for word in words))


# the parent


@dataclass
class Tally:
    """What came of the kills."""

    kills: int = 0
    commands: int = 0
    under_way: int = 0
    """times in which the command that was killed is in the work"""


def kill_often(kills: int, seed: int = 1, say: Callable[[str], object] = lambda _: None) -> Tally:
    """Kill a reading child so often. Raises AssertionError where anything is lost, damaged or not offered."""
    chance, tally = random.Random(seed), Tally()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MEDVIEWER_HOME"] = str(Path(folder) / "home")
        study = Path(folder) / "ct"
        factories.ct(study, slices=SLICES, rows=SIDE, columns=SIDE)
        before = digest(Document())
        for number in range(kills):
            before = _one_kill(study, chance, tally, before, seed * 100_000 + number)
            if number % 20 == 19:
                say(f"{number + 1} kills, {tally.commands} commands finished, none lost")
    return tally


def _one_kill(study: Path, chance: random.Random, tally: Tally, before: int, seed: int) -> int:
    said = _killed(study, chance, seed).decode().split()
    words = [word for word in said if word in ("will", "done") or word.isdigit()]
    assert words[:2] == ["will", str(before)], "the child did not begin with the work as it was"
    digests = [int(word) for word in words if word.isdigit()]
    finished = words.count("done")
    tally.kills += 1
    tally.commands += finished - 1
    after, expected = _found(is_closed=chance.random() < 0.5), digests[finished - 1 :]
    assert after in expected, f"lost: kill {tally.kills} with seed {seed}, after {finished - 1} commands"
    tally.under_way += after != expected[0]
    return after


def _killed(study: Path, chance: random.Random, seed: int) -> bytes:
    """What a child has told until it was killed."""
    answers, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(answers)
        try:
            reads(study, seed, told)
        except BaseException:  # noqa: BLE001  it is told, and must never run what the parent does next
            traceback.print_exc()
        os._exit(1)
    os.close(told)
    said = os.read(answers, 1 << 16)  # it stands
    assert said, "the child did not come to reading"
    time.sleep(chance.uniform(0, LONGEST_S))
    os.kill(child, signal.SIGKILL)
    said += b"".join(iter(lambda: os.read(answers, 1 << 16), b""))
    os.close(answers)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL, said.decode()[-500:]
    return said


def _found(is_closed: bool) -> int:
    """The work at the next start, which is closed or killed itself before it does anything."""
    session = Session(InlineRunner())
    session.workplace.begin()
    assert session.state.last_time is LastTime.INTERRUPTED, "the work is not offered"
    session.run("workplace.restore")
    assert session.view.layout == session.workplace.last.view.layout
    assert session.view.current.series is not None
    assert not [one.message for one in session.state.notices]
    assert not list(user_folder("readings").glob("*.bad")), "a file was damaged"
    after = digest(session.state.document)
    if is_closed:
        session.close()
    else:
        for files in session.keeper._open.values():
            files.close()
        session.workplace._lock.release()
        session.keeper = NothingKept(session)
        session.workplace._is_ours = False
        session.close()
    return after


def main() -> None:
    """Kill as often as the first argument says."""
    began = time.monotonic()
    tally = kill_often(int(sys.argv[1]) if len(sys.argv) > 1 else 200, say=print)
    print(
        f"{tally.kills} kills, {tally.commands} commands finished before them: none lost, no file damaged; "
        f"{tally.under_way} times the command under way is in the work too ({time.monotonic() - began:.0f} s)"
    )


if __name__ == "__main__":
    main()
