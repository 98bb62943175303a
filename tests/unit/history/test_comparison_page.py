"""The HTML file of a comparison: complete by itself, and inert whatever the records hold."""

import re
from html.parser import HTMLParser

import pytest
from tests.contract.example_records import report
from tests.unit.history.recorded_runs import RunBuilder
from tests.unit.history.test_comparison import record_run

import whence
from whence.caching.explain import Change
from whence.history.comparing.rows import Category, Cause, StepDifference, StepRow
from whence.history.reports.as_page import render_page
from whence.history.reports.comparison_page import report_comparison_page

HOSTILE = (
    "</style></title><script>alert(1)</script><img src=x onerror=a>`\"'&\x1b[31m\u202e\ud800\0"
)
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "div"),
    *("span", "code", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "pre"),
    "footer",
}


class Tags(HTMLParser):
    """Collects tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.depth: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """Note a tag."""
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.depth.append(tag)

    def handle_endtag(self, tag):
        """Check that tags are closed in their order."""
        assert self.depth.pop() == tag


def write_page(comparison, tmp_path):
    """Return the page of a comparison."""
    return comparison.to_html(tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_page_needs_nothing_from_elsewhere(stack, tmp_path):
    """No address, no script, no style sheet or picture but its own; a policy forbids them too."""
    page = write_page(whence.compare(record_run(stack), record_run(stack, 8, 3.0)), tmp_path)
    tags = Tags(page)

    assert tags.seen <= ALLOWED
    assert tags.attributes <= {"lang", "charset", "name", "content", "http-equiv", "class", "open"}
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|url\(|@import|javascript:", page)


def test_a_page_says_where_runs_part_and_shows_every_step(stack, tmp_path):
    """The sentence is the headline; each step that differs can be unfolded, equal ones too."""
    comparison = whence.compare(record_run(stack), record_run(stack, 8, 3.0))
    page = write_page(comparison, tmp_path)

    assert f'<p class="headline">{comparison.headlines[0]}</p>' in page
    assert page.count("<details") == 3
    assert page.count("<details open") == 1
    assert "1 step without a difference" in page


def test_recorded_text_is_inert_on_a_page(stack, tmp_path):
    """Nothing that a run was named, given or made becomes markup, or steers anything."""
    runs = []
    for number in (1, 2):
        builder = RunBuilder.start(
            stack, name=HOSTILE + str(number), tags=(HOSTILE,), parameters={HOSTILE: f"{number}"}
        )
        builder.add(
            HOSTILE,
            {HOSTILE: HOSTILE[:-3] + str(number)},
            step=HOSTILE,
            metrics=[report(HOSTILE, number, mode="min")],
            parameters={HOSTILE: HOSTILE[:-3] + str(number)},
        )
        runs.append(builder.finish())
    comparison = whence.compare(*runs)
    page = write_page(comparison, tmp_path)

    for text in (page, comparison._repr_html_()):
        assert "<script" not in text
        assert "<img" not in text
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", text)
    assert Tags(page).seen <= ALLOWED
    assert page.count("</style>") == page.count("</title>") == 1


def test_hostile_code_is_inert_on_a_page(stack):
    """Source texts are shown as they are, and do nothing."""
    first, second = record_run(stack), record_run(stack)
    comparison = whence.compare(first, second)
    change = Change("function", HOSTILE, HOSTILE, place=HOSTILE, diff=f"@@\n-{HOSTILE}\n+{HOSTILE}")
    cause = Cause(Category.CODE, HOSTILE, change)
    row = StepRow(comparison.steps[0].steps, (StepDifference(causes=(cause,)),))
    object.__setattr__(comparison, "steps", (row, *comparison.steps[1:]))
    page = render_page(report_comparison_page(comparison))

    assert Tags(page).seen <= ALLOWED
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page
    assert "\x1b" not in str(comparison)


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_a_page_is_written_where_it_is_told(stack, tmp_path, kind):
    """`to_html` takes text or a path, and returns the path."""
    run = record_run(stack)
    written = whence.compare(run, run).to_html(kind(tmp_path / "same.html"))

    assert written == tmp_path / "same.html"
    assert "No step differs" in written.read_text(encoding="utf-8")
