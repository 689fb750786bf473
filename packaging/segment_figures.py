"""How well the classic methods find lungs, beside the same methods called straight from their libraries.

``python packaging/segment_figures.py FOLDER [--all]``, where FOLDER holds ``training/cxr-lung-shenzhen``
(images and masks of radiographs, NLM), ``training/organs-nifti`` (a CT with organs, TotalSegmentator) and
``dicom/ct-chest-lidc-0314``; what is missing is left out. Every tenth radiograph by name unless --all.

Seeds are what a reader would click: the innermost point of each lung (by the reference), and outside the
middle between the lungs, the lower edge and both sides. What has no seeds is tidied: what touches the border
is dropped, the two largest parts are kept, their holes filled, by SciPy for both: only methods differ.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import SimpleITK as simple_itk
import skimage
from numpy.typing import NDArray
from scipy import ndimage
from scipy.cluster.vq import kmeans2

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

import medviewer.imaging.segment  # noqa: E402, F401 - the methods declare themselves on import
from medviewer.core.volume import read_only  # noqa: E402
from medviewer.imaging.segment.grid import Grid  # noqa: E402
from medviewer.imaging.segment.method import METHODS, Seed  # noqa: E402

sitk: Any = simple_itk
scikit: Any = skimage
Mask = NDArray[np.bool_]
Direct = Callable[[NDArray[Any], Sequence[Seed]], Mask]
EVERY = 10
NO_WORSE = 0.01
"""So much less Dice, in the mean, is the rounding of other settings."""
BALL = 6.0
GEODESIC = {"start_mm": 10, "sigma_mm": 2.0, "rounds": 1000, "reach_mm": 500}
SHUNS = 8.0
SLOW = ("random_walker",)
"""Every fifth of the pictures has to do for what takes seconds for each."""
BELOW, ABOVE = 40.0, 40.0


def dice(one: Mask, other: Mask) -> float:
    """Dice's coefficient."""
    return 2 * int((one & other).sum()) / max(int(one.sum()) + int(other.sum()), 1)


def radiographs(folder: Path, every: int) -> Iterator[tuple[NDArray[np.int16], Mask]]:
    """Pictures with their lungs."""
    for path in sorted((folder / "images").glob("*.jpg"))[::every]:
        mask = cv2.imread(str(folder / "masks" / f"{path.stem}.png"), cv2.IMREAD_GRAYSCALE)
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if mask is not None and picture is not None:
            yield picture.astype(np.int16), np.asarray(mask) > 0


def clicked(lungs: Mask) -> list[Seed]:
    """Where a reader would click."""
    labels, count = ndimage.label(lungs)
    sizes = ndimage.sum_labels(lungs, labels, range(1, count + 1))
    inside = []
    for part in np.argsort(sizes)[::-1][:2] + 1:
        depth = ndimage.distance_transform_edt(labels == part)
        inside.append(tuple(int(at) for at in np.unravel_index(int(np.argmax(depth)), lungs.shape)))
    rows, columns = lungs.shape
    middle = (int(np.mean([at[0] for at in inside])), int(np.mean([at[1] for at in inside])))
    outside = [middle, (rows - 4, columns // 2), (rows // 2, 3), (rows // 2, columns - 4)]
    return [Seed(at) for at in inside] + [Seed(at, inside=False) for at in outside if not lungs[at]]


def tidied(mask: Mask) -> Mask:
    """Two parts without holes, neither of them at the border."""
    labels, count = ndimage.label(mask)
    if not count:
        return mask
    sizes = ndimage.sum_labels(mask, labels, range(count + 1))
    sizes[0] = 0
    edges = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    sizes[np.unique(np.concatenate(edges))] = 0
    largest = [int(at) for at in np.argsort(sizes)[::-1][:2] if sizes[at] > 0]
    found: Mask = ndimage.binary_fill_holes(np.isin(labels, largest))
    return found


def _otsu(picture: NDArray[Any], _: Sequence[Seed]) -> Mask:
    return np.asarray(picture <= scikit.filters.threshold_otsu(picture))


def _multi_otsu(picture: NDArray[Any], _: Sequence[Seed]) -> Mask:
    low, high = scikit.filters.threshold_multiotsu(picture, classes=3)
    return np.asarray((picture > low) & (picture <= high))


def _k_means(picture: NDArray[Any], _: Sequence[Seed]) -> Mask:
    smooth = ndimage.gaussian_filter(picture.astype(float), 1.0)
    start = np.quantile(smooth, [1 / 6, 3 / 6, 5 / 6])[:, None]
    means, label = kmeans2(smooth.reshape(-1, 1), start, iter=100, minit="matrix")
    return np.asarray((label == np.argsort(means[:, 0])[1]).reshape(picture.shape))


def _points(seeds: Sequence[Seed]) -> list[tuple[int, ...]]:
    return [seed.index[::-1] for seed in seeds if seed.inside]


def _growing(picture: NDArray[Any], seeds: Sequence[Seed]) -> Mask:
    means = [
        float(picture[r - 1 : r + 2, c - 1 : c + 2].mean()) for r, c in (s.index for s in seeds if s.inside)
    ]
    found = sitk.ConnectedThreshold(
        sitk.GetImageFromArray(picture),
        _points(seeds),
        min(means) - BELOW,
        max(means) + ABOVE,
        1,
        sitk.ConnectedThresholdImageFilter.FullConnectivity,
    )
    return np.asarray(sitk.GetArrayFromImage(found)) > 0


def _statistical(picture: NDArray[Any], seeds: Sequence[Seed]) -> Mask:
    found = sitk.ConfidenceConnected(sitk.GetImageFromArray(picture), _points(seeds), 4, 2.5, 2, 1)
    return np.asarray(sitk.GetArrayFromImage(found)) > 0


def _balls(shape: tuple[int, ...], seeds: Sequence[Seed], inside: bool, radius: float) -> Mask:
    away = np.full(shape, np.inf)
    for seed in seeds:
        if seed.inside is inside:
            axes = np.ogrid[: shape[0], : shape[1]]
            away = np.minimum(away, np.hypot(axes[0] - seed.index[0], axes[1] - seed.index[1]))
    return np.asarray(away <= radius)


def _markers(picture: NDArray[Any], seeds: Sequence[Seed]) -> NDArray[np.int32]:
    markers = np.zeros(picture.shape, np.int32)
    markers[_balls(picture.shape, seeds, False, BALL)] = 2
    markers[_balls(picture.shape, seeds, True, BALL)] = 1
    return markers


def _watershed(picture: NDArray[Any], seeds: Sequence[Seed]) -> Mask:
    slopes = ndimage.gaussian_gradient_magnitude(picture.astype(float), 2.0)
    return np.asarray(scikit.segmentation.watershed(slopes, _markers(picture, seeds)) == 1)


def _walker(picture: NDArray[Any], seeds: Sequence[Seed]) -> Mask:
    walked = scikit.segmentation.random_walker
    return np.asarray(walked(picture / 255.0, _markers(picture, seeds), beta=130, mode="bf") == 1)


def _chan_vese(picture: NDArray[Any], seeds: Sequence[Seed]) -> Mask:
    low, high = np.percentile(picture, (2, 98))
    start = _balls(picture.shape, seeds, True, 8.0).astype(np.int8)
    contour = scikit.segmentation.morphological_chan_vese
    found = contour(np.clip((picture - low) / (high - low), 0, 1), 60, init_level_set=start, smoothing=1)
    labels, _ = ndimage.label(found)
    return np.isin(labels, [labels[seed.index] for seed in seeds if seed.inside and labels[seed.index]])


def _geodesic(picture: NDArray[Any], seeds: Sequence[Seed]) -> Mask:
    edges = scikit.segmentation.inverse_gaussian_gradient(picture / 255.0, alpha=100, sigma=2.0)
    start = _balls(picture.shape, seeds, True, 4.0).astype(np.int8)
    contour = scikit.segmentation.morphological_geodesic_active_contour
    return np.asarray(contour(edges, 300, init_level_set=start, smoothing=1, balloon=1)) > 0


def _edges(picture: NDArray[Any], _: Sequence[Seed]) -> Mask:
    lines = scikit.feature.canny(picture / 255.0, sigma=2.0)
    closed = ndimage.binary_closing(np.pad(lines, 12), scikit.morphology.disk(3))
    return np.asarray(
        ndimage.binary_opening(ndimage.binary_fill_holes(closed), np.ones((3, 3)))[12:-12, 12:-12]
    )


def _pieces(picture: NDArray[Any], seeds: Sequence[Seed]) -> Mask:
    pieces = scikit.segmentation.slic(picture / 255.0, 2800, 0.05, channel_axis=None, start_label=0)
    low, high = np.percentile(picture, (2, 98))
    mean = ndimage.mean(
        np.clip((picture - low) * 100 / (high - low), 0, 100), pieces, range(pieces.max() + 1)
    )
    first = [int(pieces[seed.index]) for seed in seeds if seed.inside]
    alike = (mean >= mean[first].min() - 6) & (mean <= mean[first].max() + 6)
    alike[[int(pieces[seed.index]) for seed in seeds if not seed.inside]] = False
    labels, _ = ndimage.label(alike[pieces])
    return np.isin(labels, [labels[seed.index] for seed in seeds if seed.inside and labels[seed.index]])


ROWS: tuple[tuple[str, dict[str, Any], str, Direct, bool], ...] = (
    ("otsu", {"side": "dark"}, "scikit-image threshold_otsu", _otsu, True),
    ("multi_otsu", {"classes": 3, "keep": 2}, "scikit-image threshold_multiotsu", _multi_otsu, True),
    ("k_means", {"classes": 3, "keep": 2}, "SciPy kmeans2", _k_means, True),
    ("edge_and_fill", {}, "scikit-image canny, SciPy fill", _edges, True),
    ("region_growing", {"below": BELOW, "above": ABOVE}, "SimpleITK ConnectedThreshold", _growing, False),
    ("confidence_connected", {}, "SimpleITK ConfidenceConnected", _statistical, False),
    ("watershed", {"ball_mm": BALL, "reach_mm": 500}, "scikit-image watershed", _watershed, False),
    (
        "random_walker",
        {"ball_mm": BALL, "reach_mm": 500, "shuns": SHUNS},
        "scikit-image random_walker",
        _walker,
        False,
    ),
    ("chan_vese", {"reach_mm": 500}, "scikit-image morphological_chan_vese", _chan_vese, False),
    ("geodesic", GEODESIC, "scikit-image morphological_geodesic", _geodesic, False),
    ("superpixels", {"reach_mm": 500}, "scikit-image slic, like pieces", _pieces, False),
)
"""method, its values, what it is beside, that, and whether both are tidied"""


def figures(folder: Path, every: int = EVERY, only: Sequence[str] = ()) -> dict[str, tuple[float, float]]:
    """Mean Dice over the radiographs, by method: ours, and that of the library called directly."""
    reached: dict[str, list[tuple[float, float]]] = {}
    for at, (picture, lungs) in enumerate(radiographs(folder, every)):
        seeds = clicked(lungs)
        grid = Grid(read_only(picture), (1.0, 1.0), calibrated=False)
        for name, values, _, direct, is_tidied in ROWS:
            if (only and name not in only) or (name in SLOW and at % 5):
                continue
            method = METHODS[name]
            given = [one for one in seeds if one.inside or method.takes_outside] if method.takes_seeds else []
            pair = (np.asarray(method(grid, given, **values)), direct(picture, seeds))
            pair = (tidied(pair[0]), tidied(pair[1])) if is_tidied else pair
            reached.setdefault(name, []).append((dice(pair[0], lungs), dice(pair[1], lungs)))
    return {
        name: (float(np.mean([one for one, _ in both])), float(np.mean([other for _, other in both])))
        for name, both in reached.items()
    }


def plain_lungs(values: NDArray[np.int16], spacing: tuple[float, ...]) -> Mask:
    """Lungs in CT by SciPy and scikit-image alone: air inside of the slices, two parts, closed."""
    dark = values <= -400
    for one in dark:
        one[...] = scikit.segmentation.clear_border(one)
    labels, _ = ndimage.label(dark, np.ones((3, 3, 3)))
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    found = np.isin(labels, np.argsort(sizes)[::-1][:2])
    radius = max(1, round(8.0 / spacing[1]))
    for one in found:
        if one.any():
            wide = np.pad(one, radius)
            closed = ndimage.binary_closing(wide, scikit.morphology.disk(radius))
            one[...] = ndimage.binary_fill_holes(closed)[radius:-radius, radius:-radius]
    return found


def organs(folder: Path) -> tuple[float, float]:
    """Dice of the lungs in a CT whose organs are known: the preset, and that of plain calls."""
    image = sitk.ReadImage(str(folder / "example_ct_sm.nii.gz"))
    known = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "example_seg.nii.gz")))
    values, spacing = sitk.GetArrayFromImage(image).astype(np.int16), image.GetSpacing()[::-1]
    lungs = np.isin(known, (10, 11, 12, 13, 14))  # TotalSegmentator's five lobes
    grid = Grid(read_only(values), spacing, unit="HU")
    return dice(np.asarray(METHODS["lungs"](grid)), lungs), dice(plain_lungs(values, spacing), lungs)


def chest(folder: Path) -> tuple[float, float, float]:
    """Of the chest CT, ml that the preset finds, ml by plain calls, and Dice between both."""
    from medviewer.cli import desk  # noqa: PLC0415  only this needs a session
    from medviewer.imaging.segment.grid import grid_of  # noqa: PLC0415  (see above)

    found = desk.contents(folder)
    with desk.session(found) as opened:
        grid = grid_of(opened.frames.volume(desk.chosen(found, folder).key))
    ours, plain = np.asarray(METHODS["lungs"](grid)), plain_lungs(np.asarray(grid.values), grid.spacing)
    return ours.sum() * grid.voxel_mm / 1000, plain.sum() * grid.voxel_mm / 1000, dice(ours, plain)


def main() -> int:
    """Print the table; the answer is 1 where a method is worse than its library."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="all radiographs, not every tenth")
    values = parser.parse_args()
    worse = []
    radiograph = values.folder / "training" / "cxr-lung-shenzhen"
    if radiograph.is_dir():
        every = 1 if values.all else EVERY
        count = sum(1 for _ in radiographs(radiograph, every))
        print(f"Lungs on {count} radiographs, mean Dice (medviewer, the library called directly):")
        titles = {name: title for name, _, title, _, _ in ROWS}
        for name, (ours, plain) in figures(radiograph, every).items():
            print(f"  {METHODS[name].title:34}{ours:6.3f}  {plain:6.3f}  {titles[name]}")
            worse += [name] if ours < plain - NO_WORSE else []
    nifti = values.folder / "training" / "organs-nifti"
    if nifti.is_dir():
        ours, plain = organs(nifti)
        print(f"Lungs in a CT whose organs are known, Dice: preset {ours:.3f}, plain calls {plain:.3f}")
        worse += ["lungs"] if ours < plain - NO_WORSE else []
    ct = values.folder / "dicom" / "ct-chest-lidc-0314"
    if ct.is_dir():
        ours, plain, both = chest(ct)
        print(f"Lungs in the chest CT: preset {ours:.0f} ml, plain calls {plain:.0f} ml, Dice {both:.3f}")
    for name in worse:
        print(f"worse than its library: {name}")
    return 1 if worse else 0


if __name__ == "__main__":
    raise SystemExit(main())
