"""The table of 3-D presets."""

from __future__ import annotations

import itertools

import pytest

from medviewer.core.voi import VOI
from medviewer.imaging.volume_rendering.around import Around
from medviewer.imaging.volume_rendering.body import Body
from medviewer.imaging.volume_rendering.look import grey_window, look
from medviewer.imaging.volume_rendering.presets import Blend, Preset, Scale, preset, presets, presets_for
from medviewer.kit.errors import BadValue

BODY = Body(
    shape=(10, 10, 10),
    origin=(0.0, 0.0, 0.0),
    steps=((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),
    low=-1000.0,
    step=0.5,
    floor=100.0,
    ceiling=900.0,
)


def test_every_preset_has_a_name_of_its_own_and_says_what_it_shows() -> None:
    names = [one.name for one in presets()]
    assert len(set(names)) == len(names)
    assert all(one.title and one.help.endswith(".") for one in presets())


@pytest.mark.parametrize("one", presets(), ids=lambda one: one.name)
def test_values_rise_and_opacities_are_shares(one: Preset) -> None:
    for points in (one.opacity, one.colors):
        assert all(low < high for (low, _), (high, _) in itertools.pairwise(points))
    assert all(0 <= share <= 1 for _, share in one.opacity)
    assert all(0 <= part <= 1 for _, color in one.colors for part in color)
    assert len(one.colors) >= 2
    assert bool(one.opacity) == (one.blend is Blend.BODY)


@pytest.mark.parametrize("one", presets(), ids=lambda one: one.name)
def test_air_is_never_seen_and_only_ct_has_fixed_numbers(one: Preset) -> None:
    if one.scale is Scale.VALUES:
        assert one.modalities == ("CT",)
        assert not one.opacity or one.opacity[0][1] == 0
        assert not one.opacity or one.opacity[0][0] > -1000
    else:
        assert one.around is Around.KEPT  # a patient is told from a table by Hounsfield units


@pytest.mark.parametrize("modality", ["CT", "MR", "PT", "NM", "US", ""])
def test_every_modality_has_surfaces_or_projections_of_all_three_kinds(modality: str) -> None:
    blends = {one.blend for one in presets_for(modality)}
    assert {Blend.MAXIMUM, Blend.AVERAGE, Blend.MINIMUM} <= blends
    assert len({one.title for one in presets_for(modality)}) == len(presets_for(modality))


def test_a_preset_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(BadValue, match="bone"):
        preset("marble")


def test_hounsfield_units_become_stored_values() -> None:
    found = look(preset("bone"), BODY, VOI.unknown())
    assert [value for value, _ in found.opacity] == [(at + 1000) / 0.5 for at, _ in preset("bone").opacity]


def test_shares_run_from_the_background_to_the_brightest() -> None:
    window = grey_window(preset("mip"), BODY)
    assert (window.center - window.width / 2, window.center + window.width / 2) == (100.0, 900.0)


def test_a_projection_follows_the_window_and_its_inversion() -> None:
    found = look(preset("ct-mip"), BODY, VOI.from_range(0, 200).with_inversion(True))
    (low, dark), (high, bright) = found.colors
    assert (low, high) == (2000.0, 2400.0)
    assert (dark, bright) == ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    assert found.background == (1.0, 1.0, 1.0)


def test_a_body_in_colours_keeps_them_whatever_the_window_is() -> None:
    assert look(preset("bone"), BODY, VOI.from_range(0, 200)) == look(preset("bone"), BODY, VOI.unknown())
