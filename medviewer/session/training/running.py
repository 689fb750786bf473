"""The training that runs beside the viewer: one at a time, as a background job, stopped without a loss."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medviewer.kit.errors import BadValue, TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Value
from medviewer.kit.paths import user_folder
from medviewer.kit.task import Lane, Progress, Task, TaskContext, ignore
from medviewer.session.training import program, settings

if TYPE_CHECKING:
    from medviewer.session.session import Session

JOB = "train"
CHECKPOINT, CURVES, REPORT = "checkpoint.npz", "metrics.csv", "report.html"


class Phase(Enum):
    """Where a training stands."""

    NONE = "none"
    RUNS = "runs"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


@frozen
class Epoch:
    """One epoch: the mean loss of both parts, and the score on the part that chooses; NaN is unknown."""

    number: int
    loss: float
    val_loss: float
    score: float


@frozen(eq=False)
class Training:
    """What is known of a training."""

    phase: Phase = Phase.NONE
    folder: Path | None = None
    text: str = ""
    fraction: float | None = None
    seconds_left: float | None = None
    epochs: tuple[Epoch, ...] = ()
    score_name: str = ""
    result: Mapping[str, Any] | None = None
    trouble: str = ""
    can_go_on: bool = False
    """whether it was stopped and has kept what it learnt"""

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        return self.phase in (Phase.RUNS, Phase.STOPPING)

    @property
    def report(self) -> Path | None:
        """Where its report lies, when there is one."""
        path = None if self.folder is None else self.folder / REPORT
        return path if path is not None and path.is_file() else None


class Trainings:
    """Starts, stops and takes up trainings; *now* is always the last one."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.now = Training()
        self.listing: dict[str, Any] | None = None
        """what there is to choose from, once somebody has asked"""
        self._watchers: list[Callable[[Training], object]] = []

    def watch(self, show: Callable[[Training], object]) -> Callable[[], None]:
        """Call *show* whenever more is known; the answer ends this."""
        self._watchers.append(show)
        return lambda: self._watchers.remove(show)

    def ask(
        self,
        words: tuple[str, ...],
        done: Callable[[dict[str, Any]], object],
        failed: Callable[[Exception], object],
    ) -> Task[dict[str, Any]]:
        """Ask the other process something, in the background; the newest question of a kind wins."""
        task: Task[dict[str, Any]] = Task(
            work=lambda context: program.answer(words, context),
            done=done,
            failed=failed,
            lane=Lane.LONG,  # not behind a training, which may take hours
            replaces=(JOB, words[:1]),
        )
        self._session.submit(task)
        return task

    def find_stopped(self) -> None:
        """Look in the background for the last training that was stopped, also by the end of the viewer."""

        def take(found: Training | None) -> None:
            if found is not None and self.now.phase is Phase.NONE:
                self._show(found)

        self._session.submit(Task(work=lambda _: _last_stopped(), done=take, lane=Lane.SOON))

    def start(self, asked: Mapping[str, Value]) -> str:
        """Begin to learn with some settings; the answer is the key of the job. Raises BadValue."""
        data = str(asked.get("data.path", ""))
        if not data:
            raise BadValue("There is nothing to learn from.", "Choose a folder of pictures or a .npz file.")
        folder = _free_folder(str(asked.get("model.name", "") or Path(data).stem))
        return self._run(folder, ("--output", str(folder), *settings.words(asked)), Path(data).name)

    def resume(self, folder: Path) -> str:
        """Go on with a training that was stopped; the answer is the key of the job. Raises BadValue."""
        if not (folder / CHECKPOINT).is_file():
            raise BadValue(
                f"There is no training to go on with in {folder.name}.",
                f"Choose the folder of one that was stopped; it holds {CHECKPOINT}.",
            )
        return self._run(folder, ("--resume", str(folder)), folder.name)

    def stop(self) -> None:
        """Ask the training to stop; what it has learnt is kept, and it can go on later."""
        self._session.jobs.cancel_kind(JOB)

    def _run(self, folder: Path, flags: tuple[str, ...], name: str) -> str:
        if self.now.runs:
            raise BadValue("A model is being trained already.", "Stop that training, or wait for its end.")
        self._show(Training(Phase.RUNS, folder, "Starting"))
        known: list[Training] = [self.now]

        def work(context: TaskContext) -> Mapping[str, Any]:
            def tell(line: Mapping[str, Any]) -> None:
                known[0] = _told(known[0], line)
                context.report(known[0].fraction, known[0].text)

            try:
                return program.followed(("train", "--progress", "json", *flags), context, tell)
            except TrainingTrouble as trouble:
                return {"trouble": str(trouble)}
            finally:
                known[0] = _with_curves(known[0])

        def advanced(_: Progress) -> None:
            if self.now.phase is Phase.RUNS:
                self._show(known[0])

        def done(result: Mapping[str, Any]) -> None:
            if trouble := result.get("trouble"):
                self._show(replace(known[0], phase=Phase.FAILED, trouble=str(trouble), seconds_left=None))
                self._session.notify("The training failed.", str(trouble))
                return
            told = replace(known[0], phase=Phase.DONE, text="Done", fraction=1.0, seconds_left=None)
            self._show(replace(told, result=result))
            self._session.notify(
                f"{result.get('name', name)} is trained.",
                "It is in the AI panel." if result.get("installed") else f"It lies in {folder}.",
                is_error=False,
            )

        def gone(_: object) -> None:
            kept = (folder / CHECKPOINT).is_file()
            words = "Stopped; it can go on" if kept else "Stopped before anything was learnt"
            now = replace(known[0], phase=Phase.STOPPED, text=words, seconds_left=None, can_go_on=kept)
            self._show(now)

        def stopped() -> None:
            self._show(replace(known[0], phase=Phase.STOPPING, text="Stopping, and keeping what was learnt"))
            # comes in turn behind the training, that is when its process has ended
            self._session.submit(Task(work=ignore, done=gone, lane=Lane.APART_LONG))

        return self._session.jobs.start(
            f"Training on {name}", work, done, advanced, JOB, Lane.APART_LONG, stopped
        )

    def _show(self, now: Training) -> None:
        self.now = now
        for show in tuple(self._watchers):
            show(now)


def _told(before: Training, line: Mapping[str, Any]) -> Training:
    """What is known after one line more."""
    fraction, left = _number(line.get("fraction")), _number(line.get("seconds_left"))
    known = replace(
        before,
        text=str(line.get("text", "")),
        fraction=fraction,
        seconds_left=left if fraction is not None and fraction < 0.9 else None,
    )
    epoch = line.get("epoch")
    return _with_curves(known) if isinstance(epoch, int) and epoch - 1 != len(known.epochs) else known


def _with_curves(known: Training) -> Training:
    """With the epochs that stand in the table of the run; lines of progress leave quick ones out."""
    if known.folder is None:
        return known
    try:
        with open(known.folder / CURVES, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        return known
    epochs = []
    for row in rows[1:]:
        values = [_number(value) for value in row[:4]]
        if len(values) == 4 and values[0] is not None:
            loss, val_loss, score = (math.nan if value is None else value for value in values[1:])
            epochs.append(Epoch(int(values[0]), loss, val_loss, score))
    name = rows[0][3].removeprefix("val_") if rows and len(rows[0]) > 3 else ""
    return replace(known, epochs=tuple(epochs), score_name=name)


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _last_stopped() -> Training | None:
    try:
        kept = sorted(user_folder("runs").glob(f"*/{CHECKPOINT}"), key=lambda path: path.stat().st_mtime)
    except OSError:
        return None
    if not kept:
        return None
    words = "Stopped earlier; it can go on"
    return _with_curves(Training(Phase.STOPPED, kept[-1].parent, words, can_go_on=True))


def _free_folder(name: str) -> Path:
    plain = "".join(sign if sign.isalnum() or sign in "._-" else "-" for sign in name).strip("-._") or "model"
    runs, at = user_folder("runs"), 1
    while (folder := runs / (plain if at == 1 else f"{plain}-{at}")).exists():
        at += 1
    return folder
