"""A fingerprint says what a step reaches, where it lies, and what nobody can follow."""

from tests.unit.fingerprint.conftest import FingerprintOf, Load

from whence.fingerprint.code_form import read_code
from whence.fingerprint.compute import compute_fingerprint

FEATURES = '''"""Features."""

RATE = 0.1


class Scaler:
    """Scales."""

    def scale(self, value):
        return value * RATE


def scale(value):
    return Scaler().scale(value)
'''
STEPS = "import features\n\n\ndef run(value):\n    return features.scale(value)\n"


def test_parts_say_where_they_lie(load: Load, fingerprint_of: FingerprintOf):
    """Each part has the name that people know, its lines and its text."""
    load(FEATURES, "features")
    found = fingerprint_of(STEPS, "steps")

    assert [(each.kind, each.name, each.first_line, each.last_line) for each in found.parts] == [
        ("function", "steps.run", 4, 5),
        ("function", "features.scale", 13, 14),
        ("class", "features.Scaler", 6, 10),
        ("function", "features.Scaler.scale", 9, 10),
        ("constant", "features.RATE", 3, 3),
    ]
    assert found.parts[-1].shown == "0.1"
    assert found.texts[found.parts[1].text_digest or ""].startswith("def scale(value):\n")


def test_only_the_changed_part_has_another_digest(load: Load, fingerprint_of: FingerprintOf):
    """Of the parts, those and only those that were edited have another digest."""
    load(FEATURES, "features")
    load(FEATURES.replace("value * RATE", "value / RATE"), "features_2")
    before = fingerprint_of(STEPS).parts
    after = fingerprint_of(STEPS.replace("features", "features_2 as features", 1)).parts

    changed = [old.name for old, new in zip(before, after, strict=True) if old.digest != new.digest]

    assert "features.Scaler.scale" in changed
    assert "features.RATE" not in changed


def reports(found):
    """Return what was reported, in short."""
    return [(each.name, each.where.rpartition(":")[2], each.reason) for each in found.unresolved]


def test_module_that_is_handed_on_is_reported_and_counts(load: Load, fingerprint_of: FingerprintOf):
    """A module whose names only the run decides counts as a whole, and is reported."""
    load(FEATURES, "features")
    found = fingerprint_of("import features\n\n\ndef run(n):\n    return getattr(features, n)\n")

    assert [each.name for each in found.unresolved] == ["features"]
    assert {"features.scale", "features.Scaler"} <= {each.name for each in found.parts}


def test_evaluated_code_is_reported(fingerprint_of: FingerprintOf):
    """Code that a text holds is reported with its line, and counts with its whole module."""
    found = fingerprint_of("SIZE = 3\n\n\ndef run(text):\n    return eval(text)\n")

    assert reports(found) == [("eval", "5", "what it reaches is decided only when it runs")]
    assert (
        found.digest
        != fingerprint_of("SIZE = 4\n\n\ndef run(text):\n    return eval(text)\n").digest
    )


def test_import_by_name_is_reported(fingerprint_of: FingerprintOf):
    """An import whose name only the run decides is reported."""
    found = fingerprint_of(
        "import importlib\n\n\ndef run(n):\n    return importlib.import_module(n)\n"
    )

    assert [each.name for each in found.unresolved] == ["importlib.import_module"]


def test_missing_name_is_reported(fingerprint_of: FingerprintOf):
    """A global name that does not exist is reported, and the step has a fingerprint."""
    found = fingerprint_of("def run():\n    return later()\n")

    assert reports(found) == [("later", "2", "there is nothing of this name now")]


def test_value_without_a_text_is_reported(fingerprint_of: FingerprintOf):
    """A lock in a module is reported where it is used."""
    found = fingerprint_of(
        "import threading\nLOCK = threading.Lock()\n\n\ndef run():\n    with LOCK: pass\n"
    )

    assert [each.name for each in found.unresolved] == ["a value of type lock"]


def test_value_counts_as_it_is_now(load: Load):
    """A dict that a step fills counts with what it holds at the moment."""
    module = load("SEEN = {}\n\n\ndef run(key):\n    return SEEN.setdefault(key, 1)\n")
    before = compute_fingerprint(module.run)
    module.run("a")

    assert compute_fingerprint(module.run).digest != before.digest


def test_extra_classes_count(load: Load):
    """What runs with a step, such as a user's materializer, is part of its fingerprint."""
    module = load("class A:\n    x = 1\nclass B:\n    x = 2\ndef run(): pass\n")

    digests = {
        compute_fingerprint(module.run, extra=each).digest
        for each in ((), (module.A,), (module.B,))
    }

    assert len(digests) == 3


def test_each_function_is_read_once(load: Load):
    """The code of a helper that a thousand steps share is worked out once."""
    steps = "".join(f"def step_{n}():\n    return helper() + {n}\n" for n in range(1000))
    module = load(f"def helper():\n    return 1\n{steps}")
    before = read_code.cache_info().misses
    for number in range(1000):
        compute_fingerprint(getattr(module, f"step_{number}"))

    assert read_code.cache_info().misses - before == 1001


def test_submodule_that_a_step_imports_counts(folder, fingerprint_of: FingerprintOf):
    """A module that only the step itself imports counts by what is used of it."""
    package = folder / "parts_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "inner.py").write_text("def work():\n    return 1\n")
    source = "def run():\n    from parts_package import inner as other\n    return other.work()\n"

    assert [each.name for each in fingerprint_of(source).parts[1:]] == ["parts_package.inner.work"]
