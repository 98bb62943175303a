"""Which of NumPy's scalars and arrays are one value to a cache key, and which are two."""

import numpy as np
import pytest

from whence.errors import NotStorableError
from whence.values.canonical import encode_canonically

GRID = np.arange(6, dtype="i4").reshape(2, 3)
STRUCTURE = [("a", "i1"), ("b", "f8")]


@pytest.mark.parametrize(
    ("scalar", "plain"),
    [
        (np.bool_(True), True),
        (np.int64(3), 3),
        (np.float64(0.1), 0.1),
        (np.float64("nan"), float("nan")),
        (np.complex128(1 + 2j), 1 + 2j),
        (np.str_("a"), "a"),
        (np.bytes_(b"a"), b"a"),
    ],
)
def test_a_scalar_is_its_python_kin(scalar, plain):
    """A scalar of the type that NumPy makes of a Python value is that value."""
    assert encode_canonically([scalar]) == encode_canonically([plain])


def test_scalars_that_compute_otherwise_are_values_of_their_own():
    """A number that rounds, overflows or counts in other units is no plain number."""
    kinds = [
        np.int8,
        np.uint8,
        np.int16,
        np.int32,
        np.uint64,
        np.float16,
        np.float32,
        np.longdouble,
    ]
    values = [1, 1.0, *(kind(1) for kind in kinds)]
    values += [np.datetime64(1, unit) for unit in ("s", "D")] + [np.timedelta64(1, "s")]

    assert len({encode_canonically(value) for value in values}) == len(values)


@pytest.mark.parametrize(
    "same",
    [
        np.asfortranarray(GRID),
        GRID.astype(">i4"),
        np.repeat(GRID, 2, axis=1)[:, ::2],
        GRID[::-1].copy()[::-1],
    ],
)
def test_how_an_array_lies_in_memory_does_not_count(same):
    """Equal arrays are one value in any byte order, memory order and stride."""
    assert encode_canonically(same) == encode_canonically(GRID)


def test_type_shape_and_items_of_an_array_count():
    """Arrays differ by each of these alone, and from the lists that they look like."""
    arrays = [GRID, GRID.astype("i8"), GRID.astype("f4"), GRID.astype(object), GRID.astype("U1")]
    arrays += [GRID.ravel(), GRID.T, GRID.reshape(3, 2), GRID + 1, GRID[None], GRID.tolist()]
    arrays += [np.zeros((0, 3)), np.zeros((3, 0)), np.array(1), np.array([1]), 1]

    assert len({encode_canonically(array) for array in arrays}) == len(arrays)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "c8", "c16", "g"])
def test_every_missing_number_is_one_value_and_zero_has_a_sign(dtype):
    """In arrays too, the bits of a NaN do not count and the sign of zero does."""
    nan = np.array([np.nan, 0], dtype=dtype)

    assert encode_canonically(nan) == encode_canonically(
        np.copysign(nan.real, [-1, 1]).astype(dtype)
    )
    assert encode_canonically(nan) != encode_canonically(np.array([np.nan, -0.0], dtype=dtype))
    assert encode_canonically(nan) != encode_canonically(np.array([np.inf, 0], dtype=dtype))


def test_gaps_between_the_fields_of_a_structure_do_not_count():
    """A structured array is its columns, by name and type, wherever padding lies."""
    packed = np.array([(1, 2.0)], dtype=STRUCTURE)
    aligned = packed.astype(np.dtype(STRUCTURE, align=True))
    renamed = packed.astype([("a", "i1"), ("c", "f8")])

    assert encode_canonically(packed) == encode_canonically(aligned)
    assert encode_canonically(packed) != encode_canonically(renamed)
    assert encode_canonically(packed[0]) != encode_canonically(packed)


def test_numbers_of_extended_precision_are_exact():
    """The last bit of a long double counts, and of a complex one each part does."""
    one = np.longdouble(1)
    values = [one, np.nextafter(one, 2), -one, np.clongdouble(1), np.clongdouble(1j)]

    assert len({encode_canonically(value) for value in values}) == len(values)


def test_arrays_of_objects_hold_plain_data():
    """Python objects in an array are encoded as elsewhere, and refused as elsewhere."""
    array = np.array([{"b": 1, "a": 2}, None], dtype=object)

    assert encode_canonically(array) == encode_canonically(
        np.array([{"a": 2, "b": 1}, None], dtype=object)
    )
    with pytest.raises(NotStorableError) as caught:
        encode_canonically({"x": np.array([1, object()], dtype=object)})
    assert caught.value.where == "$.x[1]"


class Tagged(np.ndarray):
    """An array of a type of its own."""


@pytest.mark.parametrize(
    "value",
    [
        np.ma.masked_array([1, 2], mask=[True, False]),
        GRID.view(Tagged),
        np.array(["a"], dtype=np.dtypes.StringDType()),
    ],
)
def test_arrays_that_are_more_than_their_items_are_refused(value):
    """An array with a mask, with a type of its own, or with text behind pointers is refused."""
    with pytest.raises(NotStorableError):
        encode_canonically(value)
