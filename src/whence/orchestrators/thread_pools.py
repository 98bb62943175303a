"""How many threads native libraries start in a worker: a share of the machine, not all of it each.

The libraries read their variable once, when they load; those that load later see what is set by
then, and the others are told through `threadpoolctl` where that is installed.
"""

import contextlib
import os
import sys
from collections.abc import Mapping

VARIABLES = (
    "ARROW_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def thread_variables(threads: int, given: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that bound native threads; those that are *given* stay as they are."""
    return {name: str(threads) for name in VARIABLES if name not in given}


class ThreadBounds:
    """Keeps the native libraries of this process to the share of the attempt that runs."""

    def __init__(self, variables: Mapping[str, str], threads: int) -> None:
        self._ours = frozenset(variables)
        self._threads = threads

    def set(self, threads: int) -> None:
        """Let native libraries use *threads* threads, as far as they can still be told."""
        if threads == self._threads or not self._ours:
            return
        self._threads = threads
        os.environ.update({name: str(threads) for name in self._ours})
        _limit_what_is_loaded(threads)


def _limit_what_is_loaded(threads: int) -> None:
    with contextlib.suppress(ImportError):
        import threadpoolctl  # noqa: PLC0415  # optional, and only where shares differ

        threadpoolctl.threadpool_limits(threads)
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.set_cpu_count(threads)
