"""Code that a step runs without naming it: methods of parameter values, and packages by setting."""

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import json
from dataclasses import dataclass
import whence

@dataclass(frozen=True)
class Rule:
    factor: int = 1
    def apply(self, value: int) -> int:
        return value * self.factor

@dataclass(frozen=True)
class Special(Rule):
    def apply(self, value: int) -> int:
        return value + 1

@whence.step
def use(rule: Rule, value: int = 10) -> int:
    return rule.apply(value)

run = use.run(Special())
print(json.dumps([run.read(), run.steps.use.cached]))
"""


def start(text: str) -> list:
    """Return what a program prints, run in a fresh process."""
    Path("program.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "program.py"], capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_a_method_of_a_parameters_own_class_counts(project):
    """A subclass of the annotated class is code that the step runs, although it never names it."""
    assert start(PROGRAM) == [11, False]
    assert start(PROGRAM) == [11, True]
    assert start(PROGRAM.replace("return value + 1", "return value + 2")) == [12, False]


def test_an_installed_package_counts_by_what_it_says_if_the_project_wants_it(project):
    """`own_packages` lets a library of one's own team count as own code."""
    from whence.caching.own_code import find_boundary

    assert not find_boundary().of_module("click").is_own
    (project / "pyproject.toml").write_text('[tool.whence]\nown_packages = ["click"]\n')

    assert find_boundary().of_module("click").is_own


def test_a_wrong_setting_says_what_it_takes(project):
    """A single name in place of a list is refused with the way to write it."""
    import pytest

    from whence.caching.own_code import find_boundary
    from whence.errors import InvalidSettingError

    (project / "pyproject.toml").write_text('[tool.whence]\nown_packages = "click"\n')

    with pytest.raises(InvalidSettingError, match=r"own_packages = \["):
        find_boundary()
