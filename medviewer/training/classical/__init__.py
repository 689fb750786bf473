"""Classical learning on declared features; importing this declares all estimators."""

from medviewer.training.classical import semi_supervised, supervised
from medviewer.training.classical.estimator import ESTIMATORS, Estimator, Given

__all__ = ["ESTIMATORS", "Estimator", "Given", "semi_supervised", "supervised"]
