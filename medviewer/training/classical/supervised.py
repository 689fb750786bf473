"""Estimators of scikit-learn that learn from labelled pictures.

Values are brought to one scale before those that measure distances or are kept small by a penalty, and never
before trees: there it changes nothing but the last digits, which then decide on which side of a limit of the
tree a picture lies, in the exported file otherwise than here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from sklearn import calibration, ensemble, gaussian_process, linear_model, naive_bayes, svm, tree
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from medviewer.kit.params import Slider, Words
from medviewer.training.classical.by_hand import Neighbours
from medviewer.training.classical.estimator import Given, estimator

Penalty = Annotated[float, Slider(1e-4, 1e4, label="C, smaller is smoother")]
Depth = Annotated[int, Slider(0, 100, label="Depth of a tree, 0 any")]
Leaf = Annotated[int, Slider(1, 1000, label="Pictures in a leaf, at least")]
Trees = Annotated[int, Slider(1, 5000, label="Trees")]
Rate = Annotated[float, Slider(1e-4, 1.0, label="Learning rate")]

CLASSIFIES, FITS_NUMBERS = ("classification",), ("regression",)


@estimator("Support vector machine", name="svm")
def support_vectors(
    given: Given,
    *,
    kernel: Literal["rbf", "linear", "poly"] = "rbf",
    c: Penalty = 1.0,
    gamma: Annotated[float, Slider(0, 1e3, label="Gamma of the kernel, 0 by the features")] = 0.0,
) -> Any:
    """The widest margin between classes (C. Cortes, V. Vapnik 1995); probabilities after J. Platt 1999."""
    about = {"kernel": kernel, "C": c, "gamma": gamma or "scale"}
    if given.task == "regression":
        return make_pipeline(StandardScaler(), svm.SVR(**about))
    margin = svm.SVC(**about, class_weight=_weight(given), random_state=given.seed)
    folds = max(2, min(5, given.smallest))
    return make_pipeline(
        StandardScaler(), calibration.CalibratedClassifierCV(margin, cv=folds, ensemble=False)
    )


@estimator("Decision tree")
def decision_tree(given: Given, *, depth: Depth = 6, leaf: Leaf = 5) -> Any:
    """Questions about one feature after the other (L. Breiman et al. 1984)."""
    about = {"max_depth": depth or None, "min_samples_leaf": leaf, "random_state": given.seed}
    if given.task == "regression":
        return tree.DecisionTreeRegressor(**about)
    return tree.DecisionTreeClassifier(**about, class_weight=_weight(given))


@estimator("Random forest")
def random_forest(given: Given, *, trees: Trees = 300, depth: Depth = 0, leaf: Leaf = 1) -> Any:
    """Many trees on drawn pictures and features, that vote (L. Breiman 2001)."""
    about = {
        "n_estimators": trees,
        "max_depth": depth or None,
        "min_samples_leaf": leaf,
        "random_state": given.seed,
    }
    if given.task == "regression":
        return ensemble.RandomForestRegressor(**about)
    return ensemble.RandomForestClassifier(**about, class_weight=_weight(given))


@estimator("Gradient boosting", weighs_pictures=True)
def gradient_boosting(
    given: Given, *, trees: Trees = 100, depth: Depth = 3, learning_rate: Rate = 0.1
) -> Any:
    """Small trees, each of which corrects those before it (J. Friedman 2001)."""
    about = {
        "n_estimators": trees,
        "max_depth": depth or None,
        "learning_rate": learning_rate,
        "max_features": "sqrt",
        "random_state": given.seed,
    }
    if given.task == "regression":
        return ensemble.GradientBoostingRegressor(**about)
    return ensemble.GradientBoostingClassifier(**about)


@estimator("Gradient boosting on histograms")
def histogram_boosting(
    given: Given, *, trees: Trees = 200, depth: Depth = 0, leaf: Leaf = 20, learning_rate: Rate = 0.1
) -> Any:
    """Gradient boosting on values in 255 steps, quick on thousands of pictures (G. Ke et al. 2017)."""
    about = {
        "max_iter": trees,
        "max_depth": depth or None,
        "min_samples_leaf": leaf,
        "learning_rate": learning_rate,
        "random_state": given.seed,
        "early_stopping": False,
    }
    if given.task == "regression":
        return ensemble.HistGradientBoostingRegressor(**about)
    return ensemble.HistGradientBoostingClassifier(**about, class_weight=_weight(given))


@estimator("Logistic regression", tasks=CLASSIFIES, name="logistic_regression")
def logistic(given: Given, *, c: Penalty = 1.0) -> Any:
    """A weighted sum of the features as a probability, kept small by a penalty on squares."""
    return make_pipeline(
        StandardScaler(), linear_model.LogisticRegression(C=c, max_iter=5000, class_weight=_weight(given))
    )


@estimator("Linear regression", tasks=FITS_NUMBERS, name="linear_regression")
def linear(given: Given) -> Any:
    """A weighted sum of the features by least squares; needs more pictures than features."""
    return make_pipeline(StandardScaler(), linear_model.LinearRegression())


@estimator("Ridge regression", tasks=FITS_NUMBERS, name="ridge_regression")
def ridge(given: Given, *, alpha: Annotated[float, Slider(1e-6, 1e6, label="Penalty")] = 1.0) -> Any:
    """Linear regression that is kept small by a penalty on squares (A. Hoerl, R. Kennard 1970)."""
    return make_pipeline(StandardScaler(), linear_model.Ridge(alpha=alpha, random_state=given.seed))


@estimator("Nearest neighbours", name="nearest_neighbours")
def neighbours(
    given: Given,
    *,
    count: Annotated[int, Slider(1, 500, label="Neighbours")] = 15,
) -> Any:
    """What most of the pictures with the most similar features are; the model holds all their features."""
    return Neighbours(count, given.task)


@estimator("Gaussian naive Bayes", tasks=CLASSIFIES, name="naive_bayes")
def bayes(
    given: Given, *, smoothing: Annotated[float, Slider(1e-12, 1.0, label="Added to variances")] = 1e-3
) -> Any:
    """Each feature on its own, spread as a normal distribution within each class."""
    priors = [1 / given.classes] * given.classes if given.is_balanced else None
    return make_pipeline(StandardScaler(), naive_bayes.GaussianNB(priors=priors, var_smoothing=smoothing))


@estimator(
    "Gaussian process",
    tasks=CLASSIFIES,
    instead="svm",
    name="gaussian_process",
)
def process(
    given: Given,
    *,
    length: Annotated[float, Slider(1e-2, 1e4, label="Length of the kernel, of one feature's spread")] = 20.0,
    tune: Annotated[bool, Words("Fit the kernel", "slow with more than some hundred pictures")] = False,
) -> Any:
    """A distribution over functions of the features (C. Rasmussen, C. Williams 2006); for small data."""
    kernel = gaussian_process.kernels.ConstantKernel(1.0) * gaussian_process.kernels.RBF(length)
    optimizer = "fmin_l_bfgs_b" if tune else None
    return make_pipeline(
        StandardScaler(),
        gaussian_process.GaussianProcessClassifier(kernel, optimizer=optimizer, random_state=given.seed),
    )


def _weight(given: Given) -> str | None:
    return "balanced" if given.is_balanced else None
