"""``medviewer explain``: where in a picture a model's answer comes from, as a picture and as numbers."""

from __future__ import annotations

import io
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from medviewer.ai import explain
from medviewer.ai.attribution import CLASS_MAP, Attribution
from medviewer.ai.card import Values
from medviewer.ai.catalog import find
from medviewer.ai.explain import Picture
from medviewer.ai.infer import Reader
from medviewer.ai.prepare import values_of
from medviewer.cli import desk, output
from medviewer.cli.arguments import add_folder, add_json, add_series
from medviewer.cli.folder import made, write_json
from medviewer.cli.infer import NOTICE
from medviewer.export.exporter import trouble
from medviewer.export.pen import draw
from medviewer.export.picture import encoded, write_picture
from medviewer.imaging.heat import ROOM, heat_bar, heated, strongest
from medviewer.imaging.pictures import SUFFIXES, read_picture
from medviewer.imaging.resample import resize_image
from medviewer.kit.errors import BadValue
from medviewer.kit.files import write_atomically
from medviewer.kit.task import TaskContext

RESULT = "result.json"
METHODS = {"map": CLASS_MAP, "occlusion": explain.OCCLUSION, "differences": explain.DIFFERENCES}
LEAST_PX, MOST_PX = 384, 1024
"""Sides of what is drawn; the numbers have the picture's own size."""


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    parser.add_argument("model", metavar="MODEL", help="a model of medviewer models, or an .onnx file")
    parser.add_argument("pictures", metavar="PICTURE", nargs="+", type=Path, help="DICOM, PNG or JPEG files")
    add_folder(parser)
    parser.add_argument(
        "--label", metavar="NAME", default="", help="the label to explain; the likeliest unless given"
    )
    parser.add_argument(
        "--method",
        choices=("auto", *METHODS),
        default="auto",
        help="map: the network's own class map; occlusion: parts are covered; differences: integrated "
        "gradients by finite differences; auto takes the map where there is one, else occlusion",
    )
    parser.add_argument(
        "--patch", metavar="PX", type=int, default=0, help="side of what is covered, in pixels of the network"
    )
    parser.add_argument("--stride", metavar="PX", type=int, default=0, help="from one patch to the next")
    parser.add_argument(
        "--baseline",
        choices=get_args(explain.Baseline),
        default="mean",
        help="what stands for nothing: the picture's mean, its darkest value, or itself without detail",
    )
    parser.add_argument(
        "--frame", metavar="N", type=int, default=0, help="which picture of a series, counted from 0"
    )
    add_series(parser)
    add_json(parser)


def run(values: Namespace) -> int:
    """Write a picture with the map over it, the map as NPY and TIFF, and result.json with the sums."""
    if values.patch < 0 or values.stride < 0:
        raise BadValue("Patch and stride are numbers of pixels.", "Leave them out to have them chosen.")
    model = find(values.model)
    folder = made(values.output)
    context = output.context()
    reader = Reader(model, context.token)
    told = []
    for number, (path, picture) in enumerate(_pictures(values)):
        part = context.part(number / len(values.pictures), (number + 1) / len(values.pictures))
        scores = reader.scores(picture)
        label = _label(reader, values.label, scores)
        found = _explained(reader, picture, label, part, values)
        # never named by what the file was called: names of files may name patients
        files = _write(folder, f"{number:04d}", picture, found)
        told.append({"picture": str(path), **_described(found, scores[label]), "files": files})
    whole = {
        "model": {"name": model.name, "version": model.version, "sha256": model.sha256},
        "notice": NOTICE,
        "pictures": told,
    }
    kept = [{key: value for key, value in one.items() if key != "picture"} for one in told]
    write_json(folder / RESULT, {**whole, "pictures": kept})
    if values.json:
        output.tell_json(whole)
    else:
        _tell(told, folder)
    return 0


def _pictures(values: Namespace) -> Iterator[tuple[Path, Picture]]:
    for path in values.pictures:
        if path.suffix.lower() in SUFFIXES:
            yield path, read_picture(path)
            continue
        found = desk.contents(path)
        series = desk.chosen(found, path, values.series)
        number = desk.frame_number(series, values.frame)
        with desk.session(found) as opened:
            yield path, opened.source(series.key)[1].frame(number)


def _label(reader: Reader, name: str, scores: tuple[float, ...]) -> int:
    if not name:
        return int(np.argmax(scores))
    names = [label.name.lower() for label in reader.card.output.labels]
    if name.lower() not in names:
        known = ", ".join(label.name for label in reader.card.output.labels)
        raise BadValue(f"{reader.card.title} has no label {name!r:.80}.", f"It has: {known}.")
    return names.index(name.lower())


def _explained(
    reader: Reader, picture: Picture, label: int, context: TaskContext, values: Namespace
) -> Attribution:
    method = explain.best_method(reader) if values.method == "auto" else METHODS[values.method]
    if method == CLASS_MAP:
        return explain.class_map(reader, picture, label)
    if method == explain.OCCLUSION:
        return explain.occlusion(
            reader,
            picture,
            label,
            context,
            patch=values.patch,
            stride=values.stride,
            baseline=values.baseline,
        )
    return explain.path_differences(reader, picture, label, context, baseline=values.baseline)


def _write(folder: Path, name: str, picture: Picture, found: Attribution) -> list[str]:
    values = found.on_picture()
    content = io.BytesIO()
    np.save(content, values, allow_pickle=False)
    for ending, data in ((".npy", content.getvalue()), (".tiff", encoded(values, ".tiff"))):
        path = folder / f"explained-{name}{ending}"
        try:
            write_atomically(path, data)
        except OSError as error:
            raise trouble(path, error) from None
    write_picture(_drawn(picture, values, found), folder / f"explained-{name}.png", NOTICE)
    return [f"explained-{name}{ending}" for ending in (".png", ".npy", ".tiff")]


def _drawn(picture: Picture, values: NDArray[np.float32], found: Attribution) -> NDArray[np.uint8]:
    """The picture beside itself with the map over it, and the bar."""
    plain = values_of(picture, Values())
    low, high = np.percentile(plain, (0.5, 99.5))
    unit = np.clip((plain - low) / max(float(high - low), 1e-6), 0, 1)
    largest, smallest = max(values.shape), min(values.shape)
    factor = min(MOST_PX / largest, max(1.0, LEAST_PX / smallest))
    size = (max(1, round(values.shape[0] * factor)), max(1, round(values.shape[1] * factor)))
    greys = np.round(resize_image(unit.astype(np.float32), size) * 255).astype(np.uint8)
    most = strongest(values)
    over = heated(greys, resize_image(values, size), most)
    strip = np.zeros((size[0], round(ROOM), 3), np.uint8)
    draw(strip, heat_bar(most, found.unit, size[0]))
    gap = np.zeros((size[0], 8, 3), np.uint8)
    return np.hstack([np.repeat(greys[..., None], 3, axis=2), gap, over, strip])


def _described(found: Attribution, score: float) -> dict[str, Any]:
    return {
        "label": found.label,
        "score": round(float(score), 6),
        "method": found.method,
        "unit": found.unit,
        "checks": {name: round(value, 6) for name, value in found.checks.items()},
    }


def _tell(told: list[dict[str, Any]], folder: Path) -> None:
    for one in told:
        output.tell(
            f"{one['picture']}: {one['label']} {one['score']:.3f}, by {one['method']} ({one['unit']})"
        )
        for name, value in one["checks"].items():
            output.tell(f"  {name}: {value:.4f}")
        output.tell(f"  {', '.join(one['files'])}")
    output.tell(NOTICE)
    output.tell(f"Everything is in {folder}.")
