"""Commits one artifact and records one step, saying so after each: `commit_once.py FOLDER`."""

import sys
from pathlib import Path

from tests.contract.example_records import finish, make_run, make_step

from whence.artifact_stores.local import LocalArtifactStore
from whence.domain.records import RunStarted
from whence.errors import StoreError
from whence.metadata_stores.sqlite import SqliteMetadataStore


def main(folder: Path) -> None:
    """Write the same bytes each time, so that a later run meets what an earlier one left."""
    store, records = (
        LocalArtifactStore(folder / "artifacts"),
        SqliteMetadataStore(folder / "m.sqlite"),
    )
    staged = store.open_staging()
    (staged / "sub").mkdir()
    (staged / "a.bin").write_bytes(b"a" * 3000)
    (staged / "sub/b.bin").write_bytes(b"b" * 10)
    content = store.commit(staged)
    print("committed", content.digest, flush=True)
    run = make_run()
    step = make_step(run)
    records.record([RunStarted(run, [step])])
    records.record([finish(run, step, content=content)], durable=True)
    print("recorded", step.id, flush=True)
    records.close()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except StoreError as error:
        sys.exit(str(error))
