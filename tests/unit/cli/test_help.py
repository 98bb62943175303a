"""Help teaches: every command has an example, and the reference covers every option."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from whence.cli.main import COMMANDS, main

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "cli.md"
CONTEXT = click.Context(main)


def load(name):
    """Return a command by name."""
    command = main.get_command(CONTEXT, name)
    assert command is not None
    return command


def chapter(name):
    """Return what the reference says of a command."""
    _, _, rest = REFERENCE.read_text(encoding="utf-8").partition(f"\n## whence {name}\n")
    return rest.partition("\n## ")[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name):
    """The line in `whence --help` is the first line of the command's own help."""
    assert load(name).get_short_help_str(200) == COMMANDS[name][1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example(name):
    """`whence COMMAND --help` ends with lines that one can type."""
    text = CliRunner().invoke(main, [name, "--help"]).output

    assert f"  whence {name}" in text.partition("Examples:")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_in_the_reference(name):
    """The reference has a chapter for each command that names all of its options."""
    options = {each for parameter in load(name).params for each in parameter.opts if "-" in each}

    assert {each for each in options if not re.search(rf"`{each}[ `]", chapter(name))} == set()


def test_every_option_has_its_help():
    """No option is left unexplained in the help of its command."""
    options = [
        (name, each)
        for name in COMMANDS
        for each in load(name).params
        if isinstance(each, click.Option)
    ]

    assert [(name, each.name) for name, each in options if not each.help] == []


def test_the_version_is_told():
    """`whence --version` prints the version."""
    outcome = CliRunner().invoke(main, ["--version"])

    assert outcome.output.startswith("whence, version ")
