"""Background work: the newest wins, what is urgent never waits, what is cancelled is never heard of again."""

from __future__ import annotations

import gc
import logging
import queue
import threading
import time
import weakref

import pytest

from medviewer.kit.errors import BadValue, Cancelled
from medviewer.kit.runner import PROGRESS_INTERVAL_S, InlineRunner, ThreadRunner
from medviewer.kit.task import CancelToken, Lane, Progress, Task, TaskContext

SOON_ENOUGH = 5.0
"""Seconds within which anything happens on a busy machine."""


class MainThread:
    """The event loop of a window: calls arrive from workers and are made when the test says so."""

    def __init__(self):
        self.calls = queue.Queue()

    def deliver(self, call):
        self.calls.put(call)

    def take(self):
        """One call that has arrived, not made yet."""
        return self.calls.get(timeout=SOON_ENOUGH)

    def turn(self, until):
        """Make calls as they arrive until something is true."""
        end = time.monotonic() + SOON_ENOUGH
        while not until():
            assert time.monotonic() < end, "nothing came"
            try:
                self.calls.get(timeout=0.02)()
            except queue.Empty:
                continue

    def turn_all(self):
        """Make all calls that have arrived."""
        while not self.calls.empty():
            self.calls.get()()


@pytest.fixture
def main():
    return MainThread()


@pytest.fixture
def runner(main):
    runner = ThreadRunner(main.deliver)
    yield runner
    runner.close()
    assert not any(thread.is_alive() for thread in runner._threads), "a worker outlives its runner"


class Held:
    """Work that stands still until it is let go."""

    def __init__(self, result="held"):
        self.started, self.go_on = threading.Event(), threading.Event()
        self.result = result

    def __call__(self, context):
        self.started.set()
        assert self.go_on.wait(SOON_ENOUGH)
        return self.result

    def wait(self):
        assert self.started.wait(SOON_ENOUGH)


def wait_until(condition):
    end = time.monotonic() + SOON_ENOUGH
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.002)


def test_the_result_arrives_on_the_main_thread(runner, main):
    got, threads = [], []
    runner.submit(
        Task(
            lambda _: threading.current_thread(),
            lambda worker: (got.append(worker), threads.append(threading.current_thread())),
        )
    )
    main.turn(until=lambda: got)
    assert got[0].name.startswith("medviewer-")
    assert threads == [threading.main_thread()]


def test_the_newest_of_one_key_wins_and_the_older_ones_are_cancelled(runner, main):
    held, got = [Held("first"), Held("second")], []
    for work in held:
        runner.submit(Task(work, got.append, replaces="picture", lane=Lane.NOW))
        work.wait()
    runner.submit(Task(lambda _: "third", got.append, replaces="picture"))
    for work in held:
        work.go_on.set()
    main.turn(until=lambda: got)
    time.sleep(0.02)
    main.turn_all()
    assert got == ["third"]


def test_only_the_last_of_a_hundred_fast_requests_is_answered(runner, main):
    block, got = [Held(), Held()], []
    for work in block:
        runner.submit(Task(work, lane=Lane.NOW))
        work.wait()
    done = []
    for number in range(100):
        runner.submit(
            Task(lambda _, n=number: done.append(n) or n, got.append, lane=Lane.NOW, replaces=("picture", 0))
        )
    for work in block:
        work.go_on.set()
    main.turn(until=lambda: got)
    assert got == [99]
    assert done == [99], "the work of replaced requests is not even begun"


def test_keys_do_not_disturb_each_other(runner, main):
    got = []
    for number in range(6):
        runner.submit(Task(lambda _, n=number: n, got.append, replaces=("picture", number)))
    main.turn(until=lambda: len(got) == 6)
    assert sorted(got) == list(range(6))


def test_a_picture_does_not_wait_for_models_and_thumbnails(runner, main):
    held, got = [Held(), Held(), Held()], []
    runner.submit(Task(held[0], lane=Lane.LONG))
    runner.submit(Task(held[1], lane=Lane.SOON))
    runner.submit(Task(held[2], lane=Lane.LONG))
    held[0].wait()
    held[1].wait()
    runner.submit(Task(lambda _: "picture", got.append, lane=Lane.NOW))
    main.turn(until=lambda: got)
    assert got == ["picture"]
    for work in held:
        work.go_on.set()


def test_one_long_task_runs_at_a_time_in_the_order_they_came(runner, main):
    running, most, got = [], [], []

    def work(number):
        def long(_):
            running.append(number)
            most.append(len(running))
            time.sleep(0.01)
            running.remove(number)
            return number

        return long

    for number in range(5):
        runner.submit(Task(work(number), got.append, lane=Lane.LONG))
    main.turn(until=lambda: len(got) == 5)
    assert got == [0, 1, 2, 3, 4]
    assert max(most) == 1


def test_what_is_urgent_goes_before_what_came_earlier(main):
    runner = ThreadRunner(main.deliver)
    block, order = [Held(), Held()], []
    for work in block:
        runner.submit(Task(work, lane=Lane.NOW))
        work.wait()
    for number in range(3):
        runner.submit(Task(lambda _, n=number: order.append(("soon", n)), lane=Lane.SOON))
    runner.submit(Task(lambda _: order.append(("now", 0)), lane=Lane.NOW))
    block[1].go_on.set()
    wait_until(lambda: order)
    block[0].go_on.set()
    wait_until(lambda: len(order) == 4)
    runner.close()
    assert order == [("now", 0), ("soon", 0), ("soon", 1), ("soon", 2)]


def test_tasks_of_one_lane_are_never_compared_with_each_other(runner, main):
    class Incomparable(Task):
        def __eq__(self, other):
            raise AssertionError("tasks were compared")

        __lt__ = __gt__ = __eq__
        __hash__ = None

    block, got = Held(), []
    runner.submit(Task(block, lane=Lane.LONG))
    block.wait()
    for number in range(20):
        runner.submit(Incomparable(lambda _, n=number: n, got.append, lane=Lane.LONG))
    block.go_on.set()
    main.turn(until=lambda: len(got) == 20)
    assert got == list(range(20))


def test_work_that_was_cancelled_while_it_waited_never_begins(runner, main):
    block, begun, got = Held(), [], []
    runner.submit(Task(block, lane=Lane.LONG))
    block.wait()
    task = Task(lambda _: begun.append(1), got.append, lane=Lane.LONG, replaces="export")
    runner.submit(task)
    task.token.cancel()
    block.go_on.set()
    runner.submit(Task(lambda _: "after", got.append, lane=Lane.LONG))
    main.turn(until=lambda: got)
    assert (begun, got) == ([], ["after"])
    assert "export" not in runner._newest, "a cancelled task is kept in memory"


@pytest.mark.parametrize("how", ["token", "key", "newer"])
def test_a_result_that_was_cancelled_on_its_way_is_not_delivered(runner, main, how):
    got = []
    task = Task(lambda _: "stale", got.append, replaces="picture")
    runner.submit(task)
    on_its_way = main.take()
    if how == "token":
        task.token.cancel()
    elif how == "key":
        runner.cancel("picture")
    else:
        runner.submit(Task(lambda _: None, replaces="picture"))
    on_its_way()
    assert got == []
    assert task.token.cancelled


def test_a_failure_that_was_cancelled_on_its_way_is_not_told(runner, main):
    told = []

    def work(_):
        raise BadValue("x")

    runner.submit(Task(work, failed=told.append, replaces="picture"))
    on_its_way = main.take()
    runner.cancel("picture")
    on_its_way()
    assert told == []


def test_after_delivery_a_key_is_forgotten(runner, main):
    got = []
    runner.submit(Task(lambda _: 1, got.append, replaces="picture"))
    main.turn(until=lambda: got)
    runner.cancel("picture")
    assert runner._newest == {}
    assert runner._running == {}


def test_cancelling_calls_what_stops_the_library_at_once(runner, main):
    stopped, started = threading.Event(), threading.Event()

    def work(context):
        context.token.on_cancel(stopped.set)
        started.set()
        assert stopped.wait(SOON_ENOUGH)
        context.check()

    got = []
    runner.submit(Task(work, got.append, got.append, lane=Lane.LONG, replaces="model"))
    assert started.wait(SOON_ENOUGH)
    runner.cancel("model")
    wait_until(lambda: not runner._running)
    main.turn_all()
    assert got == []


def test_an_error_meant_for_the_reader_arrives_as_it_is(runner, main):
    told = []
    trouble = BadValue("There is no such thing.", "Take another.")

    def work(_):
        raise trouble

    runner.submit(Task(work, failed=told.append))
    main.turn(until=lambda: told)
    assert told == [trouble]


@pytest.mark.parametrize("kind", [ValueError, MemoryError, RecursionError, AssertionError])
def test_an_unforeseen_error_is_reported_and_logged_without_its_message(
    runner, main, caplog, monkeypatch, kind
):
    monkeypatch.setattr(logging.getLogger("medviewer"), "propagate", True)
    told = []

    def work(_):
        raise kind("MUSTERMANN^ERIKA")

    runner.submit(Task(work, failed=told.append))
    main.turn(until=lambda: told)
    assert isinstance(told[0], kind)
    assert f"{kind.__name__} at test_runner.py" in caplog.text
    assert "MUSTERMANN" not in caplog.text


class Panic(BaseException):
    """As libraries written in Rust raise it: no Exception."""


@pytest.mark.parametrize("kind", [Panic, SystemExit, KeyboardInterrupt])
def test_a_library_that_panics_costs_no_worker_its_life(runner, main, kind):
    told, got = [], []

    def work(_):
        raise kind

    for _ in range(4):
        runner.submit(Task(work, failed=told.append, lane=Lane.NOW))
    main.turn(until=lambda: len(told) == 4)
    runner.submit(Task(lambda _: "picture", got.append, lane=Lane.NOW))
    main.turn(until=lambda: got)
    assert all(thread.is_alive() for thread in runner._threads)
    assert isinstance(told[0], Exception)


def test_progress_comes_at_most_ten_times_a_second_and_before_the_result(runner, main):
    got = []

    def work(context):
        for step in range(200):
            context.report(step / 200, f"{step}")
            time.sleep(0.001)
        return "result"

    began = time.monotonic()
    runner.submit(Task(work, got.append, progress=got.append))
    main.turn(until=lambda: "result" in got)
    lasted = time.monotonic() - began
    assert got[-1] == "result"
    assert 1 <= len(got) - 1 <= lasted / PROGRESS_INTERVAL_S + 1
    assert got[0] == Progress(0.0, "0")


def test_no_progress_is_told_after_cancelling(runner, main):
    told, work = [], Held()

    def reporting(context):
        context.report(0.1)
        return work(context)

    task = Task(reporting, progress=told.append)
    runner.submit(task)
    on_its_way = main.take()
    task.token.cancel()
    on_its_way()
    work.go_on.set()
    assert told == []


def test_closing_ends_the_threads_in_time_and_cancels_what_runs(main):
    runner = ThreadRunner(main.deliver)
    got, started = [], threading.Event()

    def patient(context):
        started.set()
        while True:
            context.check()
            time.sleep(0.001)

    runner.submit(Task(patient, got.append, got.append, lane=Lane.LONG))
    for _ in range(50):
        runner.submit(Task(patient, got.append, got.append, lane=Lane.LONG))
    assert started.wait(SOON_ENOUGH)
    began = time.monotonic()
    runner.close()
    assert time.monotonic() - began < 1
    assert not any(thread.is_alive() for thread in runner._threads)
    main.turn_all()
    assert got == []


def test_closing_does_not_wait_for_ever_for_work_that_listens_to_nobody(main):
    runner = ThreadRunner(main.deliver)
    deaf = Held()
    runner.submit(Task(deaf, lane=Lane.LONG))
    deaf.wait()
    began = time.monotonic()
    runner.close()
    assert 1.9 < time.monotonic() - began < 3
    deaf.go_on.set()
    runner.close()
    assert not any(thread.is_alive() for thread in runner._threads)


def test_after_closing_nothing_is_delivered_and_nothing_is_taken(main):
    runner = ThreadRunner(main.deliver)
    got = []
    runner.submit(Task(lambda _: "too late", got.append))
    on_its_way = main.take()
    runner.close()
    on_its_way()
    runner.submit(Task(lambda _: "too late", got.append))
    main.turn_all()
    assert got == []


def test_an_idle_worker_keeps_no_result_in_memory(runner, main):
    class Result:
        pass

    got = []

    def work(_):
        result = Result()
        got.append(weakref.ref(result))
        return result

    runner.submit(Task(work, lane=Lane.LONG))
    main.take()()
    gc.collect()
    wait_until(lambda: got[0]() is None)


def test_many_threads_may_submit_and_cancel_at_once(runner, main):
    done, lock = [], threading.Lock()

    def note(value):
        with lock:
            done.append(value)

    def submit(number):
        for step in range(50):
            lane = (Lane.NOW, Lane.SOON, Lane.LONG)[step % 3]
            runner.submit(Task(lambda _, v=(number, step): v, note, lane=lane, replaces=(number, step % 5)))
            if step % 7 == 0:
                runner.cancel((number, step % 5))

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = {(number, step) for number in range(6) for step in range(45, 50) if step % 7}
    main.turn(until=lambda: last <= set(done))
    assert len(done) == len(set(done))
    main.turn(until=lambda: not runner._newest)


# the same face, inline


@pytest.fixture(params=["threads", "inline"])
def either(request, main):
    runner = ThreadRunner(main.deliver) if request.param == "threads" else InlineRunner()
    yield runner
    runner.close()


def settle(main):
    """Make the calls that come; what is not to come has a moment to do so all the same."""
    end = time.monotonic() + 0.1
    while time.monotonic() < end:
        main.turn_all()
        time.sleep(0.005)


def test_either_runner_delivers_result_failure_and_progress(either, main):
    got = []
    either.submit(
        Task(lambda context: context.report(0.5, "half") or "result", got.append, progress=got.append)
    )
    settle(main)
    assert got == [Progress(0.5, "half"), "result"]
    either.submit(Task(lambda _: 1 / 0, failed=got.append))
    settle(main)
    assert isinstance(got[-1], ZeroDivisionError)


def test_either_runner_says_nothing_of_work_that_stopped_because_it_was_told_to(either, main):
    got = []

    def work(_):
        raise Cancelled

    either.submit(Task(work, got.append, got.append))
    settle(main)
    assert got == []


def test_either_runner_does_not_begin_what_is_already_cancelled(either, main):
    begun, got = [], []
    task = Task(lambda _: begun.append(1), got.append)
    task.token.cancel()
    either.submit(task)
    settle(main)
    assert begun == got == []


@pytest.mark.parametrize("how", ["token", "key", "newer", "close"])
def test_either_runner_drops_work_that_its_own_progress_cancels(either, main, how):
    got, stopped = [], threading.Event()

    def work(context):
        context.report(0.1)
        stopped.wait(1)
        return "old"

    def told(_):
        if how == "token":
            task.token.cancel()
        elif how == "key":
            either.cancel("job")
        elif how == "newer":
            either.submit(Task(lambda _: "new", got.append, replaces="job"))
        stopped.set()
        if how == "close":
            either.close()

    task = Task(work, got.append, got.append, told, replaces="job")
    either.submit(task)
    settle(main)
    assert got == (["new"] if how == "newer" else [])


def test_either_runner_takes_nothing_more_when_closed(either, main):
    got = []
    either.close()
    either.submit(Task(lambda _: 1, got.append))
    settle(main)
    assert got == []


def test_inline_a_result_may_begin_the_next_task_under_the_same_key():
    runner, got = InlineRunner(), []

    def again(number):
        got.append(number)
        if number < 5:
            runner.submit(Task(lambda _: number + 1, again, replaces="job"))

    runner.submit(Task(lambda _: 0, again, replaces="job"))
    assert got == [0, 1, 2, 3, 4, 5]


def test_inline_a_key_pressed_to_stop_the_terminal_stops_it():
    def work(_):
        raise KeyboardInterrupt

    runner = InlineRunner()
    with pytest.raises(KeyboardInterrupt):
        runner.submit(Task(work))
    got = []
    runner.submit(Task(lambda _: 1, got.append))
    assert got == [1]


# tokens


def test_hooks_are_called_once_each_whoever_cancels_and_however_often():
    token, called = CancelToken(), []
    token.on_cancel(lambda: called.append("a"))
    token.on_cancel(lambda: called.append("b"))
    threads = [threading.Thread(target=token.cancel) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert called == ["a", "b"]
    token.on_cancel(lambda: called.append("late"))
    assert called == ["a", "b", "late"]


def test_a_hook_may_cancel_and_add_hooks_itself():
    token, called = CancelToken(), []
    token.on_cancel(lambda: (token.cancel(), token.on_cancel(lambda: called.append("inner"))))
    token.cancel()
    assert called == ["inner"]


def test_no_hook_is_lost_when_it_is_added_while_somebody_cancels():
    for _ in range(200):
        token, called, start = CancelToken(), [], threading.Barrier(2)

        def add(token=token, called=called, start=start):
            start.wait()
            token.on_cancel(lambda: called.append(1))

        thread = threading.Thread(target=add)
        thread.start()
        start.wait()
        token.cancel()
        thread.join()
        assert called == [1]


def test_reporting_stops_cancelled_work():
    told = []
    context = TaskContext(tell=told.append)
    context.report(0.5)
    context.token.cancel()
    with pytest.raises(Cancelled):
        context.report(0.6)
    with pytest.raises(Cancelled):
        context.check()
    assert told == [Progress(0.5, "")]


# work that waits for its time


def test_without_threads_what_is_to_begin_later_waits_until_it_is_asked_for():
    runner, told = InlineRunner(), []
    runner.submit(Task(lambda _: "old", told.append, replaces="same", after=5.0))
    runner.submit(Task(lambda _: "new", told.append, replaces="same", after=5.0))
    runner.submit(Task(lambda _: "other", told.append, after=5.0))
    runner.submit(Task(lambda _: "gone", told.append, replaces="gone", after=5.0))
    runner.cancel("gone")
    assert told == []
    runner.run_later()
    assert told == ["new", "other"]
    runner.run_later()
    assert told == ["new", "other"]


def test_with_threads_it_begins_when_its_time_has_come_and_holds_nobody_up():
    done, times = threading.Event(), {}
    runner = ThreadRunner(lambda call: call())
    began = time.monotonic()

    def note(name):
        times[name] = time.monotonic() - began
        if len(times) == 2:
            done.set()

    runner.submit(Task(lambda _: note("later"), lane=Lane.SOON, after=0.2))
    runner.submit(Task(lambda _: note("now"), lane=Lane.SOON))
    assert done.wait(5)
    assert times["now"] < 0.15
    assert 0.2 <= times["later"] < 2
    runner.close()


def test_a_newer_task_that_waits_takes_the_place_of_an_older_one():
    done, told = threading.Event(), []
    runner = ThreadRunner(lambda call: call())
    for number in range(5):
        runner.submit(Task(lambda _, number=number: told.append(number), lambda _: done.set(),
                           lane=Lane.SOON, replaces="same", after=0.1))  # fmt: skip
    assert done.wait(5)
    time.sleep(0.2)
    assert told == [4]
    runner.close()
