"""Networks that make pictures better, as operations beside all others: their names begin with ``network-``.

The models are read when somebody asks for such a name or for the list, never while the program starts.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from medviewer.core.pipeline import Pipeline
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Image, Mask, Operation, Stage
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Coded, Slider
from medviewer.kit.task import TaskContext

if TYPE_CHECKING:
    from medviewer.ai.catalog import Model

PREFIX = "network-"
GROUP = "Networks"
SHOWN_DIGITS = 12


def declare() -> tuple[str, ...]:
    """Make operations of the models there are now; their names. Any thread; large files take a moment."""
    # the window starts without the floor of models
    from medviewer.ai.card import ENHANCEMENT  # noqa: PLC0415  (see above)
    from medviewer.ai.catalog import models  # noqa: PLC0415  (see above)

    found = [one for one in models() if one.usable and one.card and one.card.task == ENHANCEMENT]
    known = {one.name: one for one in ENHANCEMENTS if one.name.startswith(PREFIX)}
    made = [_same(known.get(f"{PREFIX}{model.name}"), model) or operation_of(model) for model in found]
    if made != list(known.values()):
        ENHANCEMENTS.exchange(known, made)
    return tuple(one.name for one in made)


def operation_of(model: Model) -> Operation:
    """*model* as an enhancement; its steps carry the hash of its file."""
    from medviewer.ai.enhance import enhanced, made_for  # noqa: PLC0415  (see above)

    card = model.card
    assert card is not None

    def network(
        image: Image,
        valid: Mask | None,
        context: TaskContext | None,
        *,
        strength: Any = 1.0,
        sha256: Any = model.sha256,
    ) -> Image:
        return enhanced(model, image, valid, strength, context or TaskContext())

    network.__doc__ = " ".join(
        filter(
            None, (f"A network, {card.name} {card.version}.", made_for(card), _sentence(card.made.intended))
        )
    )
    hashed = Coded(_digits, label="Model file", check=partial(_check, card.name, model.sha256))
    network.__annotations__ = {
        "strength": Annotated[float, Slider(0, 1, step=0.05)],
        "sha256": Annotated[str, hashed],
    }
    network.model = model  # type: ignore[attr-defined]
    return Operation(f"{PREFIX}{card.name}", card.title, network, GROUP, Stage.SIGNAL, True, True)


def remarks(pipeline: Pipeline, modality: str) -> tuple[str, ...]:
    """What a reader should know before the networks of *pipeline* are let loose on images of *modality*."""
    found = []
    for step in pipeline.active:
        if step.operation.startswith(PREFIX) and step.operation in ENHANCEMENTS:
            card = ENHANCEMENTS[step.operation].function.model.card  # type: ignore[attr-defined]
            wanted = card.applies.modality
            if wanted and modality not in wanted:
                is_said = f"and this is {modality}" if modality else "and the file does not say what this is"
                found.append(f"{card.title} was made for {' or '.join(wanted)} images, {is_said}.")
    return tuple(found)


def _look(name: str) -> str:
    """Why there is no operation called *name*, "" where networks have nothing to do with it."""
    if not name.startswith(PREFIX):
        return ""
    declare()
    model = name.removeprefix(PREFIX)
    return f"The network {model!r:.80} is not here: add its model in the AI panel, or remove this step."


def _same(known: Operation | None, model: Model) -> Operation | None:
    """*known*, when it is that of the very same file."""
    return known if known is not None and known.function.model == model else None  # type: ignore[attr-defined]


def _check(name: str, here: str, wanted: str) -> None:
    if wanted not in ("", here):
        raise BadValue(
            f"This was made with another file of the network {name} ({_digits(wanted)}; "
            f"here it is {_digits(here)}).",
            "Add that model, or add the step once more.",
        )


def _digits(sha256: str) -> str:
    return sha256[:SHOWN_DIGITS]


def _sentence(words: str) -> str:
    plain = " ".join(words.split())
    return plain if not plain or plain.endswith(".") else f"{plain}."


ENHANCEMENTS.look_with(_look)
