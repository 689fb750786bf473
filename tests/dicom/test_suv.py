"""Uptake values are those of the published formula, and only where the file gives every number for it."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from medviewer.core.volume import Frame
from medviewer.imaging.grayscale import normalised
from tests import factories
from tests.dicom.pictures import frame, words

STORED = np.array([[0, 1, 100, 4000]], np.uint16)
HALF_LIFE = 6586.2


def _tracer(**values: Any) -> Dataset:
    return factories.item(
        **{
            "RadiopharmaceuticalStartTime": "100000",
            "RadionuclideTotalDose": "400000000",
            "RadionuclideHalfLife": "7200",
            **values,
        }
    )


def _pet(folder: Path, tracer: dict[str, Any] | None = None, **values: Any) -> Frame:
    """A PET picture: 80 kg, 400 MBq with a half-life of two hours given at ten, scanned from twelve on."""
    values = {
        "Units": "BQML",
        "CorrectedImage": ["DECY", "ATTN"],
        "DecayCorrection": "START",
        "PatientWeight": "80",
        "SeriesDate": "20200102",
        "SeriesTime": "120000",
        "AcquisitionDate": "20200102",
        "AcquisitionTime": "120500",
        "RescaleSlope": "5",
        "RescaleIntercept": "0",
        "RadiopharmaceuticalInformationSequence": [_tracer(**(tracer or {}))],
        **values,
    }
    return frame(factories.gray(folder / "a.dcm", STORED, modality="PT", **values))


def _refused(made: Frame) -> str:
    """Why there are no uptake values; the values are then those of the file."""
    assert made.rescale.unit != "SUVbw"
    assert made.rescale.slope == 5
    (remark,) = [remark for remark in made.remarks if remark.startswith("SUV not computed")]
    assert words(made, "SUV") == remark
    return remark


@pytest.mark.rule("P-11")
def test_activity_at_the_start_of_the_scan_is_led_to_uptake(tmp_path: Path) -> None:
    made = _pet(tmp_path)
    # one half-life later 200 MBq are left in 80,000 g: 2,500 Bq/mL everywhere would be an uptake of 1
    np.testing.assert_allclose(made.values(), [[0, 0.002, 0.2, 8.0]], rtol=1e-6)
    assert made.rescale.unit == "SUVbw"
    assert made.remarks == ()
    assert "factor 0.0004" in words(made, "SUV")
    assert "BQML" in words(made, "modality") or "Bq/mL" in words(made, "modality")


@pytest.mark.rule("P-11")
def test_activity_corrected_to_the_injection_needs_no_clock(tmp_path: Path) -> None:
    made = _pet(tmp_path, DecayCorrection="ADMIN", SeriesTime=None, AcquisitionTime=None)
    np.testing.assert_allclose(made.values(), [[0, 0.001, 0.1, 4.0]], rtol=1e-6)


@pytest.mark.rule("P-11", "P-21")
def test_windows_of_the_file_become_windows_of_uptake(tmp_path: Path) -> None:
    (window,) = _pet(tmp_path, WindowCenter="6250", WindowWidth="12500").windows
    assert (window.center, window.width) == pytest.approx((2.5, 5.0), rel=1e-3)


@pytest.mark.rule("P-10", "P-11", "P-14", "P-15")
@pytest.mark.parametrize("curve", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_a_picture_in_uptake_has_the_greys_that_its_file_gives_it_in_becquerel(
    tmp_path: Path, curve: str
) -> None:
    values = {"WindowCenter": "6000", "WindowWidth": "15000", "VOILUTFunction": curve}
    uptake = _pet(tmp_path / "uptake", **values)
    activity = _pet(tmp_path / "activity", PatientWeight=None, **values)
    assert (uptake.rescale.unit, activity.rescale.unit) == ("SUVbw", "Bq/mL")
    seen = [normalised(made.values(), made.windows[0]) for made in (uptake, activity)]
    np.testing.assert_allclose(seen[0], seen[1], atol=1e-6)
    assert 0 < seen[0][0, 2] < 1, "a grey, which a shifted window would change"


@pytest.mark.rule("P-11")
@pytest.mark.parametrize(
    "tracer",
    [
        {"RadiopharmaceuticalStartDateTime": "20200102100000"},
        {"RadiopharmaceuticalStartDateTime": "20200102100000.000000"},
        {"RadiopharmaceuticalStartDateTime": "20200102100000", "RadiopharmaceuticalStartTime": "070000"},
        {"RadiopharmaceuticalStartTime": "10"},
        {"RadiopharmaceuticalStartTime": b"10:00:00"},
    ],
)
def test_a_date_with_time_goes_before_a_time_alone(tmp_path: Path, tracer: dict) -> None:
    assert _pet(tmp_path, tracer).values()[0, 3] == pytest.approx(8.0)


@pytest.mark.rule("P-11")
def test_midnight_between_injection_and_scan_is_no_negative_time(tmp_path: Path) -> None:
    made = _pet(
        tmp_path,
        {"RadiopharmaceuticalStartTime": "230000"},
        SeriesTime="010000",
        AcquisitionTime="010500",
    )
    assert made.values()[0, 3] == pytest.approx(8.0)


@pytest.mark.rule("P-11")
def test_zones_are_led_to_each_other_where_both_are_known(tmp_path: Path) -> None:
    utc = {"RadiopharmaceuticalStartDateTime": "20200102090000+0000"}
    assert _pet(tmp_path, utc, TimezoneOffsetFromUTC="+0100").values()[0, 3] == pytest.approx(8.0)
    local = {"RadiopharmaceuticalStartDateTime": "20200102100000+0100"}
    assert _pet(tmp_path, local).values()[0, 3] == pytest.approx(8.0)


@pytest.mark.rule("P-11")
def test_a_series_made_afterwards_takes_the_clock_of_its_counts(tmp_path: Path) -> None:
    late = {"SeriesTime": "150000", "AcquisitionTime": "120500"}
    assert "frame reference time" in _refused(_pet(tmp_path, **late))
    # the counts of four minutes have their mean a little before the middle, which is 5 + 2 minutes after noon
    made = _pet(tmp_path, **late, FrameReferenceTime="419769.0", ActualFrameDuration="240000")
    rate = math.log(2) / 7200
    middle = math.log(rate * 240 / (1 - math.exp(-rate * 240))) / rate
    assert 119 < middle < 120
    left = 4e8 * 0.5 ** ((7200 + 300 + middle - 419.769) / 7200)
    assert made.values()[0, 3] == pytest.approx(20000 * 80000 / left, rel=1e-6)
    assert made.values()[0, 3] == pytest.approx(8.0, rel=1e-4)


@pytest.mark.rule("P-11")
def test_the_clock_of_one_vendor_is_used_where_it_is_there(tmp_path: Path) -> None:
    data = pydicom.dcmread(_written(tmp_path, SeriesTime="150000"))
    data.private_block(0x0009, "GEMS_PETD_01", create=True).add_new(0x0D, "DT", "20200102120000.00")
    data.save_as(tmp_path / "ge.dcm")
    assert frame(tmp_path / "ge.dcm").values()[0, 3] == pytest.approx(8.0)


def _written(folder: Path, **values: Any) -> Path:
    _pet(folder, **values)
    return folder / "a.dcm"


@pytest.mark.rule("P-11")
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"PatientWeight": None}, "weight"),
        ({"PatientWeight": "0"}, "weight"),
        ({"PatientWeight": b"abc "}, "weight"),
        ({"Units": None}, "Units"),
        ({"Units": "PROPCNTS"}, "PROPCNTS"),
        ({"Units": "CNTS"}, "counts"),
        ({"CorrectedImage": ["ATTN"]}, "decay"),
        ({"CorrectedImage": None}, "decay"),
        ({"DecayCorrection": "NONE"}, "Decay Correction"),
        ({"DecayCorrection": None}, "Decay Correction"),
        ({"SeriesTime": None}, "time of the series"),
        ({"SeriesDate": None}, "time of the series"),
        ({"AcquisitionTime": None}, "time of acquisition"),
        ({"RadiopharmaceuticalInformationSequence": None}, "tracer"),
        ({"tracer": {"RadionuclideTotalDose": None}}, "dose"),
        ({"tracer": {"RadionuclideTotalDose": "400"}}, "MBq"),
        ({"tracer": {"RadionuclideHalfLife": "0"}}, "half-life"),
        ({"tracer": {"RadiopharmaceuticalStartTime": None}}, "injection"),
        ({"tracer": {"RadiopharmaceuticalStartDateTime": "20200102130000"}}, "later than the scan"),
        ({"tracer": {"RadiopharmaceuticalStartDateTime": "20190102100000"}}, "hours apart"),
        ({"tracer": {"RadiopharmaceuticalStartDateTime": b"yesterday "}}, "cannot be read"),
    ],
)
def test_nothing_is_assumed_for_what_is_missing(tmp_path: Path, values: dict, reason: str) -> None:
    assert reason in _refused(_pet(tmp_path, **values))


def test_several_tracers_give_no_single_uptake(tmp_path: Path) -> None:
    made = _pet(tmp_path, RadiopharmaceuticalInformationSequence=[_tracer(), _tracer()])
    assert "several tracers" in _refused(made)


def test_uptake_without_attenuation_correction_is_told(tmp_path: Path) -> None:
    made = _pet(tmp_path, CorrectedImage=["DECY"])
    assert made.values()[0, 3] == pytest.approx(8.0)
    assert made.remarks == ("SUV without attenuation correction: no ATTN in Corrected Image",)


@pytest.mark.rule("P-11")
@pytest.mark.parametrize(
    ("values", "unit"),
    [
        ({"Units": "GML"}, "SUVbw"),
        ({"Units": "GML", "SUVType": "BW"}, "SUVbw"),
        ({"Units": "GML", "SUVType": "LBM"}, "SUVlbm"),
        ({"Units": "CM2ML"}, "SUVbsa"),
        ({"Units": "GML", "SUVType": "IBW"}, "SUVibw"),
    ],
)
def test_uptake_that_the_file_holds_is_taken_with_its_name(tmp_path: Path, values: dict, unit: str) -> None:
    made = _pet(tmp_path, PatientWeight=None, **values)
    assert made.rescale.unit == unit
    np.testing.assert_allclose(made.values(), STORED * 5.0)


@pytest.mark.rule("P-11")
@pytest.mark.parametrize(("element", "value", "expected"), [(0x00, "0.0002", 4.0), (0x09, "2", 16.0)])
def test_counts_with_the_factor_of_their_vendor_become_uptake(
    tmp_path: Path, element: int, value: str, expected: float
) -> None:
    data = pydicom.dcmread(_written(tmp_path, Units="CNTS"))
    block = data.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(element, "DS", value)
    data.save_as(tmp_path / "philips.dcm")
    made = frame(tmp_path / "philips.dcm")
    assert made.values()[0, 3] == pytest.approx(expected)
    assert made.rescale.unit == "SUVbw"


def test_a_factor_of_somebody_else_is_not_believed(tmp_path: Path) -> None:
    data = pydicom.dcmread(_written(tmp_path, Units="CNTS"))
    data.private_block(0x7053, "Somebody else", create=True).add_new(0x00, "DS", "0.0002")
    data.save_as(tmp_path / "other.dcm")
    assert "counts" in _refused(frame(tmp_path / "other.dcm"))


def _slowly(data: Dataset) -> float:
    """The factor as a person would work it out, from pydicom's own values."""
    tracer = data.RadiopharmaceuticalInformationSequence[0]
    scan = datetime.datetime.strptime(data.SeriesDate + data.SeriesTime, "%Y%m%d%H%M%S")
    given_at = datetime.datetime.strptime(tracer.RadiopharmaceuticalStartDateTime, "%Y%m%d%H%M%S")
    minutes = (scan - given_at).total_seconds() / 60
    left = float(tracer.RadionuclideTotalDose)
    left *= math.exp(-math.log(2) * minutes / (float(tracer.RadionuclideHalfLife) / 60))
    return float(data.PatientWeight) * 1000 / left


@given(
    st.integers(2, 200),
    st.integers(1_000_000, 900_000_000),
    st.integers(0, 14_000),
    st.floats(1500, 300_000),
)
def test_any_numbers_agree_with_the_slow_way(
    tmp_path_factory: pytest.TempPathFactory, weight: int, dose: int, seconds: int, life: float
) -> None:
    folder = tmp_path_factory.mktemp("pet")
    scan = datetime.datetime(2020, 1, 2, 1, 0, 0)
    tracer = {
        "RadionuclideTotalDose": str(dose),
        "RadionuclideHalfLife": f"{life:.4f}",
        "RadiopharmaceuticalStartDateTime": (scan - datetime.timedelta(seconds=seconds)).strftime(
            "%Y%m%d%H%M%S"
        ),
    }
    made = _pet(folder, tracer, PatientWeight=str(weight), SeriesTime="010000", AcquisitionTime="010000")
    expected = 5 * _slowly(pydicom.dcmread(folder / "a.dcm"))
    assert made.rescale.slope == pytest.approx(expected, rel=1e-9)


@pytest.mark.rule("P-11")
def test_a_real_file_has_the_uptake_worked_out_by_hand(shared_data: Path) -> None:
    path = shared_data / "dicom/nm-pt/2020-11-16-SalimKanounAnonymization.dcm"
    data = pydicom.dcmread(path)
    made = frame(path)
    # 290 MBq at 10:00:00, scan at 11:12:18, half-life 6,586.2 s, 82 kg
    left = 290e6 * 0.5 ** (4338 / HALF_LIFE)
    expected = data.pixel_array * float(data.RescaleSlope) * 82000 / left
    np.testing.assert_allclose(made.values(), expected, rtol=1e-5)
    (window,) = made.windows
    assert window.center == pytest.approx(7235.5 * 82000 / left)
    assert window.width == pytest.approx(14470 * 82000 / left)


@pytest.mark.rule("P-11")
def test_a_real_file_without_a_weight_stays_in_becquerel(shared_data: Path) -> None:
    made = frame(shared_data / "dicom/nm-pt/Issue94.dcm")
    assert made.rescale.unit == "Bq/mL"
    assert any("SUV not computed: the patient's weight" in remark for remark in made.remarks)


def test_other_pictures_know_nothing_of_uptake(tmp_path: Path) -> None:
    made = frame(factories.gray(tmp_path / "a.dcm", STORED, modality="NM", Units="CNTS"))
    assert made.remarks == ()
    assert words(made, "SUV") == ""
