"""``medviewer preference results``: what a preference study has shown, as words or as tables."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from medviewer.cli import output
from medviewer.kit.errors import FileTrouble
from medviewer.kit.paths import user_folder
from medviewer.session.preference.journal import PLAN, Kept, read
from medviewer.session.preference.results import (
    METHOD,
    RANKING_HEADS,
    Results,
    ranking_csv,
    ranking_rows,
    results,
    trials_csv,
)


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    parser.add_argument("what", choices=("results",), help="what came out")
    parser.add_argument(
        "path",
        metavar="FOLDER_OR_FILE",
        nargs="?",
        type=Path,
        help="a study, a file of it, or a folder of studies; your own studies unless given",
    )
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument(
        "--csv",
        nargs="?",
        const="answers",
        choices=("answers", "ranking"),
        help="comma-separated values instead of words: every answer, or the ranking",
    )
    kinds.add_argument("--json", action="store_true", help="answer in JSON")
    parser.add_argument("--uids", action="store_true", help="answers name the pictures by their UIDs, too")


def run(values: Namespace) -> int:
    """Tell the ranking, or write the tables to standard output."""
    studies = [read(one) for one in _folders(values.path or user_folder("preference"))]
    found = [results(one.plan, one.answers) for one in studies]
    if values.json:
        output.tell_json([_described(one, kept) for one, kept in zip(found, studies, strict=True)])
        return 0
    for one, kept in zip(found, studies, strict=True):
        if kept.remark:
            output.remark(kept.remark)
        if values.csv:
            sys.stdout.write(trials_csv(kept, values.uids) if values.csv == "answers" else ranking_csv(one))
        else:
            _tell(one, kept)
    return 0


def _folders(path: Path) -> list[Path]:
    """The studies at a path: itself, or those in it."""
    if not path.is_dir() or (path / PLAN).is_file():
        return [path]
    found = sorted(one.parent for one in path.glob(f"*/{PLAN}"))
    if not found:
        raise FileTrouble(
            f"{path.name} holds no preference study.", "Choose the folder of a study, or one of its files."
        )
    return found


def _tell(found: Results, kept: Kept) -> None:
    reader = f" Reader {found.plan.reader}." if found.plan.reader else ""
    output.tell(f"{found.plan.title} ({kept.folder.name}): {found.plan.question}{reader}")
    if found.why_not:
        output.tell(found.why_not)
    output.table([RANKING_HEADS, *ranking_rows(found)])
    for sentence in (*found.remarks, METHOD):
        output.tell(sentence)


def _described(found: Results, kept: Kept) -> dict[str, object]:
    return {
        "study": kept.folder.name,
        "title": found.plan.title,
        "question": found.plan.question,
        "reader": found.plan.reader,
        "pairs": len(found.plan.trials),
        "answers": len(found.answers),
        "ranking": [dict(zip(RANKING_HEADS, row, strict=True)) for row in ranking_rows(found)],
        "why_not": found.why_not,
        "tie": None if found.ranking is None else found.ranking.tie,
        "steadied": None if found.ranking is None else found.ranking.is_steadied,
        "repeated": found.repeated,
        "agreed": found.agreed,
        "left_preferred": found.left,
        "preferred": found.preferred,
        "median_ms": found.median_ms,
        "method": METHOD,
        "remarks": [*found.remarks, *filter(None, [kept.remark])],
    }
