"""Where records are kept.

`sqlite` (the store in one file), `sqlite_database` (its connection and transactions),
`sqlite_errors` (what they mean to people), `write_lock` (one writer at a time, also between
processes), `network_folders` (where SQLite must not live), `tables` (the schema), `schema` (making
and checking it), `write_events` and `read_records` (records to rows and back), `encoding` (times
and nested facts as columns).
"""
