"""Nuclear medicine: reconstructed slices lie in the patient, other frames are what their vectors say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medviewer.core.study import Series
from medviewer.dicom.group import group
from medviewer.dicom.read import read_header
from tests import factories

RECON = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]


def nuclear(path: Path, count: int, kind: list[str], **values: Any) -> Path:
    pixels = np.stack([np.full((8, 10), at, np.uint16) for at in range(count)])
    detector = factories.item(
        ImagePositionPatient=[-20.0, -16.0, 100.0], ImageOrientationPatient=[1, 0, 0, 0, 1, 0]
    )
    given = {
        "ImageType": kind,
        "PixelSpacing": [4.0, 4.0],
        "FrameOfReferenceUID": factories.uid("frame"),
        "DetectorInformationSequence": [detector],
        **values,
    }
    return factories.write(path, factories.picture(pixels, modality="NM", **given))


def _series(*paths: Path) -> list[Series]:
    return [series for study in group(read_header(path) for path in paths) for series in study.series]


@pytest.mark.rule("P-37", "P-41")
@pytest.mark.parametrize(("spacing", "order"), [(5.0, [0, 1, 2, 3]), (-5.0, [3, 2, 1, 0])])
def test_reconstructed_slices_lie_in_the_patient(tmp_path: Path, spacing: float, order: list[int]) -> None:
    path = nuclear(tmp_path / "a.dcm", 4, RECON, SpacingBetweenSlices=spacing, SliceVector=[1, 2, 3, 4])
    (series,) = _series(path)
    assert [address.frame for address in series.frames] == order
    assert series.geometry.spacing == pytest.approx((5.0, 4.0, 4.0))
    first = next(address.plane for address in series.frames if address.frame == 0)
    assert first.origin == pytest.approx((-20, -16, 100))


def test_the_heartbeat_of_a_reconstruction_is_a_dimension(tmp_path: Path) -> None:
    path = nuclear(
        tmp_path / "a.dcm",
        12,
        ["ORIGINAL", "PRIMARY", "RECON GATED TOMO", "EMISSION"],
        SpacingBetweenSlices=5.0,
        TimeSlotVector=[1] * 4 + [2] * 4 + [3] * 4,
        SliceVector=[1, 2, 3, 4] * 3,
    )
    (series,) = _series(path)
    assert (series.dimension.words(1), series.places) == ("Phase 2 / 3", 4)
    assert [address.frame for address in series.frames] == list(range(12))


@pytest.mark.parametrize("kind", ["TOMO", "STATIC", "WHOLE BODY", "DYNAMIC"])
def test_what_a_detector_saw_has_no_place_in_the_patient(tmp_path: Path, kind: str) -> None:
    path = nuclear(
        tmp_path / "a.dcm", 3, ["ORIGINAL", "PRIMARY", kind, "EMISSION"], AngularViewVector=[1, 2, 3]
    )
    (series,) = _series(path)
    assert [address.frame for address in series.frames] == [0, 1, 2]
    assert not any(address.plane.placed for address in series.frames)


def test_two_detectors_that_saw_the_same_times_have_a_slider(tmp_path: Path) -> None:
    path = nuclear(
        tmp_path / "a.dcm",
        10,
        ["ORIGINAL", "PRIMARY", "DYNAMIC", "EMISSION"],
        DetectorVector=[1] * 5 + [2] * 5,
        PhaseVector=[1] * 10,
        TimeSliceVector=[1, 2, 3, 4, 5] * 2,
    )
    (series,) = _series(path)
    assert (series.dimension.name, series.places) == ("Detector", 5)
    assert [address.frame for address in series.frames] == list(range(10))
    assert series.geometry is None


@pytest.mark.parametrize(
    "values",
    [
        {"SliceVector": [1, 2]},
        {"SliceVector": None, "SpacingBetweenSlices": None},
        {"SpacingBetweenSlices": 0.0, "SliceVector": [1, 2, 3]},
        {"DetectorInformationSequence": None, "SliceVector": [1, 2, 3]},
        {"SliceVector": [0, 65535, 3]},
    ],
)
def test_vectors_that_do_not_fit_cost_no_picture(tmp_path: Path, values: dict) -> None:
    path = nuclear(tmp_path / "a.dcm", 3, RECON, **{"SpacingBetweenSlices": 5.0, **values})
    assert sum(series.count for series in _series(path)) == 3


def test_a_real_reconstruction_without_a_position_stays_in_its_order(shared_data: Path) -> None:
    (series,) = _series(shared_data / "dicom" / "nm-pt" / "NM-MONO2-16-13x-heart")
    assert [address.frame for address in series.frames] == list(range(13))
    assert not series.frames[0].plane.placed


@pytest.mark.parametrize("first", [0.0, 30.0])
def test_planes_of_a_dose_lie_where_its_offsets_say(tmp_path: Path, first: float) -> None:
    pixels = np.stack([np.full((8, 10), at, np.uint16) for at in range(4)])
    values = {
        "PixelSpacing": [2.0, 2.0],
        "ImagePositionPatient": [0.0, 0.0, 30.0],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "FrameOfReferenceUID": factories.uid("frame"),
        "GridFrameOffsetVector": [first, first + 3.0, first + 6.0, first + 9.0],
    }
    data = factories.picture(pixels, modality="RTDOSE", kind="OT", **values)
    (series,) = _series(factories.write(tmp_path / "dose.dcm", data))
    assert [address.plane.origin[2] for address in series.frames] == [30, 33, 36, 39]
    assert series.geometry.spacing == pytest.approx((3.0, 2.0, 2.0))
