"""Methods of what is inside an input are code of the step that takes it, whatever it names."""

import subprocess
import sys

import pytest
from tests.integration.cache_sessions import run_session, write_modules
from tests.integration.run_script import ENVIRONMENT

PROJECT = {
    "shapes.py": """
        from dataclasses import dataclass
        from typing import Protocol, runtime_checkable
        from pydantic import BaseModel

        @dataclass(frozen=True)
        class Shape:
            side: int

            def area(self):
                return 0

        @runtime_checkable
        class HasArea(Protocol):
            def area(self) -> int: ...

        @dataclass(frozen=True)
        class Holder:
            shape: Shape

        class Record(BaseModel):
            size: int

            def grow(self):
                return self.size
    """,
    "circles.py": """
        from dataclasses import dataclass
        from enum import Enum
        from shapes import Record, Shape

        @dataclass(frozen=True)
        class Circle(Shape):
            def area(self):
                return self.side * 3

        @dataclass(frozen=True)
        class Wheel(Circle):
            def area(self):
                return super().area() + 1

        class Tall(Record):
            def grow(self):
                return self.size * 100

        class Mood(Enum):
            GOOD = 5

            def score(self):
                return self.value * 2
    """,
    "pipelines.py": """
        from enum import Enum
        from typing import Annotated, Any
        from circles import Circle, Mood, Tall, Wheel
        from shapes import HasArea, Holder, Record, Shape
        from whence import Input, pipeline, step
        from whence.materializers import PickleMaterializer

        @step
        def make_circle(side: int) -> Shape:
            return Circle(side)

        @step
        def make_wheel() -> Shape:
            return Wheel(2)

        @step
        def make_list() -> list[Shape]:
            return [Shape(1), Circle(2)]

        @step
        def make_dict() -> dict[str, Shape]:
            return {"a": Circle(4)}

        @step
        def make_holder() -> Holder:
            return Holder(Circle(6))

        @step
        def make_record() -> Record:
            return Tall(size=1)

        @step
        def make_mood() -> Enum:
            return Mood.GOOD

        @step
        def make_pickle() -> Annotated[Shape, PickleMaterializer()]:
            return Circle(7)

        @step
        def of_base(shape: Shape) -> int:
            return shape.area()

        @step
        def of_any(shape: Any) -> int:
            return shape.area() + 1

        @step
        def of_protocol(shape: HasArea) -> int:
            return shape.area() + 2

        @step
        def of_union(shape: Shape | None) -> int:
            return shape.area() + 3

        @step
        def of_wheel(shape: Shape) -> int:
            return shape.area() + 4

        @step
        def of_list(shapes: list[Shape]) -> int:
            return sum(each.area() for each in shapes)

        @step
        def of_collected(shapes: list[Shape]) -> int:
            return sum(each.area() for each in shapes) + 1

        @step
        def of_dict(shapes: dict[str, Shape]) -> int:
            return sum(each.area() for each in shapes.values()) + 2

        @step
        def of_holder(holder: Holder) -> int:
            return holder.shape.area()

        @step
        def of_model(record: Record) -> int:
            return record.grow()

        @step
        def of_enum(mood: Enum) -> int:
            return mood.score()

        @step
        def of_pickle(shape: Shape) -> int:
            return shape.area() + 5

        @step
        def of_given(shape: Input[Shape], word: str = "given") -> int:
            return shape.area() + 6

        @pipeline
        def work(given: Any = Circle(10)):
            circle = make_circle(1)
            return {
                "base": of_base(circle),
                "any": of_any(circle),
                "protocol": of_protocol(circle),
                "union": of_union(circle),
                "wheel": of_wheel(make_wheel()),
                "list": of_list(make_list()),
                "collected": of_collected([circle, make_circle(2)]),
                "dict": of_dict(make_dict()),
                "holder": of_holder(make_holder()),
                "model": of_model(make_record()),
                "enum": of_enum(make_mood()),
                "pickle": of_pickle(make_pickle()),
                "given": of_given(given),
            }
    """,
}
OF_CIRCLES = {
    "base": 3,
    "any": 4,
    "protocol": 5,
    "union": 6,
    "wheel": 11,
    "list": 6,
    "collected": 10,
    "dict": 14,
    "holder": 18,
    "pickle": 26,
    "given": 36,
}
VALUES = {**OF_CIRCLES, "model": 100, "enum": 10}


def takers(session):
    """Return what was computed of the steps that take something, by the name of their result."""
    return {name.removeprefix("of_") for name in session.computed if name.startswith("of_")}


@pytest.fixture
def worked(project):
    """A project whose pipeline has run once."""
    write_modules(project, PROJECT)
    first = run_session(project)
    assert (takers(first), first.result) == (set(VALUES), VALUES)
    return project


def edit(project, file, old, new):
    """Change one place of a module."""
    text = (project / file).read_text()
    assert text.count(old) == 1
    (project / file).write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "takers_rerun", "values"),
    [
        (
            "return self.side * 3",
            "return self.side * 3 + 1000",
            set(OF_CIRCLES),
            {
                name: value + (2000 if name == "collected" else 1000)
                for name, value in OF_CIRCLES.items()
            },
        ),
        ("super().area() + 1", "super().area() + 2", {"wheel"}, {"wheel": 12}),
        ("self.size * 100", "self.size * 200", {"model"}, {"model": 200}),
        ("self.value * 2", "self.value * 3", {"enum"}, {"enum": 15}),
        ("return self.side * 3", "return (3 * self.side)  # otherwise", set(OF_CIRCLES), {}),
        ("return self.side * 3", "# as before\n        return self.side * 3", set(), {}),
    ],
)
def test_an_edited_method_of_what_is_inside_an_input_is_seen(
    worked, old, new, takers_rerun, values
):
    """Whoever takes an instance runs again, though the value and its annotation are the same."""
    edit(worked, "circles.py", old, new)

    session = run_session(worked)

    assert takers(session) == takers_rerun
    assert session.result == {**VALUES, **values}
    assert run_session(worked).computed == []


ONE_FILE = """
    from dataclasses import dataclass
    from typing import Any
    import whence
    from whence import pipeline, step

    @dataclass(frozen=True)
    class Shape:
        side: int

    @dataclass(frozen=True)
    class Circle(Shape):
        def area(self):
            return self.side * 3

    @step
    def make(side: int) -> Shape:
        return Circle(side)

    @step
    def measure(shape: Any) -> int:
        return shape.area()

    @pipeline
    def work():
        return measure(make(1))

    if __name__ == "__main__":
        run = work()
        print(run.read(), run.steps.measure.cached)
"""


def run_script(project, *arguments):
    """Return the last line that a script prints, run as one."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_a_script_and_the_same_file_imported_share_their_results(project):
    """A class of a script is found again where the file has another name, or another place."""
    write_modules(project, {"pipelines.py": ONE_FILE})
    assert run_script(project, "pipelines.py") == "3 False"

    imported = run_session(project)
    (project / "pipelines.py").rename(project / "moved.py")
    moved = run_session(project, module="moved")

    assert imported.computed == moved.computed == []
    edit(project, "moved.py", "self.side * 3", "self.side * 4")
    assert run_session(project, module="moved").computed == ["make", "measure"]


def test_a_class_that_a_module_makes_on_demand_is_found_in_later_processes(project):
    """A class local to a function counts, also where nothing was stored in this process."""
    local = ONE_FILE.replace(
        """    @dataclass(frozen=True)
    class Circle(Shape):
        def area(self):
            return self.side * 3
""",
        """    def make_class():
        @dataclass(frozen=True)
        class Circle(Shape):
            def area(self):
                return self.side * 3
        return Circle

    Circle = make_class()
""",
    )
    write_modules(project, {"pipelines.py": local})
    assert run_session(project).result == 3
    assert run_session(project).computed == []

    edit(project, "pipelines.py", "self.side * 3", "self.side * 4")

    assert run_session(project).result == 4


LAZY = {
    "shapes.py": """
        from dataclasses import dataclass

        @dataclass(frozen=True)
        class Shape:
            side: int
    """,
    "circles.py": """
        from dataclasses import dataclass
        from shapes import Shape

        @dataclass(frozen=True)
        class Circle(Shape):
            def area(self):
                return self.side * 3
    """,
    "pipelines.py": """
        import whence
        from shapes import Shape
        from whence import pipeline, step

        @step
        def make(side: int) -> Shape:
            from circles import Circle
            return Circle(side)

        @step
        def measure(shape: Shape) -> int:
            return shape.area()

        @pipeline
        def work():
            return measure(make(1))

        @pipeline
        def measure_again(shape: Shape):
            return measure(shape)

        def earlier_shape():
            return whence.runs(pipeline="work")[0].steps.make.outputs.result

        def measure_earlier():
            import circles
            return measure_again(earlier_shape())
    """,
}


def test_a_module_that_only_a_step_imports_is_loaded_for_the_keys_of_others(project):
    """Whether the producer ran or was reused, its consumers have the same keys."""
    write_modules(project, LAZY)
    assert run_session(project).computed == ["make", "measure"]

    assert run_session(project).computed == []


def test_an_edit_is_seen_also_where_the_producer_is_not_part_of_the_run(project):
    """An artifact of an earlier run names classes like any other input."""
    write_modules(project, LAZY)
    run_session(project)
    assert run_session(project, "measure_earlier()").computed == []
    edit(project, "circles.py", "self.side * 3", "self.side * 4")

    session = run_session(project, "measure_earlier()")

    assert (session.computed, session.result) == (["measure"], 4)


def test_a_pickle_of_an_earlier_run_counts_before_its_module_is_imported(project):
    """Reading a pickle imports what it names, and so does asking for the key."""
    pickled = LAZY["pipelines.py"].replace(
        "-> Shape:", "-> Annotated[Shape, PickleMaterializer()]:"
    )
    heading = """
        from typing import Annotated
        from whence.materializers import PickleMaterializer"""
    pickled = heading + pickled.replace("            import circles\n", "")
    write_modules(project, {**LAZY, "pipelines.py": pickled})
    run_session(project)
    assert run_session(project, "measure_earlier()").computed == []
    edit(project, "circles.py", "self.side * 3", "self.side * 4")

    session = run_session(project, "measure_earlier()")

    assert (session.computed, session.result) == (["measure"], 4)


GROUPED = {
    "pipelines.py": """
        from typing import Any, NamedTuple
        from whence import Input, Output, pipeline, step
        from whence.artifacts import ModelArtifact

        class Pair(NamedTuple):
            one: int
            other: int

            def total(self):
                return self.one + self.other

        class Net(ModelArtifact):
            def depth(self):
                return len((self.path / "net.txt").read_text())

        @step
        def give() -> int:
            return 3

        @step
        def add(pair: Any) -> int:
            return pair.total()

        @step
        def train(net: Output[Net]):
            (net.path / "net.txt").write_text("deep")

        @step
        def judge(model: Input[ModelArtifact]) -> int:
            return model.depth()

        @pipeline
        def work():
            return add(Pair(give(), 1)), judge(train())
    """
}


@pytest.mark.parametrize(
    ("old", "new", "computed", "result"),
    [
        ("self.one + self.other", "self.one - self.other", ["add"], [2, 4]),
        ("return len(", "return 1 + len(", ["train", "judge"], [4, 5]),
    ],
)
def test_the_class_that_holds_an_input_counts(project, old, new, computed, result):
    """A NamedTuple of a body, and an artifact type of one's own, bring their methods with them."""
    write_modules(project, GROUPED)
    assert run_session(project).result == [4, 4]
    edit(project, "pipelines.py", old, new)

    session = run_session(project)

    assert (session.computed, session.result) == (computed, result)


def ask(project, code):
    """Return the words that a program prints after it has loaded the pipelines."""
    return run_script(project, "-c", f"import circles, pipelines, whence; print({code})")


def test_plan_and_why_name_the_method_that_changed(project):
    """The changed method is named as any helper is, before the run and after it."""
    write_modules(project, LAZY)
    run_session(project)
    edit(project, "circles.py", "self.side * 3", "self.side * 4")
    named = "function circles.Circle.area changed in circles.py, lines 7-8"

    given = "pipelines.measure_again.plan(pipelines.earlier_shape())"
    assert ask(project, f'*{given}.decisions["measure"].reasons') == named
    run = run_session(project, "measure_earlier()")

    assert run.computed == ["measure"]
    why = 'whence.why(whence.runs()[0].id, "measure")'
    assert ask(project, f"[each.sentence for each in {why}.changes]") == f"[{named!r}]"


@pytest.mark.parametrize(
    "accepted",
    [['function="circles.Circle.area"'], ['"make"', '"measure"']],
    ids=["function", "steps"],
)
def test_an_accepted_method_keeps_the_results_of_those_that_take_its_instances(project, accepted):
    """Results from before a harmless change serve whoever runs the method, named or not."""
    write_modules(project, LAZY)
    run_session(project)
    edit(project, "circles.py", "self.side * 3", "3 * self.side")
    for what in accepted:
        ask(project, f'whence.accept(pipelines.work.plan(), {what}, reason="the same")')

    assert run_session(project).computed == []


def test_nothing_is_there_to_accept_where_nothing_changed(project):
    """The classes that inputs hold are no change of a step that does not name them."""
    write_modules(project, LAZY)
    run_session(project)
    attempt = """
import pipelines, whence
try:
    whence.accept(pipelines.work.plan(), "measure", reason="none")
except whence.errors.NothingToAcceptError as error:
    print(error.code)
"""

    assert run_script(project, "-c", attempt) == "WH708"


IN_FILES = {
    "kinds.py": """
        from dataclasses import dataclass
        from pkgutil import resolve_name
        import json
        import numpy as np
        from whence.materializers import ClassName, SingleFileMaterializer

        @dataclass(frozen=True)
        class Shape:
            sides: np.ndarray

        @dataclass(frozen=True)
        class Polygon(Shape):
            def total(self):
                return int(self.sides.sum())

        class Note:
            pass

        class Loud(Note):
            def total(self):
                return 100

        class NoteMaterializer(SingleFileMaterializer):
            format = "note/1"
            file_name = "note.json"

            def encode(self, value):
                return json.dumps([type(value).__module__, type(value).__qualname__]).encode()

            def decode(self, data, as_type=None):
                module, name = json.loads(data)
                return resolve_name(f"{module}:{name}")()

            def list_class_names(self, read_file):
                return [ClassName(*json.loads(read_file(self.file_name)))]
    """,
    "pipelines.py": """
        from typing import Annotated, Any
        import numpy as np
        from kinds import Loud, Note, NoteMaterializer, Polygon, Shape
        from whence import pipeline, step

        @step
        def make() -> Shape:
            return Polygon(np.arange(3000))

        @step
        def write() -> Annotated[Note, NoteMaterializer()]:
            return Loud()

        @step
        def measure(shape: Any) -> int:
            return shape.total()

        @step
        def read(note: Annotated[Note, NoteMaterializer()]) -> int:
            return note.total()

        @pipeline
        def work():
            return measure(make()), read(write())
    """,
}


@pytest.mark.parametrize(
    ("old", "new", "computed", "result"),
    [
        ("int(self.sides.sum())", "int(self.sides.max())", ["make", "measure"], [2999, 100]),
        ("return 100", "return 200", ["write", "read"], [4_498_500, 200]),
    ],
    ids=["folder", "own format"],
)
def test_classes_are_found_in_files_of_the_store(project, old, new, computed, result):
    """What is stored item by item, or in a user's own format, names classes too."""
    write_modules(project, IN_FILES)
    run_session(project)
    assert run_session(project).computed == []
    edit(project, "kinds.py", old, new)

    session = run_session(project)

    assert (session.computed, session.result) == (computed, result)


def test_items_of_a_list_that_only_the_run_knows_bring_their_classes(project):
    """Each item of a map counts by its own class: an edit reruns those of that class alone."""
    mapped = LAZY["pipelines.py"].replace("return measure(make(1))", "return measure.map(give())")
    give = """
        @step
        def give() -> list[Shape]:
            from circles import Circle, Wheel
            return [Circle(1), Wheel(2)]

        @pipeline
        def work"""
    wheel = """
        @dataclass(frozen=True)
        class Wheel(Circle):
            def area(self):
                return self.side * 5
    """
    modules = {
        **LAZY,
        "circles.py": LAZY["circles.py"] + wheel,
        "pipelines.py": mapped.replace("\n        @pipeline\n        def work", give, 1),
    }
    write_modules(project, modules)
    assert run_session(project).result == [3, 10]
    assert items_computed(run_session(project)) == []
    edit(project, "circles.py", "self.side * 5", "self.side * 6")

    session = run_session(project)

    assert (items_computed(session), session.result) == (["measure[1]"], [3, 12])


def items_computed(session):
    """Return the items of maps that were computed; a map itself computes nothing."""
    return [name for name in session.computed if name.endswith("]")]
