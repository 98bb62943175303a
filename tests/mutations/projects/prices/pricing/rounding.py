"""Rounds prices."""

import functools

STEP = 0.05


def round_half(value):
    return round(value / STEP) * STEP


@functools.lru_cache(maxsize=8)
def slow_round(value):
    return round(value, 1)


def spare():
    return 0
