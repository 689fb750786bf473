"""What was measured as a table: every number with its unit, of all that is open, without anybody's name."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from medviewer.kit.errors import BadValue
from medviewer.session.session import Session
from tests import factories


@pytest.fixture
def ct(session: Session, tmp_path: Path) -> Session:
    factories.ct(
        tmp_path / "ct", spacing=(0.8, 0.5), PatientName="Doe^Jane", PatientID="4711", SeriesNumber=7
    )
    factories.xray(tmp_path / "ct" / "x.dcm", SeriesNumber=9)
    session.run("study.open", paths=(tmp_path / "ct",))
    return session


def draw(session: Session, shape: str, *spots: tuple[float, float]) -> str:
    plane = session.rendering.plane(session.view.current)
    assert plane is not None
    return str(session.run("annotate.add", shape=shape, points=[plane.to_patient(*one) for one in spots]))


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


def test_every_number_has_a_line_with_its_unit_and_rule(ct: Session, tmp_path: Path) -> None:
    ct.run("view.goto", index=3)
    draw(ct, "length", (10, 10), (10, 50))
    draw(ct, "ellipse", (20, 20), (40, 50))
    ct.run("annotate.meaning", value="27925004", scheme="SCT", meaning="Nodule")
    path = tmp_path / "measurements.csv"
    ct.run("measure.export", path=path)
    rows = table(path)
    assert rows[0]["Quantity"] == "length"
    assert float(rows[0]["Value"]) == pytest.approx(20)
    assert (rows[0]["Unit"], rows[0]["Picture"], rows[0]["Series"]) == ("mm", "4", "7")
    found = {row["Quantity"]: row for row in rows if row["Name"] == "Ellipse 1"}
    assert list(found) == ["area", "mean", "SD", "minimum", "maximum", "pixels"]
    pixels = ct.frames.load(ct.view.current.series, 3)
    down, right = np.mgrid[:64, :64]
    inside = ((down - 30) / 10) ** 2 + ((right - 35) / 15) ** 2 <= 1 + 1e-9
    values = pixels.values()[inside].astype(np.float64)
    assert float(found["mean"]["Value"]) == pytest.approx(values.mean())
    assert float(found["SD"]["Value"]) == pytest.approx(values.std())
    assert float(found["area"]["Value"]) == pytest.approx(inside.sum() * 0.8 * 0.5)
    assert found["mean"]["Unit"] == "HU"
    assert "population" in found["SD"]["Rule"]
    assert (found["area"]["Meaning"], found["area"]["Code"]) == ("Nodule", "27925004 SCT")


def test_a_perimeter_goes_by_the_line_and_an_area_by_the_pixels(ct: Session, tmp_path: Path) -> None:
    draw(ct, "polygon", (10, 10), (10, 50), (40, 30))
    ct.run("measure.export", path=tmp_path / "measurements.csv")
    found = {row["Quantity"]: row["Rule"] for row in table(tmp_path / "measurements.csv")}
    assert found["perimeter"] == "length of the line"
    assert "centre" in found["area"]


def test_nobody_is_named_unless_asked(ct: Session, tmp_path: Path) -> None:
    draw(ct, "length", (10, 10), (10, 50))
    plain, named = tmp_path / "plain.csv", tmp_path / "named.csv"
    ct.run("measure.export", path=plain)
    ct.run("measure.export", path=named, identity=True)
    assert "Doe" not in plain.read_text("utf-8-sig")
    assert "4711" not in plain.read_text("utf-8-sig")
    assert table(named)[0]["Patient ID"] == "4711"


def test_without_measurements_there_is_no_table(ct: Session, tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="no measurements"):
        ct.run("measure.export", path=tmp_path / "none.xlsx")
    assert not (tmp_path / "none.xlsx").exists()
