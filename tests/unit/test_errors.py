"""The tree of errors, and the catalogue that explains each of them by an example."""

import copy
import importlib.util
import inspect
import pickle
import re
from pathlib import Path

import pytest
from tests.unit.authoring.error_pages import PAGES, ErrorPage, provoke, read_page

from whence import errors
from whence.errors import InvalidPipelineError, WhenceError

CLASSES = sorted(
    (cls for cls in vars(errors).values() if inspect.isclass(cls)), key=lambda cls: cls.__name__
)
CONDITIONS = [cls for cls in CLASSES if "code" in vars(cls) and cls is not WhenceError]
CATALOGUE = [read_page(path) for path in sorted(PAGES.glob("WH*.md"))]
OPTIONAL = ("pandas", "sklearn")


def facts_of(cls: type[WhenceError]) -> dict[str, object]:
    """Return a fact for each place in an error's sentences."""
    sentences = f"{cls.what} {cls.why} {cls.fix}"
    facts: dict[str, object] = {
        name: f"<{name}>" for name in re.findall(r"{(\w+)(?:![rs])?}", sentences)
    }
    return {**facts, "faults": ()} if issubclass(cls, InvalidPipelineError) else facts


def all_of(error: WhenceError) -> tuple[WhenceError, ...]:
    """Return an error and, if it is a report, its faults."""
    return (error, *error.faults) if isinstance(error, InvalidPipelineError) else (error,)


def without_lists(text: str) -> str:
    """Return a message without what grows with each new materializer and table."""
    return re.sub(r"(None of the \d+ registered.*|Known are .*|knows up to \d+)", "...", text)


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple[str, WhenceError | None]]:
    """Keep what came of each example, so that it is done once."""
    return {}


@pytest.fixture
def outcome(
    page: ErrorPage,
    outcomes: dict[str, tuple[str, WhenceError | None]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[str, WhenceError | None]:
    """Do what the page's example does in an empty project; give the message and the error."""
    for package in OPTIONAL:
        if package in page.example and importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    if page.code not in outcomes:
        (tmp_path / "pyproject.toml").touch()
        monkeypatch.chdir(tmp_path)
        outcomes[page.code] = provoke(page, tmp_path)
    return outcomes[page.code]


def each_page(pages: list[ErrorPage]) -> pytest.MarkDecorator:
    """Run a test for each page; those whose example starts programs or loads much are heavy."""
    marked = [
        pytest.param(
            page,
            id=page.code,
            marks=[pytest.mark.heavy] if page.needs_much else [],
        )
        for page in pages
    ]
    return pytest.mark.parametrize("page", marked)


def test_every_error_is_exported():
    """What `whence.errors` lists is there, sorted, and holds every class of the tree."""
    assert set(errors.__all__) >= {cls.__name__ for cls in CLASSES}
    assert all(issubclass(cls, WhenceError) for cls in CLASSES)


def test_codes_are_unique():
    """No two conditions share a code."""
    codes = [cls.code for cls in CONDITIONS]

    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("cls", CONDITIONS, ids=lambda cls: cls.__name__)
def test_code_tells_who_must_act(cls: type[WhenceError]):
    """The first digit of a code is that of the error's branch of the tree."""
    branches = {
        "1": errors.DefinitionError,
        "2": errors.DefinitionError,
        "3": errors.StepFailedError,
        "4": errors.MaterializationError,
        "5": errors.StoreError,
        "6": errors.StackError,
        "7": errors.UsageError,
    }

    assert issubclass(cls, branches[cls.code[2]])


def test_every_condition_has_a_page_and_every_page_a_condition():
    """The catalogue explains each code once, and no code that does not exist."""
    assert [page.code for page in CATALOGUE] == sorted(cls.code for cls in CONDITIONS)


@pytest.mark.parametrize("page", CATALOGUE, ids=lambda page: page.code)
def test_page_is_headed_by_its_code_and_is_listed(page: ErrorPage):
    """The heading of a page has its code and the condition, as the index lists it."""
    title = page.heading.removeprefix("# ")

    assert title.startswith(f"{page.code}: ")
    assert f"- [{title}]({page.code}.md)" in (PAGES / "index.md").read_text(encoding="utf-8")


@each_page(CATALOGUE)
def test_example_gives_the_message_that_the_page_shows(page: ErrorPage, outcome):
    """Doing what a page shows raises its error, with the message that the page shows."""
    message, _ = outcome

    assert f"[{page.code}]" in message
    assert without_lists(message) == without_lists(page.message)


@each_page([page for page in CATALOGUE if not page.command])
def test_provoked_errors_have_all_their_facts_and_survive_copying(page: ErrorPage, outcome):
    """A raised error fills every place in its sentences, and stays the same when it is copied."""
    _, error = outcome
    assert error is not None
    for each in all_of(error):
        places = re.findall(r"{(\w+)(?:![rs])?}", f"{each.what} {each.why or ''} {each.fix or ''}")

        assert [place for place in places if place not in each.facts] == []
        assert str(copy.deepcopy(each)) == str(each)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_errors_can_be_sent_to_another_process(cls: type[WhenceError]):
    """Every error can be pickled and copied, with its facts, its place and its notes."""
    error = cls(where="train.py:3", **facts_of(cls))
    error.add_note("seen twice")
    back = pickle.loads(pickle.dumps(error))

    assert type(back) is cls
    assert str(back) == str(error)
    assert (back.where, back.facts, back.notes) == (error.where, error.facts, ["seen twice"])
    assert str(copy.deepcopy(error)) == str(error)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_is_described(cls: type[WhenceError]):
    """Each class of the tree says in a sentence which condition it is."""
    assert (cls.__doc__ or "").splitlines()[0].endswith(".")


def test_long_reports_are_bounded():
    """A report of very many faults shows the first twenty, and says how many there are."""
    faults = [errors.EmptyPipelineError(pipeline=f"p{number}") for number in range(50)]
    text = str(InvalidPipelineError(subject="Pipeline 'p'", faults=faults))

    assert "has 50 faults" in text
    assert "20. Pipeline 'p19'" in text
    assert "p20" not in text
    assert "30 more" in text


def test_parts_of_a_message_can_be_read():
    """A program can read the parts of a message and the facts of the case."""
    error = errors.UnknownArgumentError(
        where="train.py:3", kind="Step", name="fit", argument="dpeth", suggestion="Did you mean …?"
    )

    assert error.facts["argument"] == "dpeth"
    assert error.describe() == {
        "code": "WH201",
        "what": "Step 'fit' has no argument 'dpeth'.",
        "where": "train.py:3",
        "why": None,
        "fix": "Did you mean …?",
    }


@pytest.mark.parametrize(
    ("name", "known", "sentence"),
    [
        ("dpeth", ["depth", "rows"], "Did you mean 'depth'?"),
        ("x", ["depth", "rows"], "Known: 'depth', 'rows'."),
        ("x", [], "There are none."),
        ("x", [f"name{number}" for number in range(20)], "and 8 more."),
    ],
)
def test_suggestions(name, known, sentence):
    """A misspelt name is answered by the nearest one, else by what there is, in short."""
    assert errors.suggest(name, known).endswith(sentence)
