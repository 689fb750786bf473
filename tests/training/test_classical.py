"""Estimators on features: trained, proven equal in ONNX, judged as the viewer reads, and what they need."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from medviewer.ai import catalog
from medviewer.ai.card import FEATURES
from medviewer.ai.infer import Reader, infer
from medviewer.ai.selfcheck import check
from medviewer.kit.errors import BadValue, CardInvalid, TrainingTrouble
from medviewer.kit.params import checked, parameters
from medviewer.kit.task import TaskContext
from tests.ai.small_models import frame
from tests.training.labelled import class_folders, disc, plain

pytest.importorskip("sklearn")
pytest.importorskip("skl2onnx")

from sklearn import semi_supervised  # noqa: E402
from threadpoolctl import threadpool_limits  # noqa: E402

from medviewer.training.classical import ESTIMATORS, Given  # noqa: E402
from medviewer.training.classical.constrained import constrained, drawn_pairs  # noqa: E402
from medviewer.training.classical.exported import TAKES, exported, said  # noqa: E402
from medviewer.training.classical.importance import importance  # noqa: E402
from medviewer.training.commands import COMMANDS  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
TRAIN = next(command.function for command in COMMANDS if command.name == "train")
QUICK = {
    "random_forest": {"trees": 15},
    "gradient_boosting": {"trees": 10},
    "histogram_boosting": {"trees": 10, "leaf": 5},
    "nearest_neighbours": {"count": 5},
}
EACH = [(one.name, task) for one in ESTIMATORS for task in one.tasks]


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Threads that wait for each other take minutes on a computer that is busy otherwise."""
    with threadpool_limits(1):
        yield


def train(data: Path, output: Path, network: str, *settings: str, **values: Any) -> dict[str, Any]:
    given = {"data": data, "output": output, "network": network, "set": settings, "install": False}
    found: dict[str, Any] = TRAIN(TaskContext(), **checked(parameters(TRAIN), {**given, **values}))
    return found


def rows(count: int, classes: int, seed: int = 1) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Features of quite different sizes, two of which decide; classes 0 makes a number."""
    rng = np.random.default_rng(seed)
    found = (rng.normal(0, 1, (count, 12)) * np.geomspace(0.01, 1000, 12)).astype(np.float32)
    value = found[:, 0] * 100 + found[:, 11] / 1000 + rng.normal(0, 0.1, count)
    if not classes:
        return found, value
    return found, np.digitize(value, np.quantile(value, np.arange(1, classes) / classes))


@pytest.fixture(scope="module")
def discs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return class_folders(tmp_path_factory.mktemp("discs") / "data", 24)


@pytest.fixture(scope="module")
def forest(discs: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    output = tmp_path_factory.mktemp("forest")
    return output, train(discs, output, "random_forest", "network.trees=15", name="discs")


@pytest.mark.parametrize(("name", "task"), EACH)
def test_every_estimator_is_the_same_in_onnx_or_says_that_it_cannot(name: str, task: str) -> None:
    chosen = ESTIMATORS[name]
    for classes in (2, 3) if task == "classification" else (0,):
        given, truth = rows(120, classes)
        wanted = truth.copy()
        if chosen.learns_unlabelled:
            wanted[40:] = -1
        fitted = chosen(Given(task, 1, True, 12, classes), **QUICK.get(name, {})).fit(given, wanted)
        if chosen.is_carried:
            proto, worst = exported(fitted, task, rows(80, classes, 2)[0])
            assert worst < 1e-5
            assert [port.name for port in proto.graph.input] == [TAKES]
        else:
            assert chosen.instead in ESTIMATORS.names
            assert chosen.instead in chosen.warning
        found = said(fitted, task, given)
        if classes:
            assert found.shape == (120, classes)
            assert np.allclose(found.sum(axis=1), 1)
            assert (fitted.predict(given) == truth).mean() > 1.2 / classes
        else:
            assert np.corrcoef(found[:, 0], truth)[0, 1] > 0.7


def test_a_model_that_says_something_else_is_never_written() -> None:
    given, truth = rows(60, 2)

    class Odd:
        classes_ = np.array([0, 1])

        def __init__(self) -> None:
            self.inner = ESTIMATORS["naive_bayes"](Given("classification", 1)).fit(given, truth)

        def predict_proba(self, some: NDArray[Any]) -> NDArray[Any]:
            return np.asarray(self.inner.predict_proba(some) * 0.9)

    from medviewer.training.classical import exported as module  # noqa: PLC0415

    odd = Odd()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "said", lambda fitted, task, some: odd.predict_proba(some))
        with pytest.raises(TrainingTrouble, match="nothing was written"):
            exported(odd.inner, "classification", given)


def test_a_forest_is_trained_by_name_and_reads_in_the_viewer(forest: tuple) -> None:
    output, found = forest
    assert found["figures"]["auc"] > 0.95
    assert found["export_difference"] < 1e-5
    assert {path.name for path in output.iterdir()} >= {
        "discs.onnx", "split.csv", "run.toml", "metrics.json", "importance.csv", "importance.svg",
    }  # fmt: skip
    model = catalog.find(output / "discs.onnx")
    rng = np.random.default_rng(99)
    seen = infer(model, [frame(disc(rng, 75)[0]), frame(plain(rng))], "OT", TaskContext())
    assert [one.what for one in seen.findings if one.positive] == ["disc", "empty"]
    assert sum(one.score for one in seen.findings[:2]) == pytest.approx(1, abs=1e-5)


def test_the_card_says_which_features_and_by_what(forest: tuple) -> None:
    card = catalog.find(forest[0] / "discs.onnx").card
    assert card is not None
    assert card.input.layout == FEATURES
    assert "glcm(levels=32; distances=1 2 4; directions=mean)" in card.input.features
    assert len(card.input.feature_names) == forest[1]["features"]
    assert card.made.by.startswith("medviewer, random_forest (trees 15) of scikit-learn ")
    assert "SHA-256" in card.made.data
    assert card.metrics["n"] == forest[1]["figures"]["n"]
    assert card.output.activation == "none"


def test_its_sample_is_a_picture_so_that_features_are_checked_too(discs: Path, tmp_path: Path) -> None:
    import onnx  # noqa: PLC0415

    found = train(discs, tmp_path, "logistic_regression", "input.features=glcm, intensity")
    assert check(catalog.find(found["model"])).passed
    proto = onnx.load(found["model"])
    text = next(one for one in proto.metadata_props if one.key == "medviewer.card")
    text.value = text.value.replace("glcm(levels=32", "glcm(levels=8")
    changed = tmp_path / "changed.onnx"
    onnx.save(proto, changed)
    assert not check(catalog.read(changed)).passed
    text.value = text.value.replace("intensity_mean", "intensity_mode")
    onnx.save(proto, changed)
    assert "other features" in check(catalog.read(changed)).sentence


def test_a_card_with_features_nobody_knows_is_refused(forest: tuple) -> None:
    from medviewer.ai.card_text import read_card, write_card  # noqa: PLC0415

    card = catalog.find(forest[0] / "discs.onnx").card
    assert card is not None
    text = json.loads(write_card(card))
    for features, words in (
        (["radiomics"], "no family of features"),
        (["shape"], "need an outline"),
        ([], "need their names"),
    ):
        text["input"]["features"] = features
        with pytest.raises(CardInvalid, match=words):
            read_card(json.dumps(text))


def test_what_matters_is_told_as_a_table_and_a_drawing(forest: tuple) -> None:
    with (forest[0] / "importance.csv").open() as file:
        table = list(csv.DictReader(file))
    families = {row["feature"] for row in table if row["feature"].startswith("all of ")}
    assert families == {f"all of {name}" for name in ("intensity", "glcm", "gabor", "lbp", "hog")}
    shares = [float(row["share by the estimator itself"]) for row in table if row["feature"] in families]
    assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert "<svg" in (forest[0] / "importance.svg").read_text()


def test_the_feature_that_decides_matters_most() -> None:
    given, truth = rows(200, 2)
    fitted = ESTIMATORS["logistic_regression"](Given("classification", 1)).fit(given, truth)
    names = [f"number_{at}" for at in range(12)]

    def score(some: NDArray[Any]) -> float:
        return float((fitted.predict(some) == truth).mean())

    found = importance(fitted, score, given, truth, {"ends": [0, 11], "rest": list(range(1, 11))}, names, 1)
    assert found[0].lost > 0.3 > abs(found[1].lost)
    assert {found[2].name, found[3].name} == {"number_0", "number_11"}
    assert found[0].own is not None
    assert found[0].own > 0.8


def test_two_runs_with_one_seed_are_equal(discs: Path, forest: tuple, tmp_path: Path) -> None:
    again = train(discs, tmp_path, "random_forest", "network.trees=15", name="discs")
    assert again["figures"] == forest[1]["figures"]
    assert (tmp_path / "importance.csv").read_text() == (forest[0] / "importance.csv").read_text()


def test_what_onnx_cannot_carry_is_said_before_and_judged(
    discs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    values = {"data": discs, "output": tmp_path, "network": "gaussian_process", "install": True}
    context = TaskContext(None, lambda progress: told.append(progress.text))
    found = TRAIN(context, **checked(parameters(TRAIN), values))
    assert "cannot be put into an ONNX file" in told[0]
    assert "Choose svm" in told[0]
    assert told[0] in capsys.readouterr().err
    assert found["model"] is None
    assert found["installed"] is None
    assert found["figures"]["auc"] > 0.9
    assert not list(tmp_path.glob("*.onnx"))


@pytest.mark.parametrize("name", ["self_training", "label_spreading", "constrained_clusters"])
def test_pictures_without_labels_help_and_the_plain_figures_stand_beside(
    name: str, discs: Path, tmp_path: Path
) -> None:
    more = tmp_path / "more"
    more.mkdir()
    rng = np.random.default_rng(8)
    for at in range(12):
        cv2.imwrite(str(more / f"{at}.png"), disc(rng)[0] if at % 2 else plain(rng))
    found = train(
        discs, tmp_path / "out", name,
        f"data.unlabelled={more}", "data.hidden=0.7", "input.features=intensity, glcm",
    )  # fmt: skip
    assert found["supervised"]["labelled"] < 14
    assert found["supervised"]["auc"] > 0.9
    assert found["figures"]["auc"] > 0.9
    model = catalog.find(found["model"])
    assert model.card is not None
    assert "more without labels" in model.card.made.data
    assert Reader(model).scores(disc(rng)[0])[0] > 0.5


def test_labels_spread_as_in_scikit_learn() -> None:
    given, truth = rows(90, 3)
    wanted = truth.copy()
    wanted[30:] = -1
    fitted = ESTIMATORS["label_spreading"](Given("classification", 1), gamma=6.0).fit(given, wanted)
    plain_one = semi_supervised.LabelSpreading(kernel="rbf", gamma=fitted.gamma, alpha=0.2, max_iter=200)
    plain_one.fit(fitted.points, wanted)
    some = rows(40, 3, 5)[0]
    assert fitted.predict_proba(some) == pytest.approx(plain_one.predict_proba(fitted.scaled(some)), abs=1e-9)


def test_pairs_that_must_or_must_not_come_together_are_heeded() -> None:
    rng = np.random.default_rng(2)
    points = np.concatenate([rng.normal(at, 0.3, (20, 2)) for at in (0.0, 1.0)])
    middles = np.array([[0.0, 0.0], [1.0, 1.0]])
    free = constrained(points, middles, (), ())
    assert (free.numbers == np.repeat([0, 1], 20)).mean() > 0.9
    bound = constrained(points, middles, [(0, 1), (1, 25)], [(0, 2), (30, 31)])
    assert bound.numbers[0] == bound.numbers[1] == bound.numbers[25] != bound.numbers[2]
    assert bound.numbers[30] != bound.numbers[31]
    assert bound.broken == 0
    assert (middles == [[0.0, 0.0], [1.0, 1.0]]).all()
    with pytest.raises(TrainingTrouble, match="must and must not"):
        constrained(points, middles, [(0, 1), (1, 2)], [(0, 2)])
    impossible = constrained(points, middles, (), [(0, 1), (1, 2), (0, 2)])
    assert impossible.broken == 1


def test_a_feature_that_never_changes_in_training_does_not_decide_later() -> None:
    given, truth = rows(60, 2)
    given[:, 3] = 512.3
    for name in ("nearest_neighbours", "svm", "logistic_regression"):
        fitted = ESTIMATORS[name](Given("classification", 1)).fit(given, truth)
        some = rows(30, 2, 4)[0]
        some[:, 3] = 512.3
        other = some.copy()
        other[:, 3] += np.float32(0.001)
        assert said(fitted, "classification", other) == pytest.approx(
            said(fitted, "classification", some), abs=0.02
        )


def test_pairs_are_drawn_of_known_labels_that_differ() -> None:
    truth = np.array([0, 0, 1, 1, -1, -1])
    pairs = drawn_pairs(truth, 200, np.random.default_rng(1))
    assert pairs
    assert all(truth[one] >= 0 <= truth[other] and truth[one] != truth[other] for one, other in pairs)


def regression(folder: Path) -> Path:
    """Pictures of discs, and a table with how large they are."""
    rng = np.random.default_rng(4)
    lines = ["name,size"]
    for at in range(40):
        picture, mask = disc(rng)
        cv2.imwrite(str(folder / f"{at:03d}.png"), picture)
        lines.append(f"{at:03d}.png,{(mask > 0).sum() / 10:.1f}")
    (folder / "sizes.csv").write_text("\n".join(lines))
    return folder


def test_a_regression_says_numbers_in_the_viewer(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    regression(data)
    found = train(
        data, tmp_path / "out", "ridge_regression", f"data.labels={data / 'sizes.csv'}", "data.target=size",
        "input.features=shape(of=bright), intensity", "input.scale=range", task="regression",
    )  # fmt: skip
    assert found["task"] == "regression"
    picture, mask = disc(np.random.default_rng(77))
    seen = infer(catalog.find(found["model"]), frame(picture), "OT", TaskContext())
    assert seen.findings[0].value == pytest.approx((mask > 0).sum() / 10, rel=0.15)
    assert check(catalog.find(found["model"])).passed


@pytest.mark.parametrize(
    ("network", "settings", "words"),
    [
        ("ridge_regression", (), "is for regression, and data holds labels for classification"),
        ("svm", ("network.kernel=cubic",), "cannot be cubic"),
        ("svm", ("input.features=shape",), "need an outline"),
        ("svm", ("input.features=sharpness",), "no family of features"),
        ("self_training", (), "learns from pictures without labels, and all have one"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    network: str, settings: tuple[str, ...], words: str, discs: Path, tmp_path: Path
) -> None:
    with pytest.raises((BadValue, TrainingTrouble)) as trouble:
        train(discs, tmp_path, network, *settings)
    assert words in f"{trouble.value.message} {trouble.value.advice}"


def test_values_are_scaled_before_distances_and_never_before_trees() -> None:
    for one in ESTIMATORS:
        built = one(Given(one.tasks[0], 1))
        steps = [type(step).__name__ for _, step in getattr(built, "steps", ())]
        is_tree = one.name in ("decision_tree", "random_forest", "gradient_boosting", "histogram_boosting")
        assert ("StandardScaler" in steps) == (not is_tree and hasattr(built, "steps"))
        assert not (is_tree and steps)
