"""`whence models`: the models that there are, or one of them."""

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from whence.cli.json_documents import print_json
from whence.cli.main import JSON_ASKED
from whence.cli.teaching_command import TeachingCommand
from whence.cli.terminal import show

if TYPE_CHECKING:
    from whence.history.models.versions import ModelVersion

_EXAMPLES = (
    ("whence models", "every model, with its newest metrics"),
    ("whence models delay", "its versions and promotions"),
    ("whence models delay@champion", "the version that bears an alias"),
    ("whence models delay@3 --card > MODEL_CARD.md", "a model card in Markdown"),
    ("whence models delay@champion --export out/", "files, card and facts"),
)


class _Options(TypedDict):
    model: str | None
    card: bool
    export: Path | None
    as_json: bool


@click.command("models", cls=TeachingCommand, examples=_EXAMPLES)
@click.argument("model", metavar="[MODEL]", required=False)
@click.option("--card", is_flag=True, help="Print a model card in Markdown.")
@click.option(
    "--export",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Write the model's files, its card and a JSON of facts to a folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def list_models(ctx: click.Context, **options: Unpack[_Options]) -> None:
    """List models, or show one.

    MODEL is the name of one, for its versions and the history of its aliases; or a version of it,
    as NAME@NUMBER or NAME@ALIAS. For --card and --export, a name alone means the newest version.
    """
    ctx.meta[JSON_ASKED] = options["as_json"]
    name = options["model"]
    if options["card"] or options["export"] is not None:
        if name is None:
            message = "Name the model, as in `whence models delay@champion --card`."
            raise click.UsageError(message)
        _give_out(name, options)
    elif name is None:
        _show_all(as_json=options["as_json"])
    else:
        _show_one(name, as_json=options["as_json"])


def _show_all(*, as_json: bool) -> None:
    from whence.history.models.documents import describe_model_briefly  # noqa: PLC0415  # reaches the stores: only when it is used
    from whence.history.models.lists import list_models as find_all  # noqa: PLC0415  # as above

    models = find_all()
    if as_json:
        print_json({"models": [describe_model_briefly(each) for each in models.values()]})
    else:
        show(models)


def _show_one(name: str, *, as_json: bool) -> None:
    from whence.history.models.documents import describe_model, describe_version  # noqa: PLC0415  # as above
    from whence.history.models.lists import find_model_or_version  # noqa: PLC0415  # as above
    from whence.history.models.versions import ModelVersion  # noqa: PLC0415  # as above

    found = find_model_or_version(name)
    if isinstance(found, ModelVersion):
        print_json(describe_version(found)) if as_json else show(found)
    else:
        print_json(describe_model(found)) if as_json else show(found)


def _give_out(name: str, options: _Options) -> None:
    from whence.history.models.versions import find_model  # noqa: PLC0415  # as above

    version = find_model(name)
    if options["card"]:
        click.echo(version.card(), nl=False)
    if options["export"] is not None:
        _export(version, options["export"], quiet=options["card"], as_json=options["as_json"])


def _export(version: "ModelVersion", folder: Path, *, quiet: bool, as_json: bool) -> None:
    written = version.export(folder)
    if as_json and not quiet:
        print_json({"model": version.name, "version": version.label, "folder": str(written)})
    else:
        click.echo(f"Written: {version.title} to {written}", err=quiet)
