"""What a network is: a function that builds it from the shape of its input, declared with one decorator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from medviewer.kit.declared import Declared
from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Value
from medviewer.kit.registry import Registry

Build = Callable[..., keras.Model]
"""(given, *, parameters)"""


@frozen
class Given:
    """What a network is built for."""

    size: tuple[int, ...]
    """(row, column) of a picture, (slice, row, column) of a volume; a side that may vary is None's 0"""
    channels: int
    classes: int
    """of a classification, or channels of a mask: 1 for one label, else background and labels"""
    task: str


@frozen
class Network(Declared):
    """A declared network. Called, it checks its parameters and builds."""

    tasks: tuple[str, ...]
    """what it can learn"""
    takes: str
    """picture, volume, slices (of a series, one after the other) or numbers"""
    outputs: tuple[str, ...]
    """names of its outputs: ``logits`` first; ``cam`` explains"""
    multiple: int
    """sides of its input must be multiples of it"""

    def __call__(self, given: Given, **values: Value) -> keras.Model:
        """The network, untrained. Raises BadValue, or TrainingTrouble where it does not fit."""
        if given.task not in self.tasks:
            raise TrainingTrouble(
                f"{self.title} is for {' and '.join(self.tasks)}, not for {given.task}.",
                "Choose another network.",
            )
        if any(side % self.multiple for side in given.size):
            raise TrainingTrouble(
                f"{self.title} takes sides that are multiples of {self.multiple}, "
                f"not {' x '.join(map(str, given.size))}.",
                "Choose another size.",
            )
        model: keras.Model = self.function(given, **self.checked(values))
        return model


NETWORKS: Registry[Network] = Registry("network", "medviewer.networks")


def network(
    title: str,
    *,
    tasks: tuple[str, ...],
    takes: str = "picture",
    outputs: tuple[str, ...] = ("logits",),
    multiple: int = 1,
    name: str = "",
) -> Callable[[Build], Build]:
    """Declare the decorated function as a network; its parameters are its keyword-only arguments."""

    def declare(function: Build) -> Build:
        called = name or function.__name__
        NETWORKS.add(Network(called, title, function, tasks, takes, outputs, multiple))
        return function

    return declare


def built(name: str, given: Given, values: dict[str, Any]) -> keras.Model:
    """The network *name*, untrained. Raises BadValue, TrainingTrouble."""
    return NETWORKS[name](given, **values)
