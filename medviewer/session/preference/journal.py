"""A study on disk: its plan, and every answer in a line of its own as soon as it is given."""

from __future__ import annotations

import json
import os
import uuid
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import medviewer
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.kit.paths import user_folder
from medviewer.session.preference.plan import Answer, Choice, Plan
from medviewer.session.recipe_files import file_stem

PLAN, ANSWERS = "study.json", "answers.jsonl"
LARGEST_FILE = 64_000_000


@frozen
class Kept:
    """A study that was read from disk."""

    folder: Path
    plan: Plan
    answers: tuple[Answer, ...] = ()
    remark: str = ""
    """what of the answers could not be read; "" where all is well"""
    sound: int = 0
    """so many bytes of the answers are whole lines that follow each other"""

    @property
    def is_done(self) -> bool:
        """Whether every pair was answered."""
        return len(self.answers) >= len(self.plan.trials)


def create(plan: Plan) -> Kept:
    """Keep a new study in a folder of its own. Raises FileTrouble."""
    folder = user_folder("preference") / f"{file_stem(plan.title)[:40].strip()}-{uuid.uuid4().hex[:8]}"
    try:
        write_atomically(folder / PLAN, plan.to_json(f"medviewer {medviewer.__version__}").encode())
    except OSError as trouble:
        raise FileTrouble(
            f"The study could not be saved: {trouble.strerror}.", "Make room on the disk."
        ) from None
    return Kept(folder, plan)


def read(path: Path) -> Kept:
    """The study in a folder, or that a file of it belongs to. Raises FileTrouble, BadValue.

    Answers up to the first damaged line count; what stands behind it does not, and is told.
    """
    folder = path if path.is_dir() else path.parent
    found = _bytes(folder / PLAN)
    try:
        plan = Plan.from_json(found.decode("utf-8", "replace"))
    except BadValue as trouble:
        raise BadValue(f"{PLAN} in {folder.name}: {trouble.message}", trouble.advice) from None
    for step in (step for one in plan.recipes for step in one.steps):
        if step.operation not in ENHANCEMENTS:
            raise BadValue(
                f"The study {folder.name} needs {step.operation!r:.60}, which this medviewer does not have.",
                "Update medviewer, or install what adds it.",
            )
    lines = _bytes(folder / ANSWERS) if (folder / ANSWERS).exists() else b""
    answers: list[Answer] = []
    sound = 0
    for line in lines.splitlines(keepends=True):
        if not _taken(line, answers, plan):
            break
        sound += len(line)
    left = len(lines[sound:].splitlines())
    remark = (
        f"The last line of the answers in {folder.name} was damaged and is left out."
        if left == 1
        else f"{left} lines of the answers in {folder.name} are damaged, or follow a damaged one: left out."
    )
    return Kept(folder, plan, tuple(answers), remark if left else "", sound)


def kept() -> tuple[Kept, ...]:
    """The studies of this user, the newest first; what cannot be read is left out."""
    found = []
    for folder in user_folder("preference").iterdir():
        with suppress(FileTrouble, BadValue):
            found.append(read(folder))
    return tuple(sorted(found, key=lambda one: one.plan.created, reverse=True))


def find(name: str) -> Kept:
    """The study in the folder of this name. Raises FileTrouble, BadValue."""
    if not name or Path(name).name != name:
        raise BadValue(f"There is no study called {name!r:.60}.", "Choose one of the list.")
    return read(user_folder("preference") / name)


def delete(folder: Path) -> None:
    """Take a study off the disk, with its answers. Raises FileTrouble."""
    try:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    except OSError as trouble:
        raise FileTrouble(f"The study {folder.name} could not be deleted: {trouble.strerror}.", "") from None


class Journal:
    """Adds lines to the answers of one study; any thread may write, and the lines keep their order."""

    def __init__(self, found: Kept) -> None:
        """What is damaged in the file is put aside under another name, and nothing of it is lost."""
        self._path = found.folder / ANSWERS
        self._size = found.sound
        self._waiting: list[bytes] = []
        self._lock = Lock()
        if found.remark:
            _set_aside(self._path, found.sound)

    def put(self, answer: Answer) -> None:
        """Take an answer, for the next `write`."""
        self._waiting.append(
            _line({"trial": answer.trial, "choice": answer.choice.value, "ms": answer.ms, "at": answer.at})
        )

    def put_undo(self, trial: int) -> None:
        """The answer to *trial*, the last one, does not count."""
        self._waiting.append(_line({"undo": trial}))

    def write(self) -> None:
        """Bring everything that was taken to the disk, for good. Raises FileTrouble."""
        with self._lock:
            while self._waiting:
                self._append(self._waiting[0])
                self._size += len(self._waiting.pop(0))

    def _append(self, line: bytes) -> None:
        try:
            with open(self._path, "ab") as file:
                if file.tell() != self._size:
                    raise FileTrouble(
                        "This study goes on in another window: its answers have changed.", "Leave it here."
                    )
                try:
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
                except OSError:
                    with suppress(OSError):  # a full disk keeps half a line, which nobody could read
                        os.truncate(self._path, self._size)
                    raise
        except OSError as trouble:
            raise FileTrouble(
                f"The answer could not be saved: {trouble.strerror}.", "Make room on the disk, then go on."
            ) from None


def _taken(line: bytes, answers: list[Answer], plan: Plan) -> bool:
    """Whether a line is whole and follows what was said before; it is then counted."""
    try:
        found = json.loads(line)
        if not line.endswith(b"\n"):
            return False
        if "undo" in found:
            if not answers or found["undo"] != len(answers) - 1:
                return False
            answers.pop()
            return True
        answer = Answer(int(found["trial"]), Choice(found["choice"]), int(found["ms"]), str(found["at"]))
    except (ValueError, KeyError, TypeError):
        return False
    if answer.trial != len(answers) or answer.trial >= len(plan.trials) or answer.ms < 0:
        return False
    answers.append(answer)
    return True


def _line(values: dict[str, Any]) -> bytes:
    return json.dumps(values).encode() + b"\n"


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileTrouble(f"{path.name} is too large for a preference study.", "")
        return path.read_bytes()
    except OSError as trouble:
        raise FileTrouble(
            f"{path.parent.name} holds no preference study: {path.name} cannot be read: {trouble.strerror}.",
            "Choose the folder of a study.",
        ) from None


def _set_aside(path: Path, sound: int) -> None:
    """Keep the whole file beside, and leave only what is sound. Raises FileTrouble."""
    try:
        whole = path.read_bytes()
        number = 1
        while path.with_suffix(f".{number}.bad").exists():
            number += 1
        write_atomically(path.with_suffix(f".{number}.bad"), whole)
        write_atomically(path, whole[:sound])
    except OSError as trouble:
        raise FileTrouble(f"{path.name} could not be repaired: {trouble.strerror}.", "") from None
