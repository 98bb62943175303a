"""A way to interrupt a wait, from a signal handler or another thread."""

import contextlib
import os
import selectors


class Wakings:
    """A pipe that *selector* watches, with itself as the data."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._read, self._write = os.pipe()
        for each in (self._read, self._write):
            os.set_blocking(each, False)  # positional only
        selector.register(self._read, selectors.EVENT_READ, self)

    def wake(self) -> None:
        """Make the pipe readable."""
        with contextlib.suppress(OSError):  # full, so that it wakes anyway, or closed
            os.write(self._write, b"!")

    def take(self) -> bool:
        """Empty the pipe; return True, for somebody wrote to it."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read, 4096):
                pass
        return True

    def close(self) -> None:
        """Close both ends."""
        for each in {self._read, self._write} - {-1}:
            os.close(each)
        self._read = self._write = -1
