"""`whence accept`: declares a change of code harmless, or takes it back."""

from typing import TypedDict, Unpack

import click

from whence.cli.arguments import split_at_target
from whence.cli.json_documents import print_json
from whence.cli.main import JSON_ASKED
from whence.cli.target_command import (
    TargetCommand,
    bind_arguments,
    config_option,
    names_of_options,
    retell_faults,
)
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show
from whence.errors import InvalidPipelineError

_EXAMPLES = (
    ('whence accept train.py fit --reason "renamed a field"', "all changes of one step"),
    ('whence accept train.py --function features.scale --reason "faster"', "of one function"),
    ('whence accept train.py --package numpy --reason "a bug fix"', "of a package's version"),
    ("whence accept --list", "what is accepted"),
    ("whence accept --withdraw 1a2b3c4d", "take it back"),
)
_WITHOUT_TARGET = ("--list", "--withdraw")


class AcceptCommand(TargetCommand):
    """A command with a target and what is meant of it, unless it asks for what is recorded."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read a word right behind the target as the step that is meant."""
        if not args or any(word.partition("=")[0] in _WITHOUT_TARGET for word in args):
            return TeachingCommand.parse_args(self, ctx, args)
        before, target, after = split_at_target(args, names_of_options(self, ctx))
        if target is not None and after and not after[0].startswith("-"):
            args = [*before, "--step", after[0], target, *after[1:]]
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return what stands behind the command's name in its usage line."""
        del ctx
        return ["[OPTIONS]", "TARGET", "[STEP]", "[--PARAMETER VALUE]..."]


class _Accepted(TypedDict):
    """What is meant, and by whom."""

    target: str | None  # was loaded while the command line was parsed
    config: str | None
    as_json: bool
    step: str | None
    function: str | None
    package: str | None
    reason: str | None
    who: str | None
    listed: bool
    withdrawn: str | None


@click.command("accept", cls=AcceptCommand, examples=_EXAMPLES)
@click.argument("target", metavar="TARGET", required=False)
@click.option("--step", metavar="STEP", help="The step; it may stand right behind the target.")
@click.option("--function", metavar="NAME", help="A function, class or constant that changed.")
@click.option("--package", metavar="NAME", help="A package with another version.")
@click.option("--reason", metavar="TEXT", help="Why the change cannot matter.")
@click.option("--who", metavar="NAME", help="Who says so; you, if it is not given.")
@config_option
@click.option("--list", "listed", is_flag=True, help="Show what is accepted, and was withdrawn.")
@click.option("--withdraw", "withdrawn", metavar="ID", help="Take an acceptance back.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def accept_change(ctx: click.Context, **options: Unpack[_Accepted]) -> None:
    """Declare a change of code harmless.

    Results from before the change then serve the new code as well, until that changes again. Name
    the step, for the whole change of its code; or --function, for every step that reaches it; or
    --package. TARGET and its parameters are those of `whence plan`, which shows what changed.

    It is recorded who accepted what, when and why; `whence why` and the lineage of results that
    were reused so show it.
    """
    ctx.meta[JSON_ASKED] = options["as_json"]
    if options["withdrawn"] is not None:
        _withdraw(options["withdrawn"], options["who"], as_json=options["as_json"])
    elif options["listed"]:
        _list(as_json=options["as_json"])
    else:
        _accept(ctx, options)


def _accept(ctx: click.Context, options: _Accepted) -> None:
    from whence.history import accepted_changes  # noqa: PLC0415  # reaches the stores: only when it is used

    if options["target"] is None:
        message = "Name the pipeline, as in `whence accept train.py fit --reason ...`."
        raise click.UsageError(message)
    if options["reason"] is None:
        message = 'Say why the change cannot matter: --reason "...".'
        raise click.UsageError(message)
    try:
        plan = bind_arguments(ctx, options["config"]).plan()
    except InvalidPipelineError as error:
        raise retell_faults(error) from None
    accepted = accepted_changes.accept(
        plan,
        options["step"],
        function=options["function"],
        package=options["package"],
        reason=options["reason"],
        who=options["who"],
    )
    if options["as_json"]:
        print_json(accepted.to_dict())
    else:
        show(accepted)


def _list(*, as_json: bool) -> None:
    from whence.history import accepted_changes  # noqa: PLC0415  # as above

    known = accepted_changes.list_acceptances(withdrawn=True)
    if as_json:
        print_json(known.to_dict())
    else:
        show(known)


def _withdraw(acceptance: str, who: str | None, *, as_json: bool) -> None:
    from whence.history import accepted_changes  # noqa: PLC0415  # as above

    record = accepted_changes.withdraw(acceptance, who=who)
    if as_json:
        print_json(accepted_changes.acceptance_to_dict(record))
    else:
        click.echo(f"Withdrawn: the change of {record.kind} {record.subject} counts again.")
