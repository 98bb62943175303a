"""Do the nodes of a stored decision tree point only at nodes and features that exist?

scikit-learn follows these indices without looking: a wrong one reads foreign memory.
"""

import io
import json
from collections.abc import Mapping
from typing import Any, cast

from whence.materializers.canonical_skops import State, read_schema


def check_trees(dump: bytes) -> None:
    """Raise `ValueError` if a tree in a skops file points outside of itself."""
    schema, members = read_schema(dump)
    _TreeCheck(members).visit(schema, None)


class _TreeCheck:
    def __init__(self, members: Mapping[str, bytes]) -> None:
        self._members = members

    def visit(self, node: Any, features: int | None) -> None:
        """Check all trees under *node*; *features* is what the model around it takes."""
        if isinstance(node, list):
            items = cast("list[Any]", node)
            for item in items:
                self.visit(item, features)
        if not isinstance(node, dict):
            return
        state = cast("State", node)
        if "__loader__" in state:
            features = self._check_state(state, features)
        for child in state.values():
            self.visit(child, features)

    def _check_state(self, state: State, features: int | None) -> int | None:
        if state["__loader__"] == "TreeNode":
            count = json.loads(state["__reduce__"]["args"]["content"][0]["content"])
            self._check_tree(self._attribute(state["content"], "nodes"), count)
        elif state["__class__"] == "TreePredictor":
            self._check_predictor(state["content"], features)
        elif state["__loader__"] == "ObjectNode":
            return self._count_features(state, features)
        return features

    def _count_features(self, state: State, features: int | None) -> int | None:
        held: State = state.get("content") or {}
        attributes = held.get("content")
        if not isinstance(attributes, dict) or "n_features_in_" not in attributes:
            return features
        count = cast("State", attributes)["n_features_in_"]
        return json.loads(count["content"])

    def _attribute(self, attributes: State, name: str) -> Any:
        import numpy as np  # noqa: PLC0415  # optional and heavy

        data = self._members[attributes["content"][name]["file"]]
        return np.load(io.BytesIO(data), allow_pickle=False)

    def _check_tree(self, nodes: Any, features: int) -> None:
        inner = nodes["left_child"] != -1
        self._check_children(nodes, "left_child", inner)
        self._check_children(nodes, "right_child", inner)
        self._check_features(nodes["feature"][inner], features)

    def _check_predictor(self, attributes: State, features: int | None) -> None:
        nodes = self._attribute(attributes, "nodes")
        inner = nodes["is_leaf"] == 0
        self._check_children(nodes, "left", inner)
        self._check_children(nodes, "right", inner)
        self._check_features(nodes["feature_idx"][inner], features)
        bitsets = self._attribute(attributes, "raw_left_cat_bitsets")
        used = nodes["bitset_idx"][inner & (nodes["is_categorical"] != 0)]
        _require(bool((used < len(bitsets)).all()))

    def _check_children(self, nodes: Any, side: str, inner: Any) -> None:
        import numpy as np  # noqa: PLC0415  # optional and heavy

        child = nodes[side].astype("int64")[inner]
        # A child comes after its parent, so that no path goes round for ever.
        _require(bool(((child > np.flatnonzero(inner)) & (child < len(nodes))).all()))

    def _check_features(self, used: Any, features: int | None) -> None:
        _require(features is not None and bool(((used >= 0) & (used < features)).all()))


def _require(holds: bool) -> None:  # noqa: FBT001  # a claim, in a private function
    if not holds:
        message = "A decision tree in it points outside of itself."
        raise ValueError(message)
