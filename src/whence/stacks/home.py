"""The folder that a project's artifacts, records and logs live in."""

import contextlib
import os
from pathlib import Path

HOME_VARIABLE = "WHENCE_HOME"
HOME_NAME = ".whence"

_GITIGNORE = "*\n"
_CACHE_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Backup programs may leave this folder out; see https://bford.info/cachedir/\n"
)


def find_home() -> Path:
    """Return the home of the current place, whether or not it exists.

    It is `WHENCE_HOME` if that is set, else `.whence` beside the nearest `pyproject.toml`, looked
    for from the working directory upwards, else in the working directory.
    """
    if given := os.environ.get(HOME_VARIABLE):
        return Path(given).expanduser().absolute()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "pyproject.toml").is_file():
            return folder / HOME_NAME
    return here / HOME_NAME


def make_home(home: Path) -> None:
    """Make *home*, marked so that neither git nor backups take it for sources."""
    if (home / "CACHEDIR.TAG").exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    for name, text in ((".gitignore", _GITIGNORE), ("CACHEDIR.TAG", _CACHE_TAG)):
        with contextlib.suppress(FileExistsError), (home / name).open("x") as file:
            file.write(text)
