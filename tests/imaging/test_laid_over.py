"""Overlays, shutters, supplemental colours and fused series, against a slow and plain version."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.beside_pixels import SHUTTER, OverlayPlane, Shutter, Supplement
from medviewer.core.fusion import Fusion
from medviewer.core.geometry import Plane
from medviewer.core.labels import LabelLook, LabelStyle
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, Rescale, read_only
from medviewer.imaging.colormaps import color_map
from medviewer.imaging.compose import rgb_of
from medviewer.imaging.grayscale import effective_voi, greys8, normalised
from medviewer.imaging.render import RenderRequest, render
from medviewer.imaging.viewing import Region

COLOR = rgb_of(RenderRequest("s", 0, VOI()).overlay_color)
PLAIN = RenderRequest("s", 0, VOI.from_range(0, 4095))


def noise(rows: int = 40, columns: int = 56, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4096, (rows, columns)).astype(np.uint16)


def frame_of(pixels: np.ndarray, **more: object) -> Frame:
    return Frame(read_only(np.ascontiguousarray(pixels)), Plane(pixels.shape[:2]), **more)  # type: ignore[arg-type]


def bits(rows: int, columns: int, *spots: tuple[int | slice, int | slice]) -> np.ndarray:
    found = np.zeros((rows, columns), np.uint8)
    for spot in spots:
        found[spot] = 255
    return read_only(found)


def is_drawn(pixels: np.ndarray) -> np.ndarray:
    return np.asarray((pixels == COLOR).all(axis=-1))


@pytest.mark.rule("P-33")
class TestOverlays:
    def test_graphics_cover_exactly_their_pixels(self) -> None:
        mask = (np.random.default_rng(3).random((40, 56)) < 0.2).astype(np.uint8) * 255
        frame = frame_of(noise(), overlays=(OverlayPlane(0x6000, read_only(mask)),))
        shown = render(frame, (), PLAIN).pixels
        grey = render(replace(frame, overlays=()), (), PLAIN).rgb()
        assert np.array_equal(shown, np.where(mask[..., None] > 0, COLOR, grey))

    def test_a_region_of_interest_is_an_outline(self) -> None:
        area = bits(40, 56, (slice(10, 20), slice(5, 30)))
        frame = frame_of(noise(), overlays=(OverlayPlane(0x6000, area, is_region=True),))
        drawn = is_drawn(render(frame, (), PLAIN).pixels)
        expected = area > 0
        expected[11:19, 6:29] = False
        assert np.array_equal(drawn, expected)

    def test_a_region_has_no_edge_where_only_the_view_ends(self) -> None:
        area = bits(40, 56, (slice(None), slice(None)))
        frame = frame_of(noise(), overlays=(OverlayPlane(0x6000, area, is_region=True),))
        request = replace(PLAIN, region=Region(9.5, 9.5, 19.5, 29.5))
        assert not is_drawn(render(frame, (), request).rgb()).any()

    @given(st.integers(1, 40), st.integers(1, 56), st.integers(0, 39), st.integers(0, 55))
    @settings(max_examples=60, deadline=None)
    def test_one_pixel_survives_every_reduction(self, high: int, wide: int, row: int, column: int) -> None:
        frame = frame_of(noise(), overlays=(OverlayPlane(0x6000, bits(40, 56, (row, column))),))
        drawn = np.argwhere(is_drawn(render(frame, (), replace(PLAIN, size=(high, wide))).pixels))
        assert 1 <= len(drawn) <= 4
        away = np.abs((drawn + 0.5) / (high, wide) - (np.array([row, column]) + 0.5) / (40, 56))
        assert (away <= 1 / np.array([high, wide]) + 0.5 / np.array([40, 56])).all()

    def test_a_hair_line_survives_in_a_detector_picture(self) -> None:
        frame = frame_of(
            noise(3000, 2600), overlays=(OverlayPlane(0x6000, bits(3000, 2600, (1777, slice(None)))),)
        )
        drawn = is_drawn(render(frame, (), replace(PLAIN, size=(375, 325))).pixels)
        assert drawn.sum() == 325
        assert drawn[1777 // 8].all()

    @pytest.mark.rule("P-58")
    def test_an_enlarged_overlay_has_sharp_edges(self) -> None:
        spot = bits(8, 8, (3, 5))
        frame = frame_of(noise(8, 8), overlays=(OverlayPlane(0x6000, spot),))
        drawn = is_drawn(render(frame, (), replace(PLAIN, size=(80, 80))).pixels)
        assert np.array_equal(drawn, np.kron(spot > 0, np.ones((10, 10), bool)))

    @pytest.mark.parametrize("rotation", [0, 90, 180, 270])
    @pytest.mark.parametrize("flipped", [False, True])
    def test_it_turns_with_its_picture(self, rotation: int, flipped: bool) -> None:
        mask = bits(6, 9, (1, 2), (4, 7), (0, slice(3, 6)))
        frame = frame_of(noise(6, 9), overlays=(OverlayPlane(0x6000, mask),))
        request = replace(PLAIN, rotation=rotation, flipped=flipped)
        expected = np.rot90(mask[:, ::-1] if flipped else mask, -rotation // 90) > 0
        assert np.array_equal(is_drawn(render(frame, (), request).pixels), expected)

    def test_each_plane_has_its_own_switch(self) -> None:
        planes = (OverlayPlane(0x6000, bits(40, 56, (3, 3))), OverlayPlane(0x6002, bits(40, 56, (9, 9))))
        frame = frame_of(noise(), overlays=planes)
        for hidden, left in (((), 2), ((0x6000,), 1), ((0x6002,), 1), ((0x6000, 0x6002), 0)):
            shown = render(frame, (), replace(PLAIN, hidden_overlays=hidden)).rgb()
            assert is_drawn(shown).sum() == left

    def test_its_colour_is_part_of_the_request(self) -> None:
        frame = frame_of(noise(), overlays=(OverlayPlane(0x6000, bits(40, 56, (3, 3))),))
        request = replace(PLAIN, overlay_color="#1020f0")
        assert render(frame, (), request).pixels[3, 3].tolist() == [0x10, 0x20, 0xF0]
        assert request != PLAIN

    def test_it_lies_over_labels_and_over_a_colour_picture(self) -> None:
        pixels = np.zeros((40, 56, 3), np.uint8)
        frame = frame_of(pixels, overlays=(OverlayPlane(0x6000, bits(40, 56, (3, 3))),))
        labels = np.ones((40, 56), np.uint8)
        request = replace(PLAIN, voi=VOI.unknown(), labels=(LabelLook((LabelStyle(1, "#0000ff", 1.0),)),))
        shown = render(frame, (labels,), request).pixels
        assert is_drawn(shown).sum() == 1
        assert shown[10, 10].tolist() == [0, 0, 255]


@pytest.mark.rule("P-34")
class TestShutters:
    covered = bits(40, 56, (slice(0, 10), slice(None)), (slice(None), slice(40, None)))

    @pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
    def test_nothing_is_seen_below_it(self, grey: float) -> None:
        frame = frame_of(noise(), shutter=Shutter(self.covered, grey))
        shown = render(frame, (), PLAIN).pixels
        plain = render(replace(frame, shutter=None), (), PLAIN).pixels
        assert np.array_equal(shown, np.where(self.covered > 0, round(grey * 255), plain))

    def test_neither_the_window_nor_an_inversion_changes_its_grey(self) -> None:
        frame = frame_of(noise(), shutter=Shutter(self.covered, 0.25), inverted=True)
        for voi in (VOI(100, 50), PLAIN.voi.with_inversion(True)):
            assert (render(frame, (), replace(PLAIN, voi=voi)).pixels[self.covered > 0] == 64).all()

    def test_it_covers_padding_and_colours_but_no_overlay(self) -> None:
        pixels = noise()
        pixels[0] = 0
        plane = OverlayPlane(0x6000, bits(40, 56, (5, 50)))
        frame = frame_of(pixels, padding=(0, 0), shutter=Shutter(self.covered, 1.0), overlays=(plane,))
        shown = render(frame, (), replace(PLAIN, colors="viridis")).pixels
        assert shown[0, 0].tolist() == [255, 255, 255]
        assert is_drawn(shown).sum() == 1
        assert is_drawn(shown)[5, 50]

    def test_it_can_be_switched_off(self) -> None:
        frame = frame_of(noise(), shutter=Shutter(self.covered))
        off = render(frame, (), replace(PLAIN, hidden_overlays=(SHUTTER,))).pixels
        assert np.array_equal(off, render(replace(frame, shutter=None), (), PLAIN).pixels)

    @pytest.mark.parametrize("size", [(20, 28), (80, 112), (31, 100)])
    def test_its_edge_stands_where_it_stood_in_every_size(self, size: tuple[int, int]) -> None:
        frame = frame_of(np.full((40, 56), 4095, np.uint16), shutter=Shutter(self.covered))
        dark = render(frame, (), replace(PLAIN, size=size)).pixels == 0
        assert abs(dark[:, 0].sum() - size[0] / 4) <= 1
        assert abs(dark[-1].sum() - size[1] * 16 / 56) <= 1


@pytest.mark.rule("P-28")
class TestSupplementalColours:
    table = read_only(np.random.default_rng(5).integers(1, 256, (64, 3)).astype(np.uint8))
    supplement = Supplement(4000, table)

    def plain(self, frame: Frame, voi: VOI) -> np.ndarray:
        """Pixel by pixel: a grey through the window, or a colour as it is."""
        grey = greys8(normalised(frame.values(), voi), frame.inverted != voi.inverted)
        found = np.stack([grey] * 3, axis=-1)
        for at, value in np.ndenumerate(frame.pixels):
            if value >= self.supplement.first:
                found[at] = self.table[min(value - self.supplement.first, len(self.table) - 1)]
        return found

    @pytest.mark.parametrize("inverted", [False, True])
    @pytest.mark.parametrize("voi", [VOI(1000, 500), VOI.from_range(0, 4095), VOI(-5000, 10)])
    def test_neither_the_window_nor_an_inversion_touches_them(self, voi: VOI, inverted: bool) -> None:
        pixels = np.random.default_rng(6).integers(3900, 4096, (20, 30)).astype(np.uint16)
        frame = frame_of(pixels, supplement=self.supplement, rescale=Rescale(1, -1024))
        voi = voi.with_inversion(inverted)
        shown = render(frame, (), replace(PLAIN, voi=voi)).pixels
        assert np.array_equal(shown, self.plain(frame, voi))

    def test_values_beyond_the_table_have_its_last_colour(self) -> None:
        frame = frame_of(np.full((2, 2), 60000, np.uint16), supplement=self.supplement)
        assert (render(frame, (), PLAIN).pixels == self.table[-1]).all()

    def test_a_colour_map_is_for_the_greys_only(self) -> None:
        frame = frame_of(np.array([[0, 4001]], np.uint16), supplement=self.supplement)
        shown = render(frame, (), replace(PLAIN, colors="viridis")).pixels[0].tolist()
        assert shown == [color_map("viridis").colors[0].tolist(), self.table[1].tolist()]

    def test_colours_have_no_part_in_the_average_of_greys(self) -> None:
        pixels = np.full((8, 8), 1000, np.uint16)
        pixels[0, 0] = 4001
        frame = frame_of(pixels, supplement=self.supplement)
        shown = render(frame, (), replace(PLAIN, size=(4, 4))).pixels
        assert (shown == shown[3, 3]).all()

    def test_a_reduced_pixel_that_is_mostly_coloured_has_the_average_colour(self) -> None:
        pixels = np.full((8, 8), 1000, np.uint16)
        pixels[0, 0], pixels[0, 1], pixels[1, 0] = 4001, 4002, 4003
        frame = frame_of(pixels, supplement=self.supplement)
        shown = render(frame, (), replace(PLAIN, size=(4, 4))).pixels
        assert np.abs(shown[0, 0] - self.table[1:4].mean(axis=0)).max() <= 1

    def test_padding_stays_black_among_them(self) -> None:
        frame = frame_of(
            np.array([[4005, 4001]], np.uint16), supplement=self.supplement, padding=(4005, 4005)
        )
        assert render(frame, (), PLAIN).pixels[0].tolist() == [[0, 0, 0], self.table[1].tolist()]


class TestFusion:
    under = frame_of(noise())
    hot = np.random.default_rng(8).random((40, 56)).astype(np.float32) * 10
    fusion = Fusion("p", colors="hot-iron", opacity=0.4, voi=VOI.from_range(2, 8))

    def over(self, **more: object) -> Frame:
        pixels = self.hot.copy()
        pixels[:7] = np.nan
        return frame_of(pixels, **more)

    def plain(self, over: Frame, fusion: Fusion, grey: np.ndarray) -> np.ndarray:
        """Both pictures mixed in floating point, one below where the other is not."""
        voi = effective_voi(over, fusion.voi)
        level = greys8(normalised(over.values(), voi), over.inverted != voi.inverted).astype(int)
        alpha = fusion.opacity * (level / 255 if fusion.fades else 1.0) * np.isfinite(over.pixels)
        colors = color_map(fusion.colors).colors[level].astype(float)
        return np.asarray(grey * (1 - alpha[..., None]) + colors * alpha[..., None])

    @pytest.mark.parametrize("opacity", [0.0, 0.4, 1.0])
    @pytest.mark.parametrize("fades", [False, True])
    def test_both_are_mixed_and_only_one_is_seen_where_the_other_is_not(
        self, opacity: float, fades: bool
    ) -> None:
        fusion = replace(self.fusion, opacity=opacity, fades=fades)
        for colors in ("", "magma"):
            request = replace(PLAIN, fusion=fusion, colors=colors)
            shown = render(self.under, (), request, fused=self.over()).pixels
            below = render(self.under, (), replace(request, fusion=None)).rgb()
            expected = self.plain(self.over(), fusion, below.astype(float))
            assert np.abs(shown - expected).max() <= 2
            assert np.array_equal(shown[:7], below[:7])

    @pytest.mark.rule("P-22")
    def test_its_own_inversion_counts_and_no_other(self) -> None:
        over = self.over(inverted=True)
        request = replace(PLAIN, fusion=replace(self.fusion, opacity=1.0), voi=PLAIN.voi.with_inversion(True))
        shown = render(self.under, (), request, fused=over).pixels[7:]
        below = np.zeros((40, 56, 3))
        expected = self.plain(over, replace(self.fusion, opacity=1.0), below)[7:]
        assert np.abs(shown - expected).max() <= 2

    @pytest.mark.rule("P-54")
    def test_it_is_cropped_reduced_enlarged_and_turned_like_the_picture_below(self) -> None:
        ramp = np.tile(np.linspace(0, 10, 56, dtype=np.float32), (40, 1))
        dark = frame_of(np.zeros((40, 56), np.uint16))
        fusion = replace(self.fusion, colors="black-red", opacity=1.0, voi=VOI.from_range(0, 10))
        for size in ((20, 28), (80, 112)):
            request = replace(PLAIN, fusion=fusion, size=size, rotation=180)
            red = render(dark, (), request, fused=frame_of(ramp)).pixels[..., 0].astype(int)
            expected = np.linspace(255, 0, size[1])
            assert np.abs(red - expected).max() <= 5

    def test_without_its_picture_only_the_one_below_is_seen(self) -> None:
        shown = render(self.under, (), replace(PLAIN, fusion=self.fusion)).pixels
        assert np.array_equal(shown, render(self.under, (), PLAIN).pixels)

    def test_a_shutter_covers_both(self) -> None:
        covered = bits(40, 56, (slice(None), slice(30, None)))
        under = replace(self.under, shutter=Shutter(covered, 0.0))
        shown = render(under, (), replace(PLAIN, fusion=self.fusion), fused=self.over()).pixels
        assert (shown[:, 30:] == 0).all()


@given(
    st.sampled_from(["", "cividis"]),
    st.booleans(),
    st.sampled_from([0, 90, 180, 270]),
    st.sampled_from([None, (20, 20), (77, 90)]),
    st.sampled_from([(), (0x6000,), (SHUTTER,)]),
)
@settings(max_examples=40, deadline=None)
def test_equal_requests_give_equal_pixels(
    colors: str, flipped: bool, rotation: int, size: tuple[int, int] | None, hidden: tuple[int, ...]
) -> None:
    frame = frame_of(
        noise(),
        overlays=(OverlayPlane(0x6000, bits(40, 56, (slice(3, 9), slice(3, 20))), is_region=True),),
        shutter=Shutter(TestShutters.covered, 0.3),
        supplement=TestSupplementalColours.supplement,
    )
    fused = frame_of(TestFusion.hot)
    request = replace(
        PLAIN,
        colors=colors,
        flipped=flipped,
        rotation=rotation,
        size=size,
        hidden_overlays=hidden,
        fusion=TestFusion.fusion,
    )
    one, two = (render(frame, (), request, fused=fused).pixels for _ in range(2))
    assert np.array_equal(one, two)
    assert one.flags.c_contiguous
    assert not one.flags.writeable
