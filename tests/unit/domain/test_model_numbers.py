"""Which version bears which number, in whatever order rows come and stores were merged."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from whence.domain.ids import ArtifactId, ModelVersionId
from whence.domain.model_numbers import ModelNumbers
from whence.domain.model_records import ModelVersionRecord

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)


def make_row(end: str, number: int, digest: str) -> ModelVersionRecord:
    """Return a row whose id ends in *end*; ids sort as their ends do."""
    identifier = f"0192-{end}"
    return ModelVersionRecord(
        ModelVersionId(identifier), "delay", number, digest, ArtifactId("a"), MOMENT
    )


ROWS = st.lists(
    st.builds(
        make_row,
        st.integers(0, 999).map(lambda number: f"{number:06}"),
        st.integers(1, 5),
        st.sampled_from("abcdef"),
    ),
    unique_by=lambda row: row.id,
    max_size=12,
)


def test_versions_of_one_store_bear_their_numbers():
    """Without a merge a version is shown and found by its number."""
    numbers = ModelNumbers([make_row("aaaa", 1, "x"), make_row("bbbb", 2, "y")])

    assert [version.label for version in numbers.versions] == ["1", "2"]
    assert [version.number for version in numbers.versions] == [1, 2]
    assert numbers.find("2") == [numbers.versions[1]]
    assert numbers.find("3") == numbers.find("champion") == numbers.find("") == []


def test_of_two_rows_with_one_number_the_older_bears_it():
    """The other version is shown, and found, with the end of its id."""
    numbers = ModelNumbers([make_row("bbab12", 3, "y"), make_row("aaaaaa", 3, "x")])

    older, other = numbers.versions
    assert (older.label, other.label) == ("3", "3~ab12")
    assert other.number is None
    assert numbers.find("3") == [older]
    assert numbers.find("3~AB12") == numbers.find("3~bbab12") == [other]
    assert numbers.find("3~b12") == numbers.find("2~ab12") == []


def test_one_content_with_two_numbers_is_one_version():
    """The row with the smaller id stands, and either number finds it."""
    numbers = ModelNumbers([make_row("bbbb", 7, "x"), make_row("aaaa", 3, "x")])

    (version,) = numbers.versions
    assert (version.label, version.record.number, len(version.ids)) == ("3", 3, 2)
    assert numbers.find("3") == numbers.find("7") == [version]


def test_ends_of_ids_grow_until_they_tell_apart():
    """Versions that share a number and the last characters are shown with more of them."""
    rows = [make_row("aaaaaa", 1, "x"), make_row("bbab12", 1, "y"), make_row("ccab12", 1, "z")]

    assert [each.label for each in ModelNumbers(rows).versions] == ["1", "1~bab12", "1~cab12"]


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, random):
    """However stores were merged, and however often, the versions are the same."""
    shuffled = [*rows, *rows[:3]]
    random.shuffle(shuffled)

    assert ModelNumbers(shuffled).versions == ModelNumbers(rows).versions


@given(ROWS)
def test_every_version_is_found_by_what_it_is_shown_as(rows):
    """Labels are unlike, and each finds its own version and no other."""
    numbers = ModelNumbers(rows)

    labels = [version.label for version in numbers.versions]
    assert len(set(labels)) == len(labels) == len({row.digest for row in rows})
    for version in numbers.versions:
        assert numbers.find(version.label) == [version]


@given(ROWS)
def test_every_row_belongs_to_one_version(rows):
    """Rows are found by id and digest; that with the smallest id stands."""
    numbers = ModelNumbers(rows)

    for row in rows:
        version = numbers.find_by_id(row.id)
        assert version == numbers.find_by_digest(row.digest)
        assert version.record.id == min(version.ids) <= row.id


@given(ROWS, ROWS)
def test_later_rows_take_no_number_away(rows, more):
    """A number means the same version for ever, whatever younger rows another store brings."""
    newest = max((row.id for row in rows), default="")
    later = [row for row in more if row.id > newest]
    before, after = ModelNumbers(rows), ModelNumbers([*rows, *later])

    for number in {str(row.number) for row in rows}:
        digests = [version.record.digest for version in before.find(number)]
        assert [version.record.digest for version in after.find(number)] == digests
