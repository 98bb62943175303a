"""`whence promote`: gives a version of a model an alias."""

from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from whence.cli.json_documents import print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.history.reports.harmless_text import make_harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whence.history.models.gates import Gate
    from whence.history.models.promotions import Promotion

_EXAMPLES = (
    ("whence promote delay 3", "to champion"),
    ("whence promote delay 3 --alias canary --reason nightly", "to another alias"),
    ("whence promote delay --better-than rmse", "the newest, if it is better"),
    ("whence promote delay 3 --gate gates.py:fair_to_all", "if your own function lets it pass"),
    ("whence promote delay --rollback", "back to the champion before"),
)


class _Options(TypedDict):
    model: str
    version: str | None
    alias: str
    gates: tuple[str, ...]
    better_than: tuple[str, ...]
    reason: str
    who: str | None
    back: bool
    as_json: bool


@click.command("promote", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("model", metavar="MODEL")
@click.argument("version", metavar="[VERSION]", required=False)
@click.option("--alias", default="champion", show_default=True, help="What it is to be called.")
@click.option(
    "--gate",
    "gates",
    metavar="FILE:FUNCTION",
    multiple=True,
    help="A function of candidate and current version that says whether it passes; repeatable.",
)
@click.option(
    "--better-than",
    metavar="METRIC",
    multiple=True,
    help="Only if this metric is better than that of the version which bears the alias.",
)
@click.option("--reason", metavar="TEXT", default="", help="Why, for the history.")
@click.option("--who", metavar="NAME", help="Who says so; you, if it is not given.")
@click.option("--rollback", "back", is_flag=True, help="Give the alias back to who bore it before.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def promote_version(ctx: click.Context, **options: Unpack[_Options]) -> None:
    """Give a version of a model an alias.

    VERSION is a number, another alias, or a model without a number, such as that of a sweep's run:
    the end of the run's or the artifact's id. Without it, the newest version is meant. Every gate
    must let it pass; exit code 1 says that one did not.

    History is only ever added to: who, when, why, from which version, and what the gates said. A
    rollback is a promotion of the version before.
    """
    from whence.history.models.documents import describe_promotion  # noqa: PLC0415  # reaches the stores: only when it is used

    ctx.meta[JSON_ASKED] = options["as_json"]
    made = _rollback(options) if options["back"] else _promote(options)
    if options["as_json"]:
        print_json({**describe_promotion(made), "is_new": made.is_new})
    else:
        click.echo(make_harmless(str(made)))


def _promote(options: _Options) -> "Promotion":
    from whence.history.models.promoting import promote  # noqa: PLC0415  # as above

    return promote(
        options["model"],
        options["version"],
        alias=options["alias"],
        gate=list(_load_gates(options)),
        reason=options["reason"],
        who=options["who"],
    )


def _rollback(options: _Options) -> "Promotion":
    from whence.history.models.promoting import rollback  # noqa: PLC0415  # as above

    if options["version"] is not None or options["gates"] or options["better_than"]:
        message = "A rollback goes to the version before: leave VERSION and gates out."
        raise click.UsageError(message)
    return rollback(
        options["model"], alias=options["alias"], reason=options["reason"], who=options["who"]
    )


def _load_gates(options: _Options) -> "Iterator[Gate]":
    from whence.history.models.gates import better_than  # noqa: PLC0415  # as above
    from whence.running.targets import load_function  # noqa: PLC0415  # as above

    yield from map(better_than, options["better_than"])
    for text in options["gates"]:
        yield load_function(text)
