"""Long work as the reader sees it."""

from __future__ import annotations

import pytest

from medviewer.kit.errors import BadValue, Cancelled
from medviewer.kit.runner import InlineRunner
from medviewer.kit.task import Lane, Progress, Task, TaskContext
from medviewer.session import jobs as module
from medviewer.session.jobs import Jobs
from medviewer.session.state import JobStatus, State
from medviewer.session.store import Store


class Later:
    """A runner in which a test decides when work begins, reports and ends."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def submit(self, task: Task) -> None:
        self.tasks.append(task)

    def tell(self, at: int, progress: Progress) -> None:
        if not self.tasks[at].token.cancelled:
            self.tasks[at].progress(progress)

    def finish(self, at: int) -> None:
        task = self.tasks[at]
        try:
            result = task.work(TaskContext(task.token))
        except Cancelled:
            return
        except Exception as trouble:  # noqa: BLE001  as the runner does
            task.failed(trouble)
            return
        if not task.token.cancelled:
            task.done(result)


class Desk:
    """As much of a session as jobs need."""

    def __init__(self, runner) -> None:
        self.runner = runner
        self.store = Store(State())
        self.told: list[Exception] = []
        self.jobs = Jobs(self)

    @property
    def state(self) -> State:
        return self.store.state

    def submit(self, task: Task) -> None:
        self.runner.submit(task)

    def notify(self, trouble: Exception) -> None:
        self.told.append(trouble)

    @property
    def shown(self) -> list[str]:
        return [job.title for job in self.state.jobs]


@pytest.fixture
def desk() -> Desk:
    return Desk(Later())


def test_a_job_is_shown_until_it_ends_and_then_its_result_is_used(desk):
    got = []
    desk.jobs.start("Scan", lambda _: "found", got.append)
    assert desk.state.jobs == (JobStatus("job-1", "Scan"),)
    assert desk.runner.tasks[0].lane is Lane.LONG
    desk.runner.finish(0)
    assert (got, desk.shown) == (["found"], [])


def test_the_entry_is_gone_when_the_result_arrives(desk):
    seen = []
    desk.jobs.start("Scan", lambda _: None, lambda _: seen.append(desk.shown))
    desk.runner.finish(0)
    assert seen == [[]]


def test_a_failure_becomes_a_notice_and_nothing_else(desk):
    got, trouble = [], BadValue("x")

    def work(_):
        raise trouble

    desk.jobs.start("Scan", work, got.append)
    desk.runner.finish(0)
    assert (got, desk.told, desk.shown) == ([], [trouble], [])


def test_progress_is_shown_in_place_and_the_order_of_jobs_stays(desk):
    for title in ("a", "b", "c"):
        desk.jobs.start(title, lambda _: None)
    desk.runner.tell(0, Progress(0.5, "half"))
    assert desk.shown == ["a", "b", "c"]
    assert (desk.state.jobs[0].fraction, desk.state.jobs[0].text) == (0.5, "half")


def test_cancelling_takes_the_entry_away_at_once_and_nothing_follows(desk):
    got = []
    key = desk.jobs.start("Scan", lambda context: context.check(), got.append, got.append)
    desk.jobs.cancel(key)
    assert desk.shown == []
    desk.runner.tell(0, Progress(0.5))
    desk.runner.finish(0)
    assert (got, desk.told, desk.shown) == ([], [], [])


def test_progress_that_was_on_its_way_does_not_bring_a_cancelled_job_back(desk):
    key = desk.jobs.start("Scan", lambda _: None)
    progress = desk.runner.tasks[0].progress
    desk.jobs.cancel(key)
    progress(Progress(0.5))
    assert desk.shown == []


def test_cancelling_twice_or_something_unknown_does_nothing(desk):
    key = desk.jobs.start("Scan", lambda _: None)
    desk.jobs.start("Other", lambda _: None)
    for wrong in (key, key, "job-99", ""):
        desk.jobs.cancel(wrong)
    assert desk.shown == ["Other"]


def test_all_jobs_of_one_kind_can_be_stopped(desk):
    for kind in ("open", "ai", "open", "re-open"):
        desk.jobs.start(kind, lambda _: None, kind=kind)
    desk.jobs.cancel_kind("open")
    assert desk.shown == ["ai", "re-open"]


def test_a_job_may_start_the_next_one_when_it_is_done(desk):
    desk.jobs.start("first", lambda _: None, lambda _: desk.jobs.start("second", lambda _: None))
    desk.runner.finish(0)
    assert desk.shown == ["second"]


def test_a_job_of_another_turn_has_another_key(desk):
    assert len({desk.jobs.start("Scan", lambda _: None) for _ in range(5)}) == 5


def test_inline_a_job_is_over_when_the_call_returns():
    desk, got, seen = Desk(InlineRunner()), [], []

    def work(context):
        context.report(0.5, "half")
        return "found"

    desk.jobs.start("Scan", work, got.append, lambda _: seen.append(desk.state.jobs[0].text))
    assert (got, seen, desk.shown) == (["found"], ["half"], [])


@pytest.mark.parametrize(
    ("gone", "fraction", "left"),
    [(10, 0.5, 10), (10, 0.25, 30), (10, 1.0, 0), (10, None, None), (10, 0.04, None), (0.5, 0.5, None)],
)
def test_the_time_left_follows_from_the_time_gone(monkeypatch, gone, fraction, left):
    monkeypatch.setattr(module.time, "monotonic", lambda: 100.0 + gone)
    assert module._left(100.0, fraction) == (None if left is None else pytest.approx(left))


def test_work_that_cancels_itself_is_not_a_failure(desk):
    desk.jobs.start("Scan", lambda context: (context.token.cancel(), context.check()))
    desk.runner.finish(0)
    assert desk.told == []
