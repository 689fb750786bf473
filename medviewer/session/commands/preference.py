"""Preference studies: set one up, go on with it, say which picture is better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from medviewer.core.pipeline import Pipeline
from medviewer.kit.params import Slider
from medviewer.session.command import command
from medviewer.session.recipes import recipe
from medviewer.session.session_type import Session

MOST = 5000


@command("preference.new", title="New preference study")
def new(
    session: Session,
    *,
    recipes: Sequence[str],
    with_stack: bool = False,
    series: Sequence[str] = (),
    every: Annotated[int, Slider(1, 1000)] = 1,
    title: str = "",
    question: str = "",
    reader: str = "",
    trials: Annotated[int, Slider(0, MOST)] = 0,
    repeats: Annotated[int, Slider(0, MOST)] = 0,
    ties: bool = True,
    lock_window: bool = True,
    seed: Annotated[int, Slider(-1, 2**31)] = -1,
) -> str:
    """Ask about the pictures on the screen, or every n-th of some series; the answer is the study's name.

    *recipes* are names of the list, "" is the original; *with_stack* adds the stack of the active series.
    Without *trials* every pair is shown on every picture; *repeats* of them are asked again.
    """
    original = (Pipeline(),) if "" in recipes else ()
    chosen = tuple(recipe(name).pipeline for name in recipes if name)
    from_stack = (session.rendering.pipeline(session.view.current.series),) if with_stack else ()
    return str(
        session.preference.new(
            (*original, *from_stack, *chosen),
            tuple(series),
            every,
            title=title,
            question=question,
            reader=reader,
            trials=trials,
            repeats=repeats,
            ties=ties,
            window_locked=lock_window,
            seed=seed,
        )
    )


@command("preference.resume", title="Go on with a preference study")
def resume(session: Session, *, study: str) -> None:
    """Go on where a study stood, by its name; the pictures that it was made of have to be open."""
    session.preference.resume(study)


@command("preference.answer", title="Prefer a picture")
def answer(session: Session, *, choice: Literal["left", "right", "none"]) -> None:
    """Say which picture is better, or that neither is, and go on to the next pair."""
    session.preference.say(choice)


@command("preference.undo", title="Last pair again", menu="Enhance")
def undo(session: Session) -> None:
    """Take the last answer back and ask that pair again."""
    session.preference.undo()


@command("preference.pause", title="Pause the preference study", menu="Enhance")
def pause(session: Session) -> None:
    """Cover the pictures and stop the clock; once more goes on."""
    session.preference.pause()


@command("preference.leave", title="Leave the preference study", menu="Enhance")
def leave(session: Session) -> None:
    """Show what was shown before; the answers are kept, and the study can go on another time."""
    session.preference.leave()


@command("preference.delete", title="Delete a preference study")
def delete(session: Session, *, study: str) -> None:
    """Take a study off the disk, with its answers."""
    session.preference.delete(study)
