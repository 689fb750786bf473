"""What a label can be, in codes that other programs know: DICOM's lists of segment categories and types."""

from __future__ import annotations

import json
from functools import lru_cache

from medviewer.core.codes import Code
from medviewer.kit.frozen import frozen
from medviewer.kit.paths import resource


@frozen
class Kind:
    """A Segmented Property Type with its category (PS3.16, CID 7151 and 7150)."""

    meaning: Code
    category: Code
    is_usual: bool
    """whether it is offered before anybody searches"""


@lru_cache(maxsize=1)
def kinds() -> tuple[Kind, ...]:
    """All of them, by their meaning."""
    found = json.loads(resource("codes.json").read_text(encoding="utf-8"))
    categories = [Code.of(one) for one in found["categories"]]
    return tuple(
        Kind(Code(value, scheme, meaning), categories[at], bool(usual))
        for value, scheme, meaning, at, usual in found["types"]
    )


def search(words: str) -> tuple[Kind, ...]:
    """Those whose meaning has all of *words*, those that begin with them first; else the usual ones."""
    wanted = words.lower().split()
    if not wanted:
        return tuple(one for one in kinds() if one.is_usual)
    found = [one for one in kinds() if all(word in one.meaning.meaning.lower() for word in wanted)]
    return tuple(sorted(found, key=lambda one: (_rank(one, words.lower()), not one.is_usual)))


def kind(meaning: str) -> Kind | None:
    """The one with just this meaning, whatever its letters' case."""
    return next((one for one in kinds() if one.meaning.meaning.lower() == meaning.lower()), None)


def _rank(one: Kind, words: str) -> int:
    meaning = one.meaning.meaning.lower()
    return 0 if meaning == words else 1 if meaning.startswith(words) else 2
