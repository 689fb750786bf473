"""The card of a model: everything the viewer needs to know about it and training knows.

The card lives as JSON in the model's own metadata under the key `KEY`; for a file from elsewhere a
``NAME.card.json`` beside it says the same. `card_text` reads and writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any, Literal

from medviewer.core.labels import Label
from medviewer.kit.frozen import frozen

KEY = "medviewer.card"
SAMPLE_KEY = "medviewer.sample"

Task = Literal["classification", "multilabel", "regression", "segmentation", "enhancement"]
REGRESSION = "regression"
"""The task of a network that gives numbers: each of its labels is one, with its unit."""
ENHANCEMENT = "enhancement"
"""The task of a network that takes a picture and gives a picture: `enhance` runs it, `infer` does not."""
STACKED = "NDHWC"
"""The layout of (series, slice, row, column, channel)."""
FEATURES = "features"
"""The layout of (picture, feature): numbers that are taken of a picture of the size of the input."""


@frozen
class Applies:
    """For which images a model was made; an empty tuple means any."""

    modality: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    view: tuple[str, ...] = ()


@frozen
class Values:
    """How grey values become what the network was trained on."""

    scale: str = "percentile"
    """percentile: *low* and *high* are percentiles of the picture; window: they are modality values;
    range: smallest and largest value; z-score: mean 0, deviation 1; none: modality values as they are"""
    low: float = 0.5
    high: float = 99.5
    to: tuple[float, float] = (0.0, 1.0)
    """what *low* and *high* become; unused by z-score and none"""
    mean: tuple[float, ...] = ()
    """per channel, taken off after scaling; empty for none"""
    deviation: tuple[float, ...] = ()
    """per channel, divided by after *mean*"""
    bright: Literal["dense", "stored"] = "dense"
    """dense: a picture whose lowest value is white (MONOCHROME1) is turned over first"""


@frozen
class Geometry:
    """How a picture of any size becomes one of the network's size."""

    fit: str = "stretch"
    """stretch: to the size, sides change; letterbox: sides keep, the rest is *pad*; crop: the middle with
    the sides of the network; native: as it is, padded to a multiple; tiles: as it is, in overlapping parts.
    Pixels of a fixed spacing are brought to it first: crop then takes the middle and pads what is lacking"""
    pad: float = 0.0
    """what padding is, after scaling of the values"""
    overlap: float = 0.5
    """of neighbouring tiles"""
    batch: int = 4
    """tiles per run"""


@frozen
class Input:
    """What the network takes."""

    name: str
    layout: str = "NHWC"
    """NHWC or NCHW of pictures; NDHWC of all slices of a series together; features: numbers of pictures"""
    channels: int = 1
    size: tuple[int, int] | None = None
    """(rows, columns), or None when the network takes any size"""
    divisible_by: int = 1
    """of any size, what rows and columns must be multiples of"""
    dtype: str = "float32"
    values: Values = field(default_factory=Values)
    geometry: Geometry = field(default_factory=Geometry)
    spacing: tuple[float, ...] = ()
    """mm from pixel to pixel, (row, column), to which a picture is brought first; of a series (slice, row,
    column), where 0 leaves the slices as far apart as they are. () leaves all as it is"""
    slices: int = 0
    """how many slices of a series; 0 takes any number"""
    features: tuple[str, ...] = ()
    """which are taken of the prepared picture, each with all its parameters: ``glcm(levels=32; ...)``"""
    feature_names: tuple[str, ...] = ()
    """of the numbers that these features give, in order"""

    @property
    def is_stacked(self) -> bool:
        """Whether it takes all slices of a series together."""
        return self.layout == STACKED


@frozen
class Meaning:
    """What one output channel, or one value of a mask, means."""

    value: int
    name: str
    color: str
    threshold: float = 0.5
    """the operating point at and above which the answer is yes"""
    unit: str = ""
    """of the number that a regression gives"""
    scale: float = 1.0
    """by which that number is multiplied"""
    offset: float = 0.0
    """what is added to it then"""


@frozen
class Output:
    """What the network gives."""

    name: str
    labels: tuple[Meaning, ...]
    activation: str = "none"
    """what is still to be applied: none, sigmoid or softmax"""
    temperature: float = 1.0
    """logits are divided by it before the activation, so that probabilities are calibrated"""
    layout: str = "NHWC"
    """of a mask"""
    smallest_island: float = 0.0
    """parts of a mask below this fraction of the picture are dropped"""
    largest_parts: int = 0
    """how many parts of each label stay; 0 for all"""
    explains: str = ""
    """another output with a class activation map, or nothing"""
    predicts: str = "picture"
    """of an enhancement: the better picture, or the noise that is to be taken off; both in the numbers that
    the network takes"""


@frozen
class Made:
    """Where a model comes from and what it is for."""

    by: str = ""
    when: str = ""
    data: str = ""
    license: str = ""
    citation: str = ""
    intended: str = ""
    limits: str = ""
    split: str = ""
    precision: str = ""
    """of its numbers where they are not 32 bits wide: float16 or int8"""
    derived_from: str = ""
    """SHA-256 of the file of 32 bits from which this one was made"""
    seed: int | None = None
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@frozen
class Card:
    """What a model says about itself."""

    name: str
    version: str
    task: Task
    title: str
    applies: Applies
    input: Input
    output: Output
    made: Made
    metrics: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """figures on held-out data; each either a number or {"value", "low", "high"} with a 95 % interval"""
    loops: bool = False
    """whether the network may hold loops; only a card beside the file can allow that"""

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels of the masks this model draws."""
        return tuple(Label(label.value, label.name, label.color) for label in self.output.labels)
