"""Where records are kept.

`sqlite` (the store in one file), `sqlite_database` (its connection and transactions),
`sqlite_errors` (what they mean to people), `write_lock` (one writer at a time, also between
processes), `network_folders` (where SQLite must not live), `durable_folder` (the folder that it
lies in survives a power loss), `tables` (the schema), `schema` (which version it has),
`upgrade_schema` (making it, and bringing older ones up to date), `write_events`, `event_rows` and
`statements` (records to rows), `read_records` (and back), `read_cache` (what is known of cache
keys), `read_lineage` (what artifacts were made from), `model_tables` (versions of models, and
promotions), `fetch_records` (rows that may be damaged), `foreign_database` (another store, read
without trusting it), `unite_rows` (its rows put to those that are there), `collect_contents` (what
may go, and how its records say that it is gone), `check_tables` (do the tables agree),
`reservation_table` (who computes a key just now), `presence_files` (which runs go on), `crashes`
(which of them died), `encoding` (times and nested facts as columns).
"""
