"""What a training run is asked to do, section by section: each setting declared once for all."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Any, Literal

from medviewer.kit.frozen import frozen
from medviewer.kit.params import Slider, Value, Words


@frozen
class Choice:
    """A declared network, loss, optimiser or schedule by name, with the values of its own parameters."""

    name: str
    values: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def of(cls, name: str, **values: Value) -> Choice:
        """With parameters by name."""
        return cls(name, tuple(sorted(values.items())))

    def to_dict(self) -> dict[str, Any]:
        """This for a file: the name and the parameters side by side."""
        return {"name": self.name, **dict(self.values)}


@frozen
class DataPlan:
    """What is learnt from, and what becomes of that which is missing."""

    path: Annotated[str, Words("Data", "folder or .npz file")] = ""
    task: Literal[
        "auto", "classification", "multilabel", "regression", "segmentation", "enhancement", "generation"
    ] = "auto"
    unit: Annotated[
        Literal["picture", "series"], Words("One example is", "series: a network over slices, or in 3-D")
    ] = "picture"
    labels: Annotated[str, Words("Table of labels", "CSV with a column of names and columns of labels")] = ""
    target: Annotated[str, Words("Column to learn", "of the table; several with commas between")] = ""
    subgroups: Annotated[
        str, Words("Columns of subgroups", "told apart in the evaluation; with commas between")
    ] = ""
    missing: Annotated[
        Literal["report", "drop", "fill", "interpolate"],
        Words("Missing values", "report: stop and name them; fill: by the middle value or the commonest"),
    ] = "report"
    unlabelled: Annotated[
        str, Words("Pictures without labels", "folder, from which semi-supervised estimators learn as well")
    ] = ""
    hidden: Annotated[
        float, Slider(0, 0.99, label="Share of labels to hide, to see what unlabelled pictures add")
    ] = 0.0


@frozen
class SplitPlan:
    """Who learns, who chooses, who judges: patients are divided, never pictures of one patient."""

    held_out: Annotated[float, Slider(0.05, 0.5, label="Share that judges")] = 0.2
    chosen_by: Annotated[float, Slider(0.05, 0.5, label="Share of the rest that chooses")] = 0.1
    folds: Annotated[int, Slider(0, 20, label="Folds, 0 for one division")] = 0
    fold: Annotated[int, Slider(1, 20, label="Which fold judges")] = 1
    file: Annotated[str, Words("File of the division", "split.csv of another run, to divide as it did")] = ""


@frozen
class InputPlan:
    """How a picture becomes what the network takes; the card repeats it and the viewer does the same."""

    size: Annotated[int, Slider(0, 1024, label="Side, 0 chooses", unit="px")] = 0
    slices: Annotated[int, Slider(0, 512, label="Slices of a series, 0 for any number")] = 0
    spacing: Annotated[float, Slider(0, 20, label="Pixel after resampling, 0 as it is", unit="mm")] = 0.0
    fit: Literal["stretch", "letterbox", "crop"] = "stretch"
    scale: Literal["percentile", "window", "range", "z-score"] = "percentile"
    low: Annotated[float | None, Slider(-1e6, 1e6, label="Low end of the values")] = None
    high: Annotated[float | None, Slider(-1e6, 1e6, label="High end of the values")] = None
    features: Annotated[
        str,
        Words("Features", "of an estimator: intensity, glcm(levels=16; distances=1 2); all when empty"),
    ] = ""


@frozen
class TrainPlan:
    """How long and how carefully."""

    epochs: Annotated[int, Slider(1, 10_000)] = 30
    batch: Annotated[int, Slider(1, 1024)] = 16
    learning_rate: Annotated[float, Slider(1e-7, 1.0)] = 1e-3
    patience: Annotated[int, Slider(1, 10_000, label="Patience", unit="epochs")] = 10
    seed: Annotated[int, Slider(0, 2**31 - 1)] = 1
    class_weights: Annotated[
        Literal["balanced", "none"], Words("Rare classes", "balanced: they weigh more")
    ] = "balanced"
    mixed_precision: Annotated[bool, Words("Half precision", "where there is a graphics card for it")] = False
    weights: Annotated[str, Words("Begin with", "file of weights (.npz or .weights.h5) to transfer from")] = (
        ""
    )
    frozen: Annotated[int, Slider(0, 10_000, label="Epochs in which transferred layers rest")] = 0
    noise: Annotated[
        float, Slider(0, 2, label="Noise that makes the worse picture", unit="of the range of values")
    ] = 0.1
    checkpoint: Annotated[int, Slider(0, 86_400, label="Seconds from checkpoint to checkpoint")] = 60
    tensorboard: Annotated[bool, Words("TensorBoard log", "to look at with the program tensorboard")] = False


@frozen
class ModelPlan:
    """What the model will be called, and what is said of it."""

    name: Annotated[str, Words("Name", "by default that of the data")] = ""
    version: str = "1.0"
    labels: Annotated[str, Words("Names of the labels", "with commas between")] = ""
    units: Annotated[str, Words("Units", "of a regression's numbers, with commas between")] = ""
    modality: Annotated[str, Words("Modalities", "that it is for, with commas between")] = ""
    body: Annotated[str, Words("Body parts", "that it is for, with commas between")] = ""
    parts: Annotated[int, Slider(0, 1000, label="Connected parts of each label that stay, 0 all")] = 0
    about: Annotated[str, Words("About", "JSON with title, for and made for the card")] = ""
    largest: Annotated[float, Slider(0, 2000, label="Largest file, 0 any", unit="MB")] = 0.0
    int8: Annotated[bool, Words("8-bit variant", "with its loss measured")] = False
    fp16: Annotated[bool, Words("16-bit variant", "with its loss measured")] = False
    install: Annotated[bool, Words("Install", "also put the model where the viewer finds it")] = True


@frozen
class Configuration:
    """One training run."""

    data: DataPlan = DataPlan()
    split: SplitPlan = SplitPlan()
    input: InputPlan = InputPlan()
    augment: tuple[tuple[str, Value], ...] = ()
    """limits of `Augmentation` that are not as usual, by name; ``strength`` multiplies all"""
    network: Choice = Choice("")
    """"" chooses by the task"""
    loss: Choice = Choice("")
    optimizer: Choice = field(default_factory=lambda: Choice.of("adamw"))
    schedule: Choice = field(default_factory=lambda: Choice.of("cosine"))
    train: TrainPlan = TrainPlan()
    model: ModelPlan = ModelPlan()
