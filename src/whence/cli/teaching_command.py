"""Commands whose help ends with examples."""

from collections.abc import Sequence
from typing import Any

import click

Example = tuple[str, str]
"""A line as one types it, and what it does."""


class TeachingCommand(click.Command):
    """A command with examples; `click.command(..., examples=[...])` gives them."""

    def __init__(self, *args: Any, examples: Sequence[Example], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples at the end of the help."""
        write_examples(formatter, self.examples)
        super().format_epilog(ctx, formatter)


def write_examples(formatter: click.HelpFormatter, examples: Sequence[Example]) -> None:
    """Write examples, each line as one types it."""
    with formatter.section("Examples"):
        formatter.write_dl(examples, col_max=60)
