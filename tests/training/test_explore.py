"""Exploring: the map, the clusters and the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.kit.errors import Cancelled, TrainingTrouble
from medviewer.kit.params import checked, parameters
from medviewer.kit.task import CancelToken, TaskContext
from tests.training.labelled import arrays, class_folders, disc

pytest.importorskip("sklearn")

from threadpoolctl import threadpool_limits  # noqa: E402

from medviewer.training.classical.exploring import explored, in_words  # noqa: E402
from medviewer.training.classical.self_organising import squares, trained  # noqa: E402
from medviewer.training.commands import COMMANDS  # noqa: E402

EXPLORE = next(command.function for command in COMMANDS if command.name == "explore")


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Threads that wait for each other take minutes on a computer that is busy otherwise."""
    with threadpool_limits(1):
        yield


def explore(context: TaskContext | None = None, **values: Any) -> dict[str, Any]:
    found: dict[str, Any] = EXPLORE(context or TaskContext(), **checked(parameters(EXPLORE), values))
    return found


def three(each: int = 40) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(3)
    middles = np.array([[0, 0, 0], [9, 0, 0], [0, 9, 9]], float)
    return np.concatenate([rng.normal(one, 0.7, (each, 3)) for one in middles]), np.repeat([0, 1, 2], each)


def test_a_map_keeps_neighbours_together() -> None:
    rng = np.random.default_rng(1)
    square = rng.random((600, 2))
    sheet = trained(square, 6, 6)
    assert sheet.torn < 0.1
    assert sheet.error < 0.12
    # a bent sheet lies flat in the square: its rows and columns run along one axis each
    along = np.corrcoef(sheet.places(square).T, square.T)[:2, 2:]
    assert (np.abs(along).max(axis=0) > 0.9).all()
    assert (trained(square, 6, 6).nodes == sheet.nodes).all()


def test_nodes_of_a_map_belong_to_one_group_and_show_what_is_nearest() -> None:
    points, groups = three()
    sheet = trained(points, 4, 4)
    places = sheet.places(points)
    for node, row in sheet.examples(points).items():
        of = np.flatnonzero((places == node).all(axis=1))
        assert len(set(groups[of])) == 1
        assert row == of[((points[of] - sheet.nodes[node]) ** 2).sum(axis=1).argmin()]
    assert squares(points[:3], points[:3]) == pytest.approx(
        ((points[:3, None] - points[None, :3]) ** 2).sum(axis=2), abs=1e-9
    )


def test_groups_that_lie_apart_are_found_without_their_labels() -> None:
    points, groups = three()
    found = explored(points.astype(np.float32), ("a", "b", "c"), groups, TaskContext(), tsne=True)
    told = in_words(found)
    assert told["k_means"] == {
        "clusters": 3,
        "silhouette": pytest.approx(0.85, abs=0.1),
        "adjusted_rand": 1.0,
    }
    assert told["tree"]["adjusted_rand"] == 1.0
    assert sum(told["explained_variance"]) == pytest.approx(1, abs=1e-3)
    assert found.embedded is not None
    assert found.embedded.shape == (120, 2)
    unlabelled = explored(points.astype(np.float32), ("a", "b", "c"), None, TaskContext())
    assert in_words(unlabelled)["k_means"]["clusters"] == 3
    assert "adjusted_rand" not in in_words(unlabelled)["k_means"]


def test_components_are_those_of_a_decomposition() -> None:
    points, _ = three()
    found = explored(points.astype(np.float32), ("a", "b", "c"), None, TaskContext())
    scaled = (points - points.mean(axis=0)) / points.std(axis=0)
    sizes = np.linalg.svd(scaled, compute_uv=False) ** 2
    assert found.explained == pytest.approx(sizes / sizes.sum(), abs=1e-6)
    assert set(found.loadings[0]) == {"a", "b", "c"}


def test_pictures_are_explored_on_one_page_that_loads_nothing(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "<b>discs", 14)
    found = explore(data=data, output=tmp_path / "out", features="intensity, glcm, lbp", tsne=True)
    assert found["pictures"] == 28
    assert found["k_means"]["adjusted_rand"] > 0.9
    page = (tmp_path / "out" / "explored.html").read_text()
    assert "<script" not in page
    assert "<b>discs" not in page
    assert not re.search(r'(src|href)="(?!data:)', page)
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) == 7
    for drawing in drawings:
        ElementTree.fromstring(drawing)
    assert page.count("data:image/png") == len(set(re.findall(r'<image x="\d+" y="\d+"', page)))
    again = explore(data=data, output=tmp_path / "again", features="intensity, glcm, lbp", tsne=True)
    assert again["k_means"] == found["k_means"]
    assert (tmp_path / "again" / "explored.html").read_text() == page


def test_pictures_without_labels_and_arrays_are_explored_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    (tmp_path / "pictures").mkdir()
    for at in range(10):
        cv2.imwrite(str(tmp_path / "pictures" / f"{at}.png"), disc(rng)[0])
    found = explore(data=tmp_path / "pictures", output=tmp_path / "a", features="intensity")
    assert found["classes"] == []
    assert "adjusted_rand" not in found["tree"]
    known = explore(data=arrays(tmp_path / "two.npz", each=10), output=tmp_path / "b", features="lbp")
    assert known["pictures"] == 20
    assert known["map"]["nodes"] == [5, 5]


def test_too_little_to_explore_and_cancelling_end_in_a_sentence(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "few", 3)
    with pytest.raises(TrainingTrouble, match="There are 6 pictures"):
        explore(data=data, output=tmp_path / "out")
    with pytest.raises(TrainingTrouble, match="nothing at"):
        explore(data=tmp_path / "nowhere", output=tmp_path / "out")
    same = np.ones((20, 3), np.float32)
    with pytest.raises(TrainingTrouble, match="are the same"):
        explored(same, ("a", "b", "c"), None, TaskContext())
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        explore(TaskContext(token), data=data, output=tmp_path / "out")
    assert not (tmp_path / "out").exists()
