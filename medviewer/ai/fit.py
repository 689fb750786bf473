"""Whether a model was made for these images."""

from __future__ import annotations

from medviewer.ai.card import Card
from medviewer.core.volume import Frame
from medviewer.kit.errors import ModelDoesNotFit

UNSURE = ("", "OT", "SC", "XC")
"""modalities that do not tell how the picture was made"""
KINDS = ({"CR", "DX", "RG"},)
"""modalities that stand for the same kind of picture"""


def remarks(card: Card, frame: Frame, modality: str, body_part: str = "", view: str = "") -> tuple[str, ...]:
    """What a reader must know although the model may run. Raises ModelDoesNotFit when it may not."""
    found = []
    wanted, modality = card.applies.modality, modality.strip().upper()
    if wanted and modality in UNSURE and modality not in wanted:
        found.append(
            f"{card.title} was made for {_either(wanted)}; the file does not say how this picture was made."
        )
    elif wanted and not _same_kind(modality, wanted):
        raise ModelDoesNotFit(
            f"{card.title} was made for {_either(wanted)} images, and this is {modality}.",
            "Choose another model or another series.",
        )
    body_part = body_part.strip().upper()
    # files say CHEST, CHEST_PORTABLE, PORT CHEST, ...
    if card.applies.body and body_part and not any(word in body_part for word in card.applies.body):
        found.append(f"{card.title} was made for {_either(card.applies.body)}; the file says {body_part}.")
    view = view.strip().upper()
    if card.applies.view and view and view not in card.applies.view:
        found.append(f"{card.title} was made for {_either(card.applies.view)} views; the file says {view}.")
    if frame.is_color and card.input.channels == 1:
        found.append("The picture is in colour; the model saw its brightness.")
    if card.input.geometry.fit == "stretch" and card.input.size:
        found += _stretched(card.input.size, frame)
    return tuple(found)


def _same_kind(modality: str, wanted: tuple[str, ...]) -> bool:
    if modality in wanted:
        return True
    return any(modality in kind and kind.intersection(wanted) for kind in KINDS)


def _stretched(size: tuple[int, int], frame: Frame) -> list[str]:
    """A picture of quite other sides than the network's is shown to it distorted."""
    rows, columns = frame.pixels.shape[:2]
    ratio = (rows * frame.plane.aspect / columns) / (size[0] / size[1])
    if 0.7 <= ratio <= 1.43:
        return []
    return ["The sides of the picture are quite unlike those the model was made for."]


def _either(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
