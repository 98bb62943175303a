"""The commands of `whence`; each is loaded only when it is used."""

import difflib
import importlib
import os
from collections.abc import Mapping
from typing import Any

import click

from whence.cli.teaching_command import write_examples
from whence.domain.version import __version__

COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("whence.cli.run_command:run_pipeline", "Run a pipeline and record everything."),
    "plan": ("whence.cli.plan_command:plan_pipeline", "Show what a run would do."),
    "sweep": (
        "whence.cli.sweep_command:sweep_pipeline",
        "Run a pipeline once for each combination of parameters.",
    ),
    "why": ("whence.cli.why_command:explain_step", "Show why a step ran, or was reused."),
    "accept": ("whence.cli.accept_command:accept_change", "Declare a change of code harmless."),
    "audit": ("whence.cli.audit_command:audit_pipeline", "Find what no cache key covers."),
    "runs": ("whence.cli.runs_command:list_runs", "List runs, newest first."),
    "tag": ("whence.cli.tag_command:tag_subject", "Tag a run, an artifact or a model."),
    "note": (
        "whence.cli.note_command:note_subject",
        "Note something of a run, an artifact or a model.",
    ),
    "show": ("whence.cli.show_command:show_run", "Show one run: steps, outputs, metrics."),
    "logs": ("whence.cli.logs_command:show_logs", "Show what the steps of a run printed."),
    "debug": (
        "whence.cli.debug_command:debug_step",
        "Replay one step of a past run, in a debugger.",
    ),
    "fixture": (
        "whence.cli.fixture_command:write_step_fixture",
        "Write a test from a past step run.",
    ),
    "resume": ("whence.cli.resume_command:resume_run", "Go on from a run that did not complete."),
    "cancel": ("whence.cli.cancel_command:cancel_run", "Ask a run to end."),
    "compare": ("whence.cli.compare_command:compare_runs", "Show how runs differ, side by side."),
    "artifacts": ("whence.cli.artifacts_command:list_artifacts", "List artifacts, newest first."),
    "lineage": (
        "whence.cli.lineage_command:trace_artifact",
        "Show what an artifact was made from.",
    ),
    "models": ("whence.cli.models_command:list_models", "List models, or show one."),
    "promote": (
        "whence.cli.promote_command:promote_version",
        "Give a version of a model an alias.",
    ),
    "gc": ("whence.cli.gc_command:collect", "Delete stored bytes that no kept run needs."),
    "doctor": ("whence.cli.doctor_command:examine", "Look for what is wrong with the store."),
    "export": ("whence.cli.export_command:export", "Write runs and all they need to a new store."),
    "merge": ("whence.cli.merge_command:merge", "Take over everything of another store."),
}
"""Where each command is, and the first line of its help, known without loading it."""

_EXAMPLES = (
    ("whence run train.py --data data/", "run a pipeline"),
    ("whence show", "look at the result"),
    ("whence run train.py --data data/ --fit.depth 8", "run it otherwise"),
    ("whence compare last~1 last", "see what that changed"),
)


class WhenceGroup(click.Group):
    """The group of all commands: loads one when it is named, and ends every failure in words."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a newcomer meets them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        return getattr(importlib.import_module(module), attribute)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is named, or offer the one that may be meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, COMMANDS, n=1)
            offer = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(COMMANDS)}."
            ctx.fail(f"There is no command {name!r}. {offer}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a first round: run, look, change, compare."""
        write_examples(formatter, _EXAMPLES)
        super().format_epilog(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is named; show a failure as its kind deserves."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise  # the reader has seen enough; click ends quietly
            return self._fail(ctx, error)
        except BaseException as error:  # noqa: BLE001  # the last boundary: nobody else would put it in words
            return self._fail(ctx, error)

    def _fail(self, ctx: click.Context, error: BaseException) -> None:
        from whence.cli.failures import exit_code_of, show_failure  # noqa: PLC0415  # only failures need it

        show_failure(error, as_json=bool(ctx.meta.get(JSON_ASKED)))
        ctx.exit(exit_code_of(error))


JSON_ASKED = "whence.json_asked"
"""Where a context says that standard output is to hold one JSON document and nothing else."""


def _wants_no_colour() -> bool:
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


@click.group(
    cls=WhenceGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Each command explains itself: `whence COMMAND --help`.",
)
@click.version_option(__version__, prog_name="whence")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Machine-learning pipelines in which every result can say whence it came."""
    if _wants_no_colour():
        ctx.color = False
