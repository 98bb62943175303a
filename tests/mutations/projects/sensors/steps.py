"""The steps of the sensors project."""

import arrays
import plugins
from plugins import Keyed, Sensor

from whence import step


@step
def smoothed(values: list[float]) -> list[float]:
    return list(arrays.smooth(values))


@step
def grid(size: int) -> float:
    return arrays.grid_mean() * size


@step
def filtered(values: list[float], name: str = "median") -> float:
    return plugins.find_filter(name)().run(values)


@step
def called(values: list[float], name: str) -> list[float]:
    return plugins.call(name, values)


@step
def sensed(value: float) -> float:
    sensor = Sensor()
    return sensor.read(value) + sensor.area


@step
def keyed(key: int) -> int:
    return Keyed[key] + arrays.remember(key, key)


@step
def selected(limit: int) -> str:
    import pandas

    return str(arrays.select(pandas.DataFrame({"value": [1.0]}), limit))
