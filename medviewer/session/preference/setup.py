"""From what is open to a plan: which pictures, which recipes, how many pairs."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from medviewer.core.pipeline import Pipeline
from medviewer.core.study import Series, SeriesKey
from medviewer.core.voi import VOI
from medviewer.kit.errors import BadValue
from medviewer.session.preference.design import design, most_trials
from medviewer.session.preference.plan import (
    LONGEST_WORDS,
    MOST_CASES,
    MOST_RECIPES,
    MOST_TRIALS,
    Case,
    Plan,
)
from medviewer.session.recipe_files import tidy
from medviewer.session.session_type import Session

QUESTION = "Which picture do you prefer?"
SECONDS_A_PAIR = 6
"""What a pair is thought to take before anybody has answered one."""


def cases_shown(session: Session) -> tuple[Case, ...]:
    """The pictures on the screen, each once; planes through a stack and bodies are none of the files'."""
    view = session.view
    found = []
    for number in view.shown:
        viewport = view.viewports[number]
        series = session.series(viewport.series)
        if series is not None and series.count and viewport.cut is None and viewport.view3d is None:
            found.append(_case(series, min(viewport.index, series.count - 1), viewport.voi))
    return tuple(dict.fromkeys(found))


def cases_of(session: Session, keys: Sequence[SeriesKey], every: int) -> tuple[Case, ...]:
    """Every n-th picture of some series, from the middle of the first step; windows as they are shown now."""
    windows = {one.series: one.voi for one in session.view.viewports if one.series is not None}
    found = []
    for key in keys:
        series = session.series(key)
        if series is None:
            raise BadValue("This series is no longer open.", "Open the study again.")
        start = min((every - 1) // 2, series.count // 2)
        voi = windows.get(key, VOI.unknown())
        found += [_case(series, at, voi) for at in range(start, series.count, every)]
    return tuple(found)


def places(session: Session, cases: Sequence[Case]) -> tuple[tuple[SeriesKey, int], ...]:
    """Where cases are among the open series. Raises BadValue where some are not open."""
    wanted = {(one.instance, one.frame) for one in cases}
    found = {
        (series.instances[frame.instance].sop_instance, frame.frame): (series.key, at)
        for study in session.state.studies
        for series in study.series
        if series.uid in {one.series for one in cases}
        for at, frame in enumerate(series.frames)
        if (series.instances[frame.instance].sop_instance, frame.frame) in wanted
    }
    missing = len(wanted) - len(found)
    if missing:
        raise BadValue(
            f"{missing} of {len(wanted)} pictures of this preference study are not open.",
            "Open the studies that it was made of first.",
        )
    return tuple(found[one.instance, one.frame] for one in cases)


def plan_of(
    cases: Sequence[Case],
    recipes: Sequence[Pipeline],
    *,
    title: str = "",
    question: str = "",
    reader: str = "",
    trials: int = 0,
    repeats: int = 0,
    ties: bool = True,
    window_locked: bool = True,
    seed: int = -1,
) -> Plan:
    """A plan of so many trials, or of all pairs where that is 0. Raises BadValue where that is no study."""
    check(cases, recipes)
    now = datetime.now(UTC)
    wanted = most_trials(len(cases), len(recipes)) if trials == 0 else trials
    if min(wanted, most_trials(len(cases), len(recipes))) > MOST_TRIALS:
        raise BadValue(f"These are more than {MOST_TRIALS} pairs.", "Set how many are to be shown.")
    chance = secrets.randbits(31) if seed < 0 else seed
    return Plan(
        title=tidy(title, LONGEST_WORDS) or f"Preference study {now:%Y-%m-%d %H.%M}",
        question=tidy(question, LONGEST_WORDS) or QUESTION,
        reader=tidy(reader, LONGEST_WORDS),
        created=now.isoformat(timespec="seconds"),
        cases=tuple(cases),
        recipes=tuple(recipes),
        trials=design(len(cases), len(recipes), wanted, repeats, chance),
        seed=chance,
        ties=ties,
        window_locked=window_locked,
    )


def check(cases: Sequence[Case], recipes: Sequence[Pipeline]) -> None:
    """Raise BadValue where these pictures and recipes make no study."""
    if not cases:
        raise BadValue("There are no pictures to ask about.", "Show some, or choose a series.")
    if len(cases) > MOST_CASES:
        raise BadValue(f"A study has {MOST_CASES} pictures at most.", "Take every fifth, for instance.")
    if not 2 <= len(recipes) <= MOST_RECIPES:
        raise BadValue(f"Choose 2 to {MOST_RECIPES} recipes.", "The original counts as one.")
    if len({one.digest for one in recipes}) < len(recipes):
        raise BadValue("Two of these recipes do the same.", "Leave one of them out.")


def _case(series: Series, index: int, voi: VOI) -> Case:
    address = series.frames[index]
    instance = series.instances[address.instance]
    return Case(series.uid, instance.sop_instance, address.frame, voi, series.modality)
