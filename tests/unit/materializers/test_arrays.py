"""Arrays come back exactly, or are refused with a reason."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from whence.artifacts import DataArtifact
from whence.errors import NotStorableError, UnreadableArtifactError
from whence.materializers.arrays import NumpyMaterializer, NumpyScalarMaterializer

ARRAYS = NumpyMaterializer()
SCALARS = NumpyScalarMaterializer()

plain_dtypes = (
    npst.scalar_dtypes()
    | npst.unicode_string_dtypes()
    | npst.byte_string_dtypes()
    | npst.array_dtypes(allow_subarrays=True)
    | npst.nested_dtypes()
)
shapes = npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


def arrays():
    """Return a strategy for arrays of any dtype, in C and in Fortran order."""
    built = plain_dtypes.flatmap(
        lambda dtype: shapes.flatmap(lambda shape: npst.arrays(dtype, shape))
    )
    return st.tuples(built, st.booleans()).map(lambda pair: pair[0].T if pair[1] else pair[0])


def bytes_of(array):
    """Return the bytes of an array's values, without those between its fields."""
    if array.dtype.names is None:
        return array.tobytes("A")
    return b"".join(bytes_of(array[name]) for name in array.dtype.names)


def written(value, folder, materializer=ARRAYS):
    """Return the artifact to which a value was written."""
    artifact = DataArtifact(folder)
    materializer.write(value, artifact)
    return artifact


@settings(max_examples=500)
@given(array=arrays())
def test_array_comes_back_exactly_or_is_refused(array, tmp_path_factory):
    """Any array comes back with its dtype, shape, order and bytes, or is refused with a reason."""
    folder = tmp_path_factory.mktemp("array")
    refusal = None
    try:
        artifact = written(array, folder)
    except NotStorableError as error:
        refusal = error
    if refusal is not None:
        assert refusal.facts["reason"]
        return

    first = (folder / "array.npy").read_bytes()
    written(array, folder)
    back = ARRAYS.read(artifact)

    assert (folder / "array.npy").read_bytes() == first
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.flags.f_contiguous == array.flags.f_contiguous or array.size == 0
    assert bytes_of(back) == bytes_of(array)


def test_large_array_is_mapped(tmp_path):
    """A large array is not read before it is used, and is an ordinary, writable array."""
    array = np.arange(1 << 18, dtype="f8")

    back = ARRAYS.read(written(array, tmp_path))

    assert type(back) is np.ndarray
    assert isinstance(back.base, np.memmap)


@pytest.mark.parametrize("size", [10, 1 << 18])
def test_reader_may_change_its_array(size, tmp_path):
    """Changing an array that was read changes neither the file nor what the next reader gets."""
    array = np.zeros(size)
    artifact = written(array, tmp_path)

    mine = ARRAYS.read(artifact)
    mine += 1

    np.testing.assert_array_equal(ARRAYS.read(artifact), array)


def test_read_only_file_can_be_read(tmp_path):
    """An array in a store, whose files are read-only, still gives a writable array."""
    artifact = written(np.zeros(1 << 18), tmp_path)
    (tmp_path / "array.npy").chmod(0o444)

    assert ARRAYS.read(artifact).flags.writeable


def test_gaps_in_records_do_not_show_in_the_file(tmp_path):
    """Equal records are written as equal bytes, whatever lies between their fields."""
    dtype = np.dtype([("small", "u1"), ("large", "f8")], align=True)
    ones, zeros = (np.full(3 * dtype.itemsize, fill, "u1").view(dtype) for fill in (1, 0))
    zeros["small"], zeros["large"] = ones["small"], ones["large"]

    files = [
        (written(array, tmp_path / name).path / "array.npy").read_bytes()
        for name, array in (("ones", ones), ("zeros", zeros))
    ]

    assert files[0] == files[1]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (np.array([object()]), "Python objects"),
        (np.ma.masked_array([1, 2], [True, False]), "filled"),
        (np.rec.array([(1, 2.0)]), "subclass"),
        ([1, 2], "not a numpy.ndarray"),
        (np.array(["a"], np.dtypes.StringDType()), "dtype"),
    ],
    ids=["objects", "masked", "records", "list", "strings"],
)
def test_what_would_be_lost_is_refused(value, says, tmp_path):
    """Objects, masks and subclasses are refused with a reason or a cure."""
    with pytest.raises(NotStorableError, match=says):
        written(value, tmp_path)


class Trap:
    """Says so when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("sprung",)


def hostile_files():
    """Yield files that are no arrays, by what is wrong with them."""
    good = "tests"
    yield "garbage", b"\x00garbage" * 10
    yield "empty", b""
    yield "text", good.encode()


@pytest.mark.parametrize(("_name", "data"), list(hostile_files()))
def test_broken_file_is_refused(_name, data, tmp_path):
    """A file that is no array is reported as unreadable."""
    (tmp_path / "array.npy").write_bytes(data)

    with pytest.raises(UnreadableArtifactError):
        ARRAYS.read(DataArtifact(tmp_path))


@pytest.mark.parametrize("size", [10, 1 << 18])
@pytest.mark.parametrize("change", [-3, 3])
def test_wrong_length_is_refused(size, change, tmp_path):
    """A file that is shorter or longer than its header says is unreadable."""
    artifact = written(np.zeros(size), tmp_path)
    path = tmp_path / "array.npy"
    data = path.read_bytes()
    path.write_bytes(data[:change] if change < 0 else data + b"\x00" * change)

    with pytest.raises(UnreadableArtifactError):
        ARRAYS.read(artifact)


def test_pickled_objects_are_not_loaded(tmp_path, monkeypatch):
    """A file of pickled objects is refused, and none of its code runs."""
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "array.npy", np.array([Trap()], object), allow_pickle=True)

    with pytest.raises(UnreadableArtifactError):
        ARRAYS.read(DataArtifact(tmp_path))

    assert not (tmp_path / "sprung").exists()


def test_other_type_is_refused(tmp_path):
    """An array cannot be read as something else."""
    artifact = written(np.zeros(2), tmp_path)

    with pytest.raises(UnreadableArtifactError, match="list"):
        ARRAYS.read(artifact, list)


@settings(max_examples=200)
@given(scalar=npst.scalar_dtypes().flatmap(npst.from_dtype))
def test_scalar_comes_back_in_its_type(scalar):
    """A NumPy scalar comes back in its own type, with the same bytes."""
    back = SCALARS.decode(SCALARS.encode(scalar))

    assert back.dtype == scalar.dtype
    assert type(back) is type(scalar)
    assert back.tobytes() == scalar.tobytes()


@pytest.mark.parametrize("data", [b"", b"no", SCALARS.encode(np.float32(1))[:-1]])
def test_broken_scalar_is_refused(data):
    """A file that holds no scalar is reported as unreadable."""
    with pytest.raises(UnreadableArtifactError):
        SCALARS.decode(data)


def test_plain_number_is_no_numpy_scalar():
    """A Python number is left to the materializer for plain values."""
    with pytest.raises(NotStorableError):
        SCALARS.encode(1.5)
