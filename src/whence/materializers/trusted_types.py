"""The types that a stored scikit-learn model may name beside scikit-learn's public estimators.

skops itself trusts every public estimator of scikit-learn, NumPy's dtypes, arrays and generators
and the ufuncs of NumPy and SciPy. What is listed here was looked at one by one. Functions can be
called by a hostile file, with arguments of its choice: only such as compute and do nothing else may
stand here.
"""

HOLDERS = (
    "scipy.interpolate._bsplines._BSpline",
    "sklearn._loss.loss.HalfTweedieLoss",
    "sklearn._loss.loss.HalfTweedieLossIdentity",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._IsotonicCalibration",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.cluster._bisect_k_means._BisectingTree",
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    "sklearn.gaussian_process.kernels.ConstantKernel",
    "sklearn.gaussian_process.kernels.DotProduct",
    "sklearn.gaussian_process.kernels.ExpSineSquared",
    "sklearn.gaussian_process.kernels.Exponentiation",
    "sklearn.gaussian_process.kernels.Matern",
    "sklearn.gaussian_process.kernels.Product",
    "sklearn.gaussian_process.kernels.RBF",
    "sklearn.gaussian_process.kernels.RationalQuadratic",
    "sklearn.gaussian_process.kernels.Sum",
    "sklearn.gaussian_process.kernels.WhiteKernel",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.utils._bunch.Bunch",
)
"""Plain Python classes whose state is their attributes: restoring one runs no code of the file."""

STRUCTURES = (
    "scipy.interpolate._bsplines.BSpline",
    "scipy.sparse._csr.csr_matrix",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._dist_metrics.ManhattanDistance64",
    "sklearn.metrics._dist_metrics.MinkowskiDistance64",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
)
"""Compiled classes that are restored from arrays. The nodes of trees are checked before, since
scikit-learn follows their indices without looking (see `tree_bounds`)."""

VALUES = (
    "builtins.frozenset",
    "functools.partial",
    "numpy.dtype",
)
"""Values of Python and NumPy. What a partial binds arguments to must itself be trusted."""

PURE_FUNCTIONS = (
    "numpy.mean",
    "scipy._lib.array_api_compat.numpy._aliases.asarray",
    "sklearn.cluster._kmeans._kmeans_single_lloyd",
    "sklearn.feature_selection._univariate_selection.chi2",
    "sklearn.feature_selection._univariate_selection.f_classif",
    "sklearn.feature_selection._univariate_selection.f_regression",
    "sklearn.utils.validation.check_array",
)
"""Functions that estimators keep as attributes. They read and write nothing but arrays."""

TRUSTED_TYPES = frozenset({*HOLDERS, *STRUCTURES, *VALUES, *PURE_FUNCTIONS})
"""All of them."""
