"""What ``medviewer bench`` says of single pictures and enhancements, each beside copying as many bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from medviewer.cli import output
from medviewer.cli.measuring import Work, in_turns, milliseconds
from medviewer.core.geometry import Plane
from medviewer.core.pipeline import Pipeline, Step
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.imaging.grayscale import lut8
from medviewer.imaging.render import RenderRequest, enhance, render

SIDE = 1024
"""Rows and columns of the picture that is enhanced."""


def pictures() -> dict[str, Any]:
    """The pixels of one 512 x 512 picture, beside copying as many bytes as it shows."""
    frame = _frame(512)
    request = RenderRequest(series="bench", index=0, voi=VOI(40, 400))
    windows = iter(range(10_000_000))

    def dragged() -> object:
        voi = VOI(40, 400 + next(windows) / 64)
        lut8(frame, voi)
        return render(frame, (), replace(request, voi=voi))

    shown, copy = np.zeros((512, 512), np.uint8), np.empty((512, 512), np.uint8)
    seconds = in_turns(
        {
            "copy": lambda: np.copyto(copy, shown),
            "render": lambda: render(frame, (), request),
            "drag": dragged,
        },
        repeat=50,
    )
    return {
        "copy_ms": milliseconds(seconds["copy"]),
        "render_ms": milliseconds(seconds["render"]),
        "window_drag_ms": milliseconds(seconds["drag"]),
    }


def tell_pictures(found: Mapping[str, Any]) -> None:
    """One line."""
    output.tell(
        f"512 x 512: {found['render_ms']} ms, after a window drag {found['window_drag_ms']} ms, "
        f"a plain copy {found['copy_ms']} ms"
    )


def enhancements() -> dict[str, Any]:
    """Each enhancement with its defaults on one picture, beside copying the picture as float32."""
    frame = _frame(SIDE)
    values = frame.values()
    copy = np.empty_like(values)
    voi = VOI(40, 400)
    works: dict[str, Work] = {"copy": lambda: np.copyto(copy, values)}
    for operation in ENHANCEMENTS:
        pipeline = Pipeline((Step.of(operation.name, operation.checked({})),))
        works[operation.name] = lambda pipeline=pipeline: enhance(frame, voi, pipeline)  # type: ignore[misc]
    seconds = in_turns(works, rounds=3)
    base = seconds.pop("copy")
    return {
        name: {"ms": milliseconds(spent), "times_copy": round(spent / base, 1)}
        for name, spent in seconds.items()
    }


def tell_enhancements(found: Mapping[str, Any]) -> None:
    """A table."""
    rows = [(name, f"{one['ms']:.1f} ms", f"{one['times_copy']} x copy") for name, one in found.items()]
    output.table([("enhancement", f"{SIDE} x {SIDE}", ""), *rows])


def _frame(side: int) -> Frame:
    rows, columns = np.mgrid[0:side, 0:side]
    noise = np.random.default_rng(1).normal(0, 20, (side, side))
    stored = 1024 + 300 * np.sin(rows / 40) * np.cos(columns / 30) + noise
    return Frame(
        pixels=read_only(stored.astype(np.int16)),
        plane=Plane((side, side)),
        rescale=Rescale(1.0, -1024.0, unit="HU"),
    )
