"""What runs are found by, kept by the database itself: their tags and their parameters.

A run's tags are those that it was started with and those given since, without those taken away.
Of its parameters each is a row, unless there are so many that the start of the run would be slow.
"""

from sqlalchemy import DDL

MOST_INDEXED = 16_384
"""Characters of a run's parameters that are taken apart; of one that has more, none are.

No row of such a run is in `run_parameters`: whoever looks there must look through the runs of
`HAS_MANY_PARAMETERS` as well. The same number stands in an index of `runs`.
"""

HAS_MANY_PARAMETERS = f"length(runs.parameters) > {MOST_INDEXED}"

PARAMETER_VALUE = """
    CASE
    WHEN each.type <> 'text' OR NOT json_valid(each.value) THEN NULL
    WHEN json_type(each.value) IN ('integer', 'real', 'text') THEN json_extract(each.value, '$')
    WHEN json_type(each.value) IN ('true', 'false', 'null') THEN CAST(each.value AS BLOB)
    WHEN json_type(each.value) = 'object' THEN (
        SELECT CASE tagged.key
            WHEN '$enum' THEN tagged.value ->> 1
            WHEN '$decimal' THEN CAST(tagged.value AS REAL)
            WHEN '$float' THEN CASE tagged.value WHEN 'inf' THEN 9e999 WHEN '-inf' THEN -9e999 END
            WHEN '$str' THEN NULL
            WHEN '$bytes' THEN NULL
            WHEN '$int' THEN NULL
            ELSE CASE WHEN tagged.type = 'text' AND tagged.key GLOB '$*' THEN tagged.value END
            END
        FROM json_each(each.value) AS tagged LIMIT 1
    )
    END
"""
"""A parameter as it is compared, from the typed JSON in `each.value`.

Numbers and text are themselves, also those that JSON has only in other words: dates, paths, names
of enum members. True, false and null are bytes, which equal no number and no text. All else is
empty. SQLite orders numbers before text, and text before bytes.
"""


def split_parameters(owner: str) -> str:
    """Return the rows of `run_parameters` of the run *owner*, as a query without its FROM."""
    return f"{owner}.id, each.key, {PARAMETER_VALUE}"


def each_parameter(owner: str) -> str:
    """Return the table of a run's parameters; of damaged ones there are none."""
    whole = f"{owner}.parameters"
    return f"json_each(CASE WHEN json_valid({whole}) THEN {whole} ELSE '{{}}' END) AS each"


_ADD_PARAMETERS = f"""
    INSERT OR IGNORE INTO run_parameters (run_id, name, value)
    SELECT {split_parameters("NEW")} FROM {each_parameter("NEW")};
"""
_ADD_TAGS = """
    INSERT OR IGNORE INTO run_tags (tag, run_id)
    SELECT value, NEW.id FROM json_each(NEW.tags) WHERE NOT EXISTS (
        SELECT 1 FROM annotations
        WHERE subject = NEW.id AND kind = 'tag' AND text = value AND withdrawn_at IS NOT NULL
    ) UNION
    SELECT text, NEW.id FROM annotations
    WHERE subject = NEW.id AND kind = 'tag' AND withdrawn_at IS NULL;
"""
_ADD_TAG = """
    INSERT OR IGNORE INTO run_tags (tag, run_id)
    SELECT NEW.text, id FROM runs WHERE id = NEW.subject;
"""
_TAKE_TAG = """
    DELETE FROM run_tags WHERE tag = NEW.text AND run_id = NEW.subject AND NOT EXISTS (
        SELECT 1 FROM annotations
        WHERE subject = NEW.subject AND kind = 'tag' AND text = NEW.text AND withdrawn_at IS NULL
    );
"""
_IS_TAG = "NEW.kind = 'tag' AND NEW.withdrawn_at IS"
_TRIGGERS = {
    "run_parameters_of_new": (
        "INSERT ON runs",
        f"NEW.parameters <> '{{}}' AND length(NEW.parameters) <= {MOST_INDEXED}",
        _ADD_PARAMETERS,
    ),
    "run_tags_of_new": ("INSERT ON runs", "json_valid(NEW.tags)", _ADD_TAGS),
    "run_tags_of_given": ("INSERT ON annotations", f"{_IS_TAG} NULL", _ADD_TAG),
    "run_tags_of_withdrawn": ("INSERT ON annotations", f"{_IS_TAG} NOT NULL", _TAKE_TAG),
    "run_tags_of_taken": (
        "UPDATE OF withdrawn_at ON annotations",
        f"{_IS_TAG} NOT NULL",
        _TAKE_TAG,
    ),
}

triggers = tuple(
    DDL(f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} WHEN {condition} BEGIN {act} END")
    for name, (event, condition, act) in _TRIGGERS.items()
)
"""They keep the tables that follow from `runs` and `annotations`, in whatever order rows come."""

INDEX_OLD_RUNS = f"""
    INSERT OR IGNORE INTO run_parameters (run_id, name, value)
    SELECT {split_parameters("runs")} FROM runs, {each_parameter("runs")}
    WHERE NOT {HAS_MANY_PARAMETERS}
"""
"""Does for the runs of an older version what the triggers do for new ones; their tags are there."""
