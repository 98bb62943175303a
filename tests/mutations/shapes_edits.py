"""Edits of the project `shapes`: classes that only the inputs of steps lead to."""

from tests.mutations.edits import edit

PROJECT, ENTRY = "shapes", "steps"
CIRCLES = "spun anything structural listed paired"
SQUARES = "measured drawn listed keyed paired"
SHAPES = "measured spun anything structural drawn listed keyed paired"

EDITS = [
    edit("kinds.py", "return PI * square", "return 4 * square", CIRCLES, "a method"),
    edit("kinds.py", "self.side * self.side", "self.side**2", SQUARES, "another's method"),
    edit("kinds.py", "PI = 3.14", "PI = 3.1416", CIRCLES, "a constant that a method reads"),
    edit("kinds.py", "value * value", "value**2", CIRCLES, "a function that a method calls"),
    edit("kinds.py", "self.spokes - 1", "self.spokes", "spun paired", "a property"),
    edit("kinds.py", "spokes: int = 8", "spokes: int = 9", "spun paired", "a default of a field"),
    edit("kinds.py", "} spokes", "} rods", "spun paired", "a subclass of a subclass"),
    edit(
        "kinds.py",
        "class Wheel(Circle):",
        "class Wheel(Circle):\n    def area(self):\n        return 0.0\n",
        "spun paired",
        "a method that overrides another",
    ),
    edit(
        "kinds.py",
        "class Square(Shape):",
        'class Square(Shape):\n    def describe(self):\n        return "square"\n',
        SQUARES,
        "a method that overrides that of an abstract class",
    ),
    edit("kinds.py", "value.upper()", "value.title()", "chosen", "a method of an enum"),
    edit("kinds.py", 'BLUE = "b"', 'BLUE = "l"', "chosen", "another member of an enum"),
    edit("kinds.py", "by=1", "by=2", "grown", "a default of a method of a model"),
    edit("kinds.py", "self.size + by", "self.size - by", "grown", "a method of a model"),
    edit("kinds.py", "area() + self", "area() - self", "paired", "a method of a NamedTuple"),
    edit("shapes.py", ":.1f", ":.2f", SHAPES, "a method of the annotated class"),
    edit("shapes.py", "name.lower()", "name.title()", "chosen", "a method of an enum's base"),
    # ------------------------------------------------------------------ what changes nothing
    edit("kinds.py", '"""Round."""', '"""A round shape."""', why="a class's docstring"),
    edit("kinds.py", "# as ever", "# r squared", why="a comment in a method"),
    edit("kinds.py", '"""Multiply a value by itself."""', '"""Square."""', why="a docstring"),
    edit(
        "kinds.py",
        "class Pair(NamedTuple):",
        "class Line(Shape):\n    def area(self):\n        return 0\n\n\nclass Pair(NamedTuple):",
        why="a subclass that no input holds",
    ),
    edit(
        "kinds.py",
        "def square(value):",
        "def cube(value):\n    return value**3\n\n\ndef square(value):",
        why="a function that no method calls",
    ),
]
