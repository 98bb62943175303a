"""Calls the function of a step, be it `def` or `async def`."""

import contextvars
import inspect
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import Any


def call_function(fn: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    """Return what *fn* returns; a coroutine function is run to its end in an event loop."""
    returned = fn(**arguments)
    if inspect.iscoroutine(returned) and inspect.iscoroutinefunction(inspect.unwrap(fn)):
        return _run(returned)
    return returned


def _run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    import asyncio  # noqa: PLC0415  # slow to load, and few steps need it

    if _has_loop():
        return _Elsewhere(coroutine).result()
    return asyncio.run(coroutine)  # outside of any `except`, of which its errors would tell


def _has_loop() -> bool:
    import asyncio  # noqa: PLC0415  # as above

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class _Elsewhere:
    """Runs a coroutine in a thread of its own: a notebook's thread has a loop that is running."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        import asyncio  # noqa: PLC0415  # as above

        self._runner = asyncio.Runner()
        self._coroutine = coroutine
        self._returned: Any = None
        self._raised: BaseException | None = None

    def result(self) -> Any:
        context = contextvars.copy_context()  # what the step reports is found through it
        thread = threading.Thread(target=self._run, args=[context], name="whence-async-step")
        thread.start()
        try:
            thread.join()
        except KeyboardInterrupt:
            self._cancel()
            thread.join()
            raise
        if self._raised is not None:
            raise self._raised
        return self._returned

    def _run(self, context: contextvars.Context) -> None:
        try:
            with self._runner:
                self._returned = self._runner.run(self._coroutine, context=context)
        except BaseException as error:  # noqa: BLE001  # raised in the thread that waits
            self._raised = error

    def _cancel(self) -> None:
        import asyncio  # noqa: PLC0415  # as above

        loop = self._runner.get_loop()
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
