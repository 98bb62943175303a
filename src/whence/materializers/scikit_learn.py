"""scikit-learn models as skops files: no code on reading, equal bytes for equal models."""

import zipfile
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from whence.domain.artifacts import Artifact, ModelArtifact
from whence.errors import NotStorableError, UnreadableArtifactError, UntrustedTypeError, WhenceError
from whence.interfaces.materializer import ReadFile, SingleFileMaterializer
from whence.materializers.canonical_skops import list_named, make_canonical, read_schema
from whence.materializers.optional_packages import load_optional
from whence.materializers.tree_bounds import check_trees
from whence.materializers.trusted_types import TRUSTED_TYPES
from whence.values.class_names import ClassName
from whence.values.type_forms import runtime_class, type_name, union_members


class SklearnMaterializer(SingleFileMaterializer):
    """Stores scikit-learn's estimators, and pipelines and searches made of them.

    A model comes back with exactly equal predictions; equal models have equal digests, also from
    different processes. Reading runs no code of the file: only types of a reviewed list are built,
    others are refused by name, already when the model is written. `trusted` adds types of yours,
    as `package.module.Name`. A model of another version of scikit-learn is read with
    scikit-learn's own `InconsistentVersionWarning`.
    """

    format: ClassVar[str] = "skops/1"
    artifact_type: ClassVar[type[Artifact]] = ModelArtifact
    views: ClassVar[tuple[str, ...]] = ()
    file_name: ClassVar[str] = "model.skops"

    def __init__(self, *, trusted: Iterable[str] = ()) -> None:
        self._trusted = sorted({*TRUSTED_TYPES, *trusted})

    def encode(self, value: Any, /) -> bytes:
        """Return the file of a fitted (or unfitted) estimator."""
        skops = self._load_skops()
        base = load_optional("sklearn.base", "sklearn", type(self).__name__)
        if not isinstance(value, base.BaseEstimator):
            reason = "It is not an estimator of scikit-learn."
            raise _refuse(value, self.format, reason, "Name another materializer.")
        try:
            dump = make_canonical(skops.dumps(value))
            self._check_types(skops, dump)
            again = make_canonical(skops.dumps(skops.loads(dump, trusted=self._trusted)))
        except WhenceError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
            cure = "Replace the part that skops does not know, or use `PickleMaterializer()`."
            raise _refuse(value, self.format, reason, cure) from error
        if again != dump:
            reason = "A part of it comes back changed, such as a dict with both 1 and '1' as keys."
            raise _refuse(value, self.format, reason, "Use texts or numbers alone as keys.")
        return dump

    def decode(self, data: bytes, as_type: Any = None, /) -> Any:
        """Return the model, as it was fitted."""
        skops = self._load_skops()
        try:
            self._check_types(skops, data)
            check_trees(data)
            model = skops.loads(data, trusted=self._trusted)
        except WhenceError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
            raise self._unreadable(reason) from error
        classes = [runtime_class(member) for member in union_members(as_type)]
        if as_type is not None and not any(
            cls is None or isinstance(model, cls) for cls in classes
        ):
            reason = f"It holds a {type_name(type(model))}, not a {type_name(as_type)}."
            raise self._unreadable(reason)
        return model

    def list_class_names(self, read_file: ReadFile, /) -> Sequence[ClassName]:
        """Return the classes and functions that the model is made of; skops imports the trusted."""
        try:
            schema, _ = read_schema(read_file(self.file_name))
        except (ValueError, LookupError, zipfile.BadZipFile) as error:
            reason = f"{type(error).__name__}: {error}"
            raise self._unreadable(reason) from error
        return [
            ClassName(module, name, is_imported=f"{module}.{name}" in self._trusted)
            for module, name in list_named(schema)
        ]

    def _check_types(self, skops: Any, data: bytes) -> None:
        untrusted = set(skops.get_untrusted_types(data=data)) - set(self._trusted)
        if untrusted:
            names = ", ".join(sorted(untrusted))
            raise UntrustedTypeError(
                types=names, materializer=type(self).__name__, option="trusted=[...]"
            )

    def _unreadable(self, reason: str) -> UnreadableArtifactError:
        import sklearn  # noqa: PLC0415  # optional and heavy

        cure = (
            "Read it with the versions that wrote it (they are in the run's environment),\n"
            f"or run the step again. Installed here: scikit-learn {sklearn.__version__}."
        )
        return UnreadableArtifactError(format=self.format, reason=reason, cure=cure)

    def _load_skops(self) -> Any:
        return load_optional("skops.io", "sklearn", type(self).__name__)


def _refuse(value: Any, format_name: str, reason: str, cure: str) -> NotStorableError:
    subject = f"A value of type {type_name(type(value))}"
    return NotStorableError(subject=subject, format=format_name, reason=reason, cure=cure)
