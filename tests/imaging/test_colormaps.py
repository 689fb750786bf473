"""Colour maps: which there are, that they are those of the standard, and when they are applied."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import UID

from medviewer.core.geometry import Plane
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.colormaps import FIRST_CHOICE, color_map, color_maps, colored
from medviewer.imaging.render import RenderRequest, render
from medviewer.imaging.viewing import Region
from medviewer.kit.errors import BadValue

# PS3.6 Annex B.1
STANDARD = {
    "hot-iron": UID("1.2.840.10008.1.5.1"),
    "pet": UID("1.2.840.10008.1.5.2"),
    "hot-metal-blue": UID("1.2.840.10008.1.5.3"),
    "pet-20-step": UID("1.2.840.10008.1.5.4"),
}
NAMES = [one.name for one in color_maps()]
PLAIN = RenderRequest("s", 0, VOI.from_range(0, 255), colors="viridis")


def frame_of(pixels: np.ndarray, **more: object) -> Frame:
    return Frame(read_only(np.ascontiguousarray(pixels)), Plane(pixels.shape[:2]), **more)  # type: ignore[arg-type]


def steps() -> np.ndarray:
    return np.arange(256, dtype=np.uint8).reshape(16, 16)


def luminance(colors: np.ndarray) -> np.ndarray:
    """Relative luminance of sRGB colours (IEC 61966-2-1)."""
    linear = np.where(colors / 255 <= 0.04045, colors / 255 / 12.92, ((colors / 255 + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize("name", STANDARD)
def test_a_palette_of_the_standard_is_what_pydicom_has(name: str) -> None:
    expected = apply_color_lut(steps(), palette=STANDARD[name]).reshape(256, 3)
    assert np.array_equal(color_map(name).colors, expected)


@pytest.mark.parametrize("name", ["cividis", "viridis", "inferno", "magma"])
def test_a_uniform_map_gets_brighter_all_the_way(name: str) -> None:
    bright = luminance(color_map(name).colors)
    assert all(after > before - 2e-3 for before, after in pairwise(bright))
    assert bright[-1] - bright[0] > 0.6


def test_the_first_choice_is_one_that_colour_blind_readers_see_alike() -> None:
    assert color_maps()[0].name == FIRST_CHOICE == "cividis"


def test_names_are_told_apart_and_a_wrong_one_is_told_with_those_there_are() -> None:
    assert len(set(NAMES)) == len(NAMES)
    with pytest.raises(BadValue, match="no colour map called 'rainbow'.*cividis"):
        color_map("rainbow")


@pytest.mark.parametrize("name", NAMES)
def test_each_grey_has_its_colour(name: str) -> None:
    greys = np.random.default_rng(1).integers(0, 256, (20, 30)).astype(np.uint8)
    assert np.array_equal(colored(greys, name), color_map(name).colors[greys])


@pytest.mark.rule("P-01")
@pytest.mark.parametrize("name", NAMES)
def test_colours_come_after_the_window(name: str) -> None:
    frame = frame_of(np.arange(4096, dtype=np.int16).reshape(64, 64), rescale=Rescale(1, -1024))
    request = replace(PLAIN, voi=VOI(40, 400), colors=name)
    grey = render(frame, (), replace(request, colors="")).pixels
    assert np.array_equal(render(frame, (), request).pixels, color_map(name).colors[grey])


@pytest.mark.rule("P-22", "P-24", "P-25")
@pytest.mark.parametrize(("file", "reader"), [(True, False), (False, True), (True, True)])
def test_an_inversion_turns_the_colours_round_and_two_of_them_do_not(file: bool, reader: bool) -> None:
    frame = frame_of(steps(), inverted=file)
    shown = render(frame, (), replace(PLAIN, voi=PLAIN.voi.with_inversion(reader))).pixels
    table = color_map("viridis").colors
    assert np.array_equal(shown.reshape(-1, 3), table[::-1] if file != reader else table)


def test_padding_is_black_in_every_map_and_size() -> None:
    pixels = np.full((64, 64), -2000, np.int16)
    pixels[16:48, 16:48] = 100
    frame = frame_of(pixels, padding=(-2000, -2000))
    for size in (None, (16, 16), (37, 20), (190, 200)):
        shown = render(frame, (), replace(PLAIN, size=size)).pixels
        assert shown[0, 0].tolist() == [0, 0, 0]
        middle = shown[shown.shape[0] // 2, shown.shape[1] // 2]
        assert middle.tolist() == color_map("viridis").colors[100].tolist()


def test_what_lies_between_two_pixels_has_a_colour_of_the_map() -> None:
    frame = frame_of(np.array([[0, 255], [128, 30]], np.uint8))
    for name in ("hot-iron", "pet-20-step"):
        shown = render(frame, (), replace(PLAIN, colors=name, size=(23, 21))).pixels.reshape(-1, 3)
        assert set(map(tuple, shown.tolist())) <= set(map(tuple, color_map(name).colors.tolist()))


def test_a_map_is_turned_and_cropped_with_its_picture() -> None:
    request = replace(PLAIN, region=Region(3.5, 2.5, 11.5, 9.5), size=(14, 16), rotation=90, flipped=True)
    grey = render(frame_of(steps()), (), replace(request, colors="")).pixels
    assert np.array_equal(render(frame_of(steps()), (), request).pixels, color_map("viridis").colors[grey])


@pytest.mark.rule("P-29")
def test_a_colour_picture_keeps_its_own_colours() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (30, 40, 3)).astype(np.uint8)
    shown = render(frame_of(pixels), (), replace(PLAIN, voi=VOI.unknown())).pixels
    assert np.array_equal(shown, pixels)


def test_the_tables_are_those_of_opencv() -> None:
    expected = cv2.applyColorMap(steps(), cv2.COLORMAP_CIVIDIS)[..., ::-1].reshape(256, 3)
    assert np.array_equal(color_map("cividis").colors, expected)
