"""NumPy arrays as `.npy` files, read by mapping them into memory."""

import errno
import io
import os
import warnings
from typing import Any, ClassVar

from whence.domain.artifacts import Artifact
from whence.errors import NotStorableError, UnreadableArtifactError
from whence.interfaces.materializer import Materializer, SingleFileMaterializer
from whence.materializers.array_records import clear_padding
from whence.materializers.artifact_files import (
    MAPPED_FROM,
    choose_view,
    prepare_file,
    refuse_broken_files,
    refuse_view,
)
from whence.materializers.optional_packages import load_optional
from whence.values.type_forms import type_name

_LONGEST_HEADER = 100_000  # characters; NumPy guards its parser of headers by such a limit
_PLAIN_HEADER, _UNICODE_HEADER = (1, 0), (3, 0)


class NumpyMaterializer(Materializer):
    """Stores `numpy.ndarray` of every dtype that holds no Python objects.

    Dtype, shape, memory order and every byte come back. A large array is mapped, not read: nothing
    is copied before it is used, and the reader may change its own view of it.
    """

    format: ClassVar[str] = "npy/1"
    views: ClassVar[tuple[str, ...]] = ("numpy.ndarray",)
    file_name: ClassVar[str] = "array.npy"

    def write(self, value: Any, artifact: Artifact, /) -> None:
        """Write one array; object arrays, masked arrays and other subclasses are refused."""
        numpy = _load_numpy(type(self).__name__)
        if type(value) is not numpy.ndarray:
            raise _refuse_class(numpy, value)
        _check_dtype(numpy, value.dtype)
        with prepare_file(artifact, self.file_name).open("wb") as file:
            _write_array(numpy, clear_padding(value), file)
            _check_all_was_written(file)

    def read(self, artifact: Artifact, as_type: Any = None, /) -> Any:
        """Return the array, an ordinary and writable `numpy.ndarray`."""
        numpy = _load_numpy(type(self).__name__)
        if choose_view(as_type, "numpy.ndarray", self.views) is None:
            raise refuse_view(artifact, self.format, as_type, "numpy.ndarray")
        with refuse_broken_files(artifact, self.format):
            if artifact.uri.startswith("whence:"):  # inline: never unfolded to disk for this
                return _parse_array(numpy, artifact.read_file(self.file_name))
            path = artifact.path / self.file_name
            if path.stat().st_size < MAPPED_FROM:
                return _parse_array(numpy, path.read_bytes())
            return _map_array(numpy, path)


class NumpyScalarMaterializer(SingleFileMaterializer):
    """Stores a NumPy scalar such as `numpy.float32(1.5)`, which comes back as that very type."""

    format: ClassVar[str] = "npy-scalar/1"
    views: ClassVar[tuple[str, ...]] = ()
    file_name: ClassVar[str] = "scalar.npy"

    def encode(self, value: Any, /) -> bytes:
        """Return the scalar as the file of an array without dimensions."""
        numpy = _load_numpy(type(self).__name__)
        if not isinstance(value, numpy.generic):
            raise _refuse_class(numpy, value, self.format)
        _check_dtype(numpy, value.dtype, self.format)
        buffer = io.BytesIO()
        array = clear_padding(numpy.asarray(value))
        _write_array(numpy, array, buffer)
        header = buffer.tell() - array.nbytes
        return buffer.getvalue()[:header] + array.tobytes()

    def decode(self, data: bytes, as_type: Any = None, /) -> Any:  # noqa: ARG002  # the one type it has
        """Return the scalar, in the type that was written."""
        numpy = _load_numpy(type(self).__name__)
        try:
            scalar = _parse_array(numpy, data)[()]
        except Exception as error:
            cure = "Run the step that made it again."
            raise UnreadableArtifactError(
                format=self.format, reason=str(error), cure=cure
            ) from error
        if isinstance(scalar, numpy.ndarray):
            reason = "It holds an array, not a scalar."
            raise UnreadableArtifactError(
                format=self.format, reason=reason, cure="Read it with `NumpyMaterializer()`."
            )
        return scalar


def _load_numpy(subject: str) -> Any:
    return load_optional("numpy", "numpy", subject)


def _write_array(numpy: Any, array: Any, file: Any) -> None:
    layout = numpy.lib.format
    start = file.tell()
    try:
        layout.write_array(file, array, version=_PLAIN_HEADER, allow_pickle=False)
    except ValueError:  # names of fields that Latin-1 has no letters for, or a very long dtype
        file.seek(start)
        file.truncate()
        layout.write_array(file, array, version=_UNICODE_HEADER, allow_pickle=False)


def _check_all_was_written(file: Any) -> None:
    """Raise `OSError` if the disk has not taken all: NumPy overlooks an error of the last write."""
    written = os.fstat(file.fileno()).st_size
    if written != file.tell():
        message = f"Only {written} of {file.tell()} bytes could be written"
        raise OSError(errno.EIO, message, file.name)


def _map_array(numpy: Any, path: Any) -> Any:
    mapped = numpy.lib.format.open_memmap(path, mode="c", max_header_size=_LONGEST_HEADER)
    _check_length(mapped.offset + mapped.nbytes, path.stat().st_size)
    return mapped.view(numpy.ndarray)  # a fresh value is no `numpy.memmap` either


def _parse_array(numpy: Any, data: bytes) -> Any:
    file = io.BytesIO(data)
    array = numpy.lib.format.read_array(file, allow_pickle=False, max_header_size=_LONGEST_HEADER)
    _check_length(file.tell(), len(data))
    return array


def _check_length(expected: int, found: int) -> None:
    if expected != found:
        message = f"The header announces {expected} bytes, the file has {found}."
        raise ValueError(message)


def _check_dtype(numpy: Any, dtype: Any, format_name: str = NumpyMaterializer.format) -> None:
    """Refuse a dtype that the file's header could not bring back."""
    if dtype.hasobject:
        reason = "Its elements are Python objects, which only running their code could bring back."
        cure = (
            "Convert it: `array.astype(float)`, `array.astype(str)`, or return a list or a frame."
        )
    elif dtype.metadata or not _comes_back(numpy, dtype):
        reason = "The .npy format cannot express this dtype."
        cure = "Convert it to a plain dtype: `array.astype(...)`."
    else:
        return
    raise NotStorableError(
        subject=f"An array of dtype {dtype}", format=format_name, reason=reason, cure=cure
    )


def _comes_back(numpy: Any, dtype: Any) -> bool:
    layout = numpy.lib.format
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # NumPy only warns of what it would lose
            description = layout.dtype_to_descr(dtype)
            return layout.descr_to_dtype(description) == dtype and (
                len(repr(description)) < _LONGEST_HEADER // 2
            )
    except (UserWarning, ValueError, TypeError):
        return False


def _refuse_class(numpy: Any, value: Any, format_name: str = NumpyMaterializer.format) -> Exception:
    kind = type_name(type(value))
    cure = "Return a plain array: `numpy.asarray(value)`."
    reason = "Only numpy.ndarray itself is stored: what a subclass adds would be lost."
    if isinstance(value, numpy.ma.MaskedArray):
        cure = "Return `value.filled(...)`, or the pair of `value.data` and `value.mask`."
    elif not isinstance(value, numpy.ndarray):
        reason = "It is not a numpy.ndarray."
    return NotStorableError(
        subject=f"A value of type {kind}", format=format_name, reason=reason, cure=cure
    )
