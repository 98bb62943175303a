"""Actors that take turns as a seed says: whoever pauses lets any of the others go on."""

import random
import threading
from collections.abc import Callable, Sequence


class Died(BaseException):
    """An actor ends in the middle of its work, as by a kill."""


class Turns:
    """Lets one of several actors go on at a time, from one pause to the next."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._going: dict[int, threading.Semaphore] = {}
        self._control = threading.Semaphore(0)
        self._names = threading.local()
        self.failures: list[BaseException] = []
        self.pauses = 0

    def pause(self, _place: str = "") -> None:
        """Let any actor go on, perhaps the same."""
        number = getattr(self._names, "number", None)
        if number is None:  # not an actor: the world is being set up or looked at
            return
        self.pauses += 1
        self._control.release()
        self._going[number].acquire()

    def play(self, actors: Sequence[Callable[[], None]]) -> None:
        """Let all actors act to their ends."""
        threads: dict[int, threading.Thread] = {}
        for number, act in enumerate(actors):
            self._going[number] = threading.Semaphore(0)
            threads[number] = threading.Thread(target=self._act, args=(number, act), daemon=True)
            threads[number].start()
        while threads:
            number = self.chance.choice(sorted(threads))
            self._going[number].release()
            self._control.acquire()
            if self._going[number] is _OVER:
                threads.pop(number).join()

    def _act(self, number: int, act: Callable[[], None]) -> None:
        self._names.number = number
        self._going[number].acquire()
        try:
            act()
        except Died:
            pass
        except BaseException as error:  # noqa: BLE001  # told by the test
            self.failures.append(error)
        finally:
            self._going[number] = _OVER
            self._control.release()


_OVER = threading.Semaphore(0)
