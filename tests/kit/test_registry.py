"""Named things that plug in, from here and from other packages."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

import pytest

from medviewer.kit import registry as module
from medviewer.kit.errors import BadValue, ModelTrouble
from medviewer.kit.registry import Registry


@dataclass
class Thing:
    name: str


class Plugin:
    """An entry point of a package that somebody has installed."""

    def __init__(self, name, load):
        self.name = name
        self.load = load


@pytest.fixture
def installed(monkeypatch):
    plugins: list[Plugin] = []
    monkeypatch.setattr(module, "entry_points", lambda group: plugins if group == "a.group" else [])
    return plugins


def test_things_keep_the_order_in_which_they_were_added():
    things: Registry[Thing] = Registry("thing")
    for name in ("b", "a", "c"):
        things.add(Thing(name))
    assert things.names == ("b", "a", "c")
    assert [thing.name for thing in things] == ["b", "a", "c"]
    assert len(things) == 3
    assert "a" in things
    assert "x" not in things


def test_two_of_one_name_are_a_mistake_of_the_programmer():
    things: Registry[Thing] = Registry("thing")
    things.add(Thing("a"))
    with pytest.raises(ValueError, match="two things called 'a'"):
        things.add(Thing("a"))


def test_a_near_miss_is_told_what_may_have_been_meant():
    things: Registry[Thing] = Registry("operation")
    things.add(Thing("gaussian"))
    things.add(Thing("median"))
    with pytest.raises(BadValue, match=r"no operation called 'gausian'\. Did you mean gaussian\?"):
        things["gausian"]


def test_a_far_miss_is_told_what_there_is():
    things: Registry[Thing] = Registry("operation")
    with pytest.raises(BadValue, match=r"There are: none\."):
        things["zzz"]
    things.add(Thing("gaussian"))
    with pytest.raises(BadValue, match=r"There are: gaussian\."):
        things["zzz"]


def test_plugins_are_loaded_on_first_use_and_only_once(installed):
    things: Registry[Thing] = Registry("thing", "a.group")
    installed.append(Plugin("more", lambda: things.add(Thing("from a plugin"))))
    assert things._items == {}
    assert things.names == things.names == ("from a plugin",)


@pytest.mark.parametrize(
    "trouble",
    [
        ModuleNotFoundError("no patient MARKER"),
        SyntaxError("MARKER"),
        TypeError("MARKER"),
        RuntimeError("MARKER"),
        KeyError("MARKER"),
        OSError("MARKER"),
        ZeroDivisionError("MARKER"),
        ModelTrouble("MARKER"),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_a_plugin_that_fails_is_skipped_and_named_in_the_log(installed, caplog, monkeypatch, trouble):
    monkeypatch.setattr(logging.getLogger("medviewer"), "propagate", True)
    things: Registry[Thing] = Registry("thing", "a.group")

    def fail():
        raise trouble

    installed.extend([Plugin("bad", fail), Plugin("good", lambda: things.add(Thing("good")))])
    assert things.names == ("good",)
    assert list(things.failed) == ["bad"]
    assert "the plugin bad of a.group was skipped" in caplog.text
    assert "MARKER" not in caplog.text


def test_a_plugin_may_look_things_up_while_it_is_loaded(installed):
    things: Registry[Thing] = Registry("thing", "a.group")
    things.add(Thing("base"))
    installed.append(Plugin("more", lambda: things.add(Thing(things["base"].name + " plus"))))
    assert things.names == ("base", "base plus")


def test_a_thread_that_asks_while_plugins_load_waits_for_them(installed):
    things: Registry[Thing] = Registry("thing", "a.group")
    entered, go_on, seen = threading.Event(), threading.Event(), []

    def load():
        entered.set()
        assert go_on.wait(5)
        things.add(Thing("late"))

    installed.append(Plugin("slow", load))
    first = threading.Thread(target=lambda: len(things))
    first.start()
    assert entered.wait(5)
    second = threading.Thread(target=lambda: seen.append(things.names))
    second.start()
    second.join(0.05)
    assert seen == []
    go_on.set()
    first.join(5)
    second.join(5)
    assert seen == [("late",)]
