"""How weights follow the loss, and how the learning rate changes, by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any

import keras

from medviewer.kit.declared import Declared
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Slider
from medviewer.kit.registry import Registry

Decay = Annotated[float, Slider(0.0, 1.0, label="Weight decay")]
Momentum = Annotated[float, Slider(0.0, 0.999)]
Norm = Annotated[float, Slider(0.0, 100.0, label="Longest gradient, 0 for any")]
Warmup = Annotated[float, Slider(0.0, 100.0, label="Rising", unit="epochs")]


@frozen
class Optimizer(Declared):
    """A declared optimiser. Called with a rate, a number or a schedule, it makes Keras's."""

    def __call__(self, rate: Any, **values: Any) -> Any:
        """The Keras optimiser. Raises BadValue."""
        return self.function(rate, **self.checked(values))


@frozen
class Schedule(Declared):
    """A declared course of the learning rate."""

    def __call__(self, rate: float, steps: int, steps_of_epoch: int, **values: Any) -> Any:
        """The rate over *steps* in all, as Keras takes it. Raises BadValue."""
        return self.function(rate, max(1, steps), max(1, steps_of_epoch), **self.checked(values))


OPTIMIZERS: Registry[Optimizer] = Registry("optimizer", "medviewer.optimizers")
SCHEDULES: Registry[Schedule] = Registry("schedule", "medviewer.schedules")


def optimizer(title: str) -> Callable[[Any], Any]:
    """Declare the decorated function of (rate, *, parameters) as an optimiser."""

    def declare(function: Any) -> Any:
        OPTIMIZERS.add(Optimizer(function.__name__, title, function))
        return function

    return declare


def schedule(title: str) -> Callable[[Any], Any]:
    """Declare the decorated function of (rate, steps, steps_of_epoch, *, parameters) as a schedule."""

    def declare(function: Any) -> Any:
        SCHEDULES.add(Schedule(function.__name__, title, function))
        return function

    return declare


@optimizer("AdamW")
def adamw(rate: Any, *, weight_decay: Decay = 1e-4, clipnorm: Norm = 1.0) -> Any:
    """Adam with weights that shrink by themselves (Loshchilov and Hutter 2019)."""
    return keras.optimizers.AdamW(rate, weight_decay=weight_decay, clipnorm=clipnorm or None)


@optimizer("Adam")
def adam(rate: Any, *, clipnorm: Norm = 0.0) -> Any:
    """Steps as long as the gradients are steady (Kingma and Ba 2015)."""
    return keras.optimizers.Adam(rate, clipnorm=clipnorm or None)


@optimizer("Stochastic gradient descent")
def sgd(rate: Any, *, momentum: Momentum = 0.9, nesterov: bool = True, clipnorm: Norm = 0.0) -> Any:
    """Along the gradient, with momentum."""
    return keras.optimizers.SGD(rate, momentum, nesterov=nesterov and momentum > 0, clipnorm=clipnorm or None)


@optimizer("RMSprop")
def rmsprop(rate: Any, *, rho: Momentum = 0.9, clipnorm: Norm = 0.0) -> Any:
    """Steps divided by the recent size of the gradients (Hinton 2012)."""
    return keras.optimizers.RMSprop(rate, rho, clipnorm=clipnorm or None)


@optimizer("Nadam")
def nadam(rate: Any, *, clipnorm: Norm = 0.0) -> Any:
    """Adam with Nesterov's look ahead (Dozat 2016)."""
    return keras.optimizers.Nadam(rate, clipnorm=clipnorm or None)


@schedule("Constant")
def constant(rate: float, steps: int, steps_of_epoch: int) -> Any:
    """The same rate all the time."""
    return keras.optimizers.schedules.ExponentialDecay(rate, steps, 1.0)


@schedule("Cosine")
def cosine(
    rate: float,
    steps: int,
    steps_of_epoch: int,
    *,
    warmup: Warmup = 2.0,
    end: Annotated[float, Slider(0.0, 1.0, label="Last share of the rate")] = 0.01,
) -> Any:
    """Rising for some epochs, then falling along half a cosine (Loshchilov and Hutter 2017)."""
    rising = min(round(warmup * steps_of_epoch), steps - 1)
    if not rising:
        return keras.optimizers.schedules.CosineDecay(rate, steps, alpha=end)
    return keras.optimizers.schedules.CosineDecay(
        rate / 20, max(1, steps - rising), alpha=end, warmup_target=rate, warmup_steps=rising
    )


@schedule("Steps")
def steps(
    rate: float,
    steps: int,
    steps_of_epoch: int,
    *,
    every: Annotated[int, Slider(1, 10_000, unit="epochs")] = 10,
    factor: Annotated[float, Slider(0.01, 1.0)] = 0.5,
) -> Any:
    """A share of the rate is left after every so many epochs."""
    return keras.optimizers.schedules.ExponentialDecay(rate, every * steps_of_epoch, factor, staircase=True)


@schedule("Exponential")
def exponential(
    rate: float,
    steps: int,
    steps_of_epoch: int,
    *,
    end: Annotated[float, Slider(1e-6, 1.0, label="Last share of the rate")] = 0.01,
) -> Any:
    """Falling by the same share in every step."""
    return keras.optimizers.schedules.ExponentialDecay(rate, 1, math.exp(math.log(end) / steps))
