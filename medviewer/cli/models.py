"""``medviewer models``: what can read pictures here."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from medviewer.ai.catalog import Model, models
from medviewer.ai.selfcheck import Check, check
from medviewer.cli import output
from medviewer.cli.arguments import add_json
from medviewer.kit.errors import ModelTrouble


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    parser.add_argument(
        "--check", action="store_true", help="run the sample that each model carries; 1 when one fails"
    )
    add_json(parser)


def run(values: Namespace) -> int:
    """List the models; with --check also whether each still gives what it gave where it was made."""
    context = output.context()
    found = models()
    checks = {model.name: check(model, context.token) for model in found} if values.check else {}
    if values.json:
        output.tell_json([_described(model, checks.get(model.name)) for model in found])
    else:
        _tell(found, checks)
    failed = [one for one in checks.values() if not one.passed]
    if failed:
        raise ModelTrouble(
            f"{len(failed)} of {len(checks)} models failed: {failed[0].model}: {failed[0].sentence}",
            "Repair or remove it.",
        )
    return 0


def _described(model: Model, checked: Check | None) -> dict[str, Any]:
    card = model.card
    told: dict[str, Any] = {
        "name": model.name,
        "task": card.task if card else None,
        "version": model.version,
        "title": card.title if card else "",
        "labels": [label.name for label in card.labels] if card else [],
        "modality": list(card.applies.modality) if card else [],
        "sha256": model.sha256,
        "path": str(model.path),
        "usable": model.usable,
        "faults": list(model.faults) if card or model.faults else ["It has no card."],
    }
    if checked is not None:
        told["check"] = {"passed": checked.passed, "sentence": checked.sentence, "worst": checked.worst}
    return told


def _tell(found: tuple[Model, ...], checks: dict[str, Check]) -> None:
    if not found:
        output.tell("There are no models. Add one to the models folder, or train one.")
        return
    output.table([_row(model) for model in found])
    for one in checks.values():
        output.tell(f"{one.model}: {'passed' if one.passed else 'FAILED'}: {one.sentence}")


def _row(model: Model) -> tuple[str, str, str, str]:
    task = model.card.task if model.card else "unusable"
    title = model.card.title if model.card else " ".join(model.faults) or "It has no card."
    return model.name, model.version, task, title
