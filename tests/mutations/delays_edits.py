"""Edits of the project `delays`: helpers in other modules, constants, spelling."""

from tests.mutations.edits import edit

PROJECT, ENTRY = "delays", "train"

EDITS = [
    # ------------------------------------------------------------------ what changes results
    edit("config.py", "RATE = 0.1", "RATE = 0.2", "prepare", "a constant, two modules away"),
    edit("config.py", "RATE = 0.1", "RATE = 1 / 7", "prepare", "a computed constant"),
    edit("config.py", "60 * 24", "60 * 12", "prepare", "the default of a helper's argument"),
    edit("config.py", '"hour"]', '"hour", "day"]', "rank", "a list, grown"),
    edit("config.py", '["carrier", "distance"', '["distance", "carrier"', "rank", "a list's order"),
    edit("config.py", '"distance": 0.5', '"distance": 0.7', "rank", "one entry of a dict"),
    edit("config.py", '"carrier": 1.0', '"carrier": 2.0', "rank report", "an entry used by name"),
    edit("config.py", '"carrier": 1.0', '"carrier": 1', "rank report", "a float becomes an int"),
    edit("config.py", '"demo", "void"', '"demo"', "load", "a set, smaller"),
    edit("config.py", r"[A-Z]{2}\d+", r"[A-Z]{3}\d+", "load", "a pattern"),
    edit("config.py", '\\d+")', '\\d+", re.IGNORECASE)', "load", "the flags of a pattern"),
    edit("config.py", "data/raw", "data/new", "load", "a path"),
    edit("config.py", "depth = 6", "depth = 7", "fit", "a class attribute"),
    edit("config.py", "depth = 6", "depth = 6.0", "fit", "the type of a class attribute"),
    edit("config.py", "depth = 6", "depth = True", "fit", "True is not 1, nor 6"),
    edit("cleaning.py", "low=-60", "low=-30", "prepare", "a default argument"),
    edit("cleaning.py", "high=LIMIT", "high=100", "prepare", "a keyword's default"),
    edit("cleaning.py", "minutes < low", "minutes <= low", "prepare", "one comparison"),
    edit("cleaning.py", "return low\n", "return 0\n", "prepare", "one return"),
    edit(
        "cleaning.py",
        "number == 0 else odd(number - 1)",
        "number < 1 else odd(number - 1)",
        "prepare",
        "half of a mutual recursion",
    ),
    edit(
        "cleaning.py",
        "number == 0 else parity",
        "number < 1 else parity",
        "prepare",
        "the other half of a mutual recursion",
    ),
    edit("cleaning.py", "and code not in", "or code not in", "load", "a boolean operator"),
    edit("cleaning.py", "[0]\n    return first", "[-1]\n    return first", "report", "an index"),
    edit("cleaning.py", ".strip().lower()", ".strip().upper()", "report", "a method's name"),
    edit(
        "features.py",
        "for number in range(5)",
        "for number in range(1, 6)",
        "fit",
        "a constant that is computed when the module is loaded",
    ),
    edit("features.py", "number**2", "number**3", "fit", "inside a comprehension"),
    edit("features.py", "if number % 2", "if not number % 2", "fit", "a comprehension's condition"),
    edit("features.py", ":02d}", ":03d}", "report", "the format in an f-string"),
    edit("features.py", "}:{row", "} {row", "report", "the text in an f-string"),
    edit(
        "features.py",
        "import shorten as short_name",
        "import is_flight as short_name",
        "report",
        "another function under the same name",
    ),
    edit("features.py", '/ "flights"', '/ "trains"', "load", "behind an import inside a function"),
    edit("features.py", "return result, total", "return result[::-1], total", "prepare", "a slice"),
    edit("features.py", "* settings.RATE)", "* 0.1)", "prepare", "a constant written out"),
    edit(
        "features.py",
        "import cleaning\n",
        "import cleaning\n\n\ndef sum(values):  # noqa: A001\n    return max(values)\n\n",
        "rank fit",
        "a builtin, overridden in a module",
    ),
    edit("train.py", "value / depth", "value // depth", "fit", "a nested function"),
    edit("train.py", "-penalty(value)", "penalty(value)", "fit", "a lambda"),
    edit(
        "train.py", "except KeyError", "except (KeyError, ValueError)", "report", "what is caught"
    ),
    edit("train.py", 'lines = ["none"]', "raise", "report", "in a handler"),
    edit("train.py", "drop: bool = True", "drop: bool = False", "prepare", "a step's default"),
    edit(
        "train.py",
        "values: list[float]) -> float",
        "values: tuple[float, ...]) -> float",
        "fit",
        "a step's annotation: it decides in what form values come",
    ),
    edit(
        "train.py",
        "sorted(rows, key=features.weigh)",
        "sorted(rows, key=features.weigh, reverse=True)",
        "rank",
        "one more keyword",
    ),
    edit("train.py", "number % 24", "number % 12", "load", "a number inside a comprehension"),
    edit(
        "train.py",
        "return scaled if drop else cleaned",
        "return cleaned if drop else scaled",
        "prepare",
        "the branches of a condition, exchanged",
    ),
    # ------------------------------------------------------------------ what does not
    edit("config.py", "UNUSED = 12", "UNUSED = 13", why="a constant that nobody uses"),
    edit("config.py", "trees = 100", "trees = 200", why="another attribute of a class of settings"),
    edit("config.py", '"RATE", "WEIGHTS"]', '"RATE", "UNUSED", "WEIGHTS"]', why="`__all__`"),
    edit(
        "config.py",
        '"""What the delays project decides once."""',
        '"""Settings."""',
        why="the docstring of a module",
    ),
    edit(
        "config.py",
        'SKIPPED = {"test", "demo", "void"}',
        'SKIPPED = {"void", "test", "demo"}',
        why="the order of a set",
    ),
    edit("config.py", "LIMIT = 60 * 24", "LIMIT = 1440", why="the same number"),
    edit("config.py", "RATE = 0.1", "RATE = 0.10  # per mille", why="the same number, a comment"),
    edit("cleaning.py", '"""Keep a delay within bounds."""', '"""Clip."""', why="a docstring"),
    edit(
        "cleaning.py",
        '    """Whether this is the code of a flight."""\n',
        "",
        why="a docstring, gone",
    ),
    edit("cleaning.py", "# only the first part is stable", "# the first part", why="a comment"),
    edit("cleaning.py", "    first = name.split", "\n\n    first = name.split", why="blank lines"),
    edit(
        "cleaning.py",
        'first = name.split("-")[0]\n    return first.strip()',
        'head = name.split("-")[0]\n    return head.strip()',
        why="a local, renamed",
    ),
    edit(
        "cleaning.py",
        "def clip(minutes, low=-60, *, high=LIMIT):",
        "def clip(\n    minutes,\n    low=-60,\n    *,\n    high=LIMIT,\n):",
        why="line breaks",
    ),
    edit(
        "cleaning.py",
        "def clip(minutes, low=-60",
        "def clip(minutes: float, low: float = -60",
        why="annotations of a helper",
    ),
    edit("cleaning.py", "return value + 1", "return value + 2", why="a function nobody calls"),
    edit(
        "cleaning.py",
        "def never_called(value):",
        "def really_never_called(value):",
        why="the name of a function nobody calls",
    ),
    edit(
        "cleaning.py",
        "from config import CODE, LIMIT, SKIPPED",
        "import os  # noqa: F401\n\nfrom config import CODE, LIMIT, SKIPPED",
        why="an unused import",
    ),
    edit(
        "cleaning.py",
        "def odd(number):\n    return False if number == 0 else parity(number - 1)\n\n\n",
        "",
        why="a function, moved to the end of its file",
        also=[
            (
                "cleaning.py",
                "    return value + 1\n",
                (
                    "    return value + 1\n\n\ndef odd(number):\n"
                    "    return False if number == 0 else parity(number - 1)\n"
                ),
            )
        ],
    ),
    edit("features.py", "import Iterable", "import Iterable, Sequence", why="under TYPE_CHECKING"),
    edit(
        "features.py",
        'values: "Iterable[float]"',
        'values: "list[float]"',
        why="an annotation that is text",
    ),
    edit("features.py", "FACTORS = [1.0, 2.0, 4.0]", "FACTORS = [1.0]", why="an unused constant"),
    edit(
        "features.py",
        "total = 0.0\n    result = []",
        "total = 0.0\n    result: list[float] = []",
        why="the annotation of a local",
    ),
    edit(
        "features.py",
        "{number: number**2 for number in values if number % 2}",
        "{n: n**2 for n in values if n % 2}",
        why="a comprehension's variable, renamed",
    ),
    edit(
        "features.py",
        "[cleaning.clip(value) for value in values if cleaning.parity(len(values))]",
        "[\n        cleaning.clip(value)\n        for value in values\n"
        "        if cleaning.parity(len(values))\n    ]",
        why="a comprehension over several lines",
    ),
    edit(
        "features.py",
        "return math.sqrt(sum(squares.values())) + SQUARES[2]",
        "return (math.sqrt(sum((squares.values()))) + (SQUARES[2]))",
        why="brackets",
    ),
    edit(
        "train.py", "import json\nimport os", "import os\nimport json", why="the order of imports"
    ),
    edit("train.py", '"""Make rows."""', '"""Make some rows."""', why="the docstring of a step"),
    edit("train.py", "load.fn(3)", "load.fn(4)", why="what runs only as a script"),
    edit(
        "train.py",
        "@step\ndef rank(rows: list) -> list:\n    return sorted(rows, key=features.weigh)\n\n\n",
        "",
        why="a step, moved to the top",
        also=[
            (
                "train.py",
                "from whence import step\n",
                (
                    "from whence import step\n\n\n@step\n"
                    "def rank(rows: list) -> list:\n    return sorted(rows, key=features.weigh)\n"
                ),
            )
        ],
    ),
    edit(
        "train.py",
        "    def penalty(value):\n        return value / depth\n",
        "    def penalty(value):\n        # cheaper\n        return (\n            value\n"
        "            / depth\n        )\n",
        why="a comment and line breaks in a nested function",
    ),
    edit(
        "train.py",
        "    depth = Defaults.depth\n",
        "    levels = Defaults.depth\n",
        why="a local that a nested function uses, renamed",
        also=[("train.py", "value / depth", "value / levels")],
    ),
]
