"""Who learns, chooses and judges: no patient in two parts, folds as scikit-learn would make them, a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medviewer.kit.errors import TrainingTrouble
from medviewer.training.configuration import SplitPlan
from medviewer.training.data.loading import Loaded
from medviewer.training.data.split import (
    Split,
    divided,
    in_folds,
    read_split,
    split_from,
    strata_of,
    write_split,
)


def loaded_of(groups: list[str], labels: list[int], targets: np.ndarray | None = None) -> Loaded:
    count = len(groups)
    return Loaded(
        np.zeros((count, 1, 1, 1), np.float32),
        np.array(labels, np.int64),
        None,
        tuple(f"p{at}" for at in range(count)),
        tuple(groups),
        ("",) * count,
        (),
        0,
        "fingerprint",
        targets,
    )


def leaks(groups: tuple[str, ...], split: Split) -> list[str]:
    """The slow way: every picture beside every other."""
    found = []
    for at, one in enumerate(groups):
        for other in range(at + 1, len(groups)):
            if one == groups[other] and split.parts[at] != split.parts[other]:
                found.append(one)
    return found


@st.composite
def some_data(draw: st.DrawFn) -> Loaded:
    """Patients with one to five pictures, each of one class or of both."""
    patients = draw(st.integers(24, 60))
    mixed = draw(st.booleans())
    chance = np.random.default_rng(draw(st.integers(0, 2**20)))
    groups: list[str] = []
    labels: list[int] = []
    for patient in range(patients):
        for _ in range(int(chance.integers(1, 6))):
            groups.append(f"patient {patient}")
            labels.append(int(chance.integers(0, 2)) if mixed else patient % 2)
    order = chance.permutation(len(groups))
    return loaded_of([groups[at] for at in order], [labels[at] for at in order])


@given(some_data(), st.integers(0, 2**31 - 1), st.sampled_from([0, 3, 5]), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_no_patient_is_ever_in_two_parts(data: Loaded, seed: int, folds: int, fold: int) -> None:
    plan = SplitPlan(held_out=0.25, chosen_by=0.2, folds=folds, fold=fold)
    try:
        split = divided(data, plan, seed, "patient")
    except TrainingTrouble:
        # too few of a class for a part: said, and never divided badly
        return
    assert leaks(data.groups, split) == []
    assert set(split.parts) == {"train", "val", "test"}
    assert divided(data, plan, seed, "patient") == split


@pytest.mark.parametrize("folds", [2, 4, 5])
def test_every_picture_judges_once_and_classes_are_even(folds: int) -> None:
    groups = [f"patient {at // 3}" for at in range(240)]
    labels = [int(at // 3 % 4 == 0) for at in range(240)]
    data = loaded_of(groups, labels)
    judged = np.zeros(len(data), int)
    for fold in range(1, folds + 1):
        split = in_folds(data, 9, folds, fold, 0.1)
        rows = split.of("test")
        judged[rows] += 1
        assert leaks(data.groups, split) == []
        assert abs(data.labels[rows].mean() - 0.25) < 0.06
        assert abs(len(rows) - 240 / folds) <= 12
        assert set(split.folds) == set(range(1, folds + 1))
    assert (judged == 1).all()


def test_folds_are_those_of_scikit_learn() -> None:
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415  a second to import

    groups = [f"patient {at // 2}" for at in range(80)]
    labels = [at // 2 % 2 for at in range(80)]
    data = loaded_of(groups, labels)
    theirs = StratifiedGroupKFold(4, shuffle=True, random_state=5).split(np.zeros(80), labels, groups)
    for fold, (_, rows) in enumerate(theirs, 1):
        assert in_folds(data, 5, 4, fold, 0.2).of("test").tolist() == rows.tolist()


def test_values_of_a_regression_are_spread_over_all_parts() -> None:
    values = np.arange(100, dtype=np.float32)[:, None]
    data = loaded_of([f"g{at}" for at in range(100)], [-1] * 100, values)
    assert np.bincount(strata_of(data)).tolist() == [20] * 5
    split = divided(data, SplitPlan(held_out=0.2, chosen_by=0.25), 1)
    for part in ("val", "test"):
        assert np.bincount(strata_of(data)[split.of(part)], minlength=5).tolist() == [4] * 5


def test_combinations_of_labels_are_strata() -> None:
    targets = np.array([[0, 1], [1, 0], [0, 1], [np.nan, 0]], np.float32)
    assert len(set(strata_of(loaded_of(list("abcd"), [-1] * 4, targets)).tolist())) == 3


def test_a_division_is_given_back_as_a_file_without_any_patients_number(tmp_path: Path) -> None:
    groups = [f"patient 00{at // 2}" for at in range(60)]
    data = loaded_of(groups, [at // 2 % 2 for at in range(60)])
    plan = SplitPlan(folds=3, fold=2)
    split = divided(data, plan, 4)
    path = tmp_path / "split.csv"
    write_split(path, data, split)
    text = path.read_text()
    assert text.splitlines()[0] == "name,part,fold,group"
    assert "patient" not in text
    again = divided(data, SplitPlan(file=str(path)), 99)
    assert again.parts == split.parts
    write_split(tmp_path / "other.csv", replace(data, fingerprint="other"), split)
    words = {line.rsplit(",", 1)[1] for line in text.splitlines()[1:]}
    others = {line.rsplit(",", 1)[1] for line in (tmp_path / "other.csv").read_text().splitlines()[1:]}
    assert len(words) == 30
    assert not words & others


def test_a_file_that_would_leak_is_refused(tmp_path: Path) -> None:
    data = loaded_of([f"patient {at // 2}" for at in range(40)], [at // 2 % 2 for at in range(40)])
    split = divided(data, SplitPlan(), 1)
    path = tmp_path / "split.csv"
    write_split(path, data, split)
    at = split.parts.index("train")
    path.write_text(path.read_text().replace(f"p{at},train", f"p{at},test"))
    with pytest.raises(TrainingTrouble, match=r"both are of one patient, or the same picture"):
        split_from(path, data)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "name,part\np0,elsewhere\n", "name,part\nq,train\n"])
def test_another_file_is_no_division_of_these_data(tmp_path: Path, text: str) -> None:
    path = tmp_path / "split.csv"
    path.write_text(text)
    data = loaded_of(list("abcd"), [0, 1, 0, 1])
    with pytest.raises(TrainingTrouble, match=r"no split written|knows none of these"):
        split_from(path, data)


def test_a_picture_that_the_file_does_not_name_stays_out(tmp_path: Path) -> None:
    data = loaded_of([f"g{at}" for at in range(40)], [at % 2 for at in range(40)])
    path = tmp_path / "split.csv"
    split = divided(data, SplitPlan(), 1)
    write_split(path, data, split)
    path.write_text("".join(line for line in path.open() if not line.startswith("p7,")))
    assert "p7" not in read_split(path)
    again = split_from(path, data)
    assert again.parts[7] == ""
    assert "1 pictures are not in it" in again.rule


@pytest.mark.parametrize(("folds", "fold"), [(1, 1), (3, 4), (50, 1)])
def test_folds_that_cannot_be_are_said(folds: int, fold: int) -> None:
    data = loaded_of([f"g{at}" for at in range(40)], [at % 2 for at in range(40)])
    with pytest.raises(TrainingTrouble, match=r"no fold|cannot be divided"):
        divided(data, SplitPlan(folds=folds, fold=fold), 1)
