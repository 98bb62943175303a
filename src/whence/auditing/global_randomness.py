"""Generators that all code of a process shares, and whether a step drew from them.

A step that seeds one before it draws leaves it in the same state in every process; one that does
not, leaves it in another.
"""

import functools
import random
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

from blake3 import blake3

from whence.auditing.clock_and_chance import SHARED_RANDOM
from whence.auditing.observation import SharedDraws

SHARED_NUMPY = "numpy.random"
"""The generator behind `numpy.random.rand()`, and behind `random_state=None` of scikit-learn."""

_NO_DRAWS = {"get_state", "seed", "set_state"}
_UNTOUCHED_POSITION = 623
"""Where NumPy's generator stands between its import and the first draw."""


def read_states() -> dict[str, str]:
    """Return a digest of the state of each generator that is loaded."""
    states = {SHARED_RANDOM: blake3(repr(random.getstate()).encode()).hexdigest()}
    numpy_state = _read_numpy()
    if numpy_state is not None:
        states[SHARED_NUMPY] = blake3(repr(numpy_state).encode()).hexdigest()
    return states


def _read_numpy() -> tuple[Any, ...] | None:
    module = sys.modules.get("numpy.random")
    if module is None or not hasattr(module, "get_state"):
        return None
    name, keys, *rest = module.get_state()
    return (name, keys.tobytes(), *rest)


def find_draws(before: Mapping[str, str], places: Mapping[str, str]) -> tuple[SharedDraws, ...]:
    """Return which generators a step drew from since *before*; *places* are those that were seen.

    Every draw of `random` is seen, so that those of modules being imported do not count. Draws of
    NumPy's by libraries are not.
    """
    after = read_states()
    return tuple(
        SharedDraws(name, state, places.get(name))
        for name, state in after.items()
        if state != before.get(name) and (name in places or _is_numpy_drawn(name, before))
    )


def _is_numpy_drawn(name: str, before: Mapping[str, str]) -> bool:
    state = _read_numpy() if name == SHARED_NUMPY else None
    return state is not None and (name in before or state[2] != _UNTOUCHED_POSITION)


@contextmanager
def telling_of_numpy_draws(tell: Callable[[], None]) -> Generator[None]:
    """Call *tell* in each draw by a function of `numpy.random`, while the block runs."""
    module: Any = sys.modules.get("numpy.random")
    replaced = dict(_find_draw_functions(module)) if module is not None else {}
    for name, function in replaced.items():
        setattr(module, name, _telling(function, tell))
    try:
        yield
    finally:
        for name, function in replaced.items():
            setattr(module, name, function)


def _find_draw_functions(module: Any) -> Generator[tuple[str, Any]]:
    shared: Any = getattr(getattr(module, "rand", None), "__self__", None)
    for name in getattr(module, "__all__", ()) if shared is not None else ():
        function = getattr(module, name, None)
        if name not in _NO_DRAWS and getattr(function, "__self__", None) is shared:
            yield name, function


def _telling(function: Any, tell: Callable[[], None]) -> Any:
    @functools.wraps(function)
    def draw(*args: Any, **kwargs: Any) -> Any:
        tell()
        return function(*args, **kwargs)

    return draw
