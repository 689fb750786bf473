"""The card of a model as JSON: read with one sentence for each fault, and written."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

from medviewer.ai.card import (
    ENHANCEMENT,
    FEATURES,
    REGRESSION,
    STACKED,
    Applies,
    Card,
    Geometry,
    Input,
    Made,
    Meaning,
    Output,
    Values,
)
from medviewer.ai.reading import Reading
from medviewer.core.labels import SAFE_COLORS
from medviewer.kit.errors import CardInvalid

SCHEMA = 1
LARGEST_CARD = 1_000_000
MOST_FEATURES = 20_000
TASKS = ("classification", "multilabel", REGRESSION, "segmentation", "enhancement")
LAYOUTS = ("NHWC", "NCHW", STACKED, FEATURES)
KEEPING_FITS = ("crop", "native", "tiles")
"""Geometries that do not change how large a pixel is."""
FITS = ("stretch", "letterbox", "crop", "native", "tiles")
SCALES = ("percentile", "window", "range", "z-score", "none")
ACTIVATIONS = ("none", "sigmoid", "softmax")
PREDICTS = ("picture", "noise")
_DERIVED = ("precision", "derived_from")


def read_card(text: str, name: str = "the model") -> Card:
    """The card in *text*. Raises CardInvalid with one sentence per fault."""
    if len(text) > LARGEST_CARD:
        raise CardInvalid(name, ["It is far too large for a card."])
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise CardInvalid(name, ["It is not JSON."]) from None
    if not isinstance(found, dict):
        raise CardInvalid(name, ["It is not a JSON object."])
    reading = Reading(found)
    card = _card(reading)
    faults = [*reading.faults, *([] if reading.faults else _contradictions(card))]
    if faults:
        raise CardInvalid(name, faults)
    return card


def write_card(card: Card) -> str:
    """*card* as JSON that `read_card` understands."""
    return json.dumps(_as_dict(card), ensure_ascii=False, allow_nan=False, indent=1)


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no JSON number")


def _card(found: Reading) -> Card:
    schema = found.whole("schema", SCHEMA, 1, 1_000_000)
    if schema > SCHEMA:
        found.fault(f"It is written for a newer medviewer (schema {schema}).")
    task = found.choice("task", TASKS)
    title = found.text("title", "")
    name = found.name("name")
    return Card(
        name=name,
        version=found.text("version"),
        task=task,  # type: ignore[arg-type]
        title=title or name,
        applies=_applies(found.part("for", required=False)),
        input=_input(found.part("input"), task),
        output=_output(found.part("output"), task),
        made=_made(found.part("made", required=False)),
        metrics=found.plain("metrics"),
        loops=found.switch("loops", False),
    )


def _applies(found: Reading) -> Applies:
    upper = {key: tuple(word.upper() for word in found.words(key)) for key in ("modality", "body", "view")}
    return Applies(**upper)


def _input(found: Reading, task: str) -> Input:
    return Input(
        name=found.text("name"),
        layout=found.choice("layout", LAYOUTS, "NHWC"),
        channels=found.whole("channels", 1, 1, 3),
        size=found.size("size"),
        divisible_by=found.whole("divisible_by", 1, 1, 1024),
        dtype=found.choice("dtype", ("float32", "float16", "uint8"), "float32"),
        values=_values(found.part("values", required=False), task),
        geometry=_geometry(found.part("geometry", required=False)),
        spacing=found.numbers("spacing", ()),
        slices=found.whole("slices", 0, 0, 4096),
        features=found.words("features"),
        feature_names=found.words("feature_names", MOST_FEATURES),
    )


def _values(found: Reading, task: str) -> Values:
    scale = found.choice("scale", SCALES, "percentile")
    ends = (0.5, 99.5) if scale == "percentile" else (0.0, 1.0)
    to = found.numbers("to", (0.0, 1.0))
    if len(to) != 2:
        found.fault('The entry "to" of values needs two numbers.')
        to = (0.0, 1.0)
    return Values(
        scale=scale,
        low=found.number("low", ends[0], -1e9, 1e9, required=scale == "window"),
        high=found.number("high", ends[1], -1e9, 1e9, required=scale == "window"),
        to=(to[0], to[1]),
        mean=found.numbers("mean", ()),
        deviation=found.numbers("deviation", ()),
        # an enhancement works before the greys are turned, on values as they are
        bright=found.choice(  # type: ignore[arg-type]
            "bright", ("dense", "stored"), "stored" if task == ENHANCEMENT else "dense"
        ),
    )


def _geometry(found: Reading) -> Geometry:
    return Geometry(
        fit=found.choice("fit", FITS, "stretch"),
        pad=found.number("pad", 0.0, -1e6, 1e6),
        overlap=found.number("overlap", 0.5, 0.0, 0.9),
        batch=found.whole("batch", 4, 1, 64),
    )


def _output(found: Reading, task: str) -> Output:
    return Output(
        name=found.text("name"),
        labels=_labels(found, task),
        activation=found.choice("activation", ACTIVATIONS, "none"),
        temperature=found.number("temperature", 1.0, 0.01, 100.0),
        layout=found.choice("layout", LAYOUTS, "NHWC"),
        smallest_island=found.number("smallest_island", 0.0, 0.0, 1.0),
        largest_parts=found.whole("largest_parts", 0, 0, 1000),
        explains=found.text("explains", ""),
        predicts=found.choice("predicts", PREDICTS, PREDICTS[0]),
    )


def _labels(found: Reading, task: str) -> tuple[Meaning, ...]:
    if task == ENHANCEMENT and not found.has("labels"):
        return ()
    return tuple(_meaning(part, at, task) for at, part in enumerate(found.parts("labels")))


def _meaning(found: Reading, at: int, task: str) -> Meaning:
    first = 1 if task == "segmentation" else 0
    return Meaning(
        value=found.whole("value", at + first, first, 255),
        name=found.text("name"),
        color=found.color("color", SAFE_COLORS[at % len(SAFE_COLORS)]),
        threshold=found.number("threshold", 0.5, 0.0, 1.0),
        unit=found.text("unit", ""),
        scale=found.number("scale", 1.0, -1e9, 1e9),
        offset=found.number("offset", 0.0, -1e9, 1e9),
    )


def _made(found: Reading) -> Made:
    texts = {
        key: found.text(key, "")
        for key in ("by", "when", "data", "license", "citation", "intended", "limits", "split", *_DERIVED)
    }
    versions = found.plain("versions")
    return Made(
        **texts,
        seed=found.whole("seed", 0, 0, 2**63 - 1) if found.has("seed") else None,
        versions=MappingProxyType({str(key): str(value) for key, value in versions.items()}),
    )


def _contradictions(card: Card) -> list[str]:
    """What is well formed and still cannot be."""
    faults = []
    values = [label.value for label in card.output.labels]
    if not values and card.task != ENHANCEMENT:
        faults.append("It has no labels.")
    if len(set(values)) != len(values):
        faults.append("Two labels have the same value.")
    plan, fit = card.input.values, card.input.geometry.fit
    if plan.scale in ("window", "percentile") and plan.low >= plan.high:
        faults.append("The lower end of the values is not below the upper one.")
    if plan.scale == "percentile" and not (plan.low >= 0 and plan.high <= 100):
        faults.append("A percentile lies outside 0 to 100.")
    for what, numbers in (("mean", plan.mean), ("deviation", plan.deviation)):
        if len(numbers) not in (0, card.input.channels):
            faults.append(f"The {what} needs one number per channel.")
    if any(number <= 0 for number in plan.deviation):
        faults.append("A deviation is not above 0.")
    if card.input.size is None and fit != "native":
        faults.append(f'Without a size the geometry must be "native", not "{fit}".')
    if card.input.size is not None and fit == "native":
        faults.append('The geometry "native" contradicts a fixed size.')
    if fit == "tiles" and card.task not in ("segmentation", ENHANCEMENT):
        faults.append('The geometry "tiles" is for segmentation and enhancement only.')
    faults += _spacing_faults(card.input)
    faults += _feature_faults(card)
    if card.task == ENHANCEMENT:
        faults += _no_enhancement(card)
    if card.task == REGRESSION and card.output.activation != "none":
        faults.append('The activation of a regression must be "none".')
    if card.task == "classification" and card.output.activation == "sigmoid" and len(values) != 2:
        faults.append("A classification with sigmoid needs exactly two labels.")
    return faults


def _no_enhancement(card: Card) -> list[str]:
    """Why a picture could not come back from this network in its own values on its own grid."""
    faults = []
    plan = card.input.values
    if card.output.labels:
        faults.append("An enhancement has no labels.")
    if card.input.channels != 1:
        faults.append("An enhancement takes one channel and gives one.")
    if card.input.geometry.fit not in ("native", "tiles"):
        faults.append('The geometry of an enhancement must be "native" or "tiles".')
    if plan.bright != "stored":
        faults.append('The values of an enhancement must be taken as "stored".')
    if plan.to[0] == plan.to[1]:
        faults.append('The two numbers of "to" are the same.')
    if card.output.activation != "none":
        faults.append('The activation of an enhancement must be "none".')
    return faults


def _spacing_faults(plan: Input) -> list[str]:
    faults = []
    if plan.spacing:
        if len(plan.spacing) != (3 if plan.is_stacked else 2):
            faults.append("A spacing needs two numbers, and of a series three.")
        elif min(plan.spacing[-2:]) <= 0 or min(plan.spacing) < 0 or max(plan.spacing) > 1000:
            faults.append("A spacing must lie above 0 and be at most 1000 mm.")
        if plan.geometry.fit not in KEEPING_FITS:
            faults.append(f"With a spacing the geometry must be one of {', '.join(KEEPING_FITS)}.")
    if plan.slices and not plan.is_stacked:
        faults.append(f'A number of slices needs the layout "{STACKED}".')
    if plan.is_stacked and plan.geometry.fit == "tiles":
        faults.append('The geometry "tiles" is for pictures, not for series.')
    return faults


def _feature_faults(card: Card) -> list[str]:
    plan = card.input
    if plan.layout != FEATURES:
        return [f'Features need the layout "{FEATURES}".'] if plan.features else []
    from medviewer.ai.features import faults_of  # noqa: PLC0415  only these models need the arithmetic

    faults = [] if card.task in ("classification", "regression") else [f"Features are not for {card.task}."]
    if plan.channels != 1 or plan.dtype != "float32":
        faults.append("Features are taken of one channel, as float32.")
    return faults + faults_of(plan)


def _as_dict(card: Card) -> dict[str, Any]:
    values, geometry, made = card.input.values, card.input.geometry, card.made
    return {
        "schema": SCHEMA,
        "name": card.name,
        "version": card.version,
        "task": card.task,
        "title": card.title,
        "for": {key: list(getattr(card.applies, key)) for key in ("modality", "body", "view")},
        "input": {
            "name": card.input.name,
            "layout": card.input.layout,
            "channels": card.input.channels,
            "size": list(card.input.size) if card.input.size else None,
            "divisible_by": card.input.divisible_by,
            "dtype": card.input.dtype,
            "values": _listed(values, "scale", "low", "high", "to", "mean", "deviation", "bright"),
            "geometry": _listed(geometry, "fit", "pad", "overlap", "batch"),
            **({"spacing": list(card.input.spacing)} if card.input.spacing else {}),
            **({"slices": card.input.slices} if card.input.slices else {}),
            **(_listed(card.input, "features", "feature_names") if card.input.features else {}),
        },
        "output": {
            **_listed(card.output, "name", "activation", "temperature", "layout"),
            **_listed(card.output, "smallest_island", "largest_parts", "explains", "predicts"),
            "labels": [_label(label) for label in card.output.labels],
        },
        "made": {
            **_listed(made, "by", "when", "data", "license", "citation", "intended", "limits", "split"),
            **_listed(made, *(name for name in _DERIVED if getattr(made, name))),
            **({} if made.seed is None else {"seed": made.seed}),
            "versions": dict(made.versions),
        },
        "metrics": dict(card.metrics),
        "loops": card.loops,
    }


def _label(label: Meaning) -> dict[str, Any]:
    plain = Meaning(label.value, label.name, label.color)
    more = [name for name in ("unit", "scale", "offset") if getattr(label, name) != getattr(plain, name)]
    return _listed(label, "value", "name", "color", "threshold", *more)


def _listed(value: object, *names: str) -> dict[str, Any]:
    found = {name: getattr(value, name) for name in names}
    return {name: list(item) if isinstance(item, tuple) else item for name, item in found.items()}
