"""What is known about one pixel, as lines under titles in sections."""

from __future__ import annotations

from medviewer.kit.frozen import frozen

PLACE, VALUE, WINDOW, ENHANCED, SCREEN, OVER, ODD = (
    "Place",
    "Value",
    "Window",
    "Enhancement",
    "Screen",
    "Over the picture",
    "Ignored or odd in the file",
)


@frozen
class Fact:
    """One line of what is known about a pixel."""

    section: str
    title: str
    words: str
    is_detail: bool = False
    """whether it says where another fact comes from, rather than something of its own"""


@frozen
class Inspection:
    """Everything about one pixel."""

    row: int
    column: int
    facts: tuple[Fact, ...]
    shown: tuple[int, ...]
    """what is on the screen at 1:1, 0 to 255: (grey,) or (red, green, blue)"""

    def words(self, title: str) -> str:
        """What is said under a title, "" when nothing is."""
        return next((fact.words for fact in self.facts if fact.title == title), "")

    @property
    def summary(self) -> str:
        """The way to the screen in one line: "1052 → 52 HU → 0.7514 → grey 192"."""
        steps = (fact.words.partition("  (")[0] for fact in self.section(ENHANCED))
        ends = (self.words(title) for title in ("Stored value", "Modality value", "Output"))
        parts = (*ends, *steps, self.words("On the screen").removesuffix(" of 255"))
        return " → ".join(part.removesuffix(" of 1") for part in parts if part and len(part) < 40)

    def section(self, section: str) -> tuple[Fact, ...]:
        """The facts of one section."""
        return tuple(fact for fact in self.facts if fact.section == section)

    def text(self) -> str:
        """All of it in lines, to be copied."""
        lines: list[str] = []
        for section in dict.fromkeys(fact.section for fact in self.facts):
            lines += ["", section] if lines else [section]
            lines += [f"  {fact.title}: {fact.words}" for fact in self.section(section)]
        return "\n".join(lines)
