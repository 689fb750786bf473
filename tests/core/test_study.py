"""Patients, studies and series as headers tell them; findings as models tell them."""

from __future__ import annotations

import math

import pytest

from medviewer.core.finding import Finding, Provenance
from medviewer.core.geometry import Plane
from medviewer.core.study import FrameAddress, Patient, Series, Study


def test_a_series_counts_its_pictures_and_knows_its_details():
    frames = tuple(FrameAddress(0, number, Plane((2, 2))) for number in range(3))
    series = Series("k", "1.2", "s", frames=frames, details=(("KVP", "120"),))
    assert series.count == 3
    assert series.detail("KVP") == "120"
    assert series.detail("EchoTime") == ""


def test_a_series_is_found_in_its_study_by_its_key():
    series = (Series("a", "1", "s"), Series("b", "2", "s"))
    study = Study("s", "1", Patient(), series=series)
    assert study.find("b") is series[1]
    assert study.find("c") is None


@pytest.mark.parametrize(
    ("score", "positive"), [(0.49, False), (0.5, True), (0.51, True), (1.0, True), (math.nan, False)]
)
def test_a_model_says_yes_at_and_above_its_operating_point(score, positive):
    assert Finding("x", score, 0.5, Provenance("m", "1", "", "")).positive is positive


def test_a_provenance_reads_as_model_and_version():
    assert str(Provenance("liver", "1.2", "", "")) == "liver 1.2"
    assert str(Provenance("liver", "", "", "")) == "liver"


@pytest.mark.rule("P-62")
@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Doe^Jane", "Doe Jane"),
        ("Adams^John Robert Quincy^^Rev.^B.A. M.Div.", "Adams John Robert Quincy Rev. B.A. M.Div."),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada Tarou (山田 太郎, やまだ たろう)"),
        ("Wang^XiaoDong=王^小东", "Wang XiaoDong (王 小东)"),
        ("=山田^太郎", "山田 太郎"),
        ("Doe^Jane==", "Doe Jane"),
        ("^^^", ""),
        ("=", ""),
        ("", ""),
    ],
)
def test_a_name_is_read_with_all_its_components_and_scripts(name: str, called: str):
    assert Patient(name=name).called == called
