"""Arrays and global state."""

import numpy as np

WINDOW = np.array([0.25, 0.5, 0.25])
GRID = np.arange(12).reshape(3, 4)
LIMITS = (0.0, 1.0)
_seen: dict = {}
counter = 0


def smooth(values):
    return np.convolve(values, WINDOW, mode="same")


def grid_mean():
    return float(GRID.mean(axis=0)[0])


def clipped(values):
    low, high = LIMITS
    return np.clip(values, low, high)


def remember(key, value):
    global counter
    counter += 1
    _seen[key] = value
    return counter


def select(frame, limit):
    threshold = limit * 2
    return frame.query("value > @threshold and value < @CEILING")


CEILING = 99
