"""Letting a model read in the background; what it says is a proposal until a person accepts it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from medviewer.core.finding import State
from medviewer.core.labels import LabelMap
from medviewer.core.study import Series
from medviewer.core.volume import LazyFrames
from medviewer.kit.errors import BadValue, ModelTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.params import Slider
from medviewer.kit.paths import user_folder
from medviewer.kit.task import TaskContext
from medviewer.session import networks
from medviewer.session.alignment import aligned, pictures_of
from medviewer.session.command import command
from medviewer.session.session_type import Session
from medviewer.session.state import Reading

if TYPE_CHECKING:
    from medviewer.ai.infer import Inference

JOB = "model"


@command("ai.run", title="Run model")
def run(session: Session, *, model: str, scope: Literal["picture", "series"] = "picture") -> str:
    """Let a model read the shown picture or the whole series in the background; the answer is its key."""
    now = session.view.current
    series = session.series(now.series)
    if series is None or not series.count:
        raise BadValue("There is no picture to read.", "Open a study first.")
    if scope == "picture" and now.cut is not None:
        raise BadValue(
            "A model reads slices as they were acquired, not planes through them.",
            "Let it read the whole series, or show the slices as acquired.",
        )
    indices = tuple(range(series.count)) if scope == "series" else (min(now.index, series.count - 1),)

    def work(context: TaskContext) -> Inference:
        # the window starts without the floor of models
        from medviewer.ai.catalog import find  # noqa: PLC0415  (see above)
        from medviewer.ai.infer import infer  # noqa: PLC0415  (see above)

        frames = LazyFrames(partial(session.frames.load, series.key), indices)
        view = series.detail("ViewPosition")
        return infer(
            find(model),
            frames,
            series.modality,
            context,
            body_part=series.body_part,
            view=view,
            indices=indices,
        )

    def done(result: Inference) -> None:
        keep(session, series, result, indices)

    title = f"{Path(model).stem} reads {series.modality or 'the picture'}"
    return str(session.jobs.start(title, work, done, kind=JOB))


@command("ai.cancel", title="Stop the model", menu="AI")
def cancel(session: Session) -> None:
    """Stop the model that is running; nothing of its reading is kept."""
    session.jobs.cancel_kind(JOB)


@command("ai.add", title="Add model")
def add_model(session: Session, *, path: Path) -> str:
    """Take a model file, with the card that lies beside it, into the list; the answer is its name."""
    from medviewer.ai.catalog import card_beside, content, find  # noqa: PLC0415  (see `run`)

    model = find(Path(path).absolute())
    folder = user_folder("models")
    card = card_beside(model.path)
    try:
        write_atomically(folder / model.path.name, content(model))
        if card.is_file():
            write_atomically(folder / card.name, card.read_bytes())
    except OSError as trouble:
        raise ModelTrouble(f"{model.path.name} could not be copied: {trouble.strerror}.", "") from None
    networks.declare()
    return str(model.name)


@command("ai.accept", title="Accept the model's reading", menu="AI", icon="check")
def accept(session: Session) -> None:
    """Make the proposals on the active series the reader's own."""
    _decide(session, State.ACCEPTED, "Accept")


@command("ai.reject", title="Reject the model's reading", menu="AI")
def reject(session: Session) -> None:
    """Take the proposals on the active series away."""
    _decide(session, State.REJECTED, "Reject")


@command("labels.opacity", title="Overlay opacity")
def opacity(session: Session, *, opacity: Annotated[float, Slider(0, 1, step=0.05)], drag: str = "") -> None:
    """Set how strongly the labels cover the picture."""
    merge = ("opacity", drag) if drag else None
    _relabel(session, "Overlay opacity", lambda labels: replace(labels, opacity=opacity), merge)


@command("labels.show", title="Show label")
def show_label(session: Session, *, value: int, visible: bool) -> None:
    """Show or hide one label."""
    _relabel(
        session, "Show label" if visible else "Hide label", lambda labels: labels.with_visible(value, visible)
    )


@command("labels.remove", title="Remove labels", menu="AI")
def remove_labels(session: Session) -> None:
    """Take the label map off the active series."""
    reading = _reading(session)
    changed = replace(reading, labels=None)
    session.edit("Remove labels", lambda document: document.with_reading(changed))


@command("labels.hide", title="Overlay off while held")
def hide(session: Session, *, on: bool) -> None:
    """Show no labels for as long as a key is held."""
    session.change(lambda view: view if view.labels_hidden == on else replace(view, labels_hidden=on))


def keep(session: Session, read: Series, result: Inference, indices: tuple[int, ...]) -> None:
    """Add what a model said about the pictures *indices* of the series it *read*, as a proposal.

    The series may have been renumbered meanwhile, or closed.
    """
    series = session.series(read.key)
    if series is None:
        return
    said = Reading(
        read.key,
        labels=None if result.labels is None else _spread(result.labels, indices, read.count),
        findings=result.findings,
        pictures=pictures_of(read),
    )
    reading = session.state.document.reading(read.key)
    changed = _merged(aligned(reading, series), aligned(said, series))
    session.edit(f"Reading of {result.provenance}", lambda document: document.with_reading(changed))
    for remark in result.remarks:
        session.notify(f"{result.provenance}: {remark}", is_error=False)


def _spread(labels: LabelMap, indices: tuple[int, ...], count: int) -> LabelMap:
    """The label map of some pictures as one of the whole series."""
    given = {index: labels.slices[at] for at, index in enumerate(indices)}
    return replace(labels, slices=tuple(given.get(index) for index in range(count)))


def _merged(reading: Reading, said: Reading) -> Reading:
    """A reading with what was said; the same model's earlier words about the same pictures make room."""
    repeated = {(one.provenance.model, one.frame) for one in said.findings}
    others = (one for one in reading.findings if (one.provenance.model, one.frame) not in repeated)
    labels = reading.labels if said.labels is None else _overlaid(reading.labels, said.labels)
    return replace(
        reading, findings=(*others, *said.findings), labels=labels, pictures=said.pictures or reading.pictures
    )


def _overlaid(before: LabelMap | None, after: LabelMap) -> LabelMap:
    """The new label map, with the slices that the same model has proposed on other pictures."""
    if before is None or before.provenance is None or after.provenance is None:
        return after
    same = (before.provenance.model, before.provenance.version, before.state) == (
        after.provenance.model,
        after.provenance.version,
        after.state,
    )
    if not same:
        return after
    kept = (*before.slices, *(None for _ in range(len(after.slices) - len(before.slices))))
    slices = tuple(new if new is not None else old for new, old in zip(after.slices, kept, strict=False))
    return replace(after, slices=slices, opacity=before.opacity)


def _decide(session: Session, state: State, word: str) -> None:
    reading = _reading(session)
    proposed = [one for one in reading.findings if one.state is State.PROPOSED]
    labels = reading.labels
    pending = labels is not None and labels.state is State.PROPOSED
    if not proposed and not pending:
        raise BadValue("There is no proposal on this series.", "Run a model first.")
    findings = tuple(replace(one, state=state) if one in proposed else one for one in reading.findings)
    if labels is not None and pending:
        labels = None if state is State.REJECTED else replace(labels, state=state)
    changed = replace(reading, findings=findings, labels=labels)
    session.edit(f"{word} the model's reading", lambda document: document.with_reading(changed))


def _reading(session: Session) -> Reading:
    series = session.view.current.series
    if series is None:
        raise BadValue("There is no series to work on.", "Open a study first.")
    found: Reading = session.state.document.reading(series)
    return found


def _relabel(
    session: Session, label: str, how: Callable[[LabelMap], LabelMap], merge: tuple[str, ...] | None = None
) -> None:
    reading = _reading(session)
    if reading.labels is None:
        return
    changed = replace(reading, labels=how(reading.labels))
    session.edit(label, lambda document: document.with_reading(changed), merge=merge)
