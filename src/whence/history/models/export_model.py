"""Writing a version of a model to a folder, for those who have no Whence."""

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from whence.errors import FolderNotEmptyError
from whence.history.models.documents import describe_version

if TYPE_CHECKING:
    from whence.history.models.versions import ModelVersion

FILES, CARD, FACTS = "model", "MODEL_CARD.md", "model.json"
"""What the folder holds: the model's own files, the card, and all that is recorded."""


def export_model(version: "ModelVersion", folder: Path) -> Path:
    """Write a version to *folder*: wholly, or not at all. Raises `FolderNotEmptyError`."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderNotEmptyError(folder=str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        _write(version, part)
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _write(version: "ModelVersion", folder: Path) -> None:
    source = version.path
    for entry in version.files:
        target = folder / FILES / entry.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / entry.name, target)  # the store's own are read-only
    (folder / CARD).write_text(version.card(), encoding="utf-8")
    facts = json.dumps(describe_version(version), indent=2, ensure_ascii=False)
    (folder / FACTS).write_text(f"{facts}\n", encoding="utf-8")
