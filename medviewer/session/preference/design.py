"""Which pairs are shown: all of them or a balanced part, sides evenly exchanged, in an order of chance."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator

from medviewer.session.preference.plan import Trial

REPEAT_GAP = 5
"""A pair is asked again after so many others at the earliest, where the study is that long."""


def most_trials(cases: int, recipes: int) -> int:
    """How many trials show every pair of recipes on every case once."""
    return cases * recipes * (recipes - 1) // 2


def design(cases: int, recipes: int, trials: int, repeats: int, seed: int) -> tuple[Trial, ...]:
    """*trials* pairs and *repeats* of them again, in an order of chance that *seed* decides.

    Every pair of recipes comes equally often, but for one where the numbers do not divide, with both sides
    equally often, and cases are used evenly; *trials* beyond `most_trials` are not made. What is repeated
    comes with its sides exchanged: who always prefers one side contradicts himself.
    """
    chance = random.Random(seed)
    wanted = min(trials, most_trials(cases, recipes))
    # which recipe is which number must not matter
    order, places = list(range(recipes)), list(range(cases))
    chance.shuffle(order)
    chance.shuffle(places)
    chosen = [
        (places[case], (order[one], order[other])) for case, (one, other) in _rounds(cases, recipes, wanted)
    ]
    sides = _sides([pair for _, pair in chosen], chance)
    made = [Trial(case, *pair) for (case, _), pair in zip(chosen, sides, strict=True)]
    chance.shuffle(made)
    return _with_repeats(made, min(repeats, wanted), chance)


def _rounds(cases: int, recipes: int, wanted: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Cases with pairs: each round has every pair once, and no pair meets a case twice."""
    pairs = _tournament(recipes)
    turns = cases // math.gcd(cases, len(pairs))
    for number in range(wanted):
        turn, at = divmod(number, len(pairs))
        # cases in turn; after so many rounds every pair would meet its first case again, but for one place on
        yield (number + turn // turns) % cases, pairs[at]


def _tournament(recipes: int) -> list[tuple[int, int]]:
    """All pairs, so that a part from the beginning has each recipe about equally often (circle method)."""
    seats = list(range(recipes + recipes % 2))
    pairs = []
    for _ in range(len(seats) - 1):
        half = len(seats) // 2
        pairs += [(one, other) for one, other in zip(seats[:half], seats[: half - 1 : -1], strict=True)]
        seats = [seats[0], seats[-1], *seats[1:-1]]
    return [pair for pair in pairs if max(pair) < recipes]


def _sides(pairs: list[tuple[int, int]], chance: random.Random) -> list[tuple[int, int]]:
    """The pairs with sides: each as often one way as the other, and each recipe as often left as right."""
    turned: dict[tuple[int, int], list[bool]] = {}
    lead: Counter[int] = Counter()
    for pair, count in sorted(Counter(pairs).items()):
        ways = [False, True] * (count // 2)
        if count % 2:
            one, other = pair
            swap = lead[one] > lead[other] if lead[one] != lead[other] else chance.random() < 0.5
            ways.append(swap)
            left, right = (other, one) if swap else (one, other)
            lead[left] += 1
            lead[right] -= 1
        chance.shuffle(ways)
        turned[pair] = ways
    return [(other, one) if turned[one, other].pop() else (one, other) for one, other in pairs]


def _with_repeats(made: list[Trial], repeats: int, chance: random.Random) -> tuple[Trial, ...]:
    """Some trials of the first half again, later, with their sides exchanged."""
    count = len(made)
    first = chance.sample(range(max(repeats, count // 2)), repeats)
    later = [(chance.uniform(min(at + REPEAT_GAP, count - 1), count) + 0.5, at) for at in first]
    ordered = sorted(
        [*((float(at), at, False) for at in range(count)), *((key, at, True) for key, at in later)]
    )
    number = {at: place for place, (_, at, again) in enumerate(ordered) if not again}
    return tuple(
        Trial(made[at].case, made[at].right, made[at].left, number[at]) if again else made[at]
        for _, at, again in ordered
    )
