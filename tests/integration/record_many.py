"""Records a hundred steps, one at a time, once told to: `record_many.py DATABASE`."""

import sys
from pathlib import Path

from tests.contract.example_records import make_chain

from whence.metadata_stores import read_records, sqlite_database, write_events
from whence.metadata_stores.sqlite import SqliteMetadataStore

STEPS = 100
LOADED = (read_records, sqlite_database, write_events)  # so that all writers start at once


def main(path: Path) -> None:
    """Record a run of `STEPS` steps, reading between the writes."""
    records = SqliteMetadataStore(path)
    run, started, ends = make_chain(STEPS)
    print("ready", flush=True)
    sys.stdin.readline()
    records.record([started])
    for end in ends:
        records.record([end])
        records.find_step(end.step.id)
    records.close()
    print(run.id, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
