"""Default recipes: which recipe a series of one modality and body part begins with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from threading import Lock

from medviewer.core.pipeline import Pipeline
from medviewer.core.study import Series
from medviewer.dicom.fields import MAKER
from medviewer.kit.errors import FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.kit.one_each import OneEach
from medviewer.kit.paths import user_data
from medviewer.kit.task import Lane, Task
from medviewer.session.recipe_files import same_name
from medviewer.session.recipes import all_recipes, find
from medviewer.session.session_type import Session
from medviewer.session.state import Document

FORMAT = 1
LARGEST_FILE = 1_000_000


@frozen
class Kind:
    """What a rule is about: Modality (0008,0060) and Body Part Examined (0018,0015) of a series.

    Both are taken as the file has them. Descriptions are not looked at: their words are nobody's standard.
    """

    modality: str
    body_part: str = ""
    """"" means every body part, and series that do not name one"""

    def __str__(self) -> str:
        """As a reader says it: "CT · CHEST"."""
        return " · ".join(filter(None, (self.modality, self.body_part)))


Rules = dict[Kind, str]
"""The name of a recipe for each kind of series that has a default."""


def kind_of(series: Series) -> Kind:
    """The kind of a series, as exactly as its tags tell."""
    return Kind(series.modality.strip().upper(), series.body_part.strip().upper())


class _File:
    """The rules in memory and in their file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trouble = ""
        self._lock = Lock()
        self.rules, self.trouble = _read(path)
        self.on_disk = self.rules

    def write(self) -> None:
        """Write what is not on the disk. Any thread may call. Raises FileTrouble."""
        with self._lock:
            now = self.rules
            if now is not self.on_disk:
                _write(self.path, now)
                self.on_disk = now


_files = OneEach(_File)


def _file() -> _File:
    return _files[user_data() / "recipe_defaults.json"]


def rules() -> Rules:
    """The rules there are, not to be changed; read when first asked for."""
    return _file().rules


def read_ahead() -> None:
    """Read the rules, and the recipes that they name, before they are needed. Workers call it."""
    if rules():
        all_recipes()


def set_rules(session: Session, wanted: Rules) -> None:
    """Have other rules, kept on the disk by a worker."""
    file = _file()
    file.rules = wanted
    session.submit(
        Task(lambda _: file.write(), failed=session.notify, lane=Lane.SOON, replaces="defaults are written")
    )


def settle() -> None:
    """Write here and now what is not on the disk. Raises FileTrouble."""
    for one in _files.made:
        one.write()


def rule_for(series: Series) -> tuple[Kind, str] | None:
    """The rule that is about a series and the recipe's name: one that names its body part goes first.

    What was enhanced here and written is not enhanced once more: no rule is about it.
    """
    if series.detail("DerivationDescription").startswith(f"{MAKER} "):
        return None
    exact = kind_of(series)
    for kind in (exact, replace(exact, body_part="")):
        if kind in rules():
            return kind, rules()[kind]
    return None


def default_recipe(series: Series) -> Pipeline:
    """What a series begins with: nothing without a rule, or where its recipe is no longer there."""
    rule = rule_for(series)
    found = None if rule is None else find(rule[1])
    return Pipeline() if found is None else found.pipeline


def is_by_default(session: Session, series: Series) -> bool:
    """Whether what is done to a series was put there by a rule and by nobody else."""
    reading = session.state.document.reading(series.key)
    return bool(reading.pipeline.steps) and not reading.stack_chosen


def follow(session: Session) -> None:
    """Let every open series whose stack the reader has not touched show what the rules say; no edit."""
    is_on = session.settings.use_default_recipes
    if not rules() and not any(one.pipeline.steps for one in session.state.document.readings.values()):
        return
    wanted = {
        series.key: default_recipe(series) if is_on else Pipeline()
        for study in session.state.studies
        for series in study.series
        if series.count
    }

    def followed(document: Document) -> Document:
        for key, pipeline in wanted.items():
            reading = document.reading(key)
            if not reading.stack_chosen and reading.pipeline != pipeline:
                document = document.with_reading(replace(reading, pipeline=pipeline))
        return document

    document = followed(session.state.document)
    if document is not session.state.document:
        session.history.everywhere(followed)
        session.store.set(replace(session.state, document=document))


def begin(session: Session) -> None:
    """Let what was just opened begin with its defaults, and tell the reader of those that cannot be used."""
    follow(session)
    if (trouble := _file().trouble) and session.settings.use_default_recipes:
        _file().trouble = ""
        session.notify(trouble, "Choose the defaults again in the Enhance panel.", is_error=False)
    told = {one.message for one in session.state.notices}
    for study in session.state.studies if rules() and session.settings.use_default_recipes else ():
        for series in study.series:
            rule = rule_for(series)
            if rule is None or find(rule[1]) is not None:
                continue
            message = f"The default recipe of {rule[0]}, {rule[1]}, is no longer there."
            if message not in told:
                told.add(message)
                session.notify(
                    message, "The original is shown; the Enhance panel has others.", is_error=False
                )


def renamed(before: Rules, name: str, to: str) -> Rules:
    """Rules in which a recipe is called otherwise."""
    return {kind: to if same_name(one) == same_name(name) else one for kind, one in before.items()}


def _read(path: Path) -> tuple[Rules, str]:
    """The rules in a file, and what is wrong with it; a damaged one is left alone until it is replaced."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError("far too large for rules")
        found = json.loads(path.read_text(encoding="utf-8-sig"))
        if found["medviewer_defaults"] != FORMAT:
            raise ValueError("another format")
        return {
            Kind(str(one["modality"]).upper(), str(one["body_part"]).upper()): str(one["recipe"])
            for one in found["rules"]
        }, ""
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        bad = path.with_name(path.name + ".bad")
        try:
            path.replace(bad)
        except OSError:
            bad = path
        return {}, f"The default recipes in {path.name} could not be used; the file is kept as {bad.name}."


def _write(path: Path, found: Rules) -> None:
    listed = [
        {"modality": kind.modality, "body_part": kind.body_part, "recipe": name}
        for kind, name in sorted(found.items(), key=str)
    ]
    content = {"medviewer_defaults": FORMAT, "rules": listed}
    try:
        write_atomically(path, json.dumps(content, indent=1).encode())
    except OSError as trouble:
        raise FileTrouble(
            f"The default recipes could not be kept in {path.name}: {trouble.strerror}.",
            "They hold until the window closes.",
        ) from None
