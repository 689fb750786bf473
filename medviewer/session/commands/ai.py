"""Letting a model read in the background; what it says is a proposal until a person accepts it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from medviewer.core.finding import State
from medviewer.core.labels import LabelMap
from medviewer.core.study import Series
from medviewer.core.volume import LazyFrames
from medviewer.kit.errors import BadValue, ModelTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.paths import user_folder
from medviewer.kit.task import TaskContext
from medviewer.session import networks
from medviewer.session.alignment import aligned, pictures_of
from medviewer.session.command import command
from medviewer.session.keeping.packing import pack_ahead
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
        result = infer(
            find(model),
            frames,
            series.modality,
            context,
            body_part=series.body_part,
            view=view,
            indices=indices,
        )
        if result.labels is not None:
            pack_ahead(result.labels.slices)  # the window would wait for it when the journal takes this
        return result

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


def keep(session: Session, read: Series, result: Inference, indices: tuple[int, ...]) -> None:
    """Add what a model said about the pictures *indices* of the series it *read*, as a proposal.

    The series may have been renumbered meanwhile, or closed.
    """
    series = session.series(read.key)
    if series is None:
        return
    said = Reading(
        read.key,
        groups=() if result.labels is None else (_spread(result.labels, indices, read.count),),
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
    groups = reading.groups
    for one in said.groups:
        groups = _with_proposal(groups, one)
    return replace(
        reading, findings=(*others, *said.findings), groups=groups, pictures=said.pictures or reading.pictures
    )


def _with_proposal(groups: tuple[LabelMap, ...], said: LabelMap) -> tuple[LabelMap, ...]:
    """The label maps with one that a model has just made.

    What the same model has proposed before makes room, and what it marked on other pictures stays; the work
    of readers, and what they accepted, is never touched.
    """
    for at, before in enumerate(groups):
        if before.is_proposal and before.provenance is not None and said.provenance is not None:
            one, other = before.provenance, said.provenance
            if (one.model, one.version) == (other.model, other.version):
                return (*groups[:at], _joined(before, said), *groups[at + 1 :])
    return (*groups, said)


def _joined(before: LabelMap, said: LabelMap) -> LabelMap:
    kept = (*before.slices, *(None for _ in range(len(said.slices) - len(before.slices))))
    slices = tuple(new if new is not None else old for new, old in zip(said.slices, kept, strict=False))
    return replace(said, slices=slices, opacity=before.opacity, id=before.id)


def _decide(session: Session, state: State, word: str) -> None:
    reading = _reading(session)
    proposed = [one for one in reading.findings if one.state is State.PROPOSED]
    pending = [one for one in reading.groups if one.is_proposal]
    if not proposed and not pending:
        raise BadValue("There is no proposal on this series.", "Run a model first.")
    findings = tuple(replace(one, state=state) if one in proposed else one for one in reading.findings)
    decided = (replace(one, state=state) if one in pending else one for one in reading.groups)
    groups = tuple(one for one in decided if one.state is not State.REJECTED)
    changed = replace(reading, findings=findings, groups=groups)
    session.edit(f"{word} the model's reading", lambda document: document.with_reading(changed))


def _reading(session: Session) -> Reading:
    series = session.view.current.series
    if series is None:
        raise BadValue("There is no series to work on.", "Open a study first.")
    found: Reading = session.state.document.reading(series)
    return found
