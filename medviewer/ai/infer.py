"""Letting a model read pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medviewer.ai import catalog, finish, fit
from medviewer.ai.attribution import Attribution, class_maps
from medviewer.ai.card import ENHANCEMENT, FEATURES, Card
from medviewer.ai.catalog import Model
from medviewer.ai.finish_stack import mask_of_stack
from medviewer.ai.prepare import Placement, prepare, stacked
from medviewer.ai.prepare_stack import Slices, prepare_stack
from medviewer.ai.screen import screen
from medviewer.ai.tiles import Tiles, blended
from medviewer.core.finding import Finding, Provenance
from medviewer.core.labels import LabelMap
from medviewer.core.volume import Frame, read_only
from medviewer.kit.errors import ModelDoesNotFit, ModelTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import CancelToken, TaskContext

if TYPE_CHECKING:
    from medviewer.ai.runtime import Network, Port

LARGEST_NATIVE_PX = 9_000_000
"""What a network of any size gets at once; more would take more memory than a computer has."""
_KINDS = {"float32": "tensor(float)", "float16": "tensor(float16)", "uint8": "tensor(uint8)"}


@frozen(eq=False)
class Inference:
    """What a model said; a proposal."""

    findings: tuple[Finding, ...]
    labels: LabelMap | None
    """slices in the order of the frames that were given"""
    provenance: Provenance
    remarks: tuple[str, ...] = ()
    maps: tuple[tuple[Attribution, ...], ...] = ()
    """of each frame that was given, where each label's score comes from; () where the network does not say"""


class Reader:
    """A loaded model with its card, ready for any number of pictures. Safe to use from one thread."""

    def __init__(self, model: Model, token: CancelToken | None = None) -> None:
        """Screen and load *model*. Raises ModelTrouble, Cancelled."""
        from medviewer.ai.runtime import Network  # noqa: PLC0415  starts ONNX Runtime, which opening a window must not

        catalog.usable(model)
        assert model.card is not None
        self.card: Card = model.card
        self.model = model
        data = catalog.content(model)
        screen(data, model.path.name, loops=self.card.loops and model.card_beside)
        self._network = Network(data, self.card.name, token)
        self._port = _checked_ports(self._network, self.card)

    def raw(self, pictures: Tiles, output: str = "", token: CancelToken | None = None) -> NDArray[Any]:
        """An output for prepared *pictures*, (picture, ...), as the network gives it; *token* stops this."""
        name = output or self.card.output.name
        return self.outputs(pictures, (name,), token)[name]

    def outputs(
        self, pictures: Tiles, names: Sequence[str], token: CancelToken | None = None
    ) -> dict[str, NDArray[Any]]:
        """Several outputs of one run, each as `raw` gives it."""
        size = self._port.shape[0] if self._port.shape and self._port.shape[0] else len(pictures)
        parts: dict[str, list[NDArray[Any]]] = {name: [] for name in names}
        for at in range(0, len(pictures), size):
            part = list(pictures[at : at + size])
            filled = part + [part[-1]] * (size - len(part))
            feeds = {self._port.name: stacked(filled, self.card.input)}
            for name, found in self._network.run(feeds, names, token).items():
                if found.ndim < 1 or (found.shape[0] != size and len(filled) > 1):
                    raise ModelTrouble(f"{self.card.name} gave an output of another number of pictures.")
                parts[name].append(found[: len(part)] if found.shape[0] == size else found[None])
        return {name: np.concatenate(found) for name, found in parts.items()}

    @property
    def has_maps(self) -> bool:
        """Whether the network itself says where its answers come from."""
        return self.card.output.explains in [port.name for port in self._network.outputs]

    def scores(self, frame: Frame | NDArray[Any]) -> tuple[float, ...]:
        """One probability per label of the card."""
        picture, _ = self.prepared(frame)
        return finish.scores(self.raw([picture])[0], self.card)

    def scores_and_maps(
        self, frame: Frame | NDArray[Any]
    ) -> tuple[tuple[float, ...], tuple[Attribution, ...]]:
        """One probability and one class map per label; no maps where the network gives none."""
        if not self.has_maps:
            return self.scores(frame), ()
        picture, placement = self.prepared(frame)
        names = (self.card.output.name, self.card.output.explains)
        found = self.outputs([picture], names)
        logits, maps = (found[name][0] for name in names)
        return finish.scores(logits, self.card), class_maps(maps, logits, placement, self.card)

    def stack_scores(self, slices: Slices) -> tuple[float, ...]:
        """One answer from all slices of a series together, as `scores`."""
        return finish.scores(self.raw([prepare_stack(slices, self.card.input)[0]])[0], self.card)

    def stack_mask(self, slices: Slices) -> NDArray[np.uint8]:
        """Label values on the grid of the series, (slice, row, column)."""
        stack, placement = prepare_stack(slices, self.card.input)
        planes = finish.probabilities(self.raw([stack])[0], self.card.output, self.card.name)
        return mask_of_stack(planes, placement, self.card)

    def mask(self, frame: Frame | NDArray[Any], context: TaskContext | None = None) -> NDArray[np.uint8]:
        """Label values on the picture's own grid, (row, column)."""
        picture, placement = self.prepared(frame)
        if self.card.input.geometry.fit == "tiles":
            found = self._tiled(picture, context or TaskContext())
        else:
            found = self._planes([picture])[0]
        return finish.mask(found, placement, self.card)

    def prepared(self, frame: Frame | NDArray[Any]) -> tuple[NDArray[np.float32], Placement]:
        """What the network takes for *frame*, (row, column, channel), and where it went."""
        picture, placement = prepare(frame, self.card.input)
        if self.card.input.size is None and picture.shape[0] * picture.shape[1] > LARGEST_NATIVE_PX:
            raise ModelTrouble(f"The picture is too large for {self.card.name} at its full size.")
        return picture, placement

    def _planes(self, pictures: Tiles) -> NDArray[np.float32]:
        """Probabilities (picture, row, column, class), whatever layout the network gives."""
        raw = self.raw(pictures)
        if raw.ndim == 3:
            raw = raw[..., None]
            if raw.dtype.kind in "iu":
                return _planes_of_values(raw[..., 0], self.card)
        elif raw.ndim == 4 and self.card.output.layout == "NCHW":
            raw = np.moveaxis(raw, 1, -1)
        if raw.ndim != 4:
            raise ModelTrouble(
                f"{self.card.name} gave no mask, but {raw.ndim - 1} numbers per picture in depth."
            )
        return finish.probabilities(raw, self.card.output, self.card.name)

    def _tiled(self, picture: NDArray[np.float32], context: TaskContext) -> NDArray[np.float32]:
        assert self.card.input.size is not None
        plan = self.card.input.geometry
        return blended(
            picture,
            self.card.input.size,
            self._planes,
            overlap=plan.overlap,
            batch=plan.batch,
            report=lambda done, of: context.report(done / of, f"Tile {done} of {of}"),
        )


def infer(
    model: Model,
    frames: Frame | Sequence[Frame],
    modality: str,
    context: TaskContext,
    *,
    body_part: str = "",
    view: str = "",
    indices: Sequence[int] | None = None,
) -> Inference:
    """What *model* says about *frames*.

    *indices* are the numbers of the frames in their series, for `Finding.frame`; without them frames count
    from 0. Raises ModelDoesNotFit, ModelTrouble, FileTrouble, Cancelled.
    """
    given: Sequence[Frame] = [frames] if isinstance(frames, Frame) else frames
    if not len(given):
        raise ModelTrouble("There is no picture to read.")
    catalog.usable(model)
    assert model.card is not None
    if model.card.task == ENHANCEMENT:
        raise ModelDoesNotFit(
            f"{model.card.title} makes pictures better; it says nothing about them.",
            "It is one of the enhancements.",
        )
    context.report(None, f"Loading {model.card.title}")
    first = given[0]
    remarks = list(fit.remarks(model.card, first, modality, body_part, view))
    reader = Reader(model, context.token)
    provenance = provenance_of(model)
    if model.card.input.is_stacked:
        context.report(0.0, "Reading the series")
        return _of_series(reader, given, provenance, tuple(remarks))
    findings: list[Finding] = []
    slices: list[NDArray[np.uint8] | None] = []
    maps: list[tuple[Attribution, ...]] = []
    for at, part in enumerate(_steps(len(given), context)):
        frame = first if at == 0 else given[at]
        remarks += [remark for remark in frame.remarks if remark not in remarks]
        number = at if indices is None else indices[at]
        if model.card.task == "segmentation":
            values = reader.mask(frame, part)
            slices.append(read_only(values) if values.any() else None)
        else:
            scores, own = reader.scores_and_maps(frame)
            findings += _findings(reader.card, scores, number, provenance)
            maps.append(own)
    labels = LabelMap(tuple(slices), model.card.labels, provenance) if slices else None
    told = tuple(maps) if any(maps) else ()
    return Inference(tuple(findings), labels, provenance, tuple(remarks), told)


def provenance_of(model: Model) -> Provenance:
    """Who says so, and since when."""
    from medviewer.ai.runtime import version  # noqa: PLC0415  as above

    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Provenance(model.name, model.version, model.sha256, now, (("onnxruntime", version()),))


def _of_series(
    reader: Reader, given: Sequence[Frame], provenance: Provenance, remarks: tuple[str, ...]
) -> Inference:
    """One answer from all slices together."""
    if reader.card.task == "segmentation":
        values = reader.stack_mask(given)
        slices = tuple(read_only(one) if one.any() else None for one in values)
        return Inference((), LabelMap(slices, reader.card.labels, provenance), provenance, remarks)
    found = _findings(reader.card, reader.stack_scores(given), None, provenance)
    return Inference(tuple(found), None, provenance, remarks)


def _findings(
    card: Card, scores: Sequence[float], number: int | None, provenance: Provenance
) -> Iterator[Finding]:
    for label, score in zip(card.output.labels, scores, strict=True):
        if card.task == "regression":
            yield Finding(label.name, 1.0, 0.0, provenance, number, value=score, unit=label.unit)
            continue
        yield Finding(label.name, score, label.threshold, provenance, number)


def _steps(count: int, context: TaskContext) -> Iterator[TaskContext]:
    """A context for each frame, whose progress is a share of the whole."""
    for at in range(count):
        words = f"Picture {at + 1} of {count}" if count > 1 else "Reading the picture"
        context.report(at / count, words)
        yield context.part(at / count, (at + 1) / count)
    context.report(1.0, "Done")


def _planes_of_values(values: NDArray[Any], card: Card) -> NDArray[np.float32]:
    """A mask that already holds label values, as one plane per value."""
    most = max(label.value for label in card.output.labels)
    planes: NDArray[np.float32] = (values[..., None] == np.arange(most + 1)).astype(np.float32)
    return planes


def _checked_ports(network: Network, card: Card) -> Port:
    """The input of *network*, when it agrees with *card*. Raises ModelTrouble."""
    wanted = card.input
    if len(network.inputs) != 1 or network.inputs[0].name != wanted.name:
        names = ", ".join(port.name for port in network.inputs)
        raise ModelTrouble(
            f"{card.name} takes {names:.100}; its card says {wanted.name}.", "Correct the card."
        )
    names = ", ".join(port.name for port in network.outputs)
    if card.output.name not in [port.name for port in network.outputs]:
        raise ModelTrouble(
            f"{card.name} gives {names:.100}; its card says {card.output.name}.", "Correct the card."
        )
    port = network.inputs[0]
    if wanted.layout == FEATURES:
        return _checked_features(port, card)
    sides = wanted.size or (None, None)
    shape = (None, *sides, wanted.channels) if wanted.layout == "NHWC" else (None, wanted.channels, *sides)
    if wanted.is_stacked:
        shape = (None, wanted.slices or None, *sides, wanted.channels)
    if len(port.shape) not in (0, len(shape)):
        raise ModelTrouble(
            f"{card.name} takes {len(port.shape)} dimensions, and what its card says "
            f"has {len(shape)} with its batch."
        )
    for at, (has, says) in enumerate(zip(port.shape, shape, strict=False)):
        if has is not None and says is not None and has != says:
            channel = at == (1 if wanted.layout == "NCHW" else len(shape) - 1)
            what = "channels" if channel else "pixels on a side"
            raise ModelTrouble(
                f"{card.name} expects {has} {what}, and its card says {says}.", "Correct the card."
            )
    if (
        port.shape
        and wanted.size is None
        and not wanted.is_stacked
        and any(port.shape[1:3] if wanted.layout == "NHWC" else port.shape[2:])
    ):
        card_size = "x".join(str(side) for side in port.shape[1:])
        raise ModelTrouble(
            f"{card.name} takes one size only ({card_size}), and its card says any.", "Correct the card."
        )
    if port.kind != _KINDS[wanted.dtype]:
        raise ModelTrouble(
            f"{card.name} takes {port.kind}, and its card says {wanted.dtype}.", "Correct the card."
        )
    return replace(port)


def _checked_features(port: Port, card: Card) -> Port:
    count = len(card.input.feature_names)
    if len(port.shape) != 2 or port.shape[1] not in (None, count):
        raise ModelTrouble(f"{card.name} does not take {count} features, as its card says.", "Correct it.")
    if port.kind != _KINDS["float32"]:
        raise ModelTrouble(f"{card.name} takes {port.kind}, and features are float32.", "Export it again.")
    return replace(port)
