"""`whence tag`: gives tags to a run, an artifact or a model, and takes them away."""

from typing import TypedDict, Unpack

import click

from whence.cli.json_documents import print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand

_EXAMPLES = (
    ("whence tag last baseline", "the newest run"),
    ("whence tag 1a2b3c4d baseline for-the-report", "several tags, by the end of an id"),
    ("whence tag 1a2b3c4d baseline --remove", "take one away"),
    ("whence tag delay@3 checked", "a version of a model"),
    ("whence runs --tag baseline", "find it again"),
)


class _Given(TypedDict):
    """What is tagged, how, and by whom."""

    subject: str
    tags: tuple[str, ...]
    remove: bool
    who: str | None
    as_json: bool


@click.command("tag", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("subject", metavar="RUN")
@click.argument("tags", metavar="TAG...", nargs=-1, required=True)
@click.option("--remove", is_flag=True, help="Take the tags away.")
@click.option("--who", metavar="NAME", help="Who does so; you, if it is not given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def tag_subject(ctx: click.Context, **given: Unpack[_Given]) -> None:
    """Tag a run, an artifact or a model.

    RUN is an id, its last 6 or more characters, a name, `last`, or `last~1` for the one before. It
    may also be the end of an artifact's id, PIPELINE/OUTPUT, a model, or a version of one as
    MODEL@VERSION. It is recorded who gave and who took a tag, and when.
    """
    from whence.cli.subjects import find_subject  # noqa: PLC0415  # reaches the stores: only when it is used

    ctx.meta[JSON_ASKED] = given["as_json"]
    title, subject = find_subject(given["subject"])
    change = subject.untag if given["remove"] else subject.tag
    change(*given["tags"], who=given["who"])
    if given["as_json"]:
        print_json({"subject": title, "tags": subject.tags})
    else:
        click.echo(f"{title}: {', '.join(subject.tags) or 'no tags'}")
