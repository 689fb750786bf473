"""Several pictures at one place: times, phases, b-values and echoes as a second dimension of their stack."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.study import Series
from medviewer.dicom.decode import InProcessDecoder
from medviewer.dicom.group import group
from medviewer.dicom.header import Header
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from tests import factories

SLICES = 5


def _series(*paths: Path) -> list[Series]:
    return [series for study in group(read_header(path) for path in paths) for series in study.series]


def _shown(series: Series) -> list[tuple[int, int]]:
    """(value, place) of the pictures in order, read from their pixels (see `factories.repeated`)."""
    source = SeriesSource(series, InProcessDecoder())
    return [divmod(int(np.median(source.frame(at).pixels)), 100) for at in range(series.count)]


def _directions(count: int) -> list[list[float]]:
    return [[np.cos(angle), np.sin(angle), 0.0] for angle in np.linspace(0, 3, count)]


@pytest.mark.rule("P-40", "P-41")
@pytest.mark.parametrize(
    ("keyword", "values", "name", "told"),
    [
        ("EchoTime", (10, 20), "Echo time", "Echo time 2 / 2  (20 ms)"),
        ("EchoNumbers", (1, 2, 3), "Echo", "Echo 2 / 3"),
        ("InversionTime", (50, 900), "Inversion time", "Inversion time 2 / 2  (900 ms)"),
        ("DiffusionBValue", (0.0, 800.0), "b-value", "b 800"),
        ("TemporalPositionIdentifier", (1, 2, 3), "Time", "Time 2 / 3"),
        ("TriggerTime", (0, 120, 240), "Phase", "Phase 2 / 3  (120 ms)"),
        ("TriggerTime", (0, 30_000, 60_000), "Time", "Time 2 / 3  (30 s)"),
        ("FrameReferenceTime", (5_000, 15_000, 45_000), "Time", "Time 2 / 3  (15 s)"),
        ("AcquisitionTime", ("101500", "101530.5", "101601"), "Time", "Time 2 / 3  (30.5 s)"),
    ],
)
def test_what_differs_at_each_place_is_a_second_dimension(
    tmp_path: Path, keyword: str, values: tuple, name: str, told: str
) -> None:
    day = {"AcquisitionDate": "20260115"} if keyword == "AcquisitionTime" else {}
    paths = factories.repeated(tmp_path, [{keyword: value, **day} for value in values], SLICES)
    random.Random(2).shuffle(paths)
    (series,) = _series(*paths)
    assert series.dimension is not None
    assert (series.dimension.name, len(series.dimension.values)) == (name, len(values))
    assert series.dimension.words(1) == told
    assert series.places == SLICES
    assert series.geometry.shape[0] == SLICES
    assert _shown(series) == [(value, place) for value in range(len(values)) for place in range(SLICES)]
    assert series.problems == ()


def test_gradient_directions_are_further_values(tmp_path: Path) -> None:
    each: list[dict[str, Any]] = [{"DiffusionBValue": 0.0}]
    each += [
        {"DiffusionBValue": 1000.0, "DiffusionGradientOrientation": direction} for direction in _directions(6)
    ]
    (series,) = _series(*factories.repeated(tmp_path, each, SLICES))
    assert series.dimension.values == ("b 0", *(f"b 1000 (dir {number})" for number in range(1, 7)))
    assert _shown(series) == [(value, place) for value in range(7) for place in range(SLICES)]


def test_repetitions_of_one_weighting_follow_one_another(tmp_path: Path) -> None:
    each = [{"DiffusionBValue": b} for b in (0.0, 800.0, 0.0, 800.0)]
    (series,) = _series(*factories.repeated(tmp_path, each, SLICES))
    assert series.dimension.values == ("b 0 (no. 1)", "b 0 (no. 2)", "b 800 (no. 1)", "b 800 (no. 2)")
    assert [value for value, place in _shown(series) if not place] == [0, 2, 1, 3]


def test_a_heart_that_beats_otherwise_on_each_slice_still_has_one_phase_after_the_other(
    tmp_path: Path,
) -> None:
    def edit(value: int, at: int, data: pydicom.Dataset) -> None:
        data.TriggerTime = round(value * (38 + at * 0.7), 1)

    (series,) = _series(*factories.repeated(tmp_path, [{}] * 8, SLICES, edit=edit))
    assert series.dimension.name == "Phase"
    assert _shown(series) == [(value, place) for value in range(8) for place in range(SLICES)]


def test_slices_measured_one_after_the_other_are_a_series_in_time(tmp_path: Path) -> None:
    def edit(value: int, at: int, data: pydicom.Dataset) -> None:
        data.AcquisitionDate, data.AcquisitionTime = "20260115", f"10{value:02d}{2 * at:02d}.5"
        data.AcquisitionNumber = value + 1

    (series,) = _series(*factories.repeated(tmp_path, [{}] * 4, SLICES, edit=edit))
    assert (series.dimension.name, series.dimension.unit) == ("Time", "s")
    assert series.dimension.values == ("0", "60", "120", "180")


def test_two_acquisitions_stay_two_series(tmp_path: Path) -> None:
    each = [
        {"AcquisitionNumber": number, "AcquisitionDate": "20260115", "AcquisitionTime": f"10150{number}"}
        for number in (1, 2)
    ]
    found = _series(*factories.repeated(tmp_path, each, SLICES))
    assert [(series.count, series.dimension) for series in found] == [(SLICES, None)] * 2
    assert all("differ in acquisition" in series.problems[0] for series in found)


@pytest.mark.rule("P-40")
def test_a_value_that_lacks_places_stands_apart_and_it_is_said(tmp_path: Path) -> None:
    each = [{"TemporalPositionIdentifier": number} for number in (1, 2, 3)]
    paths = factories.repeated(tmp_path, each, SLICES)
    lost = [path for path in paths if _value_of(path) == "3"][:2]
    whole, rest = sorted(_series(*(set(paths) - set(lost))), key=lambda one: -one.count)
    assert whole.dimension.values == ("1", "2")
    assert whole.geometry is not None
    assert (rest.count, rest.dimension) == (3, None)
    assert "Time 3 has 3 pictures where the other values have 5" in rest.problems[0]


def test_two_values_that_are_no_full_grid_are_two_stacks_and_it_is_said(tmp_path: Path) -> None:
    paths = factories.repeated(tmp_path, [{"EchoTime": 10}, {"EchoTime": 20}], SLICES)
    found = _series(*paths[:-1])
    assert sorted(series.count for series in found) == [4, 5]
    assert all("TE 20 has only 4 of 5" in series.problems[0] for series in found)


@pytest.mark.rule("P-40")
def test_echoes_in_time_are_a_series_for_each_echo(tmp_path: Path) -> None:
    each = [{"EchoTime": echo, "TemporalPositionIdentifier": time} for echo in (10, 20) for time in (1, 2, 3)]
    found = _series(*factories.repeated(tmp_path, each, SLICES))
    assert [(series.count, series.dimension.name, series.places) for series in found] == [
        (3 * SLICES, "Time", SLICES)
    ] * 2
    assert [series.description.rsplit("[")[-1] for series in found] == ["TE 10]", "TE 20]"]


def test_another_kind_of_picture_never_shares_a_dimension(tmp_path: Path) -> None:
    each = [
        {"ImageType": ["ORIGINAL", "PRIMARY", kind], "TriggerTime": time}
        for kind in ("M", "P")
        for time in (0, 50, 100)
    ]
    found = _series(*factories.repeated(tmp_path, each, SLICES))
    assert [series.dimension.values for series in found] == [("0", "50", "100")] * 2
    assert sorted(series.description.rsplit("[")[-1] for series in found) == ["type M]", "type P]"]


def test_a_table_that_moved_in_between_makes_two_stacks(tmp_path: Path) -> None:
    def edit(value: int, at: int, data: pydicom.Dataset) -> None:
        data.ImagePositionPatient = [5.0 * value, 0, 2.0 * at]

    found = _series(*factories.repeated(tmp_path, [{"EchoTime": 10}, {"EchoTime": 20}], SLICES, edit=edit))
    assert [(series.count, series.dimension) for series in found] == [(SLICES, None)] * 2


def test_pictures_of_one_place_are_a_plain_row(tmp_path: Path) -> None:
    each = [{"TriggerTime": time} for time in range(0, 400, 40)]
    (series,) = _series(*factories.repeated(tmp_path, each, 1))
    assert (series.count, series.dimension) == (10, None)


def test_a_series_keeps_its_key_while_its_values_arrive(tmp_path: Path) -> None:
    each = [{"TemporalPositionIdentifier": number} for number in (1, 2, 3)]
    paths = sorted(factories.repeated(tmp_path, each, SLICES), key=lambda path: (_value_of(path), path))
    keys = [{series.key for series in _series(*paths[:count])} for count in range(1, len(paths) + 1)]
    final = keys[-1]
    assert len(final) == 1
    assert all(final <= some for some in keys)


@pytest.mark.parametrize("syntax", ["explicit", "implicit"])
def test_phases_of_an_enhanced_object_are_percent_of_the_heartbeat(tmp_path: Path, syntax: str) -> None:
    def with_phases(data: pydicom.Dataset) -> None:
        for at, frame in enumerate(data.PerFrameFunctionalGroupsSequence):
            del frame.FrameContentSequence[0].TemporalPositionIndex
            phase = factories.item(NominalPercentageOfCardiacPhase=25.0 * (at // 4))
            frame.CardiacSynchronizationSequence = pydicom.Sequence([phase])

    path = factories.enhanced(tmp_path / "e.dcm", 4, repeats=3, syntax=syntax)
    data = pydicom.dcmread(path)
    with_phases(data)
    data.save_as(path)
    (series,) = _series(path)
    assert [series.dimension.words(number) for number in (0, 2)] == [
        "Phase 1 / 3  (0 %)",
        "Phase 3 / 3  (50 %)",
    ]
    assert [address.frame // 4 for address in series.frames] == [0] * 4 + [1] * 4 + [2] * 4


def test_diffusion_of_an_enhanced_object_is_a_dimension(tmp_path: Path) -> None:
    path = factories.enhanced(tmp_path / "e.dcm", 4, repeats=3)
    data = pydicom.dcmread(path)
    for at, frame in enumerate(data.PerFrameFunctionalGroupsSequence):
        value = at // 4
        gradient = factories.item(DiffusionGradientOrientation=_directions(3)[value])
        diffusion = factories.item(DiffusionBValue=1000.0 if value else 0.0)
        if value:
            diffusion.DiffusionGradientDirectionSequence = pydicom.Sequence([gradient])
        frame.MRDiffusionSequence = pydicom.Sequence([diffusion])
    data.save_as(path)
    (series,) = _series(path)
    assert series.dimension.values == ("b 0", "b 1000 (dir 1)", "b 1000 (dir 2)")


def test_stacks_of_an_enhanced_object_stay_apart(tmp_path: Path) -> None:
    path = factories.enhanced(tmp_path / "e.dcm", 4, repeats=2)
    data = pydicom.dcmread(path)
    for at, frame in enumerate(data.PerFrameFunctionalGroupsSequence):
        frame.FrameContentSequence[0].StackID = str(1 + at // 4)
        frame.FrameContentSequence[0].TemporalPositionIndex = 1
    data.save_as(path)
    found = _series(path)
    assert [(series.count, series.dimension) for series in found] == [(4, None)] * 2
    assert all("differ in stack" in series.problems[0] for series in found)


def test_values_from_files_are_told_on_one_line(tmp_path: Path) -> None:
    paths = factories.repeated(tmp_path, [{"EchoNumbers": b"1 "}, {"EchoNumbers": b"\x1b[31m<b>"}], SLICES)
    (series,) = _series(*paths)
    assert all(value.isprintable() and len(value) <= 41 for value in series.dimension.values)


_DIFFERING = {
    "ImageType": ["ORIGINAL\\PRIMARY\\M", "ORIGINAL\\PRIMARY\\P"],
    "EchoTime": ["", "10", "20", "nan", "1e999"],
    "DiffusionBValue": ["", "0.0", "1000.0", "-5"],
    "DiffusionGradientOrientation": ["", "1\\0\\0", "0\\1\\0"],
    "TemporalPositionIdentifier": ["", "1", "2", "3"],
    "TriggerTime": ["", "0", "40", "41.5", "9000"],
    "AcquisitionDate": ["", "20260115", "20261399"],
    "AcquisitionTime": ["", "101500", "1015", "101501.5", "²²²²²²", "99999999"],
    "AcquisitionNumber": ["1", "2"],
    "InstanceNumber": ["", "1", "2", "x"],
}


@st.composite
def _headers(draw: st.DrawFn) -> list[Header]:
    """Headers of one series that differ in anything, at a few places, some of them slightly shifted."""
    used = draw(st.lists(st.sampled_from(sorted(_DIFFERING)), max_size=4, unique=True))
    found = []
    for number in range(draw(st.integers(1, 24))):
        place = draw(st.sampled_from(["0\\0\\0", "0\\0\\2", "0\\0\\2.004", "0\\0\\4", "1\\0\\4", ""]))
        values = {keyword: draw(st.sampled_from(_DIFFERING[keyword])) for keyword in used}
        found.append(
            Header(
                path=f"{number}.dcm",
                pixel_keyword="PixelData",
                values={
                    "SOPInstanceUID": f"1.2.{number}",
                    "SeriesInstanceUID": "1.3",
                    "StudyInstanceUID": "1.4",
                    "Modality": "MR",
                    "Rows": "4",
                    "Columns": "4",
                    "PixelSpacing": "1\\1",
                    "ImageOrientationPatient": "1\\0\\0\\0\\1\\0",
                    "ImagePositionPatient": place,
                    **{keyword: value for keyword, value in values.items() if value},
                },
            )
        )
    return found


@given(_headers())
@settings(max_examples=150, deadline=None)
def test_whatever_differs_no_picture_is_lost_or_shown_twice(headers: list[Header]) -> None:
    found = [series for study in group(headers) for series in study.series]
    paths = [series.instances[one.instance].path for series in found for one in series.frames]
    assert sorted(paths) == sorted(header.path for header in headers)
    assert len({series.key for series in found}) == len(found)
    for series in found:
        if series.dimension is None:
            continue
        assert series.count == series.places * len(series.dimension.values)
        planes = [one.plane for one in series.frames]
        for value in range(1, len(series.dimension.values)):
            heights = [round(planes[value * series.places + at].origin[2], 1) for at in range(series.places)]
            assert heights == [round(planes[at].origin[2], 1) for at in range(series.places)]


def _value_of(path: Path) -> str:
    return read_header(path).get("TemporalPositionIdentifier")


def test_what_is_true_of_one_value_only_is_not_said_of_the_series(tmp_path: Path) -> None:
    (series,) = _series(*factories.repeated(tmp_path, [{"EchoTime": 10}, {"EchoTime": 20}], SLICES))
    assert series.detail("EchoTime") == ""
    assert series.detail("RepetitionTime") == "500.0"
