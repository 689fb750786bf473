"""``medviewer infer``: a model reads a series, and what it says is written down with its name on it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import numpy as np

from medviewer.ai.catalog import find
from medviewer.ai.infer import Inference, infer
from medviewer.cli import desk, output
from medviewer.cli.arguments import add_folder, add_json, add_path, add_series
from medviewer.cli.folder import made, write_json
from medviewer.core.study import Series
from medviewer.core.volume import LazyFrames
from medviewer.export.picture import write_picture
from medviewer.session.commands.ai import keep
from medviewer.session.session import Session

RESULT = "result.json"
NOTICE = "A proposal of a model, for research; not a diagnosis. Verify it on the images."


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    parser.add_argument(
        "--model", metavar="NAME_OR_FILE", required=True, help="a model of medviewer models, or an .onnx file"
    )
    add_folder(parser)
    add_series(parser)
    parser.add_argument(
        "--frame", metavar="N", type=int, help="only this picture, counted from 0; all unless given"
    )
    add_json(parser)


def run(values: Namespace) -> int:
    """Write DIR/result.json; for a segmentation also a mask and a picture with its overlay per frame."""
    model = find(values.model)
    found = desk.contents(values.path)
    series = desk.chosen(found, values.path, values.series)
    one = None if values.frame is None else desk.frame_number(series, values.frame)
    indices = tuple(range(series.count)) if one is None else (one,)
    folder = made(values.output)
    with desk.session(found) as opened:
        _, source = opened.source(series.key)
        result = infer(
            model,
            LazyFrames(source.frame, indices),
            series.modality,
            output.context(),
            body_part=series.body_part,
            view=series.detail("ViewPosition"),
            indices=indices,
        )
        masks = _write_masks(opened, series, result, indices, folder)
    told = {**_described(series, result, indices), "masks": masks}
    write_json(folder / RESULT, told)
    if values.json:
        output.tell_json(told)
    else:
        _tell(told, folder)
    return 0


def _write_masks(
    opened: Session, series: Series, result: Inference, indices: tuple[int, ...], folder: Path
) -> list[dict[str, Any]]:
    """The label values of each frame as a picture file, and the picture with them laid over it."""
    if result.labels is None:
        return []
    keep(opened, series, result, indices)
    told = []
    for at, index in enumerate(indices):
        found = result.labels.slices[at]
        values = np.zeros(series.frames[index].plane.shape, np.uint8) if found is None else found
        mask, overlay = folder / f"mask-{index:04d}.png", folder / f"overlay-{index:04d}.png"
        write_picture(values, mask)
        write_picture(desk.composed(opened, series, index, "", 1.0), overlay, desk.note(opened))
        areas = {label.name: int((values == label.value).sum()) for label in result.labels.labels}
        told.append({"frame": index, "mask": mask.name, "overlay": overlay.name, "pixels": areas})
    return told


def _described(series: Series, result: Inference, indices: tuple[int, ...]) -> dict[str, Any]:
    made_by = result.provenance
    return {
        "model": {"name": made_by.model, "version": made_by.version, "sha256": made_by.sha256},
        "when": made_by.when,
        "series": series.uid,
        "modality": series.modality,
        "frames": list(indices),
        "state": "proposed",
        "notice": NOTICE,
        "remarks": list(result.remarks),
        "findings": [
            {
                "frame": one.frame,
                "what": one.what,
                "score": one.score,
                "threshold": one.threshold,
                "positive": one.positive,
                "value": one.value,
                "unit": one.unit,
            }
            for one in result.findings
        ],
        "labels": [
            {"value": one.value, "name": one.name, "color": one.color}
            for one in (result.labels.labels if result.labels else ())
        ],
    }


def _tell(told: dict[str, Any], folder: Path) -> None:
    model = told["model"]
    output.tell(f"{model['name']} {model['version']} says about {len(told['frames'])} pictures:")
    for one in told["findings"]:
        answer = "yes" if one["positive"] else "no"
        where = "series" if one["frame"] is None else f"frame {one['frame']}"
        if one["value"] is None:
            output.tell(f"  {where}: {one['what']} {one['score']:.3f} ({answer})")
        else:
            output.tell(f"  {where}: {one['what']} {one['value']:.4g} {one['unit']}".rstrip())
    for one in told["masks"]:
        areas = ", ".join(f"{name} {count:,} px" for name, count in one["pixels"].items())
        output.tell(f"  frame {one['frame']}: {areas}")
    for sentence in (*told["remarks"], NOTICE):
        output.tell(sentence)
    output.tell(f"Everything is in {folder}.")
