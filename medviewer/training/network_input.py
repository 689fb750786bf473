"""What the network of a run will take, and which network that is."""

from __future__ import annotations

from collections.abc import Sequence

from medviewer.ai.card import STACKED, Geometry, Input, Values
from medviewer.kit.errors import TrainingTrouble
from medviewer.training.configuration import Choice, Configuration, InputPlan
from medviewer.training.networks import NETWORKS, Given
from medviewer.training.networks.network import Network

USUAL = {
    "classification": "cnn",
    "multilabel": "cnn",
    "regression": "cnn",
    "segmentation": "unet",
    "enhancement": "dncnn",
    "generation": "generator",
}
"""Which network a task takes unless told otherwise."""
USUAL_OF_SERIES = {
    "classification": "slices",
    "multilabel": "slices",
    "regression": "slices",
    "segmentation": "unet3d",
}
TAKEN = {False: ("picture", "numbers"), True: ("slices", "volume")}
NUMBERS = 64
"""Random numbers out of which a generator makes a picture."""


def network_of(choice: Choice, task: str, is_stacked: bool) -> Network:
    """The network that was asked for, or the usual one. Raises BadValue, TrainingTrouble."""
    usual = USUAL_OF_SERIES if is_stacked else USUAL
    if not choice.name and task not in usual:
        raise TrainingTrouble(f"There is no network for {task} of whole series.", "Learn from pictures.")
    found = NETWORKS[choice.name or usual[task]]
    if task not in found.tasks:
        raise TrainingTrouble(
            f"{found.title} is for {' and '.join(found.tasks)}, not for {task}.", "Choose another network."
        )
    if found.takes not in TAKEN[is_stacked]:
        what = "series" if is_stacked else "single pictures"
        raise TrainingTrouble(
            f"{found.title} does not take {what}.", "Choose another network, or another data.unit."
        )
    return found


def input_of(asked: Configuration, task: str, side: int, network: Network) -> Input:
    """What the network will take; *side* is that of a typical picture. Raises TrainingTrouble."""
    plan = asked.input
    low, high = _ends(plan)
    is_stacked = network.takes in TAKEN[True]
    spacing = (plan.spacing,) * (3 if network.takes == "volume" else 2)
    if network.takes == "slices":
        spacing = (0.0, *spacing)  # slices stay as far apart as they are
    size = _side(plan.size, task, side, network)
    return Input(
        name="image",
        layout=STACKED if is_stacked else "NHWC",
        size=(size, size),
        values=Values(
            scale=plan.scale,
            low=low,
            high=high,
            # a generator gives greys from -1 to 1
            to=(-1.0, 1.0) if task == "generation" else (0.0, 1.0),
            bright="stored" if task == "enhancement" else "dense",
        ),
        # pixels of a fixed spacing are not stretched: what is too much is cut off, what lacks is padded
        geometry=Geometry(fit="tiles" if task == "enhancement" else "crop" if plan.spacing else plan.fit),
        spacing=spacing if plan.spacing else (),
        slices=_slices(plan.slices, network),
    )


def given_for(taken: Input, network: Network, classes: int, task: str) -> Given:
    """What the network is built for."""
    assert taken.size is not None
    if network.takes == "numbers":
        return Given(taken.size, NUMBERS, classes, task)
    size: Sequence[int] = (taken.slices, *taken.size) if taken.is_stacked else taken.size
    return Given(tuple(size), taken.channels, classes, task)


def _side(asked: int, task: str, side: int, network: Network) -> int:
    if task == "segmentation":
        # four times halved, so a multiple of 16
        return max(32, (asked or (64 if network.takes == "volume" else 256)) // 16 * 16)
    if task == "enhancement":
        return max(16, (asked or min(64, side)) // 16 * 16)
    if task == "generation":
        return asked or 32
    return asked or min(128, max(16, side))


def _slices(asked: int, network: Network) -> int:
    """A network in three dimensions halves slices as well: a fixed number of them, a multiple of 4."""
    if network.takes != "volume":
        return asked
    return max(4, (asked or 16) // 4 * 4)


def _ends(plan: InputPlan) -> tuple[float, float]:
    ends = {"percentile": (0.5, 99.5), "window": (None, None)}.get(plan.scale, (0.0, 1.0))
    low = ends[0] if plan.low is None else plan.low
    high = ends[1] if plan.high is None else plan.high
    if low is None or high is None:
        raise TrainingTrouble("The scale window needs a low and a high value.", "Give --low and --high.")
    if low >= high:
        raise TrainingTrouble("The low end of the values must lie below the high end.")
    return low, high
