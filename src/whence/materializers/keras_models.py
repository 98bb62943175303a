"""Keras models as `.keras` files: no code on reading, equal bytes for equal models."""

import json
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, ClassVar, cast

from whence.domain.artifacts import Artifact, ModelArtifact
from whence.errors import NotStorableError, UnreadableArtifactError, UntrustedTypeError, WhenceError
from whence.interfaces.materializer import ReadFile, SingleFileMaterializer
from whence.materializers.canonical_zip import pack_files, unpack_files
from whence.materializers.optional_packages import load_optional
from whence.values.class_names import ClassName
from whence.values.type_forms import runtime_class, type_name, union_members

_NO_DATE = "1980-01-01@00:00:00"
_OUTSIDE_CODE = frozenset(
    {"__lambda__", "Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}
)
"""What Keras can only bring back by running code that is stored, or lies, outside of Keras."""


_DATA = frozenset(
    {"__bytes__", "__ellipsis__", "__keras_tensor__", "__numpy__", "__tensor__", "__slice__"}
)
"""How Keras marks plain values in a configuration."""


class KerasMaterializer(SingleFileMaterializer):
    """Stores `keras.Model` with its architecture, weights, optimizer and compile configuration.

    Equal models (also in the names of their layers) have equal digests. Reading runs no code of the
    file: a `Lambda` layer is refused, and so is a class that is neither Keras's own nor registered
    in this program or named in `custom_objects`.
    """

    format: ClassVar[str] = "keras/1"
    artifact_type: ClassVar[type[Artifact]] = ModelArtifact
    views: ClassVar[tuple[str, ...]] = ()
    file_name: ClassVar[str] = "model.keras"

    def __init__(self, *, custom_objects: Mapping[str, Any] | None = None) -> None:
        self._custom_objects = dict(custom_objects or {})

    def encode(self, value: Any, /) -> bytes:
        """Return the file of a built model."""
        keras = self._load_keras()
        if not isinstance(value, keras.Model):
            raise _refuse(
                self.format, value, "It is not a keras.Model.", "Return the model itself."
            )
        if not value.built:
            reason = "It is not built yet, so it has no weights."
            raise _refuse(self.format, value, reason, "Call `model.build(...)`, or fit it first.")
        try:
            members = unpack_files(_save(value))
        except (TypeError, ValueError, NotImplementedError) as error:
            reason = f"Keras cannot save it: {str(error).partition(chr(10))[0]}"
            cure = "Give your layers a `get_config` that returns plain values."
            raise _refuse(self.format, value, reason, cure) from error
        config = json.loads(members["config.json"])
        self._refuse_code(value, config)
        self._check_classes(keras, config)
        self._check_rebuilds(keras, value, config)
        return pack_files({**members, **_without_chance(members)})

    def decode(self, data: bytes, as_type: Any = None, /) -> Any:
        """Return the model, compiled as it was."""
        keras = self._load_keras()
        try:
            self._check_classes(keras, json.loads(unpack_files(data)["config.json"]))
            model = self._load(keras, data)
        except WhenceError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
            raise _unreadable(self.format, reason) from error
        classes = [runtime_class(member) for member in union_members(as_type)]
        if as_type is not None and not any(
            cls is None or isinstance(model, cls) for cls in classes
        ):
            found = type_name(type(model))
            raise _unreadable(self.format, f"It holds a {found}, not a {type_name(as_type)}.")
        return model

    def list_class_names(self, read_file: ReadFile, /) -> Sequence[ClassName]:
        """Return the classes and functions in the model's configuration that are not Keras's."""
        try:
            members = unpack_files(read_file(self.file_name))
            config = json.loads(members["config.json"])
        except (ValueError, LookupError, zipfile.BadZipFile) as error:
            raise _unreadable(self.format, f"{type(error).__name__}: {error}") from error
        return list(dict.fromkeys(_names_outside_keras(config)))

    def _load(self, keras: Any, data: bytes) -> Any:
        with tempfile.TemporaryDirectory(prefix="whence-") as folder:  # Keras reads paths alone
            path = Path(folder) / self.file_name
            path.write_bytes(data)
            with warnings.catch_warnings():
                # A model that was compiled and never fitted: its optimizer has no state to lose.
                warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
                return keras.saving.load_model(
                    path, custom_objects=self._custom_objects or None, safe_mode=True
                )

    def _refuse_code(self, model: Any, config: Any) -> None:
        """Refuse to write what could only be read by running code from the file."""
        found = _OUTSIDE_CODE.intersection(_class_names(config))
        if found:
            kind = min(found - {"__lambda__"}, default="lambda")
            reason = f"It has a {kind}, whose code would have to be run from the file."
            cure = "Write a `keras.Layer` class of your own, and register it with Keras."
            raise _refuse(self.format, model, reason, cure)

    def _check_rebuilds(self, keras: Any, model: Any, config: Any) -> None:
        """Refuse a model whose architecture Keras could not build again."""
        try:
            keras.saving.deserialize_keras_object(
                config, custom_objects=self._custom_objects or None, safe_mode=True
            )
        except Exception as error:
            reason = f"Keras could not build it again: {str(error).partition(chr(10))[0]}"
            cure = (
                "Register your functions and classes: `keras.saving.register_keras_serializable`."
            )
            raise _refuse(self.format, model, reason, cure) from error

    def _check_classes(self, keras: Any, config: Any) -> None:
        """Refuse a model that names a class which is neither Keras's own nor known here."""
        known = {*keras.saving.get_custom_objects(), *self._custom_objects}
        refused = sorted(set(_foreign_classes(config, known)))
        if refused:
            raise UntrustedTypeError(
                types=", ".join(refused),
                materializer=type(self).__name__,
                option="custom_objects={...}",
            )

    def _load_keras(self) -> Any:
        return load_optional("keras", "keras", type(self).__name__)


def _save(model: Any) -> bytes:
    with tempfile.TemporaryDirectory(prefix="whence-") as folder:  # Keras writes to paths alone
        path = Path(folder) / KerasMaterializer.file_name
        model.save(path)
        return path.read_bytes()


def _each_object(node: Any) -> Iterator[dict[str, Any]]:
    """Yield the parts of a configuration that stand for an object."""
    if isinstance(node, list):
        items = cast("list[Any]", node)
        for item in items:
            yield from _each_object(item)
    if isinstance(node, dict):
        config = cast("dict[str, Any]", node)
        if isinstance(config.get("class_name"), str):
            yield config
        for child in config.values():
            yield from _each_object(child)


def _class_names(config: Any) -> set[str]:
    return {part["class_name"] for part in _each_object(config)}


def _foreign_classes(config: Any, known: AbstractSet[str]) -> Iterator[str]:
    """Yield the names of all classes in a configuration that are neither Keras's nor known."""
    for part in _each_object(config):
        name, module = part["class_name"], part.get("module")
        if name in _OUTSIDE_CODE:
            yield name
            continue
        own = str(module).partition(".")[0] in {"builtins", "keras"} or name in _DATA
        if not own and str(part.get("registered_name") or name) not in known:
            yield f"{module}.{name}" if module else name


def _names_outside_keras(config: Any) -> Iterator[ClassName]:
    """Yield what a configuration names of others; Keras keeps a function without its module."""
    for part in _each_object(config):
        module, name = str(part.get("module") or ""), part["class_name"]
        if module == "builtins" and name == "function":
            yield ClassName("", str(part.get("config")))
        elif module and module.partition(".")[0] not in {"builtins", "keras"}:
            yield ClassName(module, name)


def _without_chance(members: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the members that hold dates and memory addresses, without them."""
    metadata = {**json.loads(members["metadata.json"]), "date_saved": _NO_DATE}
    config = json.loads(members["config.json"])
    _number_shared(config, {})
    return {
        "metadata.json": json.dumps(metadata, sort_keys=True).encode(),
        "config.json": json.dumps(config).encode(),
        "model.weights.h5": members["model.weights.h5"],
    }


def _number_shared(node: Any, numbers: dict[Any, int]) -> None:
    """Number shared objects in the order in which they occur; Keras takes their addresses."""
    if isinstance(node, list):
        items = cast("list[Any]", node)
        for item in items:
            _number_shared(item, numbers)
    if not isinstance(node, dict):
        return
    config = cast("dict[str, Any]", node)
    if "shared_object_id" in config:
        address = config["shared_object_id"]
        config["shared_object_id"] = numbers.setdefault(address, len(numbers) + 1)
    for child in config.values():
        _number_shared(child, numbers)


def _refuse(format_name: str, value: Any, reason: str, cure: str) -> NotStorableError:
    subject = f"A value of type {type_name(type(value))}"
    return NotStorableError(subject=subject, format=format_name, reason=reason, cure=cure)


def _unreadable(format_name: str, reason: str) -> UnreadableArtifactError:
    cure = "Read it with the version of Keras that wrote it, or run the step again."
    return UnreadableArtifactError(format=format_name, reason=reason, cure=cure)
