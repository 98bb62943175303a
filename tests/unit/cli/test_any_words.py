"""Whatever one types, the answer is in words: never a traceback of Whence's own."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WORDS = st.one_of(
    st.sampled_from(
        [
            *("run", "plan", "why", "accept", "runs", "show", "logs", "compare", "artifacts"),
            *("train.py", "train.py:delays", "train.py:needy", "train:delays", "last", "last~1"),
            *("--json", "--name", "--tag", "--config", "--plain", "--limit", "--status", "--all"),
            *("--count", "--verbose", "--no-verbose", "--regressor", "ridge", "--regressor.depth"),
            *("--count=3", "--sizes=[1]", "--load.count", "--evaluate.fail", "3", "-1", "--", "-"),
            *("--.", "--a.", "--.b", "--no-", "--no-.", "=", "--=", ":", "a:b:c", ".py", "--help"),
        ]
    ),
    st.text(max_size=12).filter(lambda text: "\x00" not in text),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(WORDS, max_size=6))
def test_any_words_are_answered_in_words(project, words):
    """Any command line ends with 0, 1 or 2, without a traceback, and `--json` with a document."""
    answer = project.whence(*words)

    assert answer.code in {0, 1, 2}
    assert "fault of Whence" not in answer.err
    assert "/whence/" not in answer.err.replace(str(project.folder), "")
    if answer.out.startswith("{"):
        json.loads(answer.out)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(WORDS, max_size=4))
def test_any_words_after_a_target_are_answered_in_words(project, words):
    """Whatever follows a target is taken, or refused in words."""
    answer = project.whence("plan", "train.py:delays", *words)

    assert answer.code in {0, 2}
    assert "Traceback" not in answer.err
