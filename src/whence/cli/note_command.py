"""`whence note`: adds a note to a run, an artifact or a model."""

from typing import TypedDict, Unpack

import click

from whence.cli.json_documents import describe_notes, print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.history.reports.quantities import format_count

_EXAMPLES = (
    ('whence note last "Learns nothing: the labels are shifted."', "the newest run"),
    ('whence note delay@3 "Compared by hand."', "a version of a model"),
    ("whence show last", "read the notes on a run"),
    ("whence runs --note shifted", "find it again"),
)


class _Given(TypedDict):
    """What is noted of what, and by whom."""

    subject: str
    text: str
    who: str | None
    as_json: bool


@click.command("note", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("subject", metavar="RUN")
@click.argument("text", metavar="TEXT")
@click.option("--who", metavar="NAME", help="Who says so; you, if it is not given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def note_subject(ctx: click.Context, **given: Unpack[_Given]) -> None:
    """Note something of a run, an artifact or a model.

    RUN is what `whence tag` takes as one. It is recorded who noted it, and when.
    """
    from whence.cli.subjects import find_subject  # noqa: PLC0415  # reaches the stores: only when it is used

    ctx.meta[JSON_ASKED] = given["as_json"]
    title, subject = find_subject(given["subject"])
    subject.note(given["text"], who=given["who"])
    if given["as_json"]:
        print_json({"subject": title, "notes": describe_notes(subject.notes)})
    else:
        click.echo(f"{title}: {format_count(len(subject.notes), 'note')}")
