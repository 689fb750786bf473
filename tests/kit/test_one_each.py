"""One value for each key, whoever asks first."""

from __future__ import annotations

from threading import Barrier, Thread
from time import sleep

from medviewer.kit.one_each import OneEach


def test_threads_that_ask_at_once_get_the_same_one() -> None:
    def made(key: str) -> list[str]:
        sleep(0.05)
        return [key]

    each, together, found = OneEach(made), Barrier(4), list[list[str]]()

    def ask() -> None:
        together.wait()
        found.append(each["a"])

    threads = [Thread(target=ask) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 4
    assert all(one is found[0] for one in found)
    assert each["b"] is not found[0]
    assert each.made == (["a"], ["b"])
