"""Things of a module that cannot be copied, but mean the same when they are made anew.

To import a module in another process makes them anew as well.
"""

import functools
import threading
import weakref
from collections.abc import Callable
from contextvars import Context, ContextVar
from typing import Any, cast


def reduce_anew(held: Any) -> tuple[Any, ...] | None:
    """Return how *held* is made elsewhere; None for what is no such thing."""
    reduce = _REDUCERS.get(cast("type[Any]", type(held)))
    return None if reduce is None else reduce(held)


def _lock(_: Any) -> tuple[Any, ...]:
    return threading.Lock, ()


def _reentrant_lock(_: Any) -> tuple[Any, ...]:
    return threading.RLock, ()


def _thread_local(_: Any) -> tuple[Any, ...]:
    return threading.local, ()


def _context_variable(held: ContextVar[Any]) -> tuple[Any, ...]:
    try:
        default = (Context().run(held.get),)
    except LookupError:
        default = ()
    return make_context_variable, (held.name, *default)


def make_context_variable(name: str, *default: Any) -> ContextVar[Any]:
    """Return a context variable, with its default if it has one."""
    return ContextVar(name, default=default[0]) if default else ContextVar(name)


def _cached_function(held: Any) -> tuple[Any, ...]:
    parameters = held.cache_parameters()
    return make_cached, (held.__wrapped__, parameters["maxsize"], parameters["typed"])


def make_cached(fn: Callable[..., Any], maxsize: int | None, typed: bool) -> Any:  # noqa: FBT001  # as it is called by pickle
    """Return a function with an empty cache."""
    return functools.lru_cache(maxsize, typed)(fn)


def _cached_property(held: Any) -> tuple[Any, ...]:
    return functools.cached_property, (held.func,), {"attrname": held.attrname}


def _weak_dictionary(held: Any) -> tuple[Any, ...]:
    return weakref.WeakKeyDictionary, (dict(held),)


_REDUCERS: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    type(threading.Lock()): _lock,
    type(threading.RLock()): _reentrant_lock,
    threading.local: _thread_local,
    ContextVar: _context_variable,
    type(functools.lru_cache(len)): _cached_function,
    functools.cached_property: _cached_property,
    weakref.WeakKeyDictionary: _weak_dictionary,
}
