"""skops files whose bytes depend on the model alone, not on when and where it was dumped.

skops names files and objects by memory addresses, keeps sets in the order of this process's hashes
and dates its zip members. Here members are named by their content, objects are numbered in the
order in which they occur (and only those that occur twice), and sets are sorted.
"""

import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, cast

from whence.domain.contents import hash_bytes
from whence.materializers.array_records import clear_padding
from whence.materializers.canonical_zip import pack_files, unpack_files

_SCHEMA = "schema.json"
_IMMUTABLE = frozenset(
    {"JsonNode", "TypeNode", "FunctionNode", "TupleNode", "DTypeNode", "BytesNode"}
)
"""Nodes of values whose identity means nothing; whether two of them are one is chance."""

_SEARCH_TREES = frozenset({"BallTree", "KDTree"})
_COUNTERS = slice(7, 11)  # in the state of a search tree: how often it was asked, and what it took

State = dict[str, Any]


def make_canonical(dump: bytes) -> bytes:
    """Return an equal skops file, the same for every dump of equal models."""
    members = unpack_files(dump)
    schema: State = json.loads(members.pop(_SCHEMA))
    _forget_queries(schema)
    members = _rename_members(schema, members)
    shared = Counter(state["__id__"] for state in _each_state(schema) if _has_identity(state))
    for state in _each_state(schema):
        if shared[state.get("__id__")] < 2 or not _has_identity(state):  # noqa: PLR2004  # alone
            state.pop("__id__", None)
    _sort_states(schema)
    _number_objects(schema)
    members[_SCHEMA] = json.dumps(schema, indent=1).encode()
    return pack_files(members)


def read_schema(dump: bytes) -> tuple[State, dict[str, bytes]]:
    """Return the tree of states in a skops file, and its other members."""
    members = unpack_files(dump)
    return json.loads(members.pop(_SCHEMA)), members


def list_named(schema: State) -> list[tuple[str, str]]:
    """Return module and name of all classes and functions in a tree of states, each once."""
    named = ((str(each.get("__module__")), str(each["__class__"])) for each in _each_state(schema))
    return list(dict.fromkeys(named))


def _each_state(node: Any) -> Iterator[State]:
    """Yield every object's state in a tree, outer before inner."""
    if isinstance(node, dict):
        state = cast("State", node)
        if "__loader__" in state:
            yield state
        for child in state.values():
            yield from _each_state(child)
    elif isinstance(node, list):
        children = cast("list[Any]", node)
        for child in children:
            yield from _each_state(child)


def _has_identity(state: State) -> bool:
    loader = state["__loader__"]
    if "__id__" not in state or loader in _IMMUTABLE:
        return False
    return loader != "NdArrayNode" or state["__class__"] == "ndarray"  # else a NumPy scalar


def _forget_queries(schema: State) -> None:
    """Set the counters of search trees to zero: asking a model makes it no other."""
    for state in _each_state(schema):
        if state["__class__"] in _SEARCH_TREES and state["__loader__"] == "ObjectNode":
            for counter in state["content"]["content"][_COUNTERS]:
                if counter["__loader__"] == "JsonNode":
                    counter["content"] = "0"


def _rename_members(schema: State, members: dict[str, bytes]) -> dict[str, bytes]:
    """Name each member by what it holds, in the schema too."""
    renamed: dict[str, bytes] = {}
    names: dict[str, str] = {}
    for old, data in members.items():
        clean = _clear_records(data) if old.endswith(".npy") else data
        names[old] = f"{hash_bytes(clean)[:32]}{PurePosixPath(old).suffix}"
        renamed[names[old]] = clean
    for state in _each_state(schema):
        if "file" in state:
            state["file"] = names[state["file"]]
    return renamed


def _clear_records(data: bytes) -> bytes:
    """Return an array's file with zeros for what its records leave to chance."""
    import numpy as np  # noqa: PLC0415  # optional and heavy

    if b"(" not in data[:400].partition(b"'fortran_order'")[0]:
        return data  # no records
    array = np.load(io.BytesIO(data), allow_pickle=False)
    if array.dtype.names is None:
        return data
    if {"left_child", "missing_go_to_left"} <= set(array.dtype.names):
        # scikit-learn leaves this field of a leaf to chance, and never looks at it there.
        array["missing_go_to_left"][array["left_child"] == -1] = 0
    clean = np.ascontiguousarray(clear_padding(array))
    buffer = io.BytesIO()
    layout = np.lib.format
    layout.write_array_header_1_0(buffer, layout.header_data_from_array_1_0(clean))
    buffer.write(clean.view("u1").tobytes())  # `numpy.save` would leave the gaps to chance again
    return buffer.getvalue()


def _sort_states(node: Any) -> None:
    """Sort what has no order of its own: sets, and the attributes of objects."""
    if isinstance(node, list):
        items = cast("list[Any]", node)
        for item in items:
            _sort_states(item)
    if not isinstance(node, dict):
        return
    state = cast("State", node)
    for child in state.values():
        _sort_states(child)
    loader = state.get("__loader__")
    if loader == "SetNode":
        state["content"].sort(key=_text_without_identity)
    elif loader == "ConstructorFromReduceNode" and state["__class__"] == "frozenset":
        state["content"]["content"][0]["content"].sort(key=_text_without_identity)
    elif loader == "ObjectNode" and "content" in state:
        _sort_attributes(state["content"])


def _sort_attributes(attributes: State) -> None:
    """Sort a dict of attributes by name; the types of its keys are all the same."""
    if attributes.get("__loader__") == "DictNode" and (
        all(kind["__class__"] == "str" for kind in attributes["key_types"]["content"])
    ):
        attributes["content"] = dict(sorted(attributes["content"].items()))


def _text_without_identity(node: Any) -> str:
    copy = json.loads(json.dumps(node))
    for state in _each_state(copy):
        state.pop("__id__", None)
    return json.dumps(copy, sort_keys=True)


def _number_objects(schema: State) -> None:
    numbers: dict[int, int] = {}
    for state in _each_state(schema):
        if "__id__" in state:
            state["__id__"] = numbers.setdefault(state["__id__"], len(numbers) + 1)
