"""Edits of the project `sensors`: arrays, global state, class decorators, dynamic look-ups."""

from tests.mutations.edits import edit

PROJECT, ENTRY = "sensors", "steps"
WHOLE_MODULE = "`getattr(module, name)` may reach all that the module defines"

EDITS = [
    edit("arrays.py", "[0.25, 0.5, 0.25]", "[0.2, 0.6, 0.2]", "smoothed called", "an array"),
    edit(
        "arrays.py",
        "np.array([0.25, 0.5, 0.25])",
        "np.array([0.25, 0.5, 0.25], dtype='f4')",
        "smoothed called",
        "an array's dtype",
    ),
    edit("arrays.py", "reshape(3, 4)", "reshape(4, 3)", "grid called", "an array's shape"),
    edit("arrays.py", "axis=0)[0]", "axis=1)[0]", "grid called", "a keyword"),
    edit(
        "arrays.py",
        "LIMITS = (0.0, 1.0)",
        "LIMITS = (0.0, 2.0)",
        "called",
        "a constant that only a dynamic look-up reaches",
    ),
    edit(
        "arrays.py",
        "np.clip(values, low, high)",
        "np.clip(values, low, high) + 1",
        "called",
        "a function that only a dynamic look-up reaches",
    ),
    edit("arrays.py", "counter += 1", "counter += 2", "keyed called", "a global that is rebound"),
    edit("arrays.py", "counter = 0", "counter = 10", "keyed called", "where a global starts"),
    edit(
        "arrays.py",
        "_seen: dict = {}",
        "_seen: dict = {0: 1}",
        "keyed called",
        "what a module-level dict holds",
    ),
    edit("arrays.py", "limit * 2", "limit * 3", "selected called", "a local that a query reads"),
    edit(
        "arrays.py",
        "CEILING = 99",
        "CEILING = 98",
        "selected called",
        "a constant that only the text of a query names",
    ),
    edit(
        "arrays.py",
        "value > @threshold",
        "value >= @threshold",
        "selected called",
        "the text of a query",
    ),
    edit(
        "plugins.py",
        "sorted(values)[len(values) // 2]",
        "sorted(values)[0]",
        "filtered",
        "a class that nothing names, found among subclasses",
    ),
    edit(
        "plugins.py",
        'name = "median"',
        'name = "middle"',
        "filtered",
        "an attribute of a class that nothing names",
    ),
    edit("plugins.py", "return key * 2", "return key * 3", "keyed", "a metaclass"),
    edit("plugins.py", "class Keyed(metaclass=Meta)", "class Keyed", "keyed", "a metaclass, gone"),
    edit(
        "plugins.py",
        '@add_unit("mm")',
        '@add_unit("cm")',
        "sensed",
        "the argument of a class decorator",
    ),
    edit("plugins.py", '@add_unit("mm")\n', "", "sensed", "a class decorator, gone"),
    edit(
        "plugins.py",
        "{self.size} {unit}",
        "{self.size}{unit}",
        "sensed",
        "a method that a class decorator adds",
    ),
    edit("plugins.py", "gain=1.5", "gain=2.5", "sensed", "the default of `__init__`"),
    edit(
        "plugins.py",
        "return value + 1",
        "return value + 2",
        "sensed",
        "a method that another calls",
    ),
    edit("plugins.py", "return self.size**2", "return self.size**3", "sensed", "a property"),
    edit(
        "plugins.py",
        "        self.size = value\n",
        "        self.size = abs(value)\n",
        "sensed",
        "the setter of a property",
    ),
    edit("plugins.py", "_cache = {}", "_cache = {1: 2}", "sensed", "a dict of a class"),
    edit(
        "plugins.py",
        "getattr(arrays, name)(values)",
        "getattr(arrays, name)(values[1:])",
        "called",
        "a dynamic call",
    ),
    edit("steps.py", "Keyed[key] + ", "Keyed[key] - ", "keyed", "an operator"),
    # ------------------------------------------------------------------ what changes nothing
    edit(
        "arrays.py",
        "WINDOW = np.array([0.25, 0.5, 0.25])",
        "WINDOW = np.array([1, 2, 1]) / 4",
        why="the same array, computed",
    ),
    edit("arrays.py", '"""Arrays and global state."""', '"""Arrays."""', why="a docstring"),
    edit(
        "arrays.py",
        "def smooth(values):\n",
        "def smooth(values):\n    # same length\n",
        why="a comment in a helper",
    ),
    edit(
        "plugins.py",
        "    def read(self, value):\n        return self.convert(value) * self.gain\n\n",
        "",
        why="the order of methods",
        also=[
            (
                "plugins.py",
                "    @property\n    def area",
                (
                    "    def read(self, value):\n"
                    "        return self.convert(value) * self.gain\n\n    @property\n    def area"
                ),
            )
        ],
    ),
    edit(
        "plugins.py",
        "        cls.unit = unit\n        cls.describe",
        "        # kept\n        cls.unit = unit\n        cls.describe",
        why="a comment in a class decorator",
    ),
    edit(
        "plugins.py",
        '"""Known to whoever asks for subclasses."""',
        '"""A filter."""',
        why="a class's docstring",
    ),
    edit(
        "steps.py",
        "    sensor = Sensor()\n    return sensor.read(value) + sensor.area",
        "    one = Sensor()\n    return one.read(value) + one.area",
        why="a local, renamed",
    ),
    edit(
        "arrays.py",
        "    threshold = limit * 2\n",
        "    bound = limit * 2\n",
        why="a local that a query reads, renamed there too",
        also=[("arrays.py", "@threshold", "@bound")],
        needless={"selected": "the text of the query is another", "called": WHOLE_MODULE},
    ),
    edit(
        "arrays.py",
        "    low, high = LIMITS\n    return np.clip(values, low, high)",
        "    least, most = LIMITS\n    return np.clip(values, least, most)",
        why="locals, renamed",
    ),
]
