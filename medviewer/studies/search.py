"""Finding studies again, by patient, date, modality or description."""

from __future__ import annotations

from medviewer.studies.index import Index
from medviewer.studies.rows import Remembered, normalised


def search(index: Index, text: str, most: int = 200) -> tuple[Remembered, ...]:
    """The studies in which every word of *text* occurs, the one opened last first; all for no words.

    Case and accents do not matter, and no letter of *text* has a special meaning.
    """
    words = normalised(text).split()[:20]
    condition = " AND ".join([r"words LIKE ? ESCAPE '\'"] * len(words))
    return index.select(condition, [f"%{_escaped(word)}%" for word in words], most)


def with_uid(index: Index, uid: str) -> tuple[Remembered, ...]:
    """What is remembered under a Study Instance UID, the one opened last first: seldom more than one."""
    return index.select("uid = ?", (uid,), 10)


def _escaped(word: str) -> str:
    return word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
