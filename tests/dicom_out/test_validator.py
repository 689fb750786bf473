"""An independent validator finds nothing wrong with what is written, whatever it was made from."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from medviewer.session.session import Session
from tests.dicom_out.work import (
    MODEL,
    complaints,
    draw_everything,
    drawn_labels,
    open_first,
    put,
    saved,
    statement,
)

SOURCES = (
    "ct-chest-lidc-0314",
    "ct-phantom-gantry-tilt",
    "mr-head-hfs",
    "mr-enhanced",
    "cr-dx-mg/cr-chest-rsna.dcm",
    "cr-dx-mg/dx_image.dcm",
    "cr-dx-mg/mg-pixelspacing-test.dcm",
    "us",
    "nm-pt",
)


@pytest.mark.parametrize("source", SOURCES)
def test_nothing_is_wrong_with_any_object_about(
    source: str, shared_data: Path, session: Session, tmp_path: Path
) -> None:
    path = shared_data / "dicom" / source
    if not path.exists():
        pytest.skip(f"{source} is not there")
    series = open_first(session, path)
    put(session, series, drawn_labels(series), drawn_labels(series, 2, MODEL), findings=[statement(frame=0)])
    draw_everything(session, series)
    session.run("key.toggle")
    chosen = {"presentation": True, "key_pictures": True, "picture": True, "reader": "Test^Reader"}
    written = saved(session, tmp_path / "out", together=True, **chosen)
    assert set(written) == {"segmentation", "measurements", "presentation", "key-images", "picture"}
    written["segmentation"] += saved(session, tmp_path / "out", measurements=False, form="fractional")[
        "segmentation"
    ]
    found = {one.name: complaints(one) for paths in written.values() for one in paths}
    assert not any(found.values()), found


def test_dcmtk_reads_the_report(shared_data: Path, session: Session, tmp_path: Path) -> None:
    if shutil.which("dsrdump") is None:
        pytest.skip("dsrdump of dcmtk is not installed")
    series = open_first(session, shared_data / "dicom" / "ct-phantom-gantry-tilt")
    put(session, series, drawn_labels(series))
    draw_everything(session, series)
    (path,) = saved(session, tmp_path / "out")["measurements"]
    done = subprocess.run(["dsrdump", str(path)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Imaging Measurement Report" in done.stdout
    assert done.stdout.count("Measurement Group") == 12 + 2
    assert not [line for line in done.stderr.splitlines() if line.startswith("E:")]
