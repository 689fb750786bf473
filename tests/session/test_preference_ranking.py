"""The ranking of a preference study against published figures, slow plain versions, and simulated readers."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest

from medviewer.kit.errors import BadValue
from medviewer.session.preference.ranking import Z_95, Ranking, has_maximum, rank, wilson

TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
WINS = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11],
        [6, 0, 7, 5, 11, 9, 9],
        [4, 6, 0, 7, 7, 8, 12],
        [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12],
        [4, 4, 5, 6, 6, 0, 6],
        [2, 4, 1, 3, 1, 7, 0],
    ]
)
"""American League, East, 1987: games won by the team of the row (Agresti, 2002)."""
NONE = np.zeros_like(WINS)


def test_baseball_of_1987_ranks_as_agresti_published_it() -> None:
    found = rank(WINS, NONE)
    against_baltimore = [found.difference(at, 6) for at in range(6)]
    # Table 10.11, third column; standard errors are said to be about 0.3
    assert [round(one[0], 2) for one in against_baltimore] == [1.58, 1.44, 1.29, 1.25, 1.11, 0.68]
    assert [round((one[2] - one[0]) / Z_95, 1) for one in against_baltimore] == [0.3] * 6
    assert not found.is_steadied
    assert found.strengths.sum() == pytest.approx(0, abs=1e-12)
    assert np.abs(found.covariance.sum(0)).max() < 1e-12


def slow_logarithm(strengths: list[float], tie: float, wins: np.ndarray, ties: np.ndarray) -> float:
    """The likelihood of Davidson's model, written as in his paper, its logarithm."""
    total = 0.0
    for one, other in itertools.combinations(range(len(strengths)), 2):
        a, b = math.exp(strengths[one]), math.exp(strengths[other])
        whole = a + b + tie * math.sqrt(a * b)
        total += wins[one, other] * math.log(a / whole) + wins[other, one] * math.log(b / whole)
        if ties[one, other]:
            total += ties[one, other] * math.log(tie * math.sqrt(a * b) / whole)
    return total


def test_without_ties_it_agrees_with_the_plain_iteration_of_zermelo() -> None:
    powers = [1.0] * 7
    for _ in range(3000):
        made = []
        for one in range(7):
            rest = (
                (WINS[one, other] + WINS[other, one]) / (powers[one] + powers[other])
                for other in range(7)
                if other != one
            )
            made.append(WINS[one].sum() / sum(rest))
        middle = math.exp(sum(map(math.log, made)) / 7)
        powers = [power / middle for power in made]
    assert np.allclose(rank(WINS, NONE).strengths, np.log(powers), atol=1e-8)


def test_with_ties_no_other_strengths_are_likelier_and_the_errors_are_those_of_its_curvature() -> None:
    wins = np.array([[0, 9, 12, 15], [6, 0, 8, 9], [5, 7, 0, 10], [1, 5, 6, 0]])
    ties = np.array([[0, 4, 2, 1], [4, 0, 3, 4], [2, 3, 0, 2], [1, 4, 2, 0]])
    found = rank(wins, ties)

    def at(free: np.ndarray) -> float:
        return slow_logarithm([*free[:3], -free[:3].sum()], math.exp(free[3]), wins, ties)

    best = np.array([*found.strengths[:3], math.log(found.tie)])
    step = 1e-4
    axes = np.eye(4) * step
    slope = [(at(best + one) - at(best - one)) / (2 * step) for one in axes]
    assert np.abs(slope).max() < 1e-4
    curve = np.array(
        [
            [
                (at(best + a + b) - at(best + a - b) - at(best - a + b) + at(best - a - b)) / (4 * step**2)
                for b in axes
            ]
            for a in axes
        ]
    )
    covariance = np.linalg.inv(-curve)
    assert np.allclose(covariance[:3, :3], found.covariance[:3, :3], rtol=1e-3)
    assert found.errors[3] == pytest.approx(math.sqrt(covariance[:3, :3].sum()), rel=1e-3)


def simulated(strengths: list[float], tie: float, times: int, chance: random.Random) -> Ranking:
    count = len(strengths)
    wins, ties = np.zeros((count, count), int), np.zeros((count, count), int)
    for one, other in itertools.combinations(range(count), 2):
        a, b = math.exp(strengths[one]), math.exp(strengths[other])
        for _ in range(times):
            said = chance.choices("wlt", (a, b, tie * math.sqrt(a * b)))[0]
            if said == "t":
                ties[one, other] += 1
                ties[other, one] += 1
            elif said == "w":
                wins[one, other] += 1
            else:
                wins[other, one] += 1
    return rank(wins, ties)


@pytest.mark.parametrize("tie", [0.0, 0.5])
def test_intervals_hold_the_truth_in_about_95_of_100_simulated_studies(tie: float) -> None:
    truth, chance = [0.9, 0.2, -0.3, -0.8], random.Random(11)
    held = shown = 0
    for _ in range(250):
        found = simulated(truth, tie, 25, chance)
        for at, true in enumerate(truth):
            low, high = found.interval(at)
            held, shown = held + (low <= true <= high), shown + 1
    assert 0.925 <= held / shown <= 0.975


def test_a_recipe_that_was_never_beaten_gets_a_finite_place_and_that_is_told() -> None:
    found = rank(np.array([[0, 8, 6], [0, 0, 3], [0, 3, 0]]), np.zeros((3, 3), int))
    assert found.is_steadied
    assert found.strengths[0] > 1 > found.strengths[1]
    assert np.isfinite(found.errors).all()
    # more of the same makes it stronger: the imagined comparison does not decide
    assert rank(np.array([[0, 80, 60], [0, 0, 3], [0, 3, 0]]), np.zeros((3, 3), int)).strengths[0] > 3


def test_recipes_that_never_met_are_not_set_against_each_other_for_sure() -> None:
    apart = np.array([[0, 5, 0, 0], [2, 0, 0, 0], [0, 0, 0, 30], [0, 0, 10, 0]])
    found = rank(apart, np.zeros((4, 4), int))
    assert found.is_steadied
    _, low, high = found.difference(0, 2)
    assert low < -2 < 2 < high


def test_ties_alone_make_no_ranking() -> None:
    with pytest.raises(BadValue, match="no picture was preferred"):
        rank(np.zeros((2, 2), int), np.array([[0, 9], [9, 0]]))


def test_wins_and_ties_without_a_loss_have_no_likeliest_strengths() -> None:
    one_sided = np.array([[0, 5], [0, 0]]), np.array([[0, 2], [2, 0]])
    assert not has_maximum(*one_sided)
    found = rank(*one_sided)
    assert found.is_steadied
    assert 0 < found.strengths[0] < 5
    assert has_maximum(np.array([[0, 5], [1, 0]]), np.array([[0, 2], [2, 0]]))


def test_equal_recipes_are_equal() -> None:
    found = rank(np.array([[0, 4], [4, 0]]), np.array([[0, 2], [2, 0]]))
    assert found.strengths == pytest.approx([0, 0], abs=1e-9)
    # Davidson: the share of ties among equals is nu / (2 + nu)
    assert found.tie / (2 + found.tie) == pytest.approx(0.2, abs=1e-6)


def test_the_interval_of_a_share_is_wilsons() -> None:
    # Newcombe, Stat. Med. 17 (1998) 857, table I, method 3
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)
