"""What a label can be, in codes that other programs know: DICOM's lists of segment categories and types."""

from __future__ import annotations

import json
from functools import lru_cache

from medviewer.core.codes import Code
from medviewer.core.labels import SAFE_COLORS
from medviewer.kit.frozen import frozen
from medviewer.kit.paths import resource


@frozen
class Kind:
    """A Segmented Property Type with its category (PS3.16, CID 7151 and 7150)."""

    meaning: Code
    category: Code
    is_usual: bool
    """whether it is offered before anybody searches"""


OTHER_WORDS = {
    "air": "gas",
    "bowel": "intestine",
    "haemorrhage": "hemorrhage",
    "metastasis": "secondary",
    "oedema": "edema",
    "oesophagus": "esophagus",
    "tumor": "neoplasm",
    "tumour": "neoplasm",
    "windpipe": "trachea",
}
"""What many readers call what DICOM's lists call otherwise."""
ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILLION, PURPLE = SAFE_COLORS
USUAL_COLORS = (
    (("vein", "vena cava", "venous"), BLUE),
    (("artery", "arterial", "aorta", "aortic", "heart", "blood"), VERMILLION),
    (("bile", "biliary", "gallbladder", "lymph", "lymphatic"), GREEN),
    (("nerve", "fat"), YELLOW),
    (("airway", "bronchus", "trachea", "lung", "gas"), SKY),
    (("neoplasm", "nodule", "mass", "lesion"), ORANGE),
    (("kidney", "spleen", "muscle"), PURPLE),
)
"""Words of meanings, and the colour of the safe palette that is nearest to how anatomy is usually drawn:
vessels blue and red, what holds bile or lymph green, nerves and fat yellow. Bone has none: what is white
already needs a strong colour. DICOM's lists name none."""


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
    found = [one for one in kinds() if all(_has(one, word) for word in wanted)]
    ranked = " ".join(OTHER_WORDS.get(word, word) for word in wanted)
    return tuple(sorted(found, key=lambda one: (_rank(one, ranked), not one.is_usual)))


def kind(meaning: str) -> Kind | None:
    """The one with just this meaning, whatever its letters' case."""
    return next((one for one in kinds() if one.meaning.meaning.lower() == meaning.lower()), None)


def usual_color(meaning: Code) -> str:
    """The colour in which a thing is usually drawn, "" where there is no custom."""
    words = set(meaning.meaning.lower().replace(",", " ").split())
    told = " ".join(meaning.meaning.lower().split())
    for names, color in USUAL_COLORS:
        if any(name in words or (" " in name and name in told) for name in names):
            return color
    return ""


def _has(one: Kind, word: str) -> bool:
    meaning = one.meaning.meaning.lower()
    return word in meaning or OTHER_WORDS.get(word, word) in meaning


def _rank(one: Kind, words: str) -> int:
    meaning = one.meaning.meaning.lower()
    return 0 if meaning == words else 1 if meaning.startswith(words) else 2
