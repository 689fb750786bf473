"""``medviewer measure``: the numbers of the window, without one."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medviewer.cli.main import main
from medviewer.session.session import Session
from tests import factories


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    factories.ct(tmp_path / "in", slices=4, rows=60, columns=80, spacing=(0.8, 0.5))
    return tmp_path / "in"


def told(capsys: pytest.CaptureFixture[str], *words: object) -> list[dict[str, Any]]:
    assert main(["measure", *map(str, words), "--json"]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def numbers(one: dict[str, Any]) -> dict[str, float]:
    return {quantity["name"]: quantity["value"] for quantity in one["quantities"]}


@pytest.mark.rule("P-44", "P-53")
def test_shapes_are_measured_as_they_would_be_drawn(folder: Path, capsys) -> None:
    draw = (
        "length:10,10:40,10",
        "bidirectional:10,10:10,50:0,30:20,30",
        "angle:10,10:40,10:40,58",
        "cobb:10,10:10,50:20,10:20,50",
        "rectangle:9.5,9.5:19.5,29.5",
        "polygon:9.5,9.5:19.5,9.5:19.5,29.5:9.5,29.5",
        "point:30,40",
        "profile:30,0:30,79",
    )
    words = [part for one in draw for part in ("--draw", one)]
    length, pair, angle, cobb, rectangle, polygon, point, line = told(capsys, folder, "--index", 1, *words)
    assert numbers(length) == {"length": pytest.approx(24)}
    assert numbers(pair) == {"long axis": pytest.approx(20), "short axis": pytest.approx(16)}
    assert numbers(angle)["angle"] == pytest.approx(90)
    assert numbers(cobb)["angle"] == pytest.approx(0)
    assert numbers(rectangle)["area"] == pytest.approx(10 * 20 * 0.8 * 0.5)
    assert "population" in rectangle["rule"]
    same = {"area", "mean", "SD", "minimum", "maximum", "pixels"}
    assert {name: numbers(polygon)[name] for name in same} == {
        name: numbers(rectangle)[name] for name in same
    }
    stored = factories.phantom(4, 60, 80)[1]
    assert numbers(point)["value"] == stored[30, 40] - 1024
    values = line["profile"]["values"]
    assert values[0] == stored[30, 0] - 1024
    assert values[-1] == stored[30, 79] - 1024
    assert line["profile"]["distances"][-1] == pytest.approx(79 * 0.5)
    assert {one["picture"] for one in (length, point)} == {"2"}


@pytest.mark.rule("P-51")
def test_a_picture_without_a_size_is_calibrated_by_a_length(tmp_path: Path, capsys) -> None:
    factories.gray(tmp_path / "plain.dcm", np.zeros((60, 60), np.uint16))
    draw = ("--draw", "length:10,10:10,50", "--draw", "length:10,10:30,10")
    one, two = told(capsys, tmp_path, *draw)
    assert (one["quantities"][0]["unit"], two["remark"]) == ("px", "uncalibrated")
    one, two = told(capsys, tmp_path, *draw, "--real", 80)
    assert numbers(two) == {"length": pytest.approx(40)}
    assert two["remark"] == "calibrated by hand"


def test_a_table_holds_all_of_it(folder: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out.csv"
    assert main(["measure", str(folder), "--draw", "ellipse:10,10:40,40", "-o", str(out)]) == 0
    assert "Ellipse 1" in capsys.readouterr().out
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    assert [row["Quantity"] for row in rows][:2] == ["area", "mean"]


def test_what_was_measured_in_the_window_is_told(folder: Path, capsys) -> None:
    session = Session()
    session.run("study.open", paths=(folder,))
    plane = session.rendering.plane(session.view.current)
    session.run("annotate.add", shape="length", points=[plane.to_patient(0, 0), plane.to_patient(0, 40)])
    session.close()
    (one,) = told(capsys, folder)
    assert one["name"] == "Length 1"
    assert numbers(one) == {"length": pytest.approx(20)}


@pytest.mark.parametrize(
    "wrong", ["circle:1,2:3,4", "length:1,2", "length:1,2:3", "polygon:1,2:3,4", "length:a,b:c,d", "text:1,2"]
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(folder: Path, capsys, wrong: str) -> None:
    assert main(["measure", str(folder), "--draw", wrong]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_nothing_measured_is_no_table(folder: Path, capsys) -> None:
    assert main(["measure", str(folder)]) == 2
    assert "Nothing was measured" in capsys.readouterr().err
