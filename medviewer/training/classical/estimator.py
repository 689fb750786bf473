"""What a classical estimator is: a function that builds it, declared with one decorator as networks are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from medviewer.kit.declared import Declared
from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Value
from medviewer.kit.registry import Registry

Build = Callable[..., Any]
"""(given, *, parameters): an object with fit, predict and, of a classification, predict_proba"""
TASKS = ("classification", "regression")


@frozen
class Given:
    """What an estimator is built for."""

    task: str
    seed: int
    is_balanced: bool = True
    """whether rare classes weigh more"""
    smallest: int = 1_000_000
    """pictures of the rarest class"""
    classes: int = 2


@frozen
class Estimator(Declared):
    """A declared estimator. Called, it checks its parameters and builds."""

    tasks: tuple[str, ...]
    learns_unlabelled: bool
    """whether pictures without a label help it"""
    instead: str
    """of one that ONNX cannot carry, what to choose so that there is a model; "" where it can"""
    weighs_pictures: bool
    """whether rare classes weigh more by the weight of each picture, because it knows none for classes"""

    @property
    def is_carried(self) -> bool:
        """Whether ONNX can carry it, so that the viewer can run it."""
        return not self.instead

    @property
    def warning(self) -> str:
        """What must be said before it is trained; "" for nothing."""
        if self.is_carried:
            return ""
        return (
            f"{self.title} cannot be put into an ONNX file: it is trained and judged, and no model is kept. "
            f"Choose {self.instead} for one that runs in the viewer."
        )

    def __call__(self, given: Given, **values: Value) -> Any:
        """The estimator, unfitted. Raises BadValue, or TrainingTrouble where it does not fit."""
        if given.task not in self.tasks:
            raise TrainingTrouble(
                f"{self.title} is for {' and '.join(self.tasks)}, not for {given.task}.",
                "Choose another estimator.",
            )
        return self.function(given, **self.checked(values))


ESTIMATORS: Registry[Estimator] = Registry("estimator", "medviewer.estimators")


def estimator(
    title: str,
    *,
    tasks: tuple[str, ...] = TASKS,
    learns_unlabelled: bool = False,
    instead: str = "",
    weighs_pictures: bool = False,
    name: str = "",
) -> Callable[[Build], Build]:
    """Declare the decorated function; its parameters are its keyword-only arguments."""

    def declare(function: Build) -> Build:
        called = name or function.__name__
        ESTIMATORS.add(Estimator(called, title, function, tasks, learns_unlabelled, instead, weighs_pictures))
        return function

    return declare
