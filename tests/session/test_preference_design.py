"""Which pairs a preference study shows: balanced, in an order of chance, each seed its own."""

from __future__ import annotations

from collections import Counter

import pytest

from medviewer.session.preference.design import REPEAT_GAP, design, most_trials


def test_every_pair_is_shown_on_every_picture_once() -> None:
    trials = design(cases=7, recipes=5, trials=70, repeats=0, seed=3)
    assert len(trials) == most_trials(7, 5) == 70
    assert len({(one.case, one.pair) for one in trials}) == 70


@pytest.mark.parametrize(("cases", "recipes", "trials"), [(7, 5, 70), (10, 4, 31), (3, 6, 20), (40, 3, 60)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_pairs_sides_recipes_and_pictures_come_evenly(
    cases: int, recipes: int, trials: int, seed: int
) -> None:
    made = design(cases, recipes, trials, repeats=0, seed=seed)
    assert len(made) == trials
    pairs = Counter(one.pair for one in made)
    assert len(pairs) == recipes * (recipes - 1) // 2
    assert max(pairs.values()) - min(pairs.values()) <= 1
    for pair, count in pairs.items():
        first_left = sum(one.left == pair[0] for one in made if one.pair == pair)
        assert abs(2 * first_left - count) <= 1
    for recipe in range(recipes):
        left = sum(one.left == recipe for one in made)
        right = sum(one.right == recipe for one in made)
        assert abs(left - right) <= 3
    shown = Counter(recipe for one in made for recipe in one.pair)
    assert max(shown.values()) - min(shown.values()) <= 2
    used = Counter(one.case for one in made)
    assert max(used.values()) - min(used[case] for case in range(cases)) <= 1
    assert len({(one.case, one.pair) for one in made}) == trials


def test_no_more_pairs_are_made_than_there_are() -> None:
    assert len(design(cases=2, recipes=3, trials=500, repeats=500, seed=1)) == 12


def test_a_pair_is_asked_again_later_with_its_sides_exchanged() -> None:
    made = design(cases=20, recipes=3, trials=60, repeats=12, seed=5)
    assert len(made) == 72
    again = [(at, one) for at, one in enumerate(made) if one.repeats >= 0]
    assert len(again) == len({one.repeats for _, one in again}) == 12
    for at, one in again:
        first = made[one.repeats]
        assert (first.case, first.left, first.right) == (one.case, one.right, one.left)
        assert first.repeats == -1
        assert at - one.repeats >= REPEAT_GAP


def test_a_seed_decides_the_order_and_no_two_seeds_agree() -> None:
    made = [design(10, 4, 60, 6, seed) for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]
