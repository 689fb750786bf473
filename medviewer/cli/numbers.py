"""``medviewer numbers``: what an enhancement did to one picture, as the panel Numbers tells it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import Any

from medviewer.cli import desk, output
from medviewer.cli.arguments import add_index, add_json, add_look, add_path, add_series
from medviewer.imaging.numbers import OneSide
from medviewer.imaging.region import Statistics
from medviewer.kit.errors import BadValue
from medviewer.session.number_words import NO_UNIT, csv_text, described, heads, rows
from medviewer.session.numbers import Answer, answer, question
from medviewer.session.session import Session


def declare(parser: ArgumentParser) -> None:
    """The arguments."""
    add_path(parser)
    add_index(parser)
    parser.add_argument(
        "--region",
        metavar="TOP,LEFT,BOTTOM,RIGHT",
        action="append",
        default=[],
        help="a rectangle of pixels, counted from 0 and ends included; with two of them the "
        "contrast-to-noise ratio is told",
    )
    add_series(parser)
    add_look(parser)
    kinds = parser.add_mutually_exclusive_group()
    add_json(kinds)  # type: ignore[arg-type]
    kinds.add_argument("--csv", action="store_true", help="answer in CSV")


def run(values: Namespace) -> int:
    """Tell the numbers of the original and of the enhanced picture."""
    found = _found(values)
    if values.json:
        output.tell_json(_plain(found))
    elif values.csv:
        sys.stdout.write(csv_text(rows(found)))
    else:
        output.tell(described(found))
        if found.has_grey_steps and found.asked.is_enhanced:
            output.tell(NO_UNIT)
        width = 4 if found.asked.is_enhanced else 2
        lines = (
            ("", *heads(found)),
            *((one.title, one.before, one.after, one.change) for one in rows(found)),
        )
        output.table(line[:width] for line in lines)
    return 0


def _found(values: Namespace) -> Answer:
    corners = [_corners(text) for text in values.region]
    if len(corners) not in (0, 2):
        raise BadValue("Contrast is between two regions.", "Give --region twice, or not at all.")
    known = desk.contents(values.path)
    series = desk.chosen(known, values.path, values.series)
    index = desk.frame_number(series, values.index)
    with desk.session(known) as opened:
        desk.put(opened, series, desk.look(values.step, values.recipe, series if values.default else None))
        desk.show(opened, series, index, values.window)
        opened.rendering.draw(opened.view.active, None)
        for one in corners:
            _draw(opened, one)
        asked = question(opened, opened.view.active)
        if isinstance(asked, str):
            raise BadValue("There are no numbers.", asked)
        found = answer(opened, asked)
    if found.regions is not None and None in found.regions.before:
        rows_there, columns = series.frames[index].plane.shape
        raise BadValue(
            "A region holds no pixel of the picture.",
            f"Rows are 0 to {rows_there - 1}, columns 0 to {columns - 1}; padding does not count.",
        )
    return found


def _corners(text: str) -> tuple[int, ...]:
    """(top, left, bottom, right). Raises BadValue."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4 or not all(part.isdecimal() for part in parts):
        raise BadValue(f"{text!r:.40} is no region.", "Give top,left,bottom,right, such as 100,120,130,160.")
    return tuple(int(part) for part in parts)


def _draw(opened: Session, corners: tuple[int, ...]) -> None:
    """Draw a rectangle as a reader would."""
    plane = opened.rendering.plane(opened.view.current)
    assert plane is not None
    points = [plane.to_patient(corners[at], corners[at + 1]) for at in (0, 2)]
    opened.run("annotate.add", shape="rectangle", points=points)


def _plain(found: Answer) -> dict[str, Any]:
    """The same for a program; a ratio without limit is null, and `equal` says so."""
    told = found.numbers
    answered: dict[str, Any] = {
        "enhanced": found.asked.names[1] if found.asked.is_enhanced else None,
        "pixels": told.pixels,
        "unit": told.unit,
        "enhanced_has_unit": not found.has_grey_steps,
        "ssim": told.ssim,
        "psnr_db": told.psnr,
        "equal": told.psnr == float("inf"),
        "rmse": told.rmse,
        "before": _side(told.before),
        "after": None if told.after is None else _side(told.after),
    }
    if found.regions is not None:
        before, after = found.regions.cnr
        answered["regions"] = [
            {"before": _statistics(one), "after": _statistics(two)}
            for one, two in zip(found.regions.before, found.regions.after, strict=True)
        ]
        answered["cnr"] = {"before": before, "after": after}
    return answered


def _side(one: OneSide) -> dict[str, Any]:
    return {
        "entropy_bits_of_256_greys": one.entropy,
        "noise_of_greys": one.noise,
        "noise": one.measured_noise,
        "black_share": one.black,
        "white_share": one.white,
    }


def _statistics(one: Statistics | None) -> dict[str, Any] | None:
    return None if one is None else asdict(one)
