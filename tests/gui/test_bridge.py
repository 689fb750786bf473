"""Whether results come back to the main thread in order, and nothing that fails ends the program."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QTimer

from medviewer.gui.bridge import LONGEST_TURN_S, Bridge, install_hook, make_session
from medviewer.kit.errors import BadValue
from medviewer.kit.task import Lane, Task
from medviewer.session.session import Session


@pytest.fixture
def bridge(qapp) -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()
    made.deleteLater()


def test_calls_of_other_threads_are_made_on_the_main_thread_in_their_order(bridge: Bridge, qtbot) -> None:
    made: list[tuple[int, threading.Thread]] = []

    def work() -> None:
        for number in range(200):
            bridge.deliver(lambda number=number: made.append((number, threading.current_thread())))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert made == []

    qtbot.waitUntil(lambda: len(made) == 200)
    assert [number for number, _ in made] == list(range(200))
    assert {one for _, one in made} == {threading.main_thread()}


def test_a_call_that_fails_does_not_take_the_others_with_it(bridge: Bridge, qtbot) -> None:
    made: list[str] = []
    bridge.deliver(lambda: made.append("before"))
    bridge.deliver(lambda: 1 / 0)
    bridge.deliver(lambda: made.append("after"))

    with qtbot.captureExceptions() as failures:
        qtbot.waitUntil(lambda: made == ["before", "after"])
    assert [failure[0] for failure in failures] == [ZeroDivisionError]


def test_nothing_is_called_after_the_end(bridge: Bridge, qtbot) -> None:
    made: list[str] = []
    bridge.deliver(lambda: made.append("too late"))
    bridge.close()
    bridge.deliver(lambda: made.append("much too late"))
    qtbot.wait(20)
    assert made == []


def test_many_results_leave_the_mouse_its_turn(bridge: Bridge, qtbot) -> None:
    order: list[str] = []

    def slow() -> None:
        time.sleep(LONGEST_TURN_S / 2)
        order.append("result")

    for _ in range(20):
        bridge.deliver(slow)
    QTimer.singleShot(0, lambda: order.append("mouse"))

    qtbot.waitUntil(lambda: len(order) == 21)
    assert order.index("mouse") < 10


def test_fifty_changes_in_one_turn_are_told_once(qapp, qtbot) -> None:
    session = make_session()
    told: list[float] = []
    session.watch(lambda state: state.view.cine_rate, told.append)
    for rate in range(1, 51):
        session.change(lambda view, rate=rate: replace(view, cine_rate=float(rate)))
    assert told == []

    qtbot.waitUntil(lambda: bool(told))
    assert told == [50.0]
    session.close()


def test_work_runs_beside_the_window_and_its_result_comes_back(qapp, qtbot) -> None:
    session = make_session()
    threads: list[threading.Thread] = []
    where = threading.current_thread

    def done(worker: threading.Thread) -> None:
        threads.extend((worker, where()))

    session.submit(Task(work=lambda _: where(), done=done, lane=Lane.NOW))
    qtbot.waitUntil(lambda: len(threads) == 2)
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()
    session.close()


def test_what_escapes_becomes_a_notice_and_the_window_lives(inline_session: Session) -> None:
    undo = install_hook(inline_session)
    try:
        known, unknown = (
            BadValue("A window cannot be so narrow.", "Widths begin at 1."),
            KeyError("PatientName"),
        )
        sys.excepthook(type(known), known, None)
        sys.excepthook(type(unknown), unknown, None)
    finally:
        undo()

    first, second = inline_session.state.notices
    assert (first.message, first.advice) == ("A window cannot be so narrow.", "Widths begin at 1.")
    assert "PatientName" not in second.message + second.advice


def test_the_hook_leaves_the_end_of_the_program_alone(inline_session: Session, monkeypatch) -> None:
    passed: list[type] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: passed.append(kind))
    undo = install_hook(inline_session)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    undo()
    assert passed == [KeyboardInterrupt]
    assert inline_session.state.notices == ()
