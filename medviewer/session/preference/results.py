"""What a study has shown: the ranking, how far the reader agrees with himself, and both as tables."""

from __future__ import annotations

import csv
import io
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.session.grid import words
from medviewer.session.preference.journal import Kept
from medviewer.session.preference.plan import Answer, Choice, Plan
from medviewer.session.preference.ranking import Counts, Ranking, rank, wilson

Row = tuple[str, ...]

TRIAL_HEADS = (
    "order",
    "case",
    "series_uid",
    "sop_instance_uid",
    "frame",
    "left_recipe",
    "left_hash",
    "right_recipe",
    "right_hash",
    "answer",
    "preferred",
    "ms",
    "repeats_order",
    "reader",
    "answered_at",
)
UIDS = ("series_uid", "sop_instance_uid")
RANKING_HEADS = (
    "rank",
    "recipe",
    "hash",
    "strength",
    "low_95",
    "high_95",
    "preferred_to_average",
    "wins",
    "losses",
    "no_preference",
)
EQUAL = 1e-6
"""Strengths that differ by less are equal but for rounding."""
METHOD = (
    "Bradley-Terry model with Davidson's ties, maximum likelihood; strengths are logarithmic and their mean "
    "is 0; intervals of 95 % from the information at the maximum, which takes answers for independent of "
    "each other. Repeated pairs are not counted."
)
STEADIED = (
    "The answers alone have no likeliest ranking, as where a recipe was never beaten: to each, one imagined "
    "comparison with an average recipe was added, half won and half lost."
)


@frozen(eq=False)
class Results:
    """What has come out so far."""

    plan: Plan
    answers: tuple[Answer, ...]
    wins: Counts
    """(recipe, recipe): how often the first was preferred to the second"""
    ties: Counts
    ranking: Ranking | None
    why_not: str
    """why there is no ranking; "" when there is"""
    agreed: int
    """how many repeated pairs had the same answer again"""
    repeated: int
    left: int
    """how often the left picture was preferred, of all pairs with a preference"""
    preferred: int
    median_ms: int

    @property
    def order(self) -> tuple[int, ...]:
        """The recipes, the strongest first; as they were chosen where there is no ranking."""
        count = range(len(self.plan.recipes))
        if self.ranking is None:
            return tuple(count)
        strengths = self.ranking.strengths
        return tuple(sorted(count, key=lambda at: -float(strengths[at])))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What has to be said beside the ranking, a sentence each."""
        said = [f"{_answered(self.answers)} of {len(self.plan.trials)} pairs are answered."]
        if skipped := sum(one.choice is Choice.SKIPPED for one in self.answers):
            said.append(f"{skipped} could not be shown and are left out.")
        if self.repeated:
            low, high = wilson(self.agreed, self.repeated)
            said.append(
                f"The reader gave the same answer to {self.agreed} of {self.repeated} repeated pairs (95 % "
                f"interval {_percent(low)} to {_percent(high)})."
            )
        if self.preferred:
            low, high = wilson(self.left, self.preferred)
            biased = "" if low <= 0.5 <= high else ": a side is preferred, whatever it shows"
            said.append(f"The left picture was chosen in {_percent(self.left / self.preferred)}{biased}.")
        if self.median_ms:
            said.append(f"Half of the answers took less than {self.median_ms / 1000:.2g} s.")
        if self.ranking is not None and self.ranking.is_steadied:
            said.append(STEADIED)
        return tuple(said)


def results(plan: Plan, answers: Sequence[Answer]) -> Results:
    """What these answers show; pairs that were asked again count once."""
    count = len(plan.recipes)
    wins, ties = np.zeros((count, count), np.int64), np.zeros((count, count), np.int64)
    chosen: dict[int, int | None] = {}
    agreed = repeated = 0
    for one in answers:
        trial = plan.trials[one.trial]
        if one.choice is Choice.SKIPPED:
            continue
        chosen[one.trial] = liked = trial.chosen(one.choice)
        if trial.repeats >= 0:
            if trial.repeats in chosen:
                repeated += 1
                agreed += liked == chosen[trial.repeats]
        elif liked is None:
            ties[trial.left, trial.right] += 1
            ties[trial.right, trial.left] += 1
        else:
            wins[liked, trial.left + trial.right - liked] += 1
    ranking, why_not = None, ""
    try:
        ranking = rank(wins, ties)
    except BadValue as trouble:
        why_not = str(trouble)
    sides = Counter(one.choice for one in answers)
    times = [one.ms for one in answers if one.choice is not Choice.SKIPPED]
    return Results(
        plan,
        tuple(answers),
        wins,
        ties,
        ranking,
        why_not,
        agreed,
        repeated,
        sides[Choice.LEFT],
        sides[Choice.LEFT] + sides[Choice.RIGHT],
        round(statistics.median(times)) if times else 0,
    )


def labels(plan: Plan) -> tuple[str, ...]:
    """What the recipes are called; where two are called the same, their hashes tell them apart."""
    names = [words(one) for one in plan.recipes]
    same = Counter(names)
    return tuple(
        f"{name} ({one.digest[:6]})" if same[name] > 1 else name
        for name, one in zip(names, plan.recipes, strict=True)
    )


def ranking_rows(found: Results) -> tuple[Row, ...]:
    """The ranking as words, the strongest first; empty strings where there is none."""
    names = labels(found.plan)
    rows = []
    for at in found.order:
        numbers, place = [""] * 4, 0
        if found.ranking is not None:
            low, high = found.ranking.interval(at)
            # equal ones share a place
            stronger = found.ranking.strengths > found.ranking.strengths[at] + EQUAL
            place = 1 + int(stronger.sum())
            strength, chance = float(found.ranking.strengths[at]), found.ranking.chance(at)
            numbers = [f"{number:.3f}" for number in (strength, low, high, chance)]
        counts = found.wins[at].sum(), found.wins[:, at].sum(), found.ties[at].sum()
        rows.append((str(place or ""), names[at], found.plan.recipes[at].digest, *numbers, *map(str, counts)))
    return tuple(rows)


def trial_rows(plan: Plan, answers: Iterable[Answer]) -> tuple[Row, ...]:
    """Every answer as words, in the order in which they were given; orders and cases count from 1."""
    names = labels(plan)
    rows = []
    for one in answers:
        trial = plan.trials[one.trial]
        case, liked = plan.cases[trial.case], trial.chosen(one.choice)
        sides = [(names[at], plan.recipes[at].digest) for at in (trial.left, trial.right)]
        rows.append(
            (
                str(one.trial + 1),
                str(trial.case + 1),
                case.series,
                case.instance,
                str(case.frame + 1),
                *sides[0],
                *sides[1],
                one.choice.value,
                "" if liked is None else names[liked],
                str(one.ms),
                "" if trial.repeats < 0 else str(trial.repeats + 1),
                plan.reader,
                one.at,
            )
        )
    return tuple(rows)


def trials_csv(found: Kept, with_uids: bool = False) -> str:
    """All answers of a study as comma-separated values (RFC 4180).

    Cases are numbers; UIDs, by which a hospital finds its patients again, stand there only *with_uids*.
    """
    rows = (TRIAL_HEADS, *trial_rows(found.plan, found.answers))
    columns = [at for at, head in enumerate(TRIAL_HEADS) if with_uids or head not in UIDS]
    heads, *kept = (tuple(row[at] for at in columns) for row in rows)
    return _csv(heads, kept)


def ranking_csv(found: Results) -> str:
    """The ranking as comma-separated values (RFC 4180)."""
    return _csv(RANKING_HEADS, ranking_rows(found))


def _csv(heads: Row, rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heads)
    writer.writerows(tuple(_harmless(cell) for cell in row) for row in rows)
    return text.getvalue()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    return f"'{cell}" if cell[:1] in ("=", "+", "@") or (cell[:1] == "-" and not _is_number(cell)) else cell


def _is_number(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "", 1).isdigit()


def _answered(answers: Iterable[Answer]) -> int:
    return sum(one.choice is not Choice.SKIPPED for one in answers)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
