"""Which accelerators an attempt gets: whole ones, or a share of one."""

from collections.abc import Sequence

from whence.domain.attempts import AttemptId


class DevicePool:
    """Lends devices to attempts, whole ones first come first served, shares packed together."""

    def __init__(self, names: Sequence[str]) -> None:
        self._free = dict.fromkeys(names, 1.0)
        self._lent: dict[AttemptId, tuple[tuple[str, ...], float]] = {}

    def lend(self, attempt: AttemptId, amount: float) -> tuple[str, ...]:
        """Return the devices for an attempt that asked for *amount*; none if it asked for none."""
        if amount <= 0:
            return ()
        share = amount if amount < 1 else 1.0
        names = self._pick(share, 1 if amount < 1 else round(amount))
        for name in names:
            self._free[name] -= share
        self._lent[attempt] = names, share
        return names

    def take_back(self, attempt: AttemptId) -> None:
        """Free what an attempt was lent."""
        names, share = self._lent.pop(attempt, ((), 0.0))
        for name in names:
            self._free[name] += share

    def _pick(self, share: float, count: int) -> tuple[str, ...]:
        fit = [name for name, free in self._free.items() if free >= share - 1e-9]
        fit.sort(key=self._free.__getitem__)  # the fullest first, so that whole ones stay whole
        return tuple(fit[:count])
