"""Keras models: exact, canonical, and read without running code."""

import io
import itertools
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from whence.artifacts import DataArtifact, ModelArtifact
from whence.errors import NotStorableError, UnreadableArtifactError, UntrustedTypeError
from whence.materializers.keras_models import KerasMaterializer

pytestmark = [
    pytest.mark.heavy,
    # Keras's backends warn of each other's packages while they load.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

keras = pytest.importorskip("keras")
layers = keras.layers
MODELS = KerasMaterializer()


def dense(units, activation, depth):
    """Return a compiled network of dense layers, and the shape that it takes."""
    model = keras.Sequential([layers.Input((4,))])
    for _ in range(depth):
        model.add(layers.Dense(units, activation=activation))
    model.add(layers.Dropout(0.5, seed=1))
    model.add(layers.Dense(1))
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    return model, (2, 4)


def convolution(filters, padding):
    """Return a small network for images."""
    stack = [
        layers.Input((6, 6, 1)),
        layers.Conv2D(filters, 3, padding=padding),
        layers.BatchNormalization(),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(2, activation="softmax"),
    ]
    return keras.Sequential(stack), (2, 6, 6, 1)


def sequence(cell, units):
    """Return a small network for texts."""
    stack = [layers.Input((5,)), layers.Embedding(9, 3), cell(units), layers.Dense(1)]
    return keras.Sequential(stack), (2, 5)


def branches(units):
    """Return a network whose two branches share one layer."""
    inputs = keras.Input((3,))
    shared = layers.Dense(units, kernel_regularizer=keras.regularizers.L2(0.1))
    joined = layers.Concatenate()([shared(inputs), layers.LayerNormalization()(shared(inputs))])
    return keras.Model(inputs, layers.Dense(1)(joined)), (2, 3)


ACTIVATIONS = ("relu", "tanh", "gelu", "swish")
CELLS = (layers.LSTM, layers.GRU, layers.SimpleRNN)
NETWORKS = [
    *[(dense, each) for each in itertools.product((2, 5), ACTIVATIONS, (1, 2, 3))],
    *[(convolution, each) for each in itertools.product((1, 2, 3, 4), ("same", "valid"))],
    *[(sequence, each) for each in itertools.product(CELLS, (1, 2, 3, 4))],
    *[(branches, (units,)) for units in range(1, 7)],
]


def built(make, arguments):
    """Return a network with weights that are the same each time, and a fresh set of names."""
    keras.utils.clear_session()
    model, shape = make(*arguments)
    random = np.random.default_rng(0)
    model.set_weights(
        [random.uniform(0.1, 1, w.shape).astype(w.dtype) for w in model.get_weights()]
    )
    return model, np.abs(random.integers(0, 9, shape)).astype("float32")


@pytest.mark.parametrize(("make", "arguments"), NETWORKS)
def test_model_comes_back_exactly(make, arguments):
    """A network comes back with its configuration, weights and answers; equal ones equal bytes."""
    model, inputs = built(make, arguments)

    stored = MODELS.encode(model)
    back = MODELS.decode(stored)

    assert json.dumps(back.get_config()) == json.dumps(model.get_config())
    for left, right in zip(back.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    np.testing.assert_array_equal(back(inputs), model(inputs))
    assert back.compiled == model.compiled
    assert MODELS.encode(built(make, arguments)[0]) == stored


def test_model_is_a_model_artifact(tmp_path):
    """A stored network is one file in a folder, and reads back from there."""
    artifact = DataArtifact(tmp_path / "model")
    MODELS.write(built(dense, (2, "relu", 1))[0], artifact)

    assert MODELS.artifact_type is ModelArtifact
    assert isinstance(MODELS.read(artifact, keras.Model), keras.Sequential)
    with pytest.raises(UnreadableArtifactError, match="not a dict"):
        MODELS.read(artifact, dict)


STORE_IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
import keras
import numpy as np
from whence.materializers.keras_models import KerasMaterializer
model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
model.set_weights([np.ones(weight.shape, "f4") for weight in model.get_weights()])
Path(sys.argv[1]).write_bytes(KerasMaterializer().encode(model))
"""


def test_file_is_the_same_from_every_process(tmp_path):
    """Two processes, with different hashes, store equal networks as the same bytes."""
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", STORE_IN_ANOTHER_PROCESS, tmp_path / seed],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path),
                 "KERAS_BACKEND": "numpy", "HOME": str(tmp_path)},
            check=True,
        )  # fmt: skip

    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def around(layer):
    """Return a network around one layer."""
    keras.utils.clear_session()
    return keras.Sequential([layers.Input((4,)), layer])


def test_lambda_is_refused_at_writing():
    """A Lambda layer, which is code in the file, is refused with a reason."""
    with pytest.raises(NotStorableError, match="Lambda"):
        MODELS.encode(around(layers.Lambda(lambda values: values + 1)))


def test_lambda_in_a_file_is_not_run():
    """A file with a Lambda layer is refused, whoever wrote it."""
    stored = changed(lambda config: config["config"]["layers"][1].update(class_name="Lambda"))

    with pytest.raises(UntrustedTypeError, match="Lambda"):
        MODELS.decode(stored)


def test_foreign_module_in_a_file_is_not_imported():
    """A file that names a module outside of Keras is refused by that name."""

    def name_another(config):
        config["config"]["layers"][1].update(module="antigravity", class_name="Dense")

    with pytest.raises(UntrustedTypeError, match=r"antigravity\.Dense"):
        MODELS.decode(changed(name_another))

    assert "antigravity" not in sys.modules


def changed(change):
    """Return a stored network whose configuration was changed."""
    stored = MODELS.encode(built(dense, (2, "relu", 1))[0])
    with zipfile.ZipFile(io.BytesIO(stored)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    members["config.json"] = json.dumps(config).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_own_layer_is_refused_until_it_is_named():
    """A layer class of one's own is refused by name, and stored once it is named."""

    class Mine(layers.Dense):
        pass

    with pytest.raises(UntrustedTypeError, match="Mine"):
        MODELS.encode(around(Mine(1)))

    naming = KerasMaterializer(custom_objects={"Mine": Mine})
    back = naming.decode(naming.encode(around(Mine(1))))
    assert isinstance(back.layers[-1], Mine)


def own_loss(expected, predicted):
    """Return a loss of one's own."""
    return expected - predicted


def test_own_layers_and_functions_are_named():
    """A stored model tells which classes and functions it holds that are not those of Keras."""

    class Mine(layers.Dense):
        pass

    naming = KerasMaterializer(custom_objects={"Mine": Mine, "own_loss": own_loss})
    model = around(Mine(1))
    model.compile(loss=own_loss)

    names = naming.list_class_names({"model.keras": naming.encode(model)}.__getitem__)

    assert {(each.module, each.qualified) for each in names} == {
        (__name__, "Mine"),
        ("", "own_loss"),
    }


@pytest.mark.parametrize(
    ("value", "says"),
    [(1, "not a keras.Model"), (keras.Sequential([layers.Dense(1)]), "not built")],
    ids=["number", "unbuilt"],
)
def test_what_has_no_weights_is_refused(value, says):
    """What is no model, or one that is not built, is refused with a reason."""
    with pytest.raises(NotStorableError, match=says):
        MODELS.encode(value)


@pytest.mark.parametrize("kept", [0, 0.5, 0.99])
def test_truncated_file_is_refused(kept):
    """A file whose end is missing is reported as unreadable."""
    stored = MODELS.encode(built(dense, (2, "relu", 1))[0])

    with pytest.raises(UnreadableArtifactError):
        MODELS.decode(stored[: int(len(stored) * kept)])
