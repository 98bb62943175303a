"""What the key of a step is made of, part by part."""

import sys

from whence import pipeline, step
from whence.caching.step_keys import InputContent, compute_step_key


@step(env=["REGION"], secrets=["TOKEN"])
def fit(rows: int, depth: int = 6) -> float:
    return 0.0


@pipeline
def work(rows: int, depth: int):
    fit(rows, depth=depth)


def key_of(rows=1, depth=6, given=()):
    """Return the parts of a key by kind and name, and its digest."""
    node = work.plan(rows, depth).nodes["fit"]
    key = compute_step_key(node, given, lambda _: ()).key
    return {(part.kind, part.name): part for part in key.parts}, key.digest


def test_a_key_names_all_that_a_result_depends_on(tmp_path, monkeypatch):
    """Code, Python, parameters, inputs, outputs and environment: each is a part of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGION", "eu")
    monkeypatch.setenv("TOKEN", "secret words")

    parts, _ = key_of(given=[InputContent("data", "[0]", "blake3:1", "csv/1", "load.result")])

    assert parts.keys() == {
        ("code", ""),
        ("python", ""),
        ("parameter", "rows"),
        ("parameter", "depth"),
        ("input", "data[0]"),
        ("output", "result"),
        ("environment", "REGION"),
        ("secret", "TOKEN"),
    }
    assert parts["python", ""].shown == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert not any("secret words" in str(part) for part in parts.values())


def test_each_part_makes_another_key(tmp_path, monkeypatch):
    """Content and format of an input count, and so does where it goes."""
    monkeypatch.chdir(tmp_path)
    inputs = [
        InputContent("data", "", "blake3:1", "csv/1", ""),
        InputContent("data", "", "blake3:1", "csv/2", ""),
        InputContent("data", "", "blake3:2", "csv/1", ""),
        InputContent("data", "[0]", "blake3:1", "csv/1", ""),
        InputContent("more", "", "blake3:1", "csv/1", ""),
    ]
    keys = [key_of()[1], key_of(rows=2)[1], key_of(depth=7)[1]]
    keys += [key_of(given=[each])[1] for each in inputs]
    monkeypatch.setenv("REGION", "")
    keys.append(key_of()[1])

    assert len(set(keys)) == len(keys)


def test_where_an_input_comes_from_is_not_in_the_key(tmp_path, monkeypatch):
    """The same content of another producer is the same input."""
    monkeypatch.chdir(tmp_path)
    one = InputContent("data", "", "blake3:1", "csv/1", "load.result")
    other = InputContent("data", "", "blake3:1", "csv/1", "read.frame")

    assert key_of(given=[one])[1] == key_of(given=[other])[1]
