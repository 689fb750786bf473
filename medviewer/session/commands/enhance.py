"""Enhancements: a stack of steps per series, recipes, and comparing with the original."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from medviewer.core.pipeline import Pipeline, Step
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.params import checked
from medviewer.kit.paths import user_folder
from medviewer.session import planes
from medviewer.session.command import command
from medviewer.session.session_type import Session
from medviewer.session.state import Layout

LARGEST_RECIPE = 1_000_000


@command("enhance.add", title="Add enhancement")
def add(session: Session, *, operation: str, values: Mapping[str, Any] | None = None) -> None:
    """Put an operation at the end of the active series' stack."""
    found = ENHANCEMENTS[operation]
    step = Step.of(operation, checked(found.parameters, values or {}))
    _change(session, f"Add {found.title}", lambda pipeline: _unnamed(pipeline.added(step)))
    _show_enhanced(session)


@command("enhance.set", title="Set enhancement")
def set_values(session: Session, *, step: int, values: Mapping[str, Any], drag: str = "") -> None:
    """Change values of a step; all changes of one *drag* are one undo."""
    now = _step(session, step)
    found = ENHANCEMENTS[now.operation]
    changed = now.with_values(checked(found.parameters, {**dict(now.values), **values}))
    names = ", ".join(one.label.lower() for one in found.parameters if one.name in values)
    merge = ("enhance", session.view.current.series, step, drag) if drag else None
    _change(
        session,
        f"{found.title}: {names}",
        lambda pipeline: _unnamed(pipeline.replaced(step, changed)),
        merge=merge,
    )


@command("enhance.remove", title="Remove enhancement")
def remove(session: Session, *, step: int) -> None:
    """Take a step out of the stack."""
    title = _title(_step(session, step))
    _change(session, f"Remove {title}", lambda pipeline: _unnamed(pipeline.removed(step)))


@command("enhance.move", title="Reorder enhancements")
def move(session: Session, *, step: int, to: int) -> None:
    """Put a step elsewhere in the order."""
    title = _title(_step(session, step))
    _change(session, f"Move {title}", lambda pipeline: _unnamed(pipeline.moved(step, to)))


@command("enhance.toggle", title="Switch enhancement on or off")
def toggle(session: Session, *, step: int) -> None:
    """Switch a step off without losing it, or on again."""
    now = _step(session, step)
    word = "off" if now.on else "on"
    changed = replace(now, on=not now.on)
    _change(
        session, f"Switch {_title(now)} {word}", lambda pipeline: _unnamed(pipeline.replaced(step, changed))
    )


@command("enhance.clear", title="Remove all enhancements", menu="Enhance")
def clear(session: Session) -> None:
    """Empty the stack of the active series."""
    _change(session, "Remove all enhancements", lambda _: Pipeline())


@command("enhance.peek", title="Original while held")
def peek(session: Session, *, on: bool) -> None:
    """Show the original instead of the enhanced picture for as long as a key is held."""
    session.change(lambda view: view if view.peek == on else replace(view, peek=on))


@command("compare.toggle", title="Original beside enhanced", menu="Enhance", icon="compare")
def compare(session: Session) -> None:
    """Show the original and the enhanced picture side by side, linked; once more goes back."""
    view = session.view
    if view.before_compare is not None:
        before = view.before_compare
        current = view.viewports[view.active]
        restored = view.arranged_as(before).with_viewport(
            before.active, replace(current, enhanced=before.viewports[before.active].enhanced)
        )
        restored = replace(restored, linked=before.linked)
        # planes beside this one have not moved with it meanwhile
        restored = planes.along(session, restored, before.active, current)
        session.change(lambda _: restored)
        return
    if view.current.series is None:
        raise BadValue("There is no picture to compare.", "Open a study first.")
    original = replace(view.current, enhanced=False)
    enhanced = replace(view.current, enhanced=True)
    both = replace(view, layout=Layout(1, 2), active=1, linked=True, maximised=False, before_compare=view)
    session.change(lambda _: both.with_viewport(0, original).with_viewport(1, enhanced))


@command("recipe.save", title="Save recipe")
def save_recipe(session: Session, *, name: str, description: str = "") -> None:
    """Keep the active stack under a name."""
    pipeline = session.rendering.pipeline(session.view.current.series)
    if not pipeline.steps:
        raise BadValue("There is nothing to save: the stack is empty.", "Add an enhancement first.")
    named = replace(pipeline, name=_checked_name(name), description=description)
    _write(_recipe_path(name), named)
    _change(session, f"Name recipe {name}", lambda _: named)


@command("recipe.apply", title="Apply recipe")
def apply_recipe(session: Session, *, name: str) -> None:
    """Put a saved recipe on the active series."""
    recipe = read_recipe(_recipe_path(name))
    _change(session, f"Recipe {recipe.name}", lambda _: recipe)
    _show_enhanced(session)


@command("recipe.import", title="Import recipe")
def import_recipe(session: Session, *, path: Path) -> None:
    """Take a recipe file into the list of recipes and put it on the active series."""
    recipe = read_recipe(path)
    recipe = replace(recipe, name=_checked_name(recipe.name or Path(path).stem))
    _write(_recipe_path(recipe.name), recipe)
    session.run("recipe.apply", name=recipe.name)


@command("recipe.export", title="Export recipe")
def export_recipe(session: Session, *, path: Path) -> None:
    """Write the active stack to a recipe file."""
    _write(Path(path), session.rendering.pipeline(session.view.current.series))


@command("recipe.delete", title="Delete recipe")
def delete_recipe(session: Session, *, name: str) -> None:
    """Take a recipe off the list; series that use it keep their steps."""
    _recipe_path(name).unlink(missing_ok=True)


@command("recipe.step", title="Next recipe", menu="Enhance")
def step_recipe(session: Session, *, by: int = 1) -> None:
    """Put the next or previous recipe of the list on the active series; after the last one comes none."""
    names = ("", *recipe_names())
    now = session.rendering.pipeline(session.view.current.series).name
    at = names.index(now) if now in names else 0
    name = names[(at + by) % len(names)]
    if name:
        session.run("recipe.apply", name=name)
    else:
        clear(session)


def recipe_names() -> tuple[str, ...]:
    """The saved recipes, by name."""
    return tuple(sorted(path.stem for path in user_folder("recipes").glob("*.json")))


def read_recipe(path: Path) -> Pipeline:
    """The recipe in a file, its operations and values checked. Raises FileTrouble or BadValue."""
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_RECIPE:
            raise FileTrouble(f"{path.name} is too large for a recipe.", "Recipes are small JSON files.")
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise FileTrouble(
            f"The recipe {path.name} cannot be read.", "Check that the file is there."
        ) from None
    except UnicodeDecodeError:
        raise FileTrouble(f"{path.name} is no recipe.", "Recipes are small JSON files.") from None
    recipe = Pipeline.from_json(text)
    steps = (
        step.with_values(checked(ENHANCEMENTS[step.operation].parameters, dict(step.values)))
        for step in recipe.steps
    )
    return replace(recipe, steps=tuple(steps))


def _write(path: Path, pipeline: Pipeline) -> None:
    try:
        write_atomically(path, pipeline.to_json().encode())
    except OSError as trouble:
        raise FileTrouble(f"The recipe could not be saved as {path.name}: {trouble.strerror}.", "") from None


def _recipe_path(name: str) -> Path:
    return user_folder("recipes") / f"{_checked_name(name)}.json"


def _checked_name(name: str) -> str:
    """A recipe's name is also its file's name, on every system. Raises BadValue."""
    name = name.strip()
    if (
        not name
        or len(name) > 80
        or name.startswith(".")
        or any(sign in '<>:"/\\|?*' or sign < " " for sign in name)
    ):
        raise BadValue(
            f"A recipe cannot be called {name!r:.40}.", 'Leave out < > : " / \\ | ? * and a leading dot.'
        )
    return name


def _unnamed(pipeline: Pipeline) -> Pipeline:
    """A changed recipe is no longer the one of that name."""
    return replace(pipeline, name="", description="")


def _title(step: Step) -> str:
    return ENHANCEMENTS[step.operation].title


def _step(session: Session, number: int) -> Step:
    steps = session.rendering.pipeline(session.view.current.series).steps
    if not 0 <= number < len(steps):
        raise BadValue(f"There is no step {number + 1}.", f"The stack has {len(steps)} steps.")
    return steps[number]


def _change(
    session: Session, label: str, how: Callable[[Pipeline], Pipeline], merge: tuple[Any, ...] | None = None
) -> None:
    series = session.view.current.series
    if series is None:
        raise BadValue("There is no picture to enhance.", "Open a study first.")
    reading = session.state.document.reading(series)
    changed = replace(reading, pipeline=how(reading.pipeline))
    if changed.pipeline != reading.pipeline:
        session.edit(label, lambda document: document.with_reading(changed), merge=merge)


def _show_enhanced(session: Session) -> None:
    """Somebody who adds a step wants to see it."""
    now = session.view.current
    if not now.enhanced and session.view.before_compare is None:
        session.change(lambda view: view.with_viewport(view.active, replace(now, enhanced=True)))
