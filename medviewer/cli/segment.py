"""``medviewer segment``: parts of a stack or of a picture, found by methods, measured and written down."""

from __future__ import annotations

import argparse
import io
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

import medviewer.imaging.segment  # noqa: F401 - the methods declare themselves on import
from medviewer.cli import desk, output
from medviewer.cli.arguments import add_json, add_path, add_series
from medviewer.cli.folder import write_json
from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.labels import SAFE_COLORS, Label
from medviewer.core.study import Series
from medviewer.export.exporter import trouble
from medviewer.imaging.files.label_file import Layer, write_labels
from medviewer.imaging.files.names import GRIDS, SURFACES, ending_of
from medviewer.imaging.files.surface_file import Colored, write_surfaces
from medviewer.imaging.segment.cleaning import CLEANINGS, Cleaning
from medviewer.imaging.segment.grid import Grid, grid_of, grid_of_frame
from medviewer.imaging.segment.measured import measured
from medviewer.imaging.segment.method import METHODS, Method, Seed
from medviewer.imaging.segment.surface import surface
from medviewer.kit.errors import BadValue, ExportTrouble, SeriesTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.params import Value
from medviewer.kit.registry import Registry
from medviewer.kit.task import TaskContext
from medviewer.session.session import Session

NOTICE = "Measured on a mask that nobody has checked; for research, not a diagnosis."
MOST_LABELS = 255
WRITTEN = (".npz", ".json", *GRIDS, *SURFACES)

Listed = TypeVar("Listed", Method, Cleaning)
Where = ImageGeometry | Plane


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    parser.add_argument(
        "--method",
        metavar="NAME:KEY=VALUE,...",
        action="append",
        required=True,
        help="what finds a part; several make several labels, and where they overlap the last one has it",
    )
    parser.add_argument(
        "--seed",
        metavar="SLICE,ROW,COLUMN",
        action="append",
        default=[],
        help="a voxel inside of what is looked for, counted from 0, or with :outside one that is not; "
        "ROW,COLUMN with --frame",
    )
    parser.add_argument(
        "--clean",
        metavar="NAME:KEY=VALUE,...",
        action="append",
        default=[],
        help="what tidies each part; several are applied in the order given",
    )
    parser.add_argument(
        "--frame",
        metavar="N",
        type=int,
        help="only this picture, counted from 0; the whole stack unless given",
    )
    add_series(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        help="FILE.npz, .nii.gz or .seg.nrrd for the labels with their place in the patient, .stl or .ply "
        "for their surfaces, .json for the numbers",
    )
    parser.add_argument(
        "--dicom",
        metavar="FOLDER",
        type=Path,
        help="where a new folder is made for a Segmentation object of the same study",
    )
    add_json(parser)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(["methods:", *_listed(METHODS), "", "cleaning:", *_listed(CLEANINGS)])


def run(values: Namespace) -> int:
    """Find, tidy, measure and write."""
    if values.output is not None and not values.output.name.lower().endswith(WRITTEN):
        raise BadValue(f"{values.output.name} has another ending.", f"Choose {', '.join(WRITTEN)}.")
    methods = [asked(text, METHODS) for text in values.method]
    steps = [asked(text, CLEANINGS) for text in values.clean]
    seeds = [seed_of(text) for text in values.seed]
    _check(methods, seeds)
    found = desk.contents(values.path)
    series = desk.chosen(found, values.path, values.series)
    context = output.context()
    with desk.session(found) as opened:
        grid, where = _grid(opened, series, values.frame, context)
        labels = np.zeros(grid.values.shape, np.uint8)
        for number, (method, chosen) in enumerate(methods, 1):
            mask = method(grid, seeds if method.takes_seeds else (), context=context, **chosen)
            for cleaning, how in steps:
                mask = cleaning(mask, grid, context=context, **how)
            labels[mask] = number
        told = _told(series, values, [text.partition(":")[0].strip() for text in values.method], labels, grid)
        if values.dicom is not None:
            # highdicom takes a moment to load: those who write no object need not wait for it
            from medviewer.cli.segment_dicom import save  # noqa: PLC0415

            named = [
                (part["name"], method.title) for part, (method, _) in zip(told["parts"], methods, strict=True)
            ]
            told["dicom"] = str(
                save(opened, series, values.frame, labels, where, named, values.dicom, context)
            )
    _write(values.output, labels, where, told)
    _tell(told, values.output, values.json)
    return 0


def asked(text: str, registry: Registry[Listed]) -> tuple[Listed, dict[str, Value]]:
    """The method or step in ``otsu:side=dark``, with all its values. Raises BadValue."""
    name, _, rest = text.partition(":")
    one = registry[name.strip()]
    declared = {parameter.name: parameter for parameter in one.parameters}
    values: dict[str, Value] = {}
    for pair in filter(None, rest.split(",")):
        key, has_value, value = (part.strip() for part in pair.partition("="))
        if not has_value or key not in declared:
            known = ", ".join(declared) or "none"
            raise BadValue(
                f"{one.name} has no parameter {pair.strip()!r:.60}.", f"Its parameters are: {known}."
            )
        values[key] = declared[key].parse(value)
    return one, one.checked(values)


def seed_of(text: str) -> Seed:
    """The seed in ``40,256,300`` or ``40,256,300:outside``. Raises BadValue."""
    place, _, side = text.partition(":")
    try:
        index = tuple(int(part) for part in place.split(","))
    except ValueError:
        index = ()
    if len(index) not in (2, 3) or side.strip() not in ("", "inside", "outside"):
        raise BadValue(
            f"{text!r:.60} is no seed.",
            "Give SLICE,ROW,COLUMN, with :outside for what does not belong to it.",
        )
    return Seed(index, side.strip() != "outside")


def _check(methods: Sequence[tuple[Method, dict[str, Value]]], seeds: Sequence[Seed]) -> None:
    if len(methods) > MOST_LABELS:
        raise BadValue(f"There are {len(methods)} methods.", f"At most {MOST_LABELS} labels can be kept.")
    if seeds and not any(method.takes_seeds for method, _ in methods):
        raise BadValue("None of the methods takes seeds.", "Leave out --seed, or choose Watershed.")


def _grid(opened: Session, series: Series, frame: int | None, context: TaskContext) -> tuple[Grid, Where]:
    """The stack, or one picture: that of --frame, or the only one there is. Raises SeriesTrouble."""
    if frame is None and series.count > 1:
        if opened.frames.geometry(series) is None:
            raise SeriesTrouble(
                "The pictures of this series form no stack.", "Choose one of them with --frame."
            )
        volume = opened.frames.volume(series.key, 0, context)
        return grid_of(volume), volume.geometry
    picture = opened.frames.load(series.key, desk.frame_number(series, frame or 0))
    return grid_of_frame(picture), picture.plane


def _told(
    series: Series, values: Namespace, names: Sequence[str], labels: NDArray[np.uint8], grid: Grid
) -> dict[str, Any]:
    parts = [
        {"label": number, "name": name, "method": text, **asdict(measured(labels == number, grid))}
        for number, (name, text) in enumerate(zip(names, values.method, strict=True), 1)
    ]
    return {
        "modality": series.modality,
        "frame": values.frame,
        "shape": list(labels.shape),
        "spacing": [float(step) for step in grid.spacing],
        "calibrated": grid.calibrated,
        "cleaning": list(values.clean),
        "parts": parts,
        "notice": NOTICE,
    }


def _write(path: Path | None, labels: NDArray[np.uint8], where: Where, told: dict[str, Any]) -> None:
    if path is None:
        return
    if path.suffix.lower() == ".json":
        write_json(path, told)
        return
    if path.suffix.lower() != ".npz":
        _write_files(path, labels, where, told)
        return
    content = io.BytesIO()
    names = [part["name"] for part in told["parts"]]
    arrays: dict[str, Any] = {"labels": labels, "names": np.array(names), **_place(where)}
    np.savez_compressed(content, **arrays)
    try:
        write_atomically(path, content.getvalue())
    except OSError as error:
        raise trouble(path, error) from None


def _write_files(path: Path, labels: NDArray[np.uint8], where: Where, told: dict[str, Any]) -> None:
    """What other programs read: a label map on the grid of the stack, or the surfaces of its labels."""
    if not isinstance(where, ImageGeometry):
        raise BadValue("One picture is no stack.", "Leave --frame out, or write .npz.")
    named = tuple(
        Label(part["label"], part["name"], SAFE_COLORS[at % len(SAFE_COLORS)])
        for at, part in enumerate(told["parts"])
    )
    try:
        if ending_of(path):
            write_labels(path, Layer(labels, named), where)
            return
        parts = [
            Colored(surface(labels == one.value, where), one.name, one.color)
            for one in named
            if (labels == one.value).any()
        ]
        if not parts:
            raise ExportTrouble("Nothing was found, so there is no surface.", "Choose another method.")
        write_surfaces(path, parts)
    except OSError as error:
        raise trouble(path, error) from None


def _place(where: Where) -> dict[str, NDArray[np.float64]]:
    """Origin, directions and spacing, axis by axis as the labels have them, in mm of the patient (LPS)."""
    if isinstance(where, ImageGeometry):
        directions: Sequence[Any] = where.directions
    else:
        directions = (where.along_column, where.along_row)
    given = {"origin": where.origin, "directions": directions, "spacing": where.spacing}
    return {name: np.array(value, np.float64) for name, value in given.items()}


def _tell(told: dict[str, Any], path: Path | None, is_json: bool) -> None:
    if is_json:
        output.tell_json(told)
        return
    output.table([_line(part) for part in told["parts"]])
    output.tell(NOTICE)
    if path is not None:
        output.tell(f"Written: {path}.")
    if "dicom" in told:
        output.tell(f"Written: a Segmentation object in {told['dicom']}.")


def _line(part: dict[str, Any]) -> tuple[str, ...]:
    size = f"{part['size']:,.2f} {part['unit']}"
    if part["mean"] is None:
        return (part["name"], size, "nothing found")
    return (part["name"], size, f"mean {part['mean']:.1f} ± {part['sd']:.1f} {part['value_unit']}".rstrip())


def _listed(registry: Registry[Any]) -> list[str]:
    """Each method or step with its parameters and their limits."""
    lines = []
    for one in registry:
        seeds = " (needs --seed)" if getattr(one, "needs_seeds", False) else ""
        lines.append(f"  {one.name}: {one.title}{seeds}")
        lines += [
            f"      {parameter.name}: {parameter.limits()}; {parameter.default} unless given"
            for parameter in one.parameters
        ]
    return lines
