"""What a reader chooses once: memory, how much is written on pictures, what is remembered."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Literal

from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider, Words
from medviewer.session import defaults
from medviewer.session.command import command
from medviewer.session.frames import default_capacity
from medviewer.session.session_type import Session
from medviewer.session.state import CornerText

GB = 1 << 30


@command("settings.set", title="Settings")
def change(
    session: Session,
    *,
    theme: Literal["dark", "light", "contrast"] | None = None,
    memory_gb: Annotated[
        float | None, Slider(0, 4096, step=0.25, label="Memory for decoded pictures", unit="GB")
    ] = None,
    corner_text: Annotated[
        Literal["full", "minimal", "off"] | None,
        Words("Text in the corners", "How much is written over pictures, now and at the next start"),
    ] = None,
    cine_rate: Annotated[
        int | None, Slider(1, 60, step=1, label="Playing, pictures a second", unit="/s")
    ] = None,
    overlay_color: Annotated[
        str | None, Words("Colour of overlays", "In which colour overlay planes of files are drawn: #rrggbb")
    ] = None,
    use_default_recipes: Annotated[
        bool | None,
        Words(
            "Begin with default recipes",
            "Whether series begin with the recipe that was made the default of their modality and body part",
        ),
    ] = None,
    remember_studies: Annotated[
        bool | None,
        Words(
            "Remember opened studies",
            "Whether opened studies are listed again later; the list holds names of patients. "
            "Small pictures and the list follow from the next start.",
        ),
    ] = None,
) -> None:
    """Change settings and keep them; what is left out stays. Memory 0 is half of what is free."""
    wanted = {
        "theme": theme,
        "cache_bytes": None if memory_gb is None else round(memory_gb * GB),
        "corner_text": corner_text,
        "cine_rate": cine_rate,
        "overlay_color": None if overlay_color is None else _color(overlay_color),
        "remember_studies": remember_studies,
        "use_default_recipes": use_default_recipes,
    }
    session.save_settings(**{name: value for name, value in wanted.items() if value is not None})
    if memory_gb is not None:
        session.frames.resize(session.settings.cache_bytes or default_capacity())
    if corner_text is not None:
        text = CornerText(corner_text)
        session.change(lambda view: replace(view, corner_text=text))
    if overlay_color is not None:
        color = session.settings.overlay_color
        session.change(lambda view: replace(view, overlay_color=color))
    if use_default_recipes is not None:
        defaults.follow(session)
    if cine_rate is not None:
        session.change(lambda view: replace(view, cine_rate=float(cine_rate)))


def _color(words: str) -> str:
    """A colour as settings keep it. Raises BadValue."""
    plain = words.strip().lower()
    if not re.fullmatch("#[0-9a-f]{6}", plain):
        raise BadValue(
            f"{words!r:.20} is no colour.", "Write red, green and blue as #rrggbb, such as #ffd60a."
        )
    return plain
