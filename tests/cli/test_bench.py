"""The bench: its figures, and that it keeps its promise about headers."""

from __future__ import annotations

import json

import pydicom
import pytest

from medviewer.cli import bench, bench_volumes
from medviewer.cli.main import main
from medviewer.cli.samples import write_headers
from medviewer.dicom.read import read_header


def test_the_files_it_measures_with_are_proper_dicom(tmp_path):
    for path in write_headers(tmp_path / "a", 3):
        data = pydicom.dcmread(path)
        assert data.pixel_array.shape == (64, 64)
        assert len(data) > 120
        header = read_header(path)
        assert header.get("SOPInstanceUID") == data.SOPInstanceUID
        assert header.get("InstanceNumber") == str(data.InstanceNumber)


def test_headers_are_read_at_least_five_times_as_fast_as_by_pydicom():
    told = bench.headers(150)
    assert told["ratio"] >= bench.LEAST_HEADER_RATIO
    assert told["kept"]


def test_the_figures_come_as_json(monkeypatch, capsys):
    monkeypatch.setattr(bench, "FILES", 20)
    monkeypatch.setattr(bench, "window", lambda: {"missing": "not measured in this test"})
    monkeypatch.setattr(bench_volumes, "SLICES", 30)
    monkeypatch.setattr(bench_volumes, "PACKED_SLICES", 2)
    monkeypatch.setattr(bench_volumes, "SIDE", 64)
    assert main(["bench", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["headers"]["files"] > 0
    assert told["pictures"]["copy_ms"] > 0
    for name in ("volume_native", "volume_from_nothing", "volume_compressed", "plane_orthogonal"):
        assert told["volumes"][name]["ratio"] > 0
        assert told["volumes"][name]["kept"] in (True, False)
    assert told["volumes"]["plane_oblique"]["ratio"] > 0
    assert {"clahe", "canny", "median"} <= set(told["enhancements"])
    monkeypatch.setattr(bench, "volumes", lambda _: {"plane_oblique": {"missing": "Not installed."}})
    monkeypatch.setattr(bench, "enhancements", lambda: {"gamma": {"ms": 1.0, "times_copy": 2.0}})
    assert main(["bench"]) == 0
    assert "times pydicom's" in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["", "no json", "[]"])
def test_a_window_that_does_not_open_is_a_sentence(monkeypatch, answer):
    class Done:
        returncode = 0
        stdout = answer

    monkeypatch.setattr(bench.subprocess, "run", lambda *_, **__: Done())
    assert "did not open" in bench.window()["missing"]


def test_window_figures_are_held_against_their_limits(monkeypatch):
    class Done:
        returncode = 0
        stdout = '{"first_image": {"ratio": 3.9}, "drag_512": {"ratio": 8.1}, "longest_stall": {"ms": 3}}'

    monkeypatch.setattr(bench.subprocess, "run", lambda *_, **__: Done())
    told = bench.window()
    assert told["first_image"]["kept"]
    assert not told["drag_512"]["kept"]
    assert "kept" not in told["longest_stall"]
