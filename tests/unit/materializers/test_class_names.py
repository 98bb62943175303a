"""What stored files say of the classes whose instances they hold, without any being made."""

import collections
import functools
import pickle
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from whence.artifacts import DataArtifact
from whence.errors import UnreadableArtifactError
from whence.materializers import (
    ContainerMaterializer,
    JsonMaterializer,
    PickleMaterializer,
    SklearnMaterializer,
)

HERE = __name__


class Mood(Enum):
    GOOD = 1


class Pair(NamedTuple):
    one: Any
    other: Any


@dataclass(frozen=True)
class Box:
    inside: Any


class Record(BaseModel):
    inside: Any


@dataclass(frozen=True)
class Table:
    frame: pd.DataFrame
    of: Any


class Loose:
    """A class that only a pickle can store."""

    def __init__(self, inside=None):
        self.inside = inside


class LooseDict(dict):
    pass


class Estimator(BaseEstimator):
    def fit(self, inputs, targets=None):
        return self


def double(inputs):
    return 2 * inputs


def own_names(materializer, read_file):
    """Return the names of this module's classes that some files name."""
    names = materializer.list_class_names(read_file)
    return {each.qualified for each in names if each.module == HERE}


def names_in_json(value):
    """Return the names of this module's classes in a value that is stored as JSON."""
    data = JsonMaterializer().encode(value)
    return own_names(JsonMaterializer(), {"value.json": data}.__getitem__)


def classes_in(value):
    """Return the names of the classes of all instances in a value."""
    inner = ()
    if isinstance(value, (list, tuple)):
        inner = value
    elif isinstance(value, dict):
        inner = [*value.keys(), *value.values()]
    elif isinstance(value, (Box, Record)):
        inner = [value.inside]
    own = {type(value).__name__} if type(value).__module__ == HERE else set()
    return own.union(*map(classes_in, inner))


TRICKY = st.sampled_from(['{"$enum":["a:B"', '{"$', "$enum", '"', "\\", '["$model":["x:Y"'])
LEAVES = st.one_of(st.integers(), st.text(), TRICKY, st.just(Mood.GOOD))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.text(), TRICKY, st.just(Mood.GOOD)), inner, max_size=3),
        st.tuples(inner, inner),
        st.builds(Pair, inner, inner),
        st.builds(Box, inner),
        st.builds(lambda value: Record(inside=value), inner),
    ),
    max_leaves=8,
)


@given(VALUES)
def test_typed_json_names_the_classes_in_it_and_no_others(value):
    """At any depth, also in keys; a text that looks like a name is none."""
    assert names_in_json(value) == classes_in(value)


def test_a_container_names_its_own_class_and_those_of_its_items(tmp_path):
    """Items count by their own format, also where one cannot name anything."""
    artifact = DataArtifact(tmp_path / "value")
    frame = pd.DataFrame({"a": [1]})
    value = {"a": Table(frame, of=Box(Mood.GOOD)), "b": Table(frame, of=[frame, Pair(1, 2)])}
    ContainerMaterializer().write(value, artifact)

    assert own_names(ContainerMaterializer(), artifact.read_file) == {
        "Table",
        "Box",
        "Mood",
        "Pair",
    }


PICKLED = [
    (Loose(LooseDict(a=Box(1))), {"Loose", "LooseDict", "Box"}),
    ({Loose(), Mood.GOOD}, {"Loose", "Mood"}),
    ({Pair(1, 2): [Loose()]}, {"Pair", "Loose"}),
    (collections.defaultdict(list, a=collections.deque([Loose()])), {"Loose"}),
    (functools.partial(double, Loose()), {"double", "Loose"}),
    (np.array([Loose(), 1], object), {"Loose"}),
    (pd.DataFrame({"a": [Loose()], "b": ["x"]}), {"Loose"}),
    (make_pipeline(Estimator(), FunctionTransformer(double)), {"Estimator", "double"}),
    ([1, "a", None, np.eye(2), pd.Timestamp(0)], set()),
]


@pytest.mark.parametrize(
    ("value", "names"), PICKLED, ids=[type(each).__name__ for each, _ in PICKLED]
)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_names_all_that_it_would_load(value, names, protocol):
    """Classes and functions of any protocol, in the instances of any package."""
    data = pickle.dumps(value, protocol)

    assert own_names(PickleMaterializer(), {"value.pickle": data}.__getitem__) == names


class Spring:
    """An instance whose pickle makes a folder where it is read."""

    def __reduce__(self):
        return subprocess.check_call, ([sys.executable, "-c", "open('sprung', 'w')"],)


def test_asking_a_pickle_for_names_runs_nothing(tmp_path, monkeypatch):
    """What a pickle would call when it is read is named, and not called."""
    monkeypatch.chdir(tmp_path)
    data = pickle.dumps([Spring(), Loose()])

    names = PickleMaterializer().list_class_names({"value.pickle": data}.__getitem__)

    assert {each.qualified for each in names} == {"check_call", "Loose"}
    assert list(tmp_path.iterdir()) == []


def test_a_model_names_its_estimators_and_functions():
    """Of those, skops imports what is trusted, and nothing else for the sake of a file."""
    trusting = SklearnMaterializer(trusted=[f"{HERE}.Estimator", f"{HERE}.double"])
    data = trusting.encode(make_pipeline(Estimator(), FunctionTransformer(double)))
    files = {"model.skops": data}

    names = trusting.list_class_names(files.__getitem__)
    untrusting = SklearnMaterializer().list_class_names(files.__getitem__)

    assert {each.qualified for each in names if each.is_imported} >= {"Estimator", "double"}
    assert {each.qualified for each in untrusting if each.module == HERE} == {"Estimator", "double"}
    assert not any(each.is_imported for each in untrusting if each.module == HERE)


@pytest.mark.parametrize(
    ("materializer", "file"),
    [
        (PickleMaterializer(), "value.pickle"),
        (ContainerMaterializer(), "index.json"),
        (SklearnMaterializer(), "model.skops"),
    ],
)
@pytest.mark.parametrize("data", [b"", b"junk", b"[1]"])
def test_files_of_another_format_are_unreadable(materializer, file, data):
    """Nothing is said of what cannot be looked through."""
    with pytest.raises(UnreadableArtifactError):
        materializer.list_class_names({file: data}.__getitem__)
