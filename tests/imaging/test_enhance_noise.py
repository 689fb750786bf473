"""Filters against noise, beside scikit-image, SimpleITK and plain loops."""

from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest
import SimpleITK
from skimage import restoration

from medviewer.imaging.enhance import diffusion
from medviewer.imaging.enhance.noise_level import noise_of
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.errors import Cancelled
from medviewer.kit.task import CancelToken, Progress, TaskContext

ALL = ["nl_means", "diffusion", "total_variation", "wavelet"]
NOISE_HU = 30.0


def clean(size: int = 96) -> np.ndarray:
    """A disc on a ramp, in Hounsfield units."""
    rows, columns = np.mgrid[:size, :size] / size
    disc = ((rows - 0.5) ** 2 + (columns - 0.4) ** 2 < 0.08) * 800.0
    return (-600 + 300 * rows + disc).astype(np.float32)


def noisy(size: int = 96) -> np.ndarray:
    noise = np.random.default_rng(7).normal(0, NOISE_HU, (size, size))
    return (clean(size) + noise).astype(np.float32)


class TestHowStrongNoiseIs:
    def test_it_agrees_with_scikit_image(self) -> None:
        assert noise_of(noisy(), None) == pytest.approx(restoration.estimate_sigma(noisy()), rel=1e-5)

    def test_it_is_that_which_was_added(self) -> None:
        assert noise_of(noisy(256), None) == pytest.approx(NOISE_HU, rel=0.05)

    def test_flat_background_and_padding_do_not_count(self) -> None:
        image = np.full((256, 256), -1000, np.float32)
        image[64:192, 64:192] = noisy(128)
        assert noise_of(image, None) == pytest.approx(NOISE_HU, rel=0.15)
        image[:, :128] += np.random.default_rng(1).normal(0, 200, (256, 128)).astype(np.float32)
        valid = np.zeros(image.shape, bool)
        valid[64:192, 128:192] = True
        assert noise_of(image, valid) == pytest.approx(NOISE_HU, rel=0.15)

    def test_rounding_is_no_noise(self) -> None:
        for value in (0.3, -1000.1, 1e6):
            assert noise_of(np.full((32, 32), value, np.float32), None) == 0


class TestOracles:
    def test_non_local_means_agree_with_scikit_image(self) -> None:
        image = noisy()
        level = noise_of(image, None)
        expected = restoration.denoise_nl_means(
            image.astype(float), 5, 4, h=0.8 * level, sigma=level, fast_mode=True
        )
        assert np.abs(ENHANCEMENTS["nl_means"](image, strength=0.8, search_px=4) - expected).max() < 0.01

    def test_non_local_means_agree_with_a_plain_loop(self) -> None:
        image, search, reach = noisy(48).astype(float), 3, 2
        level = noise_of(noisy(48), None)
        row, column, total, weights = 24, 20, 0.0, 0.0
        here = image[row - reach : row + reach + 1, column - reach : column + reach + 1]
        for down, right in np.ndindex(2 * search + 1, 2 * search + 1):
            y, x = row + down - search, column + right - search
            there = image[y - reach : y + reach + 1, x - reach : x + reach + 1]
            away = np.mean((here - there) ** 2) - 2 * level**2
            weight = np.exp(-max(away, 0) / (0.8 * level) ** 2)
            total, weights = total + weight * image[y, x], weights + weight
        found = ENHANCEMENTS["nl_means"](noisy(48), strength=0.8, search_px=search)[row, column]
        # scikit-image counts no patch that is too unlike, where its weight would be below a hundredth
        assert found == pytest.approx(total / weights, abs=0.1 * level)

    def test_total_variation_agrees_with_scikit_image(self) -> None:
        image = noisy()
        level = noise_of(image, None)
        expected = restoration.denoise_tv_chambolle(
            image.astype(float) / level, weight=1.5, eps=0, max_num_iter=diffusion.ROUNDS
        )
        found = ENHANCEMENTS["total_variation"](image, strength=1.5)
        assert np.abs(found - expected * level).max() < 0.02

    def test_wavelet_shrinkage_agrees_with_scikit_image(self) -> None:
        image = noisy(101)  # odd
        expected = restoration.denoise_wavelet(
            image.astype(float),
            sigma=noise_of(image, None),
            wavelet="sym4",
            wavelet_levels=3,
            method="BayesShrink",
            rescale_sigma=False,
        )
        assert np.abs(ENHANCEMENTS["wavelet"](image, levels=3, strength=1.0) - expected).max() < 0.02

    def test_diffusion_agrees_with_a_plain_loop(self) -> None:
        image = noisy(32)
        expected = image.astype(float)
        for _ in range(3):
            expected = flowed(expected, edge=2.5 * noise_of(image, None))
        found = ENHANCEMENTS["diffusion"](image, rounds=3, edge=2.5)
        assert np.abs(found - expected).max() < 0.05


def flowed(image: np.ndarray, edge: float) -> np.ndarray:
    """One round of Perona and Malik, pixel by pixel, with the slope across the flow taken into account."""
    rows, columns = image.shape
    wide = np.pad(image, 2, mode="edge")

    def flow(row: int, column: int, down: int, right: int) -> float:
        """What flows from the neighbour in this direction."""
        row, column = row + 2, column + 2
        along = wide[row + down, column + right] - wide[row, column]
        beside = [
            (wide[y + right, x + down] - wide[y - right, x - down]) / 2
            for y, x in ((row, column), (row + down, column + right))
        ]
        return float(along * np.exp((along**2 + (sum(beside) / 2) ** 2) / (-2 * edge**2)))

    out = image.copy()
    for row, column in np.ndindex(rows, columns):
        ways = ((1, 0), (-1, 0), (0, 1), (0, -1))
        out[row, column] += 0.125 * sum(flow(row, column, *way) for way in ways)
    return out


@pytest.mark.parametrize("name", ALL)
class TestEveryFilterAgainstNoise:
    def test_it_comes_nearer_to_the_picture_without_noise(self, name: str) -> None:
        before, after = (np.abs(image - clean()).mean() for image in (noisy(), ENHANCEMENTS[name](noisy())))
        assert after < before * 0.75

    def test_hounsfield_units_and_shares_are_treated_alike(self, name: str) -> None:
        shares = (noisy() + 1000) / 2000
        alike = ENHANCEMENTS[name](shares) * 2000 - 1000
        assert np.abs(ENHANCEMENTS[name](noisy()) - alike).max() < 0.5

    def test_the_number_of_threads_changes_nothing(self, name: str) -> None:
        image = noisy(101)
        expected = ENHANCEMENTS[name](image)
        threads, itk = cv2.getNumThreads(), SimpleITK.ProcessObject.GetGlobalDefaultNumberOfThreads()
        try:
            for count in (1, 3):
                cv2.setNumThreads(count)
                SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(count)
                assert np.array_equal(ENHANCEMENTS[name](image), expected)
        finally:
            cv2.setNumThreads(threads)
            SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(itk)

    def test_it_can_be_stopped_and_tells_how_far_it_is(self, name: str) -> None:
        token, told = CancelToken(), list[Progress]()

        def tell(progress: Progress) -> None:
            told.append(progress)
            if len(told) == 2:
                token.cancel()

        with pytest.raises(Cancelled):
            ENHANCEMENTS[name](noisy(1024), context=TaskContext(token, tell))
        assert len(told) == 2

    def test_whether_anybody_waits_changes_nothing(self, name: str) -> None:
        expected = ENHANCEMENTS[name](noisy())
        assert np.array_equal(ENHANCEMENTS[name](noisy(), context=TaskContext()), expected)


@pytest.mark.parametrize("name", ALL)
def test_a_picture_without_noise_stays_as_it_is(name: str) -> None:
    flat = np.full((40, 40), 37.5, np.float32)
    flat[:, 20:] = -800
    assert np.array_equal(ENHANCEMENTS[name](flat), flat)


def test_diffusion_that_is_stopped_from_another_thread_ends_soon() -> None:
    token, running = CancelToken(), threading.Event()
    ended: list[type[BaseException]] = []

    def work() -> None:
        try:
            ENHANCEMENTS["diffusion"](
                noisy(1024), rounds=50, context=TaskContext(token, lambda _: running.set())
            )
        except Cancelled:
            ended.append(Cancelled)

    thread = threading.Thread(target=work)
    thread.start()
    assert running.wait(30)
    token.cancel()
    thread.join(30)
    assert ended == [Cancelled]
