"""The operating point of a yes-or-no answer: always chosen on one part of the data and judged on another."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import TrainingTrouble
from medviewer.kit.frozen import frozen
from medviewer.training.evaluation.metrics import operating_points

Rule = Literal["youden", "sensitivity", "specificity", "cost"]
WIDEST = (0.01, 0.99)
"""Further out a threshold would turn on numbers that one part cannot tell."""


@frozen
class OperatingPlan:
    """How the threshold is chosen."""

    rule: Rule = "youden"
    """youden: sensitivity plus specificity is largest; sensitivity, specificity: at least *wanted*, and as
    much as possible of the other; cost: what is missed and what is found in vain costs least"""
    wanted: float = 0.95
    """the sensitivity or the specificity"""
    cost: float = 1.0
    """of one that is missed, where one found in vain costs 1; as often as each is in the choosing part"""

    @property
    def words(self) -> str:
        """This as a reader understands it."""
        return {
            "youden": "largest sensitivity + specificity (Youden)",
            "sensitivity": f"sensitivity of at least {self.wanted:g}",
            "specificity": f"specificity of at least {self.wanted:g}",
            "cost": f"least cost, where a missed one costs {self.cost:g} times one found in vain",
        }[self.rule]


USUAL = (
    OperatingPlan(),
    OperatingPlan("sensitivity"),
    OperatingPlan("specificity"),
    OperatingPlan("cost", cost=5.0),
)


def operating_point(
    truth: NDArray[Any],
    scores: NDArray[Any],
    plan: OperatingPlan = OperatingPlan(),  # noqa: B008  frozen
) -> float:
    """The threshold at and above which the answer is yes; *truth* is 0 or 1. Raises TrainingTrouble.

    Among cuts that are equally good the middle one, so that it lies far from the scores on both sides.
    """
    if len(np.unique(truth == 1)) < 2:
        raise TrainingTrouble("An operating point needs pictures with yes and with no to choose from.")
    cuts, sensitivity, specificity = operating_points(truth, scores)
    # the two ends: always yes, and never
    cuts = np.r_[0.0, cuts, 1.0]
    sensitivity, specificity = np.r_[1.0, sensitivity, 0.0], np.r_[0.0, specificity, 1.0]
    if plan.rule == "sensitivity":
        gain = np.where(sensitivity >= plan.wanted - 1e-12, 1 + specificity, 0)
    elif plan.rule == "specificity":
        gain = np.where(specificity >= plan.wanted - 1e-12, 1 + sensitivity, 0)
    elif plan.rule == "cost":
        share = float((truth == 1).mean())
        gain = -plan.cost * share * (1 - sensitivity) - (1 - share) * (1 - specificity)
    else:
        gain = sensitivity + specificity
    best = np.flatnonzero(gain >= gain.max() - 1e-12)
    return float(np.clip(cuts[best[len(best) // 2]], *WIDEST))
