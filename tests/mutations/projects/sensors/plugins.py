"""Dynamic look-ups: subclasses, modules, names."""

import arrays


class Filter:
    """Known to whoever asks for subclasses."""

    name = "none"

    def run(self, values):
        return values


class Median(Filter):
    name = "median"

    def run(self, values):
        return sorted(values)[len(values) // 2]


class Meta(type):
    def __getitem__(cls, key):
        return key * 2


class Keyed(metaclass=Meta):
    size = 2


def add_unit(unit):
    def decorate(cls):
        cls.unit = unit
        cls.describe = lambda self: f"{self.size} {unit}"
        return cls

    return decorate


@add_unit("mm")
class Sensor:
    size = 5
    _cache = {}

    def __init__(self, gain=1.5):
        self.gain = gain

    def read(self, value):
        return self.convert(value) * self.gain

    def convert(self, value):
        return value + 1

    @property
    def area(self):
        return self.size**2

    @area.setter
    def area(self, value):
        self.size = value


def find_filter(name):
    return next(each for each in Filter.__subclasses__() if each.name == name)


def call(name, values):
    return getattr(arrays, name)(values)
