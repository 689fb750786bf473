"""The dated table of the bench: every row that has a limit, and whether it was kept."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from medviewer.cli.measuring import at_least, at_most

HOME = Path(__file__).parents[2]


def test_every_row_with_a_limit_stands_in_the_table() -> None:
    spec = importlib.util.spec_from_file_location("bench_table", HOME / "packaging" / "bench_table.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    page = script.page(
        {
            "date": "2026-01-02T03:04+00:00",
            "version": "1.0",
            "machine": {"system": "Linux", "python": "3.11", "cores": 2},
            "files": {"headers": at_least(20.0, 15.0), "memory": at_most(5.0, 4.0, "mb")},
            "operations": {"gamma 512x512": {"plain": "skimage's adjust_gamma", **at_most(0.9, 1.3)}},
            "volumes": {"oblique": {"missing": "SimpleITK is not installed."}},
            "window": {"platform": "xcb", "wheel": {"ours_ms": 1.5, **at_most(4.0, 6.0)}},
            "painting": {"missing": "Painting could not be measured here: the window did not open."},
            "keeping": {"noted": {"ms": 3.0, **at_most(3.0, 20.0, "ms")}},
            "stalls": {},
            "training": {"28 px": at_least(9.0, 3.0)},
        }
    )
    assert "on 2026-01-02" in page
    assert "| headers | 20.0 times (at least 15 wanted: kept) |" in page
    assert "| memory | 5.0 MB (at most 4 wanted: MISSED) |" in page
    assert "| wheel | 4.0 times (at most 6 wanted: kept) |" in page
    assert "| gamma 512x512 | 0.9 times (at most 1.3 wanted: kept), beside skimage's adjust_gamma |" in page
    assert "| noted | 3.0 ms (at most 20 wanted: kept) |" in page
    assert "oblique" not in page
