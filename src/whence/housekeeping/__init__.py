"""Keeping house: what concerns a store as a whole.

`local_parts` (the parts of a store on this machine), `other_store` (where another one lies),
`merge_stores` (taking over everything of another store), `copy_contents` (its bytes, before any
record of them), `export_runs` (a store with some runs), `needed_rows` (all that these need),
`archives` (a store in one file), `merge_report` (what is shown of it), `collection` (deleting what
nobody needs while runs go on), `collect_garbage` (by which rules), `garbage_report` (what is shown
of that), `examine_store` (what is wrong with a store, and its repair), `examine_records` and
`examine_contents` (its two parts), `findings` (one thing that is wrong), `name_contents` (what
people know it as), `diagnosis` (what is shown of all of them).
"""
