"""Estimators whose ONNX file is built here: the converter's would hold a loop, or there is none.

Each measures squared distances to points that it keeps, after bringing features to one scale, and says of
each point what it means. The arithmetic is in double precision on both sides.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Points = NDArray[np.float64]
OPSET, MACHINE_LEARNING_OPSET, IR = 17, 3, 10


class Scaled(ABC):
    """Points on one scale, and what each of them means."""

    def __init__(self) -> None:
        self.mean: Points = np.zeros(0)
        self.deviation: Points = np.zeros(0)
        self.points: Points = np.zeros((0, 0))
        self.meanings: Points = np.zeros((0, 0))
        """(point, class) probabilities, or (point, 1) numbers"""
        self.classes_: NDArray[np.int64] = np.zeros(0, np.int64)

    def scale(self, rows: NDArray[Any]) -> Points:
        """Learn mean and deviation of *rows* (n, feature), and give them scaled."""
        self.mean = rows.astype(np.float64).mean(axis=0)
        spread = rows.astype(np.float64).std(axis=0)
        # by its ends: rounding gives a constant of some size a spread
        self.deviation = np.where(np.ptp(rows, axis=0) > 0, spread, 1.0)
        return self.scaled(rows)

    def scaled(self, rows: NDArray[Any]) -> Points:
        """(n, feature) as distances are measured."""
        return np.asarray((rows.astype(np.float64) - self.mean) / self.deviation)

    def distances(self, rows: NDArray[Any]) -> Points:
        """Squares, (n, point)."""
        given = self.scaled(rows)
        squares = (given**2).sum(axis=1)[:, None] + (self.points**2).sum(axis=1)[None]
        return np.asarray(np.maximum(squares - 2 * given @ self.points.T, 0.0))

    def predict(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Classes, or numbers of a regression, (n,)."""
        found = self.said(rows)
        return found[:, 0] if not len(self.classes_) else self.classes_[found.argmax(axis=1)]

    def predict_proba(self, rows: NDArray[Any]) -> Points:
        """(n, class)"""
        return self.said(rows)

    @abstractmethod
    def said(self, rows: NDArray[Any]) -> Points:
        """What the points mean for *rows*, (n, class) or (n, 1)."""

    @abstractmethod
    def tail(self) -> tuple[list[onnx.NodeProto], dict[str, NDArray[Any]]]:
        """The operations from ``distances`` to ``said``, and their constants."""

    def onnx(self, takes: str, gives: str) -> onnx.ModelProto:
        """The same as a model."""
        nodes, constants = self.tail()
        squares = (self.points**2).sum(axis=1)[None]
        constants |= {
            "mean": self.mean[None],
            "deviation": self.deviation[None],
            "turned": np.ascontiguousarray(-2 * self.points.T),
            "squares": squares,
            "nothing": np.zeros(1),
            "across": np.array([1], np.int64),
        }
        head = [
            helper.make_node("Cast", [takes], ["exact"], to=TensorProto.DOUBLE),
            helper.make_node("Sub", ["exact", "mean"], ["centred"]),
            helper.make_node("Div", ["centred", "deviation"], ["scaled"]),
            helper.make_node("Mul", ["scaled", "scaled"], ["own"]),
            helper.make_node("ReduceSum", ["own", "across"], ["own_square"], keepdims=1),
            helper.make_node("MatMul", ["scaled", "turned"], ["both"]),
            helper.make_node("Add", ["both", "squares"], ["towards"]),
            helper.make_node("Add", ["towards", "own_square"], ["unbounded"]),
            helper.make_node("Max", ["unbounded", "nothing"], ["distances"]),
        ]
        end = helper.make_node("Cast", ["said"], [gives], to=TensorProto.FLOAT)
        graph = helper.make_graph(
            [*head, *nodes, end],
            "points",
            [helper.make_tensor_value_info(takes, TensorProto.FLOAT, ["n", self.points.shape[1]])],
            [helper.make_tensor_value_info(gives, TensorProto.FLOAT, ["n", self.meanings.shape[1]])],
            [numpy_helper.from_array(array, name) for name, array in constants.items()],
        )
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR)


class Neighbours(Scaled):
    """The mean of what the *count* nearest points mean."""

    def __init__(self, count: int, task: str) -> None:
        super().__init__()
        self.count, self.task = count, task

    def fit(self, rows: NDArray[Any], truth: NDArray[Any]) -> Neighbours:
        """Keep all *rows* (n, feature)."""
        self.points = self.scale(rows)
        self.count = min(self.count, len(rows))
        if self.task == "regression":
            self.meanings = truth.astype(np.float64)[:, None]
        else:
            self.classes_ = np.unique(truth)
            self.meanings = (truth[:, None] == self.classes_).astype(np.float64)
        return self

    def said(self, rows: NDArray[Any]) -> Points:
        """The mean over the nearest; of equally near ones those that come first."""
        nearest = np.argsort(self.distances(rows), axis=1, kind="stable")[:, : self.count]
        return np.asarray(self.meanings[nearest].mean(axis=1))

    def tail(self) -> tuple[list[onnx.NodeProto], dict[str, NDArray[Any]]]:
        """TopK takes the first of equals, too."""
        nodes = [
            helper.make_node("TopK", ["distances", "count"], ["near", "places"], largest=0, axis=1),
            helper.make_node("Gather", ["meanings", "places"], ["meant"], axis=0),
            helper.make_node("ReduceMean", ["meant"], ["said"], axes=[1], keepdims=0),
        ]
        return nodes, {"meanings": self.meanings, "count": np.array([self.count], np.int64)}


class Kernel(Scaled):
    """What all points mean, each weighing exp(-gamma times its squared distance)."""

    gamma = 1.0

    def said(self, rows: NDArray[Any]) -> Points:
        """Weights are those of the nearest point as 1, so that no picture is too far from all."""
        distances = self.distances(rows)
        weights = np.exp(-self.gamma * (distances - distances.min(axis=1, keepdims=True)))
        found = weights @ self.meanings
        return np.asarray(found / found.sum(axis=1, keepdims=True))

    def tail(self) -> tuple[list[onnx.NodeProto], dict[str, NDArray[Any]]]:
        """A softmax over points is the same weights."""
        nodes = [
            helper.make_node("Mul", ["distances", "steepness"], ["steep"]),
            helper.make_node("Softmax", ["steep"], ["weights"], axis=1),
            helper.make_node("MatMul", ["weights", "meanings"], ["found"]),
            helper.make_node("ReduceSum", ["found", "across"], ["whole"], keepdims=1),
            helper.make_node("Div", ["found", "whole"], ["said"]),
        ]
        return nodes, {"meanings": self.meanings, "steepness": np.array([-self.gamma])}


class Nearest(Scaled):
    """What the nearest point alone means."""

    def said(self, rows: NDArray[Any]) -> Points:
        """(n, class)"""
        return np.asarray(self.meanings[self.distances(rows).argmin(axis=1)])

    def tail(self) -> tuple[list[onnx.NodeProto], dict[str, NDArray[Any]]]:
        """ArgMin, too, takes the first of equals."""
        nodes = [
            helper.make_node("ArgMin", ["distances"], ["places"], axis=1, keepdims=0),
            helper.make_node("Gather", ["meanings", "places"], ["said"], axis=0),
        ]
        return nodes, {"meanings": self.meanings}


def is_by_hand(fitted: object) -> bool:
    """Whether *fitted* builds its own model."""
    return isinstance(fitted, Scaled)


def shares(numbers: NDArray[np.int64], truth: NDArray[np.int64], count: int, classes: int) -> Points:
    """How often each class (truth, -1 is unknown) is in each cluster, (cluster, class), one added to all.

    A cluster without any label says what is said on average.
    """
    known = truth >= 0
    average = np.bincount(truth[known], minlength=classes) / max(1, int(known.sum()))
    table = np.stack(
        [np.bincount(truth[known & (numbers == at)], minlength=classes) + average for at in range(count)]
    )
    return np.asarray(table / table.sum(axis=1, keepdims=True))


def all_classes(truth: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """The classes that are known."""
    return np.unique([label for label in np.asarray(truth).tolist() if label >= 0]).astype(np.int64)
