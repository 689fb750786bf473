"""From a prepared picture to the numbers that a classical model takes; training and viewer both do this."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.card import Input
from medviewer.imaging.features import Plan, Region, measured, read_plan
from medviewer.imaging.features.plan import without_outline
from medviewer.kit.errors import BadValue, ModelTrouble


def features_of(picture: NDArray[np.float32], plan: Input) -> NDArray[np.float32]:
    """The features of a prepared *picture* (row, column, channel), as (feature,). Raises ModelTrouble."""
    try:
        found = measured(picture[..., 0], _plan(plan.features), Region(spacing_of(plan)))
    except BadValue as trouble:
        raise ModelTrouble(f"The model's features cannot be taken. {trouble.message}", "") from None
    if tuple(found) != plan.feature_names:
        raise ModelTrouble("The model takes other features than this version knows.", "Train it again.")
    return np.array(list(found.values()), np.float32)


def spacing_of(plan: Input) -> tuple[float, float]:
    """From pixel to pixel of a prepared picture, in mm; 1 where sizes are in its pixels."""
    return (plan.spacing[-2], plan.spacing[-1]) if plan.spacing else (1.0, 1.0)


def faults_of(plan: Input) -> list[str]:
    """Why the features of *plan* cannot be taken of a picture, one sentence each."""
    if not plan.features or plan.size is None:
        return ["Features need their names, and a size of the picture that they are taken of."]
    try:
        wanted = _plan(plan.features)
        if outlined := without_outline(wanted):
            return [f"The features {outlined} need an outline, and a model is given none."]
    except BadValue as trouble:
        return [f"{trouble.message} {trouble.advice}".strip()]
    # that the names are those of its features is seen when it is run: it costs too much for a list of models
    return []


@lru_cache(maxsize=16)
def _plan(features: tuple[str, ...]) -> Plan:
    return read_plan(", ".join(features))
