"""scikit-learn models: exact, canonical, and read without running code."""

import io
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import skops.io as skops
from sklearn.base import BaseEstimator, clone
from sklearn.cluster import DBSCAN, KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingRegressor,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
    SGDClassifier,
    TweedieRegressor,
)
from sklearn.mixture import GaussianMixture
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from whence.artifacts import DataArtifact, ModelArtifact
from whence.errors import NotStorableError, UnreadableArtifactError, UntrustedTypeError
from whence.materializers.scikit_learn import SklearnMaterializer

MODELS = SklearnMaterializer()
TEXTS = [f"word{i % 7} other{i % 3} thing" for i in range(60)]

columns = ColumnTransformer(
    [("scale", StandardScaler(), [0, 1]), ("bins", KBinsDiscretizer(3), [2]), ("drop", "drop", [3])]
)
ESTIMATORS = [
    AdaBoostClassifier(n_estimators=3, random_state=0),
    BaggingRegressor(n_estimators=3, random_state=0),
    columns,
    DBSCAN(),
    DecisionTreeClassifier(max_depth=3, random_state=0),
    DecisionTreeRegressor(random_state=0),
    ElasticNet(),
    ExtraTreesClassifier(n_estimators=3, random_state=0),
    FeatureUnion([("pca", PCA(2)), ("best", SelectKBest(k=2))]),
    FunctionTransformer(np.log1p),
    GaussianMixture(2, random_state=0),
    GaussianNB(),
    GaussianProcessRegressor(),
    GradientBoostingClassifier(n_estimators=3, random_state=0),
    GradientBoostingRegressor(n_estimators=3, loss="quantile", random_state=0),
    HistGradientBoostingClassifier(max_iter=3, random_state=0),
    HistGradientBoostingRegressor(max_iter=3, random_state=0),
    HistGradientBoostingRegressor(
        max_iter=3, loss="poisson", categorical_features=[4], random_state=0
    ),
    IsolationForest(n_estimators=3, random_state=0),
    KMeans(3, random_state=0, n_init=1),
    KNeighborsClassifier(),
    KNeighborsRegressor(weights="distance", algorithm="ball_tree"),
    Lasso(),
    LinearDiscriminantAnalysis(),
    LinearRegression(),
    LinearSVC(random_state=0),
    LogisticRegression(class_weight={0: 1.0, 1: 2.5}),
    LogisticRegression(C=0.1, solver="newton-cg"),
    MinMaxScaler(),
    MLPClassifier((3,), max_iter=400, random_state=0, tol=1e-2),
    MultinomialNB(),
    OneHotEncoder(handle_unknown="ignore"),
    OneVsRestClassifier(LogisticRegression()),
    OrdinalEncoder(),
    PCA(2, random_state=0),
    PolynomialFeatures(2),
    Pipeline([("impute", SimpleImputer()), ("scale", StandardScaler()), ("fit", Ridge())]),
    make_pipeline(columns, RandomForestClassifier(n_estimators=3, random_state=0)),
    QuantileTransformer(n_quantiles=10, random_state=0),
    RandomForestClassifier(n_estimators=4, random_state=np.random.RandomState(3)),
    RandomForestRegressor(n_estimators=4, random_state=0),
    Ridge(alpha=0.5),
    Ridge(solver="svd"),
    RobustScaler(),
    SGDClassifier(random_state=0),
    SimpleImputer(strategy="median"),
    SplineTransformer(),
    StackingRegressor([("a", Ridge()), ("b", DecisionTreeRegressor(random_state=0))]),
    StandardScaler(),
    SVC(),
    SVC(kernel="linear", C=2),
    SVR(),
    TruncatedSVD(2, random_state=0),
    TweedieRegressor(),
    VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())]),
]


def training_data():
    """Return inputs and targets of two classes; the last column is a category."""
    random = np.random.default_rng(0)
    inputs = random.uniform(0, 2, (60, 5))
    inputs[:, 4] = random.integers(0, 4, 60)
    return inputs, (inputs[:, 0] + inputs[:, 1] > 2).astype(int)


def fitted(estimator):
    """Return a fresh copy of an estimator, fitted."""
    inputs, targets = training_data()
    if isinstance(getattr(estimator, "random_state", None), np.random.RandomState):
        estimator = clone(estimator).set_params(random_state=np.random.RandomState(3))
    return clone(estimator).fit(inputs, targets)


def answers(model):
    """Return all that a model says of data that it has not seen, as bytes."""
    inputs = training_data()[0][::-1][:20] * 1.0
    said = []
    for name in ("predict", "predict_proba", "decision_function", "transform"):
        if hasattr(model, name):
            result = getattr(model, name)(inputs)
            said.append((result.toarray() if hasattr(result, "toarray") else result).tobytes())
    return said


def name_of(estimator):
    """Return the name of an estimator's class."""
    return type(estimator).__name__


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name_of)
def test_model_comes_back_exactly(estimator):
    """A fitted model gives equal answers after it was stored; an equal model is equal bytes."""
    model = fitted(estimator)

    stored = MODELS.encode(model)
    back = MODELS.decode(stored)

    assert type(back) is type(model)
    assert answers(back) == answers(model)
    assert MODELS.encode(fitted(estimator)) == stored
    assert MODELS.encode(back) == stored


@pytest.mark.parametrize("vectorizer", [CountVectorizer, TfidfVectorizer])
def test_vocabulary_and_stop_words_come_back(vectorizer):
    """A text model keeps its vocabulary; its set of stop words is stored in a fixed order."""
    model = vectorizer(stop_words="english").fit(TEXTS)

    stored = MODELS.encode(model)

    assert MODELS.decode(stored).vocabulary_ == model.vocabulary_
    assert MODELS.encode(vectorizer(stop_words="english").fit(TEXTS)) == stored


def test_model_is_a_model_artifact(tmp_path):
    """A stored model is one file in a folder, and reads back from there."""
    artifact = DataArtifact(tmp_path / "model")
    MODELS.write(fitted(Ridge()), artifact)

    assert MODELS.artifact_type is ModelArtifact
    assert isinstance(MODELS.read(artifact, Ridge), Ridge)
    assert isinstance(MODELS.read(artifact, HistGradientBoostingRegressor | Ridge), Ridge)
    with pytest.raises(UnreadableArtifactError, match="not a SVC"):
        MODELS.read(artifact, SVC)


STORE_IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
import numpy as np
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.preprocessing import FunctionTransformer
from whence.materializers.scikit_learn import SklearnMaterializer
noise = [np.full(size, 171, "u1") for size in range(16, 4000, 16) for _ in range(20)]
del noise  # so that memory that nobody clears is full of something
inputs = np.random.default_rng(0).uniform(size=(60, 5))
trees = GradientBoostingRegressor(n_estimators=5, random_state=0).fit(inputs, inputs[:, 0])
words = FunctionTransformer(kw_args={"a": frozenset("abcdef"), "b": set("uvwxyz")})
encode = SklearnMaterializer().encode
Path(sys.argv[1]).write_bytes(encode(trees) + encode(words))
"""


def test_file_is_the_same_from_every_process(tmp_path):
    """Two processes, with different hashes, store equal models as the same bytes."""
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", STORE_IN_ANOTHER_PROCESS, tmp_path / seed],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True,
        )

    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


class Doubler(BaseEstimator):
    """A user's own estimator."""

    def fit(self, inputs, targets=None):
        """Learn nothing."""
        self.factor_ = 2.0
        return self


def shout(inputs):
    """Return the inputs."""
    return inputs


@pytest.mark.parametrize("model", [Doubler(), FunctionTransformer(shout)], ids=name_of)
def test_own_type_is_refused_until_it_is_trusted(model):
    """A type of one's own is refused by name at writing, and stored once it is trusted."""
    name = "Doubler" if isinstance(model, Doubler) else "shout"

    with pytest.raises(UntrustedTypeError, match=rf"{name}.*[\s\S]*trusted=") as refusal:
        MODELS.encode(model)

    trusting = SklearnMaterializer(trusted=refusal.value.facts["types"].split(", "))
    assert type(trusting.decode(trusting.encode(model))) is type(model)


def test_file_with_an_untrusted_type_runs_nothing(tmp_path, monkeypatch):
    """A file that asks for a foreign function to be called is refused before anything is called."""
    monkeypatch.chdir(tmp_path)
    state = {
        "__class__": "mkdir", "__module__": "os", "__loader__": "ConstructorFromReduceNode",
        "content": {
            "__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode",
            "content": [{
                "__class__": "str", "__module__": "builtins", "__loader__": "JsonNode",
                "content": '"sprung"', "is_json": True,
            }],
        },
        "protocol": 2, "_skops_version": "0.16.0",
    }  # fmt: skip
    with pytest.raises(UntrustedTypeError, match=r"os\.mkdir"):
        MODELS.decode(zipped({"schema.json": json.dumps(state).encode()}))

    assert not (tmp_path / "sprung").exists()


def zipped(members, compression=zipfile.ZIP_STORED):
    """Return a zip file with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_tree_that_points_outside_is_refused():
    """A file whose tree points at foreign memory is refused, since scikit-learn would follow it."""
    stored = MODELS.encode(fitted(DecisionTreeClassifier(max_depth=3, random_state=0)))
    with zipfile.ZipFile(io.BytesIO(stored)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for name, data in members.items():
        if b"left_child" in data[:200]:
            nodes = np.load(io.BytesIO(data))
            nodes["left_child"][0] = 1 << 40
            buffer = io.BytesIO()
            np.save(buffer, nodes)
            members[name] = buffer.getvalue()

    with pytest.raises(UnreadableArtifactError, match="outside of itself"):
        MODELS.decode(zipped(members))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage" * 20,
        MODELS.encode(Ridge())[:-40],
        zipped({"schema.json": b"[]"}),
        zipped({"schema.json": b"{}"}),
        zipped({"schema.json": b" " * 100_000}, zipfile.ZIP_DEFLATED),
    ],
    ids=["empty", "garbage", "truncated", "list", "nothing", "compressed"],
)
def test_broken_file_is_refused(data):
    """A file that holds no model, or would unfold into a large one, is unreadable."""
    with pytest.raises(UnreadableArtifactError):
        MODELS.decode(data)


def test_keys_that_would_collide_are_refused():
    """A model whose parameters skops would change silently is refused."""
    with pytest.raises(NotStorableError):
        MODELS.encode(LogisticRegression(class_weight={True: 1.0, False: 2.0}))


@pytest.mark.parametrize(
    "value", [1, Ridge, FunctionTransformer(lambda x: x)], ids=["number", "class", "lambda"]
)
def test_what_is_no_model_is_refused(value):
    """Classes, plain values and models with local functions are refused."""
    with pytest.raises((NotStorableError, UntrustedTypeError)):
        MODELS.encode(value)


def test_skops_can_read_the_file_itself():
    """What is stored is an ordinary skops file."""
    model = fitted(Ridge())

    assert answers(skops.loads(MODELS.encode(model))) == answers(model)
