"""What an estimator takes, and the features of all pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import FEATURES, Geometry, Input, Values
from medviewer.ai.features import features_of
from medviewer.imaging.features import names_of, read_plan
from medviewer.imaging.features.plan import without_outline
from medviewer.kit.errors import FileTrouble, TrainingTrouble
from medviewer.kit.task import TaskContext
from medviewer.training.classical.exported import TAKES
from medviewer.training.configuration import InputPlan
from medviewer.training.data.dataset import Dataset
from medviewer.training.data.loading import Loaded, pixels_of

LARGEST_SIDE, SMALLEST_SIDE = 128, 16


def input_of(plan: InputPlan, dataset: Dataset) -> Input:
    """What the model will take. Raises BadValue, TrainingTrouble."""
    low, high = _ends(plan)
    side = plan.size or min(LARGEST_SIDE, max(SMALLEST_SIDE, typical_side(dataset)))
    wanted = read_plan(plan.features)
    if outlined := without_outline(wanted):
        raise TrainingTrouble(
            f"The features {outlined} need an outline, and the viewer gives a model pictures alone.",
            "Let them find their own: shape(of=bright) or shape(of=dark).",
        )
    return Input(
        name=TAKES,
        layout=FEATURES,
        size=(side, side),
        values=Values(scale=plan.scale, low=low, high=high),
        geometry=Geometry(fit=plan.fit),
        spacing=(plan.spacing, plan.spacing) if plan.spacing else (),
        features=tuple(str(one) for one in wanted),
        feature_names=names_of(wanted, (side, side)),
    )


def as_pictures(plan: Input) -> Input:
    """The same without features, for what reads and prepares pictures."""
    return replace(plan, layout="NHWC", features=(), feature_names=())


def features_of_all(loaded: Loaded, plan: Input, context: TaskContext) -> NDArray[np.float32]:
    """The features of all pictures, (n, feature). Raises TrainingTrouble, ModelTrouble, Cancelled."""
    rows = []
    for at in range(len(loaded)):
        context.report(at / len(loaded), f"Features of {at + 1} of {len(loaded)}")
        rows.append(features_of(np.asarray(loaded.inputs[at]), plan))
    found = np.stack(rows)
    if not np.isfinite(found).all():
        at = int(np.flatnonzero(~np.isfinite(found).all(axis=1))[0])
        raise TrainingTrouble(f"A feature of {loaded.names[at]} is no number.", "Remove the picture.")
    return found


def typical_side(dataset: Dataset) -> int:
    """The shorter side of the middle one of a few pictures."""
    sides = []
    for example in dataset.examples[:: max(1, len(dataset.examples) // 9)][:9]:
        try:
            sides.append(min(pixels_of(example.read()).shape[:2]))
        except FileTrouble:
            continue
    return int(np.median(sides)) if sides else LARGEST_SIDE


def _ends(plan: InputPlan) -> tuple[float, float]:
    ends = {"percentile": (0.5, 99.5), "window": (None, None)}.get(plan.scale, (0.0, 1.0))
    low = ends[0] if plan.low is None else plan.low
    high = ends[1] if plan.high is None else plan.high
    if low is None or high is None:
        raise TrainingTrouble("The scale window needs a low and a high value.", "Give --low and --high.")
    if low >= high:
        raise TrainingTrouble("The low end of the values must lie below the high end.")
    return low, high
