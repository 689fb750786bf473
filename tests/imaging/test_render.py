"""The one way to pixels: regions, sizes, padding, colour, labels, rotation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.core.geometry import Plane
from medviewer.core.labels import LabelLook, LabelStyle
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, read_only
from medviewer.imaging.render import PIXELS_FROM, Picture, RenderRequest, reduce, render
from medviewer.imaging.viewing import Region, Viewing

WINDOW = VOI.from_range(0, 4095)
PLAIN = RenderRequest("s", 0, WINDOW)


def frame_of(pixels: np.ndarray, **more: object) -> Frame:
    return Frame(read_only(np.ascontiguousarray(pixels)), Plane(pixels.shape[:2]), **more)  # type: ignore[arg-type]


def noise(rows: int, columns: int, dtype: str = "uint16", seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4096, (rows, columns)).astype(dtype)


def smooth(rows: int, columns: int) -> np.ndarray:
    down, right = np.mgrid[:rows, :columns]
    return (2000 + 1500 * np.sin(down / 9) * np.cos(right / 7)).astype(np.uint16)


class TestSizes:
    def test_without_size_every_pixel_is_itself(self) -> None:
        pixels = noise(20, 30)
        assert np.array_equal(render(frame_of(pixels), (), PLAIN).pixels, np.floor(pixels / 4095 * 255 + 0.5))

    @pytest.mark.rule("P-54")
    def test_a_reduced_pixel_is_the_average_of_its_area(self) -> None:
        pixels = noise(40, 40)
        shown = render(frame_of(pixels), (), replace(PLAIN, size=(10, 10))).pixels
        expected = pixels.reshape(10, 4, 10, 4).mean(axis=(1, 3)) / 4095 * 255
        assert np.abs(shown - expected).max() <= 1

    @pytest.mark.rule("P-54")
    def test_an_enlarged_picture_is_interpolated_until_pixels_are_to_be_seen(self) -> None:
        pixels = np.array([[0, 4095]], np.uint16)
        few = render(frame_of(pixels), (), replace(PLAIN, size=(8, 16))).pixels
        assert len(np.unique(few)) > 4
        factor = int(PIXELS_FROM)
        many = render(frame_of(pixels), (), replace(PLAIN, size=(factor, 2 * factor))).pixels
        assert np.array_equal(many, np.repeat([[0, 255]], factor, 1).repeat(factor, 0))

    def test_pixels_that_are_not_square_may_shrink_one_way_and_grow_the_other(self) -> None:
        assert render(frame_of(noise(40, 10)), (), replace(PLAIN, size=(20, 20))).size == (20, 20)

    @pytest.mark.parametrize(
        "dtype", ["uint8", "int8", "int16", "uint16", "int32", "uint32", "float32", "float64"]
    )
    @pytest.mark.parametrize("size", [None, (5, 7), (60, 70)])
    def test_every_kind_of_pixel_can_be_shown(self, dtype: str, size: tuple[int, int] | None) -> None:
        pixels = (noise(20, 30) % 100).astype(dtype)
        for padding in (None, (3, 9)):
            picture = render(frame_of(pixels, padding=padding), (), replace(PLAIN, size=size))
            assert picture.size == (size or (20, 30))
            assert picture.pixels.dtype == np.uint8
            assert picture.pixels.flags.c_contiguous
            assert not picture.pixels.flags.writeable

    @pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 3)])
    def test_tiny_pictures_fill_any_viewport(self, shape: tuple[int, int]) -> None:
        viewing = Viewing(shape, 1.0, (200, 300))
        request = replace(PLAIN, region=viewing.region(), size=viewing.target().size)
        assert render(frame_of(noise(*shape)), (), request).size == viewing.target().size


class TestRegions:
    @given(
        st.integers(0, 30),
        st.integers(0, 40),
        st.integers(1, 20),
        st.integers(1, 20),
        st.sampled_from([1, 2, 3]),
    )
    @settings(max_examples=40)
    def test_a_region_is_a_part_of_the_whole(
        self, top: int, left: int, high: int, wide: int, scale: int
    ) -> None:
        frame = frame_of(smooth(60, 70))
        region = Region(top - 0.5, left - 0.5, top + high - 0.5, left + wide - 0.5)
        part = render(frame, (), replace(PLAIN, region=region, size=(high * scale, wide * scale))).pixels
        whole = render(frame, (), replace(PLAIN, size=(60 * scale, 70 * scale))).pixels
        expected = whole[top * scale : (top + high) * scale, left * scale : (left + wide) * scale]
        inner = (slice(scale, -scale or None), slice(scale, -scale or None))
        if high > 2 and wide > 2:
            assert np.abs(part[inner].astype(int) - expected[inner]).max() <= 1

    @pytest.mark.rule("P-36")
    @pytest.mark.parametrize("rotation", [0, 90, 180, 270])
    @pytest.mark.parametrize("flipped", [False, True])
    @pytest.mark.parametrize("zoom", [0.5, 1.0, 7.3, 40.0])
    def test_what_is_painted_lies_where_the_viewing_says(
        self, rotation: int, flipped: bool, zoom: float
    ) -> None:
        pixels = np.zeros((50, 70), np.uint16)
        pixels[20:25, 30:35] = 4095
        viewing = Viewing((50, 70), 1.5, (400, 500), zoom, rotation=rotation, flipped=flipped)
        viewing = replace(viewing, center=(0.45, 0.46))
        request = replace(PLAIN, region=viewing.region(), rotation=rotation, flipped=flipped)
        target = viewing.target()
        picture = render(frame_of(pixels), (), replace(request, size=target.size)).pixels.astype(float)
        rows, columns = np.mgrid[: target.height, : target.width]
        found = (
            target.x + 0.5 + (picture * columns).sum() / picture.sum(),
            target.y + 0.5 + (picture * rows).sum() / picture.sum(),
        )
        corners = [viewing.to_view(*corner) for corner in ((19.5, 29.5), (24.5, 34.5))]
        inside = all(0 < x < 500 and 0 < y < 400 for x, y in corners)
        if inside:
            assert found == pytest.approx(viewing.to_view(22, 32), abs=0.75)
        else:
            assert zoom == 40

    def test_rotation_is_clockwise_and_after_the_flip(self) -> None:
        pixels = np.array([[0, 1], [2, 3]], np.uint8)
        request = replace(PLAIN, voi=VOI.from_range(0, 255))
        turned = render(frame_of(pixels), (), replace(request, rotation=90)).pixels
        assert turned.tolist() == [[2, 0], [3, 1]]
        both = render(frame_of(pixels), (), replace(request, rotation=90, flipped=True)).pixels
        assert both.tolist() == [[3, 1], [2, 0]]


class TestDragging:
    def test_a_reduced_picture_serves_every_window(self) -> None:
        frame = frame_of(noise(300, 200))
        request = replace(PLAIN, size=(50, 60))
        reduced = reduce(frame, request)
        for center in (500, 1500, 3000):
            dragged = replace(request, voi=VOI(center, 900))
            assert dragged.reduction == request.reduction
            again = render(frame, (), dragged, reduced=reduced).pixels
            assert np.array_equal(again, render(frame, (), dragged).pixels)

    def test_another_region_or_picture_is_another_reduction(self) -> None:
        request = replace(PLAIN, size=(50, 60))
        others = (
            replace(request, index=1),
            replace(request, size=(51, 60)),
            replace(request, region=Region(0, 0, 9, 9)),
        )
        assert len({request.reduction, *(other.reduction for other in others)}) == 4
        assert replace(request, rotation=90, size=(60, 50)).reduction == request.reduction


@pytest.mark.rule("P-31")
class TestPadding:
    def ring(self, dtype: str = "int16") -> Frame:
        pixels = np.full((64, 64), -2000, dtype)
        pixels[16:48, 16:48] = 1000
        return frame_of(pixels, padding=(-2000, -2000))

    @pytest.mark.rule("P-31")
    @pytest.mark.parametrize("dtype", ["int16", "float32", "int32"])
    @pytest.mark.parametrize("side", [16, 20, 37])
    def test_it_does_not_bleed_into_a_reduced_picture(self, dtype: str, side: int) -> None:
        request = replace(PLAIN, voi=VOI.from_range(999, 1001), size=(side, side))
        assert set(np.unique(render(self.ring(dtype), (), request).pixels)) == {0, 128}

    @pytest.mark.rule("P-31")
    def test_it_is_black_in_every_size_and_inversion(self) -> None:
        for size in (None, (20, 20), (90, 90)):
            for inverted in (False, True):
                request = replace(PLAIN, voi=VOI.from_range(0, 2000).with_inversion(inverted), size=size)
                assert render(self.ring(), (), request).pixels[0, 0] == 0

    def test_an_average_that_looks_like_padding_is_still_picture(self) -> None:
        pixels = np.tile(np.array([[-100, 100]], np.int16), (8, 4))
        pixels[0] = 0
        frame = frame_of(pixels, padding=(0, 0))
        shown = render(frame, (), replace(PLAIN, voi=VOI.from_range(-200, 200), size=(4, 4))).pixels
        assert set(np.unique(shown[1:])) == {128}


class TestColour:
    pixels = np.random.default_rng(2).integers(0, 256, (30, 40, 3)).astype(np.uint8)

    @pytest.mark.rule("P-01", "P-29")
    def test_it_passes_as_it_is(self) -> None:
        for voi in (VOI.unknown(), VOI.from_range(0, 255)):
            shown = render(frame_of(self.pixels), (), replace(PLAIN, voi=voi)).pixels
            assert np.array_equal(shown, self.pixels)
            assert shown is not self.pixels

    @pytest.mark.rule("P-25")
    def test_it_can_be_inverted(self) -> None:
        voi = VOI.unknown().with_inversion(True)
        shown = render(frame_of(self.pixels), (), replace(PLAIN, voi=voi)).pixels
        assert np.array_equal(shown, 255 - self.pixels)

    @pytest.mark.rule("P-29")
    def test_a_window_that_is_asked_for_works_on_luminance(self) -> None:
        pixels = np.full((4, 4, 3), (90, 100, 110), np.uint8)
        shown = render(frame_of(pixels), (), replace(PLAIN, voi=VOI.from_range(50, 150))).pixels[0, 0]
        red, green, blue = shown.tolist()
        assert (green - red, blue - green) == (10, 10)
        assert green == pytest.approx(127, abs=3)

    def test_it_can_be_reduced_enlarged_and_turned(self) -> None:
        shown = render(
            frame_of(self.pixels), (), replace(PLAIN, voi=VOI.unknown(), size=(20, 15), rotation=90)
        )
        assert shown.pixels.shape == (20, 15, 3)


class TestLabels:
    labels = np.zeros((40, 40), np.uint8)
    labels[10:30, 10:30] = 1
    labels[15:20, 15:20] = 2
    look = LabelLook((LabelStyle(1, "#ff0000", 0.5), LabelStyle(2, "#00ff00", 0.5)))
    frame = frame_of(np.full((40, 40), 2000, np.uint16))

    def shown(self, look: LabelLook, size: tuple[int, int] | None = None) -> np.ndarray:
        return render(self.frame, (self.labels,), replace(PLAIN, labels=(look,), size=size)).pixels

    def test_fill_is_mixed_and_the_outline_is_solid(self) -> None:
        shown = self.shown(self.look)
        assert shown[0, 0].tolist() == [125, 125, 125]
        assert shown[25, 25].tolist() == pytest.approx([190, 62, 62], abs=1)
        assert shown[17, 17].tolist() == pytest.approx([62, 190, 62], abs=1)
        assert shown[10, 20].tolist() == [255, 0, 0]
        assert shown[9, 20].tolist() == [125, 125, 125]

    def test_a_label_that_is_not_listed_is_not_seen(self) -> None:
        shown = self.shown(LabelLook((LabelStyle(2, "#00ff00", 0.5),)))
        assert shown[25, 25].tolist() == [125, 125, 125]

    def test_a_proposal_has_a_dashed_outline(self) -> None:
        styles = (LabelStyle(1, "#ff0000", 0.0), LabelStyle(2, "#00ff00", 0.0))
        edge = self.shown(LabelLook(styles, proposed=True))[10, 10:30]
        red = edge[:, 0] == 255
        assert 0 < red.sum() < len(red)

    def test_without_opacity_only_the_outline_remains(self) -> None:
        assert self.shown(LabelLook((LabelStyle(1, "#ff0000", 0.0),)))[25, 25].tolist() == [125, 125, 125]

    def test_labels_stay_on_their_pixels_when_enlarged_and_turned(self) -> None:
        large = self.shown(self.look, (120, 120))
        assert large[30 * 3 - 2, 60].tolist()[0] > 180
        assert large[30 * 3 + 2, 60].tolist() == [125, 125, 125]
        request = replace(PLAIN, labels=(self.look,), rotation=90, flipped=True)
        plain = self.shown(self.look)
        assert np.array_equal(
            render(self.frame, (self.labels,), request).pixels, np.rot90(plain[:, ::-1], -1)
        )

    def test_a_map_without_look_is_not_drawn(self) -> None:
        assert render(self.frame, (self.labels,), PLAIN).pixels.ndim == 2

    def test_no_labels_on_this_slice_leave_it_grey_or_not_changed(self) -> None:
        shown = render(
            self.frame, (np.zeros((40, 40), np.uint8),), replace(PLAIN, labels=(self.look,))
        ).pixels
        assert (shown == 125).all()


def test_the_screens_format_is_the_same_picture() -> None:
    picture = render(frame_of(noise(5, 6)), (), PLAIN)
    assert picture.bgra().shape == (5, 6, 4)
    assert (picture.bgra()[..., 3] == 255).all()
    assert np.array_equal(picture.bgra()[..., 0], picture.pixels)
    color = Picture(np.array([[[1, 2, 3]]], np.uint8))
    assert color.bgra().tolist() == [[[3, 2, 1, 255]]]
    assert picture.rgb().shape == (5, 6, 3)
    assert picture.bytes == 30


def test_equal_requests_are_one_key() -> None:
    assert hash(replace(PLAIN, size=(3, 4))) == hash(replace(PLAIN, size=(3, 4)))
