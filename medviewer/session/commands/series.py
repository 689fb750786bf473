"""A recipe on whole series: into files of their own, in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from medviewer.core.pipeline import Pipeline
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Words
from medviewer.kit.task import TaskContext
from medviewer.session import recipes
from medviewer.session.applying import Form, Order, Written, parts_of
from medviewer.session.command import command
from medviewer.session.grid import worked_on
from medviewer.session.scopes import series_in
from medviewer.session.session_type import Session

Scope = Literal["picture", "series", "study", "open"]


@command("series.apply", title="Enhance a series into files")
def apply(
    session: Session,
    *,
    folder: Path,
    scope: Annotated[Scope, Words("Of", "what the recipe is applied to")] = "series",
    form: Literal["dicom", "shown", "values"] = "dicom",
    format: Literal["png", "tiff", "jpeg"] = "png",
    recipe: str = "",
    instead: bool = False,
    then_open: bool = True,
) -> str:
    """Write a recipe's pictures of one series or of many into a folder; the answer is the job's key.

    Without a name of a recipe it is the stack of the active series. DICOM objects belong to the same patient
    and study; pictures say nothing of either. They come *instead* of files of the same names, if any. With
    *then_open* a series that was made is shown beside its source.
    """
    # with pydicom and what writes files: the first picture waits for none of it
    from medviewer.session.applied_files import write  # noqa: PLC0415

    order = order_of(session, Path(folder), scope, form, format, recipe, instead)
    order.check()

    def work(context: TaskContext) -> Written:
        return write(session, order, context)

    def done(written: Written) -> None:
        told = f"{_counted(written.pictures)} are in {written.folder.name}."
        session.notify(told, " ".join(written.words), is_error=False)
        if then_open and order.form is Form.DICOM:
            open_beside(session, written)

    def stopped() -> None:
        one = len(order.parts) == 1
        told = "nothing was written." if one else f"only whole series are in {order.target.name}."
        session.notify(f"Stopped: {told}", is_error=False)

    title = f"Enhancing {_counted(order.count)}"
    return str(session.jobs.start(title, work, done, kind="apply", stopped=stopped))


def order_of(
    session: Session,
    folder: Path,
    scope: Scope = "series",
    form: str = "dicom",
    format: str = "png",
    recipe: str = "",
    instead: bool = False,
) -> Order:
    """What the command is asked to do, as a value. Raises BadValue without a picture."""
    now = session.view.current
    active = session.series(now.series)
    if active is None or not active.count:
        raise BadValue("There is no picture to enhance.", "Open a study first.")
    pipeline = recipes.recipe(recipe).pipeline if recipe else shown_stack(session)
    index = now.index if scope == "picture" else None
    parts = parts_of(series_in(session, scope), index, {active.key: now.voi})
    if form == Form.SHOWN.value:  # values are those of the files, whatever a state makes of them
        parts = tuple(
            replace(one, presentation=now.presentation) if one.series is active else one for one in parts
        )
    return Order(
        parts=parts,
        pipeline=pipeline,
        form=Form(form),
        target=folder,
        format=format,
        replace=instead,
    )


def shown_stack(session: Session) -> Pipeline:
    """What is done to the active picture."""
    now = session.view.current
    return now.recipe if now.recipe is not None else worked_on(session)


@command("series.beside", title="Two series side by side")
def beside(session: Session, *, left: str, right: str, index: int = -1) -> None:
    """Show two series side by side, linked, at the same picture: the middle one unless told otherwise.

    Both are shown as they are in their files: what was made is not enhanced twice.
    """
    one, other = session.series(left), session.series(right)
    if one is None or other is None or not one.count or not other.count:
        raise BadValue("One of these series is not open.", "Open both first.")
    at = one.places // 2 if index < 0 else min(index, one.count - 1)
    session.run("view.layout", rows=1, columns=2)
    session.run("view.show", series=left, viewport=0, index=at)
    session.run("view.show", series=right, viewport=1, index=min(at, other.count - 1))
    view = session.view
    for number in (0, 1):
        view = view.with_viewport(number, replace(view.viewports[number], enhanced=False))
    # the source is the active one: what is being opened is moved to its middle when that is done
    beside_each_other = replace(view, linked=True, active=0)
    session.change(lambda _: beside_each_other)


def open_beside(session: Session, written: Written) -> None:
    """Open what was written, and show the first series of it beside its source once all of it is there."""
    if not written.pairs:
        return
    pair, now = written.pairs[0], session.view.current
    index = now.index if now.series == pair.source else -1
    ends: list[Callable[[], object]] = []

    def come(is_there: bool) -> None:
        if not is_there or not ends:
            return
        ends.pop()()
        if session.series(pair.source) is not None:
            session.run("series.beside", left=pair.source, right=pair.made, index=index)

    def is_whole(_: object) -> bool:
        made = session.series(pair.made)
        return made is not None and made.count >= pair.count

    ends.append(session.watch(is_whole, come))
    session.run("study.open", paths=(written.folder,))


def _counted(number: int) -> str:
    return f"{number:,} {'picture' if number == 1 else 'pictures'}"
