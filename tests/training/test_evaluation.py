"""Figures agree with those of scikit-learn, SimpleITK and slow plain ways; reports keep to themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK
from sklearn import metrics as judge

from medviewer.kit.errors import FileTrouble, TrainingTrouble
from medviewer.kit.task import TaskContext
from medviewer.training.data.dataset import Dataset, Example
from medviewer.training.evaluation import metrics
from medviewer.training.evaluation.comparing import compare_runs
from medviewer.training.evaluation.curves import precision_recall, roc
from medviewer.training.evaluation.judging import judgement
from medviewer.training.evaluation.operating import OperatingPlan, operating_point
from medviewer.training.evaluation.report import write_report
from medviewer.training.evaluation.runs import compared
from medviewer.training.evaluation.surfaces import apart, border

RNG = np.random.default_rng(21)
HOSTILE = "<script>alert(1)</script>"


def binary(count: int = 200) -> tuple[Any, Any]:
    """Truth, and scores with ties."""
    truth = RNG.integers(0, 2, count)
    return truth, np.clip(np.round(RNG.normal(0.35, 0.2, count) + truth * 0.3, 2), 0, 1)


def test_figures_of_classes_are_those_of_scikit_learn() -> None:
    for count in (2, 4):
        truth, scores = RNG.integers(0, count, 300), RNG.dirichlet(np.ones(count), 300)
        chosen = scores.argmax(axis=1)
        same = pytest.approx
        assert metrics.matthews(truth, chosen, count) == same(judge.matthews_corrcoef(truth, chosen))
        assert metrics.kappa(truth, chosen, count) == same(judge.cohen_kappa_score(truth, chosen))
        assert metrics.balanced_accuracy(truth, chosen) == same(judge.balanced_accuracy_score(truth, chosen))
        assert (metrics.confusion(truth, chosen, count) == judge.confusion_matrix(truth, chosen)).all()
        assert metrics.f1(truth, chosen, 1) == same(judge.f1_score(truth == 1, chosen == 1))
    truth, scores = binary()
    assert metrics.brier(truth, np.stack([1 - scores, scores], 1)) == pytest.approx(
        judge.brier_score_loss(truth, scores)
    )
    assert metrics.average_precision(truth, scores) == pytest.approx(
        judge.average_precision_score(truth, scores), abs=1e-12
    )


def test_curves_are_those_of_scikit_learn() -> None:
    truth, scores = binary()
    out, found, levels = roc(truth, scores)
    wanted = judge.roc_curve(truth, scores, drop_intermediate=False)
    for ours, theirs in zip((out, found, levels), wanted, strict=True):
        np.testing.assert_allclose(ours, theirs)
    recall, precision, _ = precision_recall(truth, scores)
    theirs = judge.precision_recall_curve(truth, scores)
    np.testing.assert_allclose(recall[::-1], theirs[1])
    np.testing.assert_allclose(precision[::-1], theirs[0])
    assert np.trapezoid(found, out) == pytest.approx(metrics.auc(truth, scores))


def test_the_order_of_examples_changes_no_figure() -> None:
    truth, scores = binary()
    mixed = RNG.permutation(len(truth))
    for figure in (metrics.auc, metrics.average_precision):
        assert figure(truth, scores) == pytest.approx(figure(truth[mixed], scores[mixed]))


@pytest.mark.parametrize("rule", ["youden", "sensitivity", "specificity", "cost"])
def test_the_operating_point_is_the_best_of_all_cuts(rule: Any) -> None:
    truth, scores = binary()
    plan = OperatingPlan(rule, wanted=0.9, cost=4.0)
    share = truth.mean()

    def worth(cut: float) -> float:
        yes = scores >= cut
        found, kept = yes[truth == 1].mean(), (~yes[truth == 0]).mean()
        return {
            "youden": found + kept,
            "sensitivity": kept if found >= 0.9 else -1,
            "specificity": found if kept >= 0.9 else -1,
            "cost": -4 * share * (1 - found) - (1 - share) * (1 - kept),
        }[rule]

    best = max(worth(cut) for cut in np.arange(0.005, 1, 0.01))
    assert worth(operating_point(truth, scores, plan)) == pytest.approx(best)


def test_an_operating_point_needs_both_answers() -> None:
    with pytest.raises(TrainingTrouble, match="with yes and with no"):
        operating_point(np.ones(5, int), np.linspace(0, 1, 5))


def blob(shape: tuple[int, ...], seed: int) -> np.ndarray[Any, Any]:
    """A ragged ball."""
    rng = np.random.default_rng(seed)
    grid = np.indices(shape).astype(float)
    middle = [side / 2 + rng.uniform(-1.5, 1.5) for side in shape]
    away = sum((axis - at) ** 2 for axis, at in zip(grid, middle, strict=True))
    return away < (min(shape) * 0.32) ** 2 * rng.uniform(0.6, 1.2, shape)


@pytest.mark.parametrize(("shape", "spacing"), [((21, 25), (0.7, 1.3)), ((9, 12, 14), (2.5, 0.8, 1.1))])
def test_distances_are_those_of_a_slow_plain_way_and_of_simpleitk(
    shape: tuple[int, ...], spacing: tuple[float, ...]
) -> None:
    one, other = blob(shape, 1), blob(shape, 2)
    found = apart(one, other, spacing, 1.5)
    places = [np.argwhere(_slow_border(mask)) * spacing for mask in (one, other)]
    there = [min(np.linalg.norm(a - b) for b in places[1]) for a in places[0]]
    back = [min(np.linalg.norm(a - b) for b in places[0]) for a in places[1]]
    assert found.hd95 == pytest.approx(max(np.percentile(there, 95), np.percentile(back, 95)))
    assert found.mean == pytest.approx((sum(there) + sum(back)) / (len(there) + len(back)))
    near = sum(away <= 1.5 for away in there + back)
    assert found.surface_dice == pytest.approx(near / (len(there) + len(back)))
    ruler = SimpleITK.HausdorffDistanceImageFilter()
    ruler.Execute(*(_itk(border(mask), spacing) for mask in (one, other)))
    assert found.hausdorff == pytest.approx(ruler.GetHausdorffDistance(), rel=1e-5)
    overlap = SimpleITK.LabelOverlapMeasuresImageFilter()
    overlap.Execute(*(_itk(mask, spacing) for mask in (one, other)))
    assert metrics.dice(one, other) == pytest.approx(overlap.GetDiceCoefficient())
    assert metrics.iou(one, other) == pytest.approx(overlap.GetJaccardCoefficient())


def test_perfect_and_empty_masks_follow_their_rule() -> None:
    mask, nothing = blob((20, 20), 3), np.zeros((20, 20), bool)
    same = apart(mask, mask, (1, 1), 0)
    assert (same.hd95, same.surface_dice) == (0, 1)
    assert (apart(nothing, nothing, (1, 1), 1).hd95, apart(nothing, nothing, (1, 1), 1).surface_dice) == (
        0,
        1,
    )
    lacking = apart(mask, nothing, (1, 1), 1)
    assert np.isnan(lacking.hd95)
    assert lacking.surface_dice == 0


def _slow_border(mask: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    result = np.zeros_like(mask)
    for place in np.argwhere(mask):
        for axis in range(mask.ndim):
            for step in (-1, 1):
                beside = place.copy()
                beside[axis] += step
                if not 0 <= beside[axis] < mask.shape[axis] or not mask[tuple(beside)]:
                    result[tuple(place)] = True
    return result


def _itk(mask: np.ndarray[Any, Any], spacing: tuple[float, ...]) -> Any:
    image = SimpleITK.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing(spacing[::-1])
    return image


class Answering:
    """Answers that are known: a picture is its own number."""

    def __init__(self, card: Any, answers: dict[int, Any]) -> None:
        self.card, self._answers = card, answers

    def scores(self, picture: Any) -> tuple[float, ...]:
        """What was agreed."""
        return tuple(self._answers[int(picture[0, 0])])

    def mask(self, picture: Any) -> Any:
        """What was agreed."""
        return self._answers[int(picture[0, 0])]


def card(task: str, labels: tuple[str, ...], first: int = 0) -> Any:
    """A card with nothing special."""
    from medviewer.ai.card import Applies, Card, Input, Made, Meaning, Output  # noqa: PLC0415

    meanings = tuple(Meaning(at + first, name, "#56b4e9") for at, name in enumerate(labels))
    return Card(
        "m", "1", task, HOSTILE, Applies(), Input("image"), Output("logits", meanings, "softmax"), Made()
    )  # fmt: skip


def picture(at: int) -> Callable[[], Any]:
    """A picture that says its number."""
    return lambda: np.full((12, 12), at, np.uint16)


def classified(count: int = 60) -> tuple[Answering, Dataset]:
    """Two classes, two examples for each patient, two sites."""
    truth = np.arange(count) // 2 % 2
    yes = np.clip(RNG.normal(0.4, 0.2, count) + 0.25 * truth, 0.01, 0.99)
    examples = tuple(
        Example(
            f"{HOSTILE}/Doe^Jane-{at}",
            picture(at),
            int(truth[at]),
            group=f"Doe^{at // 2}",
            subgroups=("north" if at < count - 8 else HOSTILE,),
        )
        for at in range(count)
    )
    reader = Answering(card("classification", ("no", HOSTILE)), {at: (1 - p, p) for at, p in enumerate(yes)})
    return reader, Dataset("data", "classification", ("no", HOSTILE), examples, subgroups=("site",))


def test_a_report_holds_everything_and_gives_nobody_away(tmp_path: Path) -> None:
    reader, dataset = classified()
    choosing = dataset.examples[:20]
    found = judgement(reader, dataset, dataset.examples[20:], TaskContext(), choosing=choosing)
    history = [{"loss": 1.0, "val_loss": 2.0, "score": 0.5}, {"loss": 0.5, "val_loss": 1.5, "score": 0.7}]
    write_report(tmp_path / "report.html", found, reader, TaskContext(), history=history, score="AUC")
    page = (tmp_path / "report.html").read_text()
    assert "<script" not in page
    assert "Doe" not in page
    for external in ("http:", "https:", 'src="/', "url("):
        assert external not in page.replace("http://www.w3.org/2000/svg", "")
    for said in ("ROC", "Reliability", "Confusion", "Operating points", "Subgroups", "Worst answers", "Loss"):
        assert said in page
    assert len(found.figures["operating_points"]) == 4
    assert found.figures["groups"] == 20
    small = {row["subgroup"]: row["small"] for row in found.figures["subgroups"]}
    assert small == {HOSTILE: True, "north": True}
    low, high = found.figures["intervals"]["auc"]
    assert low <= found.figures["auc"] <= high
    table = (tmp_path / "report.csv").read_text()
    assert "Doe^Jane-59" in table


def test_masks_are_measured_in_millimetres_where_pictures_say_so() -> None:
    from dataclasses import replace  # noqa: PLC0415

    from medviewer.core.geometry import Calibration, Plane  # noqa: PLC0415
    from medviewer.core.volume import Frame, read_only  # noqa: PLC0415

    true, moved = np.zeros((12, 12), np.uint8), np.zeros((12, 12), np.uint8)
    true[2:6, 2:6], moved[2:6, 4:8] = 1, 1
    plane = replace(Plane((12, 12)), spacing=(0.5, 3.0), calibration=Calibration.PATIENT)

    def measured(read: Callable[[], Any]) -> dict[str, Any]:
        reader = Answering(card("segmentation", ("Part",), 1), {7: moved})
        reader._answers = {7: moved}
        example = Example("a", read, read_mask=lambda: true)
        data = Dataset("d", "segmentation", ("Part",), (example,))
        reader.mask = lambda _: moved  # type: ignore[method-assign]
        return judgement(reader, data, data.examples, TaskContext()).figures

    plain = measured(picture(7))
    assert (plain["hd95"], plain["distance_unit"]) == (2.0, "px")
    known = measured(lambda: Frame(read_only(np.full((12, 12), 7, np.uint16)), plane))
    assert (known["hd95"], known["distance_unit"]) == (6.0, "mm")
    assert known["dice"] == 0.5
    assert known["volume_error"] == 0


def test_labels_and_numbers_leave_out_what_is_missing() -> None:
    truth = np.array([[1, 0], [0, np.nan], [1, 1], [0, 0], [1, 1.0]])
    given = np.array([[0.9, 0.2], [0.1, 0.9], [0.8, 0.7], [0.6, 0.1], [0.7, 0.3]])
    examples = tuple(Example(f"{at}", picture(at), targets=tuple(row)) for at, row in enumerate(truth))
    answers = dict(enumerate(given))
    labels = Dataset("d", "multilabel", ("a", "b"), examples)
    found = judgement(Answering(card("multilabel", ("a", "b")), answers), labels, examples, TaskContext())
    known = np.isfinite(truth[:, 1])
    wanted = np.mean(
        [
            judge.roc_auc_score(truth[:, 0], given[:, 0]),
            judge.roc_auc_score(truth[known, 1], given[known, 1]),
        ]
    )
    assert found.figures["auc"] == pytest.approx(wanted, abs=1e-4)
    assert found.figures["per_label"]["b"]["n"] == 4
    numbers = Dataset("d", "regression", ("a", "b"), examples)
    told = judgement(Answering(card("regression", ("a", "b")), answers), numbers, examples, TaskContext())
    assert told.figures["r2 a"] == pytest.approx(judge.r2_score(truth[:, 0], given[:, 0]), abs=1e-4)
    assert told.figures["mae b"] == pytest.approx(np.abs(truth - given)[known, 1].mean(), abs=1e-4)


def test_a_picture_that_cannot_be_read_is_named_and_the_rest_is_judged() -> None:
    def broken() -> Any:
        raise FileTrouble("it is damaged.")

    reader, dataset = classified()
    examples = (*dataset.examples, Example("broken", broken, 0))
    found = judgement(reader, dataset, examples, TaskContext()).figures
    assert found["n"] == 60
    assert found["excluded"] == ["broken: it is damaged."]


def test_runs_are_compared_on_the_same_pictures_only(tmp_path: Path) -> None:
    reader, dataset = classified()
    better = Answering(
        reader.card,
        {at: (1.0, 0.0) if one.label == 0 else (0.0, 1.0) for at, one in enumerate(dataset.examples)},
    )
    for name, who, examples in (
        ("one", reader, dataset.examples),
        ("two", better, dataset.examples),
        ("three", reader, dataset.examples[10:]),
    ):
        (tmp_path / name).mkdir()
        found = judgement(who, dataset, examples, TaskContext())
        write_report(tmp_path / name / "report.html", found, who, TaskContext())
    told = compared([tmp_path / name for name in ("one", "two", "three")])
    gain = told["differences"]["two"]["auc"]
    assert gain["value"] == pytest.approx(1 - told["runs"]["one"]["auc"]["value"], abs=1e-3)
    assert 0 < gain["low"] <= gain["value"] <= gain["high"]
    assert "three" not in told["differences"]
    assert "three and one: they were judged on other pictures (50 in common)" in told["sentences"][0]
    for ending in (".txt", ".csv", ".html"):
        compare_runs([tmp_path / "one", tmp_path / "two"], tmp_path / f"table{ending}")
        assert "two" in (tmp_path / f"table{ending}").read_text()
    with pytest.raises(TrainingTrouble, match="holds no report.csv"):
        compared([tmp_path])
